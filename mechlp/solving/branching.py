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
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import every_payoff
from ..program.solve import solve as solve_program
from ..proof.cases import Case, branch, by_dominance, every_outcome
from ..proof.guarantee import WorstCase
from ..question.rules import Lie, Rules, choices, lies, only
from .certain import Glimpse, Guide, candidates, lotteries, most_mixed
from .compile import compile

if TYPE_CHECKING:
    from .solve import _Run

MAX_NODES = 20_000
#: Times that the beliefs under which lies are seen are chosen anew from a mechanism.
MAX_IMPROVEMENTS = 12
NOTHING = Fraction(0)
Outcomes = npt.NDArray[np.bool_]
Beliefs = Mapping[Lie, int]


class Stopped(Exception):
    """The limit on nodes or time was reached."""


class Unbounded(Exception):
    """A mechanism exists, and the direction improves it without end."""


@dataclass
class Search:
    """Which choices are made, node after node, and the best that was found."""

    run: _Run  # of the same design with lotteries
    best: tuple[Mechanism, ...] = ()
    value: Fraction | None = None
    worst: WorstCase | None = None
    nodes: int = 0
    root: Answer | None = None  # with every choice left open
    unlimited: Answer | None = None
    choices: dict[Lie, tuple[int, ...]] = field(default_factory=dict)
    guide: Guide | None = None

    def __post_init__(self) -> None:
        design = self.run.design
        if design.worst_state:
            self.choices = {lie: s for lie in lies(design) if len(s := choices(design, lie)) > 1}

    @property
    def sign(self) -> int:
        """Turns the objective into one to maximise."""
        return -1 if self.run.goal is not None and not self.run.goal.maximize else 1

    def explore(self, allowed: Outcomes, seen: Beliefs) -> Case:
        """Close a node, and return its proof.

        Raises
        ------
        Stopped, Unbounded
        """
        self.nodes += 1
        if self.nodes > MAX_NODES or self._out_of_time():
            raise Stopped
        if self.nodes % 20 == 0:
            self.run.progress(f"branch and bound: {self.nodes} nodes")
        seen_first = self._glimpse(allowed)
        if seen_first is not None and seen_first.mixed is not None and not self._looks_closed(seen_first):
            return self._by_outcome(*seen_first.mixed, allowed, seen)
        basis = None if seen_first is None else seen_first.basis
        first = self.root if self.nodes == 1 else None
        answer = first or self.run.node(allowed, self.labels(seen), basis)
        if self.nodes == 1:
            self.root = answer
            self._begin(answer)
        if answer.status == "undecided":
            raise Stopped
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
        mixed = most_mixed(answer.rules[: len(allowed)]) if self._pure(allowed) else None
        if mixed is not None:
            return self._by_outcome(*mixed, allowed, seen)
        self._take(answer)
        return answer.proof or Case()

    # -- rules without lotteries ----------------------------------------------------------------
    def _begin(self, root: Answer) -> None:
        """The best of the rules that are tried first; from then on floats say where to look."""
        if not self.run.certain or self.choices or root.status not in ("feasible", "optimal"):
            return
        if self.mixed(root) is None:
            return
        with self.run.phase("rules to begin with"):
            self.guide = Guide(self.run)
            for used in candidates(self.run.design, root.rules):
                if self._out_of_time() or self._settled():
                    return
                seen = self.guide.look(used)
                if seen is None or self.guide.closed(seen, self.value):
                    continue
                answer = self.run.node(used, self.labels({}))
                if answer.status in ("feasible", "optimal") and not self._closed(answer.value):
                    self._take(answer)

    def _glimpse(self, allowed: Outcomes) -> Glimpse | None:
        return None if self.guide is None or not self._pure(allowed) else self.guide.look(allowed)

    def _looks_closed(self, glimpse: Glimpse) -> bool:
        assert self.guide is not None
        return self.guide.closed(glimpse, self.value)

    def mixed(self, answer: Answer) -> tuple[int, tuple[int, ...]] | None:
        return most_mixed(answer.rules[: len(every_outcome(self.run.design))])

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
        told, states = every_payoff(self.run.design, rules)[lie][1], self.choices[lie]
        cases = dict.fromkeys(states, Case())
        for state in sorted(states, key=lambda k: told[k]):
            if not self._settled():
                cases[state] = self.explore(allowed, {**seen, lie: state})
        return Case(lie=lie, beliefs=tuple(cases.values()))

    def _without_end(self, answer: Answer, allowed: Outcomes, seen: Beliefs) -> Case:
        """An improving direction changes transfers alone, so any deterministic point makes it unbounded."""
        left_open = [lie for lie in self.choices if lie not in seen]
        if left_open:
            return self._by_belief(left_open[0], answer.rules, allowed, seen)
        self.unlimited = answer
        if not self._pure(allowed):
            self.best = answer.rules
            raise Unbounded
        if self.run.design.transfers != "free":
            raise Stopped
        feasible = Search(_existence(self.run))
        feasible.explore(allowed, seen)
        if not feasible.best:
            raise Stopped
        self.best = feasible.best
        raise Unbounded

    # -- beliefs --------------------------------------------------------------------------------
    def labels(self, seen: Beliefs) -> Rules:
        """Lies under the beliefs chosen so far, or the only ones there are."""
        design = self.run.design
        if not design.worst_state:
            return self.run.labels
        return Rules.assigned(
            design, [seen.get(lie, only(design, lie)) for lie in lies(design)]
        )

    def _paying(self, rules: tuple[Mechanism, ...], seen: Beliefs, more: Fraction = NOTHING) -> list[Lie]:
        """Lies without a belief that pay more than so much, the one that pays most first."""
        if not self.choices:
            return []
        payoffs = every_payoff(self.run.design, rules)
        gains = {lie: min(payoffs[lie][1]) - min(payoffs[lie][0]) for lie in self.choices if lie not in seen}
        return sorted((lie for lie, gain in gains.items() if gain > more), key=lambda lie: -gains[lie])

    def worst_beliefs(self, rules: tuple[Mechanism, ...]) -> dict[Lie, int]:
        """Each lie under its worst belief at a mechanism."""
        payoffs = every_payoff(self.run.design, rules)
        return {lie: min(states, key=lambda k: payoffs[lie][1][k]) for lie, states in self.choices.items()}

    def _improve(self, rules: tuple[Mechanism, ...], allowed: Outcomes) -> None:
        """Fix every lie's belief as a mechanism suggests, solve, and choose anew from what comes out (an inner bound)."""
        seen, before = self.worst_beliefs(rules), None
        for _ in range(MAX_IMPROVEMENTS):
            answer = self.run.node(allowed, self.labels(seen))
            if answer.status in ("feasible", "optimal") and not (
                self._pure(allowed) and most_mixed(answer.rules[: len(allowed)])
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
            chosen = self.worst_beliefs(rules)
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


def solve_by_cases(run: _Run) -> Answer:
    """The answer for ``allocation: deterministic``, and for maxmin types."""
    search, proof = _search(run), None
    by_rank = search.run.design.ic != run.design.ic
    try:
        with run.phase("branch and bound"):
            proof = search.explore(every_outcome(run.design), {})
    except Unbounded:
        assert search.unlimited is not None
        found = replace(search.unlimited, design=run.design, rules=search.best, method=_method(search))
        return run.checked(found)
    except (Stopped, RecursionError):
        return _stopped(run, search)
    method, proof = _method(search), Case(dominance=proof) if by_rank else proof
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


def _search(run: _Run) -> Search:
    """The search from its root: where lotteries are better than rules without, by dominance if that asks the same of rules."""
    own = lotteries(run)
    ordinal = by_dominance(run.design)
    if ordinal is None:
        return Search(own)
    search = Search(own, root=own.node(every_outcome(run.design), own.labels))
    if (
        search.root is None
        or search.root.status not in ("feasible", "optimal")
        or search.mixed(search.root) is None
    ):
        return search
    stricter = lotteries(run, ordinal)
    root = stricter.node(every_outcome(run.design), stricter.labels)
    return search if root.status == "undecided" else Search(stricter, root=root)


def _method(search: Search) -> str:
    return f"branch and bound with exact leaves, {search.nodes} nodes"


def _stopped(run: _Run, search: Search) -> Answer:
    """What is known when the search stops early: the best mechanism, and the bound with every choice left open."""
    whole = every_outcome(run.design)
    relaxed = search.root or search.run.node(whole, search.labels({}))
    proof = relaxed.proof
    if proof is not None and search.run.design.ic != run.design.ic:
        proof = Case(dominance=proof)
    if relaxed.status == "infeasible":
        return run.checked(replace(relaxed, design=run.design, proof=proof, method=_method(search)))
    note = "not decided: the search stopped early; the bound leaves open " + (
        "under which belief each lie is seen" if run.design.worst_state else "whether outcomes are certain"
    )
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
