"""The audit: every IC, IR and BB requirement of a design, evaluated from the definition.

Nothing here looks at a linear program.  A mechanism passes when its report has no violations.  Where payoffs are known
between rational ends, a requirement counts at its least over all payoffs between them (:mod:`mechlp.mechanism.ends`): a
mechanism that passes satisfies it for every one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..environment.notions import Notion, States
from ..exact.numbers import Rationals, concatenate, matmul, stack, text, where
from ..question.design import Design
from ..question.misreports import possible, slack
from ..question.objective import goal
from ..question.requirements import Tight, laid_flat
from ..question.rules import NOBODY, Rules
from .ends import lost_to_lies, most_outside
from .mechanism import Mechanism
from .relaxed import About, Relaxed
from .states import evaluate


@dataclass(frozen=True)
class Violation:
    """A requirement that a mechanism breaks: which kind, where (in words), and by how much (> 0)."""

    kind: str
    where: str
    amount: Fraction

    def __str__(self) -> str:
        return f"{self.kind} {self.where}: violated by {text(self.amount)}"


@dataclass(frozen=True)
class Audit:
    """``checked`` counts requirements by kind; ``worst`` holds the worst violation of each broken kind."""

    checked: dict[str, int]
    worst: tuple[Violation, ...]

    @property
    def passed(self) -> bool:
        return not self.worst

    def __str__(self) -> str:
        counts = ", ".join(f"{n:,} {kind}" for kind, n in self.checked.items() if n)
        if self.passed:
            return f"passed: {counts} requirements hold exactly"
        return "failed: " + "; ".join(map(str, self.worst))


def audit(
    mechanism: Mechanism | Sequence[Mechanism],
    design: Design,
    relaxed: Relaxed | None = None,
    by: Fraction | int = 0,
    labels: Rules | None = None,
) -> Audit:
    """Evaluate every requirement of ``design`` at ``mechanism``, exactly, from the definition.

    With ambiguous transfers the mechanism is the sequence of its rules.  ``relaxed`` are requirements that may be missed by so
    much (or, where ``by`` is negative, must hold with so much to spare).  ``labels`` as in :func:`requirements`.
    """
    rules = [mechanism] if isinstance(mechanism, Mechanism) else list(mechanism)
    checked: dict[str, int] = {}
    worst: dict[str, Violation] = {}
    for kind, place, gap, equal, about in requirements(rules, design, labels):
        checked[kind] = checked.get(kind, 0) + gap.size
        if gap.size == 0:
            continue
        if relaxed is not None and about is not None:
            more = relaxed.on(design, about, gap.shape)
            gap = gap if more is None else gap + Rationals(more) * by
        amount = abs(gap).max() if equal else -gap.min()
        if amount > 0 and (kind not in worst or amount > worst[kind].amount):
            shortfall = abs(gap) if equal else -gap
            cell = np.unravel_index(int(np.argmax(shortfall == amount)), gap.shape)
            worst[kind] = Violation(kind, place(tuple(map(int, cell))), amount)
    return Audit(checked, tuple(worst.values()))


def worth(design: Design, payoffs: Sequence[Rationals]) -> Rationals:
    """What a type that compares worst cases makes of its payoffs ``(W, ...)`` under each rule: shape ``(1, ...)``.

    The worst over states (W is one for other notions), then ``alpha`` times the worst rule and ``1 - alpha`` times the best.
    """
    every = stack([p.min(axis=0).reshape(1, *p.shape[1:]) for p in payoffs])
    worst: Rationals = every.min(axis=0)
    if design.alpha == 1:
        return worst
    return worst * design.alpha + every.max(axis=0) * (1 - design.alpha)


def truthful_payoffs(rules: Sequence[Mechanism], states: States, agent: int) -> list[Rationals]:
    """``L_w`` under truth, rule by rule: ``(W, types)``, or unsummed ``(1, types, *rest)``."""
    return [evaluate(states, rule.worths(states, agent)) - _compared(rule, states, agent) for rule in rules]


def lying_payoffs(rules: Sequence[Mechanism], states: States, agent: int, report: int) -> list[Rationals]:
    """``L_w`` of one report by every type, rule by rule."""
    return [
        evaluate(states, rule.worths(states, agent, report)) - _compared(rule, states, agent) for rule in rules
    ]


def _compared(rule: Mechanism, states: States, agent: int) -> Rationals:
    """What the report pays with which each state compares, ``(W, types)``; zero where it compares with none."""
    if states.against is None:
        return Rationals.zeros(())
    every = range(rule.environment.agents[agent].size)
    told = [evaluate(states, rule.worths(states, agent, report)) for report in every]
    return stack(told)[states.against, np.arange(states.size)]


def requirements(
    rules: Sequence[Mechanism], design: Design, labels: Rules | None = None, tight: Tight | None = None
) -> Iterator[tuple]:  # type: ignore[type-arg]
    """(kind, namer of a cell, slack array, whether it must be zero, :class:`About` or None) for every family of requirements;
    None for what makes a mechanism one.  Slack of IC and IR has axes ``(state, type[, report][, others])``.

    Of types that compare worst cases ``labels`` say under which rule or belief each lie is seen (default: the worst, whichever
    it is): what then holds is sufficient, and linear in the mechanism; slack has a first axis of rules and states.
    ``tight`` says which row holds each further variable (default: the one that asks most), with the same effect.
    """
    for family in _families(list(rules), design, labels if design.pessimistic else None, tight):
        yield family if len(family) == 5 else (*family, None)


def _families(
    rules: list[Mechanism], design: Design, labels: Rules | None, tight: Tight | None
) -> Iterator[tuple]:  # type: ignore[type-arg]
    environment = design.environment
    for i in range(environment.n):
        if labels is not None:
            yield from _labelled(rules, design, labels, i)
            continue
        truths: dict[str, list[Rationals]] = {}  # by the notion that evaluates it
        for notion in (design.ic_notion, design.ir_notion):
            if notion is not None and notion.name not in truths:
                truths[notion.name] = truthful_payoffs(rules, notion.states(environment, i), i)
        if design.ic_notion is not None:
            yield from _ic(rules, design, design.ic_notion, i, truths[design.ic_notion.name])
        if design.ir_notion is not None:
            yield from _ir(rules, design, design.ir_notion, i, truths[design.ir_notion.name])
    for k, rule in enumerate(rules):
        under = f" | rule {k + 1}" if len(rules) > 1 else ""
        yield from _of_one_rule(rule, design, under, k)
    yield from _together(rules, design)
    for k, rule in enumerate(rules):
        yield from _by_row(rule, design, tight, k if design.ambiguous else None)


def _by_row(rule: Mechanism, design: Design, tight: Tight | None, k: int | None) -> Iterator[tuple]:  # type: ignore[type-arg]
    """What is asked row by row of the only rule, or of rule ``k``, further variables at their best."""
    families = design.requirements
    blocks = laid_flat(rule.allocation, rule.transfers, families, tight) if families else {}
    for rows in families:
        name = lambda cell, rows=rows: "[" + rows.named(cell, k).partition("[")[2]  # noqa: E731
        yield rows.kind, name, rows.slack(blocks), rows.sense == "=", About(rows.name, rule=k)


#: Cells of payoffs evaluated at once: few enough for their memory to be used again.
CHUNK = 2_000_000
#: Cells of beliefs up to which all outcomes are evaluated at once.
FEW = 5_000


def chunks(reports: int, cells: int) -> Iterator[slice]:
    """Runs of reports whose payoffs, ``cells`` each, are evaluated at once."""
    step = max(1, CHUNK // max(cells, 1))
    return (slice(first, min(first + step, reports)) for first in range(0, reports, step))


def report_payoffs(rule: Mechanism, states: States, agent: int, reports: slice) -> Rationals:
    """``L_w`` of every type at each of some reports: ``(W, types, reports)``, or unsummed ``(W, types, reports, *rest)``."""
    chances = rule.told_apart(states, agent).moveaxis(agent + 1, 1)[:, reports]
    paid = rule.transfers[agent].moveaxis(agent, 0)[reports]
    worth = states.worths(rule.environment, agent)[1][:, :, states.types]
    own = own_values(worth[0]) if len(worth) == 1 and states.paid else None
    if states.summed and states.common is not None and own is not None:
        return _independent(states.common, own, chances, paid)
    total = _in_expectation if states.summed else _by_profile
    found = total(states, worth, chances, paid if states.paid else None)
    return found if states.against is None else found - _compared(rule, states, agent).reshape(*found.shape[:2], 1)


def _by_profile(states: States, worth: Rationals, chances: Rationals, paid: Rationals | None) -> Rationals:
    """Every profile of the others by itself."""
    # What is added up has one denominator before it is spread over types and reports.
    common = math.lcm(worth.denominator * chances.denominator, 1 if paid is None else paid.denominator)
    chances = Rationals(chances.integers(common // worth.denominator), common // worth.denominator)
    total = Rationals.zeros(()) if paid is None else Rationals(paid.integers(common), common)
    for a in range(worth.shape[1]):
        if (own := worth[:, a]).unrepeated().numerator.any():
            total = total + own.reshape(*own.shape[:2], 1, *own.shape[2:]) * chances[a]
    return total.broadcast_to((states.size, len(states.types), *chances.shape[1:]))


def _in_expectation(
    states: States, worth: Rationals, chances: Rationals, paid: Rationals | None
) -> Rationals:
    """Products of matrices: states and types by profiles of the others, profiles by reports."""
    told, rest = chances.shape[1], chances.shape[2:]
    size, count, others = states.size, len(states.types), math.prod(rest)
    weights = states.weights[:, states.types] if states.weights.shape[1] > 1 else states.weights
    weights = weights.broadcast_to((size, count, *rest))
    flat = lambda array: array.reshape(-1, others)  # noqa: E731
    total = Rationals.zeros((size * count, told))
    if paid is not None:
        total = matmul(flat(weights), Rationals(flat(paid).numerator.T, paid.denominator))
    some = [a for a in range(worth.shape[1]) if worth[:, a].unrepeated().numerator.any()]
    for own in [some] if weights.size <= FEW else [[a] for a in some]:
        each = len(own) * others  # said rather than inferred: no type may be asked about
        chance = chances[own].moveaxis(0, 1).reshape(told, each)
        valued = (weights.reshape(size, count, 1, *rest) * worth[:, own].moveaxis(1, 2)).reshape(size * count, each)
        total = total + matmul(valued, Rationals(chance.numerator.T, chance.denominator))
    mass = states.mass[:, states.types] if states.mass.shape[1] > 1 else states.mass
    total = total.reshape(size, count, told)
    return total if total.size == 0 else total * _inverse(mass.broadcast_to(total.shape[:2]))


def _independent(belief: Rationals, own: Rationals, chances: Rationals, paid: Rationals) -> Rationals:
    """One belief and private values: the interim allocation and transfer of a report, then what a type makes of them."""
    column = belief.reshape(-1, 1)
    seen = lambda array: matmul(array.reshape(len(paid), -1), column).reshape(1, len(paid))  # noqa: E731
    total = seen(paid).broadcast_to((own.shape[1], len(paid)))
    for worth, chance in zip(own, chances, strict=True):
        if bool(np.any(worth.numerator != 0)):
            total = total + worth.reshape(-1, 1) * seen(chance)
    return total.reshape(1, *total.shape)


def own_values(utility: Rationals) -> Rationals | None:
    """Utilities ``(|A|, types)`` where no other agent's type matters; None where one does."""
    varies = utility.unrepeated()
    if math.prod(varies.shape[2:]) > 1:
        return None
    return varies.reshape(varies.shape[:2]).broadcast_to(utility.shape[:2])


