"""What answers each kind of question, and which linear program stands for it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from ..program import Program
from ..question.design import Design, InvalidDesign
from ..question.prices import PriceDesign
from ..question.prices import program as price_program
from ..question.prices import solve as solve_at_prices
from ..question.symmetric import SymmetricDesign
from .ask import ask
from .compile import compile
from .reduced_form import solve as solve_reduced


@singledispatch
def answer(question: Any, **options: Any) -> Any:
    """A certified answer; the options are those of the solver registered for the kind of question."""
    raise TypeError(f"{type(question).__name__} is no kind of question")


answer.register(Design, ask)
answer.register(SymmetricDesign, solve_reduced)
answer.register(PriceDesign, solve_at_prices)


@singledispatch
def program(question: Any) -> Program:
    """The whole linear program of a question.  Raises InvalidDesign when there is none to write."""
    question.check("export")
    raise TypeError(f"{type(question).__name__} has no program")


program.register(Design, compile)


@program.register
def _at_prices(question: PriceDesign) -> Program:
    if question.objective == "feasibility" or question.kind == "simple":
        raise InvalidDesign(
            "there is no linear program: a given mechanism is audited, and the best simple one is sought"
        )
    return price_program(question.environment, question.floor)
