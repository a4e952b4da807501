"""What recommended actions tell those who hear them: their chances, and the beliefs that they induce."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..environment.actions import Actions
from ..exact.numbers import Rationals
from .mechanism import Mechanism


@dataclass(frozen=True)
class Heard:
    """What one type of an agent makes of one recommendation, given that she and all others report the truth and obey.

    ``chance`` is the probability of hearing it, by the type's own belief.  ``types`` has, for each other agent, the probability
    of each of her types after hearing it, ``actions`` that of each action that she is recommended.
    """

    agent: int
    type: int
    action: int
    chance: Fraction
    types: dict[int, tuple[Fraction, ...]]
    actions: dict[int, tuple[Fraction, ...]]


def recommendations(mechanism: Mechanism) -> Iterator[Heard]:
    """Every recommendation that is heard with positive probability, in the order of agents, types and actions.

    Raises
    ------
    ValueError
        Where the environment has no actions, or no beliefs.
    """
    environment = mechanism.environment
    actions, beliefs = environment.actions, environment.beliefs
    if actions is None or beliefs is None:
        raise ValueError("recommendations need an environment with actions and beliefs")
    for i, agent in enumerate(environment.agents):
        if actions.count(i) < 2:
            continue
        mass, groups = beliefs.mass(i).fractions(), actions.groups(i)
        joint = mechanism.allocation * beliefs.weights[i]  # (|A|, *Theta)
        for own in (k for k in range(agent.size) if mass[k]):
            seen = joint.moveaxis(i + 1, 1)[:, own]
            for action, group in enumerate(groups):
                here = seen[group]
                total = here.sum()
                if total:
                    yield Heard(
                        i,
                        own,
                        action,
                        total / mass[own],
                        _types(environment.shape, i, here),
                        _actions(actions, i, group, here),
                    )


def _types(shape: tuple[int, ...], agent: int, here: Rationals) -> dict[int, tuple[Fraction, ...]]:
    """Marginals of the others' types, ``here`` being of shape ``(outcomes, *Theta_-i)``."""
    others = [k for k in range(len(shape)) if k != agent]
    total, out = here.sum(), {}
    for axis, k in enumerate(others):
        rest = tuple(a for a in range(here.ndim) if a != axis + 1)
        out[k] = tuple(c / total for c in here.sum(axis=rest).fractions())
    return out


def _actions(
    actions: Actions, agent: int, group: npt.NDArray[np.intp], here: Rationals
) -> dict[int, tuple[Fraction, ...]]:
    """Marginals of what the others hear."""
    by_outcome = here.reshape(len(group), -1).sum(axis=1).fractions()
    total, out = sum(by_outcome), {}
    for k, names in enumerate(actions.names):
        if k != agent and len(names) > 1:
            heard = actions.own[k][group]
            out[k] = tuple(
                sum((c for c, a in zip(by_outcome, heard, strict=True) if a == action), Fraction(0)) / total
                for action in range(len(names))
            )
    return out
