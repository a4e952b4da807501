"""Outcomes and payoffs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..environment.formulas import Number
from ..environment.model import MAX_CELLS
from ..exact.enclosed import Enclosed
from ..exact.numbers import Rationals, rational, stack
from .actions import ALL, by_actions
from .context import Context, Family
from .mistakes import Path, Wrong, brief, near
from .schema import Types
from .types import read_types, size_of

#: Most outcomes of families together.
MAX_OUTCOMES = 100_000
BUILT_IN = ("trade", "single-good", "graded-good", "public-good", "goods", "prices")


def read_outcomes(context: Context) -> None:
    """The names of the outcomes: a list, families with numbers of their own, or built in."""
    given = context.file.outcomes
    if context.actions is None and context.file.actions is not None:
        return  # what is wrong with them is said
    if context.actions is not None:
        context.outcomes = list(context.actions.labels)
        if given is not None and given != context.outcomes:
            context.report(
                ("outcomes",), "with `actions` the outcomes are the profiles of actions: leave this key out"
            )
        return
    for key, kind in (("trade", "trade"), ("goods", "goods")):
        if getattr(context.file, key) is not None and given != kind:
            context.report((key,), f"goes with `outcomes: {kind}`")
    with context.at("outcomes"):
        if isinstance(given, Mapping):
            _read_families(context, given)
        elif isinstance(given, list):
            if not given or not all(isinstance(a, str) for a in given):
                raise ValueError("expected a list of outcome names, as in [keep, trade]")
            if len(set(given)) < len(given):
                raise ValueError(f"two outcomes are named {next(a for a in given if given.count(a) > 1)!r}")
            context.outcomes = list(given)
        elif given == "goods":
            from .goods import read_goods

            read_goods(context)
        else:
            _read_built_in(context, given)


def _read_built_in(context: Context, given: Any) -> None:
    built_in = {
        "trade": ["no-trade", "trade"],
        "public-good": ["not-built", "built"],
        "single-good": ["nobody", *(a.name for a in context.agents)],
    }
    if not isinstance(given, str) or given not in built_in:
        raise ValueError(
            "expected a list of names, families of outcomes, or trade, single-good, graded-good or public-good, goods or prices, "
            f"found {brief(given)}" + (near(given, BUILT_IN) if isinstance(given, str) else "")
        )
    context.outcomes = built_in[given]
    context.ready = _built_in_payoffs(context, given)


def _built_in_payoffs(context: Context, kind: str) -> list[list[Rationals]]:
    def value(i: int) -> Rationals:
        own = context.names[context.agents[i].name]
        if not isinstance(own, Rationals):
            raise ValueError(f"{kind} needs numeric types; {context.agents[i].name!r} has labels")
        return own

    agents = range(len(context.agents))
    parts = [[Rationals.of(0)] * len(context.outcomes) for _ in agents]
    if kind in ("single-good", "public-good"):
        for i in agents:
            parts[i][i + 1 if kind == "single-good" else 1] = value(i)
        return parts
    if context.file.trade is None:
        raise ValueError("`outcomes: trade` needs `trade: {seller: NAME, buyer: NAME}`")
    for key, sign in ((context.file.trade.seller, -1), (context.file.trade.buyer, 1)):
        for i in context.members(("trade",), key):
            parts[i][1] = value(i) * sign
    return parts


def _read_families(context: Context, given: Mapping[str, Any]) -> None:
    """``sell: {quality: [1, 2]}`` is two outcomes, in whose payoffs `quality` is a number; ``keep: {}`` is one."""
    specs: dict[str, dict[str, Types]] = {}
    for name, value in given.items():
        if value not in ("", {}) and not isinstance(value, Mapping):
            raise Wrong(
                (name,), f"expected numbers, as in {{quality: [1, 2, 3]}}, or {{}}, found {brief(value)}"
            )
        specs[name] = {}
        for number, values in (value or {}).items():
            path = ("outcomes", name, number)
            if not number.isidentifier() or number in context.names or number in context.groups:
                raise Wrong(
                    path[1:],
                    f"{number!r} cannot be a number of outcomes: it means something already, or is no name",
                )
            specs[name][number] = _shape(values, path)
    count = sum(math.prod(size_of(context, s) for s in numbers.values()) for numbers in specs.values())
    profiles = math.prod(context.shape)
    if count > MAX_OUTCOMES or count * profiles > MAX_CELLS:
        raise ValueError(
            f"{count:,} outcomes x {profiles:,} type profiles; at most {MAX_OUTCOMES:,} outcomes and {MAX_CELLS:,} cells are "
            "accepted"
        )
    for name, numbers in specs.items():
        _read_family(context, name, numbers)


def _shape(values: Any, path: Path) -> Types:
    def refuse(at: Path, said: str) -> None:
        raise Wrong(at[1:], said)

    spec: Types = Types.read(values, path, refuse)
    return spec


def _read_family(context: Context, name: str, specs: Mapping[str, Types]) -> None:
    axes: dict[str, list[Any]] = {}
    for number, spec in specs.items():
        try:
            axes[number] = read_types(context, spec)
            if len(set(axes[number])) < len(axes[number]):
                raise ValueError("a number appears twice")
            axes[number] = [rational(v) for v in axes[number]]
        except ValueError as error:
            raise Wrong((name, number, *getattr(error, "path", ())), str(error)) from None
    start = len(context.outcomes)
    points = list(itertools.product(*axes.values()))
    for point in points:
        said = ", ".join(f"{n}={v}" for n, v in zip(axes, point, strict=True))
        context.outcomes.append(f"{name}({said})" if said else name)
    if axes:
        columns = zip(axes, zip(*points, strict=True), strict=True)
        numbers = {n: Rationals.of(list(column)) for n, column in columns}
        context.families[name] = Family(range(start, len(context.outcomes)), numbers)


@dataclass(frozen=True)
class Payoffs:
    """Payoffs as an environment takes them, one array an agent: their ends (which coincide where they are exact), and which
    outcomes are worth the same number because one formula says both."""

    low: tuple[Rationals, ...]
    high: tuple[Rationals, ...]
    alike: tuple[tuple[int, ...], ...] = ()

    @property
    def above(self) -> tuple[Rationals, ...] | None:
        """The upper ends; None where all payoffs are exact."""
        return None if all(a is b for a, b in zip(self.low, self.high, strict=True)) else self.high


def read_utility(context: Context) -> Payoffs:
    """Shapes ``(|A|, *Theta)``."""
    zero: Number = Rationals.of(0)
    ready: Sequence[Sequence[Number]] = context.ready or [
        [zero] * len(context.outcomes) for _ in context.agents
    ]
    parts = [list(own) for own in ready]
    said = [list(range(len(context.outcomes))) for _ in context.agents]
    formulas: dict[Any, int] = {}
    payoffs_of = dict(context.file.payoffs)
    if context.actions is not None:
        for i, value in context.per_agent(
            "payoffs", payoffs_of.pop(ALL, {}), lambda v, i: by_actions(context, v, i), ALL
        ).items():
            parts[i] = list(value.broadcast_to((len(context.outcomes), *value.shape[1:])))
    for outcome, payoffs in payoffs_of.items():
        with context.at("payoffs", outcome):
            if outcome not in context.families:
                context.outcome(outcome)

            def read(value: Any, i: int, outcome: str = outcome) -> tuple[Any, list[tuple[int, Number]]]:
                return value, context.payoff_by_outcome(outcome, value, i)

            for i, (formula, cells) in context.per_agent("payoffs", payoffs, read, outcome).items():
                for a, value in cells:
                    parts[i][a] = value
                    if isinstance(formula, str) and outcome not in context.families:
                        said[i][a] = formulas.setdefault(formula, len(context.outcomes) + len(formulas))
    ends = [_stacked(context, own) for own in parts]
    return Payoffs(
        tuple(e.low for e in ends), tuple(e.high for e in ends), tuple(tuple(labels) for labels in said)
    )


def read_outside(context: Context) -> Payoffs:
    """Outside options, shapes that broadcast to the type grid."""
    given = context.per_agent("outside", context.file.outside, context.own_or_profile)
    zero = Enclosed.of(Rationals.of(0))
    ends = [given.get(i, zero) for i in range(len(context.agents))]
    return Payoffs(tuple(e.low for e in ends), tuple(e.high for e in ends))


def _stacked(context: Context, parts: Sequence[Number]) -> Enclosed:
    both = [Enclosed.of(part) for part in parts]
    shape = np.broadcast_shapes((1,) * len(context.shape), *(b.low.shape for b in both))
    whole = (len(parts), *context.shape)
    exact = all(isinstance(part, Rationals) for part in parts)
    low = stack([b.low.broadcast_to(shape) for b in both]).broadcast_to(whole)
    return Enclosed(
        low, low if exact else stack([b.high.broadcast_to(shape) for b in both]).broadcast_to(whole)
    )
