"""Proofs in economic terms: the bound that multipliers on IC, IR and BB imply by themselves.

Let ``slack`` be the left side of each requirement written as ``... >= 0``:

* ``IC[i: theta -> r]``: ``L_w(theta; theta) - L_w(r; theta)``;
* ``IR[i: theta]``: ``L_w(theta; theta) - outside option``;
* ``BB[theta]``: ``-sum_i t_i`` at a profile, or in expectation.

For multipliers ``y`` (``>= 0`` on inequalities, free where the requirement is an equality) every
mechanism that satisfies the requirements has ``objective <= objective + sum y * slack`` (``max``; ``min`` with
the signs turned).  The right-hand side is linear in lotteries and transfers, so its largest value over
all of them is read off profile by profile (:func:`bound`): that number is an upper bound on the
objective, and, when nothing is wanted and it is negative, a proof that no mechanism exists.  No
solver, and no program of ours, is involved.

Where the designer holds a set of priors possible, the multipliers come with one prior of the set: the worst expectation is
at most the expectation under it, which is bounded as above.

With ambiguous transfers ``L`` is the worst over the announced rules, on both sides; with maxmin agents the worst over
beliefs.  A multiplier then comes with weights over the rules or beliefs (:class:`~mechlp.proof.multipliers.RuleWeights`):
the worst payoff under truth is at most any average of it, and a lie is evaluated under the rule or belief that punishes it.
That turns the combination into one of linear requirements.  Which belief it is, is a distinction of cases
(:class:`~mechlp.proof.cases.Case`); a lie whose belief is left open may be bounded by what it gains whatever the transfers
(:mod:`mechlp.question.gains`).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, where
from ..question.design import Design
from ..question.misreports import possible
from ..question.objective import goal
from .invalid import InvalidCertificate
from .lagrangian import lagrangian
from .linear import check_variables
from .multipliers import Multipliers
from .rule_weights import check_rule_weights


def bound(
    design: Design,
    multipliers: Multipliers,
    allowed: npt.NDArray[np.bool_] | None = None,
    *,
    wanted: bool = True,
) -> Fraction:
    """The bound on the objective that multipliers imply (see the module's docstring).

    ``allowed`` narrows the outcomes at each profile (a branch of a case distinction), shape ``(copies, |A|, *Theta)``.
    With ``wanted`` False the objective is left out: a negative result then proves that no mechanism exists.

    Raises
    ------
    InvalidCertificate
        A multiplier of the wrong sign, on an undefined belief, or transfers that do not cancel.
    """
    return bound_and_rest(design, multipliers, allowed, wanted=wanted)[0]


def bound_and_rest(
    design: Design,
    multipliers: Multipliers,
    allowed: npt.NDArray[np.bool_] | None = None,
    *,
    wanted: bool = True,
) -> tuple[Fraction, Rationals, list[Rationals]]:
    """The bound, and what the combination leaves on lotteries and on transfers, which their totals and limits pay for."""
    if design.robust and wanted and multipliers.nature is None:
        raise InvalidCertificate("multipliers without a prior of the designer's set")
    check_multipliers(design, multipliers, wanted)
    # A refutation may also use that all rules have the same value.
    aim = goal(design, _prior(design, multipliers)) if wanted or design.ambiguous else None
    sign = 1 if aim is None or aim.maximize or not wanted else -1
    on_q, on_t, constant = lagrangian(design, multipliers, aim)
    every = design.allowed[None]
    allowed = every if allowed is None else every & allowed
    total = constant + best_lottery(design, on_q, allowed) + _best_transfers(design, on_t)
    return sign * total, on_q, on_t


def _prior(design: Design, y: Multipliers) -> Rationals | None:
    """Nature's prior.  Raises InvalidCertificate when it is not in the set."""
    possible = design.environment.designer_set
    if design.robust and possible is not None and y.nature is not None and not possible.admits(y.nature):
        raise InvalidCertificate("the worst-case distribution does not belong to the designer's set")
    return prior_of(design, y)


def prior_of(design: Design, y: Multipliers) -> Rationals | None:
    """Nature's prior, in the set or not; None when there is nothing to choose."""
    possible = design.environment.designer_set
    if possible is None or not design.robust or y.nature is None:
        return None
    return y.nature[: possible.cells].reshape(possible.shape)


def check_multipliers(design: Design, y: Multipliers, wanted: bool) -> None:
    """That multipliers have the signs of their requirements, and what rows and rules bring with them cancels.  Raises
    InvalidCertificate."""
    _check_signs(design, y)
    if design.pessimistic:
        check_rule_weights(design, y, wanted)
    check_variables(design, y)


def _check_signs(design: Design, y: Multipliers) -> None:
    if len(y.linear) != len(design.requirements):
        raise InvalidCertificate("multipliers that leave out a requirement")
    if any(bool(np.any(a < 0)) for a in on_inequalities(design, y)):
        raise InvalidCertificate("a negative multiplier on an inequality")
    for i, part in enumerate(y.ic):
        told = possible(design, i)
        if part is not None and told is not None:
            impossible = (~told).reshape(1, *told.shape, *(1,) * (part.ndim - 3))
            if bool(np.any((part.numerator != 0) & impossible)):
                raise InvalidCertificate("a multiplier on a lie that is not possible")


def on_inequalities(design: Design, y: Multipliers) -> list[Rationals]:
    """The multipliers that must not be negative."""
    found = [*y.ic, *(() if design.ir_binds else y.ir), *((y.bb,) if design.bb.endswith("weak") else ())]
    families = zip(design.requirements, y.linear, strict=True)
    found += [part for rows, part in families if rows.sense != "="]
    return [a for a in found if a is not None]


def best_lottery(design: Design, on_q: Rationals, allowed: npt.NDArray[np.bool_]) -> Fraction:
    """The largest value over lotteries on the allowed outcomes, summed over profiles and rules."""
    if isinstance(design.allocation, Rationals):
        return (on_q * design.allocation).sum()
    if not bool(np.all(allowed.any(axis=1))):
        raise InvalidCertificate("a branch that allows no outcome at some profile")
    floor = on_q.min() - 1
    return where(allowed, on_q, floor).max(axis=1).sum()


def _best_transfers(design: Design, on_t: list[Rationals]) -> Fraction:
    """The largest value over transfers within their bounds; free transfers must cancel."""
    total = Fraction(0)
    for i, coefficient in enumerate(on_t):
        low, high = design.transfer_bounds(i)
        up, down = coefficient > 0, coefficient < 0
        if (high is None and bool(np.any(up))) or (low is None and bool(np.any(down))):
            cell = tuple(int(k) for k in np.argwhere((up & (high is None)) | (down & (low is None)))[0])
            where = design.environment.profile_label(cell[1:])
            raise InvalidCertificate(
                f"the transfer of {design.environment.agents[i].name!r} at ({where}) does not cancel"
            )
        if high is not None:
            total += (coefficient * Rationals(up.astype(np.int64)) * high).sum()
        if low is not None:
            total += (coefficient * Rationals(down.astype(np.int64)) * low).sum()
    return total
