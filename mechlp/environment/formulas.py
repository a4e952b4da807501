"""Formulas over types, parameters and outcomes: a small language, parsed and never run as code.

``buyer - tax``, ``max(a, b)/2``, ``1 if seller == low else buyer**2``.  Names are parameters (numbers), agents (the
agent's type, as a number or as a label in comparisons), coordinates of types (``buyer.A``; ``buyer[0]`` where they have no
names) and definitions.  Evaluation is exact, by broadcasting over the axes of the agents that the formula names, so a
private-value formula stays one-dimensional.

``sqrt``, ``exp``, ``log``, powers with any exponent, ``cara`` and ``crra`` give irrational numbers: :func:`enclose` evaluates
them between rational ends, :func:`evaluate` takes only what is rational.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.enclosed import BITS, Enclosed, OutsideDomain, choose, exponential, logarithm, raised
from ..exact.numbers import Rationals, rational, where
from .formula_values import (
    Definition,
    InvalidFormula,
    Labels,
    Names,
    Number,
    Undecided,
    Value,
    extreme,
    length,
    one_number,
    truth,
)

MAX_LENGTH, MAX_DEPTH, MAX_POWER = 2000, 60, 64
MAX_STEPS = 20_000  # operations of a formula with its definitions written out
MAX_BITS = 20_000  # longest number that a formula may produce


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
#: How many values each function takes; None: one or more.
FUNCTIONS: dict[str, int | None] = {
    "min": None, "max": None, "abs": 1, "sqrt": 1, "exp": 1, "log": 1, "cara": 2, "crra": 2,
}  # fmt: skip
_ALLOWED = "+ - * / **, comparisons, and/or/not, `x if c else y`, min, max, abs, sqrt, exp, log, cara, crra"


def evaluate(formula: str, names: Names) -> Rationals:
    """The exact value of a formula, an array that broadcasts over the type grid.

    Comparisons and ``and``/``or``/``not`` give 1 and 0.

    Raises
    ------
    InvalidFormula
        Anything but arithmetic (``+ - * / **``), comparisons, ``x if c else y``, and the functions of the known names; a
        division by zero; a result too long, or irrational.
    """
    value = enclose(formula, names)
    if isinstance(value, Enclosed):
        raise InvalidFormula(
            f"{_shown(formula)} is irrational: only payoffs and outside options may be, here an exact number is needed"
        )
    return value


def enclose(formula: str, names: Names, bits: int = BITS, *, neutral: bool = False) -> Number:
    """The value of a formula: exact where it is rational, else between rational ends, known to ``bits`` relative to its size.

    ``neutral``: ``cara`` and ``crra`` are left out, so that what they are applied to is what counts.

    Raises
    ------
    InvalidFormula
        As :func:`evaluate`; a root or logarithm outside its domain; a comparison that the ends do not decide
        (:class:`Undecided`).
    """
    tree = parsed(formula)
    try:
        value = _Evaluator(formula.strip(), names, bits, neutral).visit(tree, 0)
    except ZeroDivisionError:
        raise InvalidFormula(f"{_shown(formula)} divides by zero at some type profile") from None
    except OutsideDomain as error:
        raise InvalidFormula(f"{_shown(formula)}: {error}") from None
    if not isinstance(value, (Rationals, Enclosed)):
        raise InvalidFormula(
            f"{_shown(formula)} is a label, not a number: compare it, as in `{formula.strip()} == ...`"
        )
    return value


@lru_cache(maxsize=1024)
def parsed(formula: str) -> ast.expr:
    """The tree of a formula.  Raises InvalidFormula when it is none."""
    if len(formula) > MAX_LENGTH:
        raise InvalidFormula(f"a formula of {len(formula)} characters is too long (at most {MAX_LENGTH})")
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidFormula(f"{_shown(formula)} is not a formula{_slip(formula)}") from None


def _slip(formula: str) -> str:
    """What was probably meant by what is no formula."""
    if re.search(r"(?<![=<>!])=(?!=)", formula):
        return ": what is equal is written =="
    return ": a percentage is written as a fraction, 25/100" if formula.strip().endswith("%") else ""


def _unknown(name: str, words: Iterable[str], known: Iterable[str]) -> InvalidFormula:
    hint = _meant(name, words) or f"; known names: {', '.join(known) or 'none'}"
    return InvalidFormula(f"unknown name {name!r}{hint}")


def _meant(word: str, words: Iterable[Any]) -> str:
    from difflib import get_close_matches  # slow to load, and needed for mistakes only

    near = get_close_matches(word, [str(w) for w in words], 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shown(formula: str) -> str:
    return repr(formula if len(formula) <= 60 else formula[:57] + "...")


class _Evaluator:
    """One formula: ``outer`` are the names that definitions see too, ``bound`` what arguments stand for."""

    def __init__(
        self,
        source: str,
        outer: Names,
        bits: int,
        neutral: bool,
        bound: Mapping[str, Number | Labels | Definition] | None = None,
        steps: list[int] | None = None,
    ) -> None:
        self.source, self.outer, self.bits, self.neutral = source, outer, bits, neutral
        self.names: Mapping[str, Number | Labels | Definition] = {**outer, **(bound or {})}
        self.steps = [0] if steps is None else steps
        self.used: npt.NDArray[np.bool_] = np.asarray(True)  # where the value at hand counts

    def visit(self, node: ast.expr, depth: int) -> Value:
        self.steps[0] += 1
        if depth > MAX_DEPTH or self.steps[0] > MAX_STEPS:
            raise InvalidFormula("the formula is nested too deeply")
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise InvalidFormula(f"{self._part(node)} is not allowed in a formula: use {_ALLOWED}")
        value: Value = handler(node, depth + 1)
        if isinstance(value, (Rationals, Enclosed)) and length(value) > MAX_BITS:
            raise InvalidFormula("the formula produces a number that is too long")
        return value

    def _part(self, node: ast.expr) -> str:
        return _shown(ast.get_source_segment(self.source, node) or self.source)

    def number(self, node: ast.expr, depth: int) -> Number:
        value = self.visit(node, depth)
        if not isinstance(value, (Rationals, Enclosed)):
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
            found = self.names[node.id]
            return self._defined(node.id, found, (), depth) if isinstance(found, Definition) else found
        labels = {str(t) for v in self.names.values() if isinstance(v, Labels) for t in v.names.ravel()}
        if node.id in labels:
            return node.id
        raise _unknown(node.id, [*self.names, *FUNCTIONS, *labels], self.names)

    def _attribute(self, node: ast.Attribute, depth: int) -> Value:
        return self._coordinate(node, node.value)

    def _subscript(self, node: ast.Subscript, depth: int) -> Value:
        return self._coordinate(node, node.value)

    def _coordinate(self, node: ast.expr, whole: ast.expr) -> Value:
        """``buyer.A`` or ``buyer[0]``, a coordinate of a type; ``row.action``."""
        written = "".join((ast.get_source_segment(self.source, node) or "").split())
        found = self.names.get(written)
        if found is not None and not isinstance(found, Definition):
            return found
        own = whole.id if isinstance(whole, ast.Name) else None
        known = [n for n in self.names if own is not None and n.startswith((f"{own}.", f"{own}["))]
        if known:
            raise _unknown(written, known, known)
        parts = [n for n in self.names if "." in n or "[" in n]
        hint = f"; known parts: {', '.join(parts)}" if parts else ""
        raise InvalidFormula(
            f"{_shown(written)} is not allowed in a formula: {own or 'this'} has no parts{hint}"
        )

    def _defined(self, name: str, definition: Definition, given: Sequence[ast.expr], depth: int) -> Number:
        """What a definition is worth when it is called with some arguments."""
        takes = len(definition.arguments)
        if len(given) != takes:
            raise InvalidFormula(
                f"{name}({', '.join(definition.arguments)}) takes {takes} argument{'s' * (takes != 1)}, found {len(given)}"
            )
        bound: dict[str, Number | Labels | Definition] = {}
        for argument, node in zip(definition.arguments, given, strict=True):
            value = self.visit(node, depth)
            if isinstance(value, str):
                raise InvalidFormula(f"{value!r} is a label, and {name} takes numbers and agents")
            bound[argument] = value
            if isinstance(node, ast.Name):
                parts = (f"{node.id}.", f"{node.id}[")
                bound |= {
                    argument + n[len(node.id) :]: v for n, v in self.names.items() if n.startswith(parts)
                }
        inner = _Evaluator(definition.body.strip(), self.outer, self.bits, self.neutral, bound, self.steps)
        inner.used = self.used
        try:
            return inner.number(parsed(definition.body), depth)
        except InvalidFormula as error:
            said = str(error)
            raise type(error)(said if said.startswith("in `") else f"in `{name}`: {said}") from None

    # -- arithmetic -----------------------------------------------------------------------------
    def _binop(self, node: ast.BinOp, depth: int) -> Number:
        left, right = self.number(node.left, depth), self.number(node.right, depth)
        if isinstance(node.op, ast.Pow):
            return self._power(left, right)
        if type(node.op) not in _ARITHMETIC:
            shown = ast.get_source_segment(self.source, node) or ""
            power = (
                f": a power is written **, as in {shown.replace('^', '**')}"
                if isinstance(node.op, ast.BitXor)
                else ""
            )
            raise InvalidFormula(f"the operator in {_shown(shown)} is not allowed{power}")
        if isinstance(node.op, ast.Div):
            right = self._within(right, lambda low, high: (low <= 0) & (high >= 0))
        if isinstance(left, Enclosed) or isinstance(right, Enclosed):
            left = Enclosed.of(left)
        out: Number = _ARITHMETIC[type(node.op)](left, right)
        return out

    def _within(self, value: Number, outside: Callable[[Rationals, Rationals], Any]) -> Number:
        """One in the place of numbers outside a domain, where they do not count."""
        ends = Enclosed.of(value)
        unused = np.asarray(outside(ends.low, ends.high)) & ~self.used
        if not unused.any():
            return value
        one = Rationals.of(1)
        return choose(unused, one, value) if isinstance(value, Enclosed) else where(unused, one, value)

    def _power(self, base: Number, exponent: Number) -> Number:
        if isinstance(exponent, Rationals) and exponent.size == 1:
            one = exponent.ravel()[0]
            if isinstance(base, Rationals) and one.denominator == 1 and abs(one) <= MAX_POWER:
                used = base if one >= 0 else self._within(base, lambda low, high: low == 0)
                assert isinstance(used, Rationals)
                return used ** int(one)
        return raised(self._within(base, lambda low, high: low <= 0), exponent, self.bits)

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> Number:
        value = self.number(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return truth(~self._true(value))
        if isinstance(node.op, ast.Invert):
            raise InvalidFormula("~ is not allowed in a formula")
        return -value if isinstance(node.op, ast.USub) else value

    # -- conditions -----------------------------------------------------------------------------
    def _true(self, value: Number) -> npt.NDArray[np.bool_]:
        """Where a number is not zero."""
        return self._decided(value, ast.NotEq, Rationals.of(0))

    def _boolop(self, node: ast.BoolOp, depth: int) -> Rationals:
        out = self._true(self.number(node.values[0], depth))
        for part in node.values[1:]:
            other = self._true(self.number(part, depth))
            out = out & other if isinstance(node.op, ast.And) else out | other
        return truth(out)

    def _compare(self, node: ast.Compare, depth: int) -> Rationals:
        left, out = self.visit(node.left, depth), np.asarray(True)
        for op, following in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise InvalidFormula("only ==, !=, <, <=, > and >= compare: what is equal is written ==")
            right = self.visit(following, depth)
            out = out & self._compared(left, op, right)
            left = right
        return truth(out)

    def _compared(self, left: Value, op: ast.cmpop, right: Value) -> npt.NDArray[np.bool_]:
        numbers = [isinstance(v, (Rationals, Enclosed)) for v in (left, right)]
        if all(numbers):
            return self._decided(left, type(op), right)  # type: ignore[arg-type]
        if any(numbers):
            raise InvalidFormula("a number is compared with a label")
        if not isinstance(op, (ast.Eq, ast.NotEq)):
            raise InvalidFormula("labels can only be compared with == or !=")
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Labels) and isinstance(other, str) and other not in one.names:
                raise InvalidFormula(
                    f"{other!r} is not a type of {one.agent}{_meant(other, one.names.ravel())}"
                )
        a, b = (v.names if isinstance(v, Labels) else np.asarray(v, dtype=object) for v in (left, right))
        return np.asarray(_COMPARE[type(op)](a, b), dtype=bool)

    def _decided(self, left: Number, op: type[ast.cmpop], right: Number) -> npt.NDArray[np.bool_]:
        """A comparison of numbers: the same at every corner of their ends."""
        if isinstance(left, Rationals) and isinstance(right, Rationals):
            return np.asarray(_COMPARE[op](left, right))
        gap = Enclosed.of(left) - Enclosed.of(right)
        zero, one = Rationals.of(0), gap.low == gap.high
        decided = one | (gap.low > 0) | (gap.high < 0)
        if op in (ast.GtE, ast.Lt):
            decided = decided | (gap.low >= 0)
        if op in (ast.LtE, ast.Gt):
            decided = decided | (gap.high <= 0)
        if bool(np.any(~decided & self.used)):
            raise Undecided(
                f"{self.source!r}: {self.bits} bits do not decide a comparison; raise `precision`"
            )
        middle = where(gap.low > 0, gap.low, where(gap.high < 0, gap.high, where(one, gap.low, zero)))
        if op in (ast.GtE, ast.Lt):
            middle = where(gap.low >= 0, gap.high, middle)
        if op in (ast.LtE, ast.Gt):
            middle = where(gap.high <= 0, gap.low, middle)
        return np.asarray(_COMPARE[op](middle, zero))

    def _ifexp(self, node: ast.IfExp, depth: int) -> Number:
        condition = self._true(self.number(node.test, depth))
        before = self.used
        branches = []
        for part, taken in ((node.body, condition), (node.orelse, ~condition)):
            self.used = np.asarray(before & taken)
            branches.append(self.number(part, depth))
        self.used = before
        if isinstance(branches[0], Rationals) and isinstance(branches[1], Rationals):
            return where(condition, *branches)
        return choose(condition, *branches).known()

    # -- functions ------------------------------------------------------------------------------
    def _call(self, node: ast.Call, depth: int) -> Number:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        definition = None if name is None else self.names.get(name)
        if name is not None and isinstance(definition, Definition) and not node.keywords:
            return self._defined(name, definition, node.args, depth)
        if name not in FUNCTIONS or node.keywords:
            raise InvalidFormula(
                f"{self._part(node)} is not allowed: the functions are {', '.join(FUNCTIONS)}"
            )
        values, takes = [self.number(a, depth) for a in node.args], FUNCTIONS[name]
        if takes is not None and len(values) != takes:
            raise InvalidFormula(f"{name} takes {'one value' if takes == 1 else 'two values'}")
        if not values:
            raise InvalidFormula(f"{name} needs at least one value")
        if name in ("min", "max"):
            out = values[0]
            for value in values[1:]:
                out = extreme(name, out, value)
            return out
        if name in ("cara", "crra"):
            return values[0] if self.neutral else getattr(self, name)(*values)
        (value,) = values
        if name == "abs":
            return abs(value) if isinstance(value, Rationals) else value.__abs__()
        if name == "exp":
            return exponential(value, self.bits)
        return self._log(value) if name == "log" else self._power(value, Rationals.of("1/2"))

    def _log(self, value: Number) -> Number:
        return logarithm(self._within(value, lambda low, high: low <= 0), self.bits)

    def cara(self, value: Number, aversion: Number) -> Number:
        """``(1 - exp(-a x)) / a``: constant absolute risk aversion."""
        a = one_number(aversion, "the aversion in cara(x, a)")
        if a == 0:
            return value
        fallen = exponential(value * Rationals.of(-a), self.bits)
        return (-fallen) * Rationals.of(1 / a) + Rationals.of(1 / a)

    def crra(self, value: Number, aversion: Number) -> Number:
        """``x ** (1 - r) / (1 - r)``, ``log x`` at r = 1: constant relative risk aversion."""
        r = one_number(aversion, "the aversion in crra(x, r)")
        if r == 1:
            return self._log(value)
        return self._power(value, Rationals.of(1 - r)) * Rationals.of(1 / (1 - r))


__all__ = [
    "FUNCTIONS", "Definition", "InvalidFormula", "Labels", "Names", "Number", "Undecided", "enclose", "evaluate", "parsed",
]  # fmt: skip
