"""The optimal value as a function of a parameter: a page, LaTeX and a picture."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType

from ..exact.numbers import text
from ..exact.planar import affine, dimension
from ..proof.pieces import Piece
from ..proof.value import Optimum, ValueFunction
from .inequalities import LATEX, WORDS, combination, symbol
from .plot import COLOURS, VERDICTS, picture, spoken
from .tables import GRID, number, plain, table
from .value_curves import aim, axis

#: What is said where there is no value.
WITHOUT = {"impossible": "no mechanism", "undecided": "undecided"}


def formula(function: ValueFunction, piece: Optimum | Piece, signs: dict[str, str] = WORDS) -> str:
    """``1/3 h + 1``."""
    if not isinstance(piece, Optimum):
        return WITHOUT[piece.status] if signs is WORDS else rf"\text{{{WITHOUT[piece.status]}}}"
    return combination(*affine(piece.corners, piece.values), function.family.names, signs)


def interval(function: ValueFunction, piece: Optimum | Piece) -> str:
    """``[3, 6]``, with round brackets where the end belongs to another piece; ``3`` for a point."""
    low, high = min(piece.corners), max(piece.corners)
    if dimension(piece.corners) == 0:
        return text(low[0])
    left, right = (
        ("[" if function.holds_at(piece, low) else "("),
        ("]" if function.holds_at(piece, high) else ")"),
    )
    return f"{left}{text(low[0])}, {text(high[0])}{right}"


def value_page(function: ValueFunction) -> RenderableType:
    """One row a piece: where, the formula, the values at its ends."""
    (one,) = function.family.over
    shown = table(one.name, "value", "at its ends")
    for piece in function.pieces():
        ends = " to ".join(map(number, dict.fromkeys(piece.values))) if isinstance(piece, Optimum) else ""
        shown.add_row(interval(function, piece), formula(function, piece), ends)
    proved = (
        "each piece attained by mechanisms at its ends, and exceeded by none: proved at every point"
        if not function.undecided
        else f"undecided on a length of {number(function.undecided)}"
    )
    return Group(
        plain(function.title, "bold"),
        plain(f"  {aim(function.family)} for {one.name} from {text(one.low)} to {text(one.high)}"),
        shown,
        plain(f"  {proved}. {GRID}", "dim"),
    )


def value_latex(function: ValueFunction) -> str:
    """The function by cases."""
    (one,) = function.family.over
    rows = []
    for piece in function.pieces():
        low, high = min(piece.corners), max(piece.corners)
        ends = [combination(end[0], (end[0] * 0, end[0] * 0), [], LATEX) for end in (low, high)]
        less = [r"\le" if function.holds_at(piece, end) else "<" for end in (low, high)]
        where = (
            f"{ends[0]} {less[0]} {symbol(one.name)} {less[1]} {ends[1]}"
            if low != high
            else f"{symbol(one.name)} = {ends[0]}"
        )
        rows.append(rf"{formula(function, piece, LATEX)} & \text{{if }} {where} \\")
    return "\n".join([rf"\[ V({symbol(one.name)}) = \begin{{cases}}", *rows, r"\end{cases} \]"])


@picture("value", "the best value as a function of a parameter", ValueFunction)
def draw_value(canvas: Any, function: ValueFunction) -> str:
    """The value along the parameter; shaded where none exists, hatched where it is open."""
    (one,) = function.family.over
    canvas.set_size_inches(6.4, 4.2)
    axes = canvas.subplots()
    named: set[str] = set()
    for piece in function.pieces():
        ends = [float(p[0]) for p in piece.corners]
        if isinstance(piece, Optimum):
            style = {"marker": "o", "markersize": 3.5, "color": COLOURS[0]}
            axes.plot(ends, [float(v) for v in piece.values], **style)
        elif len(ends) > 1:
            said, (colour, hatch) = WITHOUT[piece.status], VERDICTS[piece.status]
            look = {"facecolor": colour, "hatch": hatch, "edgecolor": "#777777", "lw": 0}
            axes.axvspan(*ends, label=None if said in named else said, **look)
            named.add(said)
    axes.set(xlabel=spoken(one.name), ylabel=axis(function.family), xlim=(float(one.low), float(one.high)))
    if named:
        axes.legend(loc="best", fontsize="small")
    return function.title


__all__ = ["formula", "interval", "value_latex", "value_page"]
