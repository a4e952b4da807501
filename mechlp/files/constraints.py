"""Requirements of one's own: named linear forms in chances, transfers and payoffs, with a bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, stack, text
from ..question.constraints import Constraint, Sense
from ..question.premises import InvalidDesign
from .actions import ALL, by_actions
from .context import Context
from .mistakes import near
from .schema import ConstraintSpec

SIDES: dict[str, Sense] = {"at_least": ">=", "at_most": "<=", "equals": "="}


def read_constraints(context: Context, environment: Environment) -> tuple[Constraint, ...]:
    """The constraints of a file; mistakes are reported under their names."""
    out = []
    for name, spec in context.file.constraints.items():
        before = len(context.problems)
        with context.at("constraints", name):
            found = _constraint(context, environment, name, spec)
            if len(context.problems) == before:
                try:
                    found.rows(environment)
                except InvalidDesign as error:
                    raise ValueError(str(error).removeprefix(f"constraint {name!r}: ")) from None
                out.append(found)
    return tuple(out)


def _constraint(context: Context, environment: Environment, name: str, spec: ConstraintSpec) -> Constraint:
    sides = [side for side in SIDES if getattr(spec, side) is not None]
    if len(sides) != 1:
        raise ValueError("give exactly one of at-least, at-most and equals")
    if spec.allocation is None and spec.transfers is None and spec.payoffs is None:
        raise ValueError("a constraint needs coefficients: allocation, transfers or payoffs")
    names = [a.name for a in context.agents]
    if spec.each not in ("profile", "expected", *names):
        known = ["profile", "expected", *names]
        raise ValueError(
            f"each: {spec.each!r} is not one of {', '.join(known)}{near(spec.each, known, known=False)}"
        )
    if spec.where is not None and spec.each != "profile":
        raise ValueError("where: picks profiles, so it goes with each: profile")
    allocation = on_outcomes(context, spec.allocation or {})
    transfers = _on_transfers(context, name, spec.transfers)
    if spec.payoffs is not None:
        if not environment.exact:
            raise ValueError("payoffs are irrational here: give coefficients on chances instead")
        shares = _by_agent(context, name, "payoffs", spec.payoffs)
        for i, own in shares.items():
            share = environment.as_written(i, own)
            allocation = allocation + environment.utility[i] * share
            transfers[i] = transfers[i] + share
    given = getattr(spec, sides[0])
    return Constraint(
        name,
        SIDES[sides[0]],
        _bound(context, given, spec.each),
        allocation,
        tuple(transfers[i].broadcast_to(context.shape) for i in range(len(names))),
        spec.each,
        None if spec.where is None else np.asarray(context.table(spec.where, context.shape) != 0, dtype=bool),
    )


def _bound(context: Context, value: Any, each: str) -> Rationals:
    if each == "profile":
        return context.table(value, context.shape)
    if each == "expected":
        if not isinstance(value, str):
            raise ValueError("the bound of an expectation is one number")
        return Rationals.of(context.constant(value))
    return context.own(value, [a.name for a in context.agents].index(each))


def on_outcomes(context: Context, given: Mapping[str, Any]) -> Rationals:
    """Coefficients on the chances of outcomes, ``(|A|, *Theta)``: by outcome or family of outcomes, what is left out is 0."""
    parts, given = [Rationals.zeros(context.shape)] * len(context.outcomes), dict(given)
    if context.actions is not None and ALL in given:
        parts = list(by_actions(context, given.pop(ALL)).broadcast_to((len(parts), *context.shape)))
    for outcome, value in given.items():
        for a, coefficients in context.by_outcome(outcome, value):
            parts[a] = coefficients.broadcast_to(context.shape)
    return stack(parts)


def _on_transfers(context: Context, name: str, given: dict[str, Any] | None) -> list[Rationals]:
    found = _by_agent(context, name, "transfers", given or {})
    return [found.get(i, Rationals.of(0)) for i in range(len(context.agents))]


def _by_agent(context: Context, name: str, key: str, given: dict[str, Any]) -> dict[int, Rationals]:
    return context.per_agent(
        "constraints",
        given,
        lambda v, i: context.table(v, context.shape, i).broadcast_to(context.shape),
        name,
        key,
    )


def document_of_constraints(environment: Environment, constraints: tuple[Constraint, ...]) -> dict[str, Any]:
    """Constraints as tables, in the format of a problem file."""
    sides = {sense: side.replace("_", "-") for side, sense in SIDES.items()}
    out: dict[str, Any] = {}
    for one in constraints:
        entry: dict[str, Any] = {"each": one.each, sides[one.sense]: _shown(one, environment)}
        shape = environment.shape
        if one.allocation is not None:
            whole = one.allocation.broadcast_to((len(environment.outcomes), *shape))
            entry["allocation"] = {a: whole[k].texts() for k, a in enumerate(environment.outcomes)}
        if one.transfers is not None:
            shares = zip(environment.agents, one.transfers, strict=True)
            entry["transfers"] = {a.name: t.broadcast_to(shape).texts() for a, t in shares}
        if one.where is not None:
            entry["where"] = np.broadcast_to(one.where, shape).astype(int).astype(str).tolist()
        out[one.name] = entry
    return out


def _shown(one: Constraint, environment: Environment) -> Any:
    if one.each == "expected":
        return text(one.bound.item())
    if one.each == "profile":
        return one.bound.broadcast_to(environment.shape).texts()
    size = environment.agents[[a.name for a in environment.agents].index(one.each)].size
    return one.bound.broadcast_to((size,)).texts()
