"""Pages of full implementation: each condition, whether it holds, and why."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from ..answer.implementation import ImplementationAnswer
from ..question.implementation import CHECKS, Implementation
from .tables import GRID, first_ones, plain

STYLES = {True: "bold green", False: "bold red", None: "bold yellow"}
WORDS = {True: "HOLDS", False: "FAILS", None: "UNDECIDED"}
#: Coalitions of a pattern that a page lists.
LISTED = 12


def implementation_page(answer: ImplementationAnswer, *, full: bool = False) -> RenderableType:
    """The findings for a person; ``full``: every coalition of the pattern."""
    question = answer.design
    parts: list[RenderableType] = [
        plain(question.environment.title or "untitled", "bold"),
        plain(f"Coalitions: {coalitions_text(question, full)}", "dim"),
    ]
    for finding in answer.findings:
        parts.append(Text())
        parts.append(plain(f"{finding.check}: {WORDS[finding.holds]}", STYLES[finding.holds]))
        parts.append(plain(f"  {CHECKS[finding.check]}", "dim"))
        parts += [plain(f"  {line[0].upper()}{line[1:]}.") for line in finding.words]
    parts += [
        Text(),
        plain("Every verdict was decided in exact arithmetic, and its witness is saved with it."),
        plain(GRID),
    ]
    return Group(*parts, plain(f"{answer.timings.get('total', 0):.2f} s"))


def coalitions_text(question: Implementation, full: bool = False) -> str:
    """The pattern in words."""
    n, own = question.environment.n, question.pattern
    if len(own) == n:
        return "single agents"
    if len(own) == 2**n - 1:
        return f"all {len(own)}"
    names = ["{" + ", ".join(question.members(c)) + "}" for c in own if len(c) > 1]
    return f"single agents; {first_ones(names, len(names) if full else LISTED)}"


__all__ = ["coalitions_text", "implementation_page"]
