"""What multipliers make of requirements that are given row by row."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from ..exact.numbers import Rationals
from ..question.design import Design
from .invalid import InvalidCertificate
from .multipliers import Multipliers


def given_sides(design: Design, y: Multipliers) -> Fraction:
    """What the rows owe to their right-hand sides."""
    total = Fraction(0)
    for rows, part in zip(design.requirements, y.linear, strict=True):
        total -= (rows.stored(part) * rows.rhs).sum()
    return total


def on_blocks(design: Design, y: Multipliers, rule: int) -> dict[str, Rationals]:
    """Coefficients on the blocks of one rule, laid flat; transfers that a design rules out are left out."""
    environment = design.environment
    cells = environment.num_profiles
    sizes = {"q": cells * len(environment.outcomes), **{f"t {i}": cells for i in range(environment.n)}}
    return {name: found for name, found in _pulled(design, y, rule, sizes).items() if name in sizes}


def check_variables(design: Design, y: Multipliers) -> None:
    """That the further variables of the rows cancel.  Raises InvalidCertificate."""
    sizes = {v.name: math.prod(v.shape) for rows in design.requirements for v in rows.variables}
    for name, coefficients in _pulled(design, y, 0, sizes).items():
        if bool(np.any(coefficients != 0)):
            raise InvalidCertificate(f"the variables {name} of the requirements do not cancel")


def _pulled(design: Design, y: Multipliers, rule: int, sizes: dict[str, int]) -> dict[str, Rationals]:
    out: dict[str, Rationals] = {}
    for rows, given in zip(design.requirements, y.linear, strict=True):
        stored = rows.stored(given[rule] if design.ambiguous else given)
        for part in rows.parts:
            if part.block in sizes:
                more = part.pulled(stored, sizes[part.block])
                out[part.block] = out[part.block] + more if part.block in out else more
    return out
