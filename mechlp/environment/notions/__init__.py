"""How a type evaluates a report: one idea, one small class a notion.

A type ``theta_i`` that reports ``r`` faces *states*.  In each state w its payoff is a linear form in the
mechanism: with ``pay(r; theta) = sum_a u_i(a, theta) q(a | r, theta_-i) + t_i(r, theta_-i)``,

* a state may be a belief over ``Theta_-i``: ``L_w(r; theta_i)`` is the expectation of ``pay`` (``summed``);
* or a single profile ``theta_-i``: ``L_w(r; theta_i) = pay(r; theta_i, theta_-i)`` (not summed: the profiles
  of the others are themselves the states).

IC then says ``L_w(theta_i) >= L_w(r)`` in every state, IR says ``L_w(theta_i) >= outside option``.  Two notions compare worst
cases instead, on both sides: with ``worst_state`` the worst state, ``min_w L_w(theta_i) >= min_w L_w(r)``; with ``ambiguous``
the mechanism is a set of rules, and the worst of them counts.

A state may also put something else in the place of ``u_i``, leave transfers out (``States.worth``, ``States.paid``), or count
only what a report pays more than another one (``States.against``: regret).

The compiler, the audit and the certificate checker each read this description and nothing else about a notion, so a new one
is one file here, its entry in :data:`NOTIONS` and its tests.
"""

from __future__ import annotations

from .ambiguous_transfers import WorstRule
from .bayesian import Expectation
from .bewley import EveryBelief
from .ex_post import EveryState
from .maxmin import WorstBelief
from .obedience import Obedience
from .ordinal import Ordinal, OrdinalBayesian
from .regret import GreatestRegret
from .states import Notion, States

_ALL: tuple[Notion, ...] = (
    Expectation(),
    Obedience(),
    WorstRule(),
    EveryBelief(),
    WorstBelief(),
    GreatestRegret(),
    EveryState(),
    Ordinal(),
    OrdinalBayesian(),
)
NOTIONS: dict[str, Notion] = {notion.name: notion for notion in _ALL}

__all__ = ["NOTIONS", "Notion", "States"]
