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

Where the designer holds a set of priors possible, the multipliers come with one prior of the set: the worst expectation is
at most the expectation under it, which is bounded as above.

With ambiguous transfers ``L`` is the worst over the announced rules, on both sides; with maxmin agents the worst over
beliefs.  A multiplier then comes with weights over the rules or beliefs (:class:`RuleWeights`): the worst payoff under truth
is at most any average of it, and a lie is evaluated under the rule or belief that punishes it.  That turns the combination
into one of linear requirements.  Which belief it is, is a distinction of cases (:class:`Case`); a lie whose belief is left
open may be bounded by what it gains whatever the transfers (:mod:`mechlp.question.gains`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..environment.notions import States
from ..exact.numbers import Rationals, added, matmul, rational, stack, text, where
from ..mechanism.audit import evaluate, own_values
from ..question.design import Design
from ..question.objective import Goal, goal
from ..question.rules import NOBODY, Lie, Rules, choices, lie_name, lies


class InvalidCertificate(ValueError):
    """A certificate that cannot be read, or does not prove what it says; the message says why."""


@dataclass(frozen=True)
class RuleWeights:
    """How the multipliers of a design that compares worst cases are spread over its rules and states.

    * ``labels`` says which rule (with maxmin agents, which belief) punishes which lie.
    * ``truth[i]``, shape ``(K, W, |Theta_i|)``: weights of truth under each rule, adding up over rules and states to
      the multipliers of all requirements in which the type's truth appears; non-negative (of any sign where IR binds under every
      rule), and at least ``1 - alpha`` of it on the rule that praises the type.
    * ``lies[i]``, shape ``(K, W, |Theta_i|, |Theta_i|)``: non-negative, adding up to the IC multipliers, at least ``alpha`` of
      each on the rule that punishes the lie.
    * ``objective``, shape ``(K,)``, adds up to one, or to zero in a refutation: every rule has the same value.
    """

    labels: Rules
    truth: tuple[Rationals, ...]
    lies: tuple[Rationals, ...]
    objective: Rationals


@dataclass(frozen=True)
class Multipliers:
    """One multiplier a requirement.

    ``ic[i]`` has shape ``(W, |Theta_i|, |Theta_i|[, *Theta_-i])`` (type, report; zero where they are equal),
    ``ir[i]`` shape ``(W, |Theta_i|[, *Theta_-i])``, ``bb`` the type grid, or nothing more, behind an axis of rules.  None
    where the design asks nothing.  With several rules, requirements of a mechanism that must hold under each rule have the
    rule as their first axis (``bb``, and ``ir`` where it is ex post), and ``rules`` spreads the others over them.
    ``nature`` is the prior of the designer's set under which the objective is bounded: a point of the set
    (:meth:`~mechlp.environment.belief_sets.BeliefSet.admits`).
    """

    ic: tuple[Rationals | None, ...]
    ir: tuple[Rationals | None, ...]
    bb: Rationals | None
    rules: RuleWeights | None = None
    nature: Rationals | None = None

    @property
    def count(self) -> int:
        """The number of rules that the proof speaks of."""
        return 1 if self.rules is None else self.rules.labels.count

    @property
    def size(self) -> int:
        """How many multipliers are not zero."""
        arrays = [a for a in (*self.ic, *self.ir, self.bb) if a is not None]
        return sum(int(np.count_nonzero(a.numerator)) for a in arrays)

    def rows(self, design: Design, most: int | None = None) -> Iterator[Entry]:
        """The nonzero multipliers, named; ``most`` of each kind and agent, the largest, where that is given."""
        for i in range(design.environment.n):
            for kind, array in (("IC", self.ic[i]), ("IR", self.ir[i])):
                for cell in nonzero(array, most):
                    yield self._entry(design, kind, i, cell, array[cell])  # type: ignore[index]
        for cell in nonzero(self.bb, most):
            rule = cell[0] if design.ambiguous else None
            yield Entry("BB", None, None, None, 0, cell[1:], self.bb[cell], rule)  # type: ignore[index]

    def _entry(self, design: Design, kind: str, agent: int, cell: tuple[int, ...], value: Fraction) -> Entry:
        if kind == "IC":
            return Entry(kind, agent, cell[1], cell[2], cell[0], cell[3:], value)
        if design.ambiguous and design.ir == "ex-post":
            return Entry(kind, agent, cell[1], None, 0, cell[2:], value, cell[0])
        return Entry(kind, agent, cell[1], None, cell[0], cell[2:], value)

    def scaled(self, factor: Fraction) -> Multipliers:
        """Every multiplier times a positive number."""
        times = lambda a: None if a is None else a * factor  # noqa: E731
        rules = self.rules
        if rules is not None:
            truth, told = (tuple(a * factor for a in part) for part in (rules.truth, rules.lies))
            rules = RuleWeights(rules.labels, truth, told, rules.objective * factor)
        return Multipliers(
            tuple(map(times, self.ic)), tuple(map(times, self.ir)), times(self.bb), rules, self.nature
        )


@dataclass(frozen=True)
class Entry:
    """One named multiplier; indices are positions in the environment, ``others`` the rest of a profile
    (the whole profile for BB), ``rule`` the rule under which the requirement must hold, where there are several."""

    kind: str
    agent: int | None
    type: int | None
    report: int | None
    state: int
    others: tuple[int, ...]
    value: Fraction
    rule: int | None = None

    def name(self, design: Design) -> str:
        """``IC[seller: 1/4 -> 1/2]``"""
        environment = design.environment
        under = "" if self.rule is None else f" | rule {self.rule + 1}"
        if self.agent is None:
            return f"BB[{environment.profile_label(self.others) if self.others else 'expected'}{under}]"
        agent = environment.agents[self.agent]
        lie = "" if self.report is None else f" -> {agent.types[self.report]}"
        rest = [a for k, a in enumerate(environment.agents) if k != self.agent]
        at = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(rest, self.others, strict=False))
        if self.under_belief(design):
            at = f"belief {self.state + 1}"
        return (
            f"{self.kind}[{agent.name}: {agent.types[self.type or 0]}{lie}{' | ' + at if at else ''}{under}]"
        )

    def under_belief(self, design: Design) -> bool:
        """Whether the requirement is one of several, each under a belief that the type holds possible."""
        notion = design.ic_notion if self.kind == "IC" else design.ir_notion
        return self.agent is not None and notion is not None and notion.needs_sets and not notion.worst_state

    def to_json(self, design: Design) -> dict[str, Any]:
        """The name, the position and the exact value."""
        place = {
            "agent": self.agent,
            "type": self.type,
            "report": self.report,
            "state": self.state or None,
            "others": list(self.others) or None,
            "rule": self.rule,
        }
        kept = {k: v for k, v in place.items() if v is not None}
        return {"kind": self.kind, **kept, "name": self.name(design), "multiplier": text(self.value)}


