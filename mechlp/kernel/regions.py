"""Regions and value functions of one or two parameters: theorems for every point of their polygons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..exact.numbers import Rationals
from ..exact.planar import Vector, affine, corners, dimension, middle
from ..proof.bound import bound
from ..proof.cases import Case
from ..proof.faces import Face
from ..proof.family import Family
from ..proof.multipliers import Multipliers
from ..proof.patches import Patch
from ..proof.pieces import Piece, Ruled, measure
from ..proof.region import Part, Region
from ..proof.value import Optimum, ValueFunction
from ..question.design import Design
from .covered import NotCovered, check
from .multipliers import certificate, inline
from .polygons import Line, Side, beyond, premises, sides, tied, written
from .statement import Asked, Worth, environment, heading
from .syntax import Numerals, comment, common, fractions

#: What lemmas are applied to: payoffs where parameters are zero, how they change, and what is asked.
ABOUT = "base changes question place asks_at same_at"
AND = " /\\ "
#: Most lines on which the efficient rule changes, for one statement about a whole box: the proof goes through their signs.
MOST_SIGNS = 4
#: Words that stand in statements, or that Coq keeps: no parameter has such a name there.
TAKEN = frozenset(
    re.findall(
        r"\w+",
        "M Q R Prop Type Set asks env place base changes question mechanism exists forall fun match with end if then else let in "
        "as fix cofix for where return x y",
    )
)


@dataclass
class Statements:
    """What is shown, part by part: lemmas about polygons, and the statements that follow from them, each with a tactic."""

    family: Family
    worth: Worth | None
    write: Numerals
    names: tuple[str, ...]
    lemmas: list[str] = field(default_factory=list)
    stated: list[tuple[Vector, str, str]] = field(default_factory=list)
    kept: list[tuple[list[Vector], str]] = field(default_factory=list)
    refuting: list[str] = field(default_factory=list)
    ties: set[Line] = field(default_factory=set)

    @property
    def binder(self) -> str:
        return f"forall {' '.join(self.names)} : Q"

    @property
    def point(self) -> str:
        return f"[{'; '.join(self.names)}]"

    @property
    def given(self) -> str:
        """The point as the library's lemmas take it."""
        return self.names[0] if len(self.names) == 1 else f"({', '.join(self.names)})"

    def at_point(self, text: str) -> str:
        """What is said of an environment, at the parameters."""
        return re.sub(r"\benv\b", f"(env {' '.join(self.names)})", text)

    def asks(self) -> str:
        return f"asks {' '.join(self.names)} M"

    def vector(self, point: Vector) -> str:
        return "[" + "; ".join(self.write.number(x) for x in point[: len(self.names)]) + "]"

    def polygon(self, points: Sequence[Vector]) -> str:
        return "[" + "; ".join(map(self.vector, points)) + "]%Q"

    def line(self, line: Line) -> str:
        numbers = [line[0], *line[1][: len(self.names)]]
        return "[" + "; ".join(map(self.write.number, numbers)) + "]%Q"

    def lines(self, every: Sequence[Side]) -> str:
        return "[" + "; ".join(self.line(side.line) for side in every) + "]"

    def lemma(self, kind: str, statement: str, by: str) -> str:
        """A lemma about a polygon; its name."""
        name = f"{kind}_{len(self.lemmas) + 1}"
        intros = f"intros {' '.join(self.names)}"
        self.lemmas.append(
            f"Lemma {name} : {self.binder}, {statement}.\nProof. {intros}. apply ({by} {self.given}). checked. Qed."
        )
        return name

    def state(self, at: Sequence[Vector], before: Sequence[str], claim: str, tactic: str) -> None:
        """That something holds at every point of a polygon."""
        given = "".join(f"{one} -> " for one in before)
        self.stated.append((min(at), f"({self.binder}, {given}{claim})", tactic))

    def sides(self, polygon: Sequence[Vector]) -> list[Side]:
        return sides(polygon, len(self.names))

    def closed(self, polygon: Sequence[Vector]) -> list[str]:
        return list(premises(self.sides(polygon), [], self.names, self.write))

    # -- lemmas ---------------------------------------------------------------------------------------------
    def served(self, points: Sequence[Vector], rules: Sequence[Ruled]) -> tuple[list[Vector], str]:
        """A polygon that mechanisms at its corners serve."""
        polygon, tables = self._tables(points, rules)
        by = f"some_within {ABOUT} {tables}"
        return polygon, self.lemma(
            "served", f"within {self.polygon(polygon)} {self.point} -> exists M, {self.asks()}", by
        )

    def _tables(self, points: Sequence[Vector], rules: Sequence[Ruled]) -> tuple[list[Vector], str]:
        """The corners in order, one lottery rule, and the transfers at each corner."""
        own, polygon = dict(zip(points, rules, strict=True)), corners(points)
        environment = self.family.at(middle(polygon)).environment
        shape, write = environment.shape, self.write
        chances = write.tables(fractions(rules[0][0].allocation, (len(environment.outcomes), *shape)))
        paid = [write.tables(fractions(own[p][0].transfers, (environment.n, *shape))) for p in polygon]
        ends = ";\n     ".join(f"({self.vector(p)}, {t})" for p, t in zip(polygon, paid, strict=True))
        return polygon, f"({chances})%Q\n    [{ends}]%Q"

    def beyond(self, polygon: Sequence[Vector], strict: Sequence[Side], line: Line, y: Multipliers) -> str:
        """That multipliers leave no mechanism where a line is negative."""
        rows = inline(certificate(self.family.at(middle(polygon)), y, self.write))
        where = f"{self.polygon(polygon)} {self.lines(strict)} {self.line(line)}"
        said = (
            f"(exists M, {self.asks()}) -> within {self.polygon(polygon)} {self.point} -> "
            f"all_positive {self.lines(strict)} {self.point} -> (0 <= line_at {self.line(line)} {self.point})%Q"
        )
        return self.lemma("beyond", said, f"line_of_none {ABOUT} {where} {rows}%Q")

    # -- parts ----------------------------------------------------------------------------------------------
    def cut(self, part: Part) -> None:
        """A face of which multipliers cut off all that is not served."""
        face, polygon, serves = part.face, corners(part.face.corners), ""
        every = self.sides(polygon)
        strict = tied(self.family, face, polygon, every) if part.cuts else []
        if part.corners:
            kept, serves = self.served(part.corners, part.mechanisms)
            self.kept.append((kept, serves))
            if strict or not part.cuts:
                some = f"exists M : mechanism, {self.asks()}"
                self.state(kept, self.closed(kept), some, f"served_by {serves}")
        if not part.cuts:
            return
        lemmas = [
            self.beyond(polygon, strict, line, y) for line, y in zip(part.lines, part.cuts, strict=True)
        ]
        where = list(premises(every, strict, self.names, self.write))
        self.refuting += lemmas
        self.ties |= {_unit(side.line) for side in strict}
        known = "; ".join(f"line_from {name} G" for name in lemmas)
        if not serves:
            self.state(
                polygon, where, f"~ exists M : mechanism, {self.asks()}", f"none_here G; {known}; Lqa.lra"
            )
            return
        lines = [written(line, "<=", self.names, self.write) for line in part.lines]
        iff = f"({AND.join(lines)} <-> exists M : mechanism, {self.asks()})"
        self.state(polygon, where, iff, f"split_iff; [served_by {serves}|intros G; {known}; all_lines]")

    def whole(self, faces: Sequence[Face]) -> tuple[str, str] | None:
        """One statement about the whole box, where all that is served is one polygon; with its tactic."""
        box, every = corners(self.family.corners), self.sides(corners(self.family.corners))
        hull = corners([p for polygon, _ in self.kept for p in polygon])
        size = dimension(box)
        full = [polygon for polygon, _ in self.kept if dimension(polygon) == size]
        if dimension(hull) < size or sum(map(measure, full), Fraction(0)) != measure(hull):
            return None
        inner = {_unit(s.line) for face in faces for s in self.sides(corners(face.corners)) if not s.zero}
        signs = sorted(self.ties | (inner - {_unit(s.line) for s in every}))
        if len(signs) > MOST_SIGNS:
            return None
        cuts = [s for s in self.sides(hull) if _unit(s.line) not in {_unit(b.line) for b in every}]
        some = f"exists M : mechanism, {self.asks()}"
        said = AND.join(written(s.line, "<=", self.names, self.write) for s in cuts)
        where = "".join(f"{one} -> " for one in premises(every, [], self.names, self.write))
        served = f"first [{'|'.join(f'served_by {serves}' for _, serves in self.kept)}]"
        known = "; ".join(f"try (line_from {name} G)" for name in self.refuting)
        both = f"(split; [{served}|intros G; {known}; all_lines])" if cuts else served
        split = "".join(f"by_sign ({self._form(line)})%Q; " for line in signs)
        return f"({self.binder}, {where}{f'({said} <-> {some})' if cuts else some})", f"intros; {split}{both}"

    def _form(self, line: Line) -> str:
        return " + ".join(
            [self.write.number(line[0])]
            + [f"{self.write.number(n)} * {name}" for n, name in zip(line[1], self.names, strict=False)]
        )

    def piece(self, face: Face, piece: Piece) -> None:
        """A polygon that is served, or refuted inside."""
        if piece.status == "possible":
            kept, serves = self.served(piece.corners, piece.mechanisms)
            some = f"exists M : mechanism, {self.asks()}"
            self.state(kept, self.closed(kept), some, f"served_by {serves}")
        elif piece.proof is not None:
            y, polygon = _multipliers(piece.proof), corners(piece.corners)
            every = self.sides(polygon)
            strict = tied(self.family, face, polygon, every)
            values = [bound(self.family.at(p), y, face.allowed[None], wanted=False) for p in polygon]
            line = beyond(polygon, values, every, strict)
            name = self.beyond(polygon, strict, line, y)
            where = list(premises(every, strict, self.names, self.write))
            none = f"~ exists M : mechanism, {self.asks()}"
            self.state(polygon, where, none, f"none_here G; line_from {name} G; Lqa.lra")

    def optimum(self, face: Face, piece: Optimum) -> None:
        """A segment, or a point, on which the value is a line."""
        assert self.worth is not None
        polygon, every = corners(piece.corners), self.sides(corners(piece.corners))
        line = affine(piece.corners, piece.values)
        name = self.at_point(self.worth.name)
        constant, slope = (f"({self.write.number(x).strip('()')})%Q" for x in (line[0], line[1][0]))
        value = f"{constant} + {slope} * {self.names[0]}" if line[1][0] else constant
        meant = f"{self.worth.library} (fun {self.names[0]} => {name})"
        about, row = f"{ABOUT} {meant} (fun _ _ => eq_refl)", f"Q2R (line_at {self.line(line)} {self.point})"
        kept, tables = self._tables(piece.corners, piece.mechanisms)
        claim = f"exists M, {self.asks()} /\\ {name} M = {row}"
        by = f"worth_within {about} {self.line(line)} {tables}"
        lemma = self.lemma("reached", f"within {self.polygon(kept)} {self.point} -> {claim}", by)
        some = f"exists M : mechanism, {self.asks()} /\\ {name} M = {value}"
        self.state(polygon, self.closed(polygon), some, f"worth_by {lemma}")
        strict = tied(self.family, face, polygon, every)
        y = _multipliers(piece.proof)
        rows = inline(certificate(self.family.at(middle(polygon)), y, self.write))
        said = (
            f"forall M, {self.asks()} -> within {self.polygon(polygon)} {self.point} -> "
            f"all_positive {self.lines(strict)} {self.point} -> {name} M <= {row}"
        )
        where = f"{self.polygon(polygon)} {self.lines(strict)} {self.line(line)}"
        lemma = self.lemma("at_most", said, f"line_of_worth {about} {where} {rows}%Q")
        where_ = list(premises(every, strict, self.names, self.write))
        self.state(polygon, where_, f"forall M, {self.asks()} -> {name} M <= {value}", f"at_most_by {lemma}")


