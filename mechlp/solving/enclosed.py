"""Questions about irrational payoffs: floats propose, and rational ends decide.

The program is that of the lower ends of all payoffs.  A float optimum is moved towards a point with room in every requirement
that can have some, so far that each holds for every payoff between its ends (:mod:`mechlp.mechanism.audit`); the float
multipliers, rounded, bound what any mechanism reaches for any of these payoffs (:mod:`mechlp.proof.bound`).  The answer is a
bracket: what is surely attained, and what surely nothing exceeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer, verdict
from ..deadline import Deadline
from ..exact.numbers import Rationals, maximum, minimum, stack
from ..mechanism.audit import audit
from ..mechanism.ends import attained
from ..mechanism.mechanism import Mechanism
from ..program import Block, Program, Solution, Term
from ..program.backend import propose, road
from ..program.bound import shifted
from ..program.form import Form, form
from ..program.highs import Proposal
from ..program.solve import solve as solve_program
from ..program.versions import versions
from ..proof.cases import Case
from ..proof.invalid import InvalidCertificate
from ..proof.lump_sum import lump_sum
from ..proof.multipliers import Multipliers
from ..proof.unmoved import unmoved
from ..question.design import Bounds, Design
from ..question.objective import goal
from ..question.rules import Rules
from ..question.undominated import given_mechanism
from .compile import compile
from .plan import Plan
from .rows.keys import Kind, key
from .rows_back import multipliers

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]
#: Bits of rounded chances and transfers, relative to the largest; most room that a requirement is given, in the same unit.
BITS, ROOM = 44, Fraction(1, 1000)
#: Shares of the point with room that are mixed in, in bits, from little to all.
SHARES = (24, 20, 16, 12, 8, 4, 0)
#: Payoffs are scaled to about one where the largest is beyond these powers of two.
SCALED = 6


class Image(Protocol):
    """A program that stands for a design with exact payoffs, and how its points and multipliers are read back."""

    program: Program

    def mechanism(self, columns: Floats) -> Mechanism:
        """An exact mechanism near the columns: lotteries are lotteries, equalities hold, inequalities nearly."""

    def multipliers(self, solution: Solution) -> Multipliers:
        """What the duals of a solution say of the design's requirements."""


def solve(
    design: Design, image: Callable[[Design], Image], time_limit: float | Deadline | None, progress: Progress
) -> Answer:
    """Answer a design whose payoffs have ends; ``image`` makes the program of one with exact payoffs."""
    if unmoved(design):
        given = (Mechanism(design.environment, *given_mechanism(design)),)
        method, none = "strict comparisons between rational ends: nothing else leaves all as well off", Fraction(0)
        report = audit(given, design)
        return Answer(design, "undominated", True, none, none, given, audit=report, method=method, versions=versions())
    return _Enclosed(design, image, time_limit, progress).answer()