def _inverse(mass: Rationals) -> Rationals:
    """``1 / mass`` with a last axis to broadcast over."""
    return Rationals.from_fractions([1 / m for m in mass.fractions()], (*mass.shape, 1))


def _ic(
    rules: list[Mechanism], design: Design, notion: Notion, i: int, truth: list[Rationals]
) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Truth against every possible lie."""
    told, count = possible(design, i), design.environment.agents[i].size
    every = notion.states(design.environment, i)
    if told is None:
        for part in chunks(count, truth[0].size):
            yield from _against(rules, design, notion, i, every, part, truth)
        return
    for report in range(count):
        who = replace(every, types=every.types[told[every.types, report]])
        alone = slice(report, report + 1)
        yield from _against(rules, design, notion, i, who, alone, truthful_payoffs(rules, who, i))


def _against(
    rules: list[Mechanism],
    design: Design,
    notion: Notion,
    i: int,
    states: States,
    part: slice,
    truth: list[Rationals],
) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Truth against some reports of all types that have states."""
    told = [report_payoffs(rule, states, i, part) for rule in rules]
    honest = [t.reshape(*t.shape[:2], 1, *t.shape[2:]) for t in truth]
    name, about = _namer(design, notion, i, states, part.start), About(f"IC {i}", i, states.types, part.start)
    if design.pessimistic:
        yield "IC", name, worth(design, honest) - worth(design, told), False, about
        return
    more = slack(design, i)
    for rule, one, other in zip(rules, honest, told, strict=True):
        gap = one - other
        if design.environment.utility_above is not None:
            gap = gap - lost_to_lies(rule, states, i, part)
        if more is not None:
            own = more[states.types][:, part]
            gap = gap + own.reshape(1, *own.shape, *(1,) * (gap.ndim - 3))
        yield "IC", name, gap, False, about


