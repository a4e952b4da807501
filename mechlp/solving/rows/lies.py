"""Incentive compatibility of one rule: truth against every report, or against the lies that have rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...exact.numbers import Rationals
from ...program import Family, Term
from ...question.misreports import slack
from .evaluation import Evaluation, Reports
from .keys import Kind, key
from .labels import Labels

if TYPE_CHECKING:
    from .payoffs import Payoffs
    from .setting import Setting


def lies_and_truth(payoffs: Payoffs, e: Evaluation) -> list[Family]:
    """``U_w(theta_i) - L_w(r; theta_i) >= 0``, and what U is."""
    s, i = payoffs.setting, e.agent
    if s.plan.lies(i) is None:
        return [_grid(payoffs, e)]
    own, report = s.told(e)
    lie = Reports(e.types[own], report, np.zeros_like(report))
    truth = payoffs.against(Kind.TRUTH, e, e.truth(1), Kind.PAYOFF, 1, "=")
    told = payoffs.against(Kind.IC, e, lie, Kind.PAYOFF, -1, pick=own)
    terms = (*told.terms, *s.given(payoffs.columns, "ic", e.unit(lie)))
    rhs = _less(told.rhs, _slack(s, e, lie), e.unit(lie)).broadcast_to(told.shape)
    return [truth, replace(told, terms=terms, rhs=rhs, label=Labels(s).lies(Kind.IC, e))]


def _slack(s: Setting, e: Evaluation, at: Reports) -> Rationals | None:
    """By how much the reports may pay, over rows; None for nothing."""
    more = slack(s.design, e.agent)
    if more is None:
        return None
    own = more[at.type, at.report]
    return own.reshape(1, *own.shape, *(() if e.summed else (1,) * len(e.rest)))


def _less(rhs: Rationals, more: Rationals | None, unit: Rationals) -> Rationals:
    return rhs if more is None else rhs - more * unit


def _grid(payoffs: Payoffs, e: Evaluation) -> Family:
    """Every report of every type: the row of truth defines U."""
    s, i, at = payoffs.setting, e.agent, e.grid()
    truthful = at.type == at.report
    way = Rationals((~truthful).astype(np.int64))
    if s.strength is not None:
        way = way * s.strength[i][e.types]
    grid = (1, *truthful.shape) + (() if e.summed else (1,) * len(e.rest))
    truthful, way, unit = truthful.reshape(grid), way.reshape(grid), e.unit(at)
    own = payoffs.columns[key(Kind.PAYOFF, i)]
    own = own.reshape(*own.shape[:2], 1, *own.shape[2:])
    terms = [*payoffs.terms(e, at, -1), Term(own, unit), *s.given(payoffs.columns, "ic", unit * way)]
    rhs = _less(payoffs.fixed(e, at), _slack(s, e, at), unit).broadcast_to(e.rows(at))
    label = Labels(s).grid(e)
    return Family(key(Kind.IC, i), e.rows(at), tuple(terms), ">=", rhs, truthful, unit, label)


__all__ = ["lies_and_truth"]