def nonzero(array: Rationals | None, most: int | None = None) -> Iterator[tuple[int, ...]]:
    """The cells of an array that are not zero, in order; the ``most`` largest in size where that is given."""
    if array is None:
        return
    flat = array.numerator.ravel()
    places = np.flatnonzero(flat != 0)
    if most is not None and len(places) > most:
        order = np.argsort(-np.abs(flat[places]), kind="stable")
        places = np.sort(places[order[:most]])
    for place in places:
        yield tuple(int(k) for k in np.unravel_index(place, array.shape))


# -- reading and writing ----------------------------------------------------------------------------
def multipliers_to_json(design: Design, y: Multipliers) -> dict[str, Any]:
    """The nonzero multipliers, and how they are spread over rules."""
    out: dict[str, Any] = {"multipliers": [entry.to_json(design) for entry in y.rows(design)]}
    if y.nature is not None:
        out["nature"] = point_to_json(design, y.nature)
    if y.rules is None:
        return out
    out["punishes"] = [
        {"name": lie_name(design, lie), "rule": int(y.rules.labels.punishes[lie[0]][lie[1:]])}
        for lie in lies(design)
    ]
    for kind, arrays in (("truth", y.rules.truth), ("lies", y.rules.lies)):
        out[kind] = [
            {"agent": i, "cell": list(cell), "weight": text(array[cell])}
            for i, array in enumerate(arrays)
            for cell in nonzero(array)
        ]
    out["objective"] = [
        {"cell": list(cell), "weight": text(y.rules.objective[cell])} for cell in nonzero(y.rules.objective)
    ]
    return out


