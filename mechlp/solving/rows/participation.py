"""Individual rationality: the payoff of truth against the outside option."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ...exact.numbers import Rationals
from ...program import Family, Term
from .keys import Kind, key
from .labels import Labels

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .payoffs import Payoffs


def participation(payoffs: Payoffs, e: Evaluation) -> Family:
    """``L_w(theta_i; theta_i) >= outside option``; through U where IC evaluates truth in the same way."""
    s, design, i, at = payoffs.setting, payoffs.setting.design, e.agent, e.truth_once()
    terms: list[Term] = []
    if design.ic_notion is design.ir_notion:
        # Where IR binds, it does under every rule, and U is the payoff under each.
        best = 0 if design.ir_binds else 1 - design.alpha
        weights = {Kind.PAYOFF: 1 - best, Kind.BEST_PAYOFF: best} if best else {Kind.PAYOFF: Fraction(1)}
        terms = [Term(payoffs.columns[key(kind, i)], e.unit(at) * w) for kind, w in weights.items()]
        fixed = Rationals.zeros(())
    else:
        at = e.truth(s.rules.count) if design.ambiguous else at
        terms, fixed = payoffs.terms(e, at, 1), payoffs.fixed(e, at)
    outside = e.integrate(e.own_first(s.environment.outside[i])[at.type], at) - fixed
    if e.worst:
        outside = outside.min(axis=0).reshape(1, -1)
        at = replace(at, state=np.zeros(1, dtype=np.intp))
    unit = e.unit(at)
    return Family(
        key(Kind.IR, i),
        e.rows(at),
        (*terms, *s.given(payoffs.columns, "ir", unit)),
        "=" if design.ir_binds else ">=",
        outside.broadcast_to(e.rows(at)),
        None,
        unit,
        Labels(s).payoff(Kind.IR, e, at.ndim - 1),
    )


__all__ = ["participation"]
