"""Single distributions: a prior over type profiles, marginals, and beliefs type by type."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.families import FAMILIES, coupled, marginal, mixture
from ..environment.model import Agent, outer
from ..exact.decimals import about
from ..exact.numbers import Rationals, text
from .context import Context
from .mistakes import Wrong, brief
from .observations import counted, frequencies
from .schema import Prior

#: The keys of which a prior has exactly one.
WAYS = ("table", "weights", "product", "mixture", "data", "named")


def read_prior(context: Context, spec: Prior, key: str) -> Rationals | None:
    """One prior over the type grid; ``key`` is where under `beliefs` it stands.  None where a marginal was reported."""
    given = [k for k in WAYS if getattr(spec, k) is not None]
    if len(given) != 1:
        raise ValueError(f"give exactly one of {', '.join(WAYS[:-1])}, or `uniform`")
    if spec.copula is not None and spec.product is None:
        raise Wrong(("copula",), "goes with product, which gives the marginals")
    if spec.named is not None:
        return outer([marginal("uniform", a.size) for a in context.agents])
    if spec.mixture is not None:
        return mixture(context.constant(spec.mixture.weight), context.shape)
    if spec.data is not None:
        places = context.observations[key].places if key in context.observations else None
        return frequencies(counted(spec.data, places, context.agents), context.shape)
    if spec.product is None:
        return _table(context, spec, given[0])
    rescaled = rescaling(context, spec)
    marginals = context.for_all(
        "beliefs",
        spec.product,
        lambda v, i: read_marginal(context, v, i, rescaled),
        "the marginal of {} is missing",
        key,
        "product",
    )
    if marginals is None or spec.copula is None:
        return None if marginals is None else outer(marginals)
    try:
        return coupled(marginals, context.table(spec.copula, _nested(spec.copula)))
    except Wrong as wrong:
        raise Wrong(("copula", *wrong.path), str(wrong)) from None
    except ValueError as error:
        raise Wrong(("copula",), str(error)) from None


def _table(context: Context, spec: Prior, key: str) -> Rationals:
    try:
        prior = context.table(getattr(spec, key), context.shape).broadcast_to(context.shape)
        return distribution(prior, "the prior", key == "weights" or rescaling(context, spec))
    except Wrong as wrong:
        raise Wrong((key, *wrong.path), str(wrong)) from None


def undivided(context: Context, spec: Prior) -> Fraction:
    """The sum of the weights of a prior that was read, before they were divided by it."""
    given = spec.weights if spec.weights is not None else spec.table
    if given is None:
        return Fraction(1)
    total: Fraction = context.table(given, context.shape).broadcast_to(context.shape).sum()
    return total


def rescaling(context: Context, spec: Prior | None = None) -> bool:
    """Whether sums that are not one are divided out."""
    beliefs = context.file.beliefs
    return "true" in (spec and spec.normalise, beliefs and beliefs.normalise)


def _nested(value: Any) -> tuple[int, ...]:
    """The shape of nested lists, by their first entries."""
    shape = []
    while isinstance(value, list) and value:
        shape.append(len(value))
        value = value[0]
    return tuple(shape)


def read_marginal(context: Context, value: Any, agent: int, rescaled: bool = False) -> Rationals:
    """A distribution over one agent's types: a family, ``{weights: }``, a list or a formula of her type."""
    own, axes = context.agents[agent], context.axes.get(agent, ())
    if axes and isinstance(value, dict) and set(value) <= {a.name for a in axes}:
        return _by_coordinate(context, value, own.name, axes, rescaled)
    if axes and axes[0].name.isdigit() and (isinstance(value, (str, dict)) or len(value) == axes[0].size):
        return _by_coordinate(context, {a.name: value for a in axes}, own.name, axes, rescaled)
    values = None if own.values is None else own.values.fractions()
    if isinstance(value, dict) and set(value) == {"weights"}:
        return distribution(context.own(value["weights"], agent), f"the marginal of {own.name}", rescale=True)
    if isinstance(value, dict) or (isinstance(value, str) and value in FAMILIES):
        return read_family(context, value, own.size, values)
    return distribution(context.own(value, agent), f"the marginal of {own.name}", rescaled)


