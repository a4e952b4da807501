"""The prior of a bidder who has one value for each grade: of each grade alone, or of all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..environment.families import coupled, mixture
from ..environment.model import Agent, outer
from ..exact.numbers import Rationals
from .context import Context
from .mistakes import Wrong
from .priors import distribution, read_over

FORMS = (
    "a distribution of every grade (a family, {weights: [...]} or a list, one a value); {0: ..., 1: ...}, one a grade; "
    "lists in lists of the chances of vectors, or {weights: that}; {mixture: CHANCE}; or {marginals: ..., copula: TABLE}"
)


def read_vector(context: Context, value: Any, axis: Agent, grades: int, whose: str, rescaled: bool) -> Rationals:
    """The chances of all vectors of values, ``(m,) * grades``, the last grade running fastest.

    Parameters
    ----------
    axis : the values of one grade, which are those of each.
    whose : who has this prior, in words.

    Raises
    ------
    Wrong, ValueError
        With the key and what is wrong with it.
    """
    shape, about = (axis.size,) * grades, f"the distribution of {whose}'s values"
    if _depth(value) > 1:
        return distribution(context.table(value, shape), about, rescaled)
    if not isinstance(value, dict) or (set(value) == {"weights"} and _depth(value["weights"]) < 2):
        return outer([read_over(context, value, axis, f"the marginal of {whose}", rescaled)] * grades)
    if set(value) == {"weights"}:
        with _at("weights"):
            return distribution(context.table(value["weights"], shape), about, rescale=True)
    if set(value) == {"mixture"}:
        with _at("mixture"):
            return mixture(context.constant(_number(value["mixture"])), shape)
    if set(value) == {"marginals", "copula"}:
        with _at("marginals"):
            marginals = _marginals(context, value["marginals"], axis, grades, whose, rescaled)
        with _at("copula"):
            return coupled(marginals, context.table(value["copula"], _shape(value["copula"])))
    if "family" in value or all(str(k).isdigit() for k in value):
        return outer(_marginals(context, value, axis, grades, whose, rescaled))
    raise ValueError(f"found {', '.join(map(str, value))}; expected {FORMS}")


def _marginals(
    context: Context, value: Any, axis: Agent, grades: int, whose: str, rescaled: bool
) -> list[Rationals]:
    """Of each grade: the same of all, or one a grade."""
    if not isinstance(value, Mapping) or not all(str(k).isdigit() for k in value):
        return [read_over(context, value, axis, f"the marginal of {whose}", rescaled)] * grades
    wanted = [str(k) for k in range(grades)]
    if sorted(map(str, value)) != sorted(wanted):
        raise ValueError(f"a distribution for each grade is needed, {', '.join(wanted)}; found {', '.join(map(str, value))}")
    out = []
    for k in wanted:
        with _at(k):
            out.append(read_over(context, value[k], axis, f"the marginal of grade {k}", rescaled))
    return out


@contextmanager
def _at(key: str) -> Iterator[None]:
    try:
        yield
    except Wrong as wrong:
        raise Wrong((key, *wrong.path), str(wrong)) from None
    except ValueError as error:
        raise Wrong((key,), str(error)) from None


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _shape(value: Any) -> tuple[int, ...]:
    """Of nested lists, by their first entries."""
    return (len(value), *_shape(value[0])) if isinstance(value, list) and value else ()


def _number(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected the chance that all grades are worth the same")
    return value


__all__ = ["read_vector"]
