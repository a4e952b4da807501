"""What types believe, and what the designer holds possible."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..environment.belief_sets import BeliefSet
from ..environment.families import marginal, mixture
from ..environment.model import Agent, Beliefs, outer
from ..exact.numbers import Rationals, text
from .belief_sets import Scope, read_set
from .context import Context
from .designer import designer_set
from .mistakes import Wrong
from .schema import DesignerSpec, Prior, SetSpec


def read_beliefs(context: Context) -> tuple[Beliefs | None, Rationals | None, BeliefSet | None]:
    """What types believe, and the designer's own prior or set of priors; None where nothing is said."""
    spec = context.file.beliefs
    beliefs = designer = possible = None
    if spec is None:
        return None, None, None
    if spec.prior is not None and spec.per_type is not None:
        context.report(("beliefs",), "give either prior or per-type, not both")
    if spec.prior is not None:
        with context.at("beliefs", "prior"):
            beliefs = Beliefs.common(read_prior(context, spec.prior, "prior"))
    if spec.per_type is not None:
        given = context.per_agent("beliefs", spec.per_type, partial(_conditionals, context), "per-type")
        missing = [a.name for i, a in enumerate(context.agents) if i not in given]
        if missing and not context.problems:
            context.report(("beliefs", "per-type"), f"the beliefs of {', '.join(missing)} are missing")
        if not missing:
            beliefs = Beliefs(tuple(given[i] for i in range(len(context.agents))))
    if spec.designer is not None:
        with context.at("beliefs", "designer"):
            designer, possible = _designer(context, spec.designer, None if beliefs is None else beliefs.prior)
    return beliefs, designer, possible


def _designer(
    context: Context, spec: DesignerSpec, prior: Rationals | None
) -> tuple[Rationals | None, BeliefSet | None]:
    """One prior where one is given, else the set that the keys describe."""
    single = ("table", "product", "mixture", *(("named",) if spec.named == "uniform" else ()))
    given = [k for k in single if getattr(spec, k) is not None]
    others = [k for k in spec.given if k not in single and k != "continuum"]
    if given and not others:
        return read_prior(context, Prior(**{k: getattr(spec, k) for k in given}), "designer"), None
    if given:
        raise ValueError(f"{given[0]} is a single prior; it does not go with {', '.join(sorted(others))}")

    def array(value: Any) -> Rationals:
        return context.table(value, context.shape).broadcast_to(context.shape)

    def marginal(value: Any, agent: Agent) -> Rationals:
        return _marginal(context, value, context.agents.index(agent))

    scope = Scope(context.agents, array, marginal, context.constant, prior)
    by_agent = ("mean", "variance", "quantiles", "range", "marginals")
    spec = spec.changed(**{key: _by_member(context, getattr(spec, key)) for key in by_agent})
    places = None if context.observations is None else context.observations.places
    possible = designer_set(spec, scope, places)
    if context.tree.lines:  # a saved answer, which has no lines, brings a prior of the set with it
        from ..beliefs.sets import empty_in_words

        if why := empty_in_words(possible):
            raise ValueError(why)
    return None, possible


def _by_member(context: Context, value: Any) -> Any:
    """What is said of a group, said of each of its copies."""
    if not isinstance(value, dict):
        return value
    names = {group: [context.agents[i].name for i in members] for group, members in context.groups.items()}
    return {name: item for key, item in value.items() for name in names.get(key, [key])}


def read_sets(context: Context, beliefs: Beliefs | None) -> tuple[tuple[BeliefSet, ...], ...] | None:
    """What each type holds possible: one set for all types of an agent, or a list with one a type."""
    spec = context.file.beliefs
    if spec is None or spec.sets is None or context.problems:
        return None

    def build(given: list[SetSpec], agent: int) -> tuple[BeliefSet, ...]:
        size = context.agents[agent].size
        if len(given) not in (1, size):
            raise ValueError(
                f"expected one set for all types or a list of {size}, one a type; found {len(given)}"
            )
        out = []
        for k in range(size):
            place = (k,) if len(given) > 1 else ()
            try:
                found = read_set(given[k if len(given) > 1 else 0], _scope(context, agent, k, beliefs))
                _check_not_empty(found)
            except Wrong as wrong:
                raise Wrong((*place, *wrong.path), str(wrong)) from None
            out.append(found)
        return tuple(out)

    found = context.per_agent("beliefs", spec.sets, build, "sets")
    missing = [a.name for i, a in enumerate(context.agents) if i not in found]
    if missing and not context.problems:
        context.report(("beliefs", "sets"), f"the belief sets of {', '.join(missing)} are missing")
    return None if missing else tuple(found[i] for i in range(len(context.agents)))


