"""One-sided rates to JSON and back.

``examined`` has one entry for each requirement, or requirements that move together: its ``requirement`` by name, ``keys`` and
``cell`` (:mod:`mechlp.mechanism.relaxed`), its ``multiplier`` in the answer's proof, and ``relaxing`` and ``tightening``, each
null where it was not examined.  A side has what it ``gains`` (or ``costs``; null: the least move leaves no mechanism),
the move ``up_to`` which the rate surely holds, ``multipliers``, a place in the list ``proofs`` (null: those of the answer's
certificate), and the mechanism of the moved problem as ``changes`` of the answer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from ..exact.numbers import Rationals, rational, text
from ..mechanism.mechanism import Mechanism
from ..mechanism.relaxed import Relaxed
from ..question.design import Design
from .cases import Case
from .guarantee import WorstCase
from .invalid import InvalidCertificate
from .multipliers import Multipliers
from .rates import OneSided, Rate, Rates, name_of
from .written import multipliers_from_json, multipliers_to_json

RATE = {"relaxing": "gains", "tightening": "costs"}
PARTS = ("allocation", "transfers")


class Scribe(Protocol):
    """How the proofs and mechanisms of one kind of question are written."""

    def name(self, relaxed: Relaxed) -> str: ...
    def proof_to_json(self, multipliers: Any) -> dict[str, Any]: ...
    def proof_from_json(self, data: Mapping[str, Any]) -> Any: ...
    def changes(self, rule: Any, base: Any) -> dict[str, Any]: ...
    def changed(self, base: Any, changes: Mapping[str, Any]) -> Any: ...
    def worst_to_json(self, worst_case: Any) -> dict[str, Any]: ...
    def worst_from_json(self, data: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True)
class Whole:
    """Mechanisms on the whole type grid, as the cells in which they differ from the answer's."""

    design: Design

    def name(self, relaxed: Relaxed) -> str:
        return name_of(self.design, relaxed)

    def proof_to_json(self, multipliers: Multipliers) -> dict[str, Any]:
        return multipliers_to_json(self.design, multipliers)

    def proof_from_json(self, data: Mapping[str, Any]) -> Multipliers:
        """Raises InvalidCertificate."""
        read = multipliers_from_json(self.design, data)
        Case(read).check_labels(self.design)
        return read

    def changes(self, rule: Mechanism, base: Mechanism) -> dict[str, Any]:
        return changes_of(rule, base, PARTS)

    def changed(self, base: Mechanism, changes: Mapping[str, Any]) -> Mechanism:
        return Mechanism(base.environment, **with_changes(base, changes, PARTS))

    def worst_to_json(self, worst_case: WorstCase) -> dict[str, Any]:
        return worst_case.to_json(self.design)

    def worst_from_json(self, data: Mapping[str, Any]) -> WorstCase:
        return WorstCase.from_json(self.design, data)


def rates_to_json(scribe: Scribe, rates: Rates, own: Any, rules: Sequence[Any]) -> dict[str, Any]:
    """Exact strings; ``own`` (multipliers or None) and ``rules`` are the answer's."""
    proofs: list[dict[str, Any]] = []
    known = {} if own is None else {_key(scribe.proof_to_json(own)): None}

    def proof(y: Any) -> int | None:
        written = scribe.proof_to_json(y)
        if (key := _key(written)) not in known:
            known[key] = len(proofs)  # type: ignore[assignment]
            proofs.append(written)
        return known[key]

    examined = []
    for one in rates.examined:
        entry: dict[str, Any] = {
            "requirement": scribe.name(one.relaxed),
            "keys": list(one.relaxed.keys),
            "cell": None if one.relaxed.cell is None else list(one.relaxed.cell),
            "multiplier": text(one.multiplier),
            "relaxing": None,
            "tightening": None,
        }
        for _, side, called, found in one.sides():
            entry[side] = {
                called: None if found.rate is None else text(found.rate),
                "up_to": None if found.rate is None else text(found.up_to),
                "multipliers": proof(found.multipliers),
                "changes": [scribe.changes(rule, _base(rules, k)) for k, rule in enumerate(found.rules)],
                "worst_case": None if found.worst_case is None else scribe.worst_to_json(found.worst_case),
            }
        examined.append(entry)
    return {"examined": examined, "why_no_more": rates.why or None, "proofs": proofs}


def rates_from_json(scribe: Scribe, data: Mapping[str, Any], own: Any, rules: Sequence[Any]) -> Rates:
    """Read rates back; ``own`` are the multipliers of the optimum, None where there is none.  Raises InvalidCertificate."""
    if own is None:
        if data["examined"] or data["proofs"]:
            raise InvalidCertificate("rates of an answer that is not an optimum proved by one combination")
        return Rates((), str(data["why_no_more"] or ""))
    proofs = [scribe.proof_from_json(proof) for proof in data["proofs"]]
    return Rates(
        tuple(_rate(scribe, entry, proofs, own, rules) for entry in data["examined"]),
        str(data["why_no_more"] or ""),
    )


def _rate(scribe: Scribe, entry: Mapping[str, Any], proofs: Sequence[Any], own: Any, rules: Sequence[Any]) -> Rate:
    try:
        cell = None if entry["cell"] is None else tuple(int(k) for k in entry["cell"])
        relaxed = Relaxed(tuple(map(str, entry["keys"])), cell)
        sides = {}
        for side, called in RATE.items():
            found = entry[side]
            if found is None:
                continue
            at, rate = found["multipliers"], found[called]
            worst = found["worst_case"]
            sides[side] = OneSided(
                None if rate is None else rational(rate),
                own if at is None else proofs[at],
                Fraction(0) if rate is None else rational(found["up_to"]),
                tuple(scribe.changed(_base(rules, k), c) for k, c in enumerate(found["changes"])),
                None if worst is None else scribe.worst_from_json(worst),
            )
        made = Rate(relaxed, rational(entry["multiplier"]), **sides)
        name = scribe.name(relaxed)
    except (KeyError, IndexError, StopIteration, TypeError, ValueError) as error:
        raise InvalidCertificate(f"a rate that cannot be read ({type(error).__name__})") from None
    if entry["requirement"] != name:
        raise InvalidCertificate(f"the rate of {entry['requirement']} is about {name}")
    return made


def _key(written: Mapping[str, Any]) -> str:
    return repr(sorted(written.items(), key=lambda item: item[0]))


def _base(rules: Sequence[Any], k: int) -> Any:
    return rules[min(k, len(rules) - 1)]


def changes_of(rule: Any, base: Any, parts: Sequence[str]) -> dict[str, Any]:
    """The cells of arrays in which one differs from another, with what they become."""
    out = {}
    for part in parts:
        new, old = getattr(rule, part), getattr(base, part)
        cells = [tuple(map(int, cell)) for cell in np.argwhere(new != old)]
        out[part] = [{"cell": list(cell), "to": text(new[cell])} for cell in cells]
    return out


def with_changes(base: Any, changes: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Rationals]:
    """The arrays so changed.  Raises IndexError where there is no such cell."""
    arrays = {}
    for part in parts:
        array = getattr(base, part)
        cells = np.array(array.tolist(), dtype=object)
        for change in changes[part]:
            cell = tuple(change["cell"])
            if len(cell) != array.ndim or min(cell) < 0:
                raise IndexError
            cells[cell] = rational(change["to"])
        arrays[part] = Rationals.from_fractions(list(cells.ravel()), array.shape)
    return arrays


__all__ = ["Scribe", "Whole", "changes_of", "rates_from_json", "rates_to_json", "with_changes"]
