"""From a design to an answer: compile, solve exactly, translate back, audit.

The exact solver (:mod:`mechlp.program.solve`) proposes a mechanism and multipliers; what is reported is
what :func:`mechlp.mechanism.audit` and :func:`mechlp.proof.bound.bound` make of them, from the
definitions.

Long because a run keeps its time, its phases and the ways back from its program in one place.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..answer.answer import ROUNDED, Answer
from ..beliefs.sets import empty_in_words
from ..deadline import BESIDE, Deadline
from ..exact.numbers import Rationals
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..program import Program, Solution
from ..program.highs import Basis
from ..program.solve import solve as solve_program
from ..program.versions import versions
from ..proof.cases import Case
from ..proof.guarantee import WorstCase
from ..proof.invalid import InvalidCertificate
from ..proof.lump_sum import lump_sum
from ..proof.multipliers import Multipliers
from ..question.continuum import least_rents, rounded
from ..question.design import Design, InvalidDesign
from ..question.objective import goal
from ..question.rules import Rules
from . import notes, optima, reductions
from .columns_back import mechanisms
from .compile import Give, compile
from .confirmed import unconfirmed, withdrawn, worst_of_direction
from .giving_way import with_relaxations
from .nature import nature
from .nice import least_transfers, nicest
from .nothing import at_last
from .plan import Plan, Slow
from .reductions import Applied, full_size
from .rows.keys import key
from .rows_back import multipliers

if TYPE_CHECKING:
    from .generation import Generated

Progress = Callable[[str], None]
#: Seconds for whether the optimum is the only one, beside those that the answer took.
EXAMINED = 0.3
NOT_EXAMINED = "whether this is the only optimal mechanism was not examined: it takes longer than the answer"
#: Entries of a program whose least transfers are found before it is known whether it has another optimum.
QUICK = 2_000
#: Seconds for a program that is solved many times, where it can be compiled whole instead.
PATIENCE = 60.0
#: Seconds for each entry of the whole program that floats may take for the first rows of one that is solved many times.
SECONDS_PER_ENTRY = 40e-6
#: Entries of a program that are compiled and handed to the solver in a second, at least.
ENTRIES_PER_SECOND = 1_000_000
#: Entries of a program that is compiled whole after a reduced one gave no answer.
LARGEST_WHOLE = 20_000_000


def solve(
    design: Design,
    *,
    time_limit: float | Deadline | None = None,
    relax: bool = True,
    fewest: bool = True,
    rates: bool = False,
    examine: bool = True,
    nice: bool = True,
    reduce: str | bool | Sequence[str] = "auto",
    progress: Progress | None = None,
    start: Basis | None = None,
) -> Answer:
    """Answer a design, with a certificate.

    Parameters
    ----------
    time_limit : seconds (or a deadline) after which the best certified bracket is returned as ``undecided``.
    relax : when nothing is feasible, also find the least that must give way.
    fewest : when several rules may be announced, also find how few do; otherwise there is one a lie.
    rates : at an optimum, also find what each requirement gains by giving way (:mod:`mechlp.proof.rates`), so far as that
        takes no longer than the answer, and a moment.
    examine : also say whether the optimum is the only one, and seek the refutation that is shortest to read, each no longer than
        the answer took and a moment.
    nice : where ``secondary`` is ``nice``, choose among several optima (:mod:`mechlp.solving.nice`).
    reduce : which reductions may be used: ``"auto"``, True, False, or names (:func:`mechlp.solving.reductions.reduce`).
    progress : called with the name of each phase as it begins.
    start : the basis of a neighbouring question's answer, tried before any other and made exact, where the program is whole.

    Raises
    ------
    InvalidDesign, TooLarge
        When the question makes no sense, or the program cannot be indexed.
    """
    run = _Run(design, time_limit, progress or (lambda phase: None), reduce, examine=examine)
    run.start = start
    run.nice = nice and design.secondary == "nice"
    found = run.answer(relax, fewest, rates)
    if design.continuum and found.status == "optimal":
        between = _Run(rounded(design), run.deadline, run.progress, reduce)
        between.latest = run.latest
        found = replace(found, continuum=between.with_least_rents())
        spent = time.perf_counter() - run.started
        found = replace(found, timings={**found.timings, "total": spent})
    return found


class _Run:
    def __init__(
        self,
        design: Design,
        time_limit: float | Deadline | None,
        progress: Progress,
        reduce: str | bool | Sequence[str] = False,
        certain: bool = False,
        examine: bool = True,
    ) -> None:
        self.design, self.environment, self.certain = design, design.environment, certain
        self.examine = examine
        self.started, self.deadline, self.progress = time.perf_counter(), Deadline.of(time_limit), progress
        self.latest = self.deadline.latest
        self.timings: dict[str, float] = {}
        self.labels, self.least_rents, self.nice = Rules.of(design), False, False
        self.goal = goal(design)
        self.plan = Plan.whole(design)
        self.start: Basis | None = None
        self.whole: tuple[Program, Solution] | None = None  # the program of the whole design and its optimum
        with self.phase("reductions"):
            self.reduced: Applied = reductions.reduce(design, reduce)

    def about(self, design: Design, *, certain: bool = False) -> _Run:
        """A run of another design in what is left of the time; ``certain``: its lotteries are to be certain in the end."""
        return _Run(design, self.deadline, self.progress, certain=certain)

    @contextmanager
    def phase(self, name: str) -> Any:
        self.progress(name)
        self.at = name
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start

    def beside(self, moment: float = BESIDE) -> Deadline:
        """For what is said beside an answer: no longer than the answer took, and a moment."""
        return self.deadline.beside(time.perf_counter() - self.started, moment)

    def answer(self, relax: bool, fewest: bool, rates: bool = False) -> Answer:
        self._check_possible()
        found = self.latest.broken_off(self._verdict, self._no_verdict)
        certain = found.certified and found.status in ("feasible", "optimal")
        if self.design.ambiguous and certain and fewest:
            from .fewest_rules import fewest_rules

            found = self.more("fewest rules", found, lambda: fewest_rules(self, found))
        said = self.latest.broken_off(lambda: tuple(self._notes(found)), lambda: ())
        if found.status == "infeasible" and relax and not self.design.worst_state:
            found = self.more("what must give way", found, lambda: with_relaxations(self, found))
        if rates and found.status == "optimal" and self.design.wants.kind != "undominated":
            from .rates import rates as one_sided

            examined = lambda: replace(found, rates=one_sided(found, self.whole, self.beside()))  # noqa: E731
            found = self.more("rates", found, examined)
        found = at_last(found, self.deadline, self.latest)
        self.timings["total"] = time.perf_counter() - self.started
        return replace(found, notes=(*found.notes, *said), timings=dict(self.timings), versions=versions())

    def _verdict(self) -> Answer:
        if self.design.worst_state or (self.design.deterministic and self.design.lottery is None):
            from .branching import solve_by_cases

            return solve_by_cases(self)
        return self.linear() if not self.reduced.names else self.smaller()

    def _no_verdict(self) -> Answer:
        """What is said when the time was over in the middle of a step."""
        why = f"not certified: the time was over in the phase {self.at!r}: give more time, or fewer types or outcomes"
        return Answer(self.design, "undecided", False, notes=(why,), method=why)

    def more(self, what: str, found: Answer, work: Callable[[], Answer]) -> Answer:
        """What is said beside an answer; the answer with a note where the time does not suffice."""
        said = f"{what} not examined: the time limit ended it"
        with self.phase(what):
            return self.latest.broken_off(work, lambda: replace(found, notes=(*found.notes, said)))

    def with_least_rents(self) -> Answer:
        """The answer with the least rents, so that rounding reports keeps it incentive compatible in the continuum."""
        self.least_rents = True
        return self.answer(relax=False, fewest=False)

    def _check_possible(self) -> None:
        """A designer who holds nothing possible asks for nothing."""
        possible = self.environment.designer_set
        if possible is not None and possible.rounds is not None:  # empty when what it rounds is
            possible = possible.rounds[0]
        if self.design.robust and possible is not None and (why := empty_in_words(possible, self.deadline)):
            raise InvalidDesign(f"the designer's set of priors is empty: {why}")

    # -- one linear program ---------------------------------------------------------------------
    def linear(self) -> Answer:
        """The answer when the allocation is a lottery (or given): one program, certified."""
        return self._answered(*self._solved(None, self.labels, self.start))

    def node(self, allowed: npt.NDArray[np.bool_], labels: Rules, start: Basis | None = None) -> Answer:
        """What one program says when some choices are made: not audited, as others may be open; ``start`` is tried first."""
        return self._read(*self._solved(allowed, labels, start), allowed, labels)

    def _solved(
        self, allowed: npt.NDArray[np.bool_] | None, labels: Rules, start: Basis | None = None
    ) -> tuple[Program, Solution]:
        with self.phase("compile"):
            program = compile(self.plan.design, rules=labels, allowed=allowed, plan=self.plan)
        if start is not None and not start.fits(program):  # nothing is left to choose, or another program
            start = None
        with self.phase("solve"):
            return program, solve_program(
                program,
                time_limit=self.deadline,
                progress=self.progress,
                start=start,
                readable=self.examine,
            )

    def smaller(self) -> Answer:
        """The answer from the program that reductions leave; the whole program where that answer does not hold."""
        made = self.first_best()
        if made is None and not self.reduced.names:
            return self.linear()
        try:
            with self.phase("solve"):
                made = made or self.generated()
        except Slow:
            self.plan = Plan.whole(self.design)
            return self.linear()
        self.plan = made.plan
        found = self._answered(made.program, made.solution, made.solved)
        names = ", ".join(self.reduced.names)
        if found.certified:
            from .reductions.catalogue import saved

            left = f"{made.solved[0].num_rows:,} of {full_size(self.design).rows:,} rows"
            again = f", {made.rounds} rounds" if made.rounds > 1 else ""
            return replace(
                found,
                method=f"{found.method}; reduced by {names}: {left}{again}",
                reductions=saved(self.reduced, self.design, made.plan, made.solved[0]),
            )
        if self.deadline.passed or full_size(self.design).entries > self._compilable():
            return found
        self.plan = Plan.whole(self.design)
        whole = self.linear()
        return found if whole.status == "undecided" and whole.bound is None else whole

    def first_best(self) -> Generated | None:
        """The program with the allocation of the largest surplus, solved; None where that is not attained, or not tried."""
        if self.reduced.plan.first_best is None:
            return None
        from .first_best import with_first_best

        with self.phase("first best"):
            made = with_first_best(self.reduced.plan, self._carried, self.deadline)
        self.reduced = self.reduced.tried("first-best", None if made is None else made.plan)
        return made

    def generated(self, give: Give | None = None) -> Generated:
        """The plan's program, solved, with the rows and columns that were missing."""
        from .continuation import start
        from .generation import generate, many_solves

        plan, deadline = self.reduced.plan, self.deadline if give is None else self.beside()
        first, entries = math.inf, full_size(self.design).entries
        if many_solves(plan) and entries <= self._compilable():  # then the program as it stands
            deadline = deadline.within(min(deadline.left / 2, PATIENCE))
            first = SECONDS_PER_ENTRY * entries
        left = lambda p, near: solve_program(  # noqa: E731
            p,
            time_limit=deadline,
            progress=self.progress,
            start=near if plan.worst_prior else None,
            near=near,
            readable=self.examine,
        )
        begin = lambda plan, program: start(plan, program, self.progress, deadline)  # noqa: E731
        if give in ("ic", "ir"):  # what gives way is a requirement that pinned transfers make bind
            plan = plan.unpinned()
        return generate(plan, left, self._carried, begin, deadline, give, first)

    def _compilable(self) -> float:
        """Entries of a whole program that is compiled after a reduced one gave no answer."""
        return min(LARGEST_WHOLE, ENTRIES_PER_SECOND * self.deadline.left)

    def _carried(self, plan: Plan, program: Program, solution: Solution) -> Multipliers:
        refutes = solution.status == "infeasible"
        sign = -1 if program.maximize and not refutes else 1
        return self.multipliers(program, solution, sign, self.labels, plan)

    def _answered(
        self, program: Program, solution: Solution, solved: tuple[Program, Solution] | None = None
    ) -> Answer:
        """An exact solution as an answer, checked from the definitions; ``solved`` is what it was spread from, if it was."""
        found = self._read(program, solution, None, self.labels)
        if solution.status == "undecided":
            return found
        if solution.status == "optimal":
            unique, least = None, None
            if self.examine and not self.design.ambiguous and not self.design.robust:
                if self.nice and program.nonzeros <= QUICK:  # often another optimum, and wanted if it is
                    with self.phase("nice optimum"):
                        least = least_transfers(self, program, solution)
                other = least is not None and bool((least != solution.primal).any())
                unique = False if other else self._unique(program, solution, solved or (program, solution))
                if unique is None:
                    found = replace(found, notes=(*found.notes, NOT_EXAMINED))
            best = solution if unique else self._pick(program, solution)
            self.whole = (program, best) if solved is None else None
            rules = self.mechanism(program, best.primal)
            found = replace(
                found,
                rules=rules,
                worst_case=self.worst_case(program, solution, best.primal),
                unique=unique,
                basis=solution.basis,
            )
        if not self.nice or found.unique is not False:
            return self.checked(found)
        return nicest(self, found, program, solution, least)

    def _unique(self, program: Program, solution: Solution, solved: tuple[Program, Solution]) -> bool | None:
        """Whether the optimum is the only one; None where that takes longer than the optimum."""
        by, generated = self.beside(EXAMINED), "row-generation" in self.reduced.names
        examined = lambda: optima.unique(  # noqa: E731
            self.plan, program, solution, solved, generated=generated, time_limit=by
        )
        with self.phase("uniqueness"):
            return by.broken_off(examined, lambda: None)

    def _read(
        self, program: Program, solution: Solution, allowed: npt.NDArray[np.bool_] | None, labels: Rules
    ) -> Answer:
        """A solution in the words of mechanisms and multipliers."""
        design, method = self.design, solution.method
        if solution.status == "infeasible":
            proof = self.proof(program, solution, labels)
            return Answer(design, "infeasible", True, proof=proof, method=method)
        if solution.status == "undecided":
            return self._undecided(program, solution, allowed, labels)
        rules = self.mechanism(program, solution.primal, allowed)
        if solution.status == "unbounded":
            direction = self.mechanism(program, solution.ray, allowed, homogeneous=True)
            payment = lump_sum(design)
            if payment is not None:
                direction = (payment.direction(self.environment),) * len(rules)
            worst = None if solution.ray is None else worst_of_direction(design, direction[0])
            return Answer(
                design, "unbounded", True, rules=rules, direction=direction, worst_case=worst, method=method
            )
        if self.goal is None:
            return Answer(design, "feasible", True, rules=rules, method=method)
        value, proof = solution.value, self.proof(program, solution, labels)
        worst = self.worst_case(program, solution, solution.primal)
        return Answer(
            design, "optimal", True, value, value, rules, proof=proof, worst_case=worst, method=method
        )

    def proof(self, program: Program, solution: Solution, labels: Rules | None = None) -> Case:
        """The multipliers of a solution, as a proof of its verdict."""
        refutes = solution.status == "infeasible"
        sign = -1 if program.maximize and not refutes else 1
        return Case(self.multipliers(program, solution, sign, labels or self.labels, self.plan), refutes)

    def _undecided(
        self, program: Program, solution: Solution, allowed: npt.NDArray[np.bool_] | None, labels: Rules
    ) -> Answer:
        """What is known where exact arithmetic did not finish: at best a mechanism and multipliers that do not meet."""
        rules = () if solution.primal is None else self.mechanism(program, solution.primal, allowed)
        proof = proved = None
        if self.goal is not None and solution.dual is not None:
            proof = self.proof(program, solution, labels)
            try:
                proved = proof.bound(self.design, allowed)
            except InvalidCertificate:  # a price of a transfer that the program sees only in expectation
                proof = None
        return Answer(
            self.design,
            "undecided",
            False,
            solution.value,
            proved,
            rules,
            proof=proof,
            audit=audit(rules, self.design) if rules else None,
            notes=(f"not certified: {solution.method}",),
            method=solution.method,
            bound_from="" if proof is None else ROUNDED,
        )

    # -- translation back -----------------------------------------------------------------------
    def mechanism(
        self,
        program: Program,
        flat: Rationals | None,
        allowed: npt.NDArray[np.bool_] | None = None,
        *,
        homogeneous: bool = False,
        count: int | None = None,
    ) -> tuple[Mechanism, ...]:
        """Columns back to the allocation and transfers of each rule; ``homogeneous`` for a direction."""
        assert flat is not None
        plan = self.plan if self.plan.reduces else Plan.whole(self.design)
        count = self.labels.count if count is None else count
        return mechanisms(plan, program, flat, count=count, allowed=allowed, homogeneous=homogeneous)

    def worst_case(self, program: Program, solution: Solution, primal: Rationals | None) -> WorstCase | None:
        """What the mechanism guarantees over the designer's set: the epigraph's duals, and Nature's multipliers."""
        own = nature(self.design)
        if own is None or primal is None or solution.dual is None:
            return None
        sign, dual = -1 if program.maximize else 1, solution.dual
        point = own.point(lambda kind: program.multipliers(key(kind), dual) * sign)
        return WorstCase(point, own.prices(lambda name: program.values(name, primal)))

    def multipliers(
        self,
        program: Program,
        solution: Solution,
        sign: int,
        labels: Rules,
        plan: Plan | None = None,
    ) -> Multipliers:
        """Duals of the stored rows as multipliers on the named requirements; of the whole design without a plan."""
        plan = plan or Plan.whole(self.design)
        return multipliers(plan, program, solution, labels, sign=sign, design=self.design)

    # -- the last word: definitions -------------------------------------------------------------
    def checked(
        self, found: Answer, allowed: npt.NDArray[np.bool_] | None = None, proved: Fraction | None = None
    ) -> Answer:
        """The answer with its audit; a verdict that the definitions do not confirm is withdrawn.

        ``proved`` is what its proof proves, where that was found out before.
        """
        if self.least_rents and found.status == "optimal":
            paid = least_rents(self.environment, found.rules[0].allocation)
            found = replace(found, rules=(replace(found.rules[0], transfers=paid),))
        with self.phase("audit"):
            report = audit(found.rules, self.design) if found.rules else None
            problem = unconfirmed(found, report, allowed, proved)
        found = replace(found, audit=report)
        if problem is None:
            return found
        return withdrawn(found, problem)

    # -- among optima ---------------------------------------------------------------------------
    def _pick(self, program: Program, solution: Solution) -> Solution:
        """The optimum with the smallest transfers, when a secondary objective is asked."""
        if self.design.norm is None:
            return solution
        with self.phase("secondary objective"):
            narrowed = optima.smallest_transfers(program, solution, self.design.norm)
            sought = lambda: solve_program(narrowed, time_limit=self.deadline, progress=self.progress)  # noqa: E731
            picked = self.deadline.broken_off(sought, lambda: None)
        if picked is None or picked.status != "optimal" or picked.primal is None:
            return solution
        return replace(solution, primal=picked.primal[: program.num_columns])

    def _notes(self, found: Answer) -> Iterable[str]:
        yield from notes.closed_forms(found)
        if self.design.alpha < 1 and found.certified:
            with self.phase("the attitude without optimism"):
                averse = self.design.asking(alpha=1).solve(
                    relax=False, fewest=False, time_limit=self.deadline
                )
            yield from notes.optimism(found, averse)
        yield from notes.ties_and_missing(self.design)
