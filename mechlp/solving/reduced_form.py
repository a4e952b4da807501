"""Symmetric designs solved in reduced form: one representative's interim rule, rows generated as they are needed.

Columns: ``Q`` (interim chance of each grade) and ``U`` (interim payoff), for one type an orbit where grades can be
interchanged.  Rows: ``IC`` between types that are neighbours in value at first, and ``Border`` sets; then whatever the last
point breaks, Border by sorting, IC by comparing all pairs once Border holds.  What comes out is an interim rule that the
exact audit compares on ALL pairs and sets, and multipliers on the rows that were generated, which prove a bound for the whole
problem (:mod:`mechlp.proof.reduced_form`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..answer.interim import InterimAnswer
from ..deadline import Deadline
from ..exact.numbers import Rationals
from ..mechanism.interim import BITS, InterimRule, audit_interim
from ..program import Program, Solution
from ..program.highs import BASIC, NOTHING, Basis, Proposal, Session
from ..program.solve import solve as solve_program
from ..program.versions import versions
from ..proof.reduced_form import Flow
from ..question.symmetric import SymmetricDesign
from .coarse_types import coarser, interpolated
from .repair import balanced, repaired
from .representative import TOLERANCE, Floats, Places, Reduced, Rows

Progress = Callable[[str], None]
#: Kinds of rows of a session: IC and Border, which come and go, and those that stay.
IC, BORDER, LASTING = 0, 1, 2
#: Rounds that a Border set may be slack before it is dropped (once).
AGE = 25
#: Rounds after which the objective is leant on where it stays what it is, to so many of its parts; and how much.
STALLED, UNMOVED, LEANING = 8, 1e-9, 1e-6
#: Border sets are sought this far from the last point within the condition to the solver's point (see _Run.cut).
OUTWARD = 0.7
#: How far inside chances that were interpolated are taken to be.
INSIDE = 0.01
#: Times that exact arithmetic may find rows broken that floats did not see.
ATTEMPTS = 40
#: Rows that floats took for slack and that are looked at again when one of them is not.
MOST_SLACK = 1_000


def solve(
    design: SymmetricDesign,
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
    rates: bool = False,
    **_: Any,
) -> InterimAnswer:
    """Answer a symmetric design, with a certificate.

    Parameters
    ----------
    time_limit : seconds after which the best certified bracket is returned as ``undecided``.
    rates : also what requirements gain by giving way, so far as they take no longer than the answer.
    progress : called with the name of each phase.
    """
    deadline, say = Deadline.of(time_limit), progress or (lambda phase: None)
    run = _Run(design, Reduced(design), deadline, say)
    found = run.answer()
    if not rates or found.status != "optimal" or run.ended is None:
        return found
    from .identical_rates import Tangents

    since = time.perf_counter()
    beside = deadline.beside(found.timings["total"])
    say("rates")
    found = replace(found, rates=Tangents(run.reduced, *run.ended, found).every(beside))
    run.clock("rates", since)
    run.timings["total"] = time.perf_counter() - run.started
    return replace(found, timings=dict(run.timings))


class Rounds:
    """Row generation in floats: rows that the last point breaks come, those that were slack for long go."""

    def __init__(
        self, design: SymmetricDesign, reduced: Reduced, deadline: Deadline, progress: Progress
    ) -> None:
        self.design, self.deadline, self.progress = design, deadline, progress
        self.started = time.perf_counter()
        self.reduced = reduced
        self.timings: dict[str, float] = {}
        self.rounds = 0
        #: The session's rows in order: (their kind, position in ``rows``), and for how many rounds each was slack.
        self.rows, self.listed = Rows(), list[tuple[int, int]]()
        #: The objective of each round, and whether it is leant on.
        self.worth, self.leant = list[float](), False
        #: The last float point, which ends are made of where the time does not suffice.
        self.last = NOTHING

    def clock(self, phase: str, since: float) -> None:
        self.timings[phase] = self.timings.get(phase, 0.0) + time.perf_counter() - since

    def start(self) -> None:
        """The session with its first rows."""
        reduced, since = self.reduced, time.perf_counter()
        rows, lasting = Rows(reduced.first_lies(), reduced.first_sets()), reduced.lasting()
        self.session = Session(reduced.program([*reduced.families(rows), *lasting]))
        self.rows = rows
        self.listed = [(IC, j) for j in range(len(rows.ic))] + [(BORDER, j) for j in range(len(rows.border))]
        self.listed += [(LASTING, j) for j in range(sum(family.size for family in lasting))]
        self.slack = np.zeros(len(self.listed), dtype=np.int64)
        self.present = {members.tobytes() for members in rows.border}
        self.dropped: set[bytes] = set()
        #: A point within Border's condition, well inside at first.
        self.within = np.full(len(reduced.own), 0.5 / self.design.environment.copies)
        self.clock("compile", since)

    def seed(self) -> None:
        """Border sets that bind, or nearly, where every second value is left out; a grid that is still fine begins likewise."""
        smaller = coarser(self.design)
        if smaller is None:
            return
        since = time.perf_counter()
        run = Rounds(smaller, Reduced(smaller), self.deadline.within(self.deadline.left / 4), self.progress)
        run.start()
        run.seed()
        proposal, ended = run.generate()
        if ended:
            chances, _ = run.point(proposal)
            wins = interpolated(smaller, chances.sum(axis=0)[smaller.orbits.place], self.design)[self.reduced.own]
            found = self.reduced.nearly_binding(wins)
            self.add([members for members in found if members.tobytes() not in self.present], [])
            self.within = wins / (1 + INSIDE)
        self.clock("coarser grid", since)

    def add(self, sets: Sequence[Places], lies: Sequence[tuple[int, int, int]]) -> None:
        families = []
        if lies:
            families.append(self.reduced.ic(lies))
            self.listed += [(IC, len(self.rows.ic) + j) for j in range(len(lies))]
            self.rows.ic += lies
        if sets:
            families.append(self.reduced.border(sets))
            self.listed += [(BORDER, len(self.rows.border) + j) for j in range(len(sets))]
            self.rows.border += sets
            self.present |= {members.tobytes() for members in sets}
        self.slack = np.append(self.slack, np.zeros(len(sets) + len(lies), dtype=np.int64))
        self.session.add(families)

    def generate(self) -> tuple[Proposal, bool]:
        """Rounds until the float point breaks no row; whether it came to that in time."""
        self.progress("row generation")
        while True:
            since = time.perf_counter()
            proposal = self.session.solve(self.deadline)
            self.rounds += 1
            self.clock("float solves", since)
            since = time.perf_counter()
            if proposal.outcome != "optimal" or proposal.basis is None:
                return proposal, False
            self.last = proposal
            self.lean()
            chances, payoffs = self.point(proposal)
            sets = self.cut(chances.sum(axis=0))
            lies = [] if sets else self.reduced.broken_ic(chances, payoffs)
            self.clock("separation", since)
            if not sets and not lies:
                return proposal, True
            there = sum(kind == BORDER for kind, _ in self.listed)
            if self.deadline.passed or self.reduced.full(there + len(sets)):
                return proposal, False
            self.prune(proposal.basis)
            self.add(sets, lies)

    def lean(self) -> None:
        """Where the objective has not moved for long, chances of high types cost a little from now on.

        Many points are optimal then, and the solver goes through those that break Border's condition one after the other; the
        leaning picks one, which exact arithmetic judges by the objective itself.
        """
        costs = self.session.program.costs.float
        self.worth.append(float(self.last.primal @ costs))
        then = self.worth[-1 - STALLED] if len(self.worth) > STALLED else math.inf
        if self.leant or abs(self.worth[-1] - then) > UNMOVED * abs(then):
            return
        self.leant, columns = True, self.reduced.columns["Q"]
        high = self.reduced.values.float.sum(axis=0) ** 2
        weight = self.reduced.mass.float * self.design.environment.copies * high
        costs = costs.copy()
        costs[columns] -= LEANING * weight[:, None] / high.max()
        self.session.cost(costs)

    def tighten(self) -> None:
        """Border's rows get the right sides that they would have if they came now."""
        there = [(place, j) for place, (kind, j) in enumerate(self.listed) if kind == BORDER]
        if there:
            rows = np.array([place for place, _ in there], dtype=np.intp)
            self.session.limit(rows, self.reduced.border([self.rows.border[j] for _, j in there]).rhs.float)

    def cut(self, wins: Floats) -> list[Places]:
        """New Border sets that the point breaks, none when it breaks none that is not there already.

        They are those broken part of the way out from a point within the condition, which cut deeper than those that the
        solver's vertex breaks most (in-out separation: Ben-Ameur and Neto 2007), or else those of the vertex itself.
        """
        reduced, inside = self.reduced, self.within
        if reduced.excess(wins)[1].max() <= TOLERANCE:
            return []
        low, high = 0.0, 1.0
        for _ in range(25):
            middle = (low + high) / 2
            fits = reduced.excess(inside + middle * (wins - inside))[1].max() <= 0
            low, high = (middle, high) if fits else (low, middle)
        edge = inside + low * (wins - inside)
        self.within = (inside + edge) / 2
        for point in (edge + OUTWARD * (wins - edge), wins):
            found = [s for s in reduced.broken_border(point) if reduced.breaks(wins, s)]
            new = [s for s in found if s.tobytes() not in self.present]
            if new:
                return new
        return []

    def prune(self, basis: Basis) -> None:
        """Drop Border rows that have long been slack: a basis without them stays a basis.

        Each once: a set that comes back stays, so that the rounds come to an end.
        """
        border = np.array([kind == BORDER for kind, _ in self.listed])
        idle = (basis.rows == BASIC) & border
        self.slack = np.where(idle, self.slack + 1, 0)
        names = {
            j: self.rows.border[self.listed[j][1]].tobytes()
            for j in np.flatnonzero(self.slack > AGE).tolist()
        }
        gone = np.array([j for j, name in names.items() if name not in self.dropped], dtype=np.intp)
        self.dropped |= {names[j] for j in gone.tolist()}
        self.present -= {names[j] for j in gone.tolist()}
        self.session.drop(gone)
        kept = np.ones(len(self.listed), dtype=bool)
        kept[gone] = False
        self.listed = [row for row, k in zip(self.listed, kept, strict=True) if k]
        self.slack = self.slack[kept]

    def approximate_flow(self, proposal: Proposal) -> Flow:
        """The multipliers of IC from floats, rounded and repaired."""
        rows, amounts = [], np.zeros(0)
        if len(proposal.dual) == len(self.listed):
            kept = [(j, row) for j, (kind, row) in enumerate(self.listed) if kind == IC]
            rows = [self.rows.ic[row] for _, row in kept]
            amounts = np.maximum(-proposal.dual[[j for j, _ in kept]], 0)
        return balanced(self.reduced.flow(rows, rounded(amounts)), self.design)

    def point(self, proposal: Proposal) -> tuple[Floats, Floats]:
        columns = self.reduced.columns
        return proposal.primal[columns["Q"]].T, proposal.primal[columns["U"]]


