"""How the optimal value of a program moves with its right-hand sides and bounds: one-sided derivatives, exactly.

At an optimal point only what is tight matters for a small move.  The tangent program asks for the best direction that what is
tight allows once it has moved; its dual is the set of all optimal multipliers, so its value is the smallest (or largest)
combination of them, and both of its solutions are proofs: a direction that reaches the derivative, and multipliers that say
that nothing exceeds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from ..deadline import Deadline
from ..exact.numbers import Rationals
from .decide import Decided, certified, decide_from, proposed
from .form import Form, form
from .highs import Basis
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime
from .solve import in_own_units
from .units import Units

#: A small move of a program: stored rows, lower and upper bounds of columns, each with how much it moves per unit.
Moves = Mapping[int, Fraction]


@dataclass(frozen=True)
class Move:
    """What moves, per unit: right-hand sides of stored rows, lower and upper bounds of columns."""

    rows: Moves = field(default_factory=dict)
    lower: Moves = field(default_factory=dict)
    upper: Moves = field(default_factory=dict)


@dataclass(frozen=True)
class Slope:
    """The one-sided derivative of the optimal value along a move.

    ``rate``: the improvement per unit (of a minimum: by how much it falls), None where the smallest move leaves nothing
    feasible.  ``point`` is optimal after the move times ``step`` (> 0), ``dual`` an optimal dual of the stored rows whose
    combination is the rate, or refuting multipliers.
    """

    rate: Fraction | None
    dual: Rationals
    point: Rationals | None = None
    step: Fraction = Fraction(0)


class Tangent:
    """The tangent program at an optimal point; each move is a right-hand side of it."""

    def __init__(self, program: Program, point: Rationals) -> None:
        self.program, self.form, self.point = program, form(program), point
        f = self.form
        self.slack = f.activity(point) - f.rhs
        self.tight = np.flatnonzero((self.slack.numerator == 0) | (f.senses == 0))
        self.low = f.has_lower & ((point - f.lower).numerator == 0)
        self.high = f.has_upper & ((f.upper - point).numerator == 0)
        self.matrix = f.matrix.part(self.tight, np.arange(f.num_columns))
        self.last: Basis | None = None

    def slope(self, move: Move, deadline: Deadline) -> Slope | None:
        """The derivative along a move; None where it is not found in time."""
        f, scales = self.form, self.program.row_scales
        moved = _sparse(move.rows, f.num_rows) * scales
        lower, upper = (_sparse(m, f.num_columns) for m in (move.lower, move.upper))
        tangent = Form(
            self.matrix,
            f.senses[self.tight],
            moved[self.tight],
            lower,
            upper,
            self.low,
            self.high,
            f.costs,
            f.row_scale[self.tight],
            f.column_scale,
        )
        try:
            found = self._decided(tangent, deadline)
        except (Unsolved, OutOfTime):
            return None
        if found.y is None:
            return None
        numerator = np.zeros(f.num_rows, dtype=found.y.numerator.dtype)
        numerator[self.tight] = found.y.numerator
        dual = Rationals(numerator, found.y.denominator) * scales
        if found.outcome == "infeasible":
            return Slope(None, dual)
        if found.outcome != "optimal" or found.x is None:
            return None
        sign = -1 if self.program.maximize else 1
        step = self._step(found.x, moved, lower, upper)
        point = (self.point + found.x * step).reduced()
        return Slope(-tangent.objective(found.x), dual * sign, point, step)

    def _decided(self, tangent: Form, deadline: Deadline) -> Decided:
        """A checked verdict; begun from the last basis, as only right-hand sides differ."""
        units = Units.of(tangent)
        form, say = tangent if units is None else units.form, lambda phase: None
        found = certified(form, self.last, deadline, say, "given basis")
        found = found or decide_from(proposed(form, deadline, self.last), form, deadline, say, None)
        self.last = found.basis or self.last
        return found if units is None else in_own_units(found, units)

    def _step(self, way: Rationals, moved: Rationals, lower: Rationals, upper: Rationals) -> Fraction:
        """How far a direction keeps what is not tight, at most 1."""
        f, step = self.form, Fraction(1)
        senses = Rationals(f.senses.astype(np.int64))
        rates = (f.activity(way) - moved) * senses
        step = _ratio(self.slack * senses, rates, f.senses != 0, step)
        step = _ratio(self.point - f.lower, way - lower, f.has_lower, step)
        return _ratio(f.upper - self.point, upper - way, f.has_upper, step)


def _ratio(left: Rationals, rate: Rationals, asked: np.typing.NDArray[np.bool_], most: Fraction) -> Fraction:
    """The largest step, at most ``most``, at which ``left + step * rate`` is not negative where it is asked."""
    for k in np.flatnonzero(asked & (rate.numerator < 0) & (left.numerator != 0)):
        most = min(most, left[int(k)] / -rate[int(k)])
    return most


def _sparse(moves: Moves, size: int) -> Rationals:
    cells = [Fraction(0)] * size
    for place, by in moves.items():
        cells[place] = by
    return Rationals.from_fractions(cells, (size,))


__all__ = ["Move", "Slope", "Tangent"]
