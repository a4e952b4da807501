"""Pages about closed forms: what holds on the grid, and what holds in the continuum."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from ..study.closed_forms import Finding
from .tables import plain


def finding_page(found: Finding) -> RenderableType:
    """The verdict on this grid with its reasons, then the continuum."""
    verdict = "holds: no lie gains, nobody loses, no deficit" if found.holds else "FAILS"
    parts = [
        plain(found.title, "bold"),
        plain(f"On this grid: {verdict}  [certified]", "bold green" if found.holds else "bold red"),
        *(plain(f"  {line}.") for line in _on_grid(found)),
    ]
    if found.continuum:
        parts += [plain("In the continuum:", "bold"), *(plain(f"  {line}.") for line in found.continuum)]
    return Group(*parts)


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
