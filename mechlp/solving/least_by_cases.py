"""The least that must give way where a mechanism is a choice among finitely many programs: branch and bound over that amount."""

from __future__ import annotations

from fractions import Fraction

from ..deadline import Deadline
from ..program.solve import solve as solve_program
from ..proof.cases import Case, every_outcome
from ..proof.invalid import InvalidCertificate
from ..proof.relaxation import Give, Relaxation
from ..question.design import Design
from .branching import MAX_NODES, NOTHING, Beliefs, Outcomes, Search, Stopped
from .certain import lotteries, most_mixed
from .columns_back import mechanisms
from .compile import compile
from .plan import Plan
from .rows_back import multipliers
from .solve import _Run


class Least(Search):
    """Search for the least amount by which one kind of requirement must be missed; ``value`` is the least that was found."""

    def __init__(self, design: Design, way: Give, deadline: Deadline) -> None:
        super().__init__(lotteries(_Run(design, deadline, lambda phase: None)))
        self.way = way

    def explore(self, allowed: Outcomes, seen: Beliefs) -> Case:
        """Close a node, and return its proof.  Raises Stopped."""
        self.nodes += 1
        if self.nodes > MAX_NODES or self._out_of_time():
            raise Stopped
        design, labels = self.run.design, self.labels(seen)
        program = compile(design, rules=labels, allowed=allowed, give=self.way)
        solution = solve_program(program, time_limit=self.run.deadline)
        if solution.status not in ("optimal", "infeasible"):
            raise Stopped
        plan = Plan.whole(design)
        y = multipliers(plan, program, solution, labels, sign=1, design=design)
        if solution.status == "infeasible":
            return Case(y, True)
        amount = solution.value
        assert amount is not None and solution.primal is not None
        if self.value is not None and amount >= self.value:
            return Case(y)
        rules = mechanisms(plan, program, solution.primal, count=labels.count, allowed=allowed)
        paying = self._paying(rules, seen, amount if self.way == "ic" else NOTHING)
        if paying:
            return self._by_belief(paying[0], rules, allowed, seen)
        mixed = most_mixed(rules[: len(allowed)]) if self._pure(allowed) else None
        if mixed is not None:
            return self._by_outcome(*mixed, allowed, seen)
        self.best, self.value = rules, amount
        return Case(y)

    def _settled(self) -> bool:
        return self.value == 0


def searched(design: Design) -> bool:
    """Whether a mechanism is a choice among finitely many programs."""
    return design.worst_state or (design.deterministic and design.lottery is None)


def least_by_cases(design: Design, way: Give, deadline: Deadline) -> Relaxation | None:
    """The least that must give way, proved on both sides; None where it is not found in time."""
    search = Least(design, way, deadline)
    try:
        proof = search.explore(every_outcome(design), {})
    except (Stopped, RecursionError):
        return None
    amount: Fraction | None = search.value if search.best else None
    y = proof.multipliers if amount != 0 else None
    found = Relaxation(way, amount, search.best, y, proof if y is None and amount != 0 else None)
    try:
        found.check(design)
    except InvalidCertificate:
        return None
    return found


__all__ = ["Least", "least_by_cases", "searched"]
