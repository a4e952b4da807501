"""Whether the multipliers of a design that compares worst cases are spread over its rules and states as they must be."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from ..exact.numbers import Rationals
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import NOBODY
from .invalid import InvalidCertificate
from .multipliers import Multipliers, nonzero


def check_rule_weights(design: Design, y: Multipliers, wanted: bool) -> None:
    """That the weights over rules are what :class:`RuleWeights` says.  Raises InvalidCertificate."""
    rules = y.rules
    if rules is None:
        raise InvalidCertificate("multipliers without weights over the rules")
    binds = design.ir_binds and design.ir == "interim"
    for i in range(design.environment.n):
        ic, ir, truth, told = y.ic[i], y.ir[i], rules.truth[i], rules.lies[i]
        assert ic is not None
        owed = ic.sum(axis=2)
        if ir is not None and design.ir_notion is design.ic_notion:
            owed = owed + ir
        free = ic * Rationals((rules.labels.punishes[i] == NOBODY).astype(np.int64))
        if design.worst_state:
            # A lie whose belief is open counts as U(theta) - U(r) - gain.
            if bool(np.any((free != 0) & ~design.gains[i].applies)):
                raise InvalidCertificate("a lie under no belief, where types hold different beliefs possible")
            owed = owed - free.sum(axis=1)
        else:
            free = free * 0
        if not truth.sum(axis=(0, 1)).same(owed[0]) or not (told.sum(axis=(0, 1)) + free[0]).same(ic[0]):
            raise InvalidCertificate("weights over rules that do not add up to the multipliers")
        if bool(np.any(told < 0)) or (not binds and bool(np.any(truth < 0))):
            raise InvalidCertificate("a negative weight of a rule")
        for (_, own, report), least in _least(ic - free, design.alpha):
            punisher = rules.labels.punishes[i][own, report]
            at = (0, punisher) if design.worst_state else (punisher, 0)
            if punisher == NOBODY or told[(*at, own, report)] < least:
                raise InvalidCertificate("a lie that is not evaluated under the rule that punishes it")
        if not binds:
            for (state, own), least in _least(owed, 1 - design.alpha):
                if truth[(rules.labels.praises[i][own], state, own)] < least:
                    raise InvalidCertificate("a truth that is not evaluated under the rule that praises it")
    if goal(design) is not None and rules.objective.sum() != int(wanted):
        raise InvalidCertificate(f"weights of the objective that do not add up to {int(wanted)}")


def on_rule_weights(design: Design, y: Multipliers) -> list[Rationals]:
    """What must not be negative of weights over rules, once :func:`check_rule_weights` holds at some point: linear in them."""
    rules = y.rules
    if rules is None:
        raise InvalidCertificate("multipliers without weights over the rules")
    binds, found = design.ir_binds and design.ir == "interim", []
    for i, agent in enumerate(design.environment.agents):
        ic, ir, truth, told = y.ic[i], y.ir[i], rules.truth[i], rules.lies[i]
        assert ic is not None
        found += [told] if binds else [told, truth]
        own, reports = np.ogrid[: agent.size, : agent.size]
        label = np.maximum(rules.labels.punishes[i], 0)
        at = (0, label) if design.worst_state else (label, 0)
        found.append(told[(*at, own, reports)] - ic[0] * design.alpha)
        if not binds:
            owed = ic.sum(axis=2)
            if ir is not None and design.ir_notion is design.ic_notion:
                owed = owed + ir
            praised = truth[rules.labels.praises[i], :, np.arange(agent.size)].moveaxis(-1, 0)
            found.append(praised - owed * (1 - design.alpha))
    return found


def _least(array: Rationals, share: Fraction) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """A share of every nonzero multiplier."""
    for cell in nonzero(array) if share else ():
        yield cell, array[cell] * share