def multipliers_from_json(design: Design, data: Mapping[str, Any]) -> Multipliers:
    """Read multipliers back.  Raises InvalidCertificate when one names nothing."""
    labels = _labels_from_json(design, data)
    ic, ir, bb = _empty(design, 1 if labels is None else labels.count)
    out_rows = data["multipliers"]
    for row in out_rows:
        try:
            kind, value = row["kind"], rational(row["multiplier"])
            others, rule = tuple(row.get("others", ())), row.get("rule", 0)
            if kind == "BB":
                target, cell = bb, (rule, *others)
            else:
                target = (ic if kind == "IC" else ir)[row["agent"]]
                own = (row["type"], row["report"]) if kind == "IC" else (row["type"],)
                cell = (row.get("state", 0) or rule, *own, *others)
            _put(target, cell, value)
        except (KeyError, IndexError, TypeError, ValueError):
            raise InvalidCertificate(f"a multiplier that names no requirement: {row}") from None
    spread = None if labels is None else _spread_from_json(design, labels, data)
    nature = point_from_json(design, data["nature"]) if "nature" in data else None
    out = Multipliers(tuple(map(_packed, ic)), tuple(map(_packed, ir)), _packed(bb), spread, nature)
    names = [entry.name(design) for entry in out.rows(design)]
    given = [row.get("name") for row in out_rows if rational(row["multiplier"]) != 0]
    if sorted(names) != sorted(map(str, given)):
        raise InvalidCertificate("the names of the multipliers do not match their positions")
    return out


def point_to_json(design: Design, point: Rationals) -> dict[str, Any]:
    """A point of the designer's set: the profiles that have a probability, by name, and the further variables."""
    environment, cells = design.environment, point.fractions()
    count = environment.num_profiles
    places = [tuple(map(int, np.unravel_index(k, environment.shape))) for k in range(count) if cells[k]]
    return {
        "distribution": [
            {
                "profile": list(place),
                "name": environment.profile_label(place),
                "probability": text(cells[int(np.ravel_multi_index(place, environment.shape))]),
            }
            for place in places
        ],
        "further": [{"variable": k, "value": text(v)} for k, v in enumerate(cells[count:]) if v],
    }


def point_from_json(design: Design, data: Mapping[str, Any]) -> Rationals:
    """Read a point of the designer's set back.  Raises InvalidCertificate."""
    environment, possible = design.environment, design.environment.designer_set
    if possible is None:
        raise InvalidCertificate("a worst-case distribution, but the designer has a single prior")
    chances, further = _zeros(environment.shape), _zeros((possible.lifts,))
    try:
        for entry in data["distribution"]:
            place = tuple(entry["profile"])
            _put(chances, place, rational(entry["probability"]))
            if entry["name"] != environment.profile_label(place):
                raise ValueError
        for entry in data["further"]:
            _put(further, (entry["variable"],), rational(entry["value"]))
    except (KeyError, IndexError, TypeError, ValueError):
        raise InvalidCertificate("the worst-case distribution cannot be read") from None
    return _packed(np.concatenate([chances.ravel(), further]))


def _put(target: Any, cell: tuple[int, ...], value: Fraction) -> None:
    if target is None or len(cell) != target.ndim or min(cell, default=0) < 0:
        raise IndexError
    target[cell] = value


def _zeros(shape: tuple[int, ...]) -> Any:
    return np.full(shape, Fraction(0), dtype=object)


def _packed(array: Any) -> Any:
    return None if array is None else Rationals.from_fractions(list(array.ravel()), array.shape)


def _labels_from_json(design: Design, data: Mapping[str, Any]) -> Rules | None:
    """The labels of the rules, which are read by name; None for a design of one rule."""
    if not design.pessimistic:
        return None
    named = {row["name"]: row["rule"] for row in data["punishes"]}
    wanted = [lie_name(design, lie) for lie in lies(design)]
    if sorted(named) != sorted(wanted):
        raise InvalidCertificate("the rules do not say which lies they punish")
    labels = [named[name] for name in wanted]
    most = [choices(design, lie) if design.worst_state else len(wanted) for lie in lies(design)]
    if not all(isinstance(k, int) and NOBODY <= k < most[at] for at, k in enumerate(labels)):
        raise InvalidCertificate("a rule that does not exist")
    return Rules.assigned(design, labels)