def _unit(line: Line) -> Line:
    """A line up to a factor, so that the same border has one form."""
    constant, normal = line
    scale = normal[0] or normal[1]
    return constant / scale, (normal[0] / scale, normal[1] / scale)


def _multipliers(proof: Case) -> Multipliers:
    if proof.multipliers is None:
        raise NotCovered("a piece with a proof by cases")
    return proof.multipliers


def heading_of(answer: Region | ValueFunction) -> Iterator[str]:
    """The names of the problem."""
    family = answer.family
    yield from heading(family.at(family.corners[0]))


def theorems(answer: Region | ValueFunction, write: Numerals) -> Iterator[str]:
    """What holds at every point of each polygon that is decided.  Raises NotCovered."""
    family = answer.family
    first = family.at(family.corners[0])
    _check(family, first)
    asked = Asked(first, write, first.ic, "binds" if first.ir_binds else first.ir)
    worth = None
    if isinstance(answer, ValueFunction):
        worth, other = Worth(first, write), Worth(family.at(family.corners[-1]), write)
        if worth.defined != other.defined or worth.sign < 0:
            raise NotCovered("a value that is the least, or whose objective depends on the parameter")
    told = Statements(
        family, worth, write, _names(family, [*asked.parts, "" if worth is None else worth.name])
    )
    yield from _changes(told, first)
    yield "\n(** What is asked of a mechanism. *)"
    yield from asked.defined
    parts = " /\\\n  ".join(map(told.at_point, asked.parts))
    names = " ".join(told.names)
    yield f"Definition asks ({names} : Q) (M : mechanism) : Prop :=\n  {parts}."
    yield asked.question()
    yield f"Lemma same : forall {names} M, asks {names} M <-> satisfies (env {names}) question M."
    yield f"Proof. intros {names}. same_question asks question. Qed."
    yield from () if worth is None else worth.defined
    yield from _as_points(len(told.names))
    for part in answer.parts:
        _part(told, part.face, part)
    _at_once(told, answer)
    if not told.stated:
        raise NotCovered("an answer in which nothing is decided")
    yield "\n(** By polygons. *)\nOpen Scope R_scope."
    yield from told.lemmas
    if isinstance(answer, Region) and not answer.exact:
        yield "\n(** Of what is between these polygons nothing is shown. *)"
    yield from _theorem(told)


