"""Choices that no linear program makes: branch and bound in which every leaf is an exact proof.

Two kinds: which outcome a deterministic allocation uses at a profile, and under which belief a maxmin type sees a lie (some
belief must make the lie unattractive; which one is a choice of the designer's).  A node fixes some choices and solves exactly
the program in which the others are left open.  It is closed by multipliers that refute it, or whose bound is no better than
the best mechanism found; the tree of leaves is the certificate (:class:`mechlp.proof.cases.Case`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..answer.answer import RELAXED, Answer
from ..exact.numbers import stack
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import every_payoff
from ..program.solve import solve as solve_program
from ..proof.cases import Case, branch, every_outcome
from ..proof.guarantee import WorstCase
from ..question.rules import NOBODY, Lie, Rules, choices, lies
from .compile import compile

if TYPE_CHECKING:
    from .solve import _Run

MAX_NODES = 20_000
#: Times that the beliefs under which lies are seen are chosen anew from a mechanism.
MAX_IMPROVEMENTS = 12
Outcomes = npt.NDArray[np.bool_]
Beliefs = Mapping[Lie, int]


class _Stopped(Exception):
    """The limit on nodes or time was reached."""


class _Unbounded(Exception):
    """A mechanism exists, and the direction improves it without end."""


@dataclass
class _Search:
    run: _Run  # of the same design with lotteries
    best: tuple[Mechanism, ...] = ()
    value: Fraction | None = None
    worst: WorstCase | None = None
    nodes: int = 0
    root: Answer | None = None  # with every choice left open
    unlimited: Answer | None = None
    choices: dict[Lie, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        design = self.run.design
        if design.worst_state:
            self.choices = {lie: n for lie in lies(design) if (n := choices(design, lie)) > 1}

    @property
    def sign(self) -> int:
        """Turns the objective into one to maximise."""
        return -1 if self.run.goal is not None and not self.run.goal.maximize else 1

    def explore(self, allowed: Outcomes, seen: Beliefs) -> Case:
        """Close a node, and return its proof.

        Raises
        ------
        _Stopped, _Unbounded
        """
        self.nodes += 1
        if self.nodes > MAX_NODES or self._out_of_time():
            raise _Stopped
        if self.nodes % 20 == 0:
            self.run.progress(f"branch and bound: {self.nodes} nodes")
        answer = self.run.node(allowed, self.labels(seen))
        self.root = self.root or answer
        if answer.status == "undecided":
            raise _Stopped
        if answer.status == "infeasible" or (answer.status == "optimal" and self._closed(answer.value)):
            assert answer.proof is not None
            return answer.proof
        paying = self._paying(answer.rules, seen)
        if paying and self.nodes == 1:
            self._improve(answer.rules, allowed)
            if self._settled() or (answer.status == "optimal" and self._closed(answer.value)):
                return answer.proof or Case()
        if paying:
            return self._by_belief(paying[0], answer.rules, allowed, seen)
        if answer.status == "unbounded":
            return self._without_end(answer, allowed, seen)
        mixed = _most_mixed(answer.rules[: len(allowed)]) if self._pure(allowed) else None
        if mixed is not None:
            return self._by_outcome(*mixed, allowed, seen)
        self._take(answer)
        return answer.proof or Case()

    def _take(self, answer: Answer) -> None:
        """The best mechanism so far."""
        self.best, self.value, self.worst = answer.rules, answer.value, answer.worst_case

    # -- branching ------------------------------------------------------------------------------
    def _by_outcome(self, outcome: int, cell: tuple[int, ...], allowed: Outcomes, seen: Beliefs) -> Case:
        sides = []
        for used in (True, False):
            # An answer already found settles a mere question of existence.
            sides.append(
                Case() if self._settled() else self.explore(branch(allowed, outcome, cell, used), seen)
            )
        return Case(None, False, outcome, cell[1:], sides[0], sides[1], cell[0])

    def _by_belief(self, lie: Lie, rules: tuple[Mechanism, ...], allowed: Outcomes, seen: Beliefs) -> Case:
        told = every_payoff(self.run.design, rules)[lie][1][: self.choices[lie]]
        cases: list[Case] = [Case()] * len(told)
        for belief in sorted(range(len(told)), key=lambda k: told[k]):
            if not self._settled():
                cases[belief] = self.explore(allowed, {**seen, lie: belief})
        return Case(lie=lie, beliefs=tuple(cases))

    def _without_end(self, answer: Answer, allowed: Outcomes, seen: Beliefs) -> Case:
        """An improving direction changes transfers alone, so any deterministic point makes it unbounded."""
        left_open = [lie for lie in self.choices if lie not in seen]
        if left_open:
            return self._by_belief(left_open[0], answer.rules, allowed, seen)
        self.unlimited = answer
        if not self._pure(allowed):
            self.best = answer.rules
            raise _Unbounded
        if self.run.design.transfers != "free":
            raise _Stopped
        feasible = _Search(_existence(self.run))
        feasible.explore(allowed, seen)
        if not feasible.best:
            raise _Stopped
        self.best = feasible.best
        raise _Unbounded

    # -- beliefs --------------------------------------------------------------------------------
    def labels(self, seen: Beliefs) -> Rules:
        """Lies under the beliefs chosen so far, or the only ones there are."""
        design = self.run.design
        if not design.worst_state:
            return self.run.labels
        return Rules.assigned(
            design, [seen.get(lie, NOBODY if lie in self.choices else 0) for lie in lies(design)]
        )

    def _paying(self, rules: tuple[Mechanism, ...], seen: Beliefs) -> list[Lie]:
        """Lies without a belief that pay, the one that pays most first."""
        if not self.choices:
            return []
        payoffs = every_payoff(self.run.design, rules)
        gains = {lie: min(payoffs[lie][1]) - min(payoffs[lie][0]) for lie in self.choices if lie not in seen}
        return sorted((lie for lie, gain in gains.items() if gain > 0), key=lambda lie: -gains[lie])

    def _worst(self, rules: tuple[Mechanism, ...]) -> dict[Lie, int]:
        """Each lie under its worst belief at a mechanism."""
        payoffs = every_payoff(self.run.design, rules)
        return {lie: payoffs[lie][1].index(min(payoffs[lie][1])) for lie in self.choices}

    def _improve(self, rules: tuple[Mechanism, ...], allowed: Outcomes) -> None:
        """Fix every lie's belief as a mechanism suggests, solve, and choose anew from what comes out (an inner bound)."""
        seen, before = self._worst(rules), None
        for _ in range(MAX_IMPROVEMENTS):
            answer = self.run.node(allowed, self.labels(seen))
            if answer.status in ("feasible", "optimal") and not (
                self._pure(allowed) and _most_mixed(answer.rules[: len(allowed)])
            ):
                if self._closed(answer.value):
                    return
                self._take(answer)
                rules = answer.rules
                if self._settled():
                    return
            elif answer.status == "infeasible":
                # The least by which every lie must give way, under these beliefs: where it lies, other beliefs may do.
                program = compile(self.run.design, rules=self.labels(seen), allowed=allowed, give="ic")
                solution = solve_program(program, time_limit=self.run.deadline)
                if solution.status != "optimal" or (before is not None and solution.value >= before):  # type: ignore[operator]
                    return
                before, rules = solution.value, self.run.mechanism(program, solution.primal, allowed)
            else:
                return
            chosen = self._worst(rules)
            if chosen == seen or self._out_of_time():
                return
            seen = chosen

    # -- where it stands ------------------------------------------------------------------------
    def _pure(self, allowed: Outcomes) -> bool:
        """Whether outcomes must be certain, and some are still a choice."""
        return self.run.certain and not bool(np.all(allowed.sum(axis=1) == 1))

    def _closed(self, value: Fraction | None) -> bool:
        if self.value is None or value is None:
            return False
        return (value - self.value) * self.sign <= 0

    def _settled(self) -> bool:
        return self.run.goal is None and bool(self.best)

    def _out_of_time(self) -> bool:
        return self.run.deadline.passed