def _spread_from_json(design: Design, labels: Rules, data: Mapping[str, Any]) -> RuleWeights:
    assert design.ic_notion is not None
    truth, told = [], []
    for i, agent in enumerate(design.environment.agents):
        states = design.ic_notion.states(design.environment, i).weights.shape[0]
        truth.append(_zeros((labels.count, states, agent.size)))
        told.append(_zeros((labels.count, states, agent.size, agent.size)))
    objective = _zeros((labels.count,))
    try:
        for kind, arrays in (("truth", truth), ("lies", told)):
            for row in data[kind]:
                _put(arrays[row["agent"]], tuple(row["cell"]), rational(row["weight"]))
        for row in data["objective"]:
            _put(objective, tuple(row["cell"]), rational(row["weight"]))
    except (KeyError, IndexError, TypeError, ValueError):
        raise InvalidCertificate("a weight of a rule that cannot be read") from None
    return RuleWeights(labels, tuple(map(_packed, truth)), tuple(map(_packed, told)), _packed(objective))


def _empty(design: Design, count: int) -> tuple[list[Any], list[Any], Any]:
    environment = design.environment
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
            first = (1 if notion.worst_state else states.weights.shape[0]) if states.summed else count
            shapes.append(_zeros((first, *((m, m) if reports else (m,)), *rest)))
        ic.append(shapes[0])
        ir.append(shapes[1])
    when = design.bb.removesuffix("-weak")
    bb = None if when == "none" else _zeros((count,) if when == "ex-ante" else (count, *environment.shape))
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

    ``allowed`` narrows the outcomes at each profile (a branch of a case distinction), shape ``(copies, |A|, *Theta)``.
    With ``wanted`` False the objective is left out: a negative result then proves that no mechanism exists.

    Raises
    ------
    InvalidCertificate
        A multiplier of the wrong sign, on an undefined belief, or transfers that do not cancel.
    """
    _check_signs(design, multipliers)
    if design.robust and wanted and multipliers.nature is None:
        raise InvalidCertificate("multipliers without a prior of the designer's set")
    if design.pessimistic:
        _check_rules(design, multipliers, wanted)
    # A refutation may also use that all rules have the same value.
    aim = goal(design, _prior(design, multipliers)) if wanted or design.ambiguous else None
    sign = 1 if aim is None or aim.maximize or not wanted else -1
    on_q, on_t, constant = lagrangian(design, multipliers, aim)
    every = design.allowed[None]
    allowed = every if allowed is None else every & allowed
    total = constant + _best_lottery(design, on_q, allowed) + _best_transfers(design, on_t)
    return sign * total


def _prior(design: Design, y: Multipliers) -> Rationals | None:
    """Nature's prior; None when there is nothing to choose.  Raises InvalidCertificate when it is not in the set."""
    possible = design.environment.designer_set
    if possible is None or not design.robust or y.nature is None:
        return None
    if not possible.admits(y.nature):
        raise InvalidCertificate("the worst-case distribution does not belong to the designer's set")
    return y.nature[: possible.cells].reshape(possible.shape)


def _check_signs(design: Design, y: Multipliers) -> None:
    weak_bb = design.bb.endswith("weak")
    inequalities = [*y.ic, *(() if design.ir_binds else y.ir), *((y.bb,) if weak_bb else ())]
    if any(a is not None and bool(np.any(a < 0)) for a in inequalities):
        raise InvalidCertificate("a negative multiplier on an inequality")


