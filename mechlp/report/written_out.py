"""A proof with its inequalities written out: what each requirement says of chances and transfers, and what they add up to.

Each requirement is read off the Lagrangian of one multiplier (:mod:`mechlp.proof.lagrangian`): what is written is what is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..exact.numbers import Rationals
from ..proof.bound import bound
from ..proof.lagrangian import lagrangian
from ..proof.multipliers import Entry, Multipliers, RuleWeights
from ..question.design import Design
from ..question.objective import goal
from .proof import Share, open_lie, open_lies, shares

BELOW = "spelled out below by the payoffs under each rule or belief"
#: Proofs of more requirements, or about larger mechanisms, are named and not written out.
MOST_ROWS, MOST_CELLS, MOST_TERMS = 60, 20_000, 40


@dataclass(frozen=True)
class Unknown:
    """A number that a mechanism chooses: the chance of an outcome at a profile, or what an agent receives there; ``rule`` is None
    where there is one rule."""

    kind: str
    of: int
    profile: tuple[int, ...]
    rule: int | None = None


@dataclass(frozen=True)
class Form:
    """``constant + sum of weights times unknowns``."""

    constant: Fraction
    terms: tuple[tuple[Fraction, Unknown], ...]


@dataclass(frozen=True)
class Line:
    """A requirement or a payoff of a proof: how often it is taken, its name, and what it is, at least zero where it is a
    requirement (``equality``: zero).  ``form`` is None where only its name is said, and ``said`` what it is, in words."""

    times: Fraction
    name: str
    form: Form | None
    equality: bool = False
    requirement: bool = True
    said: str = ""


@dataclass(frozen=True)
class WrittenOut:
    """The lines of a proof, what they add up to together with the objective (with a minus where the least is wanted), and the
    bound that follows.  ``maximize`` is None where the proof is a refutation, and no objective is added."""

    lines: tuple[Line, ...]
    total: Form
    bound: Fraction
    maximize: bool | None


def written_out(
    design: Design, y: Multipliers, *, wanted: bool, allowed: npt.NDArray[np.bool_] | None = None
) -> WrittenOut | str:
    """Every inequality of a proof, or why it is only named; ``allowed`` are the outcomes of a case, ``(copies, |A|, *Theta)``."""
    if not design.environment.exact:
        return "payoffs are irrational, and enclosed between rational numbers in the saved answer"
    cells = (len(design.environment.outcomes) + design.environment.n) * design.environment.num_profiles
    if y.size > MOST_ROWS:
        return f"there are {y.size:,} requirements, and more than {MOST_ROWS} are not written out"
    if cells * y.count > MOST_CELLS:
        return f"the mechanism consists of {cells * y.count:,} numbers, and about more than {MOST_CELLS:,} nothing is written out"
    every = design.allowed[None] if allowed is None else design.allowed[None] & allowed
    entries = tuple(y.rows(design))
    blind = open_lies(design, y, entries)
    lines = [_line(design, y, entry, every, entry in blind) for entry in entries]
    lines += [_payoff(design, y, share, every) for share in shares(y) if share.agent is not None]
    longest = max((len(line.form.terms) for line in lines if line.form is not None), default=0)
    if longest > MOST_TERMS:
        return f"an inequality has {longest:,} terms, and one of more than {MOST_TERMS} is not written out"
    aim = goal(design, _prior(design, y)) if wanted else None
    total = _form(design, every, *lagrangian(design, y, aim))
    return WrittenOut(
        tuple(lines), total, bound(design, y, allowed, wanted=wanted), None if aim is None else aim.maximize
    )


def _prior(design: Design, y: Multipliers) -> Rationals | None:
    """The prior under which a designer who holds several possible is bounded."""
    possible = design.environment.designer_set
    if possible is None or y.nature is None or not design.robust:
        return None
    return y.nature[: possible.cells].reshape(possible.shape)


def _blank(y: Multipliers) -> Multipliers:
    zeros = lambda array: None if array is None else Rationals.zeros(array.shape)  # noqa: E731
    rules = y.rules
    if rules is not None:
        truth, lies = (tuple(Rationals.zeros(a.shape) for a in part) for part in (rules.truth, rules.lies))
        rules = RuleWeights(rules.labels, truth, lies, Rationals.zeros(rules.objective.shape))
    linear = tuple(Rationals.zeros(part.shape) for part in y.linear)
    return Multipliers(tuple(map(zeros, y.ic)), tuple(map(zeros, y.ir)), zeros(y.bb), rules, None, linear)


def _one(shape: tuple[int, ...], cell: tuple[int, ...]) -> Rationals:
    out = np.zeros(shape, dtype=np.int64)
    out[cell] = 1
    return Rationals(out)


def _line(
    design: Design, y: Multipliers, entry: Entry, allowed: npt.NDArray[np.bool_], left_open: bool
) -> Line:
    """A requirement by itself.  One that compares payoffs under several rules is written out by these payoffs."""
    blank, first = _blank(y), entry.state if entry.rule is None else entry.rule
    agent, equality = entry.agent, False
    if entry.family is not None:
        place = entry.others if entry.rule is None else (entry.rule, *entry.others)
        part = _one(y.linear[entry.family].shape, place)
        equality = design.requirements[entry.family].sense == "="
        linear = (*blank.linear[: entry.family], part, *blank.linear[entry.family + 1 :])
        alone = replace(blank, linear=linear)
    elif agent is None:
        assert y.bb is not None
        equality = not design.bb.endswith("weak")
        alone = replace(blank, bb=_one(y.bb.shape, (first, *entry.others)))
    else:
        own, array = ("ic", y.ic[agent]) if entry.kind == "IC" else ("ir", y.ir[agent])
        assert array is not None and entry.type is not None
        equality = own == "ir" and design.ir_binds
        if y.rules is not None and not (own == "ir" and design.ir_notion is not design.ic_notion):
            said = open_lie(design, entry) if left_open else BELOW
            return Line(entry.value, entry.name(design), None, equality, said=said)
        lie = () if entry.report is None else (entry.report,)
        part = _one(array.shape, (first, entry.type, *lie, *entry.others))
        every = blank.ic if own == "ic" else blank.ir
        parts = (*every[:agent], part, *every[agent + 1 :])
        alone = replace(blank, ic=parts) if own == "ic" else replace(blank, ir=parts)
    form = _form(design, allowed, *lagrangian(design, alone, None))
    return Line(entry.value, entry.name(design), form, equality)


def _payoff(design: Design, y: Multipliers, share: Share, allowed: npt.NDArray[np.bool_]) -> Line:
    """A payoff under one rule or belief."""
    rules, blank = y.rules, _blank(y)
    assert rules is not None and blank.rules is not None and share.agent is not None
    several = rules.truth[share.agent].shape[0] > 1
    first = (share.rule, 0) if several else (0, share.rule)
    truth, lies = list(blank.rules.truth), list(blank.rules.lies)
    if share.report is None:
        truth[share.agent] = _one(truth[share.agent].shape, (*first, share.type))
    else:
        lies[share.agent] = -_one(lies[share.agent].shape, (*first, share.type, share.report))
    alone = replace(blank, rules=replace(blank.rules, truth=tuple(truth), lies=tuple(lies)))
    form = _form(design, allowed, *lagrangian(design, alone, None))
    return Line(share.value, share.name(design), form, requirement=False)


def _form(
    design: Design,
    allowed: npt.NDArray[np.bool_],
    on_q: Rationals,
    on_t: list[Rationals],
    constant: Fraction,
) -> Form:
    """Coefficients by the unknowns that are left: lotteries that are given, and transfers that are ruled out, are none."""
    allowed = np.broadcast_to(allowed, on_q.shape)
    alone = allowed.sum(axis=1) == 1
    given = design.allocation if isinstance(design.allocation, Rationals) else None
    terms: list[tuple[Fraction, Unknown]] = []
    for copy, outcome, *profile in _places(on_q):
        value, at = on_q[(copy, outcome, *profile)], tuple(profile)
        if given is not None:
            constant += value * given[(outcome, *at)]
        elif not allowed[(copy, outcome, *at)]:
            continue
        elif alone[(copy, *at)]:
            constant += value
        else:
            terms.append((value, Unknown("q", outcome, at, copy if len(on_q) > 1 else None)))
    for agent, coefficients in enumerate(on_t):
        if design.transfers == "none":
            continue
        for rule, *profile in _places(coefficients):
            own = Unknown("t", agent, tuple(profile), rule if len(coefficients) > 1 else None)
            terms.append((coefficients[(rule, *profile)], own))
    return Form(constant, tuple(terms))


def _places(array: Rationals) -> Iterator[tuple[int, ...]]:
    yield from (tuple(map(int, cell)) for cell in np.argwhere(array.numerator != 0))


__all__ = ["Form", "Line", "Unknown", "WrittenOut", "written_out"]
