"""Proofs that a person can read: named requirements, small integers, in words, Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer
from ..exact.numbers import Rationals, text
from ..files import read_document
from ..proof.bound import bound
from ..proof.multipliers import Entry, Multipliers, nonzero
from ..proof.rates import name_of
from ..question.design import Design
from ..question.objective import goal
from ..question.rules import NOBODY
from .tex import fraction, in_math


@dataclass(frozen=True)
class Share:
    """A payoff in a combination, with the rule (or, with maxmin agents, the belief) under which it is taken: truth where
    ``report`` is None, else a lie; the common value of all rules where ``agent`` is None."""

    agent: int | None
    type: int
    report: int | None
    rule: int
    value: Fraction

    def name(self, design: Design) -> str:
        """``truth[seller: 1/4 | rule 2]``"""
        if self.agent is None:
            return f"objective[rule {self.rule + 1}]"
        agent = design.environment.agents[self.agent]
        lie = "" if self.report is None else f" -> {agent.types[self.report]}"
        kind = "truth" if self.report is None else "lie"
        under = f"rule {self.rule + 1}"
        if design.worst_state and design.ic_notion is not None:
            under = design.ic_notion.seen(design.environment, self.agent, self.rule)
        return f"{kind}[{agent.name}: {agent.types[self.type]}{lie} | {under}]"


@dataclass(frozen=True)
class Combination:
    """Requirements times small integers, added up.

    ``entries`` leaves out budget balance, whose multipliers only cancel the transfers; ``total`` is what is
    left: in a refutation ``0 >= -total`` with ``total < 0``.  ``symbolic`` writes ``-total`` in the parameters
    when it is affine in them.  With several rules ``shares`` spells out IC and interim IR: under which rule each payoff is
    taken, what is subtracted with a minus.
    """

    entries: tuple[Entry, ...]
    balance: tuple[Entry, ...]
    total: Fraction
    symbolic: str | None = None
    shares: tuple[Share, ...] = ()

    @property
    def contradiction(self) -> str:
        """``0 >= B - a`` or ``0 >= 1/2``."""
        return f"0 >= {self.symbolic or text(-self.total)}"


def combination(
    design: Design, multipliers: Multipliers, allowed: npt.NDArray[np.bool_] | None = None
) -> Combination:
    """A refutation in its smallest integers; ``allowed`` are the outcomes of a case."""
    small = smallest(design, multipliers)
    total = bound(design, small, allowed, wanted=False)
    kept = tuple(r for r in small.rows(design) if r.kind != "BB")
    balance = tuple(r for r in small.rows(design) if r.kind == "BB")
    symbolic = in_parameters(design, small, -total) if allowed is None else None
    return Combination(kept, balance, total, symbolic, tuple(shares(small)))


def smallest(design: Design, multipliers: Multipliers) -> Multipliers:
    """Multipliers of a refutation as the smallest integers, those of budget balance aside."""
    rows = list(multipliers.rows(design))
    main = [r.value for r in rows if r.kind != "BB"] or [r.value for r in rows]
    main += [share.value for share in shares(multipliers)]
    scale = Fraction(math.lcm(*(v.denominator for v in main)), math.gcd(*(v.numerator for v in main)))
    return multipliers.scaled(abs(scale))


def shares(multipliers: Multipliers) -> Iterator[Share]:
    """Truth, lies and objective under each rule or belief, as they enter the combination; nothing where there is one."""
    # Either rules or beliefs are several, so their sum numbers them.
    rules = multipliers.rules
    if rules is None:
        return
    for i, (truth, told) in enumerate(zip(rules.truth, rules.lies, strict=True)):
        for rule, state, own in nonzero(truth):
            yield Share(i, own, None, rule + state, truth[rule, state, own])
        for rule, state, own, report in nonzero(told):
            yield Share(i, own, report, rule + state, -told[rule, state, own, report])
    for (rule,) in nonzero(rules.objective) if rules.labels.count > 1 else ():
        yield Share(None, 0, None, rule, rules.objective[rule])


def in_parameters(design: Design, multipliers: Multipliers, base: Fraction) -> str | None:
    """``base``, what multipliers leave, as an affine expression in the parameters of the file; None when it is not.

    Exact, by evaluation.  Parameters that size the type grid are left at their values.
    """
    here, document = dict(design.environment.parameters), design.document
    if not here or document is None:
        return None

    def value(**changes: Fraction) -> Fraction:
        numbers = {name: text(at) for name, at in {**here, **changes}.items()}
        other = read_document({**document, "parameters": numbers}).design
        if other.environment.shape != design.environment.shape:
            raise ValueError("another type grid")
        return -bound(other, multipliers, wanted=False)

    slopes: dict[str, Fraction] = {}
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


def refuted_in_words(
    design: Design, multipliers: Multipliers, allowed: npt.NDArray[np.bool_] | None = None
) -> list[str]:
    """What multipliers that contradict the requirements add up, line by line; ``allowed`` are the outcomes of a case."""
    made = combination(design, multipliers, allowed)
    lines = named(design, multipliers, made)
    if made.balance:
        lines.append("and use budget balance to cancel the transfers:")
        lines += [f"    {text(e.value):>6} x {e.name(design)}" for e in made.balance]
    elif design.transfers != "none":
        lines.append("The transfers cancel.")
    return [*lines, f"What is left reads {made.contradiction}{_evaluated(made)}, a contradiction."]


def named(design: Design, multipliers: Multipliers, made: Combination) -> list[str]:
    """The requirements of a combination, each with its number, and under which rules or beliefs payoffs are taken."""
    lines = [f"    {text(abs(e.value)):>6} x {e.name(design)}{_equality(e)}" for e in made.entries]
    lines += held(design, spoken_of(design, made.entries))
    return lines + _under_rules(design, made.shares, open_lies(design, multipliers, made.entries))


def whatever(design: Design) -> str:
    """What a proof by cases goes through."""
    if design.worst_state:
        return "Under whatever belief each lie is seen" + (
            ", whatever outcome is used" if design.deterministic else ""
        )
    return "Whatever outcome is used at each profile"


def _under_rules(design: Design, taken: tuple[Share, ...], open_lies: tuple[Entry, ...]) -> list[str]:
    """What IC and IR say of several rules, spelled out payoff by payoff."""
    if not taken:
        return []
    if design.worst_state:
        return _under_beliefs(design, taken, open_lies)
    lines = [
        "Truth is worth its payoff under the worst rule, so no more than under any; each lie has a rule that punishes it.",
        "So all of this holds with the payoffs of these rules:",
    ]
    if design.ir_binds:
        lines = ["Truth is worth the outside option under every rule; each lie has a rule that punishes it:"]
    elif design.alpha < 1:
        lines = [
            f"Truth and lies are worth {text(design.alpha)} of their payoff under the worst rule and the rest under the best.",
            "A lie's worst is under the rule that punishes it, a truth's best under the one that praises it; elsewhere the",
            "worst is at most, and the best at least, what any rule gives. So all of this holds with the payoffs of these rules:",
        ]
    return lines + [f"    {text(s.value):>6} x {s.name(design)}" for s in taken]


def open_lies(design: Design, multipliers: Multipliers, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The lies of a maxmin proof that are seen under no belief: they count by what they gain whatever the transfers."""
    if not design.worst_state or multipliers.rules is None:
        return ()
    labels = multipliers.rules.labels.punishes
    lies = [e for e in entries if e.kind == "IC"]
    return tuple(e for e in lies if labels[e.agent or 0][e.type or 0, e.report or 0] == NOBODY)


