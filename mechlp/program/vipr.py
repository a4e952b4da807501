"""An exact verdict on a linear program as a VIPR file: the program, a solution, and one linear combination of its constraints.

Cheung, Gleixner and Steffy (2017), "Verifying integer programming results"; format version 1.1.  What is certified is the
program; that it says what the question asks is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from ..exact.numbers import Rationals, text
from ..exact.rewritten import complete
from .export import refuse_large_file
from .form import IntegerMatrix
from .model import Block, Family, Program
from .solution import Solution

SENSES = {1: "G", 0: "E", -1: "L"}
Sparse = list[tuple[int, Fraction]]


class NoProof(ValueError):
    """A solution that proves nothing that the format can say."""


@dataclass(frozen=True)
class _Constraint:
    name: str
    sense: str
    right: Fraction
    left: Sparse


def write_vipr(program: Program, solution: Solution, path: str | Path, notes: Sequence[str] = ()) -> int:
    """Write a certificate; how many constraints its one derivation combines.

    Raises
    ------
    NoProof
        When the solution is neither optimal nor infeasible, or the program has integer columns.
    TooLarge, OSError
    """
    refuse_large_file(program.nonzeros)
    if solution.status not in ("optimal", "infeasible") or any(b.integer for b in program.blocks):
        raise NoProof(f"a program that is {solution.status}, or has integer columns")
    written = _Written(program, solution)
    with complete(path) as out:
        out.writelines(f"% {re.sub(chr(10), ' ', line)}\n" for line in notes)
        out.writelines(f"{line}\n" for line in written.lines())
    return len(written.combination)


@dataclass(frozen=True)
class _Written:
    program: Program
    solution: Solution

    @cached_property
    def ends(self) -> list[tuple[Fraction | None, Fraction | None]]:
        """Lower and upper bound of every column."""
        return list(
            chain.from_iterable(
                zip(_cells(b.lower, b), _cells(b.upper, b), strict=True) for b in self.program.blocks
            )
        )

    @cached_property
    def columns(self) -> list[str]:
        return _names(self.program.blocks)

    @cached_property
    def bounds(self) -> dict[tuple[int, str], int]:
        """The place of each bound, by column and sense."""
        there = (
            (j, s)
            for j, ends in enumerate(self.ends)
            for s, end in zip("GL", ends, strict=True)
            if end is not None
        )
        return {key: place for place, key in enumerate(there)}

    @cached_property
    def costs(self) -> Sparse:
        """The objective's coefficients."""
        out: Sparse = []
        start = 0
        for block in self.program.blocks:
            part = self.program.objective.get(block.name)
            if part is not None:
                cells = part.broadcast_to(block.shape).ravel().fractions()
                out += [(start + j, c) for j, c in enumerate(cells) if c]
            start += block.size
        return out

    @cached_property
    def constraints(self) -> list[_Constraint]:
        """Bounds first, then the rows, scaled to integers."""
        out = []
        for j, sense in self.bounds:
            end = self.ends[j][sense == "L"]
            assert end is not None
            out.append(
                _Constraint(
                    f"{'least' if sense == 'G' else 'most'}_{self.columns[j]}", sense, end, [(j, Fraction(1))]
                )
            )
        arrays = self.program.integers()
        matrix = IntegerMatrix.merged(arrays.indptr, arrays.indices, arrays.data, self.program.num_columns)
        senses = [int(s) for f in self.program.families for s in f.senses]
        right = [Fraction(int(v)) for v in self.program.integer_right_hand_side()]
        for r, name in enumerate(_names(self.program.families)):
            part = slice(matrix.indptr[r], matrix.indptr[r + 1])
            cells = zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True)
            out.append(
                _Constraint(name, SENSES[senses[r]], right[r], [(j, Fraction(v)) for j, v in cells if v])
            )
        return out

    @cached_property
    def combination(self) -> Sparse:
        """Multipliers on constraints: of the rows, then on bounds for what the rows leave on the columns."""
        assert self.solution.dual is not None
        optimal = self.solution.status == "optimal"
        scales = [
            d
            for f, d in zip(self.program.families, self.program.row_denominators, strict=True)
            for _ in range(f.size)
        ]
        first, left = len(self.bounds), dict(self.costs if optimal else [])
        rows: Sparse = []
        for r, (y, scale) in enumerate(zip(self.solution.dual.fractions(), scales, strict=True)):
            if y:
                rows.append((first + r, y / scale))
                for j, v in self.constraints[first + r].left:
                    left[j] = left.get(j, Fraction(0)) - v * y / scale
        turned = not self.program.maximize and optimal
        out: Sparse = []
        for j, c in sorted(left.items()):
            if c:
                up = (c > 0) != (turned or not optimal)
                key = (j, "L" if up else "G")
                if key not in self.bounds:
                    raise NoProof(
                        f"the multipliers leave {text(c)} on the column {self.columns[j]}, which has no bound there"
                    )
                out.append((self.bounds[key], c))
        return out + rows

    def lines(self) -> Iterator[str]:
        """The file."""
        yield "VER 1.1"
        yield f"VAR {len(self.columns)}"
        yield from self.columns
        yield "INT 0"
        yield f"OBJ {'max' if self.program.maximize else 'min'}"
        yield _sparse(self.costs)
        yield f"CON {len(self.constraints)} {len(self.bounds)}"
        yield from (_line(one) for one in self.constraints)
        if self.solution.status == "infeasible":
            absurd = sum((y * self.constraints[k].right for k, y in self.combination), Fraction(0))
            yield from ("RTP infeas", "SOL 0", "DER 1")
            yield f"impossible G {text(absurd)} 0 {{ lin {_sparse(self.combination)} }} -1"
            return
        assert self.solution.value is not None and self.solution.primal is not None
        value = text(self.solution.value - self.program.constant)
        yield from (f"RTP range {value} {value}", "SOL 1")
        yield f"found {_sparse([(j, x) for j, x in enumerate(self.solution.primal.fractions()) if x])}"
        yield "DER 1"
        sense = "L" if self.program.maximize else "G"
        yield f"none_better {sense} {value} OBJ {{ lin {_sparse(self.combination)} }} -1"


def _line(one: _Constraint) -> str:
    return f"{one.name} {one.sense} {text(one.right)} {_sparse(one.left)}"


def _sparse(entries: Sparse) -> str:
    return " ".join([str(len(entries)), *(f"{k} {text(v)}" for k, v in entries)])


def _cells(bound: Rationals | None, block: Block) -> list[Fraction | None]:
    return [None] * block.size if bound is None else list(bound.broadcast_to(block.shape).ravel().fractions())


def _names(parts: Sequence[Block] | Sequence[Family]) -> list[str]:
    """Our own labels, without the spaces that end a name, each once."""
    out: list[str] = []
    taken: dict[str, int] = {}
    for part in parts:
        for cell in np.ndindex(*part.shape):
            name = re.sub(r"\s+", "_", part.describe(tuple(map(int, cell)))).replace("%", "percent")
            taken[name] = taken.get(name, 0) + 1
            out.append(name if taken[name] == 1 else f"{name}#{taken[name]}")
    return out


__all__ = ["NoProof", "write_vipr"]
