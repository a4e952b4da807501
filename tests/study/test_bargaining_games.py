"""The finite games that approach a1 and a2 (Pęski 2023, sections 4.2.2 and 4.3): their rules played step by step, by hand."""

from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest

import mechlp
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.files.coalitions import implementation
from mechlp.proof.efficiency import interim_vectors
from mechlp.proof.revised import examined

CONFIGS = Path(__file__).parents[2] / "configs"
VALUES = ((1, 4), (2, 6))  # (l1, h1), (l2, h2)
X = F(1, 4)


def played_a1(first, second, e):
    """``(share of player 1, what she receives)`` by steps 1 to 3 of 4.2.2; plans ``(price, named, buys)`` and ``named -> agrees``."""
    price, named, buys = first
    if price == "l2":
        return F(0), X * 2
    if not second[named]:
        return F(0), X * 6
    return (F(1), -(1 - X) * (4 - e)) if buys else (X - named * e, named * e * (1 + e))


def played_a2(first, second, e, price):
    """The same by steps 1 to 3 of 4.3; plans ``(named, declared high)`` and ``named -> declared high``."""
    named, high = first
    if second[named]:
        return F(0), X * 6
    return (F(1), -(1 - X) * 4) if high else (X - named * e, named * e * price)


def by_hand(plans, played, chances):
    """Every equilibrium in pure strategies, as ``((plan of l1, of h1), (plan of l2, of h2))``."""

    def payoff(player, value, own, others):
        total = F(0)
        for other, chance in zip(others, chances[1 - player], strict=True):
            share, paid = played(own, other) if player == 0 else played(other, own)
            total += chance * (share * value + paid if player == 0 else (1 - share) * value - paid)
        return total

    found = []
    for profile in product(product(plans[0], repeat=2), product(plans[1], repeat=2)):
        if all(
            payoff(i, VALUES[i][t], profile[i][t], profile[1 - i])
            >= max(payoff(i, VALUES[i][t], plan, profile[1 - i]) for plan in plans[i])
            for i in (0, 1)
            for t in (0, 1)
        ):
            found.append(profile)
    return found


AGREES = [(False, False), (True, False), (False, True), (True, True)]
DECLARES = [(False, False), (False, True), (True, False), (True, True)]
GAMES = {
    "a1": (
        [("l2", 0, False), ("h2", 0, True), ("h2", 0, False), ("h2", 1, True), ("h2", 1, False)],
        AGREES,
        F(2, 5),
        lambda one, two: played_a1(one, two, F(1, 5)),
    ),
    "a2": (
        list(product((0, 1), (False, True))),
        DECLARES,
        F(1, 3),
        lambda one, two: played_a2(one, two, F(3, 16), 2),
    ),
}


@pytest.mark.parametrize("name", GAMES)
def test_all_equilibria_of_the_file_are_those_of_the_rules_played_by_hand(name):
    first, second, p1, played = GAMES[name]
    reading = mechlp.read(CONFIGS / f"peski-2023-game-{name}.yaml")
    question = implementation(reading)
    own, others = question.played.messages
    wanted = by_hand((first, second), played, ((1 - p1, p1), (F(1, 2), F(1, 2))))
    plans = [dict(zip(first, own, strict=True)), dict(zip(second, others, strict=True))]
    named = {tuple(tuple(plans[i][plan] for plan in profile[i]) for i in (0, 1)) for profile in wanted}
    answer = question.solve()
    assert answer.finding("interim-equilibrium").holds
    witness = answer.finding("interim-full-implementation").witness
    listed = {tuple(tuple(played.values()) for played in one.values()) for one in witness["listed"]}
    assert witness["equilibria"] == len(wanted) and listed == named
    strategies = tuple(
        tuple(question.played.messages[i][m] for m in question.played.strategies[i]) for i in (0, 1)
    )
    assert strategies in named and len(named) > 1  # it implements partially, not fully


def test_the_payoffs_approach_the_mechanisms():
    """Exactly those of a2; those of a1 but for e, on each unit that changes hands at a price that e moves."""
    reached = interim_vectors(examined(mechlp.read(CONFIGS / "peski-2023-game-a2.yaml")))
    wanted = Bargaining(1, 2, 4, 6, "1/3", "1/2").payoffs("a2", X)
    assert all(a.same(b) for a, b in zip(reached, wanted, strict=True))
    wanted = Bargaining(1, 2, 4, 6, "2/5", "1/2").payoffs("a1", X)
    reached = interim_vectors(examined(mechlp.read(CONFIGS / "peski-2023-game-a1.yaml")))
    for one, other in zip(reached, wanted, strict=True):
        assert max(abs(a - b) for a, b in zip(one.fractions(), other.fractions(), strict=True)) <= F(1, 5)


def test_at_the_price_printed_for_a2_less_can_be_named():
    question = implementation(mechlp.read(CONFIGS / "peski-2023-game-a2.yaml", overrides={"price": "19/16"}))
    found = question.solve().finding("interim-equilibrium")
    assert found.holds is False and found.witness["coalition"] == ["player2"]