class _Enclosed:
    def __init__(
        self,
        design: Design,
        image: Callable[[Design], Image],
        time_limit: float | Deadline | None,
        progress: Progress,
    ) -> None:
        self.design, self.say, self.started = design, progress, time.perf_counter()
        self.deadline = Deadline.of(time_limit)
        self.lower, self.unit, self.share = in_unit(design)
        progress("compile")
        self.image = image(self.lower)
        self.program, self.raised = near_one(self.image.program)
        self.aim = goal(design)

    def answer(self) -> Answer:
        """The verdict, checked from the definitions."""
        self.say("solve")
        canonical = form(self.program)
        proposal = propose(canonical, tight=True, time_limit=self.deadline)
        if proposal.outcome in ("infeasible", "unbounded", "unclear"):
            found = self._at_the_lower_ends()
        elif proposal.outcome != "optimal":
            found = Answer(
                self.design, "undecided", False, method=f"the float solver ended with: {proposal.outcome}"
            )
        else:
            found = self._bracket(canonical, proposal)
        seconds = time.perf_counter() - self.started
        return replace(found, timings={"total": seconds}, versions=versions())

    def _bracket(self, canonical: Form, proposal: Proposal) -> Answer:
        proof, proved = self._proved(canonical, proposal)
        rules = self._inside(_columns(canonical, proposal))
        report = audit(rules, self.design) if rules else None
        method = f"{road()} in floats, moved into the interior; bounds from rational ends of every payoff"
        if self.aim is None:
            status = "feasible" if rules else "undecided"
            return Answer(self.design, status, bool(rules), rules=rules, audit=report, method=method)
        value = attained(self.aim, rules[0]) if rules else None
        if self.design.wants.kind == "undominated" and (
            value is None or value < 0
        ):  # the given one gains nothing
            rules, value = (), None
            if self.design.wants.above is None:
                rules, value = (Mechanism(self.design.environment, *given_mechanism(self.design)),), Fraction(0)
            report = audit(rules, self.design) if rules else None
        status = verdict(self.design, value, proved)
        return Answer(
            self.design,
            status,
            status != "undecided",
            value,
            proved,
            rules,
            proof=proof,
            audit=report,
            method=method,
        )

    # -- what nothing exceeds -------------------------------------------------------------------
    def _proved(self, canonical: Form, proposal: Proposal) -> tuple[Case | None, Fraction | None]:
        """The float multipliers, rounded so that transfers cancel, and what they prove."""
        if self.aim is None:
            return None, None
        self.say("multipliers")
        y = shifted(canonical, proposal.dual, self.deadline.latest)
        if y is None:
            return None, None
        sign = -1 if self.program.maximize else 1
        case = Case(self._named(Solution("optimal", dual=y * self.program.row_scales * sign)))
        try:
            return case, case.bound(self.design)
        except InvalidCertificate:
            return None, None

    def _named(self, solution: Solution) -> Multipliers:
        """In the units of the design."""
        factor = self.share / (1 if solution.status == "infeasible" else self.raised)
        return self.image.multipliers(solution).scaled(factor)

    # -- what is attained -----------------------------------------------------------------------
    def _inside(self, best: Floats) -> tuple[Mechanism, ...]:
        """A mechanism near a float optimum that satisfies every requirement for certain; none when none is found."""
        self.say("a point with room")
        roomy = form(with_room(self.program))
        proposal = propose(roomy, tight=True, time_limit=self.deadline)
        inner = best
        if proposal.outcome == "optimal":
            inner = _columns(roomy, proposal)[: len(best)]
        self.say("audit")
        for bits in SHARES:
            share = 2.0**-bits
            found = self._mechanism(best * (1 - share) + inner * share)
            if audit(found, self.design).passed:
                return (found,)
        return ()

    def _mechanism(self, columns: Floats) -> Mechanism:
        made = self.image.mechanism(columns)
        return replace(
            made, environment=self.design.environment, transfers=(made.transfers * self.unit).reduced()
        )

    # -- no optimum -------------------------------------------------------------------------------
    def _at_the_lower_ends(self) -> Answer:
        """An exact verdict on the lower ends, as far as it holds for every payoff."""
        solution = solve_program(self.program, time_limit=self.deadline, progress=self.say)
        method = f"{solution.method}; checked for every payoff between its ends"
        if solution.status == "infeasible":
            case = Case(self._named(solution), refutes=True)
            try:
                if case.bound(self.design) is None:
                    return Answer(self.design, "infeasible", True, proof=case, method=method)
            except InvalidCertificate:
                pass
        payment = lump_sum(self.design) if solution.status == "unbounded" else None
        if payment is not None and solution.primal is not None:
            rules = self._inside(solution.primal.float)
            if rules:
                direction = (payment.direction(self.design.environment),)
                report = audit(rules, self.design)
                return Answer(
                    self.design,
                    "unbounded",
                    True,
                    rules=rules,
                    direction=direction,
                    audit=report,
                    method=method,
                )
        return Answer(self.design, "undecided", False, method=method)


# -- units ------------------------------------------------------------------------------------------
def in_unit(design: Design) -> tuple[Design, Fraction, Fraction]:
    """The design at the lower ends of all payoffs, which are neither large nor small in a unit; that unit; and what multipliers
    of this design are in those of the first."""
    environment = design.environment.lower
    largest = max(abs(u.unrepeated()).max() for u in environment.utility)
    power = 0 if largest == 0 else largest.numerator.bit_length() - largest.denominator.bit_length()
    if abs(power) <= SCALED or design.requirements or design.misreports is not None:
        return replace(design, environment=environment, document=None), Fraction(1), Fraction(1)
    unit = Fraction(2) ** power

    def fit(arrays: Sequence[Rationals]) -> tuple[Rationals, ...]:
        return tuple((a.unrepeated() * (1 / unit)).broadcast_to(a.shape) for a in arrays)

    wants, transfers = design.wants, design.transfers
    linear = wants.kind == "linear"
    if linear and wants.transfers is not None:
        wants = replace(wants, transfers=tuple(t * unit for t in wants.transfers))
    if not isinstance(transfers, str):
        ends = lambda pair: tuple(None if end is None else end / unit for end in pair)  # noqa: E731
        transfers = tuple(map(ends, transfers))  # type: ignore[arg-type]
    environment = replace(environment, utility=fit(environment.utility), outside=fit(environment.outside))
    made = replace(design, environment=environment, objective=wants, transfers=transfers, document=None)
    return made, unit, 1 / unit if linear else Fraction(1)


