"""From a design to a linear program: one compiler for every notion of evaluation.

A mechanism is a list of rules, one unless transfers are ambiguous; every block of the mechanism has the rule as its
first axis.  Columns: ``q`` (allocation, where it is a choice), ``t i`` (transfers to agent i), and for each agent with
IC the payoffs ``U i`` under truth, one a type and state.  Rows: with ``L_w(r; theta_i)`` the payoff of reporting r
in state w (:mod:`mechlp.environment.notions`),

* ``IC i``: ``U_w(theta_i) - L_w(r; theta_i) >= 0``, with equality at ``r = theta_i``, which defines U
  (:mod:`~mechlp.solving.rows.lies`; where types compare worst cases, :mod:`~mechlp.solving.rows.worst`);
* ``IR i``: ``L_w(theta_i; theta_i) >= outside option`` (:mod:`~mechlp.solving.rows.participation`);
* ``BB``: ``-sum_i t_i >= 0`` (or ``= 0``), by profile or in expectation (:mod:`~mechlp.solving.rows.regime`);
* ``lottery``: ``sum_a q(a|theta) = 1`` (:mod:`~mechlp.solving.rows.allocation`);
* ``consistency``: every announced rule gives the objective the same ``value``.

Two things vary and never meet in one branch: what the allocation is (chosen, a mixture of rules, given:
:class:`~mechlp.solving.rows.allocation.Allocation`) and how transfers enter (as columns, pinned interim, pinned ex post:
:class:`~mechlp.solving.rows.regime.Regime`).  A reduction that leaves other columns or rows is one more of either.  Where the
designer holds a set of priors possible, Nature's multipliers and her epigraph rows are added (:mod:`mechlp.solving.nature`).

Interim rows are stored multiplied by the probability of the type (``Family.unit``), which keeps them
integer over small denominators.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..environment.notions import NOTIONS
from ..exact.numbers import Rationals
from ..program import Block, Columns, Family, Program, Term
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import Rules
from .nature import nature
from .plan import Plan
from .rows.allocation import CHANCE, allocation
from .rows.evaluation import Evaluation
from .rows.keys import Kind, key
from .rows.payoffs import Payoffs
from .rows.regime import regime
from .rows.requirements import further_blocks, given_rows
from .rows.setting import Give, Setting

#: Columns of a program whose entries are not counted before they are written.
FEW = 2_000


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
    plan = plan or Plan.whole(design)
    return Compiler(Setting(design, rules or Rules.of(design), plan, allowed, give, strength)).program()


def interim_rows(design: Design) -> list[Family]:
    """For each agent the rows ``interim payoff of theta_i under truth >= 0`` over the columns of :func:`compile`, one a type
    that has a belief: what further rows about interim payoffs are made from.  For one rule, and an environment with beliefs.
    """
    made = Compiler(Setting(design, Rules.of(design), Plan.whole(design)))
    payoffs, bayesian = Payoffs(made.setting, made.allocation, made.columns), NOTIONS["bayesian"]
    agents = range(design.environment.n)
    found = [Evaluation.of(bayesian, design.environment, i) for i in agents]
    return [payoffs.interim(e) for e in found if e is not None]


class Compiler:
    """Columns, families and objective of a setting, in this order."""

    def __init__(self, setting: Setting) -> None:
        self.setting, design = setting, setting.design
        self.allocation = allocation(setting)
        self.regime = regime(setting, self.allocation)
        # What rules must agree on is asked of them whatever gives way.
        self.aim = goal(design) if setting.give is None or design.ambiguous else None
        self.nature = None if self.aim is None else nature(design)
        blocks = self._blocks()
        few = sum(b.size for b in blocks) <= FEW
        self.columns = Columns(blocks, 0 if few else self.least_entries(blocks))

    def program(self) -> Program:
        """All of it."""
        families = [*self.regime.families(self.columns), *self.allocation.families(self.columns)]
        families += given_rows(self.setting, self.columns)
        if key(Kind.VALUE) in self.columns:
            families.append(self._consistency())
        if self.nature is not None:
            assert self.aim is not None
            families += self.nature.families(self.columns, *self.regime.by_profile(self.columns, self.aim))
        objective, constant = self._objective()
        setting = self.setting
        return Program(
            self.columns.blocks,
            tuple(families),
            objective,
            maximize=setting.give is None and (self.aim is None or self.aim.maximize),
            constant=constant,
            name=setting.environment.title or "mechanism",
        )

    def _blocks(self) -> list[Block]:
        own, regime = self.allocation, self.regime
        blocks = [*own.blocks(), *regime.transfers(), *own.interim_blocks(), *regime.payoffs()]
        blocks += further_blocks(self.setting)
        if self.setting.design.ambiguous and self.aim is not None:
            blocks.append(Block(key(Kind.VALUE), ()))
        if self.setting.give is not None:
            blocks.append(Block(key(Kind.GIVE), (), Rationals.of(0)))
        return blocks if self.nature is None else [*blocks, *self.nature.blocks()]

    def least_entries(self, blocks: Sequence[Block]) -> int:
        """Entries that the rows of the whole program have at least, counted before any is written."""
        names, setting = {b.name for b in blocks}, self.setting
        count = sum(b.size for b in blocks if b.name == CHANCE)  # in the rows of lotteries
        for e in setting.ic:
            if e is None or setting.plan.reduces:
                continue
            at = e.truth(setting.rules.count) if setting.design.pessimistic else e.grid()
            width = self.allocation.width(e) + (key(Kind.TRANSFER, e.agent) in names)
            count += math.prod(e.rows(at)) * (1 + width * (math.prod(e.rest) if e.summed else 1))
        return count

    def _consistency(self) -> Family:
        """Every rule gives the same value, so that announcing several is no commitment problem."""
        assert self.aim is not None
        coefficients, constant = self.regime.valued(self.aim)
        terms = [Term(self.columns[key(Kind.VALUE)], Rationals.of(1))]
        terms += [Term(self.columns[name], -c, c.shape) for name, c in coefficients.items()]
        rows = (self.setting.rules.count,)
        return Family(key(Kind.CONSISTENCY), rows, tuple(terms), "=", constant.broadcast_to(rows))

    def _objective(self) -> tuple[dict[str, Rationals], Fraction]:
        if self.setting.give is not None:
            return {key(Kind.GIVE): Rationals.of(1)}, Fraction(0)
        if self.aim is None:
            return {}, Fraction(0)
        if key(Kind.VALUE) in self.columns:
            return {key(Kind.VALUE): Rationals.of(1)}, Fraction(0)
        if self.nature is not None:
            return self.nature.objective(), Fraction(0)
        coefficients, constants = self.regime.valued(self.aim)
        return coefficients, constants.sum() + self.aim.constant


__all__ = ["Compiler", "Give", "compile", "interim_rows"]
