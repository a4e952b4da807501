"""The other kinds of saved answers: interim rules, interim payoffs, the continuum, regions of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..answer.box import BoxAnswer
from ..answer.implementation import ImplementationAnswer
from ..answer.interim import InterimAnswer
from ..closed_forms import exclusive
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..files import read_document, read_symmetric
from ..files.coalitions import implementation as implementation_asked
from ..mechanism.interim import InterimRule, audit_interim
from ..mechanism.offered import Menu
from ..proof import continuum, interim
from ..proof.box import BoxFlow
from ..proof.identical_rates import Identical
from ..proof.implementation.findings import VERDICTS
from ..proof.implementation.settle import finding_of
from ..proof.invalid import InvalidCertificate
from ..proof.projection import Projection
from ..proof.rates import Rates
from ..proof.reduced_form import Flow
from ..proof.rents import JointBound
from ..proof.robustness import Robustness
from ..proof.written_rates import rates_from_json
from ..question.box import BoxDesign
from ..question.interim import settled
from ..question.symmetric import SymmetricDesign
from .ordinary import Claims


def interim_rule(data: Mapping[str, Any]) -> Claims:
    """Identical bidders: an interim rule, and what multipliers prove about all of them."""
    design = read_symmetric(data["problem"])
    if data["certified"] is not True:
        raise InvalidCertificate("the answer says of itself that it is not certified")
    rule = InterimRule.from_json(design.environment, data["interim_rule"])
    report = audit_interim(rule, design)
    if not report.passed:
        raise InvalidCertificate(f"the interim rule breaks a requirement: {report}")
    yield f"the interim rule: {report}"
    value, bound = rational(data["value"]), rational(data["bound"])
    reached = design.value(rule.chances, rule.payoffs)
    if reached != value:
        raise InvalidCertificate(
            f"the interim rule attains {text(reached)}, the value claimed is {text(value)}"
        )
    yield f"the interim rule attains {text(value)}"
    proof = Flow.from_json(design.environment, data["certificate"])
    proved = proof.bound(design)
    if proved != bound:
        raise InvalidCertificate(
            f"the multipliers prove the bound {text(proved)}, the bound claimed is {text(bound)}"
        )
    wanted = "undecided" if value < bound else "feasible" if design.objective == "feasibility" else "optimal"
    if data["status"] != wanted:
        raise InvalidCertificate(
            f"value and bound make the answer {wanted!r}, the status claimed is {data['status']!r}"
        )
    yield f"the multipliers prove that none is worth more than {text(bound)}"
    rates = interim_rates(design, rule, proof, data)
    if rates is not None and rates.examined:
        if wanted != "optimal":
            raise InvalidCertificate("rates of an answer that is not an optimum")
        rates.check(value, proof, Identical(design))
        yield f"{rates.count} one-sided rates, each by multipliers and an interim rule of the moved problem"
    return InterimAnswer(design, wanted, value, bound, rule, proof, report, rates=rates).to_json()


def interim_rates(
    design: SymmetricDesign, rule: InterimRule, proof: Flow, data: Mapping[str, Any]
) -> Rates | None:
    """The rates of a saved answer about identical bidders, which has none before they were offered.

    Raises InvalidCertificate.
    """
    saved = data.get("rates")
    return None if saved is None else rates_from_json(Identical(design), saved, proof, (rule,))


def box_of(data: Mapping[str, Any]) -> BoxAnswer:
    """What a saved answer about types that fill a box is worth, computed from its menu, price and multipliers.

    Raises
    ------
    InvalidCertificate, ValueError, KeyError
        When it is none.
    """
    design = read_document(data["problem"]).design
    if not isinstance(design, BoxDesign):
        raise InvalidCertificate("the problem is not about types that fill a box")
    box, price = design.environment, data["exclusive"]["price"]
    menu = Menu.from_json(data["menu"], len(box.axes))
    if price is not None and not exclusive.offered(box):
        raise InvalidCertificate("the exclusive-buyer mechanism is for one object, and few bidders")
    proof = BoxFlow.read(box, data["certificate"])
    return BoxAnswer.of(design, menu, data["halved"], proof, None if price is None else rational(price))


def box(data: Mapping[str, Any]) -> Claims:
    """Types that fill a box: what two mechanisms earn, and what multipliers prove about all."""
    found = box_of(data)
    for what, value in (("factor", found.factor), ("menu_value", found.menu_value), ("bound", found.bound)):
        if rational(data[what]) != value:
            raise InvalidCertificate(
                f"{what.replace('_', ' ')}: {text(value)} is proved, {data[what]} is claimed"
            )
    yield f"the menu, offered to all types, earns at least {rounded_down(found.menu_value)}"
    if found.price is not None and found.exclusive_value is not None:
        earned = rounded_down(found.exclusive_value)
        yield f"the exclusive-buyer mechanism at price {text(found.price)} earns {earned}"
    yield f"the multipliers prove that no mechanism earns more than {rounded_up(found.bound)}"
    return found.to_json()


def interim_payoffs(data: Mapping[str, Any]) -> Claims:
    """Whether payoffs are reached and efficient, or what of two payoffs is reached."""
    design = settled(read_document(data["problem"]).design)
    found = interim.QUESTIONS[data["question"]].from_json(design, data)
    if isinstance(found, Robustness):
        yield from found.claims()
    elif not isinstance(found, Projection):
        yield from found.check()
    else:
        found.check()
        corners = ", ".join(f"({text(x)}, {text(y)})" for x, y in found.vertices)
        yield f"mechanisms that reach {len(found.points)} points; vertices: {corners or 'none'}"
        if found.rays:
            yield f"{len(found.rays)} directions in which the set goes on without end"
        yield f"{len(found.edges)} borders, each proved by multipliers: the projection is exactly what the points span"
    return interim.saved(found)


def implementation(data: Mapping[str, Any]) -> Claims:
    """What was found about full implementation, condition by condition."""
    question = implementation_asked(read_document(data["problem"]))
    findings = []
    if [saved["check"] for saved in data["findings"]] != list(question.checks):
        raise InvalidCertificate("the findings are not about the conditions that the problem asks about")
    for saved in data["findings"]:
        found = finding_of(question, saved["check"], saved["witness"])
        findings.append(found)
        yield f"{found.check} {VERDICTS[found.holds]}: {found.words[0]}"
    return ImplementationAnswer(question, tuple(findings)).to_json()


def least_rents(data: Mapping[str, Any]) -> Claims:
    """What maxmin types must be left, against the surplus."""
    found = JointBound.from_json(data)
    yield from found.check()
    return found.to_json()


def comparison(data: Mapping[str, Any]) -> Claims:
    """Simple mechanisms against all, on the continuum."""
    found = continuum.check(data)
    yield found.in_words()
    return found.to_json()


def over_parameters(kind: Any) -> Callable[[Mapping[str, Any]], Claims]:
    """A region, a value or a threshold over parameters, zones of beliefs, or a mechanism by formulas: each reads and checks
    itself, and says what it should read like."""

    def claims(data: Mapping[str, Any]) -> Claims:
        found = kind.from_json(data)
        yield from found.check()
        return found.to_json()

    return claims
