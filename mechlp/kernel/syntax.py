"""Numbers, tables and names in the syntax of Coq.

Nothing here is trusted: what a file says is what its definitions say, and Coq reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals

#: Denominators from here on are defined once and called by name.
LONG = 2**40


def comment(text: str) -> str:
    """A name in a comment: without what would end the comment, or begin a string in it."""
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "'").replace("\n", " ")


def real(x: Fraction) -> str:
    """A number in the scope of the reals."""
    top = f"{x.numerator}" if x >= 0 else f"(- {-x.numerator})"
    return top if x.denominator == 1 else f"({top} / {x.denominator})"


def profile(cells: Iterable[int]) -> str:
    """A type profile."""
    return "[" + "; ".join(map(str, cells)) + "]%nat"


def fractions(array: Rationals, shape: tuple[int, ...]) -> Any:
    """An array of Fractions, of the whole shape."""
    out = np.empty(math.prod(shape), dtype=object)
    out[:] = array.broadcast_to(shape).fractions()
    return out.reshape(shape)


def common(*arrays: Any) -> int:
    """The common denominator: sums of numbers over one denominator need no common divisors."""
    return math.lcm(*(x.denominator for a in arrays for x in np.asarray(a, dtype=object).flat))


def by_agent(name: str, environment: Environment, arrays: Sequence[Any], write: Numerals) -> str:
    """A table for each outcome, agent by agent."""
    over = common(*arrays)
    blocks = [
        f"  [ (* {comment(agent.name)} *)\n   " + ";\n   ".join(write.table(part, over) for part in array) + "]"
        for agent, array in zip(environment.agents, arrays, strict=True)
    ]
    return f"Definition {name} := [\n" + ";\n".join(blocks) + "]."


def definition(name: str, kind: str, items: Sequence[str]) -> str:
    """A list, an item a line."""
    body = "[]" if not items else "[\n  " + ";\n  ".join(items) + "]"
    return f"Definition {name} : {kind} := {body}."


class Numerals:
    """Literals of rationals; long denominators get names, which are defined before they are used."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}

    def number(self, x: Fraction, over: int = 0) -> str:
        """A literal of Q, over a given denominator.  Long ones are hexadecimal: Coq reads those in linear time."""
        if over > 1 and x:
            top = x.numerator * (over // x.denominator)
            if over < LONG:
                return f"({top}#{over})"
            name = self.names.setdefault(over, f"denominator_{len(self.names) + 1}")
            return f"({'-' if top < 0 else ''}{hex(abs(top))}#{name})"
        if x.denominator == 1:
            return str(x.numerator) if x >= 0 else f"({x.numerator})"
        return f"({x.numerator}#{x.denominator})"

    def digits(self, x: Fraction, over: int = 0) -> str:
        """The same where no statement needs it: by its digits, which Coq reads in a fraction of the time."""
        top, under = (x.numerator * (over // x.denominator), over) if over > 1 else (x.numerator, x.denominator)
        if x == 0 or max(abs(top), under) >= LONG:
            return self.number(x, over)
        return f"(ratio {top if top > 0 else f'({top})'} {under})"

    def table(self, array: Any, over: int, digits: bool = False) -> str:
        """Nested tables, repetitions left out."""
        array = np.asarray(array, dtype=object)
        first = array.flat[0]
        if all(x == first for x in array.flat):
            if digits and first in (0, 1):
                return "all_one" if first else "all_zero"
            return f"Val {(self.digits if digits else self.number)(first, over)}"
        if all(bool(np.all(row == array[0])) for row in array[1:]):
            return f"Same ({self.table(array[0], over, digits)})"
        return "Axis [" + "; ".join(self.table(row, over, digits) for row in array) + "]"

    def row(self, numbers: Rationals) -> str:
        """A list of numbers over one denominator."""
        own = fractions(numbers, numbers.shape)
        over = common(own)
        return "[" + "; ".join(self.number(x, over) for x in own) + "]"

    def rows(self, numbers: Rationals) -> str:
        """A list of such lists."""
        return "[" + ";\n  ".join(self.row(numbers[k]) for k in range(len(numbers))) + "]"

    def tables(self, arrays: Any, digits: bool = False) -> str:
        """A list of tables over one denominator, as a function of a number and a profile."""
        over = common(arrays)
        return "pick [\n  " + ";\n  ".join(self.table(x, over, digits) for x in arrays) + "]"

    def weighed(self, rows: Sequence[tuple[Fraction, str]]) -> list[str]:
        """Multipliers with what they stand before, over one denominator."""
        over = common([y for y, _ in rows]) if rows else 1
        return [f"({self.digits(y, over)}, {x})" for y, x in rows]

    def defined(self) -> str:
        """The definitions of the long denominators."""
        return "".join(f"Definition {name} := {hex(d)}%positive.\n" for d, name in self.names.items())