def _at_once(told: Statements, answer: Region | ValueFunction) -> None:
    """One statement in the place of those of the polygons, where it says all that they say."""
    parts = [part for part in answer.parts if isinstance(part, Part) and not part.pieces]
    found = told.whole([part.face for part in parts]) if len(parts) == len(answer.parts) else None
    if found is not None:
        told.stated[:] = [(told.family.corners[0], *found)]


def _check(family: Family, design: Design) -> None:
    check(design)
    plain = design.ic in ("bayesian", "ex-post", "none") and not (
        design.robust or design.deterministic or design.misreports
    )
    if not family.flat or not plain or design.allocation == "efficient-first":
        raise NotCovered(
            "a parameter on which more than payoffs depend, or other mechanisms than lotteries with one belief"
        )


def _names(family: Family, texts: Sequence[str]) -> tuple[str, ...]:
    """The parameters' own names, where they mean nothing else in Coq."""
    used = TAKEN.union(*(re.findall(r"\w+", text) for text in texts))
    return tuple(
        n if re.fullmatch(r"[A-Za-z]\w*", n, flags=re.ASCII) and n not in used else f"parameter_{k + 1}"
        for k, n in enumerate(family.names)
    )


def _part(told: Statements, face: Face, part: Part | object) -> None:
    pieces = getattr(part, "pieces", ())
    for piece in pieces:
        if isinstance(piece, Patch):
            raise NotCovered("a region whose pieces are patches")
        if isinstance(piece, Optimum):
            told.optimum(face, piece)
        else:
            told.piece(face, piece)
    if isinstance(part, Part) and not pieces:
        told.cut(part)


