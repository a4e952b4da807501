"""A simple mechanism that is given by its price and its chance of trade as formulas, for every pair of types s < b in [0, 1].

Čopič and Ponsatí (2006): where utilities are powers of the surplus, Proposition 9 is an identity between quotients of polynomials
(its equation (3)), so it is decided exactly.  With equal powers ``A = chance ** (1/power)`` is the mass of a distribution over
prices iff ``A(s, b) = T(b) - T(s)`` with T nondecreasing, which is the functional equation of Theorem 11; then the price is the
mean there, and the mechanism is constrained efficient iff ``T(1) - T(0) = 1`` (Theorem 7, Proposition 13; Corollary 12).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from ..environment.formulas import InvalidFormula, evaluate, parsed
from ..exact.algebraic import Algebraic, roots
from ..exact.numbers import Rationals, rational, text
from ..exact.quotients import Quotient

MAX_DEGREE, MAX_POWER = 60, 12
#: Points at which a failure is shown.
_WITNESS = tuple(Fraction(k, 12) for k in range(13))
Numbers = Mapping[str, Fraction]


class NotRational(InvalidFormula):
    """A formula that is no quotient of polynomials, to a power; the message says where."""


@dataclass(frozen=True)
class Ratio:
    """A quotient of polynomials (``fmpq_mpoly``) in the two types, without a common factor, to a power."""

    top: Any
    bottom: Any
    power: Fraction = Fraction(1)

    @classmethod
    def of(cls, top: Any, bottom: Any, power: Fraction = Fraction(1)) -> Ratio:
        if bottom == 0:
            raise NotRational("a formula divides by zero")
        common = top.gcd(bottom) * (bottom / top.gcd(bottom)).leading_coefficient()
        found = cls(top / common, bottom / common, power)
        if max(found.top.total_degree(), found.bottom.total_degree()) > MAX_DEGREE:
            raise NotRational(f"a formula has polynomials of degree above {MAX_DEGREE}")
        return found

    def plain(self) -> Ratio:
        """With its power multiplied out."""
        if self.power.denominator != 1 or not 0 <= self.power <= MAX_POWER:
            raise NotRational("a root stands inside a sum, a product or a quotient: only a whole formula may be a power")
        k = int(self.power)
        return Ratio.of(self.top**k, self.bottom**k)

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio.of(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def __neg__(self) -> Ratio:
        return Ratio(-self.top, self.bottom)

    def __sub__(self, other: Ratio) -> Ratio:
        return self + (-other)

    def __mul__(self, other: Ratio) -> Ratio:
        return Ratio.of(self.top * other.top, self.bottom * other.bottom)

    def __truediv__(self, other: Ratio) -> Ratio:
        return Ratio.of(self.top * other.bottom, self.bottom * other.top)

    def times(self, factor: Fraction) -> Ratio:
        return Ratio.of(self.top * factor.numerator, self.bottom * factor.denominator)

    def slope(self, place: int) -> Ratio:
        """The derivative in a type."""
        p, q = self.top, self.bottom
        return Ratio.of(p.derivative(place) * q - p * q.derivative(place), q * q)

    def at(self, seller: Fraction, buyer: Fraction) -> Fraction | None:
        """The value; None at a pole."""
        top, bottom = (_value(p, seller, buyer) for p in (self.top, self.bottom))
        return None if bottom == 0 else top / bottom

    @property
    def vanishes(self) -> bool:
        return bool(self.top == 0)

    def __str__(self) -> str:
        return f"({self.top})/({self.bottom})" if self.bottom != 1 else f"{self.top}"


def _value(p: Any, seller: Fraction, buyer: Fraction) -> Fraction:
    return sum((rational(str(c)) * seller ** int(i) * buyer ** int(j) for (i, j), c in p.to_dict().items()), Fraction(0))


class _Reader:
    """Reads a formula in the types of two traders and in parameters, for types at which they gain by trade."""

    def __init__(self, traders: tuple[str, str], parameters: Numbers) -> None:
        from flint import Ordering, fmpq_mpoly_ctx

        self.context = fmpq_mpoly_ctx.get(traders, Ordering.lex)
        self.traders, self.parameters = traders, parameters
        self.positive: list[Ratio] = []
        self.cut = False

    def read(self, formula: str) -> Ratio:
        return self._visit(parsed(formula), whole=True)

    def constant(self, value: Fraction) -> Ratio:
        from flint import fmpq

        one = self.context.constant(1)
        return Ratio.of(one * fmpq(value.numerator, value.denominator), one)

    def _number(self, node: ast.expr) -> Fraction | None:
        """What a part is that names no type."""
        if any(isinstance(n, ast.Name) and n.id in self.traders for n in ast.walk(node)):
            return None
        names = {k: Rationals.of(v) for k, v in self.parameters.items()}
        value: Fraction = evaluate(ast.unparse(node), names).item()
        return value

    def _visit(self, node: ast.expr, *, whole: bool = False) -> Ratio:
        value = self._number(node)
        if value is not None:
            return self.constant(value)
        if isinstance(node, ast.Name):
            return Ratio.of(self.context.gens()[self.traders.index(node.id)], self.context.constant(1))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._visit(node.operand).plain()
        if isinstance(node, ast.BinOp):
            return self._binop(node)
        if isinstance(node, ast.IfExp):
            return self._visit(node.body if self._holds(node, whole) else node.orelse, whole=whole)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) in (1, 2):
            if node.func.id == "sqrt" and len(node.args) == 1:
                return self._raised(self._visit(node.args[0]), Fraction(1, 2))
            others = [a for a in node.args if self._number(a) != 0]
            if node.func.id == "max" and len(node.args) == 2 and len(others) == 1:
                self.positive.append(self._visit(others[0]).plain())
                return self.positive[-1]
        raise NotRational(
            f"`{ast.unparse(node)}` is no quotient of polynomials, nor a power of one: + - * / **, sqrt, max(0, ...) around the "
            f"whole chance and `... if {self.traders[0]} < {self.traders[1]} else 0` are read"
        )

    def _holds(self, node: ast.IfExp, whole: bool) -> bool:
        value = self._number(node.test)
        if value is not None:
            return value != 0
        seller, buyer = self.traders
        below = ast.unparse(node.test) in (f"{seller} < {buyer}", f"{buyer} > {seller}")
        if whole and below and self._number(node.orelse) == 0:
            self.cut = True
            return True
        raise NotRational(
            f"the condition `{ast.unparse(node.test)}` cuts the types in parts: only `{seller} < {buyer}` of a whole formula may"
        )

    def _binop(self, node: ast.BinOp) -> Ratio:
        left = self._visit(node.left)
        if isinstance(node.op, ast.Pow):
            exponent = self._number(node.right)
            if exponent is None:
                raise NotRational(f"the exponent of `{ast.unparse(node)}` depends on a type")
            return self._raised(left, exponent)
        one, other = left.plain(), self._visit(node.right).plain()
        if isinstance(node.op, ast.Add):
            return one + other
        if isinstance(node.op, ast.Sub):
            return one - other
        if isinstance(node.op, ast.Mult):
            return one * other
        if isinstance(node.op, ast.Div):
            return one / other
        raise NotRational(f"`{ast.unparse(node)}`: + - * / ** are read")

    def _raised(self, base: Ratio, exponent: Fraction) -> Ratio:
        found = Ratio(base.top, base.bottom, base.power * exponent)
        return found.plain() if found.power.denominator == 1 and 0 <= found.power <= MAX_POWER else found


@dataclass(frozen=True)
class FirstOrder:
    """``price`` and ``chance`` where they trade, the powers of the utilities, and what must be positive where they do."""

    price: Ratio
    chance: Ratio
    powers: tuple[Fraction, Fraction]
    traders: tuple[str, str]
    positive: tuple[Ratio, ...] = ()

    @cached_property
    def residuals(self) -> tuple[Ratio, Ratio]:
        """Left sides of equation (3), over ``chance``'s own power: zero iff Proposition 9's condition holds for all s < b."""
        price, base, k = self.price, Ratio(self.chance.top, self.chance.bottom), self.chance.power
        s, b = price.top.context().gens()
        one = price.top.context().constant(1)
        gains = price - Ratio.of(s, one), Ratio.of(b, one) - price
        sides = []
        for place, (gain, power) in enumerate(zip(gains, self.powers, strict=True)):
            sign = 1 if place == 0 else -1
            sides.append((base.slope(place) * gain).times(k) + (base * price.slope(place)).times(power * sign))
        return sides[0], sides[1]

    @property
    def holds(self) -> bool:
        """Proposition 9's condition."""
        return all(r.vanishes for r in self.residuals)

    def fails_at(self) -> tuple[str, Fraction, Fraction] | None:
        """A trader, and types at which both gain and her condition fails."""
        for s, b in combinations(_WITNESS[1:-1], 2):
            at, chance = self.price.at(s, b), Ratio(self.chance.top, self.chance.bottom).at(s, b)
            if at is None or chance is None or chance <= 0 or not s < at < b:
                continue
            if not all((x.at(s, b) or 0) > 0 for x in self.positive):
                continue
            for trader, residual in zip(self.traders, self.residuals, strict=True):
                if residual.at(s, b) not in (None, 0):
                    return trader, s, b
        return None

    @cached_property
    def mass(self) -> Ratio | None:
        """``chance ** (1/power)``; None where powers differ or it is no quotient of polynomials."""
        if self.powers[0] != self.powers[1]:
            return None
        exponent = self.chance.power / self.powers[0]
        if exponent.denominator != 1 or not 1 <= exponent <= MAX_POWER:
            return None
        return Ratio(self.chance.top, self.chance.bottom, exponent).plain()

    @cached_property
    def distribution(self) -> Quotient | None:
        """T of Theorem 11, with T(0) = 0: None unless the mass is ``T(b) - T(s)``, T rises, and the price is the mean there."""
        mass = self.mass
        if mass is None or mass.vanishes or not mass.slope(0).slope(1).vanishes:
            return None
        if any(not (mass / x).slope(k).vanishes for x in self._roots for k in range(2)):
            return None
        if not all((x.at(Fraction(0), Fraction(1)) or 0) > 0 for x in self.positive):
            return None
        if any(_on_diagonal(part) for part in (mass, mass * self.price)):
            return None
        found = Quotient(*(_in_the_value(p) for p in (mass.top, mass.bottom)))
        if found.bottom.is_zero() or any(r.enclosure()[1] >= 0 and r.enclosure()[0] <= 1 for r in roots(found.bottom)):
            return None
        slope = Quotient(found.top.derivative() * found.bottom - found.top * found.bottom.derivative(), found.bottom**2)
        rises = slope.positive(Algebraic.of(0), Algebraic.of(1), strict=False)
        return found if rises and not slope.vanishes else None

    @property
    def _roots(self) -> list[Ratio]:
        """What ``max(0, ...)`` stood around, to the power that the mass has of it."""
        if self.mass is None:
            return []
        exponent = int(self.chance.power / self.powers[0])
        return [Ratio(x.top, x.bottom, Fraction(exponent)).plain() for x in self.positive]

    @property
    def total(self) -> Fraction | None:
        """``T(1) - T(0)``, whose power is the chance of trade at types (0, 1)."""
        return None if self.distribution is None else self.distribution(Fraction(1))

    @property
    def status(self) -> str:
        """``efficient``, ``dominated``, ``not-incentive-compatible``, or ``undecided``."""
        if not self.holds:
            return "not-incentive-compatible" if self.fails_at() is not None else "undecided"
        if self.total is None or self.total > 1:
            return "undecided"
        return "efficient" if self.total == 1 else "dominated"

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        found, where = self.distribution, self.fails_at() if not self.holds else None
        return {
            "status": self.status,
            "first_order_condition": {t: r.vanishes for t, r in zip(self.traders, self.residuals, strict=True)},
            "residuals": {t: str(r) for t, r in zip(self.traders, self.residuals, strict=True)},
            "fails_at": None if where is None else [where[0], *map(text, where[1:])],
            "distribution": None if found is None else found.written(),
            "mass": None if self.total is None else text(self.total),
        }


