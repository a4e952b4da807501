"""``objective + sum y * slack`` as coefficients on lotteries and transfers: the Lagrangian of multipliers.

Where payoffs are known between rational ends, each coefficient on q is taken at its most: the payoff under truth at the end
that its weight asks for, those of lies, whose weights are never positive, at the lower end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from ..environment.notions import States
from ..exact.numbers import Rationals, added, matmul, maximum, stack
from ..mechanism.audit import FEW, own_values
from ..mechanism.states import evaluate
from ..question.design import Design
from ..question.misreports import slack
from ..question.objective import Goal
from ..question.rules import NOBODY
from .invalid import InvalidCertificate
from .linear import given_sides, on_blocks
from .multipliers import Multipliers


def lagrangian(
    design: Design, y: Multipliers, aim: Goal | None
) -> tuple[Rationals, list[Rationals], Fraction]:
    """``objective + sum y * slack``: coefficients on q ``(copies, |A|, *Theta)``, on each ``t_i`` ``(K, *Theta)``, a constant."""
    environment = design.environment
    constant = (
        _outside_options(design, y) - _open_lies(design, y) + given_sides(design, y) + _slack(design, y)
    )
    if aim is not None:
        constant += aim.constant * (1 if aim.maximize else -1)
    on_q, on_t = [], []
    for rule in range(y.count):
        q, t = _objective(design, y, aim, rule)
        for i in range(environment.n):
            more_q, more_t = _on_mechanism(design, y, i, rule)
            q, t[i] = q + more_q, t[i] + more_t
            if environment.utility_above is not None:
                q = q + _to_upper_ends(design, y, aim, i)
        if y.bb is not None:
            spread = y.bb[rule]
            if y.bb.ndim == 1:
                assert environment.designer is not None
                spread = environment.designer * spread
            t = [on - spread for on in t]
        for name, more in on_blocks(design, y, rule).items():
            if name == "q":
                q = q + more.reshape(q.shape)
            else:
                i = int(name.split()[1])
                t[i] = t[i] + more.reshape(environment.shape)
        on_q.append(q)
        on_t.append(t)
    lottery = stack(on_q)
    if not design.allocation_by_rule:
        lottery = lottery.sum(axis=0).reshape(1, *lottery.shape[1:])
    return lottery, [stack([t[i] for t in on_t]) for i in range(environment.n)], constant


def _objective(
    design: Design, y: Multipliers, aim: Goal | None, rule: int
) -> tuple[Rationals, list[Rationals]]:
    """The objective's part under one rule."""
    environment = design.environment
    if aim is None:
        zero = Rationals.zeros((len(environment.outcomes), *environment.shape))
        return zero, [Rationals.zeros(environment.shape)] * environment.n
    share = (1 if aim.maximize else -1) * (Fraction(1) if y.rules is None else y.rules.objective[rule])
    return aim.allocation * share, [aim.transfers[i] * share for i in range(environment.n)]


def _outside_options(design: Design, y: Multipliers) -> Fraction:
    """What the IR requirements owe to outside options."""
    total = Fraction(0)
    for i in range(design.environment.n):
        part = y.ir[i]
        if part is None or design.ir_notion is None:
            continue
        outside = design.environment.outside[i].moveaxis(i, 0)
        if not outside.unrepeated().numerator.any():
            continue
        states = design.ir_notion.states(design.environment, i)
        if design.ir_notion.worst_state:
            total -= (part[0] * evaluate(states, outside).min(axis=0)).sum()
            continue
        weights = _type_weights(states, part) if states.summed else part.sum(axis=0)
        total -= (weights * outside).sum()
    return total


def _open_lies(design: Design, y: Multipliers) -> Fraction:
    """What lies under no belief owe to the gains that they bring whatever the transfers."""
    total = Fraction(0)
    for i, part in enumerate(y.ic if design.worst_state else ()):
        assert part is not None and y.rules is not None
        left_open = Rationals((y.rules.labels.punishes[i] == NOBODY).astype(np.int64))
        total += (part[0] * left_open * design.gains[i].gain).sum()
    return total


