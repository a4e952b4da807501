"""Formulas over types, parameters and outcomes: a small language, parsed and never run as code.

``buyer - tax``, ``max(a, b)/2``, ``1 if seller == low else buyer**2``.  Names are parameters (numbers) and agents (the
agent's type, as a number or as a label in comparisons).  Evaluation is exact, by broadcasting over the axes of
the agents that the formula names, so a private-value formula stays one-dimensional.
"""

from __future__ import annotations

import ast
import difflib
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals, maximum, minimum, rational, where

MAX_LENGTH, MAX_DEPTH, MAX_POWER = 2000, 60, 64
MAX_BITS = 20_000  # longest number that a formula may produce


class InvalidFormula(ValueError):
    """A formula that cannot be read or evaluated; the message says why."""


@dataclass(frozen=True)
class Labels:
    """An agent's types as labels, laid along the agent's axis of the type grid."""

    agent: str
    names: npt.NDArray[Any]


Value = Rationals | Labels | str
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Rationals]] = {"min": minimum, "max": maximum, "abs": abs}


def evaluate(formula: str, names: Mapping[str, Rationals | Labels]) -> Rationals:
    """The exact value of a formula, an array that broadcasts over the type grid.

    Comparisons and ``and``/``or``/``not`` give 1 and 0.

    Raises
    ------
    InvalidFormula
        Anything but arithmetic (``+ - * / **``), comparisons, ``x if c else y``, min, max and abs of the known names;
        a division by zero; a result too long.
    """
    if len(formula) > MAX_LENGTH:
        raise InvalidFormula(f"a formula of {len(formula)} characters is too long (at most {MAX_LENGTH})")
    try:
        tree = ast.parse(formula.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidFormula(f"{_shown(formula)} is not a formula") from None
    try:
        value = _Evaluator(formula.strip(), names).visit(tree.body, 0)
    except ZeroDivisionError:
        raise InvalidFormula(f"{_shown(formula)} divides by zero at some type profile") from None
    if not isinstance(value, Rationals):
        raise InvalidFormula(
            f"{_shown(formula)} is a label, not a number: compare it, as in `{formula.strip()} == ...`"
        )
    return value


def _shown(formula: str) -> str:
    return repr(formula if len(formula) <= 60 else formula[:57] + "...")


class _Evaluator:
    def __init__(self, source: str, names: Mapping[str, Rationals | Labels]) -> None:
        self.source, self.names = source, names

    def visit(self, node: ast.expr, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise InvalidFormula("the formula is nested too deeply")
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise InvalidFormula(
                f"{_shown(ast.get_source_segment(self.source, node) or self.source)} is not allowed in a formula: use "
                "+ - * / **, comparisons, and/or/not, `x if c else y`, min, max and abs"
            )
        value: Value = handler(node, depth + 1)
        if isinstance(value, Rationals) and _bits(value) > MAX_BITS:
            raise InvalidFormula("the formula produces a number that is too long")
        return value

    def number(self, node: ast.expr, depth: int) -> Rationals:
        value = self.visit(node, depth)
        if not isinstance(value, Rationals):
            what = value if isinstance(value, str) else f"the types of {value.agent}"
            raise InvalidFormula(f"{what!s} is a label, not a number: it can only be compared with == or !=")
        return value

    def _constant(self, node: ast.Constant, depth: int) -> Value:
        if isinstance(node.value, str):
            return node.value
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise InvalidFormula(f"{node.value!r} is not a number")
        try:
            return Rationals.of(rational(ast.get_source_segment(self.source, node) or repr(node.value)))
        except ValueError as error:
            raise InvalidFormula(str(error)) from None

    def _name(self, node: ast.Name, depth: int) -> Value:
        if node.id in self.names:
            return self.names[node.id]
        labels = {str(t) for v in self.names.values() if isinstance(v, Labels) for t in v.names.ravel()}
        if node.id in labels:
            return node.id
        near = difflib.get_close_matches(node.id, [*self.names, *_FUNCTIONS, *labels], 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known names: {', '.join(self.names) or 'none'}"
        raise InvalidFormula(f"unknown name {node.id!r}{hint}")

    def _attribute(self, node: ast.Attribute, depth: int) -> Value:
        name = ast.get_source_segment(self.source, node) or ""
        if name in self.names:
            return self.names[name]
        dotted = [k for k in self.names if "." in k]
        if not dotted:
            raise InvalidFormula(f"{_shown(name)} is not allowed in a formula: no name here has parts")
        near = difflib.get_close_matches(name, dotted, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known names: {', '.join(self.names)}"
        raise InvalidFormula(f"unknown name {name!r}{hint}")

    def _binop(self, node: ast.BinOp, depth: int) -> Rationals:
        left = self.number(node.left, depth)
        if isinstance(node.op, ast.Pow):
            return left ** self._exponent(node.right, depth)
        if type(node.op) not in _ARITHMETIC:
            shown = ast.get_source_segment(self.source, node) or ""
            power = (
                f": a power is written **, as in {shown.replace('^', '**')}"
                if isinstance(node.op, ast.BitXor)
                else ""
            )
            raise InvalidFormula(f"the operator in {_shown(shown)} is not allowed{power}")
        right = self.number(node.right, depth)
        out: Rationals = _ARITHMETIC[type(node.op)](left, right)
        return out

    def _exponent(self, node: ast.expr, depth: int) -> int:
        value = self.number(node, depth)
        if value.size != 1 or value.reduced().denominator != 1 or abs(value.ravel()[0]) > MAX_POWER:
            raise InvalidFormula(f"an exponent must be one integer between -{MAX_POWER} and {MAX_POWER}")
        return int(value.ravel()[0])

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> Rationals:
        value = self.number(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return _truth(value == 0)
        if isinstance(node.op, ast.Invert):
            raise InvalidFormula("~ is not allowed in a formula")
        return -value if isinstance(node.op, ast.USub) else value

    def _boolop(self, node: ast.BoolOp, depth: int) -> Rationals:
        out = self.number(node.values[0], depth) != 0
        for part in node.values[1:]:
            other = self.number(part, depth) != 0
            out = out & other if isinstance(node.op, ast.And) else out | other
        return _truth(out)

    def _compare(self, node: ast.Compare, depth: int) -> Rationals:
        left, out = self.visit(node.left, depth), np.asarray(True)
        for op, following in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise InvalidFormula("only ==, !=, <, <=, > and >= compare")
            right = self.visit(following, depth)
            out = out & self._compared(left, op, right)
            left = right
        return _truth(out)

    def _compared(self, left: Value, op: ast.cmpop, right: Value) -> npt.NDArray[np.bool_]:
        if isinstance(left, Rationals) and isinstance(right, Rationals):
            return np.asarray(_COMPARE[type(op)](left, right))
        if isinstance(left, Rationals) or isinstance(right, Rationals):
            raise InvalidFormula("a number is compared with a label")
        if not isinstance(op, (ast.Eq, ast.NotEq)):
            raise InvalidFormula("labels can only be compared with == or !=")
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Labels) and isinstance(other, str) and other not in one.names:
                near = difflib.get_close_matches(other, map(str, one.names.ravel()), 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise InvalidFormula(f"{other!r} is not a type of {one.agent}{hint}")
        a, b = (v.names if isinstance(v, Labels) else np.asarray(v, dtype=object) for v in (left, right))
        return np.asarray(_COMPARE[type(op)](a, b), dtype=bool)

    def _ifexp(self, node: ast.IfExp, depth: int) -> Rationals:
        condition = self.number(node.test, depth) != 0
        return where(condition, self.number(node.body, depth), self.number(node.orelse, depth))

    def _call(self, node: ast.Call, depth: int) -> Rationals:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in _FUNCTIONS or node.keywords:
            raise InvalidFormula(
                f"{_shown(ast.get_source_segment(self.source, node) or '')} is not allowed: the functions are min, max, abs"
            )
        values = [self.number(a, depth) for a in node.args]
        if name == "abs":
            if len(values) != 1:
                raise InvalidFormula("abs takes one value")
            return abs(values[0])
        if not values:
            raise InvalidFormula(f"{name} needs at least one value")
        out = values[0]
        for value in values[1:]:
            out = _FUNCTIONS[name](out, value)
        return out


def _truth(mask: npt.NDArray[np.bool_]) -> Rationals:
    return Rationals(np.asarray(mask).astype(np.int64))


def _bits(value: Rationals) -> int:
    if value.size == 0:
        return 0
    return max(
        int(value.numerator.max()).bit_length(),
        int(value.numerator.min()).bit_length(),
        value.denominator.bit_length(),
    )
