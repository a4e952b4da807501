"""Problem files about types that fill a box (`continuum: true` under beliefs): the types listed are the ends of its cells."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..environment.box import Axis, Box
from ..environment.model import Agent
from ..environment.symmetric import MAX_COPIES
from ..exact.numbers import text
from ..question.box import BoxDesign
from .context import Context
from .mistakes import Wrong
from .priors import read_over, rescaling
from .schema import GoodsSpec, Prior, Types
from .symmetric import why_not
from .types import MAX_DIMENSIONS, read_types


def box_design(context: Context) -> BoxDesign | None:
    """The design of a file with `continuum: true`; mistakes are reported to the context."""
    file = context.file
    reason = why_not(file, continuum=True)
    if reason is not None:
        context.report(reason[:1], f"certified ends for a continuum of types take {reason[1]}")
        return None
    ((name, spec),) = file.agents.items()
    found: BoxDesign | None = None
    with context.at("agents", name):
        if name in context.parameters:
            raise ValueError(f"{name!r} is both an agent and a parameter")
        copies = context.whole(spec.copies or "1", "copies", MAX_COPIES)
        ends = _ends(context, spec.types)
        assert file.beliefs is not None and file.beliefs.prior is not None
        with context.at("beliefs", "prior"):
            axes = _axes(context, file.beliefs.prior, name, ends)
            environment = Box(name, copies, axes, file.outcomes == "goods", file.title, context.parameters)
            found = BoxDesign(environment)
    return found


def _ends(context: Context, types: Types) -> dict[str, list[Fraction]]:
    """Where the cells of each grade or good begin and end."""
    if types.coordinates is not None:
        ends = {axis: read_types(context, own) for axis, own in types.coordinates.items()}
    else:
        grid = read_types(context, types)
        count = (
            1 if types.dimensions is None else context.whole(types.dimensions, "dimensions", MAX_DIMENSIONS)
        )
        ends = dict.fromkeys(_names(context.file.goods, context.file.outcomes, count), grid)
    for axis, values in ends.items():
        if not all(isinstance(v, Fraction) for v in values) or len(values) < 2:
            raise ValueError(f"{_of_axis(axis, ends)}the ends of its cells are at least two numbers")
        steps = {b - a for a, b in itertools.pairwise(values)}
        if len(steps) > 1 or min(steps) <= 0:
            raise ValueError(f"{_of_axis(axis, ends)}cells of equal width are needed, so types that rise by equal steps")
    return ends


def _of_axis(axis: str, ends: Mapping[str, Any]) -> str:
    """Which of several axes a message is about."""
    return f"{axis}: " if len(ends) > 1 else ""


def _names(goods: GoodsSpec | None, outcomes: Any, count: int) -> list[str]:
    items = None if goods is None else goods.items
    if isinstance(items, list):
        if len(items) != count or len(set(items)) < count:
            raise ValueError(f"{len(items)} goods, and types with {count} dimension(s)")
        return [str(item) for item in items]
    return [f"{'good' if outcomes == 'goods' else 'grade'}{k + 1}" for k in range(count)]


def _axes(context: Context, spec: Prior, name: str, ends: dict[str, list[Fraction]]) -> tuple[Axis, ...]:
    given = "uniform" if spec.product is None else spec.product[name]
    apart = isinstance(given, dict) and not set(given) & {"family", "weights"}
    if apart and set(given) != set(ends):
        raise Wrong(
            ("product", name), f"a distribution for each of {', '.join(ends)}, found {', '.join(given)}"
        )
    found = []
    for axis, values in ends.items():
        own: Any = given[axis] if isinstance(given, dict) and apart else given
        middles = [(a + b) / 2 for a, b in itertools.pairwise(values)]
        if (own.get("family") if isinstance(own, dict) else own) == "trapezoid":
            raise Wrong(
                ("product", name),
                "trapezoid weighs points; a density that is constant from one end to the other is `uniform`",
            )
        if isinstance(own, list) and len(own) != len(middles):
            raise Wrong(
                ("product", name), f"{_of_axis(axis, ends)}{len(middles)} probabilities, one a cell, found {len(own)}"
            )
        about = f"the marginal of {axis}" if len(ends) > 1 else f"the distribution of {name}"
        masses = read_over(context, own, Agent.of(name, middles), about, rescaling(context, spec))
        found.append(Axis(axis, values[0], values[-1], tuple(masses.fractions())))
    return tuple(found)


def document_of_box(design: BoxDesign) -> dict[str, Any]:
    """The document that a design was read from, or one that reads back to it."""
    if design.document is not None:
        return dict(design.document)
    box = design.environment
    spec: dict[str, Any] = {"types": {axis.name: [text(end) for end in axis.ends] for axis in box.axes}}
    return {
        "title": box.title,
        "agents": {box.agent: {**spec, "copies": str(box.copies)} if box.copies > 1 else spec},
        "outcomes": "goods" if box.goods else "graded-good",
        "beliefs": {
            "prior": {
                "product": {box.agent: {axis.name: [text(m) for m in axis.masses] for axis in box.axes}}
            },
            "continuum": "true",
        },
        "allocation": "chosen",
        "require": {"ic": "bayesian", "ir": "interim", "bb": "none"},
        "objective": "revenue",
    }