def _ir(
    rules: list[Mechanism], design: Design, notion: Notion, i: int, truth: list[Rationals]
) -> Iterator[tuple]:  # type: ignore[type-arg]
    """IR by the notion's own evaluation; full extraction leaves the outside option under every rule."""
    states = notion.states(design.environment, i)
    outside = most_outside(design.environment, rules[0], states, i)
    if notion.ambiguous and not design.ir_binds:
        truth = [worth(design, truth)]
    elif notion.worst_state:
        truth, outside = [worth(design, truth)], outside.min(axis=0).reshape(1, -1)
    for k, payoff in enumerate(truth):
        about = About(f"IR {i}", i, states.types, rule=k if len(truth) > 1 else None)
        yield "IR", _namer(design, notion, i, states), payoff - outside, design.ir_binds, about


def _labelled(rules: list[Mechanism], design: Design, labels: Rules, i: int) -> Iterator[tuple]:  # type: ignore[type-arg]
    """IC and IR where each lie is seen under one rule or belief, and the best rule under truth is one."""
    notion = design.ic_notion
    assert notion is not None
    states, alpha = notion.states(design.environment, i), design.alpha
    truth = concatenate(truthful_payoffs(rules, states, i))  # (rules * states, types)
    count, place = design.environment.agents[i].size, np.arange(len(states.types))
    praised = labels.praises[i][states.types]
    best = truth if alpha == 1 else truth * alpha + truth[praised, place] * (1 - alpha)
    told = concatenate([report_payoffs(rule, states, i, slice(0, count)) for rule in rules])
    told = told.reshape(-1, len(place), count)
    label = labels.punishes[i][states.types]
    seen = told[np.maximum(label, 0), place[:, None], np.arange(count)]
    honest = states.types[:, None] == np.arange(count)
    for other in told if alpha < 1 else (None,):
        worst = seen if other is None else seen * alpha + other * (1 - alpha)
        gap = best.reshape(*best.shape, 1) - worst
        gap = where(honest[None], 0, where((label == NOBODY)[None], -1, gap))
        yield "IC", _namer(design, notion, i, states, 0), gap, False, About(f"IC {i}", i, states.types, 0)
    if design.ir_notion is None:
        return
    if design.ir_notion is not notion or design.ir_binds:
        own = truthful_payoffs(rules, design.ir_notion.states(design.environment, i), i)
        yield from _ir(rules, design, design.ir_notion, i, own)
        return
    outside = most_outside(design.environment, rules[0], states, i)
    if bool(np.any(outside != outside[:1])):
        outside = outside.max(axis=0).reshape(1, -1)
    yield "IR", _namer(design, notion, i, states), best - outside, False, About(f"IR {i}", i, states.types)


