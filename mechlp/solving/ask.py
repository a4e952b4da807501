"""Which way a question is answered: exactly, or between rational ends; and its risk-neutral control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..answer.answer import Answer
from ..question.design import Design
from . import enclosed
from .solve import solve

Progress = Callable[[str], None]


def ask(
    design: Design,
    *,
    control: bool = True,
    time_limit: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Answer:
    """Answer a design, with a certificate; the other options are those of :func:`mechlp.solving.solve.solve`.

    ``control``: beside agents who are averse to risk, also answer the same question about risk-neutral ones, so that what a
    finite grid does is not read as an effect of risk aversion.
    """
    say = progress or (lambda phase: None)
    if design.environment.exact:
        found = solve(design, time_limit=time_limit, progress=progress, **options)
    else:
        found = enclosed.solve(design, enclosed.Whole, time_limit, say)
    neutral = design.environment.neutral
    if control and neutral is not None:
        say("the risk-neutral control")
        asked = replace(design, environment=neutral, document=None)
        found = replace(
            found, control=ask(asked, control=False, time_limit=time_limit, progress=progress, **options)
        )
    return found
