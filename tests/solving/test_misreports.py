"""Possible lies, slack in IC, and limits on transfers that depend on the report: public problems, files, forged proofs."""

from fractions import Fraction as F

import numpy as np
import pytest
import yaml
from random_designs import first, random_misreports
from small import forged

import mechlp
from mechlp import Design, InvalidDesign, InvalidFile, Rationals
from mechlp.checking.verify import verify
from mechlp.files.writer import document_of
from mechlp.mechanism import Mechanism, audit
from mechlp.question.misreports import Misreports
from mechlp.solving.reductions import reduce

EVIDENCE = """
agents: {worker: [low, high]}
outcomes: [no, hire]
payoffs: {hire: {worker: 1}}
transfers: none
beliefs: {prior: uniform}
may-report: {worker: LIES}
require: {ic: bayesian, ir: none, bb: none}
objective: {maximize: {allocation: {hire: 1 if worker == high else -1}}}
"""
REGRET = """
agents: {bidder: {copies: 2, types: [1, 2, 3, 4]}}
outcomes: single-good
beliefs: {prior: uniform}
require: {ic: {notion: bayesian, slack: SLACK}, ir: interim, bb: none}
objective: revenue
"""
BUDGET = """
agents: {buyer: [v2b1, v2b2, v4b1, v4b2]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: [2, 2, 4, 4]}}
transfers: {buyer: {lower: LIMIT}}
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""


def solved(text, **options):
    answer = mechlp.read_text(text).design.solve(**options)
    assert answer.certified, answer.notes
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems
    return answer


@pytest.mark.parametrize(
    "lies", ["worker == high or report == low", "{low: [low], high: [high, low]}", "[[1, 0], [1, 1]]"]
)
def test_a_worker_who_cannot_claim_to_be_better_is_hired_only_when_she_is(lies):
    answer = solved(EVIDENCE.replace("LIES", lies))
    assert answer.value == F(1, 2)  # by hand
    assert any("nested (Green and Laffont 1986), so nothing is lost" in note for note in answer.notes)
    assert solved(EVIDENCE.replace("LIES", "'1'")).value == 0  # every lie is possible


def test_lies_that_are_not_nested_are_named():
    """Type 1 can claim 2, type 2 can claim 3, and type 1 cannot claim 3 (Green and Laffont 1986, example 1)."""
    text = EVIDENCE.replace("[low, high]", "[1, 2, 3]").replace("worker == high", "worker >= 2")
    answer = solved(text.replace("LIES", "report == worker or report == worker + 1"))
    (note,) = [n for n in answer.notes if "revelation" in n]
    assert note.startswith("worker of type 1 can report 2, who can report 3, and 1 cannot report 3")


def test_regret_of_a_hundredth_is_worth_two_hundredths():
    """Independently computed: 479/200, and 19/8 without slack."""
    assert solved(REGRET.replace("SLACK", "1/100")).value == F(479, 200)
    assert solved(REGRET.replace("SLACK", "0")).value == F(19, 8)
    assert solved(REGRET.replace("SLACK", "{bidder: 1/100}")).value == F(479, 200)
    by_lie = solved(REGRET.replace("SLACK", "1/100 if report < bidder else 0"))
    assert F(19, 8) < by_lie.value <= F(479, 200)


def test_the_prices_of_ic_are_what_slack_gains():
    """Half way along the line from 19/8 to 479/200 the value has one slope: the prices added up."""
    answer = solved(REGRET.replace("SLACK", "1/200"))
    prices = sum(part.sum() for part in answer.proof.multipliers.ic)
    assert prices == (F(479, 200) - F(19, 8)) * 100 and answer.value == F(19, 8) + prices * F(1, 200)


def test_a_slack_that_is_too_small_is_refuted():
    """Whoever is high is never hired, whoever is low always: 1 is gained by lying, so no slack below one is enough."""
    given = EVIDENCE.replace(
        "transfers: none", "transfers: none\nallocation: {lottery: {hire: worker == low, no: worker == high}}"
    )
    given = given.replace("LIES", "'1'").replace("ic: bayesian", "ic: {notion: bayesian, slack: SLACK}")
    given = given[: given.index("objective")] + "objective: feasibility\n"
    assert solved(given.replace("SLACK", "9/10")).status == "infeasible"
    assert solved(given.replace("SLACK", "1")).status == "feasible"


@pytest.mark.parametrize("limit", ["[-1, -2, -1, -2]", "-1 if buyer == v2b1 or buyer == v4b1 else -2"])
def test_a_buyer_pays_no_more_than_the_budget_that_she_reports(limit):
    assert solved(BUDGET.replace("LIMIT", limit)).value == F(5, 4)  # independently computed


@pytest.mark.parametrize("seed", range(25))
def test_the_audit_agrees_with_plain_loops(seed):
    design = first(random_misreports, 1000 + seed)
    if design.ic not in ("bayesian", "ex-post") or design.misreports is None:
        pytest.skip("no IC about payoffs")
    e, rng = design.environment, np.random.default_rng(seed)
    weights = Rationals(rng.integers(1, 5, (len(e.outcomes), *e.shape)))
    rule = Mechanism(e, weights / weights.sum(axis=0), Rationals(rng.integers(-2, 3, (e.n, *e.shape))))
    worst = F(0)
    for i in range(e.n):
        for own, report in np.argwhere(design.misreports[i].possible):
            gains, masses = [], []
            for t in np.ndindex(*e.shape):
                if t[i] == own:
                    said = (*t[:i], report, *t[i + 1 :])
                    pay = [
                        sum(e.utility[i][(a, *t)] * rule.allocation[(a, *s)] for a in range(len(e.outcomes)))
                        + rule.transfers[(i, *s)]
                        for s in (t, said)
                    ]
                    gains.append(pay[1] - pay[0])
                    masses.append(e.beliefs.weights[i][t])
            slack = design.misreports[i].slack[own, report]
            if design.ic == "ex-post":
                worst = max([worst, *(g - slack for g in gains)])
            elif sum(masses):
                mean = sum(g * m for g, m in zip(gains, masses, strict=True)) / sum(masses)
                worst = max(worst, mean - slack)
    found = [v.amount for v in audit(rule, design).worst if v.kind == "IC"]
    assert max(found, default=F(0)) == worst


def test_a_proof_with_an_impossible_lie_is_refused():
    answer = solved(
        EVIDENCE.replace("LIES", "worker == high or report == low").replace("else -1}", "else 1/2}")
    )
    data = answer.to_json()
    lie = {
        "kind": "IC",
        "agent": 0,
        "type": 0,
        "report": 1,
        "name": "IC[worker: low -> high]",
        "multiplier": "1/3",
    }
    verdict = verify(forged(data, lambda d: d["certificate"]["multipliers"].append(lie)))
    assert not verdict.accepted and any("not possible" in p for p in verdict.problems)


def test_a_larger_slack_is_not_what_was_asked():
    data = solved(REGRET.replace("SLACK", "1/100")).to_json()
    asked = data["problem"]["require"]["ic"]
    change = lambda d: d["problem"]["require"].update(ic={**asked, "slack": "1/1000"})  # noqa: E731
    assert not verify(forged(data, change)).accepted


@pytest.mark.parametrize("seed", range(12))
def test_a_design_written_as_tables_reads_back(seed):
    design = first(random_misreports, 500 + seed)
    again = mechlp.read_text(yaml.safe_dump(document_of(design), sort_keys=False)).design
    assert design.same(again) and again.same(design)


def test_reductions_know_what_they_rest_on():
    design = mechlp.read_text(REGRET.replace("SLACK", "1/100")).design
    assert "some lies are not possible, or may pay" in reduce(design, True).refused["adjacent"]
    for names in (True, ["symmetric-agents"], ["interim-transfers", "private-values", "decomposition"]):
        answer = design.solve(reduce=names)
        assert answer.certified and answer.value == F(479, 200)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("LIES", "{low: [low]}", "what can type high report"),
        ("LIES", "{low: [lo], high: [low]}", "no type is 'lo'"),
        ("LIES", "[[1, 0]]", "expected 2 entries, found 1"),
        ("ic: bayesian", "ic: {notion: bayesian, slack: -1}", "a negative slack"),
        ("ic: bayesian", "ic: none", "possible lies and slack are about IC"),
        ("transfers: none", "transfers: {worker: {limit: [1, -1]}}", "limit must not be negative"),
        (
            "transfers: none",
            "transfers: {worker: {lower: [0, 1], upper: [1, 0]}}",
            "lower exceeds upper at some types",
        ),
    ],
)
def test_mistakes_are_named(old, new, said):
    with pytest.raises(InvalidFile, match=said):
        mechlp.read_text(EVIDENCE.replace(old, new).replace("LIES", "worker == high or report == low"))


def test_worst_cases_are_refused():
    design = mechlp.read_text(EVIDENCE.replace("LIES", "report == low")).design
    with pytest.raises(InvalidDesign, match="not offered with ic: ambiguous-transfers"):
        design.asking(ic="ambiguous-transfers")
    with pytest.raises(InvalidDesign, match="cannot report itself"):
        Misreports.of(2, [[False, True], [True, True]])
    plain = Design(design.environment, misreports=(Misreports.of(2),))
    assert plain.misreports is None
