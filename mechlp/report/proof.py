"""Proofs that a person can read: named requirements, small integers, in words, Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

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
        under = f"belief {self.rule + 1}" if design.worst_state else f"rule {self.rule + 1}"
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


def combination(design: Design, multipliers: Multipliers) -> Combination:
    """A refutation in its smallest integers."""
    small = smallest(design, multipliers)
    total = bound(design, small, wanted=False)
    kept = tuple(r for r in small.rows(design) if r.kind != "BB")
    balance = tuple(r for r in small.rows(design) if r.kind == "BB")
    symbolic = in_parameters(design, small, -total)
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


def in_words(answer: Answer) -> list[str]:
    """The proof of an infeasible answer, line by line."""
    proof = answer.proof
    if answer.status != "infeasible" or proof is None:
        return []
    if proof.dominance is not None and proof.dominance.multipliers is not None:
        return [
            f"{_whatever(answer.design)}, the requirements contradict each other: multipliers on dominance, which is IC here, "
            "refute them (see the saved answer)."
        ]
    if proof.multipliers is None:
        return [
            f"{_whatever(answer.design)}, the requirements contradict each other: {proof.leaves()} cases, each refuted by "
            "multipliers of its own (see the saved answer)."
        ]
    made = combination(answer.design, proof.multipliers)
    lines = ["Suppose a mechanism exists. Add up:"]
    lines += [f"    {text(abs(e.value)):>6} x {e.name(answer.design)}{_equality(e)}" for e in made.entries]
    held = {(e.agent or 0, e.type or 0, e.state) for e in made.entries if e.under_belief(answer.design)}
    lines += _held(answer.design, held)
    lines += _under_rules(answer.design, made.shares, open_lies(answer.design, proof.multipliers, made))
    if made.balance:
        lines.append("and use budget balance to cancel the transfers:")
        lines += [f"    {text(e.value):>6} x {e.name(answer.design)}" for e in made.balance]
    else:
        lines.append("The transfers cancel.")
    lines.append(f"What is left reads {made.contradiction}" + _evaluated(made) + ", a contradiction.")
    return lines


def _whatever(design: Design) -> str:
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


def open_lies(design: Design, multipliers: Multipliers, made: Combination) -> tuple[Entry, ...]:
    """The lies of a maxmin proof that are seen under no belief: they count by what they gain whatever the transfers."""
    if not design.worst_state or multipliers.rules is None:
        return ()
    labels = multipliers.rules.labels.punishes
    lies = [e for e in made.entries if e.kind == "IC"]
    return tuple(e for e in lies if labels[e.agent or 0][e.type or 0, e.report or 0] == NOBODY)


def _under_beliefs(design: Design, taken: tuple[Share, ...], left_open: tuple[Entry, ...]) -> list[str]:
    """What IC and IR say of worst beliefs, spelled out, with the beliefs."""
    agents, lines = design.environment.agents, []
    if left_open:
        lines += [
            "A lie's worst case is at least the truthful worst case of the type that it imitates, plus the least that the",
            "allocation can be worth more to the liar, whatever the transfers. So these lies say:",
        ]
    for e in left_open:
        assert e.agent is not None and e.type is not None and e.report is not None
        liar, gain = agents[e.agent], design.gains[e.agent].gain[e.type, e.report]
        own, other = (f"worst[{liar.name}: {liar.types[k]}]" for k in (e.type, e.report))
        lines.append(f"    {text(e.value):>6} x ({own} >= {other} + {text(gain)})")
    lines.append(
        "A worst case is no more than the payoff under any belief that is held possible. So all of this holds with:"
    )
    lines += [f"    {text(s.value):>6} x {s.name(design)}" for s in taken]
    return lines + _held(design, {(s.agent or 0, s.type, s.rule) for s in taken})


def _held(design: Design, beliefs: set[tuple[int, int, int]]) -> list[str]:
    """The beliefs that a proof speaks of: (agent, type, number)."""
    agents, lines = design.environment.agents, ["where the beliefs are:"]
    for i, k, belief in sorted(beliefs):
        chances = _chances(design, i, design.environment.belief_vertices[i][0][belief, k])
        lines.append(f"    belief {belief + 1} of {agents[i].name} {agents[i].types[k]}: {chances}")
    return lines if beliefs else []


def _chances(design: Design, agent: int, belief: Rationals) -> str:
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
    """The proof of an infeasible answer as LaTeX, or a statement of the optimum's multipliers, and its one-sided rates."""
    proof = answer.proof
    if proof is None or proof.multipliers is None:
        return ""
    design = answer.design
    entries: tuple[Entry, ...] = tuple(proof.multipliers.rows(design))
    taken, end = tuple(shares(proof.multipliers)), _proved(answer)
    if answer.status == "infeasible":
        made = combination(design, proof.multipliers)
        entries, taken, end = made.entries + made.balance, made.shares, made.contradiction
    rows = [_tex_row(e.value, e.name(design)) for e in entries]
    if design.robust and proof.multipliers.nature is not None and answer.status != "infeasible":
        rows += _tex_prior(answer)
    if taken:
        under = "beliefs" if design.worst_state else "rules"
        rows.append(rf"& \text{{with truth and lies taken under these {under}:}} \\")
        rows += [_tex_row(s.value, s.name(design)) for s in taken]
    end = in_math(end).replace("objective", r"\text{objective}")
    ends = [rf"\Longrightarrow\quad & {end}", r"\end{align*}"]
    return "\n".join([r"\begin{align*}", *rows, *ends, *_tex_rates(answer)])


def _proved(answer: Answer) -> str:
    """What the multipliers of an optimum, or of a bound, say of the objective."""
    aim, proved = goal(answer.design), answer.bound if answer.bound is not None else answer.value
    sign = "<=" if aim is None or aim.maximize else ">="
    return f"objective {sign} {text(proved or Fraction(0))}"


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


def _tex_prior(answer: Answer) -> list[str]:
    """The prior of the designer's set under which the objective is bounded."""
    environment, proof = answer.design.environment, answer.proof
    assert proof is not None and proof.multipliers is not None and proof.multipliers.nature is not None
    chances = proof.multipliers.nature.fractions()[: environment.num_profiles]
    rows = [r"& \text{with expectations under the prior that has:} \\"]
    for k, chance in enumerate(chances):
        if chance:
            profile = tuple(map(int, np.unravel_index(k, environment.shape)))
            name = in_math(f"Pr[{environment.profile_label(profile)}]")
            rows.append(rf"\mathrm{{{name}}} &= {fraction(chance)} \\")
    return rows


def _tex_row(value: Fraction, name: str) -> str:
    return rf"{fraction(value)} &\times \mathrm{{{in_math(name)}}} \\"
