"""Outcomes and payoffs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..environment.formulas import Number
from ..exact.enclosed import Enclosed
from ..exact.numbers import Rationals, stack
from .actions import ALL, by_actions
from .context import Context
from .mistakes import brief, near


def read_outcomes(context: Context) -> None:
    """The names of the outcomes: a list, or built in."""
    given = context.file.outcomes
    if context.actions is not None:
        context.outcomes = list(context.actions.labels)
        if given is not None and given != context.outcomes:
            context.report(
                ("outcomes",), "with `actions` the outcomes are the profiles of actions: leave this key out"
            )
        return
    with context.at("outcomes"):
        if isinstance(given, list):
            if not given or not all(isinstance(a, str) for a in given):
                raise ValueError("expected a list of outcome names, as in [keep, trade]")
            if len(set(given)) < len(given):
                raise ValueError(f"two outcomes are named {next(a for a in given if given.count(a) > 1)!r}")
            context.outcomes = list(given)
        else:
            built_in = {
                "trade": ["no-trade", "trade"],
                "public-good": ["not-built", "built"],
                "single-good": ["nobody", *(a.name for a in context.agents)],
            }
            if not isinstance(given, str) or given not in built_in:
                raise ValueError(
                    "expected a list of names, or trade, single-good, graded-good or public-good (or prices), "
                    f"found {brief(given)}" + (near(given, built_in) if isinstance(given, str) else "")
                )
            context.outcomes = built_in[given]


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
    parts = [[zero] * len(context.outcomes) for _ in context.agents]
    said = [list(range(len(context.outcomes))) for _ in context.agents]
    formulas: dict[Any, int] = {}
    with context.at("outcomes"):
        _built_in_payoffs(context, parts)
    payoffs_of = dict(context.file.payoffs)
    if context.actions is not None:
        for i, value in context.per_agent(
            "payoffs", payoffs_of.pop(ALL, {}), lambda v, i: by_actions(context, v, i), ALL
        ).items():
            parts[i] = list(value.broadcast_to((len(context.outcomes), *value.shape[1:])))
    for outcome, payoffs in payoffs_of.items():
        with context.at("payoffs", outcome):
            a = context.outcome(outcome)
            found = context.per_agent(
                "payoffs", payoffs, lambda v, i: (v, context.payoff(v, context.shape, i)), outcome
            )
            for i, (formula, value) in found.items():
                parts[i][a] = value
                if isinstance(formula, str):
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


def _built_in_payoffs(context: Context, parts: list[list[Number]]) -> None:
    kind = context.file.outcomes
    if not isinstance(kind, str):
        if context.file.trade is not None:
            context.report(("trade",), "goes with `outcomes: trade`")
        return

    def value(i: int) -> Rationals:
        own = context.names[context.agents[i].name]
        if not isinstance(own, Rationals):
            raise ValueError(f"{kind} needs numeric types; {context.agents[i].name!r} has labels")
        return own

    if kind == "single-good":
        for i in range(len(context.agents)):
            parts[i][i + 1] = value(i)
    elif kind == "public-good":
        for i in range(len(context.agents)):
            parts[i][1] = value(i)
    else:
        if context.file.trade is None:
            raise ValueError("`outcomes: trade` needs `trade: {seller: NAME, buyer: NAME}`")
        for key, sign in ((context.file.trade.seller, -1), (context.file.trade.buyer, 1)):
            for i in context.members(("trade",), key):
                parts[i][1] = value(i) * sign
