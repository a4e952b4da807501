"""Types that value money differently: payoffs are ``u + money * t``, solved in units of money."""

from fractions import Fraction as F

import pytest
import yaml
from random_designs import first, random_money
from small import trade

import mechlp
from mechlp import InvalidDesign, InvalidEnvironment, InvalidFile
from mechlp.checking.verify import verify
from mechlp.files.writer import document_of

PERSON = """
agents: {person: [r1, r2, r3, r4]}
outcomes: [nothing, good]
payoffs: {good: {person: [0.2, 0.3, 0.5, 0.7]}}
money: {person: [0.3, 0.9, 0.9, 0.9]}
beliefs: {prior: uniform}
transfers: {upper: 0}
constraints: {capacity: {allocation: {good: 1}, each: expected, at-most: 1/4}}
require: {ic: bayesian, ir: interim, bb: none}
objective: {maximize: {allocation: {good: [0.2, 0.3, 0.5, 0.7]}, transfers: {person: [VALUES]}}}
"""


def person(revenue):
    """Welfare, where the designer values a unit of revenue at so much."""
    values = ", ".join(f"{m} - {revenue}" for m in ("0.3", "0.9", "0.9", "0.9"))
    return mechlp.read_text(PERSON.replace("VALUES", values)).design


def test_where_revenue_is_worth_most_it_is_what_is_sought():
    """8750/9: independently computed for a public model of goods and money of unequal value."""
    answer = person(5000).solve()
    assert answer.certified and answer.value == F(8750, 9) and verify(answer.to_json()).accepted
    assert any("counted in money" in note for note in answer.notes)


def test_where_revenue_is_worth_nothing_nobody_pays():
    """By hand: a price burns money, so the chance of the good is the same for all: a quarter of the mean, 17/40."""
    answer = person(0).solve()
    assert answer.value == F(17, 160) and not any(answer.mechanism.transfers.fractions())
    weighted = person(0).asking(objective=mechlp.Objective.weighted_interim([[F(1, 4)] * 4])).solve()
    assert weighted.certified and weighted.value == F(17, 160)


def test_the_surplus_is_in_the_payoffs_that_were_written():
    for money in ([[1, 2], [1, 3]], [[5, "1/2"], [3, 7]]):
        assert trade().with_money(money).surplus.same(trade().surplus)


def test_scaling_payoffs_and_money_together_changes_nothing_but_the_surplus():
    plain = mechlp.read_text(
        "agents: {seller: [0, 1/2, 1], buyer: [0, 1/2, 1]}\noutcomes: trade\ntrade: {seller: seller, buyer: buyer}\n"
        "beliefs: {prior: uniform}\nrequire: {ic: bayesian, ir: interim, bb: ex-post}\nobjective: surplus\n"
    ).design
    twice = plain.asking(environment=plain.environment.with_money([1, 1]))
    assert twice.environment is plain.environment
    e = plain.environment
    double = type(e)(e.agents, e.outcomes, tuple(u * 2 for u in e.utility), e.beliefs).with_money([2, 2])
    assert all(a.same(b) for a, b in zip(double.utility, e.utility, strict=True))
    assert plain.asking(environment=double).solve().value == 2 * plain.solve().value


@pytest.mark.parametrize("seed", range(10))
def test_a_design_written_as_tables_reads_back(seed):
    design = first(random_money, 300 + seed)
    again = mechlp.read_text(yaml.safe_dump(document_of(design), sort_keys=False)).design
    assert design.same(again) and again.same(design)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InvalidFile, match="must be positive at every type"):
        mechlp.read_text(
            PERSON.replace("[0.3, 0.9, 0.9, 0.9]}\nbel", "[0, 1, 1, 1]}\nbel").replace("VALUES", "0, 0, 0, 0")
        )
    with pytest.raises(InvalidEnvironment, match="in units of money already"):
        person(0).environment.with_money([2])
    with pytest.raises(InvalidDesign, match="full surplus extraction is not offered"):
        person(0).asking(objective="full-surplus-extraction", transfers="free", constraints=())
