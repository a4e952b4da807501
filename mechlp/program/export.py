"""A program written as free-format MPS or as LP, with names a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TextIO

import numpy as np

from ..exact.numbers import Rationals
from .model import Block, Family, Program

MAX_NAME = 200


def number(value: Fraction) -> str:
    """A decimal: exact where the fraction ends, else 17 significant digits."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or value.denominator > 10**15:
        return repr(float(value))
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs(int(value * 10**digits))).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def _names(parts: tuple[Block, ...] | tuple[Family, ...], letter: str) -> list[str]:
    """A unique name for every cell, from its label, in characters that both formats take."""
    out: list[str] = []
    seen: set[str] = set()
    for part in parts:
        for cell in np.ndindex(*part.shape):
            label = part.describe(tuple(map(int, cell))).replace(" -> ", "_to_").replace("->", "_to_")
            label = re.sub(r"[^A-Za-z0-9_.()/]+", "_", label).strip("_")[:MAX_NAME]
            # Neither format takes a name that starts like a number.
            name = label if label[:1].isalpha() and label[0] not in "eE" else f"{letter}_{label}"
            while name in seen:
                name = f"{letter}{len(out)}_{label}"[:MAX_NAME]
            seen.add(name)
            out.append(name)
    return out


def _stored_rows(program: Program) -> Iterator[tuple[list[tuple[int, Fraction]], Fraction]]:
    """Each stored row: (column, coefficient) pairs without zeros, and the right-hand side."""
    arrays, rhs, scales = program.integers(), program.integer_right_hand_side(), program.row_scales.numerator
    for r in range(program.num_rows):
        part = slice(arrays.indptr[r], arrays.indptr[r + 1])
        entries = [
            (int(c), Fraction(int(v), int(scales[r])))
            for c, v in zip(arrays.indices[part], arrays.data[part], strict=True)
            if v
        ]
        yield entries, Fraction(int(rhs[r]), int(scales[r]))


def _columns(program: Program) -> Iterator[tuple[Fraction | None, Fraction | None]]:
    """Lower and upper bound of every column."""
    for block in program.blocks:
        ends = [_cells(b, block) for b in (block.lower, block.upper)]
        yield from zip(*ends, strict=True)


def _cells(bound: Rationals | None, block: Block) -> list[Fraction | None]:
    if bound is None:
        return [None] * block.size
    return list(bound.broadcast_to(block.shape).ravel().fractions())


def write_mps(program: Program, path: str | Path) -> None:
    """Free-format MPS.  Raises OSError."""
    with open(path, "w", encoding="ascii") as out:
        _mps(program, out)


def _mps(program: Program, out: TextIO) -> None:
    columns, rows = _names(program.blocks, "x"), _names(program.families, "r")
    out.write("* Numbers that are not finite decimals are rounded to 17 significant digits.\n")
    out.write("NAME mechlp\nOBJSENSE\n")
    out.write(f"    {'MAX' if program.maximize else 'MIN'}\nROWS\n N objective\n")
    for name, sense in zip(rows, program.senses, strict=True):
        out.write(f" { {1: 'G', 0: 'E', -1: 'L'}[int(sense)] } {name}\n")
    by_column: list[list[str]] = [[] for _ in columns]
    for c, cost in enumerate(program.costs.fractions()):
        if cost:
            by_column[c].append(f"objective {number(cost)}")
    right = []
    for name, (entries, rhs) in zip(rows, _stored_rows(program), strict=True):
        for c, value in entries:
            by_column[c].append(f"{name} {number(value)}")
        if rhs:
            right.append(f" rhs {name} {number(rhs)}\n")
    out.write("COLUMNS\n")
    integer = program.integrality
    marked = False
    for c, name in enumerate(columns):
        if integer[c] != marked:
            out.write(f" MARKER{c} 'MARKER' '{'INTORG' if integer[c] else 'INTEND'}'\n")
            marked = bool(integer[c])
        for entry in by_column[c] or ["objective 0"]:
            out.write(f" {name} {entry}\n")
    if marked:
        out.write(" MARKERend 'MARKER' 'INTEND'\n")
    out.write("RHS\n" + "".join(right))
    if program.constant:
        out.write(f" rhs objective {number(-program.constant)}\n")
    out.write("BOUNDS\n")
    for name, (low, high) in zip(columns, _columns(program), strict=True):
        out.write(f" MI bnd {name}\n" if low is None else f" LO bnd {name} {number(low)}\n")
        if high is not None:
            out.write(f" UP bnd {name} {number(high)}\n")
        else:
            out.write(f" PL bnd {name}\n")
    out.write("ENDATA\n")


def write_lp(program: Program, path: str | Path) -> None:
    """LP format.  Raises OSError."""
    with open(path, "w", encoding="ascii") as out:
        _lp(program, out)


def _lp(program: Program, out: TextIO) -> None:
    columns = [re.sub("[()]", "_", n) for n in _names(program.blocks, "x")]
    rows = [re.sub("[()]", "_", n) for n in _names(program.families, "r")]
    out.write("\\ Numbers that are not finite decimals are rounded to 17 significant digits.\n")
    out.write("maximize\n" if program.maximize else "minimize\n")
    costs = [(c, v) for c, v in enumerate(program.costs.fractions()) if v]
    constant = f" + {number(program.constant)}" if program.constant else ""
    out.write(f" objective: {_sum(costs, columns)}{constant}\nsubject to\n")
    for name, sense, (entries, rhs) in zip(rows, program.senses, _stored_rows(program), strict=True):
        sign = {1: ">=", 0: "=", -1: "<="}[int(sense)]
        out.write(f" {name}: {_sum(entries, columns)} {sign} {number(rhs)}\n")
    out.write("bounds\n")
    for name, (low, high) in zip(columns, _columns(program), strict=True):
        bottom = "-inf" if low is None else number(low)
        out.write(f" {bottom} <= {name} <= {'+inf' if high is None else number(high)}\n")
    chosen = [name for name, integer in zip(columns, program.integrality, strict=True) if integer]
    if chosen:
        out.write("general\n" + "".join(f" {name}\n" for name in chosen))
    out.write("end\n")


def _sum(entries: list[tuple[int, Fraction]], columns: list[str]) -> str:
    """One term a line, so that no line is too long for a reader of the format."""
    parts = [f"{'-' if v < 0 else '+'} {number(abs(v))} {columns[c]}" for c, v in entries]
    return "\n  ".join(parts) or f"0 {columns[0]}"
