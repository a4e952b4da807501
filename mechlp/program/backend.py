"""Which float solver proposes.  Whatever it is, exact arithmetic decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from . import highs
from .form import Form
from .highs import Proposal
from .roads import best_road

CLARABEL = "basis of an interior point (cvxpy, Clarabel)"
BACKENDS = ("highs", "cvxpy")
_CURRENT: ContextVar[str] = ContextVar("backend", default=BACKENDS[0])


@contextmanager
def using(name: str) -> Iterator[None]:
    """Let a backend propose, inside.

    Raises
    ------
    ValueError
        No such backend.
    ImportError
        It is not installed; the message says how to get it.
    """
    if name not in BACKENDS:
        raise ValueError(f"{name!r} is not one of {', '.join(BACKENDS)}")
    if name == "cvxpy":
        from .conic import cvxpy

        cvxpy()
    token = _CURRENT.set(name)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def propose(form: Form, **options: Any) -> Proposal:
    """See :func:`mechlp.program.highs.propose`; with nothing but a time limit, by :func:`mechlp.program.roads.best_road`.

    Integer columns always go to HiGHS.
    """
    if _CURRENT.get() == "cvxpy" and options.get("integrality") is None:
        from .conic import propose as interior

        return replace(interior(form, **options), road=CLARABEL)
    given = {name: value for name, value in options.items() if value is not None}
    if given.keys() <= {"time_limit"}:
        return best_road(form, **given)
    return highs.propose(form, **options)


def road() -> str:
    """What kind of basis a single road proposes: for the record of an answer."""
    return "simplex basis" if _CURRENT.get() == "highs" else CLARABEL
