"""What is asked of a mechanism: requirements, transfers, the objective."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, text
from ..question.continuum import rounded
from ..question.design import Design, InvalidDesign, Objective
from .allocation import read_allocation, read_given
from .constraints import on_outcomes, read_constraints
from .context import Context
from .misreports import read_misreports
from .mistakes import near
from .schema import Limits, Linear


def read_question(context: Context, environment: Environment) -> Design | None:
    """The design that a file asks about an environment; mistakes are reported."""
    file = context.file
    bayesian = environment.beliefs is not None
    plays = environment.actions is not None  # a game is played with nothing paid, by those who are in it
    ic = file.require.ic or ("obedience" if plays and bayesian else "bayesian" if bayesian else "ex-post")
    ir = file.require.ir or ("none" if plays else "interim" if bayesian else "ex-post")
    for i, agent in enumerate(environment.agents) if file.require.dominant else ():
        if not environment.private_values(i):
            context.report(
                ("require", "ic"),
                f"dominant strategies are for private values, and the payoff of {agent.name} depends on others' types; "
                "ex-post asks that truth be best whatever the others' types are, when they tell the truth",
            )
    allocation: Any = "chosen"
    with context.at("allocation"):
        allocation = read_allocation(context, environment, file.allocation)
    transfers: Any = "free"
    with context.at("transfers"):
        transfers = _transfers(context)
    alpha = Fraction(1)
    with context.at("require", "alpha"):
        alpha = context.constant(file.require.alpha)
    objective = Objective()
    with context.at("objective"):
        objective = _objective(context, environment)
    constraints = read_constraints(context, environment)
    misreports = read_misreports(context)
    if context.problems:
        return None
    designer = None if file.beliefs is None else file.beliefs.designer
    between = None if designer is None else designer.continuum
    try:
        asked = Design(
            environment,
            ic,
            ir,
            file.require.bb or "none",
            allocation,
            transfers,
            objective,
            file.secondary,
            alpha,
            between == "true",
            constraints,
            misreports,
        )
        return rounded(asked) if between == "rounded" else asked
    except InvalidDesign as error:
        part = next(
            (k for k in ("allocation", "transfer", "objective", "constraints") if str(error).startswith(k)),
            "require",
        )
        continuum = str(error).startswith("continuum")
        place = ("transfers" if part == "transfer" else part,)
        context.report(("beliefs", "designer", "continuum") if continuum else place, str(error))
        return None


def _transfers(context: Context) -> str | tuple[tuple[Rationals | None, Rationals | None], ...]:
    given = context.file.transfers
    if context.actions is not None and "transfers" not in context.file.given:
        return "none"
    if isinstance(given, str):
        if given not in ("free", "none"):
            raise ValueError(f"expected free, none or limits, found {given!r}{near(given, ['free', 'none'])}")
        return given
    if not isinstance(given, dict) or not given:
        raise ValueError("expected free, none, {limit: 5}, {lower: 0, upper: 5}, or one of these per agent")
    if set(given) <= {"limit", "lower", "upper"}:
        return tuple(_limits(context, given, i) for i in range(len(context.agents)))
    found = context.per_agent("transfers", given, partial(_limits, context))
    return tuple(found.get(i, (None, None)) for i in range(len(context.agents)))


def _limits(context: Context, value: Any, agent: int) -> tuple[Rationals | None, Rationals | None]:
    wrong: list[str] = []
    spec = Limits.read(value, (), lambda _, message: wrong.append(message))
    if wrong:
        raise ValueError("limits read {limit: 5} or {lower: 0, upper: 5}")
    if spec.limit is not None:
        if spec.lower is not None or spec.upper is not None:
            raise ValueError("give either limit, or lower and upper")
        limit = _end(context, spec.limit, agent)
        if bool(np.any(limit < 0)):
            raise ValueError(f"limit must not be negative, found {text(limit.min())}")
        return -limit, limit
    low, high = (None if v is None else _end(context, v, agent) for v in (spec.lower, spec.upper))
    if low is not None and high is not None and bool(np.any(low > high)):
        if low.size == high.size == 1:
            raise ValueError(f"lower {text(low.item())} exceeds upper {text(high.item())}")
        raise ValueError("lower exceeds upper at some types")
    return low, high


def _end(context: Context, value: Any, agent: int) -> Rationals:
    """A bound: a formula of the reports, a list over the agent's own types, or nested lists over the grid."""
    if isinstance(value, list) and not (value and isinstance(value[0], list)):
        along = [1] * len(context.agents)
        along[agent] = context.agents[agent].size
        return context.own(value, agent).reshape(along)
    return context.table(value, context.shape, agent)


def _objective(context: Context, environment: Environment) -> Objective:
    spec = context.file.objective
    given = [k for k in ("named", "weighted_interim", "maximize", "minimize") if getattr(spec, k) is not None]
    if len(given) != 1:
        raise ValueError("give exactly one of a name (revenue, ...), weighted-interim, maximize or minimize")
    if spec.named == "undominated":
        given_mechanism = context.file.given_mechanism
        if given_mechanism is None:
            raise ValueError(
                "undominated goes with `outcomes: prices`, or with `given:`, the mechanism that another would have to dominate"
            )
        found_given = read_given(context, environment, given_mechanism)
        if found_given is None:
            return Objective()
        return Objective.undominated(found_given[0], list(found_given[1]))
    if spec.named is not None:
        return Objective(str(spec.named))
    if spec.weighted_interim is not None:
        found = context.per_agent("objective", spec.weighted_interim, context.own, "weighted-interim")
        zero = [Rationals.zeros((a.size,)) for a in context.agents]
        return Objective.weighted_interim([found.get(i, zero[i]) for i in range(len(context.agents))])
    linear = spec.maximize or spec.minimize
    assert isinstance(linear, Linear)
    side = given[0]
    allocation = transfers = None
    if linear.allocation is not None:
        allocation = on_outcomes(context, linear.allocation)
    if linear.transfers is not None:
        found = context.per_agent(
            "objective",
            linear.transfers,
            lambda v, i: context.table(v, context.shape, i).broadcast_to(context.shape),
            side,
            "transfers",
        )
        transfers = [found.get(i, Rationals.zeros(context.shape)) for i in range(len(context.agents))]
    if allocation is None and transfers is None:
        raise ValueError("a linear objective needs allocation or transfers coefficients")
    return Objective.linear(
        allocation, transfers, maximize=side == "maximize", expected=linear.expected == "true"
    )