def _under_beliefs(design: Design, taken: tuple[Share, ...], left_open: tuple[Entry, ...]) -> list[str]:
    """What IC and IR say of worst beliefs, spelled out, with the beliefs."""
    lines: list[str] = []
    if left_open:
        lines += [
            "A lie's worst case is at least the truthful worst case of the type that it imitates, plus the least that the",
            "allocation can be worth more to the liar, whatever the transfers. So these lies say:",
        ]
    lines += [f"    {text(e.value):>6} x ({open_lie(design, e)})" for e in left_open]
    lines += _REGRET if design.regrets else _WORST
    lines += [f"    {text(s.value):>6} x {s.name(design)}" for s in taken]
    return lines + held(design, spoken_of(design, (), taken))


#: How payoffs stand for what types compare.
_WORST = [
    "A worst case is no more than the payoff under any belief that is held possible. So all of this holds with:"
]
_REGRET = [
    "The greatest regret of truth is no less than its regret against any report under any belief held possible; each lie is",
    "taken where it leaves no less. So all of this holds with what truth and lies pay more than the reports named last:",
]


def open_lie(design: Design, e: Entry) -> str:
    """``worst[seller: 1] >= worst[seller: 2] + 1/2``"""
    assert e.agent is not None and e.type is not None and e.report is not None
    liar, gain = design.environment.agents[e.agent], design.gains[e.agent].gain[e.type, e.report]
    own, other = (f"worst[{liar.name}: {liar.types[k]}]" for k in (e.type, e.report))
    return f"{own} >= {other} + {text(gain)}"