def _scope(context: Context, agent: int, own: int, beliefs: Beliefs | None) -> Scope:
    """The others' types, as type ``own`` of an agent sees them."""
    rest = context.shape[:agent] + context.shape[agent + 1 :]

    def array(value: Any) -> Rationals:
        if isinstance(value, list):
            return context.table(value, rest)
        whole = context.table(value, context.shape, agent).broadcast_to(context.shape)
        return whole.moveaxis(agent, 0)[own]

    def marginal(value: Any, other: Agent) -> Rationals:
        return _marginal(context, value, context.agents.index(other))

    center = None
    if beliefs is not None and beliefs.mass(agent)[own] > 0:
        center = beliefs.conditional(agent)[own].reshape(rest)
    others = [a for i, a in enumerate(context.agents) if i != agent]
    return Scope(others, array, marginal, context.constant, center)


def _check_not_empty(beliefs: BeliefSet) -> None:
    if len(beliefs.vertices):
        return
    from ..beliefs.sets import empty_in_words

    raise ValueError(empty_in_words(beliefs) or "no distribution satisfies it")


def read_prior(context: Context, spec: Prior, key: str) -> Rationals:
    """One prior over the type grid; ``key`` is where under `beliefs` it stands."""
    given = [k for k in ("table", "product", "mixture", "named") if getattr(spec, k) is not None]
    if len(given) != 1:
        raise ValueError("give exactly one of table, product, mixture, or `uniform`")
    if spec.named is not None:
        return outer([marginal("uniform", a.size) for a in context.agents])
    if spec.mixture is not None:
        return mixture(context.constant(spec.mixture.weight), context.shape)
    if spec.table is not None:
        try:
            prior = context.table(spec.table, context.shape).broadcast_to(context.shape)
            _check_distribution(prior, "the prior")
        except Wrong as wrong:
            raise Wrong(("table", *wrong.path), str(wrong)) from None
        return prior
    marginals = context.per_agent("beliefs", spec.product or {}, partial(_marginal, context), key, "product")
    missing = [a.name for i, a in enumerate(context.agents) if i not in marginals]
    if missing:
        raise Wrong(("product",), f"the marginal of {', '.join(missing)} is missing")
    return outer([marginals[i] for i in range(len(context.agents))])


def read_family(context: Context, value: dict[str, Any], size: int) -> Rationals:
    """A named distribution over ``size`` types."""
    unknown = set(value) - {"family", "ratio", "exponent"}
    if unknown or "family" not in value:
        raise ValueError(
            "a marginal family reads {family: uniform | trapezoid | triangular | geometric | power, ratio: , exponent: }"
        )
    numbers = {k: context.constant(v) for k, v in value.items() if k != "family"}
    return marginal(value["family"], size, **numbers)


def _marginal(context: Context, value: Any, agent: int) -> Rationals:
    size = context.agents[agent].size
    if isinstance(value, dict):
        return read_family(context, value, size)
    if value in ("uniform", "trapezoid", "triangular"):
        return marginal(value, size)
    out = context.own(value, agent)
    _check_distribution(out, f"the marginal of {context.agents[agent].name}")
    return out


def _conditionals(context: Context, value: Any, agent: int) -> Rationals:
    """Rows of beliefs over the others' profiles, laid on the type grid."""
    own, rest = context.agents[agent], context.shape[:agent] + context.shape[agent + 1 :]
    array = context.table(value, (own.size, *rest)) if isinstance(value, list) else None
    if array is None:
        raise ValueError(f"expected {own.size} lists, one a type, over the others' types")
    for k in range(own.size):
        row = array[k] if rest else array[k : k + 1]
        # All zeros: a type of probability zero, without a belief.
        if bool(np.any(row != 0)):
            _check_distribution(row, f"the belief of type {own.types[k]}")
    return array.moveaxis(0, agent)


def _check_distribution(array: Rationals, what: str) -> None:
    if bool(np.any(array < 0)):
        cell = tuple(map(int, np.argwhere(array < 0)[0]))
        raise Wrong(cell, f"{what} has a negative probability {text(array[cell])}")
    total = array.sum()
    if total != 1:
        raise Wrong((), f"{what} sums to {text(total)}, expected 1")
