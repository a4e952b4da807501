"""Allocation rules, and a mechanism to be examined."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, stack
from ..question.named import first_efficient, named_mechanism
from .context import Context
from .mistakes import Wrong
from .schema import AllocationSpec, Given


def read_allocation(context: Context, environment: Environment, spec: AllocationSpec) -> str | Rationals:
    """A name for the solver to follow, or chances of outcomes of shape ``(|A|, *Theta)``."""
    given = [k for k in ("named", "table", "lottery", "rule") if getattr(spec, k) is not None]
    if len(given) != 1:
        raise ValueError("give exactly one of a name (efficient, ...), table, lottery or rule")
    if spec.named is not None:
        return str(spec.named)
    if spec.table is not None:
        return _allocation_table(context, spec.table)
    entries = spec.lottery or spec.rule or {}
    parts = [Rationals.zeros(context.shape)] * len(context.outcomes)
    left = np.ones(context.shape, dtype=bool)
    cells = [cell for outcome, value in entries.items() for cell in context.by_outcome(outcome, value)]
    for a, value in cells:
        part = value.broadcast_to(context.shape)
        if spec.rule is not None:
            chosen = (part != 0) & left
            left &= ~chosen
            part = Rationals(chosen.astype(np.int64))
        parts[a] = part
    if spec.rule is not None and bool(left.any()):
        where = environment.profile_label(tuple(map(int, np.argwhere(left)[0])))
        raise ValueError(
            f"no condition of the rule holds at ({where}); end with an outcome whose condition is 1"
        )
    return stack(parts)


def _allocation_table(context: Context, value: Any) -> Rationals:
    picked: list[int] = []
    try:
        context.cells(value, context.shape, (), picked, context.outcome)
    except Wrong as wrong:
        raise Wrong(("table", *wrong.path), str(wrong)) from None
    grid = np.array(picked).reshape(context.shape)
    return Rationals(
        (grid[None] == np.arange(len(context.outcomes)).reshape(-1, *[1] * grid.ndim)).astype(np.int64)
    )


def read_given(
    context: Context, environment: Environment, spec: Given, *where: str
) -> tuple[Rationals, Rationals] | None:
    """The mechanism to be examined: by name, or from its parts; ``where`` it stands, ``given`` unless said."""
    where = where or ("given",)
    if spec.mechanism is not None:
        return _named(context, environment, spec)
    if spec.numbers:
        context.report((*where, "numbers"), "goes with given.mechanism")
    allocation: Any = None
    with context.at(*where, "allocation"):
        allocation = read_allocation(context, environment, spec.allocation)
        if isinstance(allocation, str):
            allocation = _certain(environment, allocation)
        wrong = ~np.asarray(allocation.sum(axis=0) == 1) | np.any(allocation < 0, axis=0)
        if bool(wrong.any()):
            cell = environment.profile_label(tuple(map(int, np.argwhere(wrong)[0])))
            raise ValueError(f"the probabilities at ({cell}) are not a lottery: at least 0, and 1 in all")
    found = context.per_agent(
        where[0],
        spec.transfers,
        lambda v, i: context.table(v, context.shape, i).broadcast_to(context.shape),
        *where[1:],
        "transfers",
    )
    if allocation is None:
        return None
    nothing = Rationals.zeros(context.shape)
    return allocation, stack([found.get(i, nothing) for i in range(len(context.agents))])


def _named(context: Context, environment: Environment, spec: Given) -> tuple[Rationals, Rationals] | None:
    if spec.given - {"mechanism", "numbers"}:
        context.report(("given",), "give either mechanism (and its numbers), or allocation and transfers")
        return None
    numbers = {}
    for name, value in spec.numbers.items():
        with context.at("given", "numbers", name):
            numbers[name] = context.constant(value)
    with context.at("given", "mechanism"):
        return named_mechanism(environment, str(spec.mechanism), numbers)
    return None


def _certain(environment: Environment, name: str) -> Rationals:
    """The allocation that a name means, where it is one rule.  Raises ValueError."""
    if name == "efficient-first" or (
        name == "efficient" and bool(np.all(environment.efficient.sum(axis=0) == 1))
    ):
        return first_efficient(environment)
    if name == "efficient":
        raise ValueError(
            "some profiles have several efficient outcomes, and the rule is one: efficient-first"
        )
    raise ValueError(
        f"a mechanism to be examined is one rule, and {name!r} is none: give efficient-first, a table, a lottery or a rule"
    )
