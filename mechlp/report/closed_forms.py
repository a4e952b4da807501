"""Pages about closed forms: what holds on the grid, and what holds in the continuum."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from ..study.finding import Finding
from ..study.priors import PriorTable
from ..study.robust_trade import INSIDE
from .tables import plain, table

#: Most rows of a prior on a page.
MOST = 15


def finding_page(found: Finding) -> RenderableType:
    """The verdict on this grid with its reasons, then the continuum."""
    verdict = "holds: no lie gains, nobody loses, no deficit" if found.holds else "FAILS"
    parts: list[RenderableType] = [
        plain(found.title, "bold"),
        plain(f"On this grid: {verdict}  [certified]", "bold green" if found.holds else "bold red"),
        *(plain(f"  {line}.") for line in _on_grid(found)),
    ]
    if found.continuum:
        parts += [plain("In the continuum:", "bold"), *(plain(f"  {line}.") for line in found.continuum)]
    if found.prior is not None:
        parts += _prior(found.prior)
    return Group(*parts)


def _prior(found: PriorTable) -> Iterator[RenderableType]:
    """The profiles that the worst case holds possible, and whether its types are positively correlated."""
    shown = table(*found.head, title="Worst-case prior on this grid")
    possible = [(cell, numbers) for cell, numbers in found.rows if numbers[0]]
    for cell, numbers in possible[:MOST]:
        types = [a.types[k] for a, k in zip(found.environment.agents, cell, strict=True)]
        shown.add_row(*types, *("-" if x is None else f"{float(x):.6f}" for x in numbers))
    if len(possible) > MOST:
        shown.add_row(f"... {len(possible) - MOST} more (--table)")
    yield shown
    for where, findings in (
        ("", found.correlation()),
        (", buyers below 1 and sellers above 0", found.correlation(*INSIDE)),
    ):
        for one in findings:
            verdict = "positively correlated" if one.holds else "NOT positively correlated"
            yield plain(f"  {one.agent}{where}: {verdict} on this grid: {one.words}.")


def _on_grid(found: Finding) -> Iterator[str]:
    environment = found.mechanism.environment
    gaining = [lie for lie in found.lies if lie.gain > 0]
    for lie in gaining:
        first, *rest = lie.in_words(environment)
        yield f"IC fails: {first}"
        yield from (f"  {line}" for line in rest)
    if not found.lies:
        yield f"every requirement, IC among them, from its definition: {found.audit}"
        yield from found.on_grid
        return
    if not gaining:
        yield "IC: no type gains from any lie, each evaluated under its worst belief with the known mean"
    yield f"audit from the definitions: {found.audit}"
    yield from found.on_grid
