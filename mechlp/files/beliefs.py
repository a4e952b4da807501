"""What types believe, and what the designer holds possible."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..environment.belief_sets import BeliefSet
from ..environment.model import Agent, Beliefs
from ..exact.numbers import Rationals
from .belief_sets import Scope, read_set
from .context import Context
from .designer import designer_set
from .mistakes import Wrong
from .priors import read_conditionals, read_marginal, read_prior, undivided
from .schema import DesignerSpec, Prior, SetSpec

#: Type profiles up to which reading a file examines whether any prior satisfies what the designer's set asks.
EXAMINED = 200_000


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
            prior = read_prior(context, spec.prior, "prior")
            beliefs = None if prior is None else Beliefs.common(prior, undivided(context, spec.prior))
    if spec.per_type is not None:
        rows = context.for_all(
            "beliefs",
            spec.per_type,
            partial(read_conditionals, context),
            "the beliefs of {} are missing",
            "per-type",
        )
        beliefs = None if rows is None else Beliefs(tuple(rows))
    if spec.designer is not None:
        with context.at("beliefs", "designer"):
            designer, possible = _designer(context, spec.designer, None if beliefs is None else beliefs.prior)
    return beliefs, designer, possible


def _designer(
    context: Context, spec: DesignerSpec, prior: Rationals | None
) -> tuple[Rationals | None, BeliefSet | None]:
    """One prior where one is given, else the set that the keys describe."""
    single = [
        k for k in Prior.keys if k not in ("data", "normalise") and (k != "named" or spec.named == "uniform")
    ]
    given = [k for k in single if getattr(spec, k) is not None]
    others = [k for k in spec.given if k not in single and k not in ("continuum", "normalise")]
    if given and not others:
        one = Prior(**{k: getattr(spec, k) for k in (*given, "normalise") if k in spec.given})
        return read_prior(context, one, "designer"), None
    if spec.normalise is not None:
        raise Wrong(("normalise",), "goes with a single prior, by table, weights or product")
    if given:
        raise ValueError(f"{given[0]} is a single prior; it does not go with {', '.join(sorted(others))}")

    def array(value: Any) -> Rationals:
        return context.table(value, context.shape).broadcast_to(context.shape)

    def marginal(value: Any, agent: Agent) -> Rationals:
        return read_marginal(context, value, context.agents.index(agent))

    scope = Scope(context.agents, array, marginal, context.constant, prior)
    by_agent = ("mean", "variance", "quantiles", "range", "marginals")
    spec = spec.changed(**{key: _by_member(context, getattr(spec, key)) for key in by_agent})
    places = None if "designer" not in context.observations else context.observations["designer"].places
    possible = designer_set(spec, scope, places)
    # A saved answer, which has no lines, brings a prior of the set with it; a large set is examined when a question is solved.
    if context.tree.lines and possible.cells <= EXAMINED:
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

    found = context.for_all("beliefs", spec.sets, build, "the belief sets of {} are missing", "sets")
    return None if found is None else tuple(found)


def _scope(context: Context, agent: int, own: int, beliefs: Beliefs | None) -> Scope:
    """The others' types, as type ``own`` of an agent sees them."""
    rest = context.shape[:agent] + context.shape[agent + 1 :]

    def array(value: Any) -> Rationals:
        if isinstance(value, list):
            return context.table(value, rest)
        whole = context.table(value, context.shape, agent).broadcast_to(context.shape)
        return whole.moveaxis(agent, 0)[own]

    def marginal(value: Any, other: Agent) -> Rationals:
        return read_marginal(context, value, context.agents.index(other))

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
