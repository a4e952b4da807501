"""Symmetric auctions: the reduced form against the ordinary road, published numbers, and Border's condition by hand."""

import io
import itertools
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.model import InvalidEnvironment
from mechlp.environment.symmetric import Symmetric, representative
from mechlp.mechanism.audit import audit
from mechlp.mechanism.interim import InterimRule, audit_interim
from mechlp.proof.rates import name_of
from mechlp.proof.reduced_form import Flow, InvalidFlow
from mechlp.question.symmetric import SymmetricDesign, reduced
from mechlp.report.symmetric import interim_page

CONFIGS = Path(__file__).parent.parent.parent / "configs"
AUCTION = """
title: an auction
agents: {{bidder: {{copies: {n}, types: {types}}}}}
outcomes: single-good
beliefs: {{prior: {{product: {{bidder: {prior}}}}}}}
require: {{ic: bayesian, ir: interim}}
objective: {objective}
"""


def ordinary(n, types, prior, objective="revenue"):
    text = AUCTION.format(n=n, types=types, prior=prior, objective=objective)
    return mechlp.read_text(text).design


def graded(**parameters):
    overrides = {k: str(v) for k, v in parameters.items()}
    return mechlp.read(CONFIGS / "multidimensional-auction.yaml", overrides=overrides).design


def symmetric(n, values, prior):
    values = Rationals.of(values)
    labels = tuple(f"s{k}" for k in range(values.shape[1]))
    return Symmetric(Agent("bidder", labels), n, values, Rationals.of(prior))


# -- published numbers ----------------------------------------------------------------------------
@pytest.mark.parametrize(("T", "value"), [(5, F(66094, 10**5)), (10, F(62592875, 10**8))])
def test_two_grades_give_the_published_revenue(T, value):
    # Kushnir and Michelson (2022) print .66094 and .625929.
    answer = graded(N=2, K=2, T=T).solve()
    assert (answer.status, answer.value, answer.bound, answer.certified) == ("optimal", value, value, True)
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_regular_values_sell_to_the_highest_positive_virtual_value(n):
    m = 40
    design = ordinary(n, "{from: 1/40, to: 1, count: 40}", "uniform")
    # A large grid is read as a representative's question, a small one is not.
    assert isinstance(design, SymmetricDesign) == (n > 2)
    design = design if n > 2 else reduced(design)
    found = design.solve()
    # Myerson (1981): the virtual value of k/m is (2k - m)/m; the largest of n draws is at most k with chance (k/m)^n.
    expected = sum(max(F(2 * k - m, m), 0) * (F(k, m) ** n - F(k - 1, m) ** n) for k in range(1, m + 1))
    assert (found.status, found.value) == ("optimal", expected)


@pytest.mark.parametrize(("types", "copies"), [(24, 3), (40, 3), (60, 2)])
def test_sets_of_tiny_mass(types, copies):
    """Each type is half as likely as the one before: virtual values are ``k - 1 + 2**(k - m)``, and rise (Myerson 1981)."""
    answer = symmetric_geometric(types, copies).solve(time_limit=600)
    weights = [F(1, 2**k) for k in range(types)]
    below = [F(sum(weights[:k]), sum(weights)) for k in range(types + 1)]
    virtual = [k - 1 + F(1, 2 ** (types - k)) for k in range(1, types + 1)]
    expected = sum(
        v * (high**copies - low**copies) for v, low, high in zip(virtual, below, below[1:], strict=False)
    )
    assert (answer.status, answer.value, answer.certified) == ("optimal", expected, True)
    assert verify(answer.to_json()).accepted


def symmetric_geometric(types, copies):
    text = AUCTION.format(
        n=copies,
        types=f"{{from: 1, to: {types}, count: {types}}}",
        prior="{family: geometric, ratio: 1/2}",
        objective="revenue",
    )
    return mechlp.read_text(text.replace("single-good", "graded-good")).design


