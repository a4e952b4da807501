"""What can be gained over a given mechanism that leaves nobody worse off at any profile, in environments of every kind."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from small import put, refused

from mechlp import Agent, Environment
from mechlp.checking.verify import verify
from mechlp.exact.numbers import Rationals
from mechlp.files import InvalidFile, read_document, read_text, template
from mechlp.files.writer import document_of
from mechlp.proof.unmoved import unmoved
from mechlp.question.design import Design, InvalidDesign, Objective

CONFIGS = Path(__file__).parents[2] / "configs"
PUBLIC = """
agents: {{a: {{types: [1, 3]}}, b: {{types: [1, 3]}}}}
outcomes: [no, yes]
payoffs: {{yes: {{a: {worth}, b: b - 2}}}}
beliefs: {{prior: uniform}}
transfers: none
require: {{ic: ex-post}}
given: {{allocation: {{rule: {rule}}}}}
objective: undominated
"""


def public(rule, worth="a - 2"):
    return read_text(PUBLIC.format(rule=rule, worth=worth)).design


def test_a_rule_that_follows_unanimity_is_undominated():
    answer = public('{yes: "a == 3 and b == 3", no: "1"}').solve()
    assert (answer.status, answer.value, answer.bound, answer.exit_status) == ("undominated", 0, 0, 0)
    assert verify(answer.to_json()).accepted


def test_never_building_is_dominated_by_building_where_both_want_it():
    # Both gain 1 at one of four profiles: 2 * 1/4.
    answer = public('{no: "1"}').solve()
    assert (answer.status, answer.value, answer.exit_status) == ("dominated", F(1, 2), 1)
    assert answer.mechanism.outcome((1, 1)) == {"yes": 1}
    saved = answer.to_json()
    assert verify(saved).accepted


@pytest.mark.parametrize(
    ("rule", "status"), [('{no: "1"}', "dominated"), ('{yes: "a == 3 and b == 3", no: "1"}', None)]
)
def test_irrational_payoffs(rule, status):
    answer = public(rule, "'sqrt(a) - 3/2'").solve()
    if status:
        assert answer.status == status
        assert float(answer.value) == pytest.approx((3**0.5 - 1.5 + 1) / 4, abs=1e-6)
        assert verify(answer.to_json()).accepted
    else:  # a positive bound alone decides nothing; a gain is never claimed
        assert answer.status in ("undominated", "undecided") and answer.value == 0
        assert 0 <= answer.bound < F(1, 10**6)


def test_transfers_and_weights_count():
    trade = read_text(
        "agents: {seller: [0], buyer: [1]}\noutcomes: trade\ntrade: {seller: seller, buyer: buyer}\n"
        "beliefs: {prior: uniform}\nrequire: {ic: ex-post, ir: ex-post, bb: ex-post-weak}\n"
    ).design
    keep = Rationals.of([[[1]], [[0]]])
    for weights, gain in ((None, 1), ((1, 3), 3), ((2, 1), 2)):
        answer = trade.asking(objective=Objective.undominated(keep, weights=weights)).solve()
        assert (answer.status, answer.value) == ("dominated", gain)
    paid = (Rationals.of([[F(1, 2)]]), Rationals.of([[F(-1, 2)]]))
    sold = Objective.undominated(1 - keep, paid)
    answer = trade.asking(objective=sold).solve()
    assert (answer.status, answer.value) == ("undominated", 0)
    assert verify(answer.to_json()).accepted
    assert read_document(document_of(trade.asking(objective=sold))).design.same(trade.asking(objective=sold))


def test_a_given_mechanism_that_breaks_a_requirement_is_refused():
    with pytest.raises(InvalidDesign, match="given mechanism is none of those compared"):
        public('{yes: "a == 1", no: "1"}').solve()
    with pytest.raises(InvalidFile, match="given:"):
        read_text("agents: {a: [0]}\noutcomes: [x]\nobjective: undominated\n")


@pytest.mark.parametrize("changes", [{"weights": (-1, 1)}, {"allocation": np.ones((2, 2, 2), dtype=int)}])
def test_what_is_no_question_is_refused(changes):
    environment = public('{no: "1"}').environment
    table = changes.pop("allocation", Rationals.of(np.stack([np.ones((2, 2), int), np.zeros((2, 2), int)])))
    with pytest.raises(InvalidDesign, match="undominated"):
        Design(environment, ic="ex-post", transfers="none", objective=Objective.undominated(table, **changes))


def test_the_template_of_risk_aversion_is_a_bracket_with_its_control():
    answer = read_text(template("risk-aversion")).design.solve()
    assert answer.status == "bracket" and answer.control.status == "optimal"


# -- by strict comparisons alone ----------------------------------------------------------------------------------------
def posted(power, price, costs="[0, 1/4, 1/2, 3/4, 1]"):
    """Trade at one price, with five types each and prices in steps of an eighth."""
    text = (CONFIGS / "copic-ponsati-2006-posted-price.yaml").read_text("utf-8")
    text = text.replace("seller: {types: {from: 0, to: 1, count: 5}}", f"seller: {costs}")
    return read_text(text, overrides={"gamma": power, "p": price}).design


@pytest.mark.parametrize("powers", [("1/2", "1/2"), ("1/3", "4/5")])
def test_a_posted_price_among_the_types_is_undominated_whatever_the_risk_aversion(powers):
    """Proposition 6, though payoffs are irrational: strict inequalities between their ends are enough."""
    text = (CONFIGS / "copic-ponsati-2006-posted-price.yaml").read_text("utf-8")
    text = text.replace("power: gamma", f"power: {{seller: {powers[0]}, buyer: {powers[1]}}}")
    for price in ("1/4", "1/2", "1"):
        answer = read_text(text, overrides={"p": price, "gamma": "1/2"}).design.solve()
        assert (answer.status, answer.value, answer.bound) == ("undominated", 0, 0)
        assert verify(answer.to_json()).accepted


def test_nothing_is_shown_of_what_a_linear_program_finds_dominated():
    """Risk neutral, every price and three sets of costs: the exact program decides each of them."""
    said = set()
    for costs in ("[0, 1/4, 1/2, 3/4, 1]", "[0, 3/8, 5/8]", "[1/8, 1/4, 7/8, 1]"):
        for eighths in range(0, 9, 2 if costs[4] == "1" else 1):
            design = posted("1", f"{eighths}/8", costs)
            shown, status = unmoved(design), design.solve().status
            assert not shown or status == "undominated", (costs, eighths)
            said.add((shown, status))
    assert {(True, "undominated"), (False, "dominated")} <= said


def test_forged_answers_without_multipliers_are_refused():
    answer = posted("1/2", "1/2").solve().to_json()
    assert answer["certificate"] is None
    refused(answer, put(("bound",), "-1"))
    refused(answer, put(("problem", "prices", "mechanism"), {"posted": "3/8"}))
    bare = {
        "status": "undominated",
        "value": None,
        "value_float": None,
        "bound": "0",
        "certificate": None,
        "rules": [],
    }
    refused(
        posted("1/2", "3/8").solve().to_json(), lambda data: data.update(bare), "comparisons of payoffs alone"
    )


@pytest.mark.parametrize("above", [1, F(1000001, 1000000)])
def test_an_answer_about_a_mechanism_that_is_none_of_those_compared_is_refused(above):
    """A type gains by the lie that leads to trade, so that comparisons of payoffs exclude everything, the given outcome too."""
    worth = (Rationals.of([[[0], [0]], [[1], [1]]]), Rationals.of([[[0], [0]], [[-2], [1]]]))
    most = (Rationals.of(np.array([[[0], [0]], [[above], [1]]], dtype=object)), worth[1])
    agents, prior = [Agent.of("a", [0, 1]), Agent.of("b", [0])], Rationals.of([["1/2"], ["1/2"]])
    environment = Environment(agents, ["no", "yes"], worth, prior, utility_above=most)
    given = Objective.undominated(Rationals.of([[[1], [0]], [[0], [1]]]))
    design = Design(environment, ic="ex-post", ir="ex-post", bb="none", transfers="none", objective=given)
    with pytest.raises(InvalidDesign, match="none of those compared"):
        design.solve()
    saved = posted("1/2", "1/2").solve().to_json()
    empty = ("value", "value_float", "mechanism", "menu", "interim_payoffs", "risk_neutral_control", "welfare")
    bare = {"rules": [], "problem": document_of(design), **dict.fromkeys(empty)}
    refused(saved, lambda data: data.update(bare), "none of those compared")
