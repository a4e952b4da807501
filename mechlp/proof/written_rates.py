"""One-sided rates to JSON and back.

``examined`` has one entry for each requirement, or requirements that move together: its ``requirement`` by name, ``keys`` and
``cell`` (:mod:`mechlp.mechanism.relaxed`), its ``multiplier`` in the answer's proof, and ``relaxing`` and ``tightening``, each
null where it was not examined.  A side has what it ``gains`` (or ``costs``; null: the least move leaves no mechanism),
the move ``up_to`` which the rate surely holds, ``multipliers``, a place in the list ``proofs`` (null: those of the answer's
certificate), and the mechanism of the moved problem as ``changes`` of the answer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

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


def rates_to_json(
    design: Design, rates: Rates, own: Multipliers | None, rules: Sequence[Mechanism]
) -> dict[str, Any]:
    """Exact strings; ``own`` and ``rules`` are the answer's."""
    proofs: list[dict[str, Any]] = []
    known = {} if own is None else {_key(multipliers_to_json(design, own)): None}

    def proof(y: Multipliers) -> int | None:
        written = multipliers_to_json(design, y)
        if (key := _key(written)) not in known:
            known[key] = len(proofs)  # type: ignore[assignment]
            proofs.append(written)
        return known[key]

    examined = []
    for one in rates.examined:
        entry: dict[str, Any] = {
            "requirement": name_of(design, one.relaxed),
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
                "changes": [_changes(rule, _base(rules, k)) for k, rule in enumerate(found.rules)],
                "worst_case": None if found.worst_case is None else found.worst_case.to_json(design),
            }
        examined.append(entry)
    return {"examined": examined, "why_no_more": rates.why or None, "proofs": proofs}


def rates_from_json(
    design: Design, data: Mapping[str, Any], own: Multipliers | None, rules: Sequence[Mechanism]
) -> Rates:
    """Read rates back; ``own`` are the multipliers of the optimum, None where there is none.  Raises InvalidCertificate."""
    if own is None:
        if data["examined"] or data["proofs"]:
            raise InvalidCertificate("rates of an answer that is not an optimum proved by one combination")
        return Rates((), str(data["why_no_more"] or ""))
    proofs = [multipliers_from_json(design, proof) for proof in data["proofs"]]
    for y in proofs:
        Case(y).check_labels(design)
    return Rates(
        tuple(_rate(design, entry, proofs, own, rules) for entry in data["examined"]),
        str(data["why_no_more"] or ""),
    )


def _rate(
    design: Design,
    entry: Mapping[str, Any],
    proofs: Sequence[Multipliers],
    own: Multipliers,
    rules: Sequence[Mechanism],
) -> Rate:
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
                tuple(_changed(_base(rules, k), c) for k, c in enumerate(found["changes"])),
                None if worst is None else WorstCase.from_json(design, worst),
            )
        made = Rate(relaxed, rational(entry["multiplier"]), **sides)
        name = name_of(design, relaxed)
    except (KeyError, IndexError, StopIteration, TypeError, ValueError) as error:
        raise InvalidCertificate(f"a rate that cannot be read ({type(error).__name__})") from None
    if entry["requirement"] != name:
        raise InvalidCertificate(f"the rate of {entry['requirement']} is about {name}")
    return made


def _key(written: Mapping[str, Any]) -> str:
    return repr(sorted(written.items(), key=lambda item: item[0]))


def _base(rules: Sequence[Mechanism], k: int) -> Mechanism:
    return rules[min(k, len(rules) - 1)]


def _changes(rule: Mechanism, base: Mechanism) -> dict[str, Any]:
    """The cells that differ, with what they become."""
    out = {}
    for part in PARTS:
        new, old = getattr(rule, part), getattr(base, part)
        cells = [tuple(map(int, cell)) for cell in np.argwhere(new != old)]
        out[part] = [{"cell": list(cell), "to": text(new[cell])} for cell in cells]
    return out


def _changed(base: Mechanism, changes: Mapping[str, Any]) -> Mechanism:
    arrays = {}
    for part in PARTS:
        array = getattr(base, part)
        cells = np.array(array.tolist(), dtype=object)
        for change in changes[part]:
            cell = tuple(change["cell"])
            if len(cell) != array.ndim or min(cell) < 0:
                raise IndexError
            cells[cell] = rational(change["to"])
        arrays[part] = Rationals.from_fractions(list(cells.ravel()), array.shape)
    return Mechanism(base.environment, arrays["allocation"], arrays["transfers"])


__all__ = ["rates_from_json", "rates_to_json"]