def _check_rules(design: Design, y: Multipliers, wanted: bool) -> None:
    """That the weights over rules are what :class:`RuleWeights` says.  Raises InvalidCertificate."""
    rules = y.rules
    if rules is None:
        raise InvalidCertificate("multipliers without weights over the rules")
    binds = design.ir_binds and design.ir == "interim"
    for i in range(design.environment.n):
        ic, ir, truth, told = y.ic[i], y.ir[i], rules.truth[i], rules.lies[i]
        assert ic is not None
        owed = ic.sum(axis=2)
        if ir is not None and design.ir == "interim":
            owed = owed + ir
        free = ic * Rationals((rules.labels.punishes[i] == NOBODY).astype(np.int64))
        if design.worst_state:
            # A lie whose belief is open counts as U(theta) - U(r) - gain.
            if bool(np.any((free != 0) & ~design.gains[i].applies)):
                raise InvalidCertificate("a lie under no belief, where types hold different beliefs possible")
            owed = owed - free.sum(axis=1)
        else:
            free = free * 0
        if not truth.sum(axis=(0, 1)).same(owed[0]) or not (told.sum(axis=(0, 1)) + free[0]).same(ic[0]):
            raise InvalidCertificate("weights over rules that do not add up to the multipliers")
        if bool(np.any(told < 0)) or (not binds and bool(np.any(truth < 0))):
            raise InvalidCertificate("a negative weight of a rule")
        for (_, own, report), least in _least(ic - free, design.alpha):
            punisher = rules.labels.punishes[i][own, report]
            at = (0, punisher) if design.worst_state else (punisher, 0)
            if punisher == NOBODY or told[(*at, own, report)] < least:
                raise InvalidCertificate("a lie that is not evaluated under the rule that punishes it")
        if not binds:
            for (state, own), least in _least(owed, 1 - design.alpha):
                if truth[(rules.labels.praises[i][own], state, own)] < least:
                    raise InvalidCertificate("a truth that is not evaluated under the rule that praises it")
    if goal(design) is not None and rules.objective.sum() != int(wanted):
        raise InvalidCertificate(f"weights of the objective that do not add up to {int(wanted)}")


def _least(array: Rationals, share: Fraction) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """A share of every nonzero multiplier."""
    for cell in nonzero(array) if share else ():
        yield cell, array[cell] * share


def lagrangian(
    design: Design, y: Multipliers, aim: Goal | None
) -> tuple[Rationals, list[Rationals], Fraction]:
    """``objective + sum y * slack``: coefficients on q ``(copies, |A|, *Theta)``, on each ``t_i`` ``(K, *Theta)``, a constant."""
    environment = design.environment
    constant = _outside_options(design, y) - _open_lies(design, y)
    on_q, on_t = [], []
    for rule in range(y.count):
        q, t = _objective(design, y, aim, rule)
        for i in range(environment.n):
            more_q, more_t = _on_mechanism(design, y, i, rule)
            q, t[i] = q + more_q, t[i] + more_t
        if y.bb is not None:
            spread = y.bb[rule]
            if y.bb.ndim == 1:
                assert environment.designer is not None
                spread = environment.designer * spread
            t = [on - spread for on in t]
        on_q.append(q)
        on_t.append(t)
    lottery = stack(on_q)
    if not design.allocation_by_rule:
        lottery = lottery.sum(axis=0).reshape(1, *lottery.shape[1:])
    return lottery, [stack([t[i] for t in on_t]) for i in range(environment.n)], constant


def _objective(
    design: Design, y: Multipliers, aim: Goal | None, rule: int
) -> tuple[Rationals, list[Rationals]]:
    """The objective's part under one rule."""
    environment = design.environment
    if aim is None:
        zero = Rationals.zeros((len(environment.outcomes), *environment.shape))
        return zero, [Rationals.zeros(environment.shape)] * environment.n
    share = (1 if aim.maximize else -1) * (Fraction(1) if y.rules is None else y.rules.objective[rule])
    return aim.allocation * share, [aim.transfers[i] * share for i in range(environment.n)]


def _outside_options(design: Design, y: Multipliers) -> Fraction:
    """What the IR requirements owe to outside options."""
    total = Fraction(0)
    for i in range(design.environment.n):
        part = y.ir[i]
        if part is None or design.ir_notion is None:
            continue
        states = design.ir_notion.states(design.environment, i)
        outside = design.environment.outside[i].moveaxis(i, 0)
        if design.ir_notion.worst_state:
            total -= (part[0] * evaluate(states, outside).min(axis=0)).sum()
            continue
        weights = _type_weights(states, part) if states.summed else part.sum(axis=0)
        total -= (weights * outside).sum()
    return total


def _open_lies(design: Design, y: Multipliers) -> Fraction:
    """What lies under no belief owe to the gains that they bring whatever the transfers."""
    total = Fraction(0)
    for i, part in enumerate(y.ic if design.worst_state else ()):
        assert part is not None and y.rules is not None
        left_open = Rationals((y.rules.labels.punishes[i] == NOBODY).astype(np.int64))
        total += (part[0] * left_open * design.gains[i].gain).sum()
    return total


