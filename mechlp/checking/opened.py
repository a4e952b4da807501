"""A saved answer of any kind as the object that was saved, to be shown again.  Reading is not checking: that is `verify`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..answer import bargaining, by_formulas
from ..answer.answer import FORMAT, Answer
from ..answer.bargaining import Zones
from ..answer.box import BoxAnswer
from ..answer.by_formulas import ByFormulas
from ..answer.implementation import ImplementationAnswer
from ..answer.interim import InterimAnswer
from ..exact.numbers import rational
from ..files import read_document, read_symmetric
from ..files.coalitions import implementation as implementation_asked
from ..mechanism.audit import audit
from ..mechanism.interim import InterimRule, audit_interim
from ..mechanism.simple import SimpleMechanism
from ..proof import box, continuum, curve, interim, reduced_form, region, rents, threshold, value, value_pair
from ..proof.curve import ValueCurve
from ..proof.implementation import settle as implementation
from ..proof.implementation.settle import finding_of
from ..proof.invalid import InvalidCertificate
from ..proof.reduced_form import Flow
from ..proof.region import Region
from ..proof.rents import JointBound
from ..proof.threshold import Threshold
from ..proof.value import ValueFunction
from ..proof.value_pair import ValuePair
from ..proof.written_rates import Whole, rates_from_json
from ..question.continuum import rounded
from ..question.design import Design
from ..question.interim import settled
from .kinds import box_of, interim_rates
from .ordinary import answer_of
from .saved import former, loaded


def open_answer(path: str | Path) -> Any:
    """The answer in a file that mechlp saved: an Answer, a region, a value function, a set of interim payoffs.

    Raises
    ------
    InvalidCertificate
        When the file cannot be read, or is no such answer.
    """
    data = loaded(path, "an answer that mechlp saved")
    try:
        return opened(data)
    except InvalidCertificate as error:
        raise InvalidCertificate(f"{path}: {error}") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidCertificate(f"{path}: does not fit its own problem ({error})") from None


def opened(data: Any) -> Any:
    """The same from its JSON form."""
    form = data.get("format") if isinstance(data, Mapping) else None
    if form not in _OPENED:
        raise InvalidCertificate(former(form) or f"not an answer that mechlp saved (format {form!r})")
    return _OPENED[form](data)


def _ordinary(data: Mapping[str, Any]) -> Answer:
    return _answer(read_document(data["problem"]).design, data)


def _answer(design: Design, data: Mapping[str, Any]) -> Answer:
    said = {name: data[name] for name in ("unique", "method") if data.get(name) is not None}
    said |= {name: tuple(data.get(name) or ()) for name in ("notes", "reductions")}
    said |= {name: data.get(name) or {} for name in ("timings", "versions")}
    if design.simple:
        return _simple(design, data, said)
    found = answer_of(design, data)
    within, control, posted = (
        data.get(k) for k in ("continuum", "risk_neutral_control", "best_posted_price")
    )
    return replace(
        found,
        **said,
        bound_from=data.get("bound_from") or "",
        audit=audit(found.rules, design) if found.rules else None,
        continuum=None if within is None else _answer(rounded(design), within),
        control=None if control is None else _ordinary(control),
        posted=None if posted is None else (rational(posted[0]), rational(posted[1])),
    )


def _simple(design: Design, data: Mapping[str, Any], said: Mapping[str, Any]) -> Answer:
    number = lambda name: None if data[name] is None else rational(data[name])  # noqa: E731
    rule = SimpleMechanism.from_json(design.environment, data["mechanism"], design.wants.weights)
    rates = None if data.get("rates") is None else rates_from_json(Whole(design), data["rates"], None, ())
    control, posted = data.get("risk_neutral_control"), data.get("best_posted_price")
    return Answer(
        design,
        data["status"],
        data["certified"],
        number("value"),
        number("bound"),
        simple=rule,
        audit=rule.audit(),
        rates=rates,
        control=None if control is None else _ordinary(control),
        posted=None if posted is None else (rational(posted[0]), rational(posted[1])),
        **said,
    )


def _identical(data: Mapping[str, Any]) -> InterimAnswer:
    design = read_symmetric(data["problem"])
    rule = InterimRule.from_json(design.environment, data["interim_rule"])
    ends: tuple[Fraction, Fraction] = (rational(data["value"]), rational(data["bound"]))
    proof = Flow.from_json(design.environment, data["certificate"])
    report, notes = audit_interim(rule, design), tuple(data["notes"])
    how = (data["method"], data["timings"], data["versions"])
    rates = interim_rates(design, rule, proof, data)
    return InterimAnswer(design, data["status"], *ends, rule, proof, report, notes, *how, rates)


def _box(data: Mapping[str, Any]) -> BoxAnswer:
    said = {name: data[name] for name in ("timings", "versions")}
    return replace(box_of(data), notes=tuple(data["notes"]), **said)


def _implementation(data: Mapping[str, Any]) -> ImplementationAnswer:
    asked = implementation_asked(read_document(data["problem"]))
    found = tuple(finding_of(asked, saved["check"], saved["witness"]) for saved in data["findings"])
    return ImplementationAnswer(asked, found, data["timings"])


def _payoffs(data: Mapping[str, Any]) -> interim.Found:
    design = settled(read_document(data["problem"]).design)
    return interim.QUESTIONS[data["question"]].from_json(design, data)


_OPENED = {
    FORMAT: _ordinary,
    reduced_form.FORMAT: _identical,
    interim.FORMAT: _payoffs,
    box.FORMAT: _box,
    continuum.FORMAT: continuum.check,
    implementation.FORMAT: _implementation,
    region.FORMAT: Region.from_json,
    rents.FORMAT: JointBound.from_json,
    threshold.FORMAT: Threshold.from_json,
    value.FORMAT: ValueFunction.from_json,
    curve.FORMAT: ValueCurve.from_json,
    value_pair.FORMAT: ValuePair.from_json,
    bargaining.FORMAT: Zones.from_json,
    by_formulas.FORMAT: ByFormulas.from_json,
}
