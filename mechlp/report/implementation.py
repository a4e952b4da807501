"""Pages of full implementation: each condition, whether it holds, and why."""

from __future__ import annotations

from fractions import Fraction

from rich.console import Group, RenderableType
from rich.text import Text

from ..answer.implementation import ImplementationAnswer
from ..exact.numbers import text
from ..question.economy import ECONOMY_CHECKS, Exchange
from ..question.implementation import CHECKS, Implementation
from .tables import GRID, first_ones, plain, table

EVERY = {**CHECKS, **ECONOMY_CHECKS}
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
        parts.append(plain(f"  {EVERY[finding.check]}", "dim"))
        parts += [plain(f"  {line}.") for line in finding.words]
    parts += [
        Text(),
        plain("Every verdict was decided in exact arithmetic, and its witness is saved with it."),
        plain(GRID),
    ]
    return Group(*parts, plain(f"{answer.timings.get('total', 0):.2f} s"))


def economy_page(question: Exchange, description: str = "", source: str = "") -> RenderableType:
    """An exchange economy in words and numbers."""
    environment = question.environment
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold")]
    parts += [plain(description.strip())] if description else []
    parts += [plain(f"Source: {source.strip()}", "dim")] if source else []
    parts.append(plain("Divisible goods; every type holds every belief possible, and values are private."))
    shown = table("agent", *question.goods, title="Endowments")
    for agent, own in zip(environment.agents, question.endowments, strict=True):
        shown.add_row(agent.name, *map(text, own.fractions()))
    worth = table("agent", "type", "what a bundle is worth", title="Utilities")
    for i, agent in enumerate(environment.agents):
        for k, label in enumerate(agent.types):
            forms = [form_text(question, row) for row in question.utilities[i][:, k].tolist()]
            worth.add_row(agent.name, label, forms[0] if len(forms) == 1 else f"min({'; '.join(forms)})")
    return Group(*parts, shown, worth)


def form_text(question: Exchange, form: list[Fraction]) -> str:
    """``2 apple + pear``"""
    parts = [
        f"{'' if c == 1 else text(c) + ' '}{good}" for c, good in zip(form[:-1], question.goods, strict=True)
    ]
    return " + ".join([*parts, *([text(form[-1])] if form[-1] else [])])


def coalitions_text(question: Implementation | Exchange, full: bool = False) -> str:
    """The pattern in words."""
    n, own = question.environment.n, question.pattern
    if len(own) == n:
        return "single agents"
    if len(own) == 2**n - 1:
        return f"all {len(own)}"
    names = ["{" + ", ".join(question.members(c)) + "}" for c in own if len(c) > 1]
    return f"single agents; {first_ones(names, len(names) if full else LISTED)}"


__all__ = ["coalitions_text", "implementation_page"]