def _slack(design: Design, y: Multipliers) -> Fraction:
    """What IC owes to how much lies may pay."""
    total = Fraction(0)
    for i, part in enumerate(y.ic):
        more = slack(design, i)
        if part is not None and more is not None:
            total += (part * more.reshape(1, *more.shape, *(1,) * (part.ndim - 3))).sum()
    return total


def _parts(
    design: Design, y: Multipliers, i: int, rule: int
) -> Iterator[tuple[States, Rationals | None, Rationals | None]]:
    """States with the weights that one rule's requirements of agent i put on truth, and on each lie.

    Truth ``(W, |Theta_i|[, *rest])``, lies ``(W, |Theta_i|, |Theta_i|[, *rest])`` (type, report).
    """
    environment, spread = design.environment, y.rules
    ir, ic = y.ir[i], y.ic[i]
    if ic is not None and design.ic_notion is not None and spread is None:
        states, truth = design.ic_notion.states(environment, i), ic.sum(axis=2)
        if ir is not None and states.summed and design.ir_notion is design.ic_notion:
            yield states, ir + truth, ic
            return
        yield states, truth, ic
    if ir is not None and design.ir_notion is not None:
        states = design.ir_notion.states(environment, i)
        if not states.summed:
            yield states, ir[rule].reshape(1, *ir.shape[1:]), None
        elif spread is None or design.ir_notion is not design.ic_notion:
            yield states, ir, None
    if ic is not None and design.ic_notion is not None and spread is not None:
        states = design.ic_notion.states(environment, i)
        yield states, spread.truth[i][rule], spread.lies[i][rule]


def _on_mechanism(design: Design, y: Multipliers, i: int, rule: int) -> tuple[Rationals, Rationals]:
    """``weights * (payoff of truth - payoff of lies)`` as coefficients on q and on ``t_i``."""
    shape = design.environment.shape
    on_q, on_t = Rationals.zeros((len(design.environment.outcomes), *shape)), Rationals.zeros(shape)
    for states, truth, told in _parts(design, y, i, rule):
        spread = _expected if states.summed else _by_profile
        more_q, more_t = spread(design, i, states, truth, told)
        on_q = on_q + more_q[states.worths(design.environment, i)[0]]
        on_t = on_t + more_t if states.paid else on_t
    return on_q, on_t


def _to_upper_ends(design: Design, y: Multipliers, aim: Goal | None, i: int) -> Rationals:
    """What coefficients on q gain when the payoffs of agent i under truth go to the end that their weights ask for."""
    environment = design.environment
    m, rest = environment.agents[i].size, tuple(np.delete(environment.shape, i))
    weight = Rationals.zeros((m, *rest))
    for states, truth, _ in _parts(design, y, i, 0):
        assert truth is not None
        weight = weight + (_type_weights(states, truth) if states.summed else truth[0])
    if aim is not None and aim.stakes is not None:
        weight = weight + aim.stakes[i].moveaxis(i, 0) * (1 if aim.maximize else -1)
    worth = environment.worths[i]
    assert worth.spread is not None
    gained = maximum(weight, 0).moveaxis(0, i) * worth.spread
    return gained.broadcast_to((len(gained), *environment.shape))[worth.classes]


