"""Deterministic allocations: branch and bound in which every leaf is an exact proof.

A node narrows the outcomes that may be used at some profiles and solves the lottery program exactly.  It is
closed by multipliers that refute it, or whose bound is no better than the best deterministic mechanism
found; the tree of leaves is the certificate (:class:`mechlp.mechanism.certificate.Case`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..answer import Answer
from ..mechanism.certificate import Case, branch, every_outcome
from ..mechanism.guarantee import WorstCase
from ..mechanism.mechanism import Mechanism
from ..numbers import stack

if TYPE_CHECKING:
    from .solve import _Run

MAX_NODES = 20_000


class _Stopped(Exception):
    """The limit on nodes or time was reached."""


@dataclass
class _Search:
    run: _Run  # of the same design with lotteries
    best: tuple[Mechanism, ...] = ()
    value: Fraction | None = None
    nodes: int = 0
    ray: Answer | None = None
    worst: WorstCase | None = None

    @property
    def sign(self) -> int:
        """Turns the objective into one to maximise."""
        return -1 if self.run.goal is not None and not self.run.goal.maximize else 1

    def explore(self, allowed: npt.NDArray[np.bool_]) -> Case:
        """Close a node, and return its proof.

        Raises
        ------
        _Stopped
        """
        self.nodes += 1
        left = self.run.left()
        if self.nodes > MAX_NODES or (left is not None and left <= 0.01):
            raise _Stopped
        if self.nodes % 50 == 0:
            self.run.progress(f"branch and bound: {self.nodes} nodes")
        answer = self.run.linear(allowed)
        if answer.status == "unbounded":
            self.ray = answer
            if self.run.design.transfers == "free":
                return self._branch_unbounded(answer, allowed)
        if answer.status in ("undecided", "unbounded"):
            raise _Stopped
        assert answer.status == "feasible" or answer.proof is not None
        if answer.status == "infeasible":
            return answer.proof  # type: ignore[return-value]
        if self._closed(answer.value):
            return answer.proof  # type: ignore[return-value]
        mixed = _most_mixed(answer.rules[: len(allowed)])
        if mixed is None:
            self.best, self.value, self.worst = answer.rules, answer.value, answer.worst_case
            return answer.proof or Case()
        outcome, cell = mixed
        sides = []
        for used in (True, False):
            part = branch(allowed, outcome, cell, used)
            # An answer already found settles a mere question of existence.
            sides.append(Case() if self._settled() else self.explore(part))
        return Case(None, False, outcome, cell[1:], sides[0], sides[1], cell[0])

    def _branch_unbounded(self, answer: Answer, allowed: npt.NDArray[np.bool_]) -> Case:
        """An improving direction changes transfers alone, so any deterministic point makes it unbounded."""
        feasible = _Search(_existence(self.run))
        feasible.explore(allowed)
        if not feasible.best:
            raise _Stopped
        self.best = feasible.best
        raise _Unbounded

    def _closed(self, value: Fraction | None) -> bool:
        if self.value is None or value is None:
            return False
        return (value - self.value) * self.sign <= 0

    def _settled(self) -> bool:
        return self.run.goal is None and bool(self.best)


class _Unbounded(Exception):
    """A deterministic mechanism exists, and the direction improves it without end."""


def _existence(run: _Run) -> _Run:
    """The same question without the objective."""
    from .solve import _Run

    return _Run(run.design.asking(objective="feasibility"), run.left(), run.progress)


def _lotteries(run: _Run) -> _Run:
    """The same question with any lottery allowed: what each node solves."""
    from .solve import _Run

    return _Run(run.design.asking(allocation="chosen"), run.left(), run.progress)


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


def solve_deterministic(run: _Run) -> Answer:
    """The answer for ``allocation: deterministic``."""
    search = _Search(_lotteries(run))
    proof: Case | None = None
    try:
        with run.phase("branch and bound"):
            proof = search.explore(every_outcome(run.design))
    except _Unbounded:
        assert search.ray is not None
        return run.checked(replace(search.ray, design=run.design, rules=search.best, method=_method(search)))
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
    """What is known when the search stops early: the best mechanism, and the bound of the lottery program."""
    relaxed = search.run.linear()
    if relaxed.status == "infeasible":
        return replace(relaxed, design=run.design, method=_method(search))
    note = "not certified: branch and bound stopped early; the bound is that of lotteries"
    return run.checked(
        Answer(
            run.design,
            "undecided",
            False,
            search.value,
            relaxed.value,
            search.best,
            proof=relaxed.proof,
            worst_case=search.worst,
            notes=(note,),
            method=_method(search),
        )
    )
