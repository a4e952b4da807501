"""Multipliers, and points of the designer's set, to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, concatenate, rational, text
from ..exact.sparse import Sparse
from ..question.design import Design
from ..question.rules import NOBODY, Rules, choices, lie_name, lies
from .invalid import InvalidCertificate
from .multipliers import Multipliers, RuleWeights, nonzero


def multipliers_to_json(design: Design, y: Multipliers) -> dict[str, Any]:
    """The nonzero multipliers, and how they are spread over rules."""
    out: dict[str, Any] = {"multipliers": [entry.to_json(design) for entry in y.rows(design)]}
    if y.nature is not None:
        out["nature"] = point_to_json(design, y.nature)
    if y.rules is None:
        return out
    out["punishes"] = [
        {"name": lie_name(design, lie), "rule": int(y.rules.labels.punishes[lie[0]][lie[1:]])}
        for lie in lies(design)
    ]
    for kind, arrays in (("truth", y.rules.truth), ("lies", y.rules.lies)):
        out[kind] = [
            {"agent": i, "cell": list(cell), "weight": text(array[cell])}
            for i, array in enumerate(arrays)
            for cell in nonzero(array)
        ]
    out["objective"] = [
        {"cell": list(cell), "weight": text(y.rules.objective[cell])} for cell in nonzero(y.rules.objective)
    ]
    return out


def multipliers_from_json(design: Design, data: Mapping[str, Any]) -> Multipliers:
    """Read multipliers back.  Raises InvalidCertificate when one names nothing."""
    labels = _labels_from_json(design, data)
    count = 1 if labels is None else labels.count
    ic, ir, bb = _empty(design, count)
    out_rows = data["multipliers"]
    families = {rows.name: k for k, rows in enumerate(design.requirements)}
    several = (count,) if design.ambiguous else ()
    linear = [_Cells((*several, *rows.shape)) for rows in design.requirements]
    target: _Cells | None
    for row in out_rows:
        try:
            kind, value = row["kind"], rational(row["multiplier"])
            others, rule = tuple(row.get("others", ())), row.get("rule", 0)
            if "family" in row:
                target, cell = linear[families[row["family"]]], (*(several and (rule,)), *others)
            elif kind == "BB":
                target, cell = bb, (rule, *others)
            else:
                target = (ic if kind == "IC" else ir)[row["agent"]]
                own = (row["type"], row["report"]) if kind == "IC" else (row["type"],)
                cell = (row.get("state", 0) or rule, *own, *others)
            _put(target, cell, value)
        except (KeyError, IndexError, TypeError, ValueError):
            raise InvalidCertificate(f"a multiplier that names no requirement: {row}") from None
    spread = None if labels is None else _spread_from_json(design, labels, data)
    nature = point_from_json(design, data["nature"]) if "nature" in data else None
    out = Multipliers(
        tuple(map(_packed, ic)),
        tuple(map(_packed, ir)),
        _packed(bb),
        spread,
        nature,
        tuple(map(_packed, linear)),
    )
    names = [entry.name(design) for entry in out.rows(design)]
    given = [row.get("name") for row in out_rows if rational(row["multiplier"]) != 0]
    if sorted(names) != sorted(map(str, given)):
        raise InvalidCertificate("the names of the multipliers do not match their positions")
    return out


def point_to_json(design: Design, point: Rationals) -> dict[str, Any]:
    """A point of the designer's set: the profiles that have a probability, by name, and the further variables."""
    environment, cells = design.environment, point.fractions()
    count = environment.num_profiles
    places = [tuple(map(int, np.unravel_index(k, environment.shape))) for k in range(count) if cells[k]]
    return {
        "distribution": [
            {
                "profile": list(place),
                "name": environment.profile_label(place),
                "probability": text(cells[int(np.ravel_multi_index(place, environment.shape))]),
            }
            for place in places
        ],
        "further": [{"variable": k, "value": text(v)} for k, v in enumerate(cells[count:]) if v],
    }


