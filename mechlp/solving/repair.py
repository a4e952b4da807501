"""Exact interim rules and multipliers from approximate ones: proposals, to be audited and proved like any others."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from ..mechanism.interim import BITS, MAX_AT_ONCE, InterimRule, Places, capacities, floors
from ..proof.reduced_form import Flow
from ..question.symmetric import SymmetricDesign


def repaired(rule: InterimRule, design: SymmetricDesign) -> InterimRule:
    """An exact rule from an approximate one: each type picks the best of its contracts, chances shrunk to fit Border.

    ``rule`` need satisfy nothing but chances of at least zero.  Contracts are also tried with payments cut by small shares,
    which makes types take what pays more where they are nearly indifferent.
    """
    environment = design.environment
    v, menu = environment.values, rule.contracts[0]
    chances, transfers = rule.chances[:, menu], rule.transfers[menu]
    best: tuple[Fraction, InterimRule] | None = None
    grid = v.denominator << BITS
    q = floors(chances, BITS)
    for cut in (Fraction(0), *(Fraction(1, 10**k) for k in (8, 7, 6, 5, 4, 3, 2))):
        paid = floors(transfers * (1 - cut), BITS)
        taken = _favourites(v.numerator, q, paid * v.denominator)
        chances, offer = Rationals(q, 1 << BITS), Rationals(paid * v.denominator, grid)
        stays = Rationals((taken >= 0).astype(np.int64))
        got, owed = chances[:, taken] * stays, offer[taken] * stays
        tried = InterimRule(environment, got, (v * got).sum(axis=0) + owed)
        tried = shrunk(tried)
        worth_it = design.value(tried.chances, tried.payoffs)
        if best is None or worth_it > best[0]:
            best = worth_it, tried
    assert best is not None
    return best[1]


def _favourites(values: npt.NDArray[Any], chances: npt.NDArray[Any], paid: npt.NDArray[Any]) -> Places:
    """For each type the contract that it likes best, -1 where it likes none; all in integers over one denominator."""
    reach = int(abs(paid).max()) + sum(
        int(abs(a).max()) * int(abs(c).max()) for a, c in zip(values, chances, strict=True)
    )
    kind: Any = np.int64 if reach < 2**62 else object
    values, chances, paid = (np.asarray(x).astype(kind) for x in (values, chances, paid))
    step, out = max(MAX_AT_ONCE // paid.size, 1), []
    for start in range(0, values.shape[1], step):
        worth = paid[None, :] + sum(
            a[start : start + step, None] * c[None, :] for a, c in zip(values, chances, strict=True)
        )
        best = np.argmax(worth, axis=1)
        out.append(np.where(worth[np.arange(len(best)), best] >= 0, best, -1))
    return np.concatenate(out)


def shrunk(rule: InterimRule) -> InterimRule:
    """All chances and payments times the largest factor (at most one) at which Border's condition holds."""
    capacity = capacities(rule.environment, rule.order)
    won = capacity - rule.border_slack()
    factor = Fraction(1)
    for g, x in zip(capacity.fractions(), won.fractions(), strict=True):
        if x > g:
            factor = min(factor, g / x)
    return InterimRule(rule.environment, (rule.chances * factor).reduced(), (rule.payoffs * factor).reduced())


def balanced(flow: Flow, design: SymmetricDesign) -> Flow:
    """Multipliers with IR at least zero: what is short at a type is brought to it from types that have more than enough."""
    left = flow.ir(design).fractions()
    short = [s for s, y in enumerate(left) if y < 0]
    givers = sorted((s for s, y in enumerate(left) if y > 0), key=lambda s: -left[s])
    types, reports, amounts = flow.types.tolist(), flow.reports.tolist(), flow.amounts.fractions()
    for s in short:
        while left[s] < 0:
            giver = givers[0]
            moved = min(left[giver], -left[s])
            left[giver], left[s] = left[giver] - moved, left[s] + moved
            types.append(giver)
            reports.append(s)
            amounts.append(moved)
            if not left[giver]:
                givers.pop(0)
    return Flow(
        np.array(types, dtype=np.intp),
        np.array(reports, dtype=np.intp),
        Rationals.from_fractions(amounts, (len(amounts),)),
    )
