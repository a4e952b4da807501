"""The way back from rows: duals of a program's rows as multipliers on the requirements that the rows stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, stack
from ..program import Program, Solution
from ..proof.multipliers import Multipliers, RuleWeights
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import NOBODY, Rules
from .nature import nature
from .plan import Plan
from .rows.keys import Kind, key

Places = npt.NDArray[np.intp]


def multipliers(
    plan: Plan, program: Program, solution: Solution, labels: Rules, *, sign: int, design: Design
) -> Multipliers:
    """Duals of the stored rows as multipliers on the named requirements (:mod:`mechlp.proof.bound`).

    Parameters
    ----------
    plan : what the program was compiled from.
    labels : the rules of the program.
    sign : -1 where duals have the signs of a maximisation, so that multipliers on inequalities are never negative.
    design : the question that was asked; the plan's may be one that reductions made of it.
    """
    return _Duals(plan, program, solution, labels, sign, design).multipliers()


def row_numbers(program: Program, labels: Rules, design: Design) -> dict[str, Places]:
    """For each requirement its row in the program of a whole design, counted from 1 (0: it has none), by the keys of families
    (:mod:`mechlp.mechanism.relaxed`) and in the shape of their multipliers."""
    found = _Rows(Plan.whole(design), program, Solution("optimal"), labels, 1, design)
    out: dict[str, Rationals | None] = {}
    for i in range(design.environment.n):
        out |= {f"IC {i}": found._ic(i), f"IR {i}": found._ir(i)}
    out["BB"] = found._bb()
    out |= {rows.name: found._named(rows.name) for rows in design.requirements}
    if found.there(Kind.LOTTERY):
        out["lottery"] = found.rows(Kind.LOTTERY)
    return {name: array.numerator for name, array in out.items() if array is not None}


@dataclass(frozen=True, eq=False)
class _Duals:
    plan: Plan
    program: Program
    solution: Solution
    labels: Rules
    sign: int
    design: Design

    def multipliers(self) -> Multipliers:
        if self.plan.envelope is not None:
            return _ex_post(self.plan, self._pinned())
        if self.plan.rents is not None:
            return self._of_rents()
        ic = tuple(self._ic(i) for i in range(self.design.environment.n))
        ir = tuple(self._ir(i) for i in range(self.design.environment.n))
        spread = self._spread(ic) if self.design.pessimistic else None
        linear = tuple(self._named(rows.name) for rows in self.design.requirements)
        return _ex_post(self.plan, Multipliers(ic, ir, self._bb(), spread, self._nature(), linear))

    @property
    def wanted(self) -> bool:
        """Whether multipliers bound the objective: they neither refute, nor price what gives way."""
        return self.solution.status != "infeasible" and key(Kind.GIVE) not in self.program.column_start

    def there(self, kind: Kind, agent: int | None = None) -> bool:
        return key(kind, agent) in self.program.row_start

    def rows(self, kind: Kind, agent: int | None = None) -> Rationals:
        """The multipliers of a family, per named row."""
        return self._named(key(kind, agent))

    def _named(self, name: str) -> Rationals:
        assert self.solution.dual is not None
        return self.program.multipliers(name, self.solution.dual) * self.sign

    def _nature(self) -> Rationals | None:
        """Nature's prior, where the designer holds a set of them possible."""
        own = nature(self.design) if self.wanted else None
        return None if own is None else own.point(self.rows)

    # -- one kind of requirement after the other ------------------------------------------------
    def _types(self, i: int) -> Places:
        """The types that IC is asked of."""
        assert self.design.ic_notion is not None
        return self.design.ic_notion.states(self.design.environment, i).types

    def _ic(self, i: int) -> Rationals | None:
        if self.design.ic_notion is None:
            return None
        part, types, size = self.rows(Kind.IC, i), self._types(i), self.design.environment.agents[i].size
        if self.design.pessimistic:
            part = _lies(part, types, size, self.labels.told(i, types))
        elif self.plan.lies(i) is not None:
            part = _lies(part, types, size, self.plan.told(i, types))
        else:
            part = _grid(part, types, size)
        return part + self._open_lies(i) if self.design.worst_state else part

    def _open_lies(self, i: int) -> Rationals:
        """Multipliers of lies under no belief, on the grid of types and reports."""
        part, applies = self.rows(Kind.OPEN, i), self.design.gains[i].applies
        applies = applies & (self.labels.punishes[i] == NOBODY)
        out = np.zeros((1, *applies.shape), dtype=part.numerator.dtype)
        out[0][applies] = part.numerator[0]
        return Rationals(out, part.denominator)

    def _ir(self, i: int) -> Rationals | None:
        notion, environment = self.design.ir_notion, self.design.environment
        if notion is None:
            return None
        part = self.rows(Kind.IR, i)
        part = part[0] if self.design.ambiguous and self.design.ir == "ex-post" else part
        return _all_types(part, notion.states(environment, i).types, environment.agents[i].size)

    def _bb(self) -> Rationals | None:
        if self.there(Kind.BB):
            return self.rows(Kind.BB)
        if self.plan.design.bb == "none":
            return None
        by_profile = not self.plan.design.bb.startswith("ex-ante")
        return Rationals.zeros((self.labels.count, *(self.design.environment.shape if by_profile else ())))

    # -- where the envelope pins transfers ------------------------------------------------------
    def _pinned(self) -> Multipliers:
        envelope = self.plan.envelope
        assert envelope is not None
        monotone = [self.rows(Kind.MONOTONE, i) for i in range(len(self.plan.orders))]
        balance = Fraction(0) if envelope.design.bb == "none" else self.rows(Kind.BB).item()
        return envelope.multipliers(monotone, balance, envelope.wanted[0] if self.wanted else None)

    def _of_rents(self) -> Multipliers:
        rents = self.plan.rents
        assert rents is not None
        bb = None if rents.design.bb == "none" else self.rows(Kind.BB)
        return replace(rents.multipliers(self.rows, bb), nature=self._nature())

    # -- several rules, or beliefs --------------------------------------------------------------
    def _spread(self, ic: tuple[Rationals | None, ...]) -> RuleWeights:
        """How the multipliers are spread over rules: the duals of truth, and of the worst and best lies."""
        truth, told = [], []
        for i, part in enumerate(ic):
            assert part is not None
            spread = self._over_beliefs if self.design.worst_state else self._over_rules
            weights, lies = spread(i, part)
            truth.append(weights)
            told.append(lies)
        if self.there(Kind.CONSISTENCY):
            assert self.solution.dual is not None
            aim = goal(self.design)
            turned = -1 if not self.wanted and aim is not None and aim.maximize else 1
            objective = self.program.multipliers(key(Kind.CONSISTENCY), self.solution.dual) * turned
        elif self.design.worst_state:
            objective = Rationals.of([int(self.wanted)])
        else:
            objective = Rationals.zeros((self.labels.count,))
        return RuleWeights(self.labels, tuple(truth), tuple(told), objective)

    def _on_truth(self, i: int) -> Rationals:
        """Duals of truth, ``(rules, states, |Theta_i|)``."""
        found = self.rows(Kind.TRUTH, i)
        found = found if self.design.worst_state else found.moveaxis(1, 0)
        found = found.moveaxis(2, 1)
        return _all_types(found, self._types(i), self.design.environment.agents[i].size).moveaxis(2, 1)

    def _over_beliefs(self, i: int, part: Rationals) -> tuple[Rationals, Rationals]:
        states = self.program.family(key(Kind.TRUTH, i)).shape[1]
        seen = np.arange(states)[:, None, None] == self.labels.punishes[i]
        return self._on_truth(i), Rationals(seen[None].astype(np.int64)) * part

    def _over_rules(self, i: int, part: Rationals) -> tuple[Rationals, Rationals]:
        rules, types, size = (
            np.arange(self.labels.count),
            self._types(i),
            self.design.environment.agents[i].size,
        )
        punisher = Rationals((rules[:, None, None] == self.labels.punishes[i]).astype(np.int64))[:, None]
        if self.design.alpha == 1:
            return self._on_truth(i), punisher * part
        praiser = Rationals((rules[:, None] == self.labels.praises[i]).astype(np.int64))[:, None]
        weights = self._on_truth(i) + praiser * _all_types(self.rows(Kind.BEST, i), types, size)
        low, high, lies = self.rows(Kind.LOW, i), self.rows(Kind.HIGH, i), self.labels.told(i, types)
        every = stack([_lies(high[:, k], types, size, lies) for k in rules])
        return weights, punisher * _lies(low, types, size, lies) + every