def near_one(program: Program) -> tuple[Program, Fraction]:
    """The program with its objective multiplied so that its largest coefficient is about one; and by how much it was."""
    largest = max((abs(c.unrepeated()).max() for c in program.objective.values()), default=Fraction(0))
    if largest == 0:
        return program, Fraction(1)
    factor = Fraction(2) ** (largest.denominator.bit_length() - largest.numerator.bit_length())
    objective = {name: c * factor for name, c in program.objective.items()}
    return replace(program, objective=objective, constant=program.constant * factor), factor


# -- room ---------------------------------------------------------------------------------------------
def with_room(program: Program) -> Program:
    """All inequality rows with as much slack as they can have together, each up to :data:`ROOM`: a point in the relative
    interior."""
    blocks, families = list(program.blocks), []
    first = program.num_columns
    for family in program.families:
        if family.sense == ">=":
            most = Rationals.of(ROOM)
            if family.equal is not None:
                most = most * Rationals((~np.broadcast_to(family.equal, family.shape)).astype(np.int64))
            blocks.append(Block(f"room {family.name}", family.shape, Rationals.of(0), most))
            columns = first + np.arange(family.size, dtype=np.int32).reshape(family.shape)
            first += family.size
            unit = Rationals.of(1) if family.unit is None else family.unit
            family = replace(family, terms=(*family.terms, Term(columns, -unit)))
        families.append(family)
    wanted = {b.name: Rationals.of(1) for b in blocks[len(program.blocks) :]}
    return Program(tuple(blocks), tuple(families), wanted, name="relative interior")


def _columns(canonical: Form, proposal: Proposal) -> Floats:
    return np.asarray(proposal.primal / canonical.column_scale.astype(np.float64))


# -- the ordinary program -----------------------------------------------------------------------------
class Whole:
    """The program of the compiler."""

    def __init__(self, design: Design) -> None:
        self.design, self.program = design, compile(design)

    def mechanism(self, columns: Floats) -> Mechanism:
        """See :class:`Image`."""
        design, shape = self.design, self.design.environment.shape
        names = {b.name for b in self.program.blocks}

        def part(name: str) -> Floats:
            start = self.program.column_start[name]
            block = self.program.block(name)
            return np.asarray(columns[start : start + block.size].reshape(block.shape)[0])

        allocation = design.lottery
        if allocation is None:
            allocation = lotteries(np.moveaxis(part(key(Kind.CHANCE)), -1, 0), design.allowed)
        paid = []
        for i in range(design.environment.n):
            name = key(Kind.TRANSFER, i)
            paid.append(
                _short(part(name), design.transfer_bounds(i)) if name in names else Rationals.zeros(shape)
            )
        return Mechanism(design.environment, allocation, balanced(design, paid))

    def multipliers(self, solution: Solution) -> Multipliers:
        """See :class:`Image`."""
        sign = -1 if self.program.maximize and solution.status != "infeasible" else 1
        plan, rules = Plan.whole(self.design), Rules.of(self.design)
        return multipliers(plan, self.program, solution, rules, sign=sign, design=self.design)


def lotteries(chances: Floats, allowed: npt.NDArray[np.bool_], bits: int = BITS) -> Rationals:
    """Exact lotteries ``(|A|, *Theta)`` near float ones; the most likely outcome takes up the rounding."""
    cells = np.rint(np.where(allowed, np.clip(chances, 0, 1), 0) * 2**bits).astype(np.int64)
    likely = np.argmax(np.where(allowed, cells, -1), axis=0)[None]
    rest = 2**bits - cells.sum(axis=0, keepdims=True)
    np.put_along_axis(cells, likely, np.take_along_axis(cells, likely, 0) + rest, 0)
    return Rationals(cells, 2**bits).reduced()


def _short(paid: Floats, bounds: Bounds) -> Rationals:
    """Transfers of few digits, within their bounds."""
    size = max(float(np.abs(paid).max(initial=0)), 1.0)
    bits = BITS - int(np.ceil(np.log2(size)))
    out = Rationals(np.rint(np.ldexp(paid, bits)).astype(np.int64)) * Fraction(2) ** -bits
    low, high = bounds
    out = out if low is None else maximum(out, low)
    return out if high is None else minimum(out, high)


def balanced(design: Design, paid: list[Rationals]) -> Rationals:
    """Transfers that add up to nothing exactly where the budget must balance: an agent without bounds takes up the rounding."""
    if design.bb in ("ex-post", "ex-ante"):
        free = [i for i in range(len(paid)) if all(end is None for end in design.transfer_bounds(i))]
        last = free[-1] if free else len(paid) - 1
        total = stack(paid).sum(axis=0)
        if design.bb == "ex-ante":
            total = Rationals.of((total * design.environment.designer).sum())
        paid[last] = paid[last] - total
    return stack(paid).reduced()
