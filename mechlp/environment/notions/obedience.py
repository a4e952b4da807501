"""Types that are known: what is asked is only that recommended actions are played."""

from __future__ import annotations

from .bayesian import Expectation


class Obedience(Expectation):
    """The designer knows the types: nobody can lie, and only obedience to recommended actions is asked.

    Bergemann and Morris (2016), "Bayes correlated equilibrium and the comparison of information structures in games".
    """

    name = "obedience"
    spelled = "types are known, recommended actions are obeyed (obedience)"
    lies = False


__all__ = ["Obedience"]