def _changes(told: Statements, design: Design) -> Iterator[str]:
    """``base``, how payoffs change with each parameter, and ``env``.  Raises NotCovered."""
    family, write = told.family, told.write
    here = design.environment
    moved = [_slope(family, k) for k in range(len(family.over))]
    low = [r.low for r in family.over]
    utility = [
        u - _sum([s[0][i] * x for s, x in zip(moved, low, strict=True)]) for i, u in enumerate(here.utility)
    ]
    outside = [
        u - _sum([s[1][i] * x for s, x in zip(moved, low, strict=True)]) for i, u in enumerate(here.outside)
    ]
    at_zero = replace(here, utility=tuple(utility), outside=tuple(outside))
    yield f"(** Payoffs where {' and '.join(map(comment, family.names))} {'are' if len(moved) > 1 else 'is'} zero. *)"
    for line in environment(replace(design, environment=at_zero, document=None), write):
        line = line.replace("Definition env :", "Definition base :").replace(
            "are_beliefs env", "are_beliefs base"
        )
        yield line.replace("is_distribution env (prior env)", "is_distribution base (prior base)")
    for name, own, (payoffs, options) in zip(told.names, family.names, moved, strict=True):
        tables = [fractions(s, (len(here.outcomes), *here.shape)) for s in payoffs]
        over = common(*tables)
        rows = ["[" + ";\n   ".join(write.table(cell, over) for cell in table) + "]" for table in tables]
        yield f"(** By how much they change with {comment(own)}. *)"
        yield f"Definition slopes_{name} := [\n  " + ";\n  ".join(rows) + "]."
        yield f"Definition outside_slopes_{name} := {write.tables([fractions(s, here.shape) for s in options])}."
    changes = "; ".join(f"(pick2 slopes_{name}, outside_slopes_{name})" for name in told.names)
    yield f"Definition changes : list slopes := [{changes}]."
    yield f"Definition env ({' '.join(told.names)} : Q) : environment := placed base changes {told.point}."


