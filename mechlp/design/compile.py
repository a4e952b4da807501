"""From a design to a linear program: one compiler for every notion of evaluation.

Columns: ``q`` (allocation, where it is a choice), ``t i`` (transfers to agent i), and for each agent with IC
the payoffs ``U i`` under truth, one a type and state.  Rows: with ``L_w(r; theta_i)`` the payoff of reporting r
in state w (:mod:`mechlp.environment.notions`),

* ``IC i``: ``U_w(theta_i) - L_w(r; theta_i) >= 0``, with equality at ``r = theta_i``, which defines U;
* ``IR i``: ``L_w(theta_i; theta_i) >= outside option``;
* ``BB``: ``-sum_i t_i >= 0`` (or ``= 0``), by profile or in expectation;
* ``lottery``: ``sum_a q(a|theta) = 1``.

Interim rows are stored multiplied by the probability of the type (``Family.unit``), which keeps them
integer over small denominators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..environment.model import Environment
from ..environment.notions import Notion, States
from ..numbers import Rationals
from ..program import Block, Columns, Family, Program, Term
from .design import Design
from .objective import Goal, goal

#: What may be asked to give way: every IC row, every IR row, or budget balance.
Give = Literal["ic", "ir", "bb"]


@dataclass(frozen=True)
class Evaluation:
    """One agent's rows under one notion: axes ``(state, type)``, then the others' types if not summed.

    Rows of reports have a further axis, the report, after the type.
    """

    states: States
    agent: int
    environment: Environment

    @property
    def summed(self) -> bool:
        return self.states.summed

    @cached_property
    def rest(self) -> tuple[int, ...]:
        """The others' type counts."""
        shape = self.environment.shape
        return shape[: self.agent] + shape[self.agent + 1 :]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the truthful payoffs."""
        own = (self.states.weights.shape[0], len(self.states.types))
        return own if self.summed else (*own, *self.rest)

    @cached_property
    def weights(self) -> Rationals:
        """Weights of the types that have rows, ``(W, types, *rest)``."""
        weights = self.states.weights
        return weights if weights.shape[1] == 1 else weights[:, self.states.types]

    @cached_property
    def unit(self) -> Rationals:
        """What a stored row is multiplied by; broadcasts to :attr:`shape`."""
        mass = self.states.mass
        mass = mass if mass.shape[1] == 1 else mass[:, self.states.types]
        return mass if self.summed else mass.reshape((1,) * len(self.shape))

    @cached_property
    def truthful(self) -> npt.NDArray[np.bool_]:
        """Which rows of the report grid ``(1, types, reports[, rest])`` report the truth."""
        reports = np.arange(self.environment.agents[self.agent].size)
        same: npt.NDArray[np.bool_] = self.states.types[:, None] == reports[None, :]
        return same.reshape((1, *same.shape) + (() if self.summed else (1,) * len(self.rest)))

    def own_first(self, array: Rationals) -> Rationals:
        """An array over the type grid with the agent's axis moved to the front."""
        return array.moveaxis(self.agent, 0)

    def integrate(self, payoff: Rationals) -> Rationals:
        """``weights * payoff`` over rows, summed over the others' types if the notion sums them.

        ``payoff`` has shape ``(types, *rest)`` or ``(types, reports, *rest)``.
        """
        weights = self.weights
        if payoff.ndim > len(self.rest) + 1:
            weights = weights.reshape(*weights.shape[:2], 1, *weights.shape[2:])
        out = weights * payoff
        if not self.summed:
            return out
        others: Rationals = out.sum(axis=tuple(range(out.ndim - len(self.rest), out.ndim)))
        return others


def compile(
    design: Design, *, allowed: npt.NDArray[np.bool_] | None = None, give: Give | None = None
) -> Program:
    """The program of a design.

    ``allowed`` (shape ``(|A|, *Theta)``) narrows the outcomes that may be used, for branching.  With
    ``give`` the program minimises, instead of the design's objective, the amount by which every IC
    (``"ic"``) or IR (``"ir"``) requirement must be relaxed, in units of payoff, or the subsidy (``"bb"``:
    ``sum_i t_i <= give``, money may be burnt).

    Raises
    ------
    TooLarge
        When the program would exceed what the solver can index.
    """
    return _Compiler(design, allowed, give).program()


