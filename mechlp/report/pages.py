"""Which page shows which kind of answer and question."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from rich.console import RenderableType

from ..answer.answer import Answer
from ..answer.box import BoxAnswer
from ..answer.implementation import ImplementationAnswer
from ..answer.interim import InterimAnswer
from ..question.box import BoxDesign
from ..question.design import Design
from ..question.economy import Exchange
from ..question.implementation import Implementation
from ..question.symmetric import SymmetricDesign
from ..solving.kinds import program
from .page import answer_page


@singledispatch
def page(answer: Any, *, full: bool = False) -> RenderableType:
    """An answer for a person; ``full``: every row of every table."""
    raise TypeError(f"{type(answer).__name__} is no kind of answer")


@page.register
def _identical(answer: InterimAnswer, *, full: bool = False) -> RenderableType:
    from .symmetric import interim_page

    return interim_page(answer, full=full)


@page.register
def _box(answer: BoxAnswer, *, full: bool = False) -> RenderableType:
    from .box import box_answer_page

    return box_answer_page(answer, full=full)


@page.register
def _implementation(answer: ImplementationAnswer, *, full: bool = False) -> RenderableType:
    from .implementation import implementation_page

    return implementation_page(answer, full=full)


@page.register
def _answered(answer: Answer, *, full: bool = False) -> RenderableType:
    design = answer.design
    if design.environment.prices is None or (design.ic, design.transfers) != ("ex-post", "none"):
        return answer_page(answer, full=full)
    from .prices import price_page

    return price_page(answer, full=full)


@singledispatch
def question_page(question: Any, description: str = "", source: str = "") -> RenderableType:
    """The environment of a question in words and numbers."""
    raise TypeError(f"{type(question).__name__} is no kind of question")


@question_page.register
def _ordinary(question: Design, description: str = "", source: str = "") -> RenderableType:
    from .environment import environment_page
    from .prices import traders_page

    shown = environment_page if question.environment.prices is None else traders_page
    return shown(question.environment, description, source)


@question_page.register
def _exchange(question: Exchange, description: str = "", source: str = "") -> RenderableType:
    from .implementation import economy_page

    return economy_page(question, description, source)


@question_page.register
def _coalitions(question: Implementation, description: str = "", source: str = "") -> RenderableType:
    from .environment import environment_page

    return environment_page(question.environment, description, source)


@question_page.register
def _symmetric(question: SymmetricDesign, description: str = "", source: str = "") -> RenderableType:
    from .symmetric import symmetric_page

    return symmetric_page(question.environment, description, source)


@question_page.register
def _boxed(question: BoxDesign, description: str = "", source: str = "") -> RenderableType:
    from .box import box_page

    return box_page(question.environment, description, source)


@singledispatch
def details(answer: Any) -> Iterator[str]:
    """How an answer was found: the time of each phase, after the size of the program."""
    yield "; ".join(f"{phase} {seconds:.3f} s" for phase, seconds in answer.timings.items())


@details.register
def _program(answer: Answer) -> Iterator[str]:
    if answer.reductions:
        yield "Reductions"
        yield from (f"  {line}" for line in answer.reductions)
    elif not answer.design.simple:  # simple mechanisms are sought without a program
        yield repr(program(answer.design))
    yield from details.dispatch(object)(answer)
