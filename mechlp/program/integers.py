"""Integer columns: a float branch and bound proposes the integers, the linear program that remains is certified."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..deadline import Deadline
from ..exact.numbers import Rationals
from .backend import propose
from .decide import decide
from .form import Form
from .kernel import Unsolved
from .model import Program
from .pivot import OutOfTime
from .solution import Solution


def with_integers(program: Program, canonical: Form, relaxed: Solution, deadline: Deadline) -> Solution:
    """Fix the integers that branch and bound proposes, certify the rest; the relaxation bounds."""
    whole = program.integrality
    proposal = propose(canonical, time_limit=deadline, integrality=whole)
    undecided = replace(relaxed, status="undecided", value=None, primal=None, dual=None, reduced=None)
    if len(proposal.primal) != canonical.num_columns:
        return undecided
    picked = np.rint(proposal.primal).astype(np.int64)
    fixed = Rationals(np.where(whole, picked, 0))
    narrowed = replace(
        canonical,
        lower=_choose(whole, fixed, canonical.lower),
        upper=_choose(whole, fixed, canonical.upper),
        has_lower=canonical.has_lower | whole,
        has_upper=canonical.has_upper | whole,
    )
    within = (~canonical.has_lower | (fixed >= canonical.lower)) & (
        ~canonical.has_upper | (fixed <= canonical.upper)
    )
    if not np.all(within | ~whole):
        return undecided
    try:
        found = decide(narrowed, deadline, lambda phase: None, None)
    except (Unsolved, OutOfTime):
        return undecided
    if found.outcome != "optimal" or found.x is None:
        return undecided
    value = canonical.objective(found.x) * (-1 if program.maximize else 1) + program.constant
    status = "optimal" if value == relaxed.value else "undecided"
    if status == "optimal":
        return replace(relaxed, primal=found.x)
    return Solution("undecided", value, relaxed.value, found.x, method=found.method, timings=relaxed.timings)


def _choose(mask: npt.NDArray[np.bool_], yes: Rationals, no: Rationals) -> Rationals:
    common = math.lcm(yes.denominator, no.denominator)
    return Rationals(np.where(mask, yes.integers(common), no.integers(common)), common)
