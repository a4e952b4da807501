"""Coalitions and the conditions of full implementation, and the question that a file asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..environment.coalitions import Coalition, pattern, up_to, within
from ..environment.model import Environment
from ..exact.numbers import Rationals
from ..question.implementation import Choice, Implementation, feasible_outcomes
from ..question.premises import InvalidDesign
from .allocation import read_given
from .context import Context
from .priors import read_prior
from .schema import CoalitionsSpec

#: What is examined when nothing is named.
DEFAULT = ("robust-ic", "bad-outcome")
KINDS = ("named", "size", "islands", "listed")


@dataclass(frozen=True)
class Asked:
    """What a file says about coalitions."""

    pattern: tuple[Coalition, ...]
    checks: tuple[str, ...]
    update: Rationals | None
    functions: tuple[tuple[str, Choice], ...] = ()


def read_coalitions(context: Context, environment: Environment | None) -> Asked | None:
    """The section `coalitions`; None where there is none, or where a mistake was reported."""
    spec = context.file.coalitions
    if spec is None:
        return None
    found: Asked | None = None
    update = None
    with context.at("coalitions", "update"):
        update = None if spec.update is None else read_prior(context, spec.update, "update")
    with context.at("coalitions"):
        given = [k for k in KINDS if getattr(spec, k) is not None]
        if len(given) > 1:
            raise ValueError("give one of all, singletons, size, islands and list")
        n = len(context.agents)
        own = _coalitions(context, spec, given[0] if given else "all")
        found = Asked(pattern(n, own), tuple(spec.checks or DEFAULT), update, _functions(context, environment, spec))
    return found


def _functions(
    context: Context, environment: Environment | None, spec: CoalitionsSpec
) -> tuple[tuple[str, Choice], ...]:
    if environment is None:
        return ()
    where = ("coalitions", "functions")
    found = [(n, read_given(context, environment, g, *where, n)) for n, g in spec.functions.items()]
    return tuple((name, Choice(*parts)) for name, parts in found if parts is not None)


def _coalitions(context: Context, spec: CoalitionsSpec, kind: str) -> Iterable[Sequence[int]]:
    every = range(len(context.agents))
    if kind == "size":
        return up_to(every, context.whole(str(spec.size), "size", len(every)))
    if kind in ("islands", "listed"):
        groups = (spec.islands if kind == "islands" else spec.listed) or []
        where = ("coalitions", "islands" if kind == "islands" else "list")
        members = [
            [i for name in group for i in context.members((*where, k), name)]
            for k, group in enumerate(groups)
        ]
        if context.problems:
            return []
        return within(members) if kind == "islands" else members
    return up_to(every, 1 if spec.named == "singletons" else len(every))


def implementation(reading: Any, *, force: bool = False) -> Implementation:
    """The question about the social choice function of a file that was read (:class:`mechlp.files.Reading`).

    Raises
    ------
    InvalidDesign
        No `given:`, nothing about coalitions, or what makes no sense for the environment.
    """
    if not isinstance(getattr(reading.design, "environment", None), Environment):
        raise InvalidDesign(
            "coalitions: this needs the whole type grid, and the file asks about one representative: use fewer types"
        )
    if reading.given is None:
        raise InvalidDesign(
            "given: the social choice function to be implemented is missing: add given: {allocation: ...}"
        )
    asked = reading.coalitions
    if asked is None:
        raise InvalidDesign("coalitions: which coalitions can form is missing: add coalitions: all")
    design = reading.design
    return Implementation(
        design.environment,
        Choice(*reading.given),
        feasible_outcomes(design),
        asked.pattern,
        asked.checks,
        asked.update,
        asked.functions,
        force=force,
        document=reading.document,
    )


__all__ = ["DEFAULT", "Asked", "implementation", "read_coalitions"]