def point_from_json(design: Design, data: Mapping[str, Any]) -> Rationals:
    """Read a point of the designer's set back.  Raises InvalidCertificate."""
    environment, possible = design.environment, design.environment.designer_set
    if possible is None:
        raise InvalidCertificate("a worst-case distribution, but the designer has a single prior")
    chances, further = _Cells(environment.shape), _Cells((possible.lifts,))
    try:
        for entry in data["distribution"]:
            place = tuple(entry["profile"])
            _put(chances, place, rational(entry["probability"]))
            if entry["name"] != environment.profile_label(place):
                raise ValueError
        for entry in data["further"]:
            _put(further, (entry["variable"],), rational(entry["value"]))
    except (KeyError, IndexError, TypeError, ValueError):
        raise InvalidCertificate("the worst-case distribution cannot be read") from None
    return concatenate([chances.array().ravel(), further.array()])


@dataclass(frozen=True)
class _Cells:
    """Numbers read one by one into an array of zeros; ``few``: hardly any cell has one, and only these are stored."""

    shape: tuple[int, ...]
    few: bool = False
    read: dict[tuple[int, ...], Fraction] = field(default_factory=dict)

    def array(self) -> Rationals:
        values = Rationals.from_fractions(list(self.read.values()), (len(self.read),))
        cells = np.array(list(self.read), dtype=np.intp).reshape(len(self.read), len(self.shape))
        found = Sparse.at(self.shape, tuple(cells.T), values)
        return found if self.few else Rationals(found.numerator, found.denominator)


def _put(target: _Cells | None, cell: tuple[int, ...], value: Fraction) -> None:
    if target is None or len(cell) != len(target.shape):
        raise IndexError
    if not all(type(k) is int and 0 <= k < size for k, size in zip(cell, target.shape, strict=True)):
        raise IndexError
    target.read[cell] = value


def _packed(cells: _Cells | None) -> Any:
    return None if cells is None else cells.array()


def _labels_from_json(design: Design, data: Mapping[str, Any]) -> Rules | None:
    """The labels of the rules, which are read by name; None for a design of one rule."""
    if not design.pessimistic:
        return None
    named = {row["name"]: row["rule"] for row in data["punishes"]}
    wanted = [lie_name(design, lie) for lie in lies(design)]
    if sorted(named) != sorted(wanted):
        raise InvalidCertificate("the rules do not say which lies they punish")
    labels = [named[name] for name in wanted]
    there = [choices(design, lie) if design.worst_state else range(len(wanted)) for lie in lies(design)]
    if not all(type(k) is int and (k == NOBODY or k in there[at]) for at, k in enumerate(labels)):
        raise InvalidCertificate("a rule that does not exist")
    return Rules.assigned(design, labels)


def _spread_from_json(design: Design, labels: Rules, data: Mapping[str, Any]) -> RuleWeights:
    assert design.ic_notion is not None
    truth, told = [], []
    for i, agent in enumerate(design.environment.agents):
        states = design.ic_notion.states(design.environment, i).size
        truth.append(_Cells((labels.count, states, agent.size)))
        told.append(_Cells((labels.count, states, agent.size, agent.size)))
    objective = _Cells((labels.count,))
    try:
        for kind, arrays in (("truth", truth), ("lies", told)):
            for row in data[kind]:
                _put(arrays[row["agent"]], tuple(row["cell"]), rational(row["weight"]))
        for row in data["objective"]:
            _put(objective, tuple(row["cell"]), rational(row["weight"]))
    except (KeyError, IndexError, TypeError, ValueError):
        raise InvalidCertificate("a weight of a rule that cannot be read") from None
    return RuleWeights(labels, tuple(map(_packed, truth)), tuple(map(_packed, told)), _packed(objective))


def _empty(
    design: Design, count: int
) -> tuple[list[_Cells | None], list[_Cells | None], _Cells | None]:
    environment = design.environment
    ic: list[_Cells | None] = []
    ir: list[_Cells | None] = []
    for i in range(environment.n):
        shapes: list[_Cells | None] = []
        for notion, reports in ((design.ic_notion, True), (design.ir_notion, False)):
            if notion is None:
                shapes.append(None)
                continue
            states, m = notion.states(environment, i), environment.agents[i].size
            rest = () if states.summed else tuple(np.delete(environment.shape, i))
            first = (1 if notion.worst_state else states.size) if states.summed else count * states.size
            few = reports and not states.summed
            shapes.append(_Cells((first, *((m, m) if reports else (m,)), *rest), few))
        ic.append(shapes[0])
        ir.append(shapes[1])
    when = design.bb.removesuffix("-weak")
    bb = None if when == "none" else _Cells((count,) if when == "ex-ante" else (count, *environment.shape))
    return ic, ir, bb
