"""Mechanisms as tables: a CSV file with a row for each type profile, or an NPZ file with two arrays.

The CSV has a column for each agent (its type), ``q OUTCOME`` for each outcome (what is left out is 0) and ``t AGENT`` for what an
agent receives, as `mechlp export ANSWER --out FILE.csv` writes it.  The NPZ has ``allocation`` of shape ``(|A|, *Theta)`` and
``transfers`` of shape ``(n, *Theta)``.  Floating-point numbers are read as the decimals that they print as.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, rational, stack
from .lines import MAX_BYTES
from .mistakes import InvalidFile, Problem, near

#: Most numbers of a table of floats, each read by itself.
MAX_NUMBERS = 5_000_000
Tables = tuple[Rationals, Rationals]


def read_mechanism(path: str | Path, environment: Environment, *, normalise: bool = False) -> Tables:
    """Allocation ``(|A|, *Theta)`` and transfers ``(n, *Theta)`` from a file.

    ``normalise`` divides the chances at each profile by their sum.

    Raises
    ------
    InvalidFile
        With every mistake in it.
    """
    path = Path(path)
    readers = {".csv": _from_csv, ".npz": _from_npz}
    try:
        if path.suffix.lower() not in readers:
            raise InvalidFile(str(path), [Problem((), "a mechanism is read from a .csv or .npz file")])
        if path.stat().st_size > MAX_BYTES * 20:
            raise InvalidFile(str(path), [Problem((), f"larger than {MAX_BYTES * 20:,} bytes")])
        allocation, transfers = readers[path.suffix.lower()](path, environment)
    except OSError as error:
        raise InvalidFile(str(path), [Problem((), f"cannot be read: {error.strerror or error}")]) from None
    except ValueError as error:
        if isinstance(error, InvalidFile):
            raise
        raise InvalidFile(str(path), [Problem((), str(error))]) from None
    if normalise:
        totals = allocation.sum(axis=0)
        if bool(np.any(totals <= 0)):
            raise InvalidFile(
                str(path), [Problem((), "the chances at some profile have no positive sum to divide by")]
            )
        allocation = allocation / totals.broadcast_to(allocation.shape)
    return allocation, transfers


def _from_npz(path: Path, environment: Environment) -> Tables:
    shapes = {
        "allocation": (len(environment.outcomes), *environment.shape),
        "transfers": (environment.n, *environment.shape),
    }
    found = []
    with np.load(path, allow_pickle=False) as data:
        for name, shape in shapes.items():
            if name not in data:
                raise ValueError(f"no array is named {name!r}; found {', '.join(data.files) or 'none'}")
            array = data[name]
            if array.shape != shape:
                raise ValueError(f"{name}: shape {array.shape}, expected {shape}")
            if array.size > MAX_NUMBERS:
                raise ValueError(f"{name}: {array.size:,} numbers; at most {MAX_NUMBERS:,} are read")
            if array.dtype.kind not in "iuf":
                raise ValueError(f"{name}: expected numbers, found {array.dtype}")
            # A number of single precision prints fewer digits than as a double.
            cells = [rational(str(v)) if array.dtype.kind == "f" else Fraction(int(v)) for v in array.ravel()]
            found.append(Rationals.from_fractions(cells, shape))
    return found[0], found[1]


def _from_csv(path: Path, environment: Environment) -> Tables:
    names = [a.name for a in environment.agents]
    columns = [f"q {a}" for a in environment.outcomes] + [f"t {n}" for n in names]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = list(reader.fieldnames or ())
        missing = [n for n in names if n not in header]
        unknown = [h for h in header if h not in names and h not in columns]
        if missing:
            raise ValueError(f"line 1: no column is named {missing[0]!r}: there is one for each agent's type")
        if unknown:
            raise ValueError(
                f"line 1: {unknown[0]!r} is no agent, `q OUTCOME` or `t AGENT`{near(unknown[0], columns)}"
            )
        cells: dict[str, Any] = {c: np.full(environment.shape, Fraction(0), dtype=object) for c in columns}
        seen = np.zeros(environment.shape, dtype=bool)
        for row in reader:
            where = f"line {reader.line_num}: "
            place = tuple(_type(environment, i, row.get(name), where) for i, name in enumerate(names))
            if seen[place]:
                raise ValueError(f"{where}({environment.profile_label(place)}) stands there twice")
            seen[place] = True
            for column in header:
                if column in cells:
                    try:
                        cells[column][place] = rational(row[column] or "0")
                    except ValueError as error:
                        raise ValueError(f"{where}{column}: {error}") from None
    if not seen.all():
        place = tuple(int(k) for k in np.argwhere(~seen)[0])
        raise ValueError(
            f"({environment.profile_label(place)}) is missing: a row for each type profile is expected"
        )
    tables = [Rationals.from_fractions(list(cells[c].ravel()), environment.shape) for c in columns]
    count = len(environment.outcomes)
    return stack(tables[:count]), stack(tables[count:])


def _type(environment: Environment, agent: int, label: str | None, where: str) -> int:
    types = environment.agents[agent].types
    if label in types:
        return types.index(label)
    try:
        number = str(rational(label or ""))
    except ValueError:
        number = ""
    if number in types:
        return types.index(number)
    raise ValueError(
        f"{where}{label!r} is no type of {environment.agents[agent].name}{near(str(label), types)}"
    )


__all__ = ["read_mechanism"]
