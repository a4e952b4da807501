"""The way back from columns: a point of a program as the mechanism that it stands for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, stack
from ..mechanism.mechanism import Mechanism
from ..program import Program
from ..question.design import Design
from .plan import Plan
from .rows.keys import Kind, key


def mechanisms(
    plan: Plan,
    program: Program,
    flat: Rationals,
    *,
    count: int,
    allowed: npt.NDArray[np.bool_] | None = None,
    homogeneous: bool = False,
) -> tuple[Mechanism, ...]:
    """The allocation and transfers of each of ``count`` rules.

    Parameters
    ----------
    allowed : the outcomes to which a case narrows them, ``(copies, |A|, *Theta)``.
    homogeneous : for a direction: what is given does not change.
    """
    if plan.reduces:
        return (mechanism(plan, program, flat, allowed, homogeneous=homogeneous),)
    design, environment = plan.design, plan.design.environment
    allocation = _allocation(design, program, flat, allowed)
    if homogeneous and key(Kind.CHANCE) not in program.column_start:
        allocation = allocation * 0
    paid = [_paid(program, flat, i) for i in range(environment.n)]
    none = Rationals.zeros((count, *environment.shape))
    transfers = [none if t is None else t for t in paid]
    return tuple(
        Mechanism(
            environment,
            allocation[k if len(allocation) > 1 else 0].reduced(),
            stack([t[k] for t in transfers]).reduced(),
        )
        for k in range(count)
    )


def _allocation(
    design: Design, program: Program, flat: Rationals, allowed: npt.NDArray[np.bool_] | None
) -> Rationals:
    """``(copies or 1, |A|, *Theta)``"""
    if (name := key(Kind.CHANCE)) in program.column_start:
        return program.values(name, flat).moveaxis(-1, 1)
    if design.lottery is not None:
        return design.lottery.reshape(1, *design.lottery.shape)
    assert allowed is not None  # the case at hand leaves one outcome at each profile
    return Rationals((design.allowed & allowed).astype(np.int64))


def _paid(program: Program, flat: Rationals, i: int) -> Rationals | None:
    name = key(Kind.TRANSFER, i)
    return program.values(name, flat) if name in program.column_start else None


def mechanism(
    plan: Plan,
    program: Program,
    flat: Rationals,
    allowed: npt.NDArray[np.bool_] | None = None,
    *,
    homogeneous: bool = False,
) -> Mechanism:
    """Columns back to an allocation and transfers by profile; see :func:`mechanisms`."""
    design, names = plan.design, program.column_start
    environment = design.environment
    if key(Kind.MIXTURE_OF_RULES) in names:
        assert plan.mixture is not None
        weights = program.values(key(Kind.MIXTURE_OF_RULES), flat)
        allocation = Rationals.zeros(plan.mixture.shape[1:])
        for k in np.flatnonzero(weights != 0):
            allocation = allocation + plan.mixture[k] * weights[k]
    elif key(Kind.CHANCE) in names:
        allocation = program.values(key(Kind.CHANCE), flat)[0].moveaxis(-1, 0)
    else:
        allocation = _allocation(design, program, flat, allowed)[0] * int(not homogeneous)
    paid = []
    for i in range(environment.n):
        if plan.envelope is not None:
            own = plan.envelope.transfers(i, allocation)
            paid.append(plan.envelope.interim[i].transfers(own).moveaxis(0, i))
            continue
        if plan.rents is not None:
            paid.append(plan.rents.transfers(i, program.values(key(Kind.RENT, i), flat), allocation))
            continue
        if key(Kind.TRANSFER, i) not in names:
            paid.append(Rationals.zeros(environment.shape))
            continue
        worth, factors = program.values(key(Kind.TRANSFER, i), flat)[0], plan.interim[i]
        paid.append(worth if factors is None else factors.transfers(worth).moveaxis(0, i))
    if plan.design.bb != plan.wanted.bb:
        paid = _balanced(plan, paid)
    return Mechanism(environment, allocation.reduced(), stack(paid).reduced())


def _balanced(plan: Plan, paid: list[Rationals]) -> list[Rationals]:
    """Interim transfers paid for by the others: the same in expectation of each type, their sum a constant.

    ``t_i = T_i - sum_{j != i} (T_j - E T_j) / (n - 1)``, of d'Aspremont and Gerard-Varet (1979).
    """
    environment, prior = plan.design.environment, plan.design.environment.designer
    assert prior is not None and environment.beliefs is not None
    n, own = environment.n, []
    for i, t in enumerate(paid):
        belief = environment.beliefs.shared[i]
        assert belief is not None
        # What the others expect a report to be paid: also a report that no type makes.
        seen = (t.moveaxis(i, 0) * belief).sum(axis=tuple(range(1, n)))
        own.append(
            seen.reshape(*(len(seen) if k == i else 1 for k in range(n))).broadcast_to(environment.shape)
        )
    deviations = [t - (prior * t).sum() for t in own]
    every = deviations[0]
    for deviation in deviations[1:]:
        every = every + deviation
    return [t - (every - d) * Fraction(1, n - 1) for t, d in zip(own, deviations, strict=True)]


__all__ = ["mechanism", "mechanisms"]
