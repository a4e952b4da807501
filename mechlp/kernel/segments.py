"""Regions and value functions of one parameter: theorems for every value of it between two ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from ..exact.numbers import Rationals
from ..exact.planar import Vector, affine, dimension, middle
from ..proof.cases import Case
from ..proof.family import Family
from ..proof.multipliers import Multipliers
from ..proof.patches import Patch
from ..proof.pieces import Piece, Ruled
from ..proof.region import Part, Region, kept
from ..proof.value import Optimum, ValueFunction
from ..question.design import Design
from .covered import NotCovered, check
from .multipliers import certificate, inline
from .statement import Asked, Worth, environment, heading
from .syntax import Numerals, comment, common, fractions

#: What lemmas are applied to: the payoffs at zero, how they change, and what is asked.
LINE = "base (pick2 slopes) outside_slopes question asks same"
#: A statement, and the lemma that closes it.
Proved = tuple[str, str]


def heading_of(answer: Region | ValueFunction) -> Iterator[str]:
    """The names, and the parameter."""
    family = answer.family
    yield from heading(family.at(family.corners[0]))
    yield f"(** x is the parameter {comment(family.names[0])}. *)"


def theorems(answer: Region | ValueFunction, write: Numerals) -> Iterator[str]:
    """What holds between two ends, piece by piece.  Raises NotCovered."""
    family = answer.family
    if len(family.over) != 1:
        raise NotCovered(f"regions of {len(family.over)} parameters (one parameter is covered)")
    low, high = (family.at(p) for p in family.corners)
    check(low)
    plain = low.ic in ("bayesian", "ex-post", "none") and not (
        low.robust or low.deterministic or low.misreports
    )
    if not family.flat or not plain:
        raise NotCovered(
            "a parameter on which more than payoffs depend, or other mechanisms than lotteries with one belief"
        )
    yield from _line(family, low, high, write)
    asked = Asked(low, write, low.ic, "binds" if low.ir_binds else low.ir)
    yield "\n(** What is asked of a mechanism at x. *)"
    yield from asked.defined
    parts = " /\\\n  ".join(map(_at_x, asked.parts))
    yield f"Definition asks (x : Q) (M : mechanism) : Prop :=\n  {parts}."
    yield asked.question()
    yield "Lemma same : forall x M, asks x M <-> satisfies (env x) question M."
    yield "Proof. intros x. same_question asks question. Qed."
    worth = None
    if isinstance(answer, ValueFunction):
        worth, other = Worth(low, write), Worth(high, write)
        if worth.defined != other.defined or worth.sign < 0:
            raise NotCovered("a value that is the least, or whose objective depends on the parameter")
        yield from worth.defined
    proved = [one for _, one in sorted(_pieces(answer, worth, write), key=lambda pair: pair[0])]
    if not proved:
        raise NotCovered("an answer in which no interval is decided")
    yield "\n(** The answer: between the ends of each interval. *)\nOpen Scope R_scope."
    yield "Theorem for_every_x :\n  " + " /\\\n  ".join(f"({said})" for said, _ in proved) + ".\nProof."
    yield f"  {'split; [|' * (len(proved) - 2)}{'split' if len(proved) > 1 else 'idtac'}{']' * (len(proved) - 2)}."
    for _, by in proved:
        yield f"  - apply ({by}).{' reflexivity.' if '(fun x =>' in by else ''} checked."
    yield "Qed.\nPrint Assumptions for_every_x."


def _at_x(text: str) -> str:
    return re.sub(r"\benv\b", "(env x)", text)


def _line(family: Family, low: Design, high: Design, write: Numerals) -> Iterator[str]:
    """``base``, ``slopes``, ``outside_slopes`` and ``env``: payoffs on a line."""
    (one,) = family.over
    span = one.high - one.low
    slopes = _slope(low.environment.utility, high.environment.utility, span)
    outside = _slope(low.environment.outside, high.environment.outside, span)
    at_zero = replace(
        low.environment,
        utility=tuple(u - s * one.low for u, s in zip(low.environment.utility, slopes, strict=True)),
        outside=tuple(u - s * one.low for u, s in zip(low.environment.outside, outside, strict=True)),
    )
    yield "(** Payoffs at x = 0. *)"
    for line in environment(replace(low, environment=at_zero, document=None), write):
        line = line.replace("Definition env :", "Definition base :").replace(
            "are_beliefs env", "are_beliefs base"
        )
        yield line.replace("is_distribution env (prior env)", "is_distribution base (prior base)")
    shape = low.environment.shape
    tables = [fractions(s, (len(low.environment.outcomes), *shape)) for s in slopes]
    over = common(*tables)
    rows = ["[" + ";\n   ".join(write.table(cell, over) for cell in table) + "]" for table in tables]
    yield "(** By how much they change with x. *)\nDefinition slopes := [\n  " + ";\n  ".join(rows) + "]."
    yield f"Definition outside_slopes := {write.tables([fractions(s, shape) for s in outside])}."
    yield "Definition env : Q -> environment := along base (pick2 slopes) outside_slopes."


def _slope(low: Sequence[Rationals], high: Sequence[Rationals], span: Fraction) -> list[Rationals]:
    return [(b - a) / span for a, b in zip(low, high, strict=True)]


def _pieces(
    answer: Region | ValueFunction, worth: Worth | None, write: Numerals
) -> Iterator[tuple[Fraction, Proved]]:
    """Every interval, by where it begins, and what is shown of it."""
    family = answer.family
    for part in answer.parts:
        for piece in part.pieces:
            if isinstance(piece, Patch):
                raise NotCovered("a region whose pieces are patches")
            if dimension(piece.corners) == 1:
                start = min(piece.corners)[0]
                yield from ((start, one) for one in _piece(family, piece, worth, write))
        if isinstance(part, Part) and not part.pieces and dimension(part.face.corners) == 1:
            yield from _cut(family, part, write)


def _piece(family: Family, piece: Optimum | Piece, worth: Worth | None, write: Numerals) -> Iterator[Proved]:
    if isinstance(piece, Optimum):
        assert worth is not None
        yield from _optimum(family, piece, worth, write)
    elif piece.status == "possible":
        yield _some(piece.corners, piece.mechanisms, family, write)
    elif piece.proof is not None:
        yield _none(family, piece.corners, _multipliers(piece.proof), write)


def _cut(family: Family, part: Part, write: Numerals) -> Iterator[tuple[Fraction, Proved]]:
    """What multipliers cut off, and what is left."""
    begin, end = sorted(p[0] for p in part.face.corners)
    for line, y in zip(part.lines, part.cuts, strict=True):
        stay = sorted(p[0] for p in kept(part.face.corners, [line]))
        away = [(begin, stay[0]), (stay[-1], end)] if stay else [(begin, end)]
        for a, b in away:
            if a < b:
                yield a, _none(family, ((a, Fraction(0)), (b, Fraction(0))), y, write)
    if len(set(part.corners)) == 2:
        yield min(part.corners)[0], _some(part.corners, part.mechanisms, family, write)


def _multipliers(proof: Case) -> Multipliers:
    if proof.multipliers is None:
        raise NotCovered("a piece with a proof by cases")
    return proof.multipliers


def _ends(corners: Sequence[Vector], write: Numerals) -> tuple[str, str]:
    low, high = sorted(p[0] for p in corners)
    return write.number(low), write.number(high)


def _within(low: str, high: str, order: str) -> str:
    return f"forall x : Q, ({low} {order} x)%Q -> (x {order} {high})%Q ->"


def _none(family: Family, corners: Sequence[Vector], y: Multipliers, write: Numerals) -> Proved:
    low, high = _ends(corners, write)
    rows = inline(certificate(family.at(middle(corners)), y, write))
    said = f"{_within(low, high, '<')} ~ exists M : mechanism, asks x M"
    return said, f"none_between {LINE} ({low})%Q ({high})%Q {rows}%Q"


def _some(corners: Sequence[Vector], rules: Sequence[Ruled], family: Family, write: Numerals) -> Proved:
    low, high = _ends(corners, write)
    said = f"{_within(low, high, '<=')} exists M : mechanism, asks x M"
    return said, f"some_between {LINE} ({low})%Q ({high})%Q {_tables(corners, rules, family, write)}"


def _tables(corners: Sequence[Vector], rules: Sequence[Ruled], family: Family, write: Numerals) -> str:
    """One lottery rule, and the transfers at both ends."""
    (one, *_), (other, *_) = (rules[k] for k in sorted(range(2), key=lambda k: corners[k]))
    design = family.at(middle(corners))
    shape = design.environment.shape
    chances = write.tables(fractions(one.allocation, (len(design.environment.outcomes), *shape)))
    paid = [write.tables(fractions(m.transfers, (design.environment.n, *shape))) for m in (one, other)]
    return f"({chances})%Q\n    ({paid[0]})%Q\n    ({paid[1]})%Q"


def _optimum(family: Family, piece: Optimum, worth: Worth, write: Numerals) -> Iterator[Proved]:
    low, high = _ends(piece.corners, write)
    constant, normal = affine(piece.corners, piece.values)
    v, w = (f"({write.number(x).strip('()')})%Q" for x in (constant, normal[0]))
    name = _at_x(worth.name)
    about = f"({low})%Q ({high})%Q {worth.library} (fun x => {name}) {v} {w}"
    yield (
        f"{_within(low, high, '<=')} exists M : mechanism, asks x M /\\ {name} M = {v} + {w} * x",
        f"reached_between {LINE} {about} {_tables(piece.corners, piece.mechanisms, family, write)}",
    )
    rule = family.at(middle(piece.corners)).allocation
    tied = isinstance(rule, str) and rule.startswith("efficient")
    order, by = ("<", "at_most_between") if tied else ("<=", "at_most_between_ends")
    rows = inline(certificate(family.at(middle(piece.corners)), _multipliers(piece.proof), write))
    yield (
        f"{_within(low, high, order)} forall M, asks x M -> {name} M <= {v} + {w} * x",
        f"{by} {LINE} {about} {rows}%Q",
    )
