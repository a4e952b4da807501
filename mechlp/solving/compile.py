"""From a design to a linear program: one compiler for every notion of evaluation.

A mechanism is a list of rules, one unless transfers are ambiguous; every block of the mechanism has the rule as its
first axis.  Columns: ``q`` (allocation, where it is a choice), ``t i`` (transfers to agent i), and for each agent with
IC the payoffs ``U i`` under truth, one a type and state.  Rows: with ``L_w(r; theta_i)`` the payoff of reporting r
in state w (:mod:`mechlp.environment.notions`),

* ``IC i``: ``U_w(theta_i) - L_w(r; theta_i) >= 0``, with equality at ``r = theta_i``, which defines U;
* ``IR i``: ``L_w(theta_i; theta_i) >= outside option``;
* ``BB``: ``-sum_i t_i >= 0`` (or ``= 0``), by profile or in expectation;
* ``lottery``: ``sum_a q(a|theta) = 1``.

With ambiguous transfers ``U i`` is the worst payoff under truth, and every lie d has the rule that punishes it
(:mod:`mechlp.question.rules`):

* ``truth i``: ``L(theta_i; theta_i) >= U(theta_i)`` under EVERY rule;
* ``IC i``: ``U(theta_i) - L(r; theta_i) >= 0`` under the rule that punishes the lie;
* ``consistency``: every rule gives the objective the same ``value``;
* with alpha < 1 the payoff that counts is ``alpha U + (1 - alpha) B``: ``best i`` says that some rule pays truth B, ``low i``
  that the punishing rule pays the lie at most ``l``, ``high i`` that every rule pays it at most ``h``.

With maxmin agents the same rows hold with beliefs in the place of rules, and ``open i`` bounds the lies whose belief is not
chosen yet (:mod:`mechlp.question.gains`).

Where the envelope pins ex-post transfers (:mod:`mechlp.solving.rents`), ``rent i`` takes the place of ``t i`` and ``U i``:
``passed i`` says that a rent is the one of the next lower type and what passing for it gains, ``IR i`` that the lowest type has
its outside option, ``monotone i`` that the allocation rises with the type.

Where the designer holds a set of priors possible, Nature's multipliers and her epigraph rows are added
(:mod:`mechlp.solving.nature`).

Interim rows are stored multiplied by the probability of the type (``Family.unit``), which keeps them
integer over small denominators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..environment.model import Environment
from ..environment.notions import NOTIONS, Notion, States
from ..exact.numbers import Rationals, matmul, stack
from ..program import Block, Columns, Family, Program, Term
from ..question.design import Design
from ..question.objective import Goal, goal
from ..question.rules import NOBODY, Rules
from .nature import nature
from .plan import Factors, Plan, Values
from .rents import Rents

#: What may be asked to give way: every IC row, every IR row, or budget balance.
Give = Literal["ic", "ir", "bb"]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Reports:
    """Which type reports what under which rule: index arrays that broadcast to the axes of the rows.

    ``state`` picks the state in which each is evaluated; without it there is a row for every state.
    """

    type: Places
    report: Places
    rule: Places
    state: Places | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(self.type.shape, self.report.shape, self.rule.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)


@dataclass(frozen=True)
class Evaluation:
    """One agent's rows under one notion: axes ``(state, *reports)``, then the others' types if not summed."""

    states: States
    agent: int
    environment: Environment
    worst: bool = False

    @property
    def summed(self) -> bool:
        return self.states.summed

    @property
    def types(self) -> Places:
        return self.states.types

    @cached_property
    def rest(self) -> tuple[int, ...]:
        """The others' type counts."""
        shape = self.environment.shape
        return shape[: self.agent] + shape[self.agent + 1 :]

    def rows(self, at: Reports) -> tuple[int, ...]:
        """The shape of rows, one a report and state."""
        own = (self.states.weights.shape[0] if at.state is None else 1, *at.shape)
        return own if self.summed else (*own, *self.rest)

    def payoffs(self) -> tuple[int, ...]:
        """The shape of truthful payoffs: one a state and type, or one a type where only the worst state counts."""
        shape = self.rows(Reports(self.types, self.types, self.types))
        return (1, *shape[1:]) if self.worst else shape

    # -- which reports --------------------------------------------------------------------------
    def grid(self) -> Reports:
        """Every report of every type, truth included, under the first rule: axes (type, report)."""
        reports = np.arange(self.environment.agents[self.agent].size)
        return Reports(self.types[:, None], reports[None, :], np.zeros((1, 1), dtype=np.intp))

    def truth(self, rules: int) -> Reports:
        """Truth under every rule: axes (rule, type)."""
        own = self.types[None, :]
        return Reports(own, own, np.arange(rules)[:, None])

    # -- numbers --------------------------------------------------------------------------------
    def unit(self, at: Reports) -> Rationals:
        """What a stored row is multiplied by; broadcasts to the rows."""
        mass = self.states.mass
        if not self.summed:
            return Rationals.of(1)
        return mass[:, at.type]

    def weights(self, at: Reports) -> Rationals:
        """Weights of the others' types in every row: ``(W, *reports, *rest)``, axes of length one kept."""
        weights = self.states.weights
        if at.state is not None:
            return weights[at.state, at.type][None]
        if weights.shape[1] == 1:
            return weights.reshape(weights.shape[0], *(1,) * at.ndim, *weights.shape[2:])
        return weights[:, at.type]

    def own_first(self, array: Rationals) -> Rationals:
        """An array over the type grid with the agent's axis moved to the front."""
        return array.moveaxis(self.agent, 0)

    def integrate(self, payoff: Rationals, at: Reports) -> Rationals:
        """``weights * payoff`` over rows, summed over the others' types if the notion sums them.

        ``payoff`` has shape ``(*reports, *rest)``.
        """
        out = self.weights(at) * payoff
        if not self.summed:
            return out
        others: Rationals = out.sum(axis=tuple(range(out.ndim - len(self.rest), out.ndim)))
        return others


