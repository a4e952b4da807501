"""The primal simplex method in exact arithmetic, from any basis: slow, and always right.

Bounded variables; phase one minimises the sum of infeasibilities; Bland's rule (Bland 1977, "New finite pivoting
rules for the simplex method") in both phases, and a limit on pivots.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals
from .exact import BasicSystem, slack_basis, spread, tidy
from .form import Form
from .highs import BASIC, LOWER, UPPER, ZERO, Basis
from .kernel import Singular

MAX_PIVOTS = 500


class OutOfTime(RuntimeError):
    """The deadline passed before exact pivoting ended."""


@dataclass(frozen=True)
class Pivoted:
    """How exact pivoting ended: ``y`` proves ``optimal`` or ``infeasible``, ``ray`` proves ``unbounded``."""

    outcome: Literal["optimal", "infeasible", "unbounded"]
    x: Rationals
    y: Rationals
    ray: Rationals | None
    basis: Basis
    pivots: int


def pivot(form: Form, start: Basis | None = None, deadline: Deadline = NEVER) -> Pivoted:
    """Decide a form exactly, starting from a basis (from the slack basis when none, or when singular).

    Raises
    ------
    OutOfTime
        When ``deadline`` passes.
    Unsolved
        When a basic system is too large and ill-conditioned for exact arithmetic.
    """
    walk = _Walk(form, tidy(form, start) if start is not None else slack_basis(form), deadline)
    while True:
        if deadline.passed:
            raise OutOfTime("the time ran out during exact pivoting")
        # Phase one changes its objective as it goes, so Bland's rule alone does not exclude cycles there.
        if walk.pivots > MAX_PIVOTS:
            raise OutOfTime(f"exact pivoting did not end within {MAX_PIVOTS} pivots")
        end = walk.step()
        if end is not None:
            return end


class _Walk:
    """The state between pivots.  Variables are columns, then the activities of rows."""

    def __init__(self, form: Form, basis: Basis, deadline: Deadline) -> None:
        self.form, self.deadline, self.pivots = form, deadline, 0
        self.statuses = np.concatenate([basis.columns, basis.rows])
        rhs, columns = form.rhs.fractions(), form.num_columns
        lower, upper = form.lower.fractions(), form.upper.fractions()
        self.lower: list[Fraction | None] = [
            v if has else None for v, has in zip(lower, form.has_lower, strict=True)
        ]
        self.upper: list[Fraction | None] = [
            v if has else None for v, has in zip(upper, form.has_upper, strict=True)
        ]
        self.lower += [b if sense >= 0 else None for b, sense in zip(rhs, form.senses, strict=True)]
        self.upper += [b if sense <= 0 else None for b, sense in zip(rhs, form.senses, strict=True)]
        self.columns = columns

    @property
    def basis(self) -> Basis:
        return Basis(self.statuses[: self.columns], self.statuses[self.columns :])

    def step(self) -> Pivoted | None:
        """One pivot, or the end.  A singular basis, which floats may not notice, gives way to the slack basis."""
        try:
            return self._step()
        except Singular:
            slack = slack_basis(self.form)
            self.statuses = np.concatenate([slack.columns, slack.rows])
            return self._step()

    def _step(self) -> Pivoted | None:
        form = self.form
        system = BasicSystem(form, self.basis, self.deadline)
        x = system.primal()
        values = x.fractions() + form.activity(x).fractions()
        violation = self._violations(values)
        infeasible = any(violation)
        y, reduced = self._prices(system, violation) if infeasible else self._prices(system, None)
        entering = self._entering(reduced)
        if entering is None:
            return self._end("infeasible" if infeasible else "optimal", x, y)
        move = self._direction(system, entering, 1 if reduced[entering] < 0 else -1)
        blocked = self._blocking(entering, values, move.fractions() + form.activity(move).fractions())
        if blocked is None:
            return self._end("unbounded", x, y, move)
        leaving, status = blocked
        if leaving != entering:
            self.statuses[entering] = BASIC
        self.statuses[leaving] = status
        self.pivots += 1
        return None

    def _end(
        self,
        outcome: Literal["optimal", "infeasible", "unbounded"],
        x: Rationals,
        y: Rationals,
        ray: Rationals | None = None,
    ) -> Pivoted:
        return Pivoted(outcome, x, y, ray, self.basis, self.pivots)

    def _violations(self, values: list[Fraction]) -> list[int]:
        """-1 below the lower bound, 1 above the upper one, 0 within: the slope of phase one's objective."""
        out = [0] * len(values)
        for k in np.flatnonzero(self.statuses == BASIC).tolist():
            low, high, value = self.lower[k], self.upper[k], values[k]
            if low is not None and value < low:
                out[k] = -1
            elif high is not None and value > high:
                out[k] = 1
        return out

    def _prices(self, system: BasicSystem, slopes: list[int] | None) -> tuple[Rationals, list[Fraction]]:
        """Multipliers, and the slope of the objective in every nonbasic variable.

        Slopes on row activities (phase one) are slopes on columns through the matrix; what they contribute to the
        multipliers is added back, so that ``costs - matrix' y`` prices the columns.
        """
        form = self.form
        if slopes is None:
            y = system.dual()
            reduced = form.costs - form.pull(y)
        else:
            own = Rationals(np.array(slopes[: self.columns], dtype=np.int64))
            rows = Rationals(np.array(slopes[self.columns :], dtype=np.int64))
            # A slope s on the activity of a (basic, violated) row is the multiplier -s on that row.
            y = system.dual(own + form.pull(rows)) - rows
            reduced = own - form.pull(y)
        return y, reduced.fractions() + y.fractions()

    def _entering(self, reduced: list[Fraction]) -> int | None:
        """The first nonbasic variable whose move away from its bound improves (Bland)."""
        for k in np.flatnonzero(self.statuses != BASIC).tolist():
            fixed = self.lower[k] is not None and self.lower[k] == self.upper[k]
            if reduced[k] == 0 or fixed:
                continue
            status = self.statuses[k]
            if status == ZERO or (status == LOWER and reduced[k] < 0) or (status == UPPER and reduced[k] > 0):
                return int(k)
        return None

    def _direction(self, system: BasicSystem, entering: int, sign: int) -> Rationals:
        """How the columns move when the entering variable moves by ``sign``."""
        form = self.form
        own = np.zeros(self.columns, dtype=np.int64)
        pull = np.zeros(form.num_rows, dtype=np.int64)
        if entering < self.columns:
            own[entering] = sign
        else:
            pull[entering - self.columns] = sign
        gap = Rationals(pull) - form.activity(Rationals(own))
        wanted: Rationals = gap[system.active]
        numerator, denominator = system.kernel.solve(wanted.numerator)
        return spread(numerator, denominator * wanted.denominator, system.basic, self.columns) + Rationals(
            own
        )

    def _blocking(
        self, entering: int, values: list[Fraction], moves: list[Fraction]
    ) -> tuple[int, int] | None:
        """The variable that reaches a bound first (the lowest-numbered at ties), and the bound it reaches."""
        best: tuple[Fraction, int, int] | None = None
        candidates: npt.NDArray[np.int64] = np.flatnonzero(self.statuses == BASIC)
        for k in sorted([*candidates.tolist(), entering]):
            low, high, value, move = self.lower[k], self.upper[k], values[k], moves[k]
            if move == 0:
                continue
            # A violated variable stops only at the bound it violates, on its way in.
            first, second = ((low, LOWER), (high, UPPER)) if move > 0 else ((high, UPPER), (low, LOWER))
            outside = first[0] is not None and (first[0] - value) * move > 0
            target, status = first if outside else second
            if target is None or (target - value) * move < 0:
                continue
            ratio = (target - value) / move
            if best is None or ratio < best[0]:
                best = (ratio, k, status)
        return None if best is None else (best[1], best[2])
