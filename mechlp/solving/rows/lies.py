"""Incentive compatibility of one rule: truth against every report, or against the lies that have rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...exact.numbers import Rationals
from ...program import Family, Term
from .evaluation import Evaluation, Reports
from .keys import Kind, key
from .labels import Labels
from .payoffs import Payoffs


def lies_and_truth(payoffs: Payoffs, e: Evaluation) -> list[Family]:
    """``U_w(theta_i) - L_w(r; theta_i) >= 0``, and what U is."""
    s, i = payoffs.setting, e.agent
    if s.plan.pairs[i] is None:
        return [_grid(payoffs, e)]
    own, report = s.told(e)
    lie = Reports(e.types[own], report, np.zeros_like(report))
    truth = payoffs.against(Kind.TRUTH, e, e.truth(1), Kind.PAYOFF, 1, "=")
    told = payoffs.against(Kind.IC, e, lie, Kind.PAYOFF, -1, pick=own)
    terms = (*told.terms, *s.given(payoffs.columns, "ic", e.unit(lie)))
    return [truth, replace(told, terms=terms, label=Labels(s).lies(Kind.IC, e))]


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
    rhs = payoffs.fixed(e, at).broadcast_to(e.rows(at))
    label = Labels(s).grid(e)
    return Family(key(Kind.IC, i), e.rows(at), tuple(terms), ">=", rhs, truthful, unit, label)


__all__ = ["lies_and_truth"]
