"""Several float roads to a basis at once: none is fast on every program, and which one is, is seldom known beforehand.

The dual simplex method on the program as it stands; the same on what presolve leaves of it; an interior point method with
crossover on that.  Each takes minutes on some small program that another solves in a moment.  A small program gets a slice of
the simplex method alone first.  Then the roads run in threads (HiGHS lets go of Python's lock), two of them unless it takes
long, and whoever ends first stops the others.  It only proposes.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from ..deadline import Deadline
from .form import Form
from .highs import NOTHING, Proposal, hand_over, new_solver, propose, read, set_option

#: Entries up to which the simplex method alone comes first; a step costs as much as so many entries, and all steps this.
SMALL, STEP, SLICE = 20_000, 15_000, 25_000_000
#: Presolve that leaves no more than this part of the entries makes the roads through it the likely ones.
STRONG = 0.6
#: Seconds, and multiples of the time that presolve took, until the third road joins the two likely ones.
PATIENCE, PATIENCE_OF_PRESOLVE = 2.0, 4.0
#: Seconds that roads have for their last word when the time is over.
LAST_WORD = 0.3
_PRESOLVED = highspy.HighsPresolveStatus
_CONCLUSIVE = ("optimal", "infeasible", "unbounded")


def best_road(form: Form, time_limit: float | Deadline | None = None) -> Proposal:
    """What the first road to end says of the float image of a form; with ``time limit``, the multipliers of one that did not end.

    Raises
    ------
    SolverError
        When HiGHS refuses an option.
    """
    deadline = Deadline.of(time_limit)
    if (entries := len(form.matrix.data)) <= SMALL:
        found = propose(form, time_limit=deadline, steps=SLICE // (STEP + entries))
        if found.outcome != "time limit" or deadline.passed:
            return found
    return _Race(form, deadline).winner()


class _Race:
    """Roads under way, each in a thread of its own that leaves its word, or the error it met, in ``said``."""

    def __init__(self, form: Form, deadline: Deadline) -> None:
        self.form, self.deadline = form, deadline
        self.said: queue.SimpleQueue[Proposal | Exception] = queue.SimpleQueue()
        self.solvers: list[Any] = []
        self.threads: list[threading.Thread] = []
        self.over, self.alone = threading.Event(), threading.Lock()

    def winner(self) -> Proposal:
        whole = self.solver()
        self.set_off(lambda: self.whole(whole))
        self.set_off(lambda: self.presolved(whole))
        best, ended = NOTHING, 0
        try:
            while ended < len(self.threads):
                left = self.deadline.left + LAST_WORD
                word = self.said.get(timeout=None if left == math.inf else left)
                ended += 1
                if isinstance(word, Exception):
                    raise word
                if word.outcome in _CONCLUSIVE or (word.outcome == "unclear" and word.basis is not None):
                    return word
                best = max(best, word, key=_weight)
        except queue.Empty:
            pass
        finally:
            self.over.set()
            for solver in self.solvers:
                solver.cancelSolve()
        return replace(best, outcome="time limit") if self.deadline.passed else best

    def set_off(self, road: Callable[[], Proposal]) -> None:
        def run() -> None:
            try:
                self.said.put(road())
            except Exception as error:
                self.said.put(error)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def solver(self) -> Any:
        """HiGHS that can be called off."""
        solver = new_solver(self.deadline)
        solver.HandleUserInterrupt = True
        self.solvers.append(solver)
        return solver

    # -- roads ----------------------------------------------------------------------------------
    def whole(self, solver: Any) -> Proposal:
        """The simplex method on the program as it stands."""
        set_option(solver, "solver", "simplex")
        set_option(solver, "presolve", "off")
        return _run(solver) if hand_over(solver, self.form) else NOTHING

    def presolved(self, whole: Any) -> Proposal:
        """Presolve, and the simplex method on what it leaves; the interior point method sets off beside it."""
        solver = self.solver()
        if not hand_over(solver, self.form):
            return NOTHING
        solver.presolve()
        if self.over.is_set():
            return NOTHING
        status = solver.getModelPresolveStatus()
        if status == _PRESOLVED.kInfeasible:
            return replace(NOTHING, outcome="infeasible")
        if status == _PRESOLVED.kReducedToEmpty:
            set_option(solver, "solver", "simplex")
            return _run(solver)
        if status not in (_PRESOLVED.kReduced, _PRESOLVED.kNotReduced):
            return NOTHING
        small = solver.getPresolvedLp() if status == _PRESOLVED.kReduced else solver.getLp()
        back = solver if status == _PRESOLVED.kReduced else None
        self.set_off(lambda: self.on(small, back, "ipx"))
        if len(small.a_matrix_.value_) <= STRONG * len(self.form.matrix.data):
            whole.cancelSolve()
        elif back is None or self.over.wait(max(PATIENCE, PATIENCE_OF_PRESOLVE * solver.getRunTime())):
            return NOTHING
        return self.on(small, back, "simplex")

    def on(self, small: Any, back: Any, method: str) -> Proposal:
        """A method on what presolve left, and the way back."""
        solver = self.solver()
        set_option(solver, "solver", method)
        set_option(solver, "presolve", "off")
        if solver.passModel(small) == highspy.HighsStatus.kError:
            return NOTHING
        found, road = _run(solver), "interior point and crossover" if method == "ipx" else "simplex basis"
        if back is None:
            return replace(found, road=road)
        if (
            found.outcome == "infeasible" and method == "ipx"
        ):  # its multipliers went far along a ray that refutes
            with self.alone:
                back.postsolve(solver.getSolution())
                return replace(NOTHING, outcome="infeasible", dual=np.array(back.getSolution().row_dual))
        if found.outcome != "optimal":  # what it stopped at is a point of another program
            return replace(NOTHING, outcome=found.outcome)
        with self.alone:
            if self.over.is_set():
                return NOTHING
            back.postsolve(solver.getSolution(), solver.getBasis())
            return replace(read(back), road=road)


def _run(solver: Any) -> Proposal:
    return NOTHING if solver.run() == highspy.HighsStatus.kError else read(solver)


def _weight(word: Proposal) -> tuple[bool, bool, bool]:
    """Of two roads that did not end, the one whose word is worth more."""
    known = bool(len(word.dual)) and bool(np.any(word.dual)) and bool(np.all(np.isfinite(word.dual)))
    return word.outcome == "time limit", known, word.basis is not None


__all__ = ["best_road"]