def _parts(
    design: Design, y: Multipliers, i: int, rule: int
) -> Iterator[tuple[States, Rationals | None, Rationals | None]]:
    """States with the weights that one rule's requirements of agent i put on truth, and on each lie.

    Truth ``(W, |Theta_i|[, *rest])``, lies ``(W, |Theta_i|, |Theta_i|[, *rest])`` (type, report).
    """
    environment, spread = design.environment, y.rules
    ir, ic = y.ir[i], y.ic[i]
    if ir is not None and design.ir_notion is not None:
        states = design.ir_notion.states(environment, i)
        if not states.summed:
            yield states, ir[rule].reshape(1, *ir.shape[1:]), None
        elif spread is None:
            yield states, ir, None
    if ic is not None and design.ic_notion is not None:
        states = design.ic_notion.states(environment, i)
        if spread is None:
            yield states, ic.sum(axis=2), ic
        else:
            yield states, spread.truth[i][rule], spread.lies[i][rule]


def _on_mechanism(design: Design, y: Multipliers, i: int, rule: int) -> tuple[Rationals, Rationals]:
    """``weights * (payoff of truth - payoff of lies)`` as coefficients on q and on ``t_i``."""
    shape = design.environment.shape
    on_q, on_t = Rationals.zeros((len(design.environment.outcomes), *shape)), Rationals.zeros(shape)
    for states, truth, told in _parts(design, y, i, rule):
        spread = _expected if states.summed else _by_profile
        more_q, more_t = spread(design, i, states, truth, told)
        on_q, on_t = on_q + more_q, on_t + more_t
    return on_q, on_t


def _expected(
    design: Design, i: int, states: States, truth: Rationals | None, told: Rationals | None
) -> tuple[Rationals, Rationals]:
    """Weights on beliefs: one product of matrices, reports x types by types x profiles of the others."""
    environment = design.environment
    m, rest = environment.agents[i].size, tuple(np.delete(environment.shape, i))
    signed = Rationals.zeros((states.weights.shape[0], m, m)) if told is None else -told
    if truth is not None:
        signed = signed + truth.reshape(*truth.shape, 1) * Rationals(np.eye(m, dtype=np.int64))
    undefined = np.ones(m, dtype=bool)
    undefined[states.types] = False
    if bool(np.any(signed.numerator[:, undefined] != 0)):
        raise InvalidCertificate("a multiplier on a type whose belief is undefined")
    utility = environment.utility[i].moveaxis(i + 1, 1)
    own = own_values(utility)
    if states.common is not None and own is not None:
        sums, belief = signed[0].sum(axis=0), states.common.reshape(1, *rest)
        alone = [(signed[0] * worth.reshape(m, 1)).sum(axis=0) for worth in own]
        column = (m, *(1,) * len(rest))
        on_q = stack([a.reshape(column) * belief for a in alone])
        return on_q.moveaxis(1, i + 1), (sums.reshape(column) * belief).moveaxis(0, i)
    signed = (signed * _reciprocal(states.mass, m)).reduced()
    by_report = signed.moveaxis(2, 0).reshape(m, -1)
    weights = states.weights.broadcast_to((states.weights.shape[0], m, *rest))
    on_t = matmul(by_report, weights.reshape(-1, math.prod(rest)))
    on_q = stack(
        [
            matmul(by_report, (weights * utility[a]).reshape(-1, math.prod(rest))).reshape(m, *rest)
            if bool(np.any(utility[a].unrepeated() != 0))
            else Rationals.zeros((m, *rest))
            for a in range(len(environment.outcomes))
        ]
    )
    return on_q.moveaxis(1, i + 1), on_t.reshape(m, *rest).moveaxis(0, i)


def _reciprocal(mass: Rationals, size: int) -> Rationals:
    """One over the total weight of each state and type (one where it is zero), ``(W, |Theta_i|, 1)``."""
    cells = [1 / (m or Fraction(1)) for m in mass.fractions()]
    out = Rationals.from_fractions(cells, mass.shape)
    return out.broadcast_to((mass.shape[0], size)).reshape(mass.shape[0], size, 1)


