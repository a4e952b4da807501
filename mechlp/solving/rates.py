"""One-sided rates of an optimum: for each requirement with a multiplier, what it gains to relax it and costs to tighten it.

Each is one more small program, the tangent of the whole program at the optimum (:mod:`mechlp.program.tangent`); what is
reported is what its two solutions prove from the definitions (:mod:`mechlp.proof.rates`).  A requirement without a multiplier in
some proof gains nothing by being relaxed, and that proof says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..deadline import Deadline
from ..exact.numbers import Rationals, concatenate
from ..mechanism.audit import truthful_payoffs
from ..mechanism.mechanism import Mechanism
from ..mechanism.relaxed import Relaxed, kind_of
from ..program import Program, Solution
from ..program.form import form
from ..program.solve import solve as solve_program
from ..program.tangent import Move, Slope, Tangent
from ..proof.guarantee import WorstCase
from ..proof.invalid import InvalidCertificate
from ..proof.multipliers import Multipliers
from ..proof.rates import OneSided, Proven, Rate, Rates, on, together, undefined, with_weight
from ..question.design import Design
from ..question.rules import Rules
from .columns_back import mechanisms
from .compile import compile
from .nature import nature
from .plan import Plan
from .reductions import full_size
from .rows.keys import Kind, key
from .rows_back import multipliers, row_numbers

#: Entries of a program that is compiled and whose tangent is set up in a second, and of one that is solved anew, at least.
TANGENT, ANEW = 500_000, 50_000
SLOW, LATE = "the others would take longer than the answer did", "they would take longer than the answer did"


def rates(found: Answer, known: tuple[Program, Solution] | None, deadline: Deadline) -> Rates | None:
    """The rates of an optimal answer, so far as the time goes; None where it is not optimal.

    ``known`` is the whole program with an optimal solution, where they are at hand.
    """
    if found.status != "optimal" or not found.certified or found.value is None or found.proof is None:
        return None
    if reason := undefined(found.design, found.proof.multipliers):
        return Rates((), reason)
    if full_size(found.design).entries > TANGENT * deadline.left:
        return Rates((), LATE)
    known = known or whole(found, deadline)
    if known is None:
        return Rates((), LATE)
    return Examined(found, *known).every(deadline)


def whole(found: Answer, deadline: Deadline) -> tuple[Program, Solution] | None:
    """The whole program of an optimum that was found in another way: the mechanism as its columns, or else solved anew."""
    program = compile(found.design)
    point = _columns(found.design, program, found.rules)
    if point is not None and _attains(program, point, found.value):
        return program, Solution("optimal", found.value, found.value, point)
    if program.nonzeros > ANEW * deadline.left:
        return None
    solution = solve_program(program, time_limit=deadline)
    return (program, solution) if solution.status == "optimal" else None


def _columns(design: Design, program: Program, rules: Sequence[Mechanism]) -> Rationals | None:
    """A mechanism of one rule as the columns of its program; None where there are others than chances, transfers and payoffs."""
    parts: list[Rationals] = []
    for block in program.blocks if len(rules) == 1 and not design.pessimistic else ():
        name, _, number = block.name.rpartition(" ")
        if block.name == key(Kind.CHANCE):
            parts.append(rules[0].allocation.moveaxis(0, -1))
        elif name == Kind.TRANSFER:
            parts.append(rules[0].transfers[int(number)])
        elif name == Kind.PAYOFF and design.ic_notion is not None:
            states = design.ic_notion.states(design.environment, int(number))
            parts.append(truthful_payoffs(rules, states, int(number))[0])
        else:
            return None
    return concatenate([part.ravel() for part in parts]).reduced() if parts else None


def _attains(program: Program, point: Rationals, value: Fraction | None) -> bool:
    """Whether a point satisfies a program, and is worth so much."""
    if len(point) != program.num_columns or (program.costs * point).sum() + program.constant != value:
        return False
    return form(program).feasible(point)


def in_turn(
    asked: Sequence[Relaxed],
    totals: Sequence[Relaxed],
    one: Callable[[Relaxed, int, Deadline], OneSided | None],
    multiplier: Callable[[Relaxed], Fraction],
    deadline: Deadline,
) -> Rates:
    """Rates of requirements, so far as the time goes: what relaxing gains before what tightening costs, then both of totals."""
    sides: dict[Relaxed, dict[int, OneSided]] = {r: {} for r in (*asked, *totals)}
    why = ""
    for relaxed, way in (
        *((r, w) for w in (1, -1) for r in asked),
        *((r, w) for r in totals for w in (1, -1)),
    ):
        if deadline.passed:
            why = SLOW
            break
        side = one(relaxed, way, deadline)
        if side is not None:
            sides[relaxed][way] = side
    examined = tuple(
        Rate(relaxed, multiplier(relaxed), found.get(1), found.get(-1))
        for relaxed, found in sides.items()
        if found
    )
    return Rates(examined, why)


class Examined:
    """The tangent of a program, and the ways from requirements to its moves and back from its solutions to proofs."""

    def __init__(self, found: Answer, program: Program, solution: Solution) -> None:
        assert solution.primal is not None and found.value is not None and found.proof is not None
        design, y = found.design, found.proof.multipliers
        assert y is not None
        program = _room_for_chances(program)
        self.design, self.value, self.program = design, found.value, program
        self.labels, self.sign = Rules.of(design), -1 if program.maximize else 1
        self.tangent = Tangent(program, solution.primal)
        self.rows = row_numbers(program, self.labels, design)
        self.units = concatenate(
            [
                (Rationals.of(1) if f.unit is None else f.unit).broadcast_to(f.shape).ravel()
                for f in program.families
            ]
        )
        self.proven, self.made = Proven(design), {}  # type: ignore[var-annotated]
        self.weights = self.proven(y)[1]

    def every(self, deadline: Deadline) -> Rates:
        """What is asked by name before the chances' total; larger multipliers first."""
        single = sorted(with_weight(self.weights), key=lambda r: -abs(on(self.weights, r)))
        totals = [r for r in single if r.keys == ("lottery",)]
        asked = [*together(self.design, self.weights), *(r for r in single if r.keys != ("lottery",))]
        return in_turn(asked, totals, self.one, lambda relaxed: on(self.weights, relaxed), deadline)

    def one(self, relaxed: Relaxed, way: int, deadline: Deadline) -> OneSided | None:
        """A rate with its proofs, checked; None where there is none in time."""
        slope = self.tangent.slope(self.move(relaxed, way), deadline)
        if slope is None:
            return None
        found = self.proved(slope, way)
        try:
            found.check(self.value, relaxed, way, self.proven)
        except InvalidCertificate:
            return None
        return found

    def move(self, relaxed: Relaxed, way: int) -> Move:
        """Requirements that give way by one (``way`` -1: are asked with one to spare), as right-hand sides and bounds."""
        rows: dict[int, Fraction] = {}
        bounds: dict[str, dict[int, Fraction]] = {"least": {}, "most": {}}
        for name in relaxed.keys:
            kind, agent = kind_of(name)
            up = way if kind in ("lottery", "most") else -way
            if kind in bounds:
                block = key(Kind.TRANSFER, agent)
                shape = self.program.block(block).shape
                numbers = np.arange(int(np.prod(shape))).reshape(shape) + self.program.column_start[block]
                bounds[kind] |= dict.fromkeys(_picked(numbers, relaxed.cell), Fraction(up))
                continue
            for number in _picked(self.rows[name], relaxed.cell):
                if number:
                    rows[number - 1] = self.units[number - 1] * up
        return Move(rows, bounds["least"], bounds["most"])

    def proved(self, slope: Slope, way: int) -> OneSided:
        """What a slope says of requirements."""
        y = self._multipliers(slope)
        if slope.rate is None or slope.point is None:
            return OneSided(None, y)
        rules = mechanisms(Plan.whole(self.design), self.program, slope.point, count=self.labels.count)
        worst = self._worst_case(slope)
        return OneSided(slope.rate * way, y, slope.step, rules, worst)

    def _multipliers(self, slope: Slope) -> Multipliers:
        """A dual as multipliers; one object for all slopes with the same."""
        dual = slope.dual.reduced()
        key = (slope.rate is None, dual.denominator, tuple(dual.numerator.tolist()))
        if key not in self.made:
            refutes = slope.rate is None
            solution = Solution("infeasible" if refutes else "optimal", dual=dual)
            self.made[key] = multipliers(
                Plan.whole(self.design),
                self.program,
                solution,
                self.labels,
                sign=1 if refutes else self.sign,
                design=self.design,
            )
        return self.made[key]

    def _worst_case(self, slope: Slope) -> WorstCase | None:
        """What the mechanism of the moved problem guarantees over the designer's set."""
        own, point = nature(self.design), slope.point
        if own is None or point is None:
            return None
        prior = own.point(lambda kind: self.program.multipliers(key(kind), slope.dual) * self.sign)
        return WorstCase(prior, own.prices(lambda name: self.program.values(name, point)))


def _room_for_chances(program: Program) -> Program:
    """The same with chances that are at most 2 where they may be used: that they are at most 1 follows from their total, which
    may move."""
    blocks = tuple(
        replace(b, upper=b.upper * 2) if b.name == key(Kind.CHANCE) and b.upper is not None else b
        for b in program.blocks
    )
    return replace(program, blocks=blocks)


def _picked(numbers: np.typing.NDArray[np.intp], cell: tuple[int, ...] | None) -> Iterator[int]:
    """One of an array of numbers, or all."""
    return map(int, numbers.ravel() if cell is None else [numbers[cell]])


__all__ = ["Examined", "in_turn", "rates", "whole"]
