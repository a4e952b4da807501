"""What an agent makes of outcomes: which are alike to her, and how far each payoff is known.

A payoff is an unknown real number between rational ends.  Where the same number stands several times (for outcomes that are
alike to the agent, and along axes of the type grid on which her payoff does not depend) it is one unknown: what a
combination of payoffs can be at least is found number by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, maximum, summed_by

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Worth:
    """The payoffs of one agent, each different one once.

    ``classes``, shape ``(|A|,)``: which outcomes are alike to her; ``low``, shape ``(C, *Theta)``: their payoffs (lower ends).
    ``spread``, shape ``(C, *Theta)`` with axes of length one where it does not vary: by how much the upper end of each payoff
    exceeds the lower one; None where all payoffs are exact.
    """

    classes: Places
    low: Rationals
    spread: Rationals | None

    @classmethod
    def of(cls, low: Rationals, high: Rationals | None, alike: Sequence[int] | None) -> Worth:
        """From lower and upper ends ``(|A|, *Theta)``, and labels of outcomes that are known to be alike though their payoffs are
        not exact.

        Raises
        ------
        ValueError
            Labels that join outcomes with different payoffs.
        """
        whole, low = low.shape, _each_outcome(low)
        high = None if high is None else _each_outcome(high)
        labels: Sequence[object] = _keys(low)
        if high is not None:  # equal ends do not make equal numbers, unless they are said to
            exact = np.asarray(high == low).reshape(len(low), -1).all(axis=1).tolist()
            assert isinstance(exact, list)
            said = range(len(low)) if alike is None else alike
            labels = [labels[k] if exact[k] else ("said", own) for k, own in enumerate(said)]
        known: dict[object, int] = {}
        classes = np.array([known.setdefault(label, len(known)) for label in labels], dtype=np.intp)
        first = np.unique(classes, return_index=True)[1].astype(np.intp)
        if high is not None:
            for end in (low, high):
                if bool(np.any(end[first[classes]] != end)):
                    raise ValueError("outcomes that are said to be alike have different payoffs")
        spread = None if high is None else (high[first] - low[first]).reduced()
        return cls(classes, low[first].broadcast_to((len(first), *whole[1:])), spread)

    def gathered(self, allocation: Rationals) -> Rationals:
        """An array over outcomes (first axis) as one over classes: chances of outcomes that are alike are added up."""
        if len(self.low) == len(self.classes):
            return allocation
        return summed_by(allocation, self.classes, len(self.low))

    def lost(
        self, agent: int, weights: Rationals, over: tuple[int, ...], types: Places | None = None
    ) -> Rationals:
        """By how much ``sum weights * payoff`` can fall short of what it is at the lower ends.

        ``weights`` has shape ``(C, W, T, R, *rest)``: classes, states, types of the agent (``types``; default all), reports, and
        the others' types; ``over`` says which of its axes are summed.  Weights of the same payoff are added up before.
        """
        assert self.spread is not None
        spread = self.spread.moveaxis(agent + 1, 1)
        if types is not None and spread.shape[1] > 1:
            spread = spread[:, types]
        spread = spread.reshape(spread.shape[0], 1, spread.shape[1], 1, *spread.shape[2:])
        same = tuple(k for k in over if spread.shape[k] == 1)
        if same:
            kept = tuple(1 if k in same else size for k, size in enumerate(weights.shape))
            weights = weights.sum(axis=same).reshape(kept)
        out: Rationals = (maximum(-weights, 0) * spread).sum(axis=over)
        return out


def decided_best(
    low: Sequence[Rationals], high: Sequence[Rationals], classes: Sequence[Places]
) -> tuple[npt.NDArray[np.bool_], tuple[int, int, tuple[int, ...]] | None]:
    """The outcomes with the largest sum of payoffs at each profile ``(|A|, *Theta)``, and two outcomes with a profile at which
    their ends do not decide (None: everywhere they do).  Payoffs of outcomes that are alike cancel."""

    def gap(end: Sequence[Rationals], other: Sequence[Rationals], a: int, b: int) -> Rationals:
        """The least that a is worth more than b, from the ends of a and the other ends of b."""
        out = Rationals.zeros(low[0].shape[1:])
        for mine, theirs, alike in zip(end, other, classes, strict=True):
            if alike[a] != alike[b]:
                out = out + mine[a] - theirs[b]
        return out

    total = [Rationals.zeros(low[0].shape), Rationals.zeros(low[0].shape)]
    for i in range(len(low)):
        total = [total[0] + low[i], total[1] + high[i]]
    best = np.asarray(total[1] >= total[0].max(axis=0), dtype=bool)
    several = best & (best.sum(axis=0) > 1)
    rivals = np.flatnonzero(several.any(axis=tuple(range(1, several.ndim))))
    for k, a in enumerate(rivals.tolist()):
        for b in rivals[k + 1 :].tolist():
            both = best[a] & best[b]
            if not both.any():
                continue
            ahead, behind = gap(low, high, a, b), gap(low, high, b, a)  # least of a - b, of b - a
            tied = (ahead == 0) & (behind == 0)
            open_ = both & ~tied & (ahead <= 0) & (behind <= 0)
            if open_.any():
                return best, (a, b, tuple(int(k) for k in np.argwhere(open_)[0]))
            best[b] &= ~(both & (ahead > 0))
            best[a] &= ~(both & (behind > 0))
    return best, None


def _each_outcome(payoffs: Rationals) -> Rationals:
    """Axes of the type grid shrunk where payoffs do not vary; the outcomes all there, though they may be worth the same."""
    varies = payoffs.unrepeated()
    return varies.broadcast_to((len(payoffs), *varies.shape[1:]))


def _keys(array: Rationals) -> list[object]:
    """Something equal for outcomes with equal rows."""
    rows = array.numerator.reshape(len(array), -1)
    if rows.dtype == object:
        return [tuple(row) for row in rows.tolist()]
    rows = np.ascontiguousarray(rows)
    return [row.tobytes() for row in rows]