def spoken_of(
    design: Design, entries: Iterable[Entry], taken: Iterable[Share] = ()
) -> set[tuple[int, int, int]]:
    """The beliefs that a proof speaks of: (agent, type, number)."""
    spoken = {(e.agent or 0, e.type or 0, e.state) for e in entries if e.under_belief(design)}
    notion = design.ic_notion
    if notion is None or not notion.worst_state:
        return spoken
    return spoken | {
        (i, s.type, notion.belief(design.environment, i, s.rule)) for s in taken if (i := s.agent) is not None
    }


def held(design: Design, beliefs: set[tuple[int, int, int]]) -> list[str]:
    """The beliefs that a proof speaks of: (agent, type, number)."""
    agents, lines = design.environment.agents, ["where the beliefs are:"]
    for i, k, belief in sorted(beliefs):
        believed = chances(design, i, design.environment.belief_vertices[i][0][belief, k])
        lines.append(f"    belief {belief + 1} of {agents[i].name} {agents[i].types[k]}: {believed}")
    return lines if beliefs else []


def chances(design: Design, agent: int, belief: Rationals) -> str:
    """``seller=1: 1/3; seller=2: 2/3``"""
    rest = [a for k, a in enumerate(design.environment.agents) if k != agent]
    parts = []
    for cell in np.argwhere(belief != 0) if belief.ndim else [()]:
        at = ", ".join(f"{a.name}={a.types[k]}" for a, k in zip(rest, cell, strict=True))
        parts.append(f"{at}: {text(belief[tuple(map(int, cell))])}")
    return "; ".join(parts)


def _equality(entry: Entry) -> str:
    return "  (as an equality, reversed)" if entry.value < 0 else ""


def _evaluated(made: Combination) -> str:
    return f", that is 0 >= {text(-made.total)}" if made.symbolic else ""


def latex(answer: Answer) -> str:
    """The proof of an infeasible answer as LaTeX, or a statement of the optimum's multipliers, and its one-sided rates; the cases
    of a proof by cases are for :mod:`.cases`."""
    proof = answer.proof
    if proof is None or proof.multipliers is None:
        return ""
    wanted = answer.status != "infeasible"
    value = answer.bound if answer.bound is not None else answer.value
    said = latex_of(answer.design, proof.multipliers, value or Fraction(0) if wanted else None)
    return "\n".join([said, *_tex_rates(answer)])


def latex_of(
    design: Design, y: Multipliers, proved: Fraction | None, allowed: npt.NDArray[np.bool_] | None = None
) -> str:
    """The multipliers and what they prove of the objective (None: that there is no mechanism) as LaTeX."""
    entries, taken = tuple(y.rows(design)), tuple(shares(y))
    if proved is None:
        made = combination(design, y, allowed)
        entries, taken, end = made.entries + made.balance, made.shares, made.contradiction
    else:
        aim = goal(design)
        end = f"objective {'<=' if aim is None or aim.maximize else '>='} {text(proved)}"
    rows = [_tex_row(e.value, e.name(design)) for e in entries]
    if design.robust and y.nature is not None and proved is not None:
        rows += _tex_prior(design, y.nature)
    if taken:
        under = "beliefs" if design.worst_state else "rules"
        rows.append(rf"& \text{{with truth and lies taken under these {under}:}} \\")
        rows += [_tex_row(s.value, s.name(design)) for s in taken]
    end = in_math(end).replace("objective", r"\text{objective}")
    return "\n".join([r"\begin{align*}", *rows, rf"\Longrightarrow\quad & {end}", r"\end{align*}"])


def _tex_rates(answer: Answer) -> list[str]:
    """What requirements gain by giving way, and what it costs to ask more of them."""
    rows = []
    for one in () if answer.rates is None else answer.rates.examined:
        sides = [
            rf"\text{{{side} is impossible}}"
            if found.rate is None
            else rf"\text{{{side} {called} }}{fraction(found.rate)}"
            for _, side, called, found in one.sides()
        ]
        name = in_math(name_of(answer.design, one.relaxed))
        rows.append(rf"\mathrm{{{name}}} &: " + r",\ ".join(sides) + r" \\")
    return [r"\begin{align*}", *rows, r"\end{align*}"] if rows else []


def _tex_prior(design: Design, nature: Rationals) -> list[str]:
    """The prior of the designer's set under which the objective is bounded."""
    environment = design.environment
    rows = [r"& \text{with expectations under the prior that has:} \\"]
    for k, chance in enumerate(nature.fractions()[: environment.num_profiles]):
        if chance:
            profile = tuple(map(int, np.unravel_index(k, environment.shape)))
            name = in_math(f"Pr[{environment.profile_label(profile)}]")
            rows.append(rf"\mathrm{{{name}}} &= {fraction(chance)} \\")
    return rows


def _tex_row(value: Fraction, name: str) -> str:
    return rf"{fraction(value)} &\times \mathrm{{{in_math(name)}}} \\"
