"""Types that stand for a continuum: what a grid mechanism guarantees when true types may lie between the grid's points.

Each report is rounded to the grid towards the type with the smaller rent: a buyer's value down, a seller's cost up.
Nature's distribution over the box of a grid cell can be moved to the corners of the box without changing the
expectation of any function that is affine in each type, and at each corner the designer receives what the mechanism gives
at the reports.  So the same program, with Nature at the corners, yields a guarantee in the continuum; on the
grid itself Nature is confined, and the value is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..environment.belief_sets import BeliefSet, Rows
from ..environment.model import Environment
from ..exact.numbers import Rationals, stack
from .premises import InvalidDesign

if TYPE_CHECKING:
    from .design import Design

#: Directions in which reports are rounded, by agent: -1 down, 1 up.
Ways = tuple[int, ...]
WORDS = {-1: "down", 1: "up"}


def ways(environment: Environment) -> Ways:
    """How each agent's reports are rounded: down where higher types gain from trade, up where lower types do.

    Raises
    ------
    InvalidDesign
        Unless types are increasing numbers and utilities ``type x number(outcome)``, of one sign for each agent, with outside
        options of zero.
    """
    return tuple(_way(environment, i) for i in range(environment.n))


def quantities(environment: Environment, i: int) -> Rationals:
    """What an agent's type is multiplied by in each outcome, ``(|A|,)``."""
    values = environment.agents[i].values
    assert values is not None
    first = int(np.flatnonzero(values != 0)[0])
    profile = tuple(first if k == i else 0 for k in range(environment.n))
    worth: Rationals = environment.utility[i][(slice(None), *profile)]
    return worth / values[first]


def _way(environment: Environment, i: int) -> int:
    agent, values = environment.agents[i], environment.agents[i].values
    refused = f"continuum: {agent.name}: "
    if values is None or agent.size < 2 or bool(np.any(np.diff(values.numerator) <= 0)):
        raise InvalidDesign(refused + "types must be at least two numbers in increasing order")
    each = quantities(environment, i).reshape(-1, *[1] * environment.n)
    along = values.reshape([-1 if k == i else 1 for k in range(environment.n)])
    if not bool(np.all(each * along == environment.utility[i])):
        raise InvalidDesign(
            refused + "what an outcome is worth must be the type times a number (private values)"
        )
    if bool(np.any(environment.outside[i] != 0)):
        raise InvalidDesign(refused + "the outside option must be worth 0")
    if bool(np.any(each < 0)) and bool(np.any(each > 0)):
        raise InvalidDesign(refused + "higher types must gain in every outcome, or lose in every one")
    return 1 if bool(np.any(each < 0)) else -1


def check(design: Design) -> None:
    """Whether a guarantee in the continuum is defined.  Raises InvalidDesign with the reason."""
    asked = {"ic": (design.ic, "ex-post"), "ir": (design.ir, "ex-post"), "bb": (design.bb, "none")}
    asked["transfers"] = (design.transfers if isinstance(design.transfers, str) else "bounded", "free")
    asked["objective"] = (design.wants.kind, "revenue")
    for key, (found, needed) in asked.items():
        if found != needed:
            raise InvalidDesign(f"continuum: a guarantee needs {key}: {needed}, found {found}")
    if isinstance(design.allocation, Rationals) or design.allocation not in ("chosen", "deterministic"):
        raise InvalidDesign("continuum: a guarantee needs allocation: chosen or deterministic")
    if design.environment.money is not None:
        raise InvalidDesign("continuum: a guarantee is not offered where types value money differently")
    possible = design.environment.designer_set
    if possible is None:
        raise InvalidDesign("continuum: a guarantee is over a set of priors; the designer has one prior")
    ways(design.environment)
    check_affine(design.environment, possible)


def check_affine(environment: Environment, possible: BeliefSet) -> None:
    """Whether a set of priors is given by moments that are affine in each type.  Raises InvalidDesign."""
    for rows in possible.rows:
        if rows.count > 1 or not _affine_in_each(_function(possible, rows), environment):
            raise InvalidDesign(
                f"continuum: {rows.name} does not say what it means between the points of the grid; known means, and moments "
                "that are affine in each type (such as buyer*seller), do"
            )


def _function(possible: BeliefSet, rows: Rows) -> Rationals:
    """The coefficients of a single row over the grid.  Raises InvalidDesign when further variables take part."""
    if bool(np.any(rows.column >= possible.cells)):
        raise InvalidDesign(
            f"continuum: {possible.kind} does not say what it means between the points of the grid; use means or moments"
        )
    return rows.pulled(Rationals.of([1]), possible.cells).reshape(possible.shape)


def _affine_in_each(function: Rationals, environment: Environment) -> bool:
    """Whether a function on the grid has constant slopes along every axis."""
    for i, agent in enumerate(environment.agents):
        along = function.moveaxis(i, 0)
        steps = (agent.values[1:] - agent.values[:-1]).reshape(-1, *[1] * (environment.n - 1))  # type: ignore[index]
        rises = along[1:] - along[:-1]
        if not bool(np.all(rises * steps[:1] == rises[:1] * steps)):
            return False
    return True


def rounded(design: Design) -> Design:
    """The same question when types lie anywhere between the points of the grid, and reports are rounded.

    Raises
    ------
    InvalidDesign
        See :func:`check`.
    """
    check(design)
    environment = design.environment
    assert environment.designer_set is not None
    possible = environment.designer_set.rounded(ways(environment))
    asked = design.asking(environment=replace(environment, designer_set=possible), continuum=False)
    return replace(asked, document=_document(design.document))


def _document(document: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The problem file that asks only for the guarantee; None where there is no file."""
    beliefs = None if document is None else document.get("beliefs")
    designer = beliefs.get("designer") if isinstance(beliefs, dict) else None
    if document is None or not isinstance(beliefs, dict) or not isinstance(designer, dict):
        return None
    return {**document, "beliefs": {**beliefs, "designer": {**designer, "continuum": "rounded"}}}


def least_rents(environment: Environment, allocation: Rationals) -> Rationals:
    """The largest payments that keep ex-post IC and IR for a monotone allocation: transfers ``(n, *Theta)``.

    The rent of a type adds up, from the type with none, step x quantity of the types passed, the own one left out.
    """
    out = []
    for i, way in enumerate(ways(environment)):
        values = environment.agents[i].values
        assert values is not None
        each = quantities(environment, i).reshape(-1, *[1] * environment.n)
        quantity = (allocation * each).sum(axis=0).moveaxis(i, 0)
        rest = [1] * (environment.n - 1)
        steps = (values[1:] - values[:-1]).reshape(-1, *rest)
        up = way < 0
        passed = _running(quantity[:-1] * steps) if up else _running((-quantity[1:] * steps)[::-1])[::-1]
        nobody = Rationals.zeros((1, *quantity.shape[1:]))
        rent = _joined(nobody, passed) if up else _joined(passed, nobody)
        out.append((rent - quantity * values.reshape(-1, *rest)).moveaxis(0, i))
    return stack(out)


def _running(array: Rationals) -> Rationals:
    return Rationals(np.cumsum(array.numerator.astype(object), axis=0), array.denominator)


def _joined(one: Rationals, other: Rationals) -> Rationals:
    scale = one.denominator, other.denominator
    tops = [a.numerator.astype(object) for a in (one, other)]
    return Rationals(np.concatenate([tops[0] * scale[1], tops[1] * scale[0]]), scale[0] * scale[1]).reduced()


__all__ = ["WORDS", "Ways", "check", "check_affine", "least_rents", "quantities", "rounded", "ways"]