def _expected(
    design: Design, i: int, states: States, truth: Rationals | None, told: Rationals | None
) -> tuple[Rationals, Rationals]:
    """Weights on beliefs, as coefficients on the chances of each class of outcomes ``(C, *Theta)``, and on ``t_i``: one product
    of matrices, reports x types by types x profiles of the others."""
    environment = design.environment
    m, rest = environment.agents[i].size, tuple(np.delete(environment.shape, i))
    signed = Rationals.zeros((states.size, m, m)) if told is None else -told
    if truth is not None:
        signed = signed + truth.reshape(*truth.shape, 1) * Rationals(np.eye(m, dtype=np.int64))
    if states.against is not None:
        compared = Rationals((states.against[:, None, None] == np.arange(m)).astype(np.int64))
        signed = signed - signed.sum(axis=2).reshape(states.size, m, 1) * compared
    undefined = np.ones(m, dtype=bool)
    undefined[states.types] = False
    if bool(np.any(signed.numerator[:, undefined] != 0)):
        raise InvalidCertificate("a multiplier on a type whose belief is undefined")
    utility = states.worths(environment, i)[1]
    own = own_values(utility[0]) if len(utility) == 1 else None
    if states.common is not None and own is not None:
        sums, belief = signed[0].sum(axis=0), states.common.reshape(1, *rest)
        alone = [(signed[0] * worth.reshape(m, 1)).sum(axis=0) for worth in own]
        column = (m, *(1,) * len(rest))
        on_q = stack([a.reshape(column) * belief for a in alone])
        return on_q.moveaxis(1, i + 1), (sums.reshape(column) * belief).moveaxis(0, i)
    signed = (signed * _reciprocal(states.mass, m)).reduced()
    by_report = signed.moveaxis(2, 0).reshape(m, -1)
    weights = states.weights.broadcast_to((states.size, m, *rest))
    on_t = matmul(by_report, weights.reshape(-1, math.prod(rest)))
    if weights.size <= FEW:
        every = weights.reshape(states.size, m, 1, *rest) * utility.moveaxis(1, 2)
        on_q = matmul(by_report, every.reshape(states.size * m, -1)).reshape(m, -1, *rest).moveaxis(0, 1)
    else:
        on_q = stack(
            [
                matmul(by_report, (weights * utility[:, a]).reshape(-1, math.prod(rest))).reshape(m, *rest)
                if utility[:, a].unrepeated().numerator.any()
                else Rationals.zeros((m, *rest))
                for a in range(utility.shape[1])
            ]
        )
    return on_q.moveaxis(1, i + 1), on_t.reshape(m, *rest).moveaxis(0, i)


def _reciprocal(mass: Rationals, size: int) -> Rationals:
    """One over the total weight of each state and type (one where it is zero), ``(W, |Theta_i|, 1)``."""
    cells = [1 / (m or Fraction(1)) for m in mass.fractions()]
    out = Rationals.from_fractions(cells, mass.shape)
    return out.broadcast_to((mass.shape[0], size)).reshape(mass.shape[0], size, 1)


def _by_profile(
    design: Design, i: int, states: States, truth: Rationals | None, told: Rationals | None
) -> tuple[Rationals, Rationals]:
    """Weights on single profiles of the others, likewise; most lies have none."""
    environment = design.environment
    shape = (environment.agents[i].size, *np.delete(environment.shape, i))
    utility = states.worths(environment, i)[1]
    utility = utility.broadcast_to((states.size, utility.shape[1], *shape))
    on_t, on_q = Rationals.zeros(shape), Rationals.zeros(utility.shape[1:])
    if truth is not None:
        on_t = truth.sum(axis=0)
        on_q = (utility * truth.reshape(len(truth), 1, *shape)).sum(axis=0)
    if told is not None:
        (state, own, *seen), weight = told.nonzero()  # the type, and the profile of its report and the others
        place = (own, *seen[1:])
        on_t = on_t - added(weight, tuple(seen), shape)
        lies = [utility[(state, a, *place)] for a in range(utility.shape[1])]
        on_q = on_q - stack([added(weight * worth, tuple(seen), shape) for worth in lies])
    return on_q.moveaxis(1, i + 1), on_t.moveaxis(0, i)


def _type_weights(states: States, y: Rationals) -> Rationals:
    """Multipliers on states and types spread over profiles: ``(|Theta_i|, *Theta_-i)``."""
    share = y * _reciprocal(states.mass, y.shape[1]).reshape(-1, y.shape[1])
    return (share.reshape(*y.shape, *(1,) * (states.weights.ndim - 2)) * states.weights).sum(axis=0)
