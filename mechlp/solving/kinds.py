"""What answers each kind of question, and which linear program stands for it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from ..program import Program
from ..question.box import BoxDesign
from ..question.design import Design, InvalidDesign
from ..question.economy import Exchange
from ..question.implementation import Implementation
from ..question.symmetric import SymmetricDesign
from .ask import ask
from .compile import compile
from .marginals import Marginals, applies


@singledispatch
def answer(question: Any, **options: Any) -> Any:
    """A certified answer; the options are those of the solver registered for the kind of question."""
    raise TypeError(f"{type(question).__name__} is no kind of question")


answer.register(Design, ask)


@answer.register
def _identical(question: SymmetricDesign, **options: Any) -> Any:
    from .reduced_form import solve

    return solve(question, **options)


@answer.register
def _box(question: BoxDesign, **options: Any) -> Any:
    from .box import solve

    return solve(question, **options)


@answer.register
def _implementation(question: Implementation, **options: Any) -> Any:
    from .implementation.implement import implement

    return implement(question, **options)


@answer.register
def _exchange(question: Exchange, **options: Any) -> Any:
    from .implementation.implement import examine

    return examine(question, **options)


@singledispatch
def program(question: Any) -> Program:
    """The whole linear program of a question.  Raises InvalidDesign when there is none to write."""
    question.check("export")
    raise TypeError(f"{type(question).__name__} has no program")


@program.register
def _ordinary(question: Design) -> Program:
    if question.simple:
        raise InvalidDesign(
            "there is no linear program: a given simple mechanism is audited, and the best one is sought"
        )
    return Marginals(question).program if applies(question) else compile(question)
