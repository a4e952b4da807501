"""Proofs that a person can read: named requirements, small integers, in words, Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..answer import Answer
from ..design.design import Design
from ..mechanism.certificate import Entry, Multipliers, bound
from ..numbers import text

#: Builds the same design at other parameter values (None when it has no parameters).
Rebuild = Callable[[Mapping[str, Fraction]], Design]


@dataclass(frozen=True)
class Combination:
    """Requirements times small integers, added up.

    ``entries`` leaves out budget balance, whose multipliers only cancel the transfers; ``total`` is what is
    left: in a refutation ``0 >= -total`` with ``total < 0``.  ``symbolic`` writes ``-total`` in the parameters
    when it is affine in them.
    """

    entries: tuple[Entry, ...]
    balance: tuple[Entry, ...]
    total: Fraction
    symbolic: str | None = None

    @property
    def contradiction(self) -> str:
        """``0 >= B - a`` or ``0 >= 1/2``."""
        return f"0 >= {self.symbolic or text(-self.total)}"


def combination(design: Design, multipliers: Multipliers, rebuild: Rebuild | None = None) -> Combination:
    """A refutation in its smallest integers."""
    rows = list(multipliers.rows(design))
    main = [r for r in rows if r.kind != "BB"] or rows
    scale = Fraction(
        math.lcm(*(r.value.denominator for r in main)), math.gcd(*(r.value.numerator for r in main))
    )
    scale = abs(scale)
    small = multipliers.scaled(scale)
    total = bound(design, small, wanted=False)
    kept = tuple(r for r in small.rows(design) if r.kind != "BB")
    balance = tuple(r for r in small.rows(design) if r.kind == "BB")
    symbolic = None if rebuild is None else in_parameters(design, small, rebuild)
    return Combination(kept, balance, total, symbolic)


def in_parameters(design: Design, multipliers: Multipliers, rebuild: Rebuild) -> str | None:
    """``-total`` as an affine expression in the parameters, by exact evaluation; None when it is not.

    Parameters that size the type grid are left at their values.
    """
    here = dict(design.environment.parameters)

    def value(**changes: Fraction) -> Fraction:
        other = rebuild({**here, **changes})
        if other.environment.shape != design.environment.shape:
            raise ValueError("another type grid")
        return -bound(other, multipliers, wanted=False)

    slopes: dict[str, Fraction] = {}
    base = value()
    for name, at in here.items():
        try:
            slopes[name] = value(**{name: at + Fraction(1, 7)}) * 7 - base * 7
        except (ValueError, ArithmeticError):
            continue
    constant = base - sum((s * here[name] for name, s in slopes.items()), Fraction(0))
    spot = {name: here[name] + Fraction(k + 3, 11) for k, name in enumerate(slopes)}
    try:
        affine = value(**spot) == constant + sum((s * spot[n] for n, s in slopes.items()), Fraction(0))
    except (ValueError, ArithmeticError):
        return None
    terms = [(s, name) for name, s in sorted(slopes.items()) if s] + ([(constant, "")] if constant else [])
    terms.sort(key=lambda term: term[0] < 0)
    return _sum(terms) if affine and any(name for _, name in terms) else None


def _sum(terms: list[tuple[Fraction, str]]) -> str:
    out = ""
    for value, name in terms:
        size = abs(value)
        body = text(size) if not name else (name if size == 1 else f"{text(size)} {name}")
        out += (" - " if value < 0 else " + ") + body if out else ("-" if value < 0 else "") + body
    return out or "0"


def in_words(answer: Answer, rebuild: Rebuild | None = None) -> list[str]:
    """The proof of an infeasible answer, line by line."""
    proof = answer.proof
    if answer.status != "infeasible" or proof is None:
        return []
    if proof.multipliers is None:
        return [
            f"Whatever outcome is used at each profile, the requirements contradict each other: {proof.leaves()} "
            "cases, each refuted by multipliers of its own (see the saved answer)."
        ]
    made = combination(answer.design, proof.multipliers, rebuild)
    lines = ["Suppose a mechanism exists. Add up:"]
    lines += [f"    {text(abs(e.value)):>6} x {e.name(answer.design)}{_equality(e)}" for e in made.entries]
    if made.balance:
        lines.append("and use budget balance to cancel the transfers:")
        lines += [f"    {text(e.value):>6} x {e.name(answer.design)}" for e in made.balance]
    else:
        lines.append("The transfers cancel.")
    lines.append(f"What is left reads {made.contradiction}" + _evaluated(made) + ", a contradiction.")
    return lines


def _equality(entry: Entry) -> str:
    return "  (as an equality, reversed)" if entry.value < 0 else ""


def _evaluated(made: Combination) -> str:
    return f", that is 0 >= {text(-made.total)}" if made.symbolic else ""


def latex(answer: Answer, rebuild: Rebuild | None = None) -> str:
    """The proof of an infeasible answer as LaTeX, or a statement of the optimum's multipliers."""
    proof = answer.proof
    if proof is None or proof.multipliers is None:
        return ""
    design = answer.design
    if answer.status == "infeasible":
        made = combination(design, proof.multipliers, rebuild)
        entries, end = made.entries + made.balance, made.contradiction
    else:
        entries, end = (
            tuple(proof.multipliers.rows(design)),
            f"objective <= {text(answer.value or Fraction(0))}",
        )
    rows = [rf"{_tex_number(e.value)} &\times \mathrm{{{_tex_name(e.name(design))}}} \\" for e in entries]
    end = end.replace("<=", r"\le").replace(">=", r"\ge").replace("objective", r"\text{objective}")
    return "\n".join([r"\begin{align*}", *rows, rf"\Longrightarrow\quad & {end}", r"\end{align*}"])


def _tex_number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _tex_name(name: str) -> str:
    out = name.replace("\\", r"\textbackslash ").replace("->", r"\to ").replace("|", r"\mid ")
    for sign in "_&%#$":
        out = out.replace(sign, "\\" + sign)
    return out.replace(" ", r"\ ")