class _Run(Rounds):
    """An answer: what the rounds end with in exact arithmetic, or rigorous ends from it."""

    #: The rows that the optimum was found from, and it as a point of their columns.
    ended: tuple[Rows, Rationals] | None = None

    def answer(self) -> InterimAnswer:
        self.reduced.refuse_if_too_large()
        found = self.deadline.latest.broken_off(self.certified, lambda: None)
        return self.finished(found or self.bracket(self.last))

    def certified(self) -> InterimAnswer | None:
        """The optimum; None where floats or exact arithmetic did not come to an end in time."""
        self.start()
        self.seed()
        self.last, converged = self.generate()
        return self.exact(self.last) if converged else None

    def exact(self, proposal: Proposal) -> InterimAnswer | None:
        """The exact vertex of the rows that bind and of those that the exact audit finds broken, until there is none."""
        assert proposal.basis is not None
        binding = [
            row for row, status in zip(self.listed, proposal.basis.rows, strict=True) if status != BASIC
        ]
        rows = Rows(
            [self.rows.ic[j] for kind, j in binding if kind == IC],
            [self.rows.border[j] for kind, j in binding if kind == BORDER],
        )
        columns = proposal.basis.columns
        start = near = Basis(columns, np.full(len(binding), BASIC - 1, dtype=np.int8))
        for attempt in range(ATTEMPTS):
            self.progress("exact arithmetic")
            since = time.perf_counter()
            program = self.reduced.program(self.reduced.families(rows))
            solution = (
                solve_program(program, start=start, time_limit=self.deadline)
                if not attempt
                else solve_program(program, near=near, time_limit=self.deadline)
            )
            self.clock("exact arithmetic", since)
            if solution.status != "optimal" or solution.primal is None:
                return None
            since = time.perf_counter()
            rule = self.reduced.rule(
                program.values("Q", solution.primal), program.values("U", solution.primal)
            )
            flow = self.multipliers(program, solution, rows.ic)
            lies, sets = self.reduced.broken_exactly(rule, rows)
            self.clock("audit", since)
            if not lies and not sets:
                self.ended = self.with_slack_rows(rows, start)[0], solution.primal
                return self.judged(rule, flow, solution.method)
            if self.deadline.passed:
                break
            statuses = [np.full(len(rows.ic), BASIC - 1), np.full(len(lies), BASIC)]
            statuses += [np.full(len(rows.border), BASIC - 1), np.full(len(sets), BASIC)]
            near = Basis(columns, np.concatenate(statuses).astype(np.int8))
            rows = Rows(rows.ic + lies, rows.border + sets)
            if not attempt:  # what floats took for slack, where they are not precise
                rows, near = self.with_slack_rows(rows, near)
        return self.judged(repaired(rule, self.design), flow, f"{solution.method}, contracts repaired")

    def with_slack_rows(self, rows: Rows, near: Basis) -> tuple[Rows, Basis]:
        """The rows with all others of the session, which are basic; the rows as they are where those are many."""
        there = set(rows.ic)
        lies = [row for row in self.rows.ic if row not in there]
        known = {members.tobytes() for members in rows.border}
        sets = [members for members in self.rows.border if members.tobytes() not in known]
        if len(lies) + len(sets) > MOST_SLACK:
            return rows, near
        own, border = np.split(near.rows, [len(rows.ic)])
        basic = [np.full(len(more), BASIC, dtype=np.int8) for more in (lies, sets)]
        statuses = np.concatenate([own, basic[0], border, basic[1]])
        return Rows(rows.ic + lies, rows.border + sets), Basis(near.columns, statuses)

    def multipliers(self, program: Program, solution: Solution, ic: Sequence[tuple[int, int, int]]) -> Flow:
        assert solution.dual is not None
        amounts = -program.multipliers("IC", solution.dual) if ic else Rationals.zeros((0,))
        return self.reduced.flow(ic, amounts)

    def bracket(self, proposal: Proposal) -> InterimAnswer:
        """Exact ends from the last float point: contracts repaired, multipliers balanced."""
        self.progress("a rigorous bracket")
        since = time.perf_counter()
        m = self.design.environment.size
        if len(proposal.primal):
            chances, payoffs = self.point(proposal)
            rule = repaired(self.reduced.rule(rounded(chances.T), rounded(payoffs)), self.design)
        else:
            rule = InterimRule(
                self.design.environment, self.design.environment.values * 0, Rationals.zeros((m,))
            )
        flow = self.approximate_flow(proposal)
        self.clock("bracket", since)
        return self.judged(rule, flow, "floats, rounded and repaired")

    def judged(self, rule: InterimRule, flow: Flow, method: str) -> InterimAnswer:
        """What rule and multipliers are worth, from the definitions."""
        design, since = self.design, time.perf_counter()
        value, bound = design.value(rule.chances, rule.payoffs), flow.bound(design)
        report = audit_interim(rule, design)
        self.clock("audit", since)
        status = (
            "undecided" if value != bound else "feasible" if design.objective == "feasibility" else "optimal"
        )
        return InterimAnswer(design, status, value, bound, rule, flow, report, method=method)

    def finished(self, found: InterimAnswer) -> InterimAnswer:
        reduced = self.reduced
        saved = len(self.design.environment.prior)
        notes = [
            f"reduced form: {saved:,} types of one representative instead of {saved}^{self.design.environment.copies} profiles"
        ]
        if len(reduced.own) < saved:
            notes.append(f"grades can be interchanged: {len(reduced.own):,} types up to their order")
        sets = sum(kind == BORDER for kind, _ in self.listed)
        notes.append(
            f"row generation, {self.rounds} round(s): {len(self.listed) - sets:,} of {saved * (saved - 1):,} IC rows, "
            f"{len(self.rows.border):,} of 2^{saved} Border sets"
        )
        self.timings["total"] = time.perf_counter() - self.started
        return replace(found, notes=tuple(notes), timings=dict(self.timings), versions=versions())


def rounded(values: Floats) -> Rationals:
    """Floats, none below zero, rounded down to :data:`~mechlp.mechanism.interim.BITS` bits after the point."""
    return Rationals(np.floor(np.ldexp(np.maximum(values, 0), BITS)).astype(np.int64), 1 << BITS)
