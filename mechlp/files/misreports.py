"""Lies that are possible, and by how much they may pay."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..environment.formulas import Labels, evaluate
from ..exact.numbers import Rationals
from ..question.design import Design
from ..question.misreports import Mask, Misreports
from .context import Context
from .mistakes import Wrong, brief, near


def read_misreports(context: Context) -> tuple[Misreports, ...] | None:
    """One an agent; None where the file says nothing of them.  Mistakes are reported."""
    lists, slack = context.file.may_report, context.file.require.slack
    if not lists and slack is None:
        return None
    told = context.per_agent("may-report", lists, lambda v, i: _possible(context, v, i))
    eased: dict[int, Rationals] = {}
    if isinstance(slack, dict):
        eased = context.per_agent("require", slack, lambda v, i: _table(context, v, i), "ic", "slack")
    elif slack is not None:
        with context.at("require", "ic", "slack"):
            eased = {i: _table(context, slack, i) for i in range(len(context.agents))}
    out = []
    for i, agent in enumerate(context.agents):
        with context.at("require", "ic", "slack"):
            out.append(Misreports.of(agent.size, told.get(i), eased.get(i, 0)))
    return tuple(out) if len(out) == len(context.agents) else None


def _possible(context: Context, value: Any, agent: int) -> Mask:
    """A formula, or the reports of each type by name; the own type always can be reported."""
    own = context.agents[agent]
    if isinstance(value, dict):
        mask = np.zeros((own.size, own.size), dtype=bool)
        for label, reports in value.items():
            if not isinstance(reports, list):
                raise Wrong((label,), f"expected a list of types, found {brief(reports)}")
            for report in reports:
                mask[_type(own.types, label), _type(own.types, report)] = True
        missing = [label for label in own.types if label not in value]
        if missing:
            raise ValueError(f"what can type {missing[0]} report? give a list for every type")
    else:
        mask = np.array(_table(context, value, agent) != 0)
    return mask | np.eye(own.size, dtype=bool)


def _type(types: tuple[str, ...], label: Any) -> int:
    if label not in types:
        raise ValueError(f"no type is {brief(label)}{near(str(label), types)}")
    return types.index(label)


def _table(context: Context, value: Any, agent: int) -> Rationals:
    """A formula of the own type and ``report``, or nested lists ``(type, report)``."""
    size = context.agents[agent].size
    if not isinstance(value, str):
        return context.table(value, (size, size))
    own = context.agents[agent]
    whole = own.types if own.values is None else own.values
    names: dict[str, Any] = dict(context.constants())
    alike = [g for g, members in context.groups.items() if agent in members]
    for name, column in ((own.name, whole), *own.parts()):
        for spelled in (own.name, *alike):
            names[spelled + name[len(own.name) :]] = _along(spelled, column, (size, 1))
        names["report" + name[len(own.name) :]] = _along("report", column, (1, size))
    return evaluate(value, names).broadcast_to((size, size))


def _along(name: str, column: Any, shape: tuple[int, int]) -> Any:
    if isinstance(column, Rationals):
        return column.reshape(shape)
    return Labels(name, np.array(column, dtype=object).reshape(shape))


def document_of_misreports(design: Design, document: dict[str, Any]) -> None:
    """Adds what a design says of lies to its document, as lists and tables."""
    if design.misreports is None:
        return
    both = list(zip(design.environment.agents, design.misreports, strict=True))
    eased = {a.name: m.slack.texts() for a, m in both if np.any(m.slack.numerator)}
    told = {
        a.name: {t: [a.types[r] for r in np.flatnonzero(m.possible[k])] for k, t in enumerate(a.types)}
        for a, m in both
        if not m.possible.all()
    }
    if eased:
        document["require"] = {**document["require"], "ic": {"notion": design.ic, "slack": eased}}
    if told:
        document["may-report"] = told


__all__ = ["document_of_misreports", "read_misreports"]