def test_rare_types_of_two_grades():
    """Densities that fall to a 729th: certified with the rows that the exact audit finds broken."""
    weights = [2 * (26 - k) + 1 for k in range(27)]
    text = AUCTION.format(
        n=2,
        types="{from: 0, to: 1, count: 27, dimensions: 2}",
        prior=f"[{', '.join(f'{w}/729' for w in weights)}]",
        objective="revenue",
    )
    answer = mechlp.read_text(text.replace("single-good", "graded-good")).design.solve(time_limit=600)
    assert (answer.status, answer.certified) == ("optimal", True)
    assert answer.value == answer.bound


@pytest.mark.slow
def test_forty_steps_a_grade():
    answer = graded(N=2, K=2, T=40).solve()
    # An independent float program with every neighbour's IC and separated Border sets: .59543387426.
    assert answer.status == "optimal" and abs(answer.value - F(59543387426, 10**11)) < F(1, 10**11)
    assert verify(answer.to_json()).accepted


def test_the_rule_over_profiles_of_two_grades_passes_the_ordinary_audit():
    answer = graded(N=2, K=2, T=5).solve()
    whole = answer.design.full()
    mechanism = answer.rule.mechanism(whole.environment)
    assert audit(mechanism, whole).passed
    assert mechanism.expected_revenue() == F(66094, 10**5)


# -- against the ordinary road --------------------------------------------------------------------
IRREGULAR = "[1/12, 7/24, 1/24, 5/12, 1/6]"
CASES = [
    (2, "[1, 2, 5, 6, 9]", IRREGULAR, "revenue"),
    (2, "[1, 2, 5, 6, 9]", IRREGULAR, "surplus"),
    (3, "[1, 4, 5]", "[1/2, 1/10, 2/5]", "revenue"),
    (4, "[1, 3]", "[2/3, 1/3]", "revenue"),
    (1, "[0, 3, 4]", "uniform", "revenue"),
]


@pytest.mark.parametrize(("n", "types", "prior", "objective"), CASES)
def test_the_reduced_form_agrees_with_the_whole_grid(n, types, prior, objective):
    whole = ordinary(n, types, prior, objective)
    assert isinstance(whole, Design)
    short = reduced(whole)
    answer = short.solve()
    assert answer.status == "optimal"
    assert answer.value == whole.solve().value
    # The rule over profiles behind it passes the ordinary audit and attains the same.
    mechanism = answer.rule.mechanism(whole.environment)
    assert audit(mechanism, whole).passed
    worth = mechanism.expected_revenue() if objective == "revenue" else mechanism.expected_surplus()
    assert worth == answer.value


def test_multipliers_of_the_representative_bound_the_rates_of_all_bidders_and_of_one():
    """As the page says: against the exact one-sided rates of the whole grid, where bidders can be told apart."""
    whole = ordinary(2, "[1, 2, 3]", "uniform")
    short = reduced(whole)
    answer = short.solve()
    shown = Console(width=400, file=io.StringIO(), markup=False)
    shown.print(interim_page(answer))
    assert "for one of them alone it gains at most 1/2 of that" in shown.file.getvalue()
    multipliers = {name.replace("bidder", "{}"): y for name, y in answer.proof.rows(short)}
    rates = {name_of(whole, r.relaxed): r for r in whole.solve(rates=True).rates.examined}
    strict, examined = 0, 0
    for name, y in multipliers.items():
        for bidder in ("bidder1", "bidder2"):
            if (rate := rates.get(name.format(bidder))) is None:
                continue
            assert rate.relaxing.rate <= y / 2 <= rate.tightening.rate
            examined += 1
            strict += rate.relaxing.rate < y / 2
    assert examined == 6 and strict  # IC[2 -> 1], IC[3 -> 2] and IR[1] of each; a multiplier is no rate
    everybody = rates["IR[every type]"]
    total = sum(y for name, y in multipliers.items() if name.startswith("IR"))
    assert everybody.relaxing.rate <= total <= everybody.tightening.rate