class _Compiler:
    def __init__(self, design: Design, allowed: npt.NDArray[np.bool_] | None, give: Give | None) -> None:
        self.design, self.give = design, give
        self.environment = design.environment
        self.allowed = design.allowed if allowed is None else design.allowed & allowed
        self.lottery = design.lottery
        if self.lottery is None and bool(np.all(self.allowed.sum(axis=0) == 1)):
            self.lottery = Rationals(self.allowed.astype(np.int64))
        agents = range(self.environment.n)
        self.ic = [self._evaluation(design.ic_notion, i) for i in agents]
        self.ir = [self._evaluation(design.ir_notion, i) for i in agents]
        self.goal: Goal | None = None if give else goal(design)
        self.columns = Columns(self._blocks())

    def _evaluation(self, notion: Notion | None, agent: int) -> Evaluation | None:
        if notion is None:
            return None
        return Evaluation(notion.states(self.environment, agent), agent, self.environment)

    def program(self) -> Program:
        agents = range(self.environment.n)
        families = [self._ic(e) for e in self.ic if e is not None]
        families += [self._ir(e, self.ic[i]) for i, e in zip(agents, self.ir, strict=True) if e is not None]
        families += self._bb()
        if "q" in self.columns:
            families.append(self._lottery_rows())
        objective, constant = self._objective()
        return Program(
            self.columns.blocks,
            tuple(families),
            objective,
            maximize=self.give is None and (self.goal is None or self.goal.maximize),
            constant=constant,
            name=self.environment.title or "mechanism",
        )

    # -- columns --------------------------------------------------------------------------------
    def _blocks(self) -> list[Block]:
        environment, blocks = self.environment, []
        if self.lottery is None:
            last = np.moveaxis(self.allowed, 0, -1)
            blocks.append(
                Block(
                    "q",
                    last.shape,
                    Rationals.of(0),
                    None if last.all() else Rationals(last.astype(np.int64)),
                    integer=self.design.deterministic,
                    label=self._label_q,
                )
            )
        if self.design.transfers != "none":
            for i in range(environment.n):
                low, high = (None if b is None else Rationals.of(b) for b in self.design.transfer_bounds(i))
                blocks.append(Block(f"t {i}", environment.shape, low, high, label=self._label_t(i)))
        for i, row in enumerate(self.ic):
            if row is not None:
                blocks.append(Block(f"U {i}", row.shape, label=self._label_payoff("U", row)))
        if self.give is not None:
            blocks.append(Block("give", (), Rationals.of(0)))
        return blocks

    def _given(self, family: Give, coefficient: Rationals) -> list[Term]:
        """The relaxation's term in the rows that may give way."""
        return [Term(self.columns["give"], coefficient)] if self.give == family else []

    # -- rows -----------------------------------------------------------------------------------
    def _ic(self, e: Evaluation) -> Family:
        m = self.environment.agents[e.agent].size
        shape = (*e.shape[:2], m, *e.shape[2:])
        by_report = lambda a: a.reshape(*a.shape[:2], 1, *a.shape[2:])  # noqa: E731
        unit = by_report(e.unit)
        terms = [Term(by_report(self.columns[f"U {e.agent}"]), unit)]
        terms += self._payoff_terms(e, reports=True, sign=-1)
        terms += self._given("ic", unit * Rationals((~e.truthful).astype(np.int64)))
        rhs = self._fixed_payoff(e, reports=True).broadcast_to(shape)
        return Family(f"IC {e.agent}", shape, tuple(terms), ">=", rhs, e.truthful, unit, self._label_ic(e))

    def _ir(self, e: Evaluation, ic: Evaluation | None) -> Family:
        outside = e.integrate(e.own_first(self.environment.outside[e.agent])[e.states.types])
        if ic is not None and self.design.ic_notion is self.design.ir_notion:
            terms = [Term(self.columns[f"U {e.agent}"], e.unit)]
        else:
            terms = self._payoff_terms(e, reports=False, sign=1)
            outside = outside - self._fixed_payoff(e, reports=False)
        terms += self._given("ir", e.unit)
        return Family(
            f"IR {e.agent}",
            e.shape,
            tuple(terms),
            "=" if self.design.ir_binds else ">=",
            outside.broadcast_to(e.shape),
            None,
            e.unit,
            self._label_payoff("IR", e),
        )

    def _payoff_terms(self, e: Evaluation, *, reports: bool, sign: int) -> list[Term]:
        """``sign`` times the payoff of each report (or of truth) as terms in q and t.

        Rows ``(W, types, reports, [rest])`` or ``(W, types, [rest])``; when the notion sums the others'
        types they are axes of the term instead.
        """
        own = slice(None) if reports else e.states.types
        lead = (None, None) if reports else (None,)
        weights = e.weights * sign
        if reports:
            weights = weights.reshape(*weights.shape[:2], 1, *weights.shape[2:])
        summed = e.rest if e.summed else ()
        terms = []
        if "q" in self.columns:
            columns = np.moveaxis(self.columns["q"], e.agent, 0)[own][lead]
            utility = _outcomes_last(self.environment.utility[e.agent]).moveaxis(e.agent, 0)
            utility = utility if utility.shape[0] == 1 else utility[e.states.types]
            if reports:
                utility = utility.reshape(utility.shape[0], 1, *utility.shape[1:])
            coefficients = weights.reshape(*weights.shape, 1) * utility
            terms.append(Term(columns, coefficients, (*summed, len(self.environment.outcomes))))
        if f"t {e.agent}" in self.columns:
            columns = np.moveaxis(self.columns[f"t {e.agent}"], e.agent, 0)[own][lead]
            terms.append(Term(columns, weights, summed))
        return terms

    def _fixed_payoff(self, e: Evaluation, *, reports: bool) -> Rationals:
        """What the rows' payoff owes to an allocation that is not a choice, as a row constant."""
        if self.lottery is None:
            return Rationals.zeros(())
        total = None
        for outcome in np.flatnonzero(self.allowed.any(axis=tuple(range(1, self.allowed.ndim)))):
            utility = e.own_first(self.environment.utility[e.agent][outcome])[e.states.types]
            chance = e.own_first(self.lottery[outcome])
            if reports:
                utility = utility.reshape(utility.shape[0], 1, *utility.shape[1:])
            else:
                chance = chance[e.states.types]
            part = utility * chance
            total = part if total is None else total + part
        assert total is not None
        return e.integrate(total)

    def _bb(self) -> list[Family]:
        """Budget balance, or the subsidy in its place when that is what gives way."""
        when, weak = self.design.bb.removesuffix("-weak"), self.design.bb.endswith("-weak")
        if when == "none" or self.design.transfers == "none":
            return []
        environment = self.environment
        columns = [self.columns[f"t {i}"] for i in range(environment.n)]
        sense: Literal[">=", "="] = ">=" if weak or self.give == "bb" else "="
        given = self._given("bb", Rationals.of(1))
        if when == "ex-post":
            terms = [Term(c, Rationals.of(-1)) for c in columns]
            return [
                Family(
                    "BB", environment.shape, (*terms, *given), sense, Rationals.of(0), label=self._label_bb
                )
            ]
        assert environment.designer is not None
        terms = [Term(c, -environment.designer, environment.shape) for c in columns]
        return [Family("BB", (), (*terms, *given), sense, Rationals.of(0), label=self._label_bb)]

    def _lottery_rows(self) -> Family:
        term = Term(self.columns["q"], Rationals.of(1), (len(self.environment.outcomes),))
        label: Callable[[tuple[int, ...]], str] = lambda k: f"lottery[{self.environment.profile_label(k)}]"  # noqa: E731
        return Family("lottery", self.environment.shape, (term,), "=", Rationals.of(1), label=label)

    # -- objective ------------------------------------------------------------------------------
    def _objective(self) -> tuple[dict[str, Rationals], Fraction]:
        if self.give is not None:
            return {"give": Rationals.of(1)}, Fraction(0)
        if self.goal is None:
            return {}, Fraction(0)
        objective, constant = {}, Fraction(0)
        if "q" in self.columns:
            objective["q"] = _outcomes_last(self.goal.allocation)
        else:
            assert self.lottery is not None
            constant = (self.goal.allocation * self.lottery).sum()
        for i in range(self.environment.n):
            if f"t {i}" in self.columns:
                objective[f"t {i}"] = self.goal.transfers[i]
        return objective, constant

    # -- labels, only when someone reads them ---------------------------------------------------
    def _label_q(self, cell: tuple[int, ...]) -> str:
        return f"q[{self.environment.outcomes[cell[-1]]} | {self.environment.profile_label(cell[:-1])}]"

    def _label_t(self, agent: int) -> Callable[[tuple[int, ...]], str]:
        name = self.environment.agents[agent].name
        return lambda cell: f"t[{name} | {self.environment.profile_label(cell)}]"

    def _label_bb(self, cell: tuple[int, ...]) -> str:
        return f"BB[{self.environment.profile_label(cell)}]" if cell else "BB[expected]"

    def _context(self, e: Evaluation, state: int, others: tuple[int, ...]) -> str:
        parts = [f"state {state + 1}"] if e.shape[0] > 1 else []
        agents = [a for k, a in enumerate(self.environment.agents) if k != e.agent]
        parts += [f"{a.name}={a.types[k]}" for a, k in zip(agents, others, strict=False)]
        return " | " + ", ".join(parts) if parts else ""

    def _label_payoff(self, name: str, e: Evaluation) -> Callable[[tuple[int, ...]], str]:
        agent = self.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own = agent.types[e.states.types[cell[1]]]
            return f"{name}[{agent.name}: {own}{self._context(e, cell[0], cell[2:])}]"

        return label

    def _label_ic(self, e: Evaluation) -> Callable[[tuple[int, ...]], str]:
        agent = self.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own, report = int(e.states.types[cell[1]]), cell[2]
            context = self._context(e, cell[0], cell[3:])
            if own == report:
                return f"truth[{agent.name}: {agent.types[own]}{context}]"
            return f"IC[{agent.name}: {agent.types[own]} -> {agent.types[report]}{context}]"

        return label


def _outcomes_last(array: Rationals) -> Rationals:
    """The first axis (outcomes) moved to the end."""
    return array.moveaxis(0, -1)


__all__ = ["Give", "compile"]
