"""Several announced rules, of which the worst counts."""

from __future__ import annotations

from .bayesian import Expectation


class WorstRule(Expectation):
    """Ambiguous transfers: the type's own belief, and the worst of the rules that the designer announces.

    Di Tillio, Kos and Messner (2017), "The design of ambiguous mechanisms"; Guo (2018), chapter 1.
    """

    name = "ambiguous-transfers"
    spelled = "with ambiguous transfers (interim, the worst announced rule)"
    ambiguous = True
    taking_part = "ambiguous-transfers"


__all__ = ["WorstRule"]
