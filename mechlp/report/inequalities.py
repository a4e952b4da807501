"""Convex sets of one or two parameters in words and in LaTeX: the inequalities that bound them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from ..exact.numbers import text
from ..exact.planar import HalfPlane, Vector, dot, facets

#: How words and LaTeX write what they write differently.
WORDS = {"<=": "<=", ">=": ">=", "!=": "!=", " ": " ", "and": " and ", "or": ", or "}
LATEX = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", " ": r"\,", "and": r"$ and $", "or": r"$, or $"}


def inequalities(
    polygon: Sequence[Vector], names: Sequence[str], box: Sequence[Vector], signs: dict[str, str] = WORDS
) -> str:
    """``B <= a and a >= 1/2``: what bounds a set beyond the box that it lies in; nothing where that is the box."""
    if len(names) == 1:
        low, high = min(polygon)[0], max(polygon)[0]
        if min(box)[0] < low < high < max(box)[0]:
            return f"{_number(low, signs)} {signs['<=']} {_shown(names[0], signs)} {signs['<=']} {_number(high, signs)}"
    found = [(n, b) for n, b in facets(polygon) if any(n[k] for k in range(len(names)))]
    kept: list[str] = []
    for normal, bound in found:
        opposite = ((-normal[0], -normal[1]), -bound)
        if opposite in found:
            if normal > opposite[0]:
                kept.append(inequality((normal, bound), names, signs, "="))
        elif max(dot(normal, p) for p in box) > bound:
            kept.append(inequality((normal, bound), names, signs))
    return signs["and"].join(kept)


def inequality(
    half: HalfPlane, names: Sequence[str], signs: dict[str, str] = WORDS, sense: str = "<="
) -> str:
    """``2 B <= a + 1``: every term on the side where it is positive; one term alone stands on the left."""
    normal, bound = half
    scale = math.lcm(*(c.denominator for c in (*normal, bound)))
    weights = [int(c * scale) for c in normal[: len(names)]]
    common = math.gcd(*weights) or 1
    right = Fraction(bound * scale, common)
    left = {n: w // common for n, w in zip(names, weights, strict=True) if w}
    if all(w < 0 for w in left.values()):
        left, right, sense = {n: -w for n, w in left.items()}, -right, {"<=": ">="}.get(sense, sense)
    if len(left) == 1:
        ((name, weight),) = left.items()
        left, right = {name: 1}, right / weight
    positive = [_term(w, n, signs) for n, w in left.items() if w > 0]
    negative = [_term(-w, n, signs) for n, w in left.items() if w < 0]
    if right < 0 and negative:
        positive.append(_number(-right, signs))
    elif right or not negative:
        negative.append(_number(right, signs))
    return f"{' + '.join(positive)} {signs.get(sense, sense)} {' + '.join(negative)}"


def combination(
    constant: Fraction, normal: Vector, names: Sequence[str], signs: dict[str, str] = WORDS
) -> str:
    """``3 a - 3 B + 1``."""
    parts = [(w, n) for w, n in zip(normal, names, strict=False) if w]
    said = ""
    for weight, name in (*parts, *(((constant, ""),) if constant or not parts else ())):
        sign = ("-" if weight < 0 else "") if not said else (" - " if weight < 0 else " + ")
        said += sign + (_term(abs(weight), name, signs) if name else _number(abs(weight), signs))
    return said


def _shown(name: str, signs: dict[str, str]) -> str:
    return symbol(name) if signs is LATEX else name


def _term(weight: Fraction | int, name: str, signs: dict[str, str]) -> str:
    shown = _shown(name, signs)
    return shown if weight == 1 else f"{_number(Fraction(weight), signs)}{signs[' ']}{shown}"


def _number(value: Fraction, signs: dict[str, str]) -> str:
    if signs is LATEX and value.denominator != 1:
        return rf"{'-' if value < 0 else ''}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return text(value)


def symbol(name: str) -> str:
    """A parameter's name in formulas of LaTeX: ``c_star`` is one word with an index."""
    first, _, rest = name.partition("_")
    shown = first if len(first) == 1 else rf"\mathit{{{first}}}"
    digits = first.rstrip("0123456789")
    if not rest and digits and digits != first:
        head = digits if len(digits) == 1 else rf"\mathit{{{digits}}}"
        return f"{head}_{{{first[len(digits) :]}}}"
    return shown if not rest else rf"{shown}_{{\mathit{{{rest.replace('_', ' ')}}}}}"


__all__ = ["LATEX", "WORDS", "combination", "inequalities", "inequality", "symbol"]
