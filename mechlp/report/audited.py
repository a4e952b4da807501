"""The page of an audited mechanism."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from ..mechanism.findings import Findings, Worst
from ..study.audits import Audited
from .tables import GRID, MAX_ROWS, number, plain, table


def audited_page(found: Audited, title: str, *, full: bool = False) -> RenderableType:
    """The verdict, the largest gain of each type with its lie, IR shortfalls, the budget, the value and the best one."""
    limit, seen = 10**9 if full else MAX_ROWS, found.findings
    said = "ALL REQUIREMENTS HOLD" if seen.audit.passed else "SOME REQUIREMENTS FAIL"
    parts: list[RenderableType] = [
        plain(title or "untitled", "bold"),
        plain(f"{said}  [exact]", "bold green" if seen.audit.passed else "bold red"),
        plain(f"{seen.audit}."),
        Text(),
    ]
    parts += _worst(seen, "The largest gain from lying, type by type", "gains", seen.gains, limit)
    parts += _worst(
        seen, "By how much truth falls short of the outside option", "falls short by", seen.shortfalls, limit
    )
    parts += _budget(seen, limit)
    parts += [Text(), *map(plain, _value(found)), plain(GRID)]
    return Group(*parts)


def _worst(seen: Findings, title: str, what: str, rows: Sequence[Worst], limit: int) -> list[RenderableType]:
    if not rows:
        return []
    shown = table("agent", "type", what, "requirement", title=title)
    for row in rows[:limit]:
        agent = seen.design.environment.agents[row.agent]
        shown.add_row(agent.name, agent.types[row.type], _amount(row.amount), row.where)
    return [shown, *([plain(f"... {len(rows) - limit} more (--full)")] if len(rows) > limit else [])]


def _amount(amount: Fraction) -> str:
    if amount > 0:
        return number(amount)
    return f"nothing ({number(-amount)} to spare)" if amount else "nothing"


def _budget(seen: Findings, limit: int) -> list[RenderableType]:
    environment = seen.design.environment
    out: list[RenderableType] = []
    for k, budget in enumerate(seen.budget):
        if bool(np.all(budget == budget.max())):
            out.append(plain(f"The agents pay {number(budget.max())} in all at every profile."))
            continue
        rule = f" under rule {k + 1}" if len(seen.budget) > 1 else ""
        shown = table(*(a.name for a in environment.agents), "pay in all", title=f"Budget{rule}")
        profiles = list(np.ndindex(*environment.shape))
        for profile in profiles[:limit]:
            types = [a.types[t] for a, t in zip(environment.agents, profile, strict=True)]
            shown.add_row(*types, number(budget[profile]))
        out.append(shown)
        if len(profiles) > limit:
            out.append(plain(f"... {len(profiles) - limit} more (--full)"))
    return out


def _value(found: Audited) -> Iterator[str]:
    kind = found.findings.design.wants.kind
    if found.value is None:
        return
    yield f"{kind} of this mechanism: {number(found.value)}."
    if found.best is None:
        return
    if found.best.status == "infeasible":
        yield "No mechanism meets the requirements of the file (`mechlp solve` proves it)."
    elif found.distance is None:
        yield f"The best that meets the requirements: {found.best.status}."
    elif found.distance >= 0:
        share = _share(found.value, found.best.value)
        away = f"this one is {number(found.distance)} away{share}"
        yield f"The best that meets the requirements: {number(found.best.value)}; {away}."
    else:
        better = f"{number(found.best.value)}; this one is {number(-found.distance)} better, since it breaks some of them"
        yield f"The best that meets the requirements: {better}."


def _share(value: Fraction, best: Fraction | None) -> str:
    return f" ({float(100 * value / best):.4g}% of it)" if best and best > 0 and 0 <= value <= best else ""