@pytest.mark.parametrize("seed", range(6))
def test_random_grades_agree_with_the_whole_grid(seed):
    rng = np.random.default_rng(seed)
    n, count, m = [(2, 2, 3), (2, 1, 4), (3, 2, 2)][seed % 3]
    weights = rng.integers(1, 6, m)
    environment = symmetric(
        n, rng.integers(0, 7, (count, m)).tolist(), [F(int(w), int(weights.sum())) for w in weights]
    )
    design = SymmetricDesign(environment)
    answer, whole = design.solve(), design.full()
    assert answer.status == "optimal"
    assert answer.value == whole.solve().value
    assert audit(answer.rule.mechanism(), whole).passed


def test_interchanging_grades_changes_no_value():
    values = [[a for a in range(4) for _ in range(4)], [b for _ in range(4) for b in range(4)]]
    alike = SymmetricDesign(symmetric(2, values, [F(1, 16)] * 16))
    assert len(alike.environment.orbits.representatives) == 10
    # A hair off symmetry in the prior: no interchange, and nearly the same value.
    hair = F(1, 10**9)
    prior = [F(1, 16)] * 16
    prior[1], prior[4] = prior[1] + hair, prior[4] - hair
    off = SymmetricDesign(symmetric(2, values, prior))
    assert len(off.environment.orbits.representatives) == 16
    assert abs(alike.solve().value - off.solve().value) < 10**-6
    # An objective that prefers a grade is no symmetry either.
    favours = Rationals.of([[1] * 16, [0] * 16])
    linear = SymmetricDesign(alike.environment, "linear", favours, alike.on_transfers)
    answer = linear.solve()
    assert answer.status == "optimal" and answer.value > alike.solve().value
    assert verify(answer.to_json()).accepted


def test_no_time_gives_an_exact_bracket():
    answer = graded(T=12).solve(time_limit=1e-9)
    assert answer.status == "undecided" and answer.exit_status == 3
    assert answer.audit.passed
    best = graded(T=12).solve().value
    assert answer.value <= best <= answer.bound
    assert verify(answer.to_json()).accepted


def test_three_grades():
    answer = graded(K=3, T=3).solve()
    assert answer.status == "optimal"
    assert len(answer.design.environment.orbits.representatives) == 20  # multisets of 3 of 4 values
    assert answer.value > graded(K=2, T=3).solve().value


# -- Border's condition ---------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(30))
def test_sorting_finds_what_all_sets_find(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 5)), int(rng.integers(1, 7))
    weights = rng.integers(1, 9, m)
    prior = [F(int(w), int(weights.sum())) for w in weights]
    wins = [F(int(k), 12) for k in rng.integers(0, 13, m)]
    environment = symmetric(n, [[0] * m], prior)
    worst = min(
        1 - (1 - sum(prior[s] for s in chosen)) ** n - n * sum(prior[s] * wins[s] for s in chosen)
        for size in range(1, m + 1)
        for chosen in itertools.combinations(range(m), size)
    )
    rule = InterimRule(environment, Rationals.of([wins]), Rationals.of([0] * m))
    assert min(rule.border_slack().min(), 0) == min(worst, 0)
    if worst < 0:
        with pytest.raises(ValueError, match="no rule over type profiles"):
            rule.hierarchies()
        return
    mixed = rule.hierarchies()
    assert sum(h.weight for h in mixed) == 1 and all(h.weight > 0 for h in mixed) and len(mixed) <= m + 1
    total = Rationals.zeros((m,))
    for h in mixed:
        total = total + h.chances(environment) * h.weight
    assert total.same(rule.wins)


def test_a_hierarchy_wins_as_often_as_counted_profile_by_profile():
    environment = symmetric(3, [[1, 2, 3]], ["1/2", "1/3", "1/6"])
    wins = Rationals.of(["0", "1/4", "1/2"])
    rule = InterimRule(environment, Rationals.of([wins.fractions()]), Rationals.of([0] * 3))
    full = environment.full()
    mechanism = rule.mechanism(full)
    for s in range(3):
        chance = sum(
            mechanism.allocation[1, s, a, b] * environment.prior[a] * environment.prior[b]
            for a in range(3)
            for b in range(3)
        )
        assert chance == wins[s]


