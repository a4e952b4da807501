"""A program written as free-format MPS or as LP: exact numbers, and only what every reader takes alike.

Readers differ (HiGHS, GLPK, CBC and SCIP were asked): in the sign of an objective's constant, in whether they heed that an
objective is to be maximised, in the bounds of an integer column that has none, in the names they take.  So rows are scaled
to integers, the objective of an MPS file is minimised, and bounds and objective that are no short decimals become rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TextIO

import numpy as np

from ..exact.numbers import Rationals
from ..exact.rewritten import complete
from .form import IntegerMatrix
from .model import Block, Columns, Family, Program, Term, TooLarge
from .names import GOALS, names

#: Digits of a number that every reader keeps; and digits that are written where there are more.
KEPT, WRITTEN = 15, 40
#: Entries of a file that is written (about 2 GB), and bytes that an entry takes at least.
MAX_ENTRIES, ENTRY_BYTES = 20_000_000, 60
SENSES = {1: "G", 0: "E", -1: "L"}


def number(value: Fraction) -> str:
    """A decimal: exact where the fraction ends within :data:`WRITTEN` digits, else 17 significant digits."""
    digits = _decimals(value.denominator)
    if digits is None or digits > WRITTEN or len(str(abs(value.numerator))) > WRITTEN:
        return repr(float(value))
    whole = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def _decimals(denominator: int) -> int | None:
    """How many decimals a fraction in lowest terms has; None when they never end."""
    powers = []
    for prime in (2, 5):
        power = 0
        while denominator % prime == 0:
            denominator, power = denominator // prime, power + 1
        powers.append(power)
    return max(powers) if denominator == 1 else None


def short(values: Rationals) -> bool:
    """Whether every number is a decimal of at most :data:`KEPT` digits, before and after the point together."""
    base = values.unrepeated()
    cells = (Fraction(int(n), base.denominator) for n in np.unique(base.numerator))
    places = ((c, _decimals(c.denominator)) for c in cells)
    return all(d is not None and abs(c) * 10**d < 10**KEPT for c, d in places)


def refuse_large_file(entries: int) -> None:
    """Raises :class:`TooLarge`, with what the file would take, above :data:`MAX_ENTRIES`."""
    if entries > MAX_ENTRIES:
        raise TooLarge(
            f"the file would have {entries:,} entries, at least {entries * ENTRY_BYTES / 1e9:,.1f} GB; "
            f"at most {MAX_ENTRIES:,} are written: use fewer types or outcomes, or a reduction (--reduce)"
        )


def plain(program: Program) -> Program:
    """The same program with an objective and bounds that are decimals all readers keep: what is not becomes a row.

    An objective with other numbers, or with a constant, becomes a column ``objective value`` and the row that defines it
    (also where there would be no column or no row: readers want both).
    """
    columns = Columns(program.blocks)
    families = list(program.families)
    blocks = []
    for block in program.blocks:
        low, high = block.lower, block.upper
        if low is not None and not short(low):
            families += _bound_rows(block, "lower", columns[block.name], ">=", low)
            low = Rationals(-(-low.numerator // low.denominator)) if block.integer else None
        if high is not None and not short(high):
            families += _bound_rows(block, "upper", columns[block.name], "<=", high)
            high = Rationals(high.numerator // high.denominator) if block.integer else None
        blocks.append(replace(block, lower=low, upper=high))
    simple = not program.constant and all(map(short, program.objective.values()))
    if simple and program.num_columns and families:
        return replace(program, blocks=tuple(blocks), families=tuple(families))
    value = Block("objective value", ())
    at = np.array(program.num_columns, dtype=np.int32)
    terms = [Term(at, Rationals.of(-1))]
    for name, costs in program.objective.items():
        shape = program.block(name).shape
        terms.append(Term(columns[name], costs.broadcast_to(shape), shape))
    families.append(Family("objective value", (), tuple(terms), "=", Rationals.of(-program.constant)))
    objective = {value.name: Rationals.of(1)}
    return replace(
        program,
        blocks=(*blocks, value),
        families=tuple(families),
        objective=objective,
        constant=Fraction(0),
    )


def _bound_rows(
    block: Block, side: str, columns: Any, sense: Literal[">=", "<="], bound: Rationals
) -> list[Family]:
    """The rows in the place of a bound; integers have the next integer for a bound, and no row."""
    if block.integer:
        return []
    terms = (Term(columns, Rationals.of(1)),)
    label = lambda cell: f"{side} bound {block.describe(cell)}"  # noqa: E731
    rhs = bound.broadcast_to(block.shape)
    return [Family(f"{side} {block.name}", block.shape, terms, sense, rhs, label=label)]


@dataclass(frozen=True)
class _Written:
    """What both formats write of a program."""

    asked: Program
    notes: Sequence[str]

    @cached_property
    def program(self) -> Program:
        return plain(self.asked)

    @cached_property
    def columns(self) -> list[str]:
        return names(self.program.blocks, "x")

    @cached_property
    def rows(self) -> list[str]:
        return names(self.program.families, "r")

    @cached_property
    def matrix(self) -> IntegerMatrix:
        arrays = self.program.integers()
        out: IntegerMatrix = IntegerMatrix.merged(
            arrays.indptr, arrays.indices, arrays.data, self.program.num_columns
        )
        return out

    @cached_property
    def right(self) -> list[int]:
        return [int(v) for v in self.program.integer_right_hand_side()]

    @cached_property
    def divisors(self) -> list[int | Fraction]:
        """What each integer row is divided by: its common factor; where more than :data:`KEPT` digits are left, also the
        power of ten that leaves six before the point, since readers refuse large entries and drop tiny ones in silence.
        """
        starts, data = self.matrix.indptr, self.matrix.data
        out: list[int | Fraction] = []
        for r, rhs in enumerate(self.right):
            cells = data[starts[r] : starts[r + 1]].tolist()
            common = math.gcd(*cells, rhs) or 1
            top = max(map(abs, (*cells, rhs))) // common
            out.append(common if top < 10**KEPT else Fraction(common * 10 ** (len(str(top)) - 6)))
        return out

    def entry(self, value: int, row: int) -> str:
        """An entry or right-hand side of a row."""
        divisor = self.divisors[row]
        return str(value // divisor) if isinstance(divisor, int) else number(value / divisor)

    def row(self, r: int) -> Iterator[tuple[int, int]]:
        """The columns of a row, and its integers before division."""
        part = slice(self.matrix.indptr[r], self.matrix.indptr[r + 1])
        return zip(self.matrix.indices[part].tolist(), self.matrix.data[part].tolist(), strict=True)

    def bounds(self) -> Iterator[tuple[str, Fraction | None, Fraction | None]]:
        """Name, lower and upper bound of every column."""
        ends = chain.from_iterable(
            zip(_cells(b.lower, b), _cells(b.upper, b), strict=True) for b in self.program.blocks
        )
        return ((name, low, high) for name, (low, high) in zip(self.columns, ends, strict=True))

    def comments(self) -> Iterator[str]:
        """What a reader of the file must know."""
        yield from self.notes
        long = [isinstance(d, Fraction) for d in self.divisors]
        yield "Rows are scaled to integers without a common factor, so that their numbers are exact."
        if any(long):
            yield (
                f"Not so {sum(long)} of {len(long)} rows (the first: {self.rows[long.index(True)]}): they take more than "
                f"{KEPT} digits, which readers round to theirs; more than {WRITTEN} are rounded here to 17."
            )
        if self.program.num_columns > self.asked.num_columns:
            yield f"The column {self.columns[-1]} is the objective with its constant, as the last row says."
        more = self.program.num_rows - self.asked.num_rows - self.program.num_columns + self.asked.num_columns
        if more:
            yield f"{more} bounds that are no decimals of at most {KEPT} digits are rows."


def _cells(bound: Rationals | None, block: Block) -> list[Fraction | None]:
    if bound is None:
        return [None] * block.size
    return list(bound.broadcast_to(block.shape).ravel().fractions())


def write_mps(program: Program, path: str | Path, notes: Sequence[str] = ()) -> None:
    """Free-format MPS, always to be minimised; ``notes`` are written on top.

    Raises
    ------
    TooLarge, OSError
    """
    refuse_large_file(program.nonzeros)
    with complete(path) as out:
        _mps(_Written(program, notes), out)


def _mps(written: _Written, out: TextIO) -> None:
    program, rows, entry = written.program, written.rows, written.entry
    out.writelines(f"* {line}\n" for line in written.comments())
    turned = program.maximize and bool(program.objective)
    goal = GOALS[turned]
    if turned:
        out.write(
            "* A maximisation, written as a minimisation with the sign of the objective turned, since readers disagree about\n"
            "* a section that says so: the value is minus what is printed.\n"
        )
    out.write(f"NAME mechlp FREE\nROWS\n N {goal}\n")
    out.writelines(f" {SENSES[int(s)]} {name}\n" for name, s in zip(rows, program.senses, strict=True))
    out.write("COLUMNS\n")
    marked = False
    columns, costs = written.matrix.transposed, program.costs
    for c, name in enumerate(written.columns):
        if program.integrality[c] != marked:
            marked = not marked
            out.write(f" MARKER{c} 'MARKER' '{'INTORG' if marked else 'INTEND'}'\n")
        part = slice(columns.indptr[c], columns.indptr[c + 1])
        cells = zip(columns.indices[part].tolist(), columns.data[part].tolist(), strict=True)
        cost = Fraction(int(costs.numerator[c]), costs.denominator)
        if cost or part.start == part.stop:
            out.write(f" {name} {goal} {number(-cost if turned else cost)}\n")
        out.writelines(f" {name} {rows[r]} {entry(v, r)}\n" for r, v in cells)
    if marked:
        out.write(" MARKERend 'MARKER' 'INTEND'\n")
    out.write("RHS\n")
    out.writelines(f" rhs {rows[r]} {entry(v, r)}\n" for r, v in enumerate(written.right) if v)
    out.write("BOUNDS\n")
    # Both ends of every column: readers disagree about an end that is left out beside a negative one, or of integers.
    for name, low, high in written.bounds():
        if low is None and high is None:
            out.write(f" FR bnd {name}\n")
            continue
        out.write(f" MI bnd {name}\n" if low is None else f" LO bnd {name} {number(low)}\n")
        out.write(f" PL bnd {name}\n" if high is None else f" UP bnd {name} {number(high)}\n")
    out.write("ENDATA\n")


def write_lp(program: Program, path: str | Path, notes: Sequence[str] = ()) -> None:
    """LP format; ``notes`` are written on top.

    Raises
    ------
    TooLarge, OSError
    """
    refuse_large_file(program.nonzeros)
    with complete(path) as out:
        _lp(_Written(program, notes), out)


def _lp(written: _Written, out: TextIO) -> None:
    program, columns = written.program, written.columns
    out.writelines(f"\\ {line}\n" for line in written.comments())
    out.write("maximize\n" if program.maximize else "minimize\n")
    unused = np.setdiff1d(np.arange(program.num_columns), written.matrix.indices)
    at = np.union1d(np.flatnonzero(program.costs.numerator != 0), unused).tolist()
    costs = [(columns[c], number(program.costs[c])) for c in at]
    out.write(f" {GOALS[0]}: {_sum(costs or [(columns[0], '0')])}\nsubject to\n")
    for r, (name, sense) in enumerate(zip(written.rows, program.senses, strict=True)):
        entries = [(columns[c], written.entry(v, r)) for c, v in written.row(r)]
        sign = {1: ">=", 0: "=", -1: "<="}[int(sense)]
        out.write(
            f" {name}: {_sum(entries or [(columns[0], '0')])} {sign} {written.entry(written.right[r], r)}\n"
        )
    out.write("bounds\n")
    for name, low, high in written.bounds():
        if low is None and high is None:
            out.write(f" {name} free\n")
            continue
        bottom = "-inf" if low is None else number(low)
        out.write(f" {bottom} <= {name} <= {'+inf' if high is None else number(high)}\n")
    chosen = [columns[c] for c in np.flatnonzero(program.integrality)]
    if chosen:
        out.write("general\n" + "".join(f" {name}\n" for name in chosen))
    out.write("end\n")


def _sum(entries: list[tuple[str, str]]) -> str:
    """One term a line, so that no line is too long for a reader of the format."""
    return "\n  ".join(f"{'-' if v[0] == '-' else '+'} {v.lstrip('-')} {name}" for name, v in entries)
