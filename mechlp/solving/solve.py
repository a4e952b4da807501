"""From a design to an answer: compile, solve exactly, translate back, audit.

The exact solver (:mod:`mechlp.program.solve`) proposes a mechanism and multipliers; what is reported is
what :func:`mechlp.mechanism.audit` and :func:`mechlp.proof.bound.bound` make of them, from the
definitions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..answer.answer import ROUNDED, Answer, Relaxation
from ..beliefs.sets import empty_in_words, worst
from ..exact.numbers import Rationals, concatenate, stack, text
from ..mechanism.audit import Audit, audit
from ..mechanism.mechanism import Mechanism
from ..program import Block, Family, Program, Solution, Term
from ..program.solve import solve as solve_program
from ..program.solve import unique as unique_point
from ..program.versions import versions
from ..proof.cases import Case
from ..proof.equal_beliefs import equal_beliefs
from ..proof.guarantee import WorstCase, reached
from ..proof.invalid import InvalidCertificate
from ..proof.lump_sum import lump_sum
from ..proof.multipliers import Multipliers, RuleWeights
from ..question.continuum import least_rents, rounded
from ..question.design import Design, InvalidDesign
from ..question.objective import goal
from ..question.rules import NOBODY, Rules
from . import reductions
from .compile import Give, compile
from .continuation import start
from .generation import Generated, balance_multipliers, generate
from .generation import mechanism as rebuilt
from .nature import nature
from .plan import Plan
from .reductions import Applied, Size, full_size
from .rents import Rents

Progress = Callable[[str], None]
#: Seconds that are left when no time is.
LEAST = 0.01
#: Entries of a program that is compiled whole after a reduced one gave no answer, and of one whose uniqueness is examined.
LARGEST_WHOLE, LARGEST_UNIQUE = 20_000_000, 3_000_000


def solve(
    design: Design,
    *,
    time_limit: float | None = None,
    relax: bool = True,
    fewest: bool = True,
    reduce: str | bool | Sequence[str] = "auto",
    progress: Progress | None = None,
) -> Answer:
    """Answer a design, with a certificate.

    Parameters
    ----------
    time_limit : seconds after which the best certified bracket is returned as ``undecided``.
    relax : when nothing is feasible, also find the least that must give way.
    fewest : when several rules may be announced, also find how few do; otherwise there is one a lie.
    reduce : which reductions may be used: ``"auto"``, True, False, or names (:func:`mechlp.solving.reductions.reduce`).
    progress : called with the name of each phase as it begins.

    Raises
    ------
    InvalidDesign, TooLarge
        When the question makes no sense, or the program cannot be indexed.
    """
    run = _Run(design, time_limit, progress or (lambda phase: None), reduce)
    found = run.answer(relax, fewest)
    if design.continuum and found.status == "optimal":
        between = _Run(rounded(design), run.left(), run.progress, reduce)
        found = replace(found, continuum=between.with_least_rents())
        spent = time.perf_counter() - run.started
        found = replace(found, timings={**found.timings, "total": spent})
    return found


class _Run:
    def __init__(
        self,
        design: Design,
        time_limit: float | None,
        progress: Progress,
        reduce: str | bool | Sequence[str] = False,
        certain: bool = False,
    ) -> None:
        self.design, self.environment, self.certain = design, design.environment, certain
        self.started, self.time_limit, self.progress = time.perf_counter(), time_limit, progress
        self.timings: dict[str, float] = {}
        self.labels, self.least_rents = Rules.of(design), False
        self.goal = goal(design)
        self.plan = Plan.whole(design)
        with self.phase("reductions"):
            self.reduced: Applied = reductions.reduce(design, reduce)

    def about(self, design: Design, *, certain: bool = False) -> _Run:
        """A run of another design in what is left of the time; ``certain``: its lotteries are to be certain in the end."""
        return _Run(design, self.left(), self.progress, certain=certain)

    @contextmanager
    def phase(self, name: str) -> Any:
        self.progress(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start

    def left(self) -> float | None:
        """Seconds that remain."""
        if self.time_limit is None:
            return None
        return max(self.time_limit - (time.perf_counter() - self.started), LEAST)

    def answer(self, relax: bool, fewest: bool) -> Answer:
        from .fewest_rules import fewest_rules

        self._check_possible()
        if self.design.worst_state or (self.design.deterministic and self.design.lottery is None):
            from .branching import solve_by_cases

            found = solve_by_cases(self)
        else:
            found = self.linear() if not self.reduced.names else self.smaller()
        if found.certified and self.design.ambiguous and found.status in ("feasible", "optimal") and fewest:
            with self.phase("fewest rules"):
                found = fewest_rules(self, found)
        notes = tuple(self._notes(found))
        if found.status == "infeasible" and relax and not self.design.worst_state:
            with self.phase("what must give way"):
                found = replace(found, relaxations=tuple(self.relaxations()))
        self.timings["total"] = time.perf_counter() - self.started
        return replace(found, notes=(*found.notes, *notes), timings=dict(self.timings), versions=versions())

    def with_least_rents(self) -> Answer:
        """The answer with the least rents, so that rounding reports keeps it incentive compatible in the continuum."""
        self.least_rents = True
        return self.answer(relax=False, fewest=False)

    def _check_possible(self) -> None:
        """A designer who holds nothing possible asks for nothing."""
        possible = self.environment.designer_set
        if possible is not None and possible.rounds is not None:  # empty when what it rounds is
            possible = possible.rounds[0]
        if self.design.robust and possible is not None and (why := empty_in_words(possible)):
            raise InvalidDesign(f"the designer's set of priors is empty: {why}")

    # -- one linear program ---------------------------------------------------------------------
    def linear(self) -> Answer:
        """The answer when the allocation is a lottery (or given): one program, certified."""
        return self._answered(*self._solved(None, self.labels))

    def node(self, allowed: npt.NDArray[np.bool_], labels: Rules) -> Answer:
        """What one program says when some choices are made: not audited, as others may be open."""
        return self._read(*self._solved(allowed, labels), allowed, labels)

    def _solved(self, allowed: npt.NDArray[np.bool_] | None, labels: Rules) -> tuple[Program, Solution]:
        with self.phase("compile"):
            program = compile(self.design, rules=labels, allowed=allowed)
        with self.phase("solve"):
            return program, solve_program(program, time_limit=self.left(), progress=self.progress)

    def smaller(self) -> Answer:
        """The answer from the program that reductions leave; the whole program where that answer does not hold."""
        with self.phase("solve"):
            made = self.generated()
        self.plan = made.plan
        found = self._answered(made.program, made.solution, made.solved)
        names = ", ".join(self.reduced.names)
        if found.certified:
            left = f"{made.solved[0].num_rows:,} of {full_size(self.design).rows:,} rows"
            again = f", {made.rounds} rounds" if made.rounds > 1 else ""
            return replace(
                found,
                method=f"{found.method}; reduced by {names}: {left}{again}",
                reductions=self._saved(made),
            )
        if self.left() == LEAST or full_size(self.design).entries > LARGEST_WHOLE:
            return found
        self.plan = Plan.whole(self.design)
        whole = self.linear()
        return found if whole.status == "undecided" and whole.bound is None else whole

    def generated(self, give: Give | None = None) -> Generated:
        """The plan's program, solved, with the rows and columns that were missing."""
        left = lambda p, near: solve_program(p, time_limit=self.left(), progress=self.progress, near=near)  # noqa: E731
        begin = lambda plan, program: start(plan, program, self.progress, self.left)  # noqa: E731
        plan = self.reduced.plan
        if give in ("ic", "ir"):  # what gives way is a requirement that pinned transfers make bind
            plan = plan.unpinned()
        return generate(plan, left, self._carried, begin, give)

    def _carried(self, plan: Plan, program: Program, solution: Solution) -> Multipliers:
        refutes = solution.status == "infeasible"
        sign = -1 if program.maximize and not refutes else 1
        return self.multipliers(program, solution, sign, self.labels, plan)

    def _saved(self, made: Generated) -> tuple[str, ...]:
        """Which reductions applied, and what they saved together."""
        program = made.solved[0]
        size = Size(program.num_rows, program.num_columns, program.nonzeros)
        lines = [f"{name}: {reductions.REDUCTIONS[name].source}" for name in self.reduced.names]
        lines += [f"interchangeable: {names}" for names in made.plan.interchangeable]
        lines += [f"{name} not used: {why}" for name, why in self.reduced.refused.items()]
        return (*lines, f"full program: {full_size(self.design)}", f"compiled: {size}")

    def _answered(
        self, program: Program, solution: Solution, solved: tuple[Program, Solution] | None = None
    ) -> Answer:
        """An exact solution as an answer, checked from the definitions; ``solved`` is what it was spread from, if it was."""
        found = self._read(program, solution, None, self.labels)
        if solution.status == "undecided":
            return found
        if solution.status == "optimal":
            unique = None
            if not self.design.ambiguous and not self.design.robust:
                with self.phase("uniqueness"):
                    unique = self._unique(program, solution, solved or (program, solution))
            best = solution if unique else self._pick(program, solution)
            rules = self.mechanism(program, best.primal)
            found = replace(
                found, rules=rules, worst_case=self.worst_case(program, solution, best.primal), unique=unique
            )
        return self.checked(found)

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
                direction = (payment.direction(self.environment),)
            worst = self._worst_of_direction(program, solution, direction[0])
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

    def _unique(self, program: Program, solution: Solution, solved: tuple[Program, Solution]) -> bool | None:
        """Whether the optimum of the design is the only one; None where the program does not tell."""
        plan = self.plan
        if plan.design.bb != plan.wanted.bb:
            return None
        if any(f is not None and f.rank < f.flat.shape[1] for f in plan.interim):
            return False  # transfers that are worth nothing to any belief can be added
        if plan.mixture is not None or program.nonzeros > LARGEST_UNIQUE:
            return None
        found = unique_point(*solved)
        if found and plan.swaps:  # the only symmetric one
            found = unique_point(program, solution)
        if found and plan.rents is not None and not plan.rents.pins:
            return None
        theorem = "row-generation" not in self.reduced.names
        return found if found or theorem or all(mask is None for mask in plan.pairs) else None

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
        if self.plan.reduces:
            return (rebuilt(self.plan, program, flat, homogeneous=homogeneous),)
        environment, names = self.environment, {b.name for b in program.blocks}
        if "q" in names:
            allocation = program.values("q", flat).moveaxis(-1, 1)
        else:
            lottery = self.design.lottery
            if lottery is None:  # the case at hand leaves one outcome at each profile
                assert allowed is not None
                allocation = Rationals((self.design.allowed & allowed).astype(np.int64))
            else:
                allocation = lottery.reshape(1, *lottery.shape)
            allocation = allocation * 0 if homogeneous else allocation
        count = self.labels.count if count is None else count
        transfers = [
            program.values(f"t {i}", flat)
            if f"t {i}" in names
            else Rationals.zeros((count, *environment.shape))
            for i in range(environment.n)
        ]
        return tuple(
            Mechanism(
                environment,
                allocation[k if len(allocation) > 1 else 0].reduced(),
                stack([t[k] for t in transfers]).reduced(),
            )
            for k in range(count)
        )

    def worst_case(self, program: Program, solution: Solution, primal: Rationals | None) -> WorstCase | None:
        """What the mechanism guarantees over the designer's set: the epigraph's duals, and Nature's multipliers."""
        own = nature(self.design)
        if own is None or primal is None or solution.dual is None:
            return None
        point = self._nature(program, solution.dual, -1 if program.maximize else 1)
        return WorstCase(point, own.prices(lambda name: program.values(name, primal)))

    def _nature(self, program: Program, dual: Rationals, sign: int) -> Rationals:
        own = nature(self.design)
        assert own is not None
        return own.point(lambda name: program.multipliers(name, dual) * sign)

    def _worst_of_direction(
        self, program: Program, solution: Solution, direction: Mechanism
    ) -> WorstCase | None:
        """Nature's best answer to an improving direction."""
        own = nature(self.design)
        if own is None or solution.ray is None or self.goal is None:
            return None
        payoff = self.goal.by_profile(direction.allocation, direction.transfers) * own.sign
        found = worst(own.possible, payoff)
        return WorstCase(concatenate([found.belief.reshape(-1), found.further]), found.prices)

    def multipliers(
        self,
        program: Program,
        solution: Solution,
        sign: int,
        labels: Rules,
        plan: Plan | None = None,
    ) -> Multipliers:
        """Duals of the stored rows as multipliers on the named requirements (see proof/bound.py)."""
        assert solution.dual is not None
        plan = plan or Plan.whole(self.design)
        if plan.envelope is not None:
            return balance_multipliers(plan, self._pinned(plan, program, solution, sign))
        if plan.rents is not None:
            return self._on_rents(plan.rents, program, solution, sign)
        dual, names = solution.dual, {f.name for f in program.families}
        named = lambda name: program.multipliers(name, dual) * sign if name in names else None  # noqa: E731
        ic: list[Rationals | None] = []
        ir: list[Rationals | None] = []
        for i, agent in enumerate(self.environment.agents):
            part = named(f"IC {i}")
            if part is not None and self.design.ic_notion is not None:
                types = self.design.ic_notion.states(self.environment, i).types
                if self.design.pessimistic:
                    part = _lies(part, types, agent.size, labels.told(i, types))
                elif plan.pairs[i] is not None:
                    part = _lies(part, types, agent.size, plan.told(i, types))
                else:
                    part = _grid(part, types, agent.size)
            if self.design.worst_state and part is not None:
                part = part + self._open_lies(named(f"open {i}"), i, labels)
            ic.append(part)
            part = named(f"IR {i}")
            if part is not None and self.design.ir_notion is not None:
                part = part[0] if self.design.ambiguous and self.design.ir == "ex-post" else part
                part = _all_types(part, self.design.ir_notion.states(self.environment, i).types, agent.size)
            ir.append(part)
        bb = named("BB")
        if bb is None and plan.design.bb != "none":
            by_profile = () if plan.design.bb.startswith("ex-ante") else self.environment.shape
            bb = Rationals.zeros((labels.count, *by_profile))
        spread = self._spread(named, ic, labels) if self.design.pessimistic else None
        if spread is not None and "consistency" in names:
            turned = -1 if solution.status == "infeasible" and program.maximize else 1
            spread = replace(spread, objective=program.multipliers("consistency", dual) * turned)
        elif spread is not None and self.design.worst_state:
            spread = replace(spread, objective=Rationals.of([int(solution.status != "infeasible")]))
        refutes = solution.status == "infeasible"
        point = None if refutes or not self.design.robust else self._nature(program, dual, sign)
        linear = tuple(program.multipliers(rows.name, dual) * sign for rows in self.design.requirements)
        out = Multipliers(tuple(ic), tuple(ir), bb, spread, point, linear)
        return balance_multipliers(plan, out)

    def _pinned(self, plan: Plan, program: Program, solution: Solution, sign: int) -> Multipliers:
        """Multipliers where the envelope pins transfers."""
        envelope, dual = plan.envelope, solution.dual
        assert envelope is not None and dual is not None
        monotone = [program.multipliers(f"monotone {i}", dual) * sign for i in range(len(plan.orders))]
        balance = Fraction(0)
        if envelope.design.bb != "none":
            balance = (program.multipliers("BB", dual) * sign).item()
        wanted = solution.status != "infeasible" and "give" not in {b.name for b in program.blocks}
        return envelope.multipliers(monotone, balance, envelope.wanted[0] if wanted else None)

    def _on_rents(self, rents: Rents, program: Program, solution: Solution, sign: int) -> Multipliers:
        """Multipliers where the envelope pins transfers ex post."""
        dual = solution.dual
        assert dual is not None
        named = lambda name: program.multipliers(name, dual) * sign  # noqa: E731
        bb = None if rents.design.bb == "none" else named("BB")
        refutes = solution.status == "infeasible"
        point = None if refutes or not self.design.robust else self._nature(program, dual, sign)
        return replace(rents.multipliers(named, bb), nature=point)

    def _spread(
        self, named: Callable[[str], Rationals | None], ic: list[Rationals | None], labels: Rules
    ) -> RuleWeights:
        """How the multipliers are spread over rules: the duals of truth, and of the worst and best lies."""
        assert self.design.ic_notion is not None
        truth, told = [], []
        rules = np.arange(labels.count)
        for i, agent in enumerate(self.environment.agents):
            part, size = ic[i], agent.size
            types = self.design.ic_notion.states(self.environment, i).types
            on_truth = named(f"truth {i}")
            assert part is not None and on_truth is not None
            weights = _all_types(on_truth.moveaxis(1, 0).moveaxis(2, 1), types, size).moveaxis(2, 1)
            if self.design.worst_state:
                seen = np.arange(on_truth.shape[0])[:, None, None] == labels.punishes[i]
                told.append(Rationals(seen[None].astype(np.int64)) * part)
                truth.append(weights)
                continue
            punisher = Rationals((rules[:, None, None] == labels.punishes[i]).astype(np.int64))[:, None]
            if self.design.alpha < 1:
                best, low, high = (named(f"{name} {i}") for name in ("best", "low", "high"))
                assert best is not None and low is not None and high is not None
                praiser = Rationals((rules[:, None] == labels.praises[i]).astype(np.int64))[:, None]
                weights = weights + praiser * _all_types(best, types, size)
                told_lies = labels.told(i, types)
                every = stack([_lies(high[:, k], types, size, told_lies) for k in rules])
                told.append(punisher * _lies(low, types, size, told_lies) + every)
            else:
                told.append(punisher * part)
            truth.append(weights)
        return RuleWeights(labels, tuple(truth), tuple(told), Rationals.zeros((labels.count,)))

    def _open_lies(self, part: Rationals | None, agent: int, labels: Rules) -> Rationals:
        """Multipliers of lies under no belief, on the grid of types and reports."""
        assert part is not None
        applies = self.design.gains[agent].applies & (labels.punishes[agent] == NOBODY)
        out = np.zeros((1, *applies.shape), dtype=part.numerator.dtype)
        out[0][applies] = part.numerator[0]
        return Rationals(out, part.denominator)

    # -- the last word: definitions -------------------------------------------------------------
    def checked(self, found: Answer, allowed: npt.NDArray[np.bool_] | None = None) -> Answer:
        """The answer with its audit; a verdict that the definitions do not confirm is withdrawn."""
        if self.least_rents and found.status == "optimal":
            paid = least_rents(self.environment, found.rules[0].allocation)
            found = replace(found, rules=(replace(found.rules[0], transfers=paid),))
        with self.phase("audit"):
            report = audit(found.rules, self.design) if found.rules else None
            problem = self._problem(found, report, allowed)
        found = replace(found, audit=report)
        if problem is None:
            return found
        return replace(found, status="undecided", certified=False, notes=(f"not certified: {problem}",))

    def _problem(
        self, found: Answer, report: Audit | None, allowed: npt.NDArray[np.bool_] | None
    ) -> str | None:
        if report is not None and not report.passed:
            return f"the audit {report}"
        try:
            if found.status == "infeasible":
                assert found.proof is not None
                if found.proof.bound(self.design, allowed) is not None:
                    return "the multipliers do not refute"
            elif found.status == "optimal":
                assert self.goal is not None and found.rules and found.proof is not None
                attained = reached(self.design, found.rules[0], found.worst_case)
                proved = found.proof.bound(self.design, allowed)
                if not attained == found.value == proved:
                    return f"mechanism {attained}, bound {proved} and value {found.value} differ"
        except InvalidCertificate as error:
            return str(error)
        return None

    # -- among optima ---------------------------------------------------------------------------
    def _pick(self, program: Program, solution: Solution) -> Solution:
        """The optimum with the smallest transfers, when a secondary objective is asked."""
        if self.design.secondary == "none" or self.design.transfers == "none":
            return solution
        with self.phase("secondary objective"):
            narrowed = smallest_transfers(program, solution, self.design)
            picked = solve_program(narrowed, time_limit=self.left(), progress=self.progress)
        if picked.status != "optimal" or picked.primal is None:
            return solution
        return replace(solution, primal=picked.primal[: program.num_columns])

    def _optimism(self, found: Answer) -> Iterable[str]:
        """A warning when what a type hopes of the best rule does the work, and not what it fears of the worst."""
        with self.phase("the attitude without optimism"):
            averse = self.design.asking(alpha=1).solve(relax=False, fewest=False, time_limit=self.left())
        said, best = (
            "optimism, not robustness, does the work",
            f"with alpha = 1 the best is {text(averse.value or 0)}",
        )
        if found.exists and averse.status == "infeasible":
            yield f"{said}: types that only fear the worst rule (alpha = 1) leave nothing possible"
        elif averse.status == "optimal" and (found.status == "unbounded" or self._better(found, averse)):
            yield f"{said}: {best}"

    def _better(self, one: Answer, other: Answer) -> bool:
        if self.goal is None or one.value is None or other.value is None:
            return False
        return one.value > other.value if self.goal.maximize else one.value < other.value

    # -- what must give way ---------------------------------------------------------------------
    def relaxations(self) -> Iterable[Relaxation]:
        """The least subsidy, eps-IC and eps-IR, each one more program."""
        ways: list[Give] = []
        if self.design.bb != "none" and self.design.transfers != "none":
            ways.append("bb")
        if self.design.ic != "none":
            ways.append("ic")
        if self.design.ir != "none":
            ways.append("ir")
        for way in ways:
            if self.reduced.names:
                solution = self.generated(way).solution
            else:
                solution = solve_program(compile(self.design, give=way), time_limit=self.left())
            if solution.status in ("optimal", "infeasible"):
                yield Relaxation(way, solution.value if solution.status == "optimal" else None)

    def _notes(self, found: Answer) -> Iterable[str]:
        design, environment = self.design, self.environment
        closed = equal_beliefs(design)
        if closed is not None:
            yield from closed.in_words()
        payment = lump_sum(design) if found.status == "unbounded" else None
        if payment is not None:
            yield payment.in_words(self.environment)
        if design.alpha < 1 and found.certified:
            yield from self._optimism(found)
        if design.ties:
            free = design.lottery is None
            yield (
                f"{design.ties} profile(s) have several efficient outcomes: "
                + ("any lottery over them may be used" if free else "the first is used")
            )
        beliefs = environment.beliefs
        needs = any(n is not None and n.needs_beliefs for n in (design.ic_notion, design.ir_notion))
        if beliefs is None or not needs:
            return
        for i, agent in enumerate(environment.agents):
            missing = np.flatnonzero(beliefs.mass(i) == 0)
            if missing.size:
                names = ", ".join(agent.types[k] for k in missing)
                yield f"type(s) {names} of {agent.name} have probability zero: no belief, no IC or IR row"


