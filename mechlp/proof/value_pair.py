"""Two optimal values of one problem over a parameter, compared: information rents, and the price of robustness.

Each of the two is proved on the whole range (:mod:`mechlp.proof.value`, :mod:`mechlp.proof.curve`).  Their difference, or their
quotient, is a function by stages: between two points at which one of them changes its formula, that of the formulas.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from ..exact.algebraic import Algebraic, between, roots
from ..exact.quotients import Quotient, polynomial
from ..exact.saved import checksum
from ..files import read_document
from ..question.design import InvalidDesign
from . import curve, value
from .curve import ValueCurve
from .family import Family, InvalidFamily
from .invalid import InvalidCertificate, unreadable
from .stages import Stage, Staged, joined
from .value import ValueFunction

FORMAT = "mechlp value 3"
Asked = Mapping[str, Any]
Proved = ValueFunction | ValueCurve
#: What the first and the second value ask for other than the file.
ASKED: Mapping[str, tuple[Asked, Asked]] = {
    "rents": (
        {"objective": "revenue", "require": {"ic": "none", "bb": "none"}},
        {"objective": "revenue", "require": {"bb": "none"}},
    ),
    "robustness": (
        {"require": {"ic": "bayesian", "ir": "interim"}},
        {"require": {"ic": "ex-post", "ir": "ex-post"}},
    ),
}


def asking(document: Mapping[str, Any], changes: Asked) -> dict[str, Any]:
    """A problem that asks for something else.  A notion of IC takes the place of what the file says about attitudes, too; where
    the file has no IR, none is asked."""
    require = dict(document.get("require") or {})
    asked = dict(changes.get("require", {}))
    if "ic" in asked:
        require.pop("alpha", None)
    if require.get("ir") == "none":
        asked.pop("ir", None)
    return {**document, **changes, "require": {**require, **asked}}


def subsidised(document: Asked, agents: Iterable[str]) -> dict[str, Any]:
    """The problem of paying as little as possible in expectation, budgets not asked for."""
    wanted = {"minimize": {"transfers": dict.fromkeys(agents, "1")}}
    return asking(document, {"objective": wanted, "require": {"bb": "none"}})


def covered(document: Asked) -> dict[str, Any]:
    """The problem of balancing the budget at every profile, where money may be burnt."""
    return asking(document, {"require": {"bb": "ex-post-weak"}})


@dataclass(frozen=True, repr=False)
class ValuePair(Staged):
    """``of`` is ``rents``: revenue if types were known, less revenue; or ``robustness``: the best Bayesian value, divided by the
    best ex-post one.

    ``pair(B=1)`` is the number at a point; :attr:`stages` are the parts with one formula each.
    """

    document: Mapping[str, Any]
    of: str
    first: Proved
    second: Proved

    def __post_init__(self) -> None:
        if self.of not in ASKED:
            raise InvalidFamily(f"no pair of values is named {self.of!r}; known: {', '.join(ASKED)}")
        if self.first.family.over != self.second.family.over:
            raise InvalidFamily("two values over different ranges")
        for found, changes in zip((self.first, self.second), ASKED[self.of], strict=True):
            if dict(found.family.document) != asking(self.document, changes):
                raise InvalidFamily(f"{self.of}: a value of another problem")
        if self.of == "robustness" and not self.first.family.at(self.first.family.corners[0]).wants.maximize:
            raise InvalidFamily(
                "the price of robustness is a quotient of two values that are as large as possible"
            )

    @property
    def family(self) -> Family:  # type: ignore[override]
        return self.second.family

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.second.title

    @property
    def notes(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(dict.fromkeys((*self.first.notes, *self.second.notes)))

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The range by formulas, as few as there are."""
        both = [self.first.stages, self.second.stages]
        low, high = (Algebraic.of(self.family.corners[k][0]) for k in (0, -1))
        ends = {low, high, *(end for side in both for stage in side for end in (stage.low, stage.high))}
        if self.of == "robustness":
            tops = [stage.value.top for stage in both[1] if stage.value is not None]
            ends |= {r for top in tops if top.degree() > 0 for r in roots(top) if low < r < high}
        out, places = [], sorted(ends)
        for left, right in itertools.pairwise(places):
            out.append(self._stage(both, left, left))
            out.append(self._stage(both, left, right))
        out.append(self._stage(both, places[-1], places[-1]))
        return joined(_plain(out, k) for k in range(len(out)))

    def _stage(self, both: list[tuple[Stage, ...]], low: Algebraic, high: Algebraic) -> Stage:
        """A point, or an open interval on which neither changes."""
        own = (low, high, (low == high, low == high))
        inside = low if low == high else Algebraic.of(between(low, high))
        first, second = (next((s for s in side if s.holds(inside)), None) for side in both)
        if first is None or second is None or "undecided" in (first.status, second.status):
            return Stage(*own, "undecided")
        if first.value is None:
            return Stage(*own, "impossible")
        if second.value is None:
            return Stage(*own, "impossible" if self.of == "rents" else "no ex-post mechanism")
        if self.of == "rents":
            top = first.value.top * second.value.bottom - second.value.top * first.value.bottom
            return Stage(*own, "optimal", _reduced(top, first.value.bottom * second.value.bottom))
        if second.value.sign(inside) != 1:
            return Stage(*own, "no quotient")
        return Stage(
            *own,
            "optimal",
            _reduced(first.value.top * second.value.bottom, first.value.bottom * second.value.top),
        )

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        read_document(self.document)  # also what neither value takes from it
        names = {"rents": ("types known", "types private"), "robustness": ("Bayesian", "ex-post")}[self.of]
        for name, found in zip(names, (self.first, self.second), strict=True):
            yield from (f"{name}: {claim}" for claim in found.check())
        what = "difference" if self.of == "rents" else "quotient"
        count = len(self.stages)
        yield f"their {what}: {count} piece{'s' if count > 1 else ''}"

    def to_json(self) -> dict[str, Any]:
        """Both values with everything that proves them, the formulas, the problem, a checksum."""
        body = {
            "format": FORMAT,
            "status": self.status,
            "title": self.title,
            "of": self.of,
            "stages": [
                {**stage.to_json(), "value": None if stage.value is None else stage.value.written()}
                for stage in self.stages
            ],
            "values": [self.first.to_json(), self.second.to_json()],
            **({"notes": list(self.notes)} if self.notes else {}),
            "problem": dict(self.document),
        }
        return {**body, "sha256": checksum(body)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ValuePair:
        """Read :meth:`to_json` back; :meth:`check` says whether it holds.  Raises InvalidCertificate, InvalidDesign."""
        kinds: Mapping[str, Any] = {value.FORMAT: ValueFunction, curve.FORMAT: ValueCurve}
        try:
            first, second = (kinds[str(own["format"])].from_json(own) for own in data["values"])
            return cls(data["problem"], str(data["of"]), first, second)
        except (InvalidCertificate, InvalidDesign):
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise unreadable("pair of values", error) from None

    def __repr__(self) -> str:
        return f"<ValuePair of {self.title!r}, {self.of}{self.over_what}: {len(self.stages)} pieces>"


def _plain(stages: list[Stage], k: int) -> Stage:
    """A rational point with the formula of a side that says the same there, or a constant."""
    own = stages[k]
    point = own.low.rational
    if own.value is None or own.low != own.high or point is None:
        return own
    number = own.value(point)
    for side in stages[max(k - 1, 0) : k + 2]:
        formula = side.value
        if (
            side is not own
            and formula is not None
            and own.low.sign(formula.bottom) != 0
            and formula(point) == number
        ):
            return replace(own, value=formula)
    return replace(own, value=Quotient(polynomial([number]), polynomial([Fraction(1)])))


def _reduced(top: Any, bottom: Any) -> Quotient:
    """Without a common factor, its denominator monic."""
    common = top.gcd(bottom)
    top, bottom = divmod(top, common)[0], divmod(bottom, common)[0]
    lead = bottom.leading_coefficient()
    return Quotient(top / lead, bottom / lead)


__all__ = ["ASKED", "FORMAT", "Proved", "ValuePair", "asking", "covered", "subsidised"]