def _by_profile(
    design: Design, i: int, states: States, truth: Rationals | None, told: Rationals | None
) -> tuple[Rationals, Rationals]:
    """Weights on single profiles of the others; most lies have none."""
    environment = design.environment
    shape = (environment.agents[i].size, *np.delete(environment.shape, i))
    utility = environment.utility[i].moveaxis(i + 1, 1)
    on_t = Rationals.zeros(shape) if truth is None else truth[0]
    on_q = utility * on_t
    if told is not None:
        own, *seen = np.nonzero(told.numerator[0])  # the type, and the profile of its report and the others
        weight, place = told[0][(own, *seen)], (own, *seen[1:])
        on_t = on_t - added(weight, tuple(seen), shape)
        on_q = on_q - stack([added(weight * worth[place], tuple(seen), shape) for worth in utility])
    return on_q.moveaxis(1, i + 1), on_t.moveaxis(0, i)


def _type_weights(states: States, y: Rationals) -> Rationals:
    """Multipliers on states and types spread over profiles: ``(|Theta_i|, *Theta_-i)``."""
    share = y * _reciprocal(states.mass, y.shape[1]).reshape(-1, y.shape[1])
    return (share.reshape(*y.shape, *(1,) * (states.weights.ndim - 2)) * states.weights).sum(axis=0)


def _best_lottery(design: Design, on_q: Rationals, allowed: npt.NDArray[np.bool_]) -> Fraction:
    """The largest value over lotteries on the allowed outcomes, summed over profiles and rules."""
    if isinstance(design.allocation, Rationals):
        return (on_q * design.allocation).sum()
    if not bool(np.all(allowed.any(axis=1))):
        raise InvalidCertificate("a branch that allows no outcome at some profile")
    floor = on_q.min() - 1
    return where(allowed, on_q, floor).max(axis=1).sum()