def _by_coordinate(
    context: Context, given: dict[str, Any], name: str, axes: Sequence[Agent], rescaled: bool
) -> Rationals:
    """The distribution of a vector whose coordinates are independent."""
    missing = [axis.name for axis in axes if axis.name not in given]
    if missing:
        raise ValueError(f"the marginal of {name}.{missing[0]} is missing")
    own = []
    for axis in axes:
        try:
            own.append(
                read_over(context, given[axis.name], axis, f"the marginal of {name}.{axis.name}", rescaled)
            )
        except ValueError as error:
            raise Wrong((axis.name, *getattr(error, "path", ())), str(error)) from None
    return outer(own).reshape(-1)


def read_over(context: Context, value: Any, axis: Agent, what: str, rescaled: bool) -> Rationals:
    """A distribution over values that no formula names: a family, ``{weights: }`` or a list."""
    if isinstance(value, dict) and set(value) == {"weights"}:
        value, rescaled = value["weights"], True
    if isinstance(value, list):
        return distribution(context.table(value, (axis.size,)), what, rescaled)
    return read_family(context, value, axis.size, None if axis.values is None else axis.values.fractions())


def read_family(context: Context, value: Any, size: int, values: Sequence[Fraction] | None) -> Rationals:
    """A named distribution over ``size`` types, which are ``values`` where they are numbers."""
    given = {"family": value} if isinstance(value, str) else value if isinstance(value, dict) else {}
    if not isinstance(given.get("family"), str):
        raise ValueError(
            "a marginal reads {family: NAME, ...}, {weights: [...]}, a list or a formula of the type; the families are "
            + "; ".join(known.spelled(name) for name, known in FAMILIES.items())
        )
    numbers = {}
    for name, number in given.items():
        if not isinstance(number, str):
            raise ValueError(f"{name}: expected a single value, found {brief(number)}")
        if name != "family":
            numbers[name] = context.constant(number)
    return marginal(given["family"], size, values, **numbers)


def read_conditionals(context: Context, value: Any, agent: int) -> Rationals:
    """Rows of beliefs over the others' profiles, laid on the type grid."""
    own, rest = context.agents[agent], context.shape[:agent] + context.shape[agent + 1 :]
    array = context.table(value, (own.size, *rest)) if isinstance(value, list) else None
    if array is None:
        raise ValueError(f"expected {own.size} lists, one a type, over the others' types")
    for k in range(own.size):
        row = array[k] if rest else array[k : k + 1]
        # All zeros: a type of probability zero, without a belief.  Beliefs are kept as weights, so none is divided here.
        if bool(np.any(row != 0)):
            distribution(row, f"the belief of type {own.types[k]}", rescaling(context))
    return array.moveaxis(0, agent)


def distribution(array: Rationals, what: str, rescale: bool = False) -> Rationals:
    """The array, as it is when it sums to one, or divided by its sum.

    Raises
    ------
    Wrong
        A negative chance (at its place), a sum other than one that is not to be divided out, or zero.
    """
    if bool(np.any(array < 0)):
        cell = tuple(map(int, np.argwhere(array < 0)[0]))
        raise Wrong(cell, f"{what} has a negative probability {text(array[cell])}")
    total = array.sum()
    if rescale and total > 0:
        return array / total
    if total != 1:
        shown = text(total) if len(text(total)) < 40 else about(total, 17)
        raise Wrong((), f"{what} sums to {shown}, expected 1{_mend(total)}")
    return array


def _mend(total: Fraction) -> str:
    """How to mend a sum that is near one by rounding."""
    if abs(total - 1) > Fraction(1, 100):
        return ""
    return ": if it misses 1 by rounding, `normalise: true` beside it divides by the sum, exactly"
