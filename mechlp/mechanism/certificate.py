"""Proofs in economic terms: multipliers on IC, IR and BB, and the bound they imply by themselves.

Let ``slack`` be the left side of each requirement written as ``... >= 0``:

* ``IC[i: theta -> r]``: ``L_w(theta; theta) - L_w(r; theta)``;
* ``IR[i: theta]``: ``L_w(theta; theta) - outside option``;
* ``BB[theta]``: ``-sum_i t_i`` at a profile, or in expectation.

For multipliers ``y`` (``>= 0`` on inequalities, free where the requirement is an equality) every
mechanism that satisfies the requirements has ``objective <= objective + sum y * slack`` (``max``; ``min`` with
the signs turned).  The right-hand side is linear in lotteries and transfers, so its largest value over
all of them is read off profile by profile (:func:`bound`): that number is an upper bound on the
objective, and, when nothing is wanted and it is negative, a proof that no mechanism exists.  No
solver, and no program of ours, is involved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..design.design import Design
from ..design.objective import Goal, goal
from ..environment.notions import States
from ..numbers import Rationals, rational, stack, text, where


class InvalidCertificate(ValueError):
    """A certificate that cannot be read, or does not prove what it says; the message says why."""


@dataclass(frozen=True)
class Multipliers:
    """One multiplier a requirement.

    ``ic[i]`` has shape ``(W, |Theta_i|, |Theta_i|[, *Theta_-i])`` (type, report; zero where they are equal),
    ``ir[i]`` shape ``(W, |Theta_i|[, *Theta_-i])``, ``bb`` the type grid or a single number.  None where the design
    asks nothing.
    """

    ic: tuple[Rationals | None, ...]
    ir: tuple[Rationals | None, ...]
    bb: Rationals | None

    def rows(self, design: Design) -> Iterator[Entry]:
        """The nonzero multipliers, named."""
        for i in range(design.environment.n):
            for kind, array in (("IC", self.ic[i]), ("IR", self.ir[i])):
                for cell in _nonzero(array):
                    yield _entry(kind, i, cell, array[cell])  # type: ignore[index]
        for cell in _nonzero(self.bb):
            value = self.bb[cell] if cell else self.bb.item()  # type: ignore[index,union-attr]
            yield Entry("BB", None, None, None, 0, cell, value)

    def scaled(self, factor: Fraction) -> Multipliers:
        """Every multiplier times a positive number."""
        times = lambda a: None if a is None else a * factor  # noqa: E731
        return Multipliers(tuple(map(times, self.ic)), tuple(map(times, self.ir)), times(self.bb))


@dataclass(frozen=True)
class Entry:
    """One named multiplier; indices are positions in the environment, ``others`` the rest of a profile
    (the whole profile for BB)."""

    kind: str
    agent: int | None
    type: int | None
    report: int | None
    state: int
    others: tuple[int, ...]
    value: Fraction

    def name(self, design: Design) -> str:
        """``IC[seller: 1/4 -> 1/2]``"""
        environment = design.environment
        if self.agent is None:
            return f"BB[{environment.profile_label(self.others)}]" if self.others else "BB[expected]"
        agent = environment.agents[self.agent]
        lie = "" if self.report is None else f" -> {agent.types[self.report]}"
        rest = [a for k, a in enumerate(environment.agents) if k != self.agent]
        at = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(rest, self.others, strict=False))
        return f"{self.kind}[{agent.name}: {agent.types[self.type or 0]}{lie}{' | ' + at if at else ''}]"

    def to_json(self, design: Design) -> dict[str, Any]:
        """The name, the position and the exact value."""
        place = {
            "agent": self.agent,
            "type": self.type,
            "report": self.report,
            "state": self.state or None,
            "others": list(self.others) or None,
        }
        kept = {k: v for k, v in place.items() if v is not None}
        return {"kind": self.kind, **kept, "name": self.name(design), "multiplier": text(self.value)}


def _entry(kind: str, agent: int, cell: tuple[int, ...], value: Fraction) -> Entry:
    if kind == "IC":
        return Entry(kind, agent, cell[1], cell[2], cell[0], cell[3:], value)
    return Entry(kind, agent, cell[1], None, cell[0], cell[2:], value)


def _nonzero(array: Rationals | None) -> Iterator[tuple[int, ...]]:
    """The cells of an array that are not zero."""
    if array is None:
        return
    mask = array != 0
    for cell in np.ndindex(*array.shape) if array.size < 2 else map(tuple, np.argwhere(mask)):
        if mask[cell]:
            yield tuple(int(k) for k in cell)


def multipliers_from_json(design: Design, rows: Any) -> Multipliers:
    """Read the rows of a certificate back.  Raises InvalidCertificate when one names nothing."""
    ic, ir, bb = _empty(design)
    for row in rows:
        try:
            kind, value = row["kind"], rational(row["multiplier"])
            others = tuple(row.get("others", ()))
            if kind == "BB":
                target, cell = bb, others
            else:
                target = (ic if kind == "IC" else ir)[row["agent"]]
                own = (row["type"], row["report"]) if kind == "IC" else (row["type"],)
                cell = (row.get("state", 0), *own, *others)
            if target is None or len(cell) != target.ndim or min(cell, default=0) < 0:
                raise IndexError
            target[cell] = value
        except (KeyError, IndexError, TypeError, ValueError):
            raise InvalidCertificate(f"a multiplier that names no requirement: {row}") from None
    pack = lambda a: None if a is None else Rationals.from_fractions(list(a.ravel()), a.shape)  # noqa: E731
    out = Multipliers(tuple(map(pack, ic)), tuple(map(pack, ir)), pack(bb))
    names = [entry.name(design) for entry in out.rows(design)]
    given = [row.get("name") for row in rows if rational(row["multiplier"]) != 0]
    if sorted(names) != sorted(map(str, given)):
        raise InvalidCertificate("the names of the multipliers do not match their positions")
    return out


def _empty(design: Design) -> tuple[list[Any], list[Any], Any]:
    environment = design.environment
    zeros = lambda shape: np.full(shape, Fraction(0), dtype=object)  # noqa: E731
    ic: list[Any] = []
    ir: list[Any] = []
    for i in range(environment.n):
        shapes: list[Any] = []
        for notion, reports in ((design.ic_notion, True), (design.ir_notion, False)):
            if notion is None:
                shapes.append(None)
                continue
            states, m = notion.states(environment, i), environment.agents[i].size
            rest = () if states.summed else tuple(np.delete(environment.shape, i))
            shapes.append(zeros((states.weights.shape[0], *((m, m) if reports else (m,)), *rest)))
        ic.append(shapes[0])
        ir.append(shapes[1])
    when = design.bb.removesuffix("-weak")
    bb = None if when == "none" else zeros(() if when == "ex-ante" else environment.shape)
    return ic, ir, bb


# -- the bound ------------------------------------------------------------------------------------
def bound(
    design: Design,
    multipliers: Multipliers,
    allowed: npt.NDArray[np.bool_] | None = None,
    *,
    wanted: bool = True,
) -> Fraction:
    """The bound on the objective that multipliers imply (see the module's docstring).

    ``allowed`` narrows the outcomes at each profile (a branch of a case distinction).  With ``wanted``
    False the objective is left out: a negative result then proves that no mechanism exists.

    Raises
    ------
    InvalidCertificate
        A multiplier of the wrong sign, on an undefined belief, or transfers that do not cancel.
    """
    _check_signs(design, multipliers)
    aim = goal(design) if wanted else None
    sign = 1 if aim is None or aim.maximize else -1
    on_q, on_t, constant = _combination(design, multipliers, aim)
    allowed = design.allowed if allowed is None else design.allowed & allowed
    total = constant + _best_lottery(design, on_q, allowed) + _best_transfers(design, on_t)
    return sign * total


def _check_signs(design: Design, y: Multipliers) -> None:
    weak_bb = design.bb.endswith("weak")
    inequalities = [*y.ic, *(() if design.ir_binds else y.ir), *((y.bb,) if weak_bb else ())]
    if any(a is not None and bool(np.any(a < 0)) for a in inequalities):
        raise InvalidCertificate("a negative multiplier on an inequality")


def _combination(
    design: Design, y: Multipliers, aim: Goal | None
) -> tuple[Rationals, list[Rationals], Fraction]:
    """``objective + sum y * slack`` as coefficients on q ``(|A|, *Theta)``, on each ``t_i``, and a constant."""
    environment = design.environment
    sign = -1 if aim is not None and not aim.maximize else 1
    on_q = Rationals.zeros((len(environment.outcomes), *environment.shape))
    on_t = [Rationals.zeros(environment.shape)] * environment.n
    constant = Fraction(0)
    if aim is not None:
        on_q = aim.allocation * sign
        on_t = [aim.transfers[i] * sign for i in range(environment.n)]
    for i in range(environment.n):
        truth = Rationals.zeros(())
        y_ir, y_ic = y.ir[i], y.ic[i]
        if y_ir is not None and design.ir_notion is not None:
            weight = _type_weights(design.ir_notion.states(environment, i), y_ir)
            truth = truth + weight
            constant -= (weight * environment.outside[i].moveaxis(i, 0)).sum()
        lies: list[Rationals | None] = [None] * environment.agents[i].size
        if y_ic is not None and design.ic_notion is not None:
            states = design.ic_notion.states(environment, i)
            for report in range(len(lies)):
                lie = _type_weights(states, y_ic[:, :, report])
                truth, lies[report] = truth + lie, lie
        shape = (environment.agents[i].size, *np.delete(environment.shape, i))
        parts_q, parts_t = [], []
        for report, lie in enumerate(lies):  # type: ignore[assignment]
            weight = truth.broadcast_to(shape) * _indicator(shape, report)
            weight = weight if lie is None else weight - lie
            parts_t.append(weight.sum(axis=0).reshape(shape[1:]))
            utility = environment.utility[i].moveaxis(i + 1, 1)
            parts_q.append((utility * weight).sum(axis=1))
        on_t[i] = on_t[i] + stack(parts_t).moveaxis(0, i)
        on_q = on_q + stack(parts_q).moveaxis(0, i + 1)
    if y.bb is not None:
        spread: Rationals = y.bb
        if not y.bb.ndim:
            assert environment.designer is not None
            spread = y.bb * environment.designer
        on_t = [t - spread for t in on_t]
    return on_q, on_t, constant


def _type_weights(states: States, y: Rationals) -> Rationals:
    """Multipliers on states and types spread over profiles: ``(|Theta_i|, *Theta_-i)``."""
    undefined = np.ones(y.shape[1], dtype=bool)
    undefined[states.types] = False
    if bool(np.any(y.numerator[:, undefined] != 0)):
        raise InvalidCertificate("a multiplier on a type whose belief is undefined")
    if not states.summed:
        return y[0]
    mass = Rationals.of([[m or 1 for m in row] for row in states.mass.broadcast_to(y.shape).tolist()])
    share = (y / mass).reshape(*y.shape, *(1,) * (states.weights.ndim - 2))
    return (share * states.weights).sum(axis=0)


def _indicator(shape: tuple[int, ...], position: int) -> Rationals:
    out = np.zeros((shape[0],) + (1,) * (len(shape) - 1), dtype=np.int64)
    out[position] = 1
    return Rationals(out)


def _best_lottery(design: Design, on_q: Rationals, allowed: npt.NDArray[np.bool_]) -> Fraction:
    """The largest value over lotteries on the allowed outcomes, summed over profiles."""
    if isinstance(design.allocation, Rationals):
        return (on_q * design.allocation).sum()
    if not bool(np.all(allowed.any(axis=0))):
        raise InvalidCertificate("a branch that allows no outcome at some profile")
    floor = on_q.min() - 1
    return where(allowed, on_q, floor).max(axis=0).sum()


def _best_transfers(design: Design, on_t: list[Rationals]) -> Fraction:
    """The largest value over transfers within their bounds; free transfers must cancel."""
    total = Fraction(0)
    for i, coefficient in enumerate(on_t):
        low, high = design.transfer_bounds(i)
        up, down = coefficient > 0, coefficient < 0
        if (high is None and bool(np.any(up))) or (low is None and bool(np.any(down))):
            cell = tuple(int(k) for k in np.argwhere((up & (high is None)) | (down & (low is None)))[0])
            where = design.environment.profile_label(cell)
            raise InvalidCertificate(
                f"the transfer of {design.environment.agents[i].name!r} at ({where}) does not cancel"
            )
        if high is not None:
            total += (coefficient * Rationals(up.astype(np.int64))).sum() * high
        if low is not None:
            total += (coefficient * Rationals(down.astype(np.int64))).sum() * low
    return total


# -- case distinctions, for deterministic allocations ---------------------------------------------
@dataclass(frozen=True)
class Case:
    """A proof by cases over which outcome is used at a profile.

    A leaf has ``multipliers``; an inner case distinguishes whether ``outcome`` is used at ``profile``
    (``yes``) or not (``no``).
    """

    multipliers: Multipliers | None = None
    refutes: bool = False
    outcome: int = 0
    profile: tuple[int, ...] = ()
    yes: Case | None = None
    no: Case | None = None

    def leaves(self) -> int:
        """How many cases there are."""
        if self.yes is None or self.no is None:
            return 1
        return self.yes.leaves() + self.no.leaves()

    def bound(self, design: Design, allowed: npt.NDArray[np.bool_] | None = None) -> Fraction | None:
        """The weakest bound over all cases; None when every case is refuted."""
        allowed = design.allowed if allowed is None else allowed
        if self.multipliers is not None:
            if not self.refutes:
                return bound(design, self.multipliers, allowed)
            if bound(design, self.multipliers, allowed, wanted=False) >= 0:
                raise InvalidCertificate("a case that is not refuted by its multipliers")
            return None
        if self.yes is None or self.no is None:
            raise InvalidCertificate("a case without multipliers")
        found = []
        for case, used in ((self.yes, True), (self.no, False)):
            part = branch(allowed, self.outcome, self.profile, used)
            if bool(np.all(part.any(axis=0))):
                found.append(case.bound(design, part))
        bounds = [b for b in found if b is not None]
        aim = goal(design)
        weakest = min if aim is not None and not aim.maximize else max
        return weakest(bounds) if bounds else None

    def to_json(self, design: Design) -> dict[str, Any]:
        if self.multipliers is not None:
            rows = [entry.to_json(design) for entry in self.multipliers.rows(design)]
            return {"refutes": self.refutes, "multipliers": rows}
        assert self.yes is not None and self.no is not None
        return {
            "outcome": self.outcome,
            "profile": list(self.profile),
            "yes": self.yes.to_json(design),
            "no": self.no.to_json(design),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Case:
        """Read a case back.  Raises InvalidCertificate."""
        try:
            if "multipliers" in data:
                return cls(multipliers_from_json(design, data["multipliers"]), bool(data["refutes"]))
            outcome, profile = int(data["outcome"]), tuple(int(k) for k in data["profile"])
            if not 0 <= outcome < len(design.environment.outcomes) or len(profile) != design.environment.n:
                raise IndexError
            yes, no = (cls.from_json(design, data[side]) for side in ("yes", "no"))
        except (KeyError, TypeError, IndexError, RecursionError) as error:
            raise InvalidCertificate(f"a case that cannot be read ({type(error).__name__})") from None
        return cls(None, False, outcome, profile, yes, no)


def branch(
    allowed: npt.NDArray[np.bool_], outcome: int, profile: tuple[int, ...], used: bool
) -> npt.NDArray[np.bool_]:
    """``allowed`` narrowed to one outcome at a profile (``used``), or to all the others."""
    kept = np.arange(len(allowed)) == outcome
    at = (slice(None), *profile)
    out = allowed.copy()
    out[at] &= kept if used else ~kept  # type: ignore[index]
    return out