def _of_one_rule(rule: Mechanism, design: Design, under: str, k: int) -> Iterator[tuple]:  # type: ignore[type-arg]
    """Budget balance, and that allocation and transfers are what they may be."""
    environment = design.environment
    profile, outcome = _profile_namer(design, under), _profile_namer(design, under, skip=1)
    if design.bb != "none":
        total = -rule.transfers.sum(axis=0)
        if design.bb.startswith("ex-ante"):
            total = Rationals.of((environment.designer * total).sum())
        yield "BB", profile, total, not design.bb.endswith("weak"), About("BB", rule=k)
    yield "lottery", profile, 1 - rule.allocation.sum(axis=0), True, About("lottery", rule=k)
    yield "lottery", outcome, rule.allocation, False
    if environment.possible is not None:
        vetoed = rule.allocation * Rationals((~environment.possible).astype(np.int64))
        yield "IR", outcome, -abs(vetoed), False
    forbidden = rule.allocation * Rationals((~design.allowed).astype(np.int64))
    yield "allocation rule", outcome, forbidden, True
    if isinstance(design.allocation, Rationals):
        yield "allocation rule", outcome, rule.allocation - design.allocation, True
    if design.deterministic:
        yield "deterministic allocation", profile, rule.allocation.max(axis=0) - 1, True
    for i in range(environment.n):
        low, high = design.transfer_bounds(i)
        if low is not None:
            yield "transfer bound", profile, rule.transfers[i] - low, False, About(f"least {i}", rule=k)
        if high is not None:
            yield "transfer bound", profile, high - rule.transfers[i], False, About(f"most {i}", rule=k)