# -- what is refused ------------------------------------------------------------------------------
def test_the_audit_names_what_an_interim_rule_breaks():
    environment = symmetric(2, [[1, 2]], ["1/2", "1/2"])
    design = SymmetricDesign(environment)
    rule = InterimRule(environment, Rationals.of([["1/4", "1"]]), Rationals.of([F(1, 10), F(1, 10)]))
    broken = {v.kind: v for v in audit_interim(rule, design).worst}
    assert broken["IC"].where == "[bidder: s1 -> s0]" and broken["IC"].amount == F(1, 4)
    assert broken["Border"].amount == F(1, 4)  # the high type wins 2 * 1/2 of the time and is there 3/4 of it
    low = InterimRule(environment, Rationals.of([[0, 0]]), Rationals.of([-1, -1]))
    assert {v.kind for v in audit_interim(low, design).worst} == {"IR"}


def test_multipliers_prove_nothing_when_a_sign_is_wrong():
    design = graded(T=3)
    proof = design.solve().proof
    with pytest.raises(InvalidFlow, match="negative"):
        Flow(proof.types, proof.reports, -proof.amounts).bound(design)
    with pytest.raises(InvalidFlow, match="IR"):
        Flow(proof.types, proof.reports, proof.amounts * 100).bound(design)


@pytest.mark.parametrize("field", ["value", "bound"])
def test_an_altered_answer_is_refused(field):
    from mechlp.exact.saved import checksum

    data = graded(T=3).solve().to_json()
    data[field] = "1"
    assert not verify(data).accepted
    assert not verify({**data, "sha256": checksum(data)}).accepted


def test_an_altered_contract_is_refused():
    from mechlp.exact.saved import checksum

    data = graded(T=3).solve().to_json()
    data["interim_rule"]["contracts"][0][-1] = "1"
    verdict = verify({**data, "sha256": checksum(data)})
    assert not verdict.accepted


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"prior": [[F(1, 2), 0], [0, F(1, 2)]]}, "independent"),
        ({"second": [1, 3]}, "different types"),
        ({"interdependent": True}, "depend on the others"),
    ],
)
def test_just_outside_the_premise_the_reduced_form_is_refused(change, named):
    first, second = [1, 2], change.get("second", [1, 2])
    prior = change.get("prior", [[F(1, 4)] * 2] * 2)
    mine = np.array([[x] * 2 for x in first], dtype=object)
    if change.get("interdependent"):
        mine[0, 1] += F(1, 100)
    none = np.zeros((2, 2), dtype=int).tolist()
    utility = [[none, mine.tolist(), none], [none, none, [second, second]]]
    environment = Environment(
        (Agent.of("bidder1", first), Agent.of("bidder2", second)), ("nobody", "1", "2"), utility, prior
    )
    with pytest.raises(InvalidEnvironment, match=named):
        representative(environment)
    with pytest.raises(InvalidDesign, match=named):
        reduced(Design(environment, objective="revenue"))


def test_other_questions_are_refused_by_name():
    whole = ordinary(2, "[1, 2]", "uniform")
    for asked in ({"ic": "ex-post", "ir": "ex-post"}, {"bb": "ex-post"}, {"allocation": "efficient"}):
        with pytest.raises(InvalidDesign, match=next(iter(asked))):
            reduced(whole.asking(**asked))
    environment = reduced(whole).environment
    with pytest.raises(InvalidDesign, match="without end"):
        SymmetricDesign(environment, "linear", transfers=Rationals.of([1, 0]))
    with pytest.raises(InvalidEnvironment, match="positive probability"):
        symmetric(2, [[1, 2]], [1, 0])
    with pytest.raises(InvalidEnvironment, match="at most"):
        symmetric(20, [list(range(10))], [F(1, 10)] * 10).full()