class _Rows(_Duals):
    """Numbers of rows in the place of their multipliers."""

    def _named(self, name: str) -> Rationals:
        shape, first = self.program.family(name).shape, self.program.row_start[name]
        return Rationals(np.arange(first + 1, first + 1 + math.prod(shape)).reshape(shape))


def _ex_post(plan: Plan, y: Multipliers) -> Multipliers:
    """Multipliers of balance ex ante as multipliers of balance ex post: each profile's share of the prior."""
    if plan.design.bb == plan.wanted.bb or y.bb is None:
        return y
    assert plan.design.environment.designer is not None
    prior = plan.design.environment.designer
    return replace(y, bb=prior.reshape(1, *prior.shape) * y.bb[0])


def _grid(array: Rationals, types: Places, size: int) -> Rationals:
    """Rows of a grid of reports, the ones of truth left out, spread over all types."""
    truthful = types[:, None] == np.arange(size)[None, :]
    truthful = truthful.reshape(1, *truthful.shape, *(1,) * (array.ndim - 3))
    return _all_types(array * Rationals((~truthful).astype(np.int64)), types, size)


def _lies(array: Rationals, types: Places, size: int, told: tuple[Places, Places]) -> Rationals:
    """Rows of a list of lies ``(W, lies, ...)`` (positions in ``types``, reports), laid on the grid of types and reports."""
    own, report = told
    out = np.zeros((array.shape[0], size, size, *array.shape[2:]), dtype=array.numerator.dtype)
    out[:, types[own], report] = array.numerator
    return Rationals(out, array.denominator)


def _all_types(array: Rationals, types: Places, size: int) -> Rationals:
    """Rows of the types that have them, spread over all types (zero elsewhere)."""
    if len(types) == size:
        return array
    out = np.zeros((array.shape[0], size, *array.shape[2:]), dtype=array.numerator.dtype)
    out[:, types] = array.numerator
    return Rationals(out, array.denominator)


__all__ = ["multipliers", "row_numbers"]
