"""Which requirements bind at an optimum, what each gains by giving way, and what it costs to ask more of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from rich.console import RenderableType
from rich.table import Table

from ..answer.answer import Answer
from ..mechanism.audit import requirements
from ..mechanism.relaxed import Relaxed
from ..proof.rates import OneSided, Rate, Rates, name_of, weights, with_weight
from ..question.design import Design
from .tables import MAX_ROWS, MULTIPLIERS, number, plain, table

RATES = (
    "Per unit by which a requirement alone (or those named together) gives way, or is asked more strictly; exact up to the "
    "size that the saved answer gives. A unit of IC or IR is one of the type's payoff, of BB and limits one of money."
)
TOTALS = ("lottery",)


def binding_parts(answer: Answer, limit: int) -> list[RenderableType]:
    """Rates where they were examined, the multipliers of the proof where they were not."""
    design, proof = answer.design, answer.proof
    if proof is None:
        return []
    why = "" if answer.rates is None else answer.rates.why
    if proof.multipliers is None:
        said = f"Proved by {proof.leaves()} cases, each with multipliers of its own."
        return [plain(said), *_why(why)]
    y, rates = proof.multipliers, answer.rates or Rates()
    binding = _binding(answer)
    left = [(one, value) for one, value in rates.left(design, y) if one.keys != TOTALS]
    shown = [one for one in rates.examined if one.relaxed.keys != TOTALS or limit > MAX_ROWS]
    totals = len(rates.examined) - len(shown)
    if not binding and not left and not shown:
        return [plain("No requirement binds."), *_why(why)]
    parts: list[RenderableType] = []
    if shown:
        parts += [_rates(design, shown, limit), plain(RATES, "dim"), *_ranked(design)]
        if totals:
            parts.append(
                plain(f"What one more unit of chance is worth at {totals:,} profiles: --full.", "dim")
            )
    if left:
        parts += [_left(design, left, limit), plain(MULTIPLIERS, "dim"), *([] if shown else _ranked(design))]
    parts += _why(why)
    weighted = sum(1 for one in with_weight(weights(design, y)) if one.keys != TOTALS)
    if (more := binding - weighted) > 0:
        others = "" if not weighted else " more"
        verb = "requirement holds" if more == 1 else "requirements hold"
        parts.append(
            plain(f"{more:,}{others} {verb} with equality; relaxing one of them alone gains nothing.")
        )
    return parts


def _why(why: str) -> list[RenderableType]:
    return [plain(f"One-sided rates: {why}.", "dim")] if why else []


def _ranked(design: Design) -> list[RenderableType]:
    if design.evaluation is None or design.evaluation.paid:
        return []
    return [plain("What IC compares is the chance of the outcomes named.", "dim")]


def _binding(answer: Answer) -> int:
    """How many requirements hold with equality at the mechanism, truth as its own lie and the chances' total aside."""
    count = 0
    for _, _, slack, _, about in requirements(answer.rules, answer.design):
        if about is None or (about.key,) == TOTALS:
            continue
        if answer.design.transfers == "none" and about.key.startswith(("least", "most")):
            continue
        equal = slack.numerator == 0
        if about.first is not None:
            assert about.types is not None
            truthful = about.types[:, None] == np.arange(about.first, about.first + slack.shape[2])[None]
            equal = equal & ~truthful.reshape(1, *truthful.shape, *(1,) * (slack.ndim - 3))
        count += int(np.count_nonzero(equal))
    return count


def _rates(design: Design, rates: list[Rate], limit: int) -> Table:
    shown = table("requirement", "relaxing gains", "tightening costs", title="Binding requirements, per unit")
    for one in sorted(rates, key=_size)[:limit]:
        shown.add_row(name_of(design, one.relaxed), *map(_side, (one.relaxing, one.tightening)))
    if len(rates) > limit:
        shown.add_row(f"... {len(rates) - limit:,} more (--full)", "", "")
    return shown


def _size(one: Rate) -> tuple[Fraction, bool, Fraction]:
    """Larger gains first, then larger costs."""
    gains = one.multiplier if one.relaxing is None or one.relaxing.rate is None else one.relaxing.rate
    costs = one.tightening
    known = Fraction(0) if costs is None or costs.rate is None else costs.rate
    return -gains, costs is None or costs.rate is not None, -known


def _side(side: OneSided | None) -> str:
    """``1/3 (0.333333333)``"""
    if side is None:
        return "not examined"
    return "impossible" if side.rate is None else number(side.rate)


def _left(design: Design, left: list[tuple[Relaxed, Fraction]], limit: int) -> Table:
    shown = table("requirement", "multiplier", title="Multipliers of the proof")
    for one, value in sorted(left, key=lambda row: -abs(row[1]))[:limit]:
        shown.add_row(name_of(design, one), number(value))
    if len(left) > limit:
        shown.add_row(f"... {len(left) - limit:,} more (--full)", "")
    return shown


__all__ = ["binding_parts"]
