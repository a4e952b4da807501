"""Weighted virtual values: what an outcome at a profile of types is worth to a designer who leaves no more rent than she must.

The least rents of a dominant-strategy mechanism add up the steps between neighbouring types, from the type that gets none.  So
expected revenue is ``sum_theta sum_a q(a | theta) Phi(a, theta)`` with

    Phi(a, theta) = sum_i  p(theta) u_i(a, theta)  -  Pr(own type better than theta_i, others theta_-i) * step_i(a, theta),

where ``step_i`` is what the next better type gains from the same outcome (Myerson 1981; on a correlated prior Zhang 2021, section
4.2.1).  Weighted by the prior, it is defined also where the prior is zero.
"""

from __future__ import annotations

import numpy as np

from ..environment.model import Environment, InvalidEnvironment
from ..exact.numbers import Rationals


def virtual_values(environment: Environment, prior: Rationals) -> Rationals:
    """``Phi``, shape ``(|A|, *Theta)``, under a prior of shape ``Theta``.

    Raises
    ------
    InvalidEnvironment
        A prior of another shape, payoffs that are not known exactly, or an agent whose types are not ordered: neither every
        outcome gains nor every outcome loses from one type to the next.
    """
    shape = environment.shape
    if prior.shape != shape:
        raise InvalidEnvironment(f"a prior of shape {shape} is needed, not {prior.shape}")
    if environment.utility_above is not None:
        raise InvalidEnvironment("virtual values need payoffs that are known exactly")
    found = Rationals.zeros((len(environment.outcomes), *shape))
    for i, agent in enumerate(environment.agents):
        utility = environment.utility[i].broadcast_to(found.shape).moveaxis(1 + i, 0)
        mass = prior.moveaxis(i, 0)
        better = np.minimum(np.arange(agent.size) + 1, agent.size - 1)
        steps, upwards = utility[better] - utility, slice(None)
        if bool(np.any(steps < 0)):  # the best type comes first
            if bool(np.any(steps > 0)):
                raise InvalidEnvironment(
                    f"the types of {agent.name} are not ordered: from one to the next some outcome gains, and some outcome loses"
                )
            upwards = slice(None, None, -1)
            utility, mass = utility[upwards], mass[upwards]
            steps = utility[better] - utility
        above = mass.sum(axis=0) - Rationals(np.cumsum(mass.numerator, axis=0), mass.denominator)
        cells = (agent.size, 1, *mass.shape[1:])
        own = mass.reshape(cells) * utility - above.reshape(cells) * steps
        found = found + own[upwards].moveaxis(0, 1 + i)
    return found.reduced()


__all__ = ["virtual_values"]