def compile(
    design: Design,
    *,
    rules: Rules | None = None,
    allowed: npt.NDArray[np.bool_] | None = None,
    give: Give | None = None,
    strength: Sequence[Rationals] | None = None,
    plan: Plan | None = None,
) -> Program:
    """The program of a design.

    Parameters
    ----------
    rules : labels of the rules (default: those of :meth:`Rules.of`).
    allowed : narrows the outcomes that may be used, for branching; shape ``(copies, |A|, *Theta)`` with a copy
        for each rule that has an allocation of its own.
    give : minimise, instead of the design's objective, the amount by which every IC (``"ic"``) or IR (``"ir"``)
        requirement must be relaxed, in units of payoff, or the subsidy (``"bb"``: ``sum_i t_i <= give``, money may
        be burnt).
    strength : with ``give="ic"`` and one rule, by how much each lie may give way for each unit (default one): shape
        ``(|Theta_i|, |Theta_i|)`` (type, report) for each agent.
    plan : the part of a design of one rule that reductions leave (:mod:`mechlp.solving.plan`); default all of it.

    Raises
    ------
    TooLarge
        When the program would exceed what the solver can index.
    """
    return _Compiler(design, rules or Rules.of(design), allowed, give, strength, plan).program()


def interim_rows(design: Design) -> list[Family]:
    """For each agent the rows ``interim payoff of theta_i under truth >= 0`` over the columns of :func:`compile`, one a type
    that has a belief: what further rows about interim payoffs are made from.  For one rule, and an environment with beliefs.
    """
    return _Compiler(design, Rules.of(design), None, None, None, None).interim_rows()


