"""Of what degree a formula is in some names, read off its tree: a proof, not a sample.

A formula whose cells are polynomials of these names is determined by its values at finitely many points; which degree they
have at most follows from how the formula is written.  Where a name stands in a comparison, a denominator, an exponent or a
function such as ``max``, the formula is no polynomial of it (or only piece by piece), and is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .formulas import MAX_DEPTH, Definition, InvalidFormula, parsed

#: The degree of what a name stands for; None for labels; a definition is looked into.
Degrees = Mapping[str, int | Definition | None]
MAX_DEGREE = 12


class NotPolynomial(InvalidFormula):
    """A formula that is no polynomial of the names; the message says where."""


@dataclass
class Below:
    """Denominators that are met: polynomials of the names by how they are written, each with its degree and how often it divides.

    ``constants`` are names that stand for one number in all cells of a formula: a denominator may name these alone, so that all
    cells have it in common.  ``names`` are those that stand for quotients, with their denominators.
    """

    constants: Collection[str]
    names: Mapping[str, Below] = field(default_factory=dict)
    powers: dict[str, int] = field(default_factory=dict)
    degrees: dict[str, int] = field(default_factory=dict)

    @property
    def degree(self) -> int:
        """Of their product."""
        return sum(self.degrees[h] * times for h, times in self.powers.items())

    def joined(self, other: Below) -> Below:
        """What is a multiple of both products."""
        powers = {
            h: max(self.powers.get(h, 0), other.powers.get(h, 0)) for h in {*self.powers, *other.powers}
        }
        return Below(self.constants, self.names, powers, self.degrees | other.degrees)

    def add(self, other: Below, times: int) -> None:
        """Divides by a product so many times more."""
        for h, power in other.powers.items():
            self.powers[h] = self.powers.get(h, 0) + power * max(times, 0)
            self.degrees[h] = other.degrees[h]


def degree(formula: str, degrees: Degrees, below: Below | None = None) -> int | None:
    """The degree of a formula at most; None where it is a label, or names what is unknown.

    ``below``: quotients are accepted too.  Their denominators are added to it, and the degree is that of the formula with these
    put to one: multiplied by their product it is a polynomial of at most this degree more than the product.

    Raises
    ------
    NotPolynomial
        See the module.
    InvalidFormula
        It is no formula, or its degree is beyond ``MAX_DEGREE``.
    """
    found = _Walk(formula.strip(), degrees, degrees, below).visit(parsed(formula), 0)
    if below is not None and below.degree > MAX_DEGREE:
        raise NotPolynomial(
            f"{formula!r} has denominators of degree {below.degree}; at most {MAX_DEGREE} is accepted"
        )
    if found is not None and found > MAX_DEGREE:
        raise NotPolynomial(f"{formula!r} has degree {found}; at most {MAX_DEGREE} is accepted")
    return found


class _Walk:
    """One formula: ``outer`` are the names that definitions see too."""

    def __init__(
        self, source: str, names: Degrees, outer: Degrees, below: Below | None = None, power: int = 1
    ) -> None:
        self.source, self.names, self.outer, self.below, self.power = source, names, outer, below, power

    def visit(self, node: ast.expr, depth: int) -> int | None:
        if depth > MAX_DEPTH:
            raise NotPolynomial("the formula is nested too deeply")
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            return self._fixed(
                node, depth, [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
            )
        found: int | None = handler(node, depth + 1)
        return found

    def _fixed(self, node: ast.expr, depth: int, parts: Sequence[ast.expr]) -> int:
        """What is a constant where all its parts are: no quotient among them."""
        below, self.below = self.below, None
        for part in parts:
            if self.visit(part, depth + 1):
                shown = ast.get_source_segment(self.source, node) or self.source
                raise NotPolynomial(f"{shown!r} is no polynomial of the parameters")
        self.below = below
        return 0

    def _number(self, node: ast.expr, depth: int) -> int:
        return self.visit(node, depth) or 0

    def _constant(self, node: ast.Constant, depth: int) -> int | None:
        return None if isinstance(node.value, str) else 0

    def _name(self, node: ast.Name, depth: int) -> int | None:
        found = self.names.get(node.id)
        if self.below is not None and node.id in self.below.names:
            self.below.add(self.below.names[node.id], self.power)
        return self._defined(found, (), depth) if isinstance(found, Definition) else found

    def _attribute(self, node: ast.Attribute, depth: int) -> int | None:
        return self.visit(node.value, depth)

    def _subscript(self, node: ast.Subscript, depth: int) -> int | None:
        return self.visit(node.value, depth)

    def _defined(self, definition: Definition, given: Sequence[ast.expr], depth: int) -> int | None:
        bound: dict[str, Any] = dict(
            zip(definition.arguments, (self.visit(a, depth) for a in given), strict=False)
        )
        inner = _Walk(definition.body.strip(), {**self.outer, **bound}, self.outer, self.below, self.power)
        return inner.visit(parsed(definition.body), depth)

    def _binop(self, node: ast.BinOp, depth: int) -> int:
        left = self._number(node.left, depth)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return max(left, self._number(node.right, depth))
        if isinstance(node.op, ast.Mult):
            return left + self._number(node.right, depth)
        if isinstance(node.op, ast.Div):
            self._divided(node, depth)
            return left
        return self._raised(node, left, depth)

    def _raised(self, node: ast.BinOp, left: int, depth: int) -> int:
        """A power (or a remainder, of constants)."""
        self._fixed(node, depth, [node.right])
        power = node.right.value if isinstance(node.right, ast.Constant) else None
        if isinstance(node.op, ast.Pow) and isinstance(power, int) and power >= 0:
            outer, self.power = self.power, self.power * (power - 1)
            self.visit(node.left, depth)  # what it divides by, divides so many times
            self.power = outer
            return left * power
        self._fixed(node, depth, [node.left])
        return 0

    def _divided(self, node: ast.BinOp, depth: int) -> None:
        """Notes a denominator."""
        below, self.below = self.below, None
        found = self.visit(node.right, depth)  # no quotient within a denominator
        self.below = below
        if below is None or not found:
            self._fixed(node, depth, [node.right])
            return
        shown = ast.unparse(node.right)
        other = [
            n.id for n in ast.walk(node.right) if isinstance(n, ast.Name) and n.id not in below.constants
        ]
        if other:
            raise NotPolynomial(
                f"{shown!r} is a denominator that names {other[0]!r}: it may name parameters alone"
            )
        below.add(Below((), {}, {shown: 1}, {shown: found}), self.power)

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> int:
        if isinstance(node.op, ast.Not):
            return self._fixed(node, depth, [node.operand])
        return self._number(node.operand, depth)

    def _ifexp(self, node: ast.IfExp, depth: int) -> int:
        self._fixed(node.test, depth, [node.test])
        return max(self._number(node.body, depth), self._number(node.orelse, depth))

    def _call(self, node: ast.Call, depth: int) -> int | None:
        definition = self.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if isinstance(definition, Definition):
            return self._defined(definition, node.args, depth)
        return self._fixed(node, depth, node.args)


__all__ = ["MAX_DEGREE", "Below", "Degrees", "NotPolynomial", "degree"]