def _existence(run: _Run) -> _Run:
    """The same question without the objective."""
    return run.about(run.design.asking(objective="feasibility"), certain=run.certain)


def _lotteries(run: _Run) -> _Run:
    """The same question with any lottery allowed: what each node solves."""
    if not run.design.deterministic:
        return run
    return run.about(run.design.asking(allocation="chosen"), certain=True)


def _most_mixed(rules: tuple[Mechanism, ...]) -> tuple[int, tuple[int, ...]] | None:
    """The likeliest outcome at the cell (rule, profile) whose lottery is furthest from certain; None when all are certain."""
    allocation = stack([rule.allocation for rule in rules])
    sure = allocation.max(axis=1)
    least = sure.min()
    if least == 1:
        return None
    cell = tuple(int(k) for k in np.argwhere(sure == least)[0])
    chances = allocation[(cell[0], slice(None), *cell[1:])]
    return int(np.argmax(chances == least)), cell


def solve_by_cases(run: _Run) -> Answer:
    """The answer for ``allocation: deterministic``, and for maxmin types."""
    search = _Search(_lotteries(run))
    proof: Case | None = None
    try:
        with run.phase("branch and bound"):
            proof = search.explore(every_outcome(run.design), {})
    except _Unbounded:
        assert search.unlimited is not None
        found = replace(search.unlimited, design=run.design, rules=search.best, method=_method(search))
        return run.checked(found)
    except (_Stopped, RecursionError):
        return _stopped(run, search)
    method = _method(search)
    if not search.best:
        return run.checked(Answer(run.design, "infeasible", True, proof=proof, method=method))
    if run.goal is None:
        return run.checked(Answer(run.design, "feasible", True, rules=search.best, method=method))
    return run.checked(
        Answer(
            run.design,
            "optimal",
            True,
            search.value,
            search.value,
            search.best,
            proof=proof,
            worst_case=search.worst,
            method=method,
        )
    )


def _method(search: _Search) -> str:
    return f"branch and bound with exact leaves, {search.nodes} nodes"


def _stopped(run: _Run, search: _Search) -> Answer:
    """What is known when the search stops early: the best mechanism, and the bound with every choice left open."""
    whole = every_outcome(run.design)
    relaxed = search.root or search.run.node(whole, search.labels({}))
    if relaxed.status == "infeasible":
        return run.checked(replace(relaxed, design=run.design, method=_method(search)))
    note = "not decided: the search stopped early; the bound leaves open " + (
        "under which belief each lie is seen" if run.design.worst_state else "whether outcomes are certain"
    )
    proof = relaxed.proof
    return replace(
        Answer(
            run.design,
            "undecided",
            False,
            search.value,
            relaxed.bound,
            search.best,
            proof=proof,
            worst_case=search.worst,
            notes=(note,),
            method=_method(search),
            bound_from="" if proof is None else relaxed.bound_from or RELAXED,
        ),
        audit=audit(search.best, run.design) if search.best else None,
    )