class _Compiler:
    def __init__(
        self,
        design: Design,
        rules: Rules,
        allowed: npt.NDArray[np.bool_] | None,
        give: Give | None,
        strength: Sequence[Rationals] | None,
        plan: Plan | None,
    ) -> None:
        self.plan = plan or Plan.whole(design)
        self.envelope, self.rents = self.plan.envelope, self.plan.rents
        self.design, self.give, self.rules, self.strength = design, give, rules, strength
        self.environment = design.environment
        self.alpha = design.alpha
        self.copies = rules.count if design.allocation_by_rule else 1
        self.allowed = design.allowed[None] if allowed is None else design.allowed & allowed
        self.lottery = None if design.lottery is None else design.lottery.reshape(1, *design.lottery.shape)
        if self.lottery is None and bool(np.all(self.allowed.sum(axis=1) == 1)):
            self.lottery = Rationals(self.allowed.astype(np.int64))
        self.mixture = None if self.lottery is not None else self.plan.mixture
        agents = range(self.environment.n)
        self.ic = [self._evaluation(design.ic_notion, i) for i in agents]
        self.ir = [self._evaluation(design.ir_notion, i) for i in agents]
        self.goal: Goal | None = None if give else goal(design)
        self.nature = nature(design) if self.goal is not None else None
        if self.rents is not None and self.goal is not None:
            self.goal = self.rents.of_rents(self.goal)
        self.paid = "t" if self.rents is None else "rent"
        blocks = self._blocks()
        self.columns = Columns(blocks, self._least_entries(blocks))

    def interim_rows(self) -> list[Family]:
        return [self._interim(self._evaluation(NOTIONS["bayesian"], i)) for i in range(self.environment.n)]

    def _evaluation(self, notion: Notion | None, agent: int) -> Evaluation | None:
        if notion is None:
            return None
        return Evaluation(notion.states(self.environment, agent), agent, self.environment, notion.worst_state)

    def program(self) -> Program:
        families: list[Family] = []
        if self.envelope is not None:
            families += [self._monotone(i) for i in range(self.environment.n)]
        if self.rents is not None:
            families += [f for i in range(self.environment.n) for f in self._rents(i)]
        pinned = self.envelope is not None or self.rents is not None
        for e in () if pinned else self.ic:
            if e is not None:
                families += self._lies_and_truth(e)
        if self.envelope is None:
            irs = () if pinned else enumerate(self.ir)
            families += [self._ir(e, self.ic[i]) for i, e in irs if e is not None]
            families += self._bb()
        elif self.design.bb != "none":
            families.append(self._virtual_balance())
        if "q" in self.columns:
            families += [self._interim_allocation(i) for i in self._by_report()]
            families.append(self._lottery_rows())
        if self.mixture is not None:
            every = Term(self.columns["mix"], Rationals.of(1), (len(self.mixture),))
            families.append(Family("mixture", (), (every,), "=", Rationals.of(1)))
        if "value" in self.columns:
            families.append(self._consistency())
        if self.nature is not None:
            families += self.nature.families(self.columns, *self._by_profile())
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
        environment, blocks, count = self.environment, [], self.rules.count
        if self.mixture is not None:
            blocks.append(Block("mix", (len(self.mixture),), Rationals.of(0)))
        elif self.lottery is None:
            shape = (self.copies, *environment.shape, len(environment.outcomes))
            last = np.moveaxis(self.allowed, 1, -1)
            blocks.append(
                Block(
                    "q",
                    shape,
                    Rationals.of(0),
                    None if last.all() else Rationals(last.astype(np.int64)),
                    integer=self.design.deterministic,
                    label=self._label_q,
                )
            )
        if self.rents is not None:
            agents = range(environment.n)
            blocks += [Block(f"rent {i}", environment.shape, label=self._label_rent(i)) for i in agents]
        elif self.design.transfers != "none" and self.envelope is None:
            for i in range(environment.n):
                factors = self.plan.interim[i]
                if factors is not None:
                    blocks.append(
                        Block(f"t {i}", (count, *factors.types.shape), label=self._label_interim("t", i))
                    )
                    continue
                low, high = (None if b is None else Rationals.of(b) for b in self.design.transfer_bounds(i))
                blocks.append(Block(f"t {i}", (count, *environment.shape), low, high, label=self._label_t(i)))
        if blocks and blocks[0].name == "q":
            for i in self._by_report():
                factors, values = self.plan.interim[i], self.plan.values[i]
                assert factors is not None and values is not None
                shape = (*factors.types.shape, values.types.shape[1])
                blocks.append(Block(f"Q {i}", shape, label=self._label_interim("Q", i)))
        for i, e in enumerate(self.ic):
            if e is None or self.envelope is not None or self.rents is not None:
                continue
            label = self._label_payoff("U", e)
            blocks.append(Block(f"U {i}", e.payoffs(), label=label))
            if self.alpha < 1:
                lies = (e.states.weights.shape[0], len(self._told(e)[0]))
                blocks.append(Block(f"B {i}", blocks[-1].shape, label=self._label_payoff("best", e)))
                blocks.append(Block(f"l {i}", lies, label=self._label_lies("low", e)))
                blocks.append(Block(f"h {i}", lies, label=self._label_lies("high", e)))
        if self.design.ambiguous and self.goal is not None:
            blocks.append(Block("value", ()))
        if self.give is not None:
            blocks.append(Block("give", (), Rationals.of(0)))
        if self.nature is not None:
            blocks += self.nature.blocks()
        return blocks

    def _least_entries(self, blocks: Sequence[Block]) -> int:
        """Entries that the rows of the whole program have at least, counted before any is written."""
        names = {b.name for b in blocks}
        count = sum(b.size for b in blocks if b.name == "q")  # in the rows of lotteries
        for e in self.ic:
            if e is None or self.plan.reduces:
                continue
            at = e.truth(self.rules.count) if self.design.pessimistic else e.grid()
            width = len(self._worth(e.agent)) * ("q" in names) + (f"t {e.agent}" in names)
            count += math.prod(e.rows(at)) * (1 + width * (math.prod(e.rest) if e.summed else 1))
        return count

    def _told(self, e: Evaluation) -> tuple[Places, Places]:
        """The lies that have rows, in one list: positions of the types among those that have rows, and reports."""
        if self.plan.pairs[e.agent] is not None:
            return self.plan.told(e.agent, e.types)
        return self.rules.told(e.agent, e.types)

    def _given(self, family: Give, coefficient: Rationals) -> list[Term]:
        """The relaxation's term in the rows that may give way."""
        return [Term(self.columns["give"], coefficient)] if self.give == family else []

    def _by_report(self) -> list[int]:
        """Agents whose payoffs are functions of interim allocations."""
        both = zip(self.plan.interim, self.plan.values, strict=True)
        return [i for i, (f, v) in enumerate(both) if f is not None and v is not None]

    # -- incentive compatibility ----------------------------------------------------------------
    def _lies_and_truth(self, e: Evaluation) -> list[Family]:
        if self.design.pessimistic:
            return self._pessimistic(e)
        if self.plan.pairs[e.agent] is None:
            return [self._ic(e)]
        i, (own, report) = e.agent, self._told(e)
        lie = Reports(e.types[own], report, np.zeros_like(report))
        truth = self._against(f"truth {i}", e, e.truth(1), f"U {i}", 1, "=")
        told = self._against(f"IC {i}", e, lie, f"U {i}", -1, pick=own)
        return [truth, _with(told, self._given("ic", e.unit(lie)), self._label_lies("IC", e))]

    def _ic(self, e: Evaluation) -> Family:
        """One rule: the row of truth defines U."""
        at = e.grid()
        truthful = at.type == at.report
        way = Rationals((~truthful).astype(np.int64))
        if self.strength is not None:
            way = way * self.strength[e.agent][e.types]
        grid = (1, *truthful.shape) + (() if e.summed else (1,) * len(e.rest))
        truthful, way, unit = truthful.reshape(grid), way.reshape(grid), e.unit(at)
        payoffs = self.columns[f"U {e.agent}"]
        payoffs = payoffs.reshape(*payoffs.shape[:2], 1, *payoffs.shape[2:])
        terms = [*self._payoff_terms(e, at, -1), Term(payoffs, unit)]
        terms += self._given("ic", unit * way)
        return Family(
            f"IC {e.agent}",
            e.rows(at),
            tuple(terms),
            ">=",
            self._fixed_payoff(e, at).broadcast_to(e.rows(at)),
            truthful,
            unit,
            self._label_ic(e),
        )

    def _pessimistic(self, e: Evaluation) -> list[Family]:
        """Worst cases: truth under every rule (or belief), each lie under the one that punishes it."""
        i = e.agent
        own, report = self._told(e)
        label = self.rules.punishes[i][e.types[own], report]
        rule, state = (np.zeros_like(label), label) if e.worst else (label, None)
        lie = Reports(e.types[own], report, rule, state)
        unit, name = e.unit(lie), self._label_lies("IC", e)
        given = self._given("ic", unit)
        binds = self.design.ir_binds and self.design.ir == "interim"
        truth = self._against(f"truth {i}", e, e.truth(self.rules.count), f"U {i}", 1, "=" if binds else ">=")
        if self.alpha == 1:
            out = self._against(f"IC {i}", e, lie, f"U {i}", -1, pick=own)
            return [truth, _with(out, given, name), *([self._open(e)] if e.worst else [])]
        best = self._against(
            f"best {i}", e, Reports(e.types, e.types, self.rules.praises[i][e.types]), f"B {i}", 1
        )
        low = self._against(f"low {i}", e, lie, f"l {i}", -1)
        every = Reports(lie.type[None], lie.report[None], np.arange(self.rules.count)[:, None])
        high = self._against(f"high {i}", e, every, f"h {i}", -1)
        weights = {"U": self.alpha, "B": 1 - self.alpha}
        terms = [Term(self.columns[f"{k} {i}"][:, own], unit * w) for k, w in weights.items()]
        weights = {"l": -self.alpha, "h": self.alpha - 1}
        terms += [Term(self.columns[f"{k} {i}"], unit * w) for k, w in weights.items()]
        ic = Family(f"IC {i}", e.rows(lie), tuple(terms), ">=", Rationals.of(0), None, unit)
        return [truth, best, low, high, _with(ic, given, name)]

    def _open(self, e: Evaluation) -> Family:
        """What maxmin types gain whatever the transfers, for the lies that are not evaluated under a belief."""
        known = self.design.gains[e.agent]
        own, report = np.nonzero(known.applies & (self.rules.punishes[e.agent] == NOBODY))
        payoffs, one = self.columns[f"U {e.agent}"], Rationals.of(1)
        terms = [Term(payoffs[:, own], one), Term(payoffs[:, report], -one), *self._given("ic", one)]
        rows, gain = (1, len(own)), known.gain[own, report].reshape(1, len(own))
        agent = self.environment.agents[e.agent]
        name = lambda c: f"IC[{agent.name}: {agent.types[own[c[1]]]} -> {agent.types[report[c[1]]]}]"  # noqa: E731
        return Family(f"open {e.agent}", rows, tuple(terms), ">=", gain, label=name)

    def _against(
        self,
        name: str,
        e: Evaluation,
        at: Reports,
        block: str,
        sign: int,
        sense: Literal[">=", "="] = ">=",
        pick: Places | None = None,
    ) -> Family:
        """``sign * (payoff of the reports - columns of a block) >= 0``; ``pick`` chooses the columns."""
        columns = self.columns[block]
        columns = columns if pick is None else columns[:, pick]
        columns = columns.reshape(columns.shape[0], *(1,) * (at.ndim + 1 - columns.ndim), *columns.shape[1:])
        unit = e.unit(at)
        terms = [*self._payoff_terms(e, at, sign), Term(columns, unit * -sign)]
        rhs = (self._fixed_payoff(e, at) * -sign).broadcast_to(e.rows(at))
        return Family(name, e.rows(at), tuple(terms), sense, rhs, None, unit)

    # -- individual rationality -----------------------------------------------------------------
    def _ir(self, e: Evaluation, ic: Evaluation | None) -> Family:
        i, at = e.agent, Reports(e.types, e.types, np.zeros(1, dtype=np.intp))
        terms: list[Term] = []
        if ic is not None and self.design.ic_notion is self.design.ir_notion:
            # Where IR binds, it does under every rule, and U is the payoff under each.
            best = 0 if self.design.ir_binds else 1 - self.alpha
            weights = {"U": 1 - best, "B": best} if best else {"U": Fraction(1)}
            terms = [Term(self.columns[f"{k} {i}"], e.unit(at) * w) for k, w in weights.items()]
            fixed = Rationals.zeros(())
        else:
            at = e.truth(self.rules.count) if self.design.ambiguous else at
            terms, fixed = self._payoff_terms(e, at, 1), self._fixed_payoff(e, at)
        outside = e.integrate(e.own_first(self.environment.outside[i])[at.type], at) - fixed
        if e.worst:
            outside = outside.min(axis=0).reshape(1, -1)
            at = replace(at, state=np.zeros(1, dtype=np.intp))
        unit = e.unit(at)
        return Family(
            f"IR {i}",
            e.rows(at),
            (*terms, *self._given("ir", unit)),
            "=" if self.design.ir_binds else ">=",
            outside.broadcast_to(e.rows(at)),
            None,
            unit,
            self._label_payoff("IR", e, at.ndim - 1),
        )

    def _interim(self, e: Evaluation | None) -> Family:
        """Truthful payoffs of the types, with no requirement on them."""
        assert e is not None
        at = Reports(e.types, e.types, np.zeros(1, dtype=np.intp))
        rhs = (-self._fixed_payoff(e, at)).broadcast_to(e.rows(at))
        terms = tuple(self._payoff_terms(e, at, 1))
        return Family(f"interim {e.agent}", e.rows(at), terms, ">=", rhs, None, e.unit(at))

    # -- payoffs of reports ---------------------------------------------------------------------
    def _payoff_terms(self, e: Evaluation, at: Reports, sign: int) -> list[Term]:
        """``sign`` times the payoff of each report as terms in q and t.

        Rows ``(W, *reports[, *rest])``; when the notion sums the others' types they are axes of the term instead.
        """
        factors, values = self.plan.interim[e.agent], self.plan.values[e.agent]
        terms = []
        if self.mixture is not None:
            parts = [self._fixed(e, at, rule.reshape(1, *rule.shape)) * sign for rule in self.mixture]
            shape = np.broadcast_shapes(*(p.shape for p in parts))
            worth = stack([p.broadcast_to(shape) for p in parts]).moveaxis(0, -1)
            terms.append(Term(self.columns["mix"], worth, (len(parts),)))
        elif f"Q {e.agent}" in self.columns:
            assert factors is not None and values is not None
            seen, worth = factors.types[at.type] * sign, values.types[at.type]
            worth = seen.reshape(*seen.shape, 1) * worth.reshape(*worth.shape[:-1], 1, worth.shape[-1])
            columns = self.columns[f"Q {e.agent}"][at.report][None]
            terms.append(Term(columns, worth.reshape(1, *worth.shape), worth.shape[-2:]))
        elif "q" in self.columns:
            terms.append(self._by_outcome(e, at, sign))
        if f"t {e.agent}" in self.columns:
            columns = self.columns[f"t {e.agent}"]
            if factors is not None:
                seen = factors.types[at.type] * sign
                columns = columns[at.rule, at.report][None]
                terms.append(Term(columns, seen.reshape(1, *seen.shape), seen.shape[-1:]))
            else:
                columns = np.moveaxis(columns, e.agent + 1, 1)[at.rule, at.report][None]
                terms.append(Term(columns, e.weights(at) * sign, e.rest if e.summed else ()))
        return terms

    def _by_outcome(self, e: Evaluation, at: Reports, sign: int) -> Term:
        """The payoff of reports in q, over the outcomes that are worth something to the agent."""
        worth, some = self.environment.utility[e.agent], self._worth(e.agent)
        rule = at.rule if self.copies > 1 else np.zeros_like(at.rule)
        columns = np.moveaxis(self.columns["q"][..., some], e.agent + 1, 1)[rule, at.report][None]
        utility = _outcomes_last(worth[some]).moveaxis(e.agent, 0)[at.type]
        weights = e.weights(at) * sign
        coefficients = weights.reshape(*weights.shape, 1) * utility
        return Term(columns, coefficients, (*(e.rest if e.summed else ()), len(some)))

    def _worth(self, agent: int) -> Places:
        """The outcomes that are worth something to an agent (the first when none is)."""
        some = np.flatnonzero([bool(np.any(u.unrepeated() != 0)) for u in self.environment.utility[agent]])
        return some if len(some) else np.zeros(1, dtype=np.intp)

    def _fixed_payoff(self, e: Evaluation, at: Reports) -> Rationals:
        """What the rows' payoff owes to an allocation that is not a choice, as a row constant."""
        return Rationals.zeros(()) if self.lottery is None else self._fixed(e, at, self.lottery)

    def _fixed(self, e: Evaluation, at: Reports, lottery: Rationals) -> Rationals:
        """The rows' payoff from a given allocation ``(copies, |A|, *Theta)``."""
        factors, values = self.plan.interim[e.agent], self.plan.values[e.agent]
        if factors is not None and values is not None:
            return self._fixed_interim(e, at, lottery[0], factors, values)
        rule = at.rule if lottery.shape[0] > 1 else np.zeros_like(at.rule)
        total = None
        for outcome in np.flatnonzero(self.allowed.any(axis=(0, *range(2, self.allowed.ndim)))):
            utility = e.own_first(self.environment.utility[e.agent][outcome])[at.type]
            chance = lottery[:, outcome].moveaxis(e.agent + 1, 1)[rule, at.report]
            part = utility * chance
            total = part if total is None else total + part
        assert total is not None
        return e.integrate(total, at)

    def _fixed_interim(
        self, e: Evaluation, at: Reports, lottery: Rationals, factors: Factors, values: Values
    ) -> Rationals:
        """The same through interim allocations: one product of matrices for each outcome of worth."""
        own = factors.types.shape[0]
        total = Rationals.zeros(())
        for g in range(values.types.shape[1]):
            chance = Rationals.zeros(())
            for a in np.flatnonzero(values.outcomes[g] != 0):
                chance = chance + lottery[a].moveaxis(e.agent, 0) * values.outcomes[g][a]
            if chance.ndim == 0:
                continue
            by_report = chance.reshape(own, -1)
            seen = matmul(factors.flat, Rationals(by_report.numerator.T, by_report.denominator))
            for f in range(factors.rank):
                total = total + (factors.types[:, f] * values.types[:, g])[at.type] * seen[f][at.report]
        return total.broadcast_to(at.shape).reshape(1, *at.shape)

    def _interim_allocation(self, i: int) -> Family:
        """``Q_i(r, f, g)``: what factor f expects of the outcomes that g is about, when i reports r."""
        factors, values = self.plan.interim[i], self.plan.values[i]
        assert factors is not None and values is not None
        some = np.flatnonzero(np.any(values.outcomes != 0, axis=0))
        own, k, g = self.columns[f"Q {i}"].shape
        rest = factors.others.shape[1:]
        q = np.moveaxis(self.columns["q"][0][..., some], i, 0).reshape(own, 1, 1, *rest, len(some))
        others = factors.others.reshape(1, k, 1, *rest, 1)
        worth = values.outcomes[:, some].reshape(1, 1, g, *(1,) * len(rest), len(some))
        terms = (Term(self.columns[f"Q {i}"], Rationals.of(-1)), Term(q, others * worth, (*rest, len(some))))
        return Family(f"interim {i}", (own, k, g), terms, "=", Rationals.of(0))

    # -- budget balance, lotteries --------------------------------------------------------------
    def _bb(self) -> list[Family]:
        """Budget balance under every rule, or the subsidy in its place when that is what gives way."""
        when, weak = self.design.bb.removesuffix("-weak"), self.design.bb.endswith("-weak")
        if when == "none" or self.design.transfers == "none":
            return []
        environment, count = self.environment, self.rules.count
        sense: Literal[">=", "="] = ">=" if weak or self.give == "bb" else "="
        given = self._given("bb", Rationals.of(1))
        if self.rents is not None:
            return [self._balance_of_rents(self.rents, when == "ex-post", given)]
        columns = [self.columns[f"t {i}"] for i in range(environment.n)]
        if when == "ex-post":
            terms, shape = [Term(c, Rationals.of(-1)) for c in columns], environment.shape
        else:
            assert environment.designer is not None
            shares = [self._seen(i, environment.designer) for i in range(environment.n)]
            terms, shape = [Term(c, -p, p.shape) for c, p in zip(columns, shares, strict=True)], ()
        return [Family("BB", (count, *shape), (*terms, *given), sense, Rationals.of(0), label=self._label_bb)]

    def _seen(self, i: int, array: Rationals) -> Rationals:
        """Coefficients on the transfers of agent i, over the cells of their block."""
        factors = self.plan.interim[i]
        if factors is None:
            return array
        found = factors.coordinates(array.moveaxis(i, 0))
        assert found is not None
        return found

    def _lottery_rows(self) -> Family:
        term = Term(self.columns["q"], Rationals.of(1), (len(self.environment.outcomes),))
        return Family(
            "lottery",
            (self.copies, *self.environment.shape),
            (term,),
            "=",
            Rationals.of(1),
            label=lambda k: f"lottery[{self.environment.profile_label(k[1:])}{self._under(k[0])}]",
        )

    # -- transfers pinned by the envelope -------------------------------------------------------
    def _monotone(self, i: int) -> Family:
        """The two IC requirements between neighbours, added up: the interim allocation rises with the type."""
        assert self.envelope is not None
        steps, order = self.envelope.steps(i), list(self.envelope.orders[i])
        rows, g = steps.shape
        rhs: Rationals = Rationals.of(0)
        terms: list[Term] = []
        if self.mixture is not None:
            seen = [self.envelope.seen(i, rule) for rule in self.mixture]
            rises = [(steps * (s[order[1:]] - s[order[:-1]])).sum(axis=1) for s in seen]
            terms.append(Term(self.columns["mix"], stack(rises).moveaxis(0, 1), (len(rises),)))
        elif f"Q {i}" in self.columns:
            columns = self.columns[f"Q {i}"][:, 0]
            terms += [Term(columns[order[1:]], steps, (g,)), Term(columns[order[:-1]], -steps, (g,))]
        else:
            assert self.lottery is not None
            fixed = self.envelope.seen(i, self.lottery[0])
            rhs = -(steps * (fixed[order[1:]] - fixed[order[:-1]])).sum(axis=1)
        return Family(f"monotone {i}", (rows,), tuple(terms), ">=", rhs.broadcast_to((rows,)))

    def _virtual_balance(self) -> Family:
        """Expected revenue, with the transfers that the envelope pins."""
        assert self.envelope is not None
        _, worth, constant = self.envelope.balance
        coefficients, given = self._of_allocation(worth)
        terms = [Term(self.columns[name], c, c.shape) for name, c in coefficients.items()]
        return Family(
            "BB", (), (*terms, *self._given("bb", Rationals.of(1))), ">=", Rationals.of(-constant - given)
        )

    def _of_allocation(self, worth: Rationals) -> tuple[dict[str, Rationals], Fraction]:
        """A value of outcomes ``(|A|, *Theta)`` as coefficients over the cells of a block, and a constant."""
        if self.mixture is not None:
            return {"mix": Rationals.of([(worth * rule).sum() for rule in self.mixture])}, Fraction(0)
        if "q" in self.columns:
            cells = _outcomes_last(worth)
            return {"q": cells.reshape(1, *cells.shape)}, Fraction(0)
        assert self.lottery is not None
        total: Fraction = (worth * self.lottery[0]).sum()
        return {}, total

    def _rents(self, i: int) -> list[Family]:
        """Each type's rent is that of the next lower one and what passing for it gains; the allocation rises with the type."""
        assert self.rents is not None
        order, steps = list(self.rents.orders[i]), self.rents.steps(i)
        some = self._worth(i)
        gain, width, one = _outcomes_last(steps[some]), (len(some),), Rationals.of(1)
        rent = np.moveaxis(self.columns[f"rent {i}"], i, 0)
        q = np.moveaxis(self.columns["q"][0][..., some], i, 0)
        shape, zero = gain.shape[:-1], Rationals.of(0)
        low = Term(q[order[:-1]], -gain, width)
        sums = (Term(rent[order[1:]], one), Term(rent[order[:-1]], -one), low)
        rises = (Term(q[order[1:]], gain, width), low)
        outside = self.environment.outside[i].moveaxis(i, 0)[[order[0]]].reshape(shape[1:])
        lowest = Family(f"IR {i}", shape[1:], (Term(rent[order[0]], one),), "=", outside)
        return [
            Family(f"passed {i}", shape, sums, "=", zero.broadcast_to(shape)),
            lowest,
            Family(f"monotone {i}", shape, rises, ">=", zero.broadcast_to(shape)),
        ]

    def _balance_of_rents(self, rents: Rents, by_profile: bool, given: list[Term]) -> Family:
        """The budget, weakly balanced, with transfers that rents pin."""
        environment = self.environment
        prior = Rationals.of(1).broadcast_to(environment.shape) if by_profile else environment.designer
        assert prior is not None
        nothing = Rationals.zeros((len(environment.outcomes), *environment.shape))
        paid = (-prior).broadcast_to((environment.n, *environment.shape))
        found = rents.of_rents(Goal(nothing, paid))
        terms = [Term(self.columns["q"][0], _outcomes_last(found.allocation), (len(nothing),))]
        terms += [Term(self.columns[f"rent {i}"], share) for i, share in enumerate(found.transfers)]
        if by_profile:
            shape: tuple[int, ...] = (1, *environment.shape)
        else:
            shape = (1,)
            terms = [Term(t.columns, t.coefficients, (*environment.shape, *t.axes)) for t in terms]
        return Family(
            "BB", shape, (*terms, *given), ">=", Rationals.of(0).broadcast_to(shape), label=self._label_bb
        )

    # -- objective ------------------------------------------------------------------------------
    def _goal_coefficients(self) -> tuple[dict[str, Rationals], Rationals]:
        """The objective of each rule, as coefficients over the cells of a block, and constants (copies or 1)."""
        assert self.goal is not None
        out, constant = {}, Rationals.zeros((1,))
        if "q" in self.columns:
            out["q"] = _outcomes_last(self.goal.allocation)
        elif self.mixture is not None:
            worth = self.goal.allocation
            out["mix"] = Rationals.of([(worth * rule).sum() for rule in self.mixture])
        else:
            assert self.lottery is not None
            worth = self.goal.allocation * self.lottery
            constant = worth.sum(axis=tuple(range(1, worth.ndim)))
        for i in range(self.environment.n):
            if (name := f"{self.paid} {i}") in self.columns:
                out[name] = self._seen(i, self.goal.transfers[i])
        return out, constant

    def _consistency(self) -> Family:
        """Every rule gives the same value, so that announcing several is no commitment problem."""
        coefficients, constant = self._goal_coefficients()
        terms = [Term(self.columns["value"], Rationals.of(1))]
        for name, c in coefficients.items():
            terms.append(Term(self.columns[name], -c, c.shape))
        rows = (self.rules.count,)
        return Family("consistency", rows, tuple(terms), "=", constant.broadcast_to(rows))

    def _by_profile(self) -> tuple[list[Term], Rationals]:
        """What the only rule gives at each profile, as terms over the type grid, and what no choice moves."""
        assert self.goal is not None
        terms, constant = [], Rationals.zeros(())
        if "q" in self.columns:
            outcomes = (len(self.environment.outcomes),)
            terms.append(Term(self.columns["q"][0], _outcomes_last(self.goal.allocation), outcomes))
        else:
            assert self.lottery is not None
            constant = (self.goal.allocation * self.lottery[0]).sum(axis=0)
        for i in range(self.environment.n):
            if (name := f"{self.paid} {i}") in self.columns:
                columns = self.columns[name].reshape(self.environment.shape)
                terms.append(Term(columns, self.goal.transfers[i]))
        return terms, constant

    def _objective(self) -> tuple[dict[str, Rationals], Fraction]:
        if self.give is not None:
            return {"give": Rationals.of(1)}, Fraction(0)
        if self.goal is None:
            return {}, Fraction(0)
        if self.envelope is not None:
            _, worth, constant = self.envelope.wanted
            coefficients, given = self._of_allocation(worth)
            return coefficients, constant + given
        if "value" in self.columns:
            return {"value": Rationals.of(1)}, Fraction(0)
        if self.nature is not None:
            return self.nature.objective(), Fraction(0)
        coefficients, constants = self._goal_coefficients()
        return coefficients, constants.sum()

    # -- labels, only when someone reads them ---------------------------------------------------
    def _under(self, rule: int) -> str:
        return f" | rule {rule + 1}" if self.rules.count > 1 else ""

    def _label_q(self, cell: tuple[int, ...]) -> str:
        outcome, profile = self.environment.outcomes[cell[-1]], self.environment.profile_label(cell[1:-1])
        return f"q[{outcome} | {profile}{self._under(cell[0]) if self.copies > 1 else ''}]"

    def _label_t(self, agent: int) -> Callable[[tuple[int, ...]], str]:
        name = self.environment.agents[agent].name
        return lambda c: f"t[{name} | {self.environment.profile_label(c[1:])}{self._under(c[0])}]"

    def _label_rent(self, agent: int) -> Callable[[tuple[int, ...]], str]:
        name = self.environment.agents[agent].name
        return lambda c: f"rent[{name} | {self.environment.profile_label(c)}]"

    def _label_interim(self, name: str, agent: int) -> Callable[[tuple[int, ...]], str]:
        """Cells end in ``(report, factor)`` for t, ``(report, factor, outcome factor)`` for Q."""
        one = self.environment.agents[agent]
        skip = 1 if name == "t" else 0
        return lambda c: f"{name}[{one.name} | {one.types[c[skip]]}; {','.join(map(str, c[skip + 1 :]))}]"

    def _label_bb(self, cell: tuple[int, ...]) -> str:
        profile = self.environment.profile_label(cell[1:]) if len(cell) > 1 else "expected"
        return f"BB[{profile}{self._under(cell[0])}]"

    def _context(self, e: Evaluation, state: int, others: tuple[int, ...]) -> str:
        parts = [f"belief {state + 1}"] if e.states.weights.shape[0] > 1 and not e.worst else []
        agents = [a for k, a in enumerate(self.environment.agents) if k != e.agent]
        parts += [f"{a.name}={a.types[k]}" for a, k in zip(agents, others, strict=False)]
        return " | " + ", ".join(parts) if parts else ""

    def _label_payoff(self, name: str, e: Evaluation, rules: int = 0) -> Callable[[tuple[int, ...]], str]:
        """Cells ``(state[, rule], type[, others])``."""
        agent = self.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own = agent.types[e.types[cell[1 + rules]]]
            under = self._under(cell[1]) if rules else ""
            return f"{name}[{agent.name}: {own}{self._context(e, cell[0], cell[2 + rules :])}{under}]"

        return label

    def _label_lies(self, name: str, e: Evaluation) -> Callable[[tuple[int, ...]], str]:
        """Cells ``(state, lie)``."""
        agent, (own, report) = self.environment.agents[e.agent], self._told(e)

        def label(cell: tuple[int, ...]) -> str:
            k, told = e.types[own[cell[1]]], report[cell[1]]
            where = (
                f" | belief {self.rules.punishes[e.agent][k, told] + 1}"
                if e.worst
                else self._context(e, cell[0], ())
            )
            return f"{name}[{agent.name}: {agent.types[k]} -> {agent.types[told]}{where}]"

        return label

    def _label_ic(self, e: Evaluation) -> Callable[[tuple[int, ...]], str]:
        agent = self.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own, report = int(e.types[cell[1]]), cell[2]
            context = self._context(e, cell[0], cell[3:])
            if own == report:
                return f"truth[{agent.name}: {agent.types[own]}{context}]"
            return f"IC[{agent.name}: {agent.types[own]} -> {agent.types[report]}{context}]"

        return label


def _with(family: Family, terms: list[Term], label: Callable[[tuple[int, ...]], str]) -> Family:
    """A family with further terms, and a label."""
    return replace(family, terms=(*family.terms, *terms), label=label)


def _outcomes_last(array: Rationals) -> Rationals:
    """The first axis (outcomes) moved to the end."""
    return array.moveaxis(0, -1)


__all__ = ["Evaluation", "Give", "Reports", "compile", "interim_rows"]
