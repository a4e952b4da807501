"""Which requirements bind at an optimum, what each gains by giving way, and what it costs to ask more of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from rich.console import RenderableType
from rich.table import Table

from ..answer.answer import Answer
from ..mechanism.audit import requirements
from ..mechanism.relaxed import Relaxed
from ..proof.rates import Judge, OneSided, Rate, Rates, name_of, on, weights, with_weight
from ..question.design import Design
from .cases import HINT, cases_in_words
from .tables import MAX_ROWS, MULTIPLIERS, number, plain, table

RATES = (
    "Per unit by which a requirement alone (or those named together) gives way, or is asked more strictly; exact up to the "
    "size that the saved answer gives. A unit of IC or IR is one of the type's payoff, of BB and limits one of money."
)
TOTALS = "lottery"
#: Requirements that are looked at once more to count those that hold with equality.
MANY = 2_000_000


def binding_parts(answer: Answer, limit: int) -> list[RenderableType]:
    """Rates where they were examined, the multipliers of the proof where they were not."""
    design, proof, rates = answer.design, answer.proof, answer.rates or Rates()
    if proof is None or answer.status == "bracket":
        return why_no_more(rates)
    if proof.multipliers is None:
        full = limit > MAX_ROWS
        by = f"{proof.leaves():,} cases, each with multipliers of its own"
        if proof.dominance is not None and proof.dominance.multipliers is not None:
            by = "multipliers on dominance, which is IC here"
        written = cases_in_words(design, proof, full) if full else []
        return [plain(f"Proved by {by}{'.' if full else HINT}"), *map(plain, written), *why_no_more(rates)]
    _, arrays = weights(design, proof.multipliers)
    totals = arrays.pop(TOTALS, None)
    weighted = sum(int(np.count_nonzero(a.numerator)) for a in arrays.values())
    shown = [one for one in rates.examined if one.relaxed.keys != (TOTALS,) or limit > MAX_ROWS]
    told = {one.relaxed for one in rates.examined}
    left = [(one, on(arrays, one)) for one in with_weight(arrays, limit) if one not in told]
    binding = _binding(answer)
    if not weighted and not shown and binding == 0:
        return [plain("No requirement binds."), *why_no_more(rates)]
    parts: list[RenderableType] = []
    if shown:
        parts += [rates_table(answer.judge, shown, limit), plain(RATES, "dim"), *_ranked(design)]
    if len(shown) < len(rates.examined) and totals is not None:
        parts.append(plain("What one more unit of chance is worth at each profile: --full.", "dim"))
    if left:
        parts += [_left(design, left, limit), plain(MULTIPLIERS, "dim"), *([] if shown else _ranked(design))]
    parts += why_no_more(rates)
    if binding is not None and (more := binding - weighted) > 0:
        which = f"{more:,}{' more' if weighted else ''} requirement{'s hold' if more > 1 else ' holds'}"
        parts.append(plain(f"{which} with equality; relaxing one of them alone gains nothing."))
    return parts


def why_no_more(rates: Rates) -> list[RenderableType]:
    """Why there are no more, or none."""
    return [plain(f"One-sided rates: {rates.why}.", "dim")] if rates.why else []


def _ranked(design: Design) -> list[RenderableType]:
    if design.evaluation is None or design.evaluation.paid:
        return []
    return [plain("What IC compares is the chance of the outcomes named.", "dim")]


def _binding(answer: Answer) -> int | None:
    """How many requirements hold with equality at the mechanism, truth as its own lie and the chances' total aside; None where
    there are too many to look at again."""
    if answer.audit is not None and sum(answer.audit.checked.values()) > MANY:
        return None
    count = 0
    for _, _, slack, _, about in requirements(answer.rules, answer.design):
        if about is None or about.key == TOTALS:
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


def rates_table(judge: Judge, rates: Sequence[Rate], limit: int) -> Table:
    """What relaxing each requirement gains, and what tightening it costs."""
    shown = table("requirement", "relaxing gains", "tightening costs", title="Binding requirements, per unit")
    for one in sorted(rates, key=_size)[:limit]:
        shown.add_row(judge.name(one.relaxed), *map(_side, (one.relaxing, one.tightening)))
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


__all__ = ["RATES", "binding_parts", "rates_table", "why_no_more"]
