"""Random games whose outcomes are profiles of recommended actions."""

import numpy as np

from mechlp import Agent, Environment, Rationals
from mechlp.environment.actions import Actions


def game(rng, shape, counts, low=-5, high=9):
    """Payoffs are integers from ``low`` to below ``high``; some profiles may have no weight."""
    acts = Actions.profiles([tuple(f"a{k}" for k in range(c)) if c > 1 else () for c in counts])
    size = int(np.prod(counts))
    agents = tuple(Agent.of(f"p{i}", [f"t{k}" for k in range(m)]) for i, m in enumerate(shape))
    utility = tuple(Rationals(rng.integers(low, high, (size, *shape))) for _ in shape)
    weights = rng.integers(0 if rng.random() < 0.3 else 1, 6, shape)
    weights.flat[0] += 1
    return Environment(agents, acts.labels, utility, Rationals(weights, int(weights.sum())), actions=acts)
