"""Rules without lotteries: where the search begins, what it proves, and that dominance is used where it is IC."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.proof.cases import Case, by_dominance
from mechlp.proof.invalid import InvalidCertificate
from mechlp.solving.certain import candidates


def drawn(sizes, outcomes, seed, lowest=0, **asked) -> Design:
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, 9, sizes)
    utility = [dice.integers(lowest, lowest + 4, (outcomes, *sizes)) for _ in sizes]
    agents = tuple(Agent.of(f"agent{i}", list(range(m))) for i, m in enumerate(sizes))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    names = tuple(f"x{k}" for k in range(outcomes))
    environment = Environment(agents, names, tuple(map(Rationals, utility)), beliefs)
    return Design(environment, **asked)


@pytest.fixture(scope="module")
def voting():
    path = Path(__file__).parents[1] / "data" / "problems" / "voting.yaml"
    design = mechlp.read(path).design.asking(allocation="deterministic")
    return design, design.solve()


def test_three_voters_without_money_and_lotteries(voting):
    """By Gibbard and Satterthwaite a dictator (2 + 1 + 1), or a vote over two candidates: 4.  Lotteries reach 9/2 (ex post, of
    these utilities only)."""
    design, answer = voting
    assert (answer.status, answer.value, answer.certified) == ("optimal", 4, True)
    assert answer.proof.dominance is not None and answer.proof.leaves() == 1
    assert verify(answer.to_json()).accepted
    assert answer.proof.bound(design) == 4


def test_dominance_proves_nothing_where_it_is_more_than_ic(voting):
    """The same multipliers are no proof where lotteries, money or slack are allowed: there 9/2 is reached."""
    design, answer = voting
    for changes in ({"allocation": "chosen"}, {"transfers": "free"}, {"ic": "bayesian"}):
        other = design.asking(**changes)
        assert by_dominance(other) is None
        with pytest.raises(InvalidCertificate, match="dominance"):
            answer.proof.bound(other)
        with pytest.raises(InvalidCertificate, match="dominance"):
            Case.from_json(other, answer.proof.to_json(design))


def enumerated(design: Design) -> Fraction | None:
    """The most surplus over all allocations without lotteries or money that are ex-post IC: plain loops."""
    environment = design.environment
    shape, best = environment.shape, None
    utility = [u.broadcast_to((len(environment.outcomes), *shape)).numerator for u in environment.utility]
    prior = environment.designer.fractions()
    cells = list(np.ndindex(*shape))
    for chosen in product(range(len(environment.outcomes)), repeat=len(cells)):
        rule = dict(zip(cells, chosen, strict=True))
        lies = (
            utility[i][(rule[(*c[:i], r, *c[i + 1 :])], *c)] > utility[i][(rule[c], *c)]
            for c in cells
            for i in range(len(shape))
            for r in range(shape[i])
        )
        if any(lies):
            continue
        worth = sum(
            (p * sum(int(u[(rule[c], *c)]) for u in utility) for p, c in zip(prior, cells, strict=True)),
            Fraction(0),
        )
        best = worth if best is None else max(best, worth)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_best_rule_without_lotteries_and_money_is_found(seed):
    """Interdependent payoffs with ties, against all 729 rules."""
    asked = {"ic": "ex-post", "ir": "none", "bb": "none", "transfers": "none", "objective": "surplus"}
    design = drawn((3, 2), 3, seed, allocation="deterministic", **asked)
    answer = design.solve(relax=False)
    assert answer.certified and answer.value == enumerated(design)
    assert verify(answer.to_json()).accepted


@pytest.mark.parametrize("seed", range(2))
def test_the_best_rule_with_money_is_the_best_over_all_allocations(seed):
    """Each of the 16 allocations given, and the best revenue kept."""
    asked = {"ic": "ex-post", "ir": "ex-post", "bb": "none", "objective": "revenue"}
    design = drawn((2, 2), 2, seed, allocation="deterministic", **asked)
    best = None
    for chosen in product((0, 1), repeat=4):
        one = np.array(chosen).reshape(2, 2)
        given = design.asking(allocation=Rationals(np.stack([1 - one, one])))
        answer = given.solve(relax=False)
        if answer.status == "optimal":
            best = answer.value if best is None else max(best, answer.value)
    assert design.solve(relax=False).value == best


def test_candidates_are_allowed_and_none_comes_twice():
    design = drawn((3, 3), 3, 1, ic="ex-post", ir="none", bb="none", transfers="none", objective="surplus")
    answer = design.solve(relax=False)
    found = list(candidates(design, answer.rules))
    assert len({used.tobytes() for used in found}) == len(found) >= 4
    assert all(used.shape == (1, 3, 3, 3) and (used.sum(axis=1) == 1).all() for used in found)
    narrow = np.ones((3, 3, 3), dtype=bool)
    narrow[0] = False
    one = replace(design, environment=replace(design.environment, possible=narrow))
    assert all(not used[:, 0].any() for used in candidates(one, answer.rules))


def test_what_must_give_way_is_not_said_of_lotteries():
    """Who is better off for sure is worse off if the other is: a coin makes both indifferent, without it one loses 1."""
    agents = (Agent.of("one", [0]), Agent.of("two", [0]))
    utility = (Rationals.of([[[1]], [[-1]]]), Rationals.of([[[-1]], [[1]]]))
    environment = Environment(agents, ("heads", "tails"), utility, Beliefs.common(Rationals.of([[1]])))
    asked = {"ic": "none", "ir": "ex-post", "bb": "none", "transfers": "none", "objective": "feasibility"}
    assert Design(environment, **asked).solve().status == "feasible"
    answer = Design(environment, allocation="deterministic", **asked).solve()
    assert answer.status == "infeasible" and not answer.relaxations
    assert any(
        "IR must give way was not examined: it is less with lotteries" in note for note in answer.notes
    )


BALANCED = """
agents: {one: [0, 1], two: [0, 1, 2]}
outcomes: [keep, done]
payoffs: {done: {one: [[0, 1/2, 1], [3, 2, 2]], two: [[3, 0, -1], [-1, -2, 1/4]]}}
beliefs: {prior: uniform}
allocation: RULE
require: {ic: bayesian, ir: interim, bb: ex-post}
objective: surplus
"""


def test_budgets_balance_ex_post_without_lotteries():
    """Types are independent, so that transfers are seen in expectation: 29/24 is the most of the 64 rules that may be given."""
    found = mechlp.read_text(BALANCED.replace("RULE", "deterministic")).design.solve(relax=False)
    assert found.certified and found.value == Fraction(29, 24) and verify(found.to_json()).accepted
    own = mechlp.read_text(
        BALANCED.replace("RULE", "{table: [[done, keep, keep], [done, keep, done]]}")
    ).design.solve(relax=False)
    assert own.value == found.value
