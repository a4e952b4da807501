"""Types that compare worst cases: truth under every rule (or belief), each lie under the one that punishes it.

With ambiguous transfers ``U i`` is the worst payoff under truth, and every lie d has the rule that punishes it
(:mod:`mechlp.question.rules`):

* ``truth i``: ``L(theta_i; theta_i) >= U(theta_i)`` under EVERY rule;
* ``IC i``: ``U(theta_i) - L(r; theta_i) >= 0`` under the rule that punishes the lie;
* with alpha < 1 the payoff that counts is ``alpha U + (1 - alpha) B``: ``best i`` says that some rule pays truth B, ``low i``
  that the punishing rule pays the lie at most ``l``, ``high i`` that every rule pays it at most ``h``.

With maxmin agents the same rows hold with beliefs in the place of rules, and ``open i`` bounds the lies whose belief is not
chosen yet (:mod:`mechlp.question.gains`); with minmax regret in the place of payoffs stands what a report pays more than the
one that its state compares it with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...exact.numbers import Rationals
from ...program import Block, Family, Term
from ...question.rules import NOBODY
from .evaluation import Evaluation, Places, Reports
from .keys import Kind, key
from .labels import Labels

if TYPE_CHECKING:
    from .payoffs import Payoffs
    from .setting import Setting


def blocks(setting: Setting, e: Evaluation) -> list[Block]:
    """Columns beside ``U i`` where types hope for the best rule, too."""
    labels, i = Labels(setting), e.agent
    lies = (e.states.size, len(setting.told(e)[0]))
    return [
        Block(key(Kind.BEST_PAYOFF, i), e.payoffs(), label=labels.payoff(Kind.BEST, e)),
        Block(key(Kind.LOW_LIE, i), lies, label=labels.lies(Kind.LOW, e)),
        Block(key(Kind.HIGH_LIE, i), lies, label=labels.lies(Kind.HIGH, e)),
    ]


def worst_cases(payoffs: Payoffs, e: Evaluation) -> list[Family]:
    """The rows of IC of one agent."""
    s, design = payoffs.setting, payoffs.setting.design
    own, lie = _lies(s, e)
    unit = e.unit(lie)
    binds = design.ir_binds and design.ir_notion is design.ic_notion
    honest = e.truth_by_state() if e.worst else e.truth(s.rules.count)
    truth = payoffs.against(Kind.TRUTH, e, honest, Kind.PAYOFF, 1, "=" if binds else ">=")
    if design.alpha == 1:
        between = []
        ic = payoffs.against(Kind.IC, e, lie, Kind.PAYOFF, -1, pick=own)
    else:
        between = _hopes(payoffs, e, lie)
        ic = Family(
            key(Kind.IC, e.agent),
            e.rows(lie),
            _mixed(payoffs, e, own, unit),
            ">=",
            Rationals.of(0),
            None,
            unit,
        )
    terms = (*ic.terms, *s.given(payoffs.columns, "ic", unit))
    ic = replace(ic, terms=terms, label=Labels(s).lies(Kind.IC, e))
    return [truth, *between, ic, *([_open(payoffs, e)] if e.worst else [])]


def _lies(setting: Setting, e: Evaluation) -> tuple[Places, Reports]:
    """Positions of the types that lie, and each lie under the rule, or in the state, that punishes it."""
    own, report = setting.told(e)
    label = setting.rules.punishes[e.agent][e.types[own], report]
    rule, state = (np.zeros_like(label), label) if e.worst else (label, None)
    return own, Reports(e.types[own], report, rule, state)


def _hopes(payoffs: Payoffs, e: Evaluation, lie: Reports) -> list[Family]:
    """The best rule under truth, and the worst and the best of each lie."""
    s = payoffs.setting
    praised = Reports(e.types, e.types, s.rules.praises[e.agent][e.types])
    every = Reports(lie.type[None], lie.report[None], np.arange(s.rules.count)[:, None])
    return [
        payoffs.against(Kind.BEST, e, praised, Kind.BEST_PAYOFF, 1),
        payoffs.against(Kind.LOW, e, lie, Kind.LOW_LIE, -1),
        payoffs.against(Kind.HIGH, e, every, Kind.HIGH_LIE, -1),
    ]


def _mixed(payoffs: Payoffs, e: Evaluation, own: Places, unit: Rationals) -> tuple[Term, ...]:
    """``alpha U + (1 - alpha) B - alpha l - (1 - alpha) h``."""
    alpha, columns = payoffs.setting.design.alpha, payoffs.columns
    truth = {Kind.PAYOFF: alpha, Kind.BEST_PAYOFF: 1 - alpha}
    lie = {Kind.LOW_LIE: -alpha, Kind.HIGH_LIE: alpha - 1}
    return (
        *(Term(columns[key(kind, e.agent)][:, own], unit * w) for kind, w in truth.items()),
        *(Term(columns[key(kind, e.agent)], unit * w) for kind, w in lie.items()),
    )


def _open(payoffs: Payoffs, e: Evaluation) -> Family:
    """What maxmin types gain whatever the transfers, for the lies that are not evaluated under a belief."""
    s = payoffs.setting
    known = s.design.gains[e.agent]
    own, report = np.nonzero(known.applies & (s.rules.punishes[e.agent] == NOBODY))
    columns, one = payoffs.columns[key(Kind.PAYOFF, e.agent)], Rationals.of(1)
    terms = [Term(columns[:, own], one), Term(columns[:, report], -one), *s.given(payoffs.columns, "ic", one)]
    rows, gain = (1, len(own)), known.gain[own, report].reshape(1, len(own))
    agent = s.environment.agents[e.agent]
    name = lambda c: f"IC[{agent.name}: {agent.types[own[c[1]]]} -> {agent.types[report[c[1]]]}]"  # noqa: E731
    return Family(key(Kind.OPEN, e.agent), rows, tuple(terms), ">=", gain, label=name)


__all__ = ["blocks", "worst_cases"]