def _grid(array: Rationals, types: npt.NDArray[np.intp], size: int) -> Rationals:
    """Rows of a grid of reports, the ones of truth left out, spread over all types."""
    truthful = types[:, None] == np.arange(size)[None, :]
    truthful = truthful.reshape(1, *truthful.shape, *(1,) * (array.ndim - 3))
    return _all_types(array * Rationals((~truthful).astype(np.int64)), types, size)


def _lies(
    array: Rationals,
    types: npt.NDArray[np.intp],
    size: int,
    told: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
) -> Rationals:
    """Rows of a list of lies ``(W, lies, ...)`` (positions in ``types``, reports), laid on the grid of types and reports."""
    own, report = told
    out = np.zeros((array.shape[0], size, size, *array.shape[2:]), dtype=array.numerator.dtype)
    out[:, types[own], report] = array.numerator
    return Rationals(out, array.denominator)


def _all_types(array: Rationals, types: npt.NDArray[np.intp], size: int) -> Rationals:
    """Rows of the types that have them, spread over all types (zero elsewhere)."""
    if len(types) == size:
        return array
    out = np.zeros((array.shape[0], size, *array.shape[2:]), dtype=array.numerator.dtype)
    out[:, types] = array.numerator
    return Rationals(out, array.denominator)


def smallest_transfers(program: Program, solution: Solution, design: Design) -> Program:
    """The optimal face of a program, with the size of the transfers as its objective."""
    blocks, families = list(program.blocks), list(program.families)
    transfers = [b for b in blocks if b.name.startswith("t ")]
    by_cell = design.secondary == "1-norm"
    columns = {
        b.name: program.column_start[b.name] + np.arange(b.size, dtype=np.int32).reshape(b.shape)
        for b in blocks
    }
    at = program.num_columns
    sizes: dict[str, Rationals] = {}
    if not by_cell:
        blocks.append(Block("size", (), Rationals.of(0)))
        sizes["size"] = Rationals.of(1)
    for b in transfers:
        cell = np.array(at, dtype=np.int32)
        if by_cell:
            blocks.append(Block(f"size {b.name}", b.shape, Rationals.of(0)))
            cell = at + np.arange(b.size, dtype=np.int32).reshape(b.shape)
            at += b.size
            sizes[f"size {b.name}"] = Rationals.of(1)
        for sign in (1, -1):
            terms = (Term(cell, Rationals.of(1)), Term(columns[b.name], Rationals.of(sign)))
            families.append(Family(f"size {b.name} {sign:+d}", b.shape, terms, ">=", Rationals.of(0)))
    if program.objective and solution.value is not None:
        worth = tuple(
            Term(columns[name], c.broadcast_to(program.block(name).shape), program.block(name).shape)
            for name, c in program.objective.items()
        )
        rhs = Rationals.of(solution.value - program.constant)
        families.append(Family("optimal value", (), worth, "=", rhs))
    return Program(tuple(blocks), tuple(families), sizes, maximize=False, name=program.name)