def _slope(family: Family, k: int) -> tuple[list[Rationals], list[Rationals]]:
    """By how much payoffs and outside options change with a parameter: along a side of the box."""
    span = family.over[k].high - family.over[k].low
    low, high = (family.at(family.corners[j]).environment for j in ((0, 1) if k == 0 else (1, 2)))
    changes = [
        [(b - a) / span for a, b in zip(getattr(low, own), getattr(high, own), strict=True)]
        for own in ("utility", "outside")
    ]
    return changes[0], changes[1]


def _sum(arrays: Sequence[Rationals]) -> Rationals:
    total = arrays[0]
    for one in arrays[1:]:
        total = total + one
    return total


def _as_points(parameters: int) -> Iterator[str]:
    """The parameters as a point of the library."""
    kind, numbers = ("Q", ["x"]) if parameters == 1 else ("Q * Q", ["(fst x)", "(snd x)"])
    own = " ".join(numbers)
    yield f"Definition place (x : {kind}) : point := [{'; '.join(numbers)}].\nDefinition asks_at (x : {kind}) := asks {own}."
    yield "Lemma same_at : forall x M, asks_at x M <-> satisfies (placed base changes (place x)) question M."
    yield f"Proof. intros x. exact (same {own}). Qed."


def _theorem(told: Statements) -> Iterator[str]:
    every = sorted(told.stated, key=lambda one: one[0])
    name = f"for_every_{'_and_'.join(told.names)}"
    yield (
        f"\n(** The answer. *)\nTheorem {name} :\n  "
        + " /\\\n  ".join(said for _, said, _ in every)
        + ".\nProof."
    )
    yield f"  {'split; [|' * (len(every) - 2)}{'split' if len(every) > 1 else 'idtac'}{']' * (len(every) - 2)}."
    for _, _, tactic in every:
        yield f"  - {tactic}."
    yield f"Qed.\nPrint Assumptions {name}."


__all__ = ["heading_of", "theorems"]