def _together(rules: list[Mechanism], design: Design) -> Iterator[tuple]:  # type: ignore[type-arg]
    """What several rules owe each other: one allocation unless it is part of each rule, and one value of the objective."""
    if not design.ambiguous:
        yield "single rule", lambda cell: "[number of rules]", Rationals.of([len(rules) - 1]), True
        return
    aim = goal(design)
    for k, rule in enumerate(rules[1:], 2):
        if not design.allocation_by_rule:
            gap = rule.allocation - rules[0].allocation
            yield "same allocation", _profile_namer(design, f" | rule {k}", skip=1), gap, True
        if aim is not None:
            values = [aim.value(r.allocation, r.transfers) for r in (rule, rules[0])]
            yield "same value", lambda cell, k=k: f"[rule {k}]", Rationals.of([values[0] - values[1]]), True


def _namer(design: Design, notion: Notion, i: int, states: States, first: int | None = None):  # type: ignore[no-untyped-def]
    """Names of cells ``(state, type[, report counted from first][, others])``."""
    environment = design.environment
    agent = environment.agents[i]
    others = [a for k, a in enumerate(environment.agents) if k != i]

    def name(cell: tuple[int, ...]) -> str:
        own = agent.types[states.types[cell[1]]]
        lie = "" if first is None else f" -> {agent.types[first + cell[2]]}"
        rest = cell[2:] if first is None else cell[3:]
        at = [f"{a.name}={a.types[k]}" for a, k in zip(others, rest, strict=False)]
        if states.size > 1 and (state := notion.named(environment, i, states, (cell[0], cell[1], rest))):
            at.insert(0, state)
        return f"[{agent.name}: {own}{lie}{' | ' + ', '.join(at) if at else ''}]"

    return name


def _profile_namer(design: Design, under: str = "", skip: int = 0):  # type: ignore[no-untyped-def]
    def name(cell: tuple[int, ...]) -> str:
        return f"[{design.environment.profile_label(cell[skip:]) if cell else 'expected'}{under}]"

    return name
