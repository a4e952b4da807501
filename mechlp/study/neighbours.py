"""Cells in a row: each answer starts from its neighbour's, and what two prove together is proved for every cell between them.

Along a parameter in which payoffs, outside options and bounds on transfers are affine, and that nothing else names
(:func:`way`), with the same outcomes allowed at two cells (:mod:`mechlp.proof.family` gives the reasons):

* multipliers that refute the question at both refute it between them;
* one lottery rule that serves both serves every cell between, with the same mixture of the transfers;
* where its value is, at both, the bound that one list of multipliers implies, the value between is on the straight line: it is
  attained by the mixture, and exceeded by none, since what multipliers imply is convex in payoffs.

So a row is solved at its ends, and halved until neighbours share a proof.

Along a parameter of which probabilities, or curved payoffs, are polynomials or quotients of polynomials, one exact solution is a
mechanism and multipliers as functions of the parameter, which hold on a whole interval (:mod:`mechlp.study.arcs`): each cell
within has its answer from them, and only those where intervals end are solved.

Elsewhere each cell is solved, from the last basis.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import Any

import numpy as np

from ..answer.answer import Answer
from ..deadline import Deadline
from ..environment.model import InvalidEnvironment
from ..exact.algebraic import Algebraic
from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals
from ..files import InvalidFile, Reading, read_document
from ..files.dependence import Dependence, NoFamily, dependence
from ..proof.family import Range
from ..proof.invalid import InvalidCertificate
from ..question.design import Design, InvalidDesign
from .arc_cells import Curve
from .cells import Point

#: Sections that say nothing of the mechanism, and those in which a parameter may stand.
SILENT = ("title", "description", "source", "map")
PAYOFFS = ("payoffs", "outside", "transfers", "parameters", "let")
#: Notions under which requirements are linear in payoffs, with coefficients that payoffs do not change.
NOTIONS = ("bayesian", "bewley", "ex-post", "none")
#: Cells between two that are known, below which each is solved; and cells, on average, that an interval is to hold: it takes the
#: time of some.
FEWEST, WORTH = 40, 24
DEFECT = "a defect in mechlp, please report it"
_NAME = re.compile(r"[A-Za-z_]\w*")


def way(document: Mapping[str, Any], name: str, agents: Sequence[str]) -> str:
    """How cells along a parameter of a file are proved: ``mixed``, where it stands in payoffs, outside options and bounds on
    transfers alone, affinely (then the file is a problem between two values wherever it is one at both); ``curved`` in other
    polynomials, quotients and probabilities; ``each`` on its own."""
    try:
        found = _dependence(document, name, agents)
    except NoFamily:
        return "each"
    return "mixed" if found.flat and not _stands(document, name, PAYOFFS) else "curved"


def _dependence(document: Mapping[str, Any], name: str, agents: Sequence[str]) -> Dependence:
    """Raises NoFamily."""
    try:
        return dependence(document, (name,), agents, wanted=True)
    except NoFamily:
        return dependence(document, (name,), agents, wanted=True, quotients=True)


def _stands(document: Mapping[str, Any], name: str, sections: Sequence[str]) -> bool:
    """Whether a parameter is named outside of sections of a file."""
    named = {name}
    formulas = [*(document.get("let") or {}).items(), *(document.get("parameters") or {}).items()]
    for _ in formulas:
        named |= {_names(head)[0] for head, body in formulas if named & set(_names(body))}
    rest = {k: v for k, v in document.items() if k not in (*SILENT, *sections)}
    return bool(named & set(_names(rest)))


def _names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple)):
        return [name for part in value for name in _names(part)]
    return _NAME.findall(str(value))


class Row:
    """Cells that differ in one value: ``documents[k]`` is the problem at ``at[k]``, ``places[k]`` the number in question.

    Parameters
    ----------
    way : what is proved between cells (:func:`way`) of the parameter ``name``; places ascend unless it is ``each``.
    time_limit : seconds for each cell.
    ask : the question about a file.
    """

    def __init__(
        self,
        at: Sequence[tuple[Any, ...]],
        document: Callable[[tuple[Any, ...]], Mapping[str, Any]],
        places: Sequence[Fraction] = (),
        *,
        way: str = "each",
        name: str = "",
        time_limit: float | None = None,
        ask: Callable[[Reading], Any] = attrgetter("design"),
    ) -> None:
        self.ask = ask
        self.at, self.document, self.places = at, document, places
        self.way, self.name, self.time_limit = way, name, time_limit
        self.answers: dict[int, Any] = {}
        self.basis: Any = None

    def points(self) -> Iterator[tuple[int, Point]]:
        """The cells as they become known, with their places in the row."""
        last = len(self.at) - 1
        if self.way == "mixed" and last >= 2:
            yield from self._mixed(last)
        elif self.way == "curved" and last > FEWEST:
            yield from self._curved(last)
        else:
            yield from self._each(0, last + 1)

    def _mixed(self, last: int) -> Iterator[tuple[int, Point]]:
        yield 0, self._solved(0)
        yield last, self._solved(last)
        waiting = [(0, last)]
        while waiting:
            low, high = waiting.pop()
            if high - low < 2:
                continue
            if self._shared(low, high):
                yield from ((k, self._between(low, high, k)) for k in range(low + 1, high))
                continue
            middle = (low + high) // 2
            yield middle, self._solved(middle)
            waiting += [(middle, high), (low, middle)]

    def _curved(self, last: int) -> Iterator[tuple[int, Point]]:
        """From one cell that is a problem to another; what no interval reaches is solved in order, from basis to basis."""
        low, high = 0, last
        for step in (1, -1):
            while low <= high:
                end = low if step > 0 else high
                point = self._solved(end)
                yield end, point
                low, high = (low + 1, high) if step > 0 else (low, high - 1)
                if point.status != "invalid":
                    break
        curve = self._curve(low - 1, high + 1)
        marks = [Algebraic.of(place) for place in self.places]
        waiting = [(marks[max(low - 1, 0)], low, high + 1, marks[min(high + 1, last)])]
        credit = 0 if curve is None else 2 * WORTH
        while waiting:
            start, low, after, stop = waiting.pop()
            worth = credit > 0 and after - low >= FEWEST
            found = curve.around(start, stop) if curve is not None and worth else None
            credit -= WORTH if worth else 0
            if found is None:
                yield from self._each(low, after)
                continue
            inside = bisect_right(marks, found.low, low, after), bisect_left(marks, found.high, low, after)
            credit += inside[1] - inside[0]
            for k in range(*inside):
                own = found.known(self.places[k])
                yield k, self._solved(k) if own is None else Point(self.at[k], *own)
            below, above = (
                bisect_left(marks, found.low, low, after),
                bisect_right(marks, found.high, low, after),
            )
            yield from self._each(below, inside[0])
            yield from self._each(inside[1], above)
            waiting += [(found.high, above, after, stop), (start, low, below, found.low)]

    def _each(self, low: int, after: int) -> Iterator[tuple[int, Point]]:
        """Cells in order, from basis to basis; only points are kept of them."""
        for k in range(low, after):
            yield k, self._solved(k)
            self.answers.pop(k, None)

    def _curve(self, low: int, high: int) -> Curve | None:
        """The curve between two cells that have been solved; None where nothing is proved between cells."""
        ends = [self.answers.get(k) for k in (low, high)]
        designs = [end.design for end in ends if isinstance(end, Answer) and _ordinary(end.design, robust=True)]
        if low >= high or len(designs) < 2:
            return None
        document, design = self.document(self.at[low]), designs[0]
        agents = [agent.name for agent in design.environment.agents]
        sound = _dependence(document, self.name, agents).convex
        sound = sound and not _stands(document, self.name, (*PAYOFFS, "beliefs"))
        over = Range(self.name, self.places[low], self.places[high])
        return Curve.of(document, over, design, sound, self.time_limit)

    def _solved(self, k: int) -> Point:
        """The certified answer of one cell; what goes wrong is said in its row."""
        at = self.at[k]
        try:
            design = self.ask(read_document(self.document(at)))
            warm = {"start": self.basis} if isinstance(design, Design) else {}
            answer = design.solve(
                time_limit=Deadline.of(self.time_limit), **design.bare, **design.verdict, **warm
            )
        except (InvalidFile, InvalidDesign, InvalidEnvironment) as error:
            return Point(at, "invalid", message=str(error).splitlines()[0])
        except InvalidInput as error:
            return Point(at, "failed", certified=False, message=str(error).splitlines()[0])
        except MemoryError:
            return Point(at, "failed", certified=False, message="the problem does not fit in memory")
        except Exception as error:
            return Point(at, "failed", certified=False, message=f"{DEFECT}: {type(error).__name__}: {error}")
        self.answers[k] = answer
        self.basis = getattr(answer, "basis", None) or self.basis
        why = next(iter(getattr(answer, "notes", ())), "") if answer.status in ("undecided", "fails") else ""
        return Point(at, answer.status, answer.value, answer.certified, message=why)

    def _shared(self, low: int, high: int) -> bool:
        """Whether two answers prove what is between them."""
        one, other = self.answers.get(low), self.answers.get(high)
        if not (isinstance(one, Answer) and isinstance(other, Answer)) or one.status != other.status:
            return False
        if not (_usual(one) and _usual(other)):
            return False
        if not bool(np.all(one.design.allowed == other.design.allowed)):
            return False
        if one.status == "infeasible":
            return _bounds(one, other) is None or _bounds(other, one) is None
        if not _same_rule(one.rules[0].allocation, other.rules[0].allocation):
            return False
        return (
            one.status == "feasible" or _bounds(one, other) == other.value or _bounds(other, one) == one.value
        )

    def _between(self, low: int, high: int, k: int) -> Point:
        """A cell between two that prove it."""
        one, other = self.answers[low], self.answers[high]
        value = one.value
        if value is not None:
            share = (self.places[k] - self.places[low]) / (self.places[high] - self.places[low])
            value = value + share * (other.value - value)
        return Point(self.at[k], one.status, value, True)


def _usual(answer: Answer) -> bool:
    """Whether an answer is one whose proofs mix (as :mod:`mechlp.proof.family` has them), with one rule and no cases."""
    if not answer.certified or not _ordinary(answer.design):
        return False
    if answer.status == "feasible":
        return len(answer.rules) == 1
    proved = answer.proof is not None and answer.proof.multipliers is not None
    return proved and (
        answer.status == "infeasible" or (answer.status == "optimal" and len(answer.rules) == 1)
    )


def _ordinary(design: Design, *, robust: bool = False) -> bool:
    """Whether requirements are linear in one mechanism, with coefficients that the notion says; ``robust``: a guarantee may be
    asked for."""
    environment = design.environment
    ordinary = environment.exact and environment.prices is None and environment.actions is None
    other = design.simple or design.continuum or design.ir_binds or (design.robust and not robust)
    return ordinary and design.ic in NOTIONS and not other


def _same_rule(one: Rationals, other: Rationals) -> bool:
    return one.shape == other.shape and bool(np.all(one == other))


def _bounds(proved: Answer, other: Answer) -> Fraction | str | None:
    """What a proof says of another cell: its bound, None where it refutes, words where it says nothing."""
    assert proved.proof is not None
    try:
        return proved.proof.bound(other.design)
    except InvalidCertificate:
        return "nothing"


__all__ = ["Row", "way"]