def _best_transfers(design: Design, on_t: list[Rationals]) -> Fraction:
    """The largest value over transfers within their bounds; free transfers must cancel."""
    total = Fraction(0)
    for i, coefficient in enumerate(on_t):
        low, high = design.transfer_bounds(i)
        up, down = coefficient > 0, coefficient < 0
        if (high is None and bool(np.any(up))) or (low is None and bool(np.any(down))):
            cell = tuple(int(k) for k in np.argwhere((up & (high is None)) | (down & (low is None)))[0])
            where = design.environment.profile_label(cell[1:])
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
    """A proof by cases: over which outcome is used at a profile, and over the belief under which a maxmin type sees a lie.

    A leaf has ``multipliers``; an inner case distinguishes whether ``outcome`` is used at ``profile``, under ``rule``
    where there are several, (``yes``) or not (``no``); or it has a case for every belief (``beliefs``) under
    which ``lie`` may be seen.
    """

    multipliers: Multipliers | None = None
    refutes: bool = False
    outcome: int = 0
    profile: tuple[int, ...] = ()
    yes: Case | None = None
    no: Case | None = None
    rule: int = 0
    lie: Lie | None = None
    beliefs: tuple[Case, ...] = ()

    def leaves(self) -> int:
        """How many cases there are."""
        if self.lie is not None:
            return sum(case.leaves() for case in self.beliefs)
        if self.yes is None or self.no is None:
            return 1
        return self.yes.leaves() + self.no.leaves()

    def bound(
        self,
        design: Design,
        allowed: npt.NDArray[np.bool_] | None = None,
        taken: Mapping[Lie, int] | None = None,
    ) -> Fraction | None:
        """The weakest bound over all cases; None when every case is refuted.

        ``allowed`` and ``taken`` (lies and the beliefs they are seen under) say which case it is.
        """
        taken = taken or {}
        if self.multipliers is not None:
            _check_beliefs(design, self.multipliers, taken)
            if not self.refutes:
                return bound(design, self.multipliers, allowed)
            if bound(design, self.multipliers, allowed, wanted=False) >= 0:
                raise InvalidCertificate("a case that is not refuted by its multipliers")
            return None
        found = []
        if self.lie is not None:
            if not design.worst_state or self.lie in taken or len(self.beliefs) != choices(design, self.lie):
                raise InvalidCertificate(
                    "the cases do not go through every belief under which a lie may be seen"
                )
            found = [
                case.bound(design, allowed, {**taken, self.lie: k}) for k, case in enumerate(self.beliefs)
            ]
        elif self.yes is None or self.no is None:
            raise InvalidCertificate("a case without multipliers")
        else:
            allowed = every_outcome(design) if allowed is None else allowed
            for case, used in ((self.yes, True), (self.no, False)):
                part = branch(allowed, self.outcome, (self.rule, *self.profile), used)
                if bool(np.all(part.any(axis=1))):
                    found.append(case.bound(design, part, taken))
        bounds = [b for b in found if b is not None]
        aim = goal(design)
        weakest = min if aim is not None and not aim.maximize else max
        return weakest(bounds) if bounds else None

    def check_labels(self, design: Design) -> None:
        """That no rule is said to punish two lies: a proof about sets of rules without limit.  Raises InvalidCertificate."""
        if self.yes is not None and self.no is not None:
            self.yes.check_labels(design)
            self.no.check_labels(design)
        rules = None if self.multipliers is None else self.multipliers.rules
        if design.ambiguous and rules is not None and not rules.labels.apart(design):
            raise InvalidCertificate(
                "one rule is said to punish several lies, which proves nothing about more rules"
            )

    def to_json(self, design: Design) -> dict[str, Any]:
        if self.multipliers is not None:
            return {"refutes": self.refutes, **multipliers_to_json(design, self.multipliers)}
        if self.lie is not None:
            return {
                "lie": lie_name(design, self.lie),
                "beliefs": [case.to_json(design) for case in self.beliefs],
            }
        assert self.yes is not None and self.no is not None
        return {
            "outcome": self.outcome,
            "profile": list(self.profile),
            "rule": self.rule,
            "yes": self.yes.to_json(design),
            "no": self.no.to_json(design),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Case:
        """Read a case back.  Raises InvalidCertificate."""
        try:
            if "multipliers" in data:
                return cls(multipliers_from_json(design, data), bool(data["refutes"]))
            if "lie" in data:
                named = {lie_name(design, lie): lie for lie in lies(design)}
                cases = tuple(cls.from_json(design, case) for case in data["beliefs"])
                return cls(lie=named[data["lie"]], beliefs=cases)
            outcome, profile = int(data["outcome"]), tuple(int(k) for k in data["profile"])
            rule, rules = int(data.get("rule", 0)), len(every_outcome(design))
            if not 0 <= outcome < len(design.environment.outcomes) or len(profile) != design.environment.n:
                raise IndexError
            if not 0 <= rule < rules:
                raise IndexError
            yes, no = (cls.from_json(design, data[side]) for side in ("yes", "no"))
        except (KeyError, TypeError, IndexError, RecursionError) as error:
            raise InvalidCertificate(f"a case that cannot be read ({type(error).__name__})") from None
        return cls(None, False, outcome, profile, yes, no, rule)


def _check_beliefs(design: Design, y: Multipliers, taken: Mapping[Lie, int]) -> None:
    """That a maxmin proof sees each lie under the belief of its case, or the only one there is.  Raises InvalidCertificate."""
    for lie in lies(design) if design.worst_state and y.rules is not None else ():
        label = y.rules.labels.punishes[lie[0]][lie[1:]]  # type: ignore[union-attr]
        if label not in (NOBODY, taken.get(lie, 0 if choices(design, lie) == 1 else NOBODY)):
            raise InvalidCertificate("a lie that is not seen under the belief of its case")


def every_outcome(design: Design) -> npt.NDArray[np.bool_]:
    """What may be used before any case is distinguished, a copy for each rule with an allocation of its own."""
    copies = Rules.of(design).count if design.allocation_by_rule else 1
    return np.repeat(design.allowed[None], copies, axis=0)


def branch(
    allowed: npt.NDArray[np.bool_], outcome: int, cell: tuple[int, ...], used: bool
) -> npt.NDArray[np.bool_]:
    """``allowed`` narrowed to one outcome at a cell ``(rule, *profile)`` (``used``), or to all the others."""
    kept = np.arange(allowed.shape[1]) == outcome
    at = (cell[0], slice(None), *cell[1:])
    out = allowed.copy()
    out[at] &= kept if used else ~kept  # type: ignore[index]
    return out
