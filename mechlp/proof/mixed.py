"""A design between others, number by number: what polynomials of a parameter are where nobody has read the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..environment import Beliefs, InvalidEnvironment
from ..exact.numbers import Rationals
from ..question.design import Bounds, Design


def mixed(designs: Sequence[Design], weights: Sequence[Fraction], *, apart: bool) -> Design:
    """A design whose payoffs, bounds on transfers and probabilities are a combination of those of others (``apart``: the
    designer's prior, too, which is that of the agents otherwise)."""
    base, environment = designs[0], designs[0].environment

    def total(arrays: Sequence[Rationals]) -> Rationals:
        out = Rationals.zeros(())
        for array, weight in zip(arrays, weights, strict=True):
            if weight:
                out = out + array * weight
        return out

    n = environment.n
    priors = [p for p in (d.environment.designer for d in designs) if p is not None] if apart else []
    between = replace(
        environment,
        utility=tuple(total([d.environment.utility[i] for d in designs]) for i in range(n)),
        outside=tuple(total([d.environment.outside[i] for d in designs]) for i in range(n)),
        beliefs=_beliefs([d.environment.beliefs for d in designs], total),
        designer=total(priors) if priors else None,
    )
    transfers: str | tuple[Bounds, ...] = base.transfers
    if not isinstance(transfers, str):
        pairs = [
            [
                None if end is None else total([Rationals.of(d.transfer_bounds(i)[side]) for d in designs])
                for side, end in enumerate(base.transfer_bounds(i))
            ]
            for i in range(n)
        ]
        transfers = tuple((low, high) for low, high in pairs)
    kind = base.allocation if isinstance(base.allocation, Rationals) or base.deterministic else "chosen"
    return replace(base, environment=between, transfers=transfers, allocation=kind)


def _beliefs(
    beliefs: Sequence[Beliefs | None], total: Callable[[Sequence[Any]], Rationals]
) -> Beliefs | None:
    """A combination of beliefs, weight by weight; probabilities that do not depend on the parameter stay the same.  Raises
    InvalidEnvironment where the weights of a prior do not add up to a positive number."""
    every = [b for b in beliefs if b is not None]
    if not every:
        return None
    weights = tuple(total([b.weights[i] for b in every]) for i in range(len(every[0].weights)))
    priors = [(b.prior, b.total) for b in every if b.prior is not None]
    if not priors:
        return replace(every[0], weights=weights)
    sums = total([Rationals.of(own) for _, own in priors]).item()
    if sums <= 0:
        raise InvalidEnvironment("weights that add up to nothing")
    return Beliefs(weights, total([prior * own for prior, own in priors]) / sums, sums)


__all__ = ["mixed"]