def _on_diagonal(part: Ratio) -> bool:
    """Whether it is anything but zero where both types are equal."""
    b = part.top.context().gens()[1]
    top, bottom = (p.compose(b, b, ctx=part.top.context()) for p in (part.top, part.bottom))
    return bool(top != 0 or bottom == 0)


def _in_the_value(p: Any) -> Any:
    """A polynomial at cost 0, in the value alone."""
    from flint import fmpq_poly

    cells = {j: c for (i, j), c in p.to_dict().items() if i == 0}
    return fmpq_poly([cells.get(j, 0) for j in range(max(cells, default=0) + 1)])


def first_order(
    price: str, chance: str, traders: tuple[str, str], powers: tuple[Fraction, Fraction], parameters: Numbers
) -> FirstOrder:
    """Read a simple mechanism.

    Raises
    ------
    InvalidFormula
        A formula that is no quotient of polynomials in the types, or to a power that is not constant.
    """
    at, likely = _Reader(traders, parameters), _Reader(traders, parameters)
    read = at.read(price).plain(), likely.read(chance)
    if at.positive:
        raise NotRational("max stands in the price: only the chance may be max(0, ...)")
    if not likely.positive and not likely.cut:
        raise NotRational(
            f"the chance has to be zero where nobody gains: write max(0, ...) or `... if {traders[0]} < {traders[1]} else 0`"
        )
    return FirstOrder(*read, powers, traders, tuple(likely.positive))


__all__ = ["FirstOrder", "NotRational", "first_order"]
