"""Interchangeable agents: to swap two of them, types matched by their index, and to rename outcomes changes no question.

In an auction "1 gets it" and "2 gets it" change places; which outcomes do is found in the data.  Swaps act on
the columns and rows of a program (:func:`symmetries`), which :mod:`mechlp.program.symmetry` folds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..environment.belief_sets import SENSES, BeliefSet
from ..environment.notions import Notion
from ..exact.numbers import Rationals, concatenate
from ..program import Block, Family, Program
from ..question.design import Design
from ..question.objective import goal
from .nature import nature
from .rows.keys import Kind, key, kind_of

if TYPE_CHECKING:
    from .plan import Plan

Places = npt.NDArray[np.intp]
#: What becomes of each row and of each further variable of a set of priors.
Restrictions = tuple[Places, Places]
#: Rounds in which the rows of a set are told apart.
REFINEMENTS = 4


class Different(Exception):
    """Two agents are not interchangeable; the message says what tells them apart."""


@dataclass(frozen=True)
class Swap:
    """Two agents change places, and outcome a becomes ``outcomes[a]``.

    ``states`` says which belief of the other takes the place of each belief that an agent's types hold possible, where
    those are sets; ``restrictions`` is about the designer's set, where the objective is a worst case over it.
    """

    first: int
    second: int
    outcomes: Places
    states: tuple[Places, ...] | None = None
    restrictions: Restrictions | None = None

    def agent(self, k: int) -> int:
        """Whose place an agent takes."""
        return {self.first: self.second, self.second: self.first}.get(k, k)


def interchangeable(design: Design) -> tuple[tuple[Swap, ...], list[str]]:
    """Swaps of the first agent of each class with every other in it; and what tells apart agents that are not swapped."""
    swaps: list[Swap] = []
    reasons: list[str] = []
    firsts: list[int] = []
    for j in range(design.environment.n):
        for i in firsts:
            try:
                swaps.append(swap(design, i, j))
                break
            except Different as why:
                reasons.append(str(why))
        else:
            firsts.append(j)
    return tuple(swaps), reasons


def swap(design: Design, i: int, j: int) -> Swap:
    """The swap of two agents.  Raises Different where it would change the question."""
    environment = design.environment
    names = f"{environment.agents[i].name} and {environment.agents[j].name}"
    if environment.shape[i] != environment.shape[j]:
        raise Different(f"{names} have different numbers of types")
    out = Swap(i, j, np.arange(len(environment.outcomes)))
    for what, holds in _premises(design, out):
        if not holds:
            raise Different(f"{names} differ in {what}")
    out = _with_states(design, _with_outcomes(design, out, names), names)
    if not design.robust:
        return out
    assert environment.designer_set is not None
    restrictions = _restrictions(environment.designer_set, out)
    if restrictions is None:
        raise Different(f"{names} differ in what the designer knows of the prior")
    return replace(out, restrictions=restrictions)


def _with_outcomes(design: Design, swap: Swap, names: str) -> Swap:
    """A swap with the outcomes that it renames."""
    everybody = range(design.environment.n)
    known: list[tuple[Rationals, Rationals]] = []
    for what, arrays in _of_outcomes(design):
        known += [(own, turned(arrays[swap.agent(k)], swap, everybody)) for k, own in enumerate(arrays)]
        outcomes = _matched(known)
        if outcomes is None:
            raise Different(f"{names} differ in {what}, however outcomes are renamed")
        swap = replace(swap, outcomes=outcomes)
    return swap


def _with_states(design: Design, swap: Swap, names: str) -> Swap:
    """A swap with the beliefs that take each other's places: the same ones for all types of an agent."""
    if not any(_needs_sets(design, kind) for kind in (Kind.IC, Kind.IR)):
        return swap
    states = []
    for k, (own, counts) in enumerate(design.environment.belief_vertices):
        other, others = design.environment.belief_vertices[swap.agent(k)]
        alike = counts == others and own.shape == other.shape
        found = _matched([(own, turned(other, swap, _rest(design, k)))]) if alike else None
        if found is None:
            raise Different(f"{names} differ in sets of beliefs, or types list theirs in different orders")
        states.append(found)
    return replace(swap, states=tuple(states))


def _notion(design: Design, kind: Kind) -> Notion | None:
    """The notion by which the rows or columns of a kind are evaluated."""
    if kind is Kind.IR:
        return design.ir_notion
    return design.ic_notion if kind in (Kind.PAYOFF, Kind.IC, Kind.TRUTH) else None


def _needs_sets(design: Design, kind: Kind) -> bool:
    notion = _notion(design, kind)
    return notion is not None and notion.needs_sets


def _premises(design: Design, swap: Swap) -> Iterator[tuple[str, bool]]:
    """What must be the same for both agents, beside what is about outcomes."""
    environment, i, j = design.environment, swap.first, swap.second
    notions = [notion for notion in (design.ic_notion, design.ir_notion) if notion is not None]
    yield "the bounds on transfers", _same_bounds(design, swap)
    told = design.misreports
    yield "the lies that are possible or may pay", told is None or told[i].same(told[j])
    if any(notion.needs_beliefs for notion in notions) and environment.beliefs is not None:
        yield "beliefs", _alike(environment.beliefs.weights, swap)
    if design.bb.startswith("ex-ante") and environment.designer is not None:
        yield "the designer's prior", _alike([environment.designer] * environment.n, swap)
    yield "outside options", _alike(environment.outside, swap)
    aim = goal(design)
    if aim is not None:
        yield "the objective", _alike(list(aim.transfers), swap)


def _same_bounds(design: Design, swap: Swap) -> bool:
    bounds = [design.transfer_bounds(k) for k in range(design.environment.n)]
    for end in (0, 1):
        given = [pair[end] for pair in bounds]
        if (given[swap.first] is None) != (given[swap.second] is None):
            return False
        # Without a bound, any number will do.
        arrays = [Rationals.of(0 if b is None else b).broadcast_to(design.environment.shape) for b in given]
        if not _alike(arrays, swap):
            return False
    return True


def _of_outcomes(design: Design) -> Iterator[tuple[str, Sequence[Rationals]]]:
    """What is about outcomes, for each agent: arrays ``(|A|, *Theta)``."""
    n, aim = design.environment.n, goal(design)
    yield "payoffs", design.environment.utility
    lottery = design.lottery
    yield "the allocation", [Rationals(design.allowed.astype(np.int64)) if lottery is None else lottery] * n
    if aim is not None:
        yield "the objective", [aim.allocation] * n


def turned(array: Any, swap: Swap, over: Sequence[int], last: int = 0) -> Any:
    """What an array says of the types of ``over``, once those of the two agents have changed places.

    The axes before the ``last`` are those types, in the order of the agents whose places they take.
    """
    if isinstance(array, Rationals):
        return Rationals(turned(array.numerator, swap, over, last), array.denominator)
    first, places = array.ndim - last - len(over), sorted(swap.agent(k) for k in over)
    own = [first + places.index(swap.agent(k)) for k in over]
    return array.transpose(*range(first), *own, *range(array.ndim - last, array.ndim))


def _alike(arrays: Sequence[Rationals], swap: Swap) -> bool:
    """Whether arrays over the type grid, one an agent, stay what they are."""
    everybody = range(len(arrays))
    return all(turned(arrays[swap.agent(k)], swap, everybody).same(own) for k, own in enumerate(arrays))


def _rest(design: Design, k: int) -> list[int]:
    return [a for a in range(design.environment.n) if a != k]


def _matched(pairs: Sequence[tuple[Rationals, Rationals]]) -> Places | None:
    """For each outcome (or whatever the first axis counts) one to which the second arrays give what the first give to it.

    Each is taken once; None where nothing is left for one.
    """
    count = len(pairs[0][0])
    ours: list[list[Any]] = [[] for _ in range(count)]
    theirs: list[list[Any]] = [[] for _ in range(count)]
    for first, second in pairs:
        common = lcm(first.denominator, second.denominator)
        x, y = first.integers(common), second.integers(common)
        if object in (x.dtype, y.dtype):
            x, y = x.astype(object), y.astype(object)
        strides = zip(x.strides[1:], y.strides[1:], strict=True)
        once = (slice(None), *(slice(0, 1) if s == t == 0 else slice(None) for s, t in strides))
        for words, array in ((ours, x[once]), (theirs, y[once])):
            for word, part in zip(words, array, strict=True):
                word.append(tuple(part.ravel()) if part.dtype == object else part.tobytes())
    waiting = defaultdict(list)
    for place in reversed(range(len(theirs))):
        waiting[tuple(theirs[place])].append(place)
    found = [waiting[tuple(key)].pop() if waiting[tuple(key)] else None for key in ours]
    return None if None in found else np.array(found, dtype=np.intp)


def _restrictions(possible: BeliefSet, swap: Swap) -> Restrictions | None:
    """What becomes of the rows and further variables of a set of priors; None where no other set of rows is found.

    Rows and variables are told apart by what they have to do with cells, variables and each other (colour refinement,
    Weisfeiler and Leman 1968), in words of 64 bits; that the entries stay what they are is then checked.
    """
    every, n, cells = possible.all_rows, len(possible.shape), possible.cells
    starts = np.cumsum([0, *(rows.count for rows in every)])
    row = np.concatenate([start + rows.row for start, rows in zip(starts[:-1], every, strict=True)])
    column = np.concatenate([rows.column for rows in every])
    value = _words(concatenate([rows.value for rows in every]))
    rhs = _words(concatenate([rows.rhs for rows in every]))
    sense = np.repeat([SENSES[rows.sense] for rows in every], np.diff(starts)).astype(np.uint64)
    place = np.arange(cells).reshape(possible.shape)
    swapped = turned(place, swap, range(n)).ravel()
    found = []
    for cell in (swapped, place.ravel()):
        of_columns = _scrambled(np.concatenate([cell + 1, np.zeros(possible.lifts)]).astype(np.uint64))
        of_rows = np.zeros(len(rhs), dtype=np.uint64)
        for _ in range(REFINEMENTS):
            of_rows = _scrambled(
                _gathered(row, value * of_columns[column], len(rhs)) + rhs * np.uint64(3) + sense
            )
            seen = _gathered(column, value * of_rows[row], len(of_columns))
            of_columns[cells:] = _scrambled(of_columns + seen)[cells:]
        found.append((of_rows, of_columns[cells:]))
    rows, further = (_paired(*words) for words in zip(*found, strict=True))
    columns = np.concatenate([swapped, cells + further])
    before, after = np.lexsort((column, row)), np.lexsort((columns[column], rows[row]))
    kept = (
        (rhs[rows], rhs),
        (sense[rows], sense),
        (rows[row][after], row[before]),
        (columns[column][after], column[before]),
        (value[after], value[before]),
    )
    return (rows, further) if all(np.array_equal(a, b) for a, b in kept) else None


def _words(array: Rationals) -> npt.NDArray[np.uint64]:
    """Numerators in 64 bits, longer ones by their remainder."""
    cells = array.numerator
    return np.asarray((cells % (2**61 - 1) if cells.dtype == object else cells).astype(np.int64)).astype(
        np.uint64
    )


def _scrambled(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Other words, different for different ones."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(words ^ (words >> np.uint64(31)))


def _gathered(place: Places, words: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    """Sums of words by place."""
    out = np.zeros(size, dtype=np.uint64)
    np.add.at(out, place, words)
    return out


def _paired(ours: npt.NDArray[np.uint64], theirs: npt.NDArray[np.uint64]) -> Places:
    """For each of our words the place of one of theirs, in order where several agree."""
    out = np.empty(len(ours), dtype=np.intp)
    out[np.argsort(ours, kind="stable")] = np.argsort(theirs, kind="stable")
    return out


# -- columns and rows of a program ----------------------------------------------------------------
def symmetries(plan: Plan, program: Program) -> list[tuple[Places, Places]]:
    """What swaps make of the columns and of the rows of a plan's program."""
    parts = (program.blocks, program.column_start), (program.families, program.row_start)
    return [tuple(_moved(plan, swap, *part) for part in parts) for swap in plan.swaps]  # type: ignore[misc]


def _moved(plan: Plan, swap: Swap, parts: Sequence[Block | Family], starts: dict[str, int]) -> Places:
    index = {p.name: np.arange(starts[p.name], starts[p.name] + p.size).reshape(p.shape) for p in parts}
    out = np.arange(sum(p.size for p in parts))
    for part in parts:
        kind, agent = kind_of(part.name)
        if kind is Kind.NATURE:
            continue
        if kind is Kind.EPIGRAPH and part.shape != plan.design.environment.shape:
            continue  # cells that are split: as their parts are
        target = index[key(kind, None if agent is None else swap.agent(agent))]
        if kind is Kind.CHANCE:
            target = target[..., swap.outcomes]
        elif swap.states is not None and agent is not None and _needs_sets(plan.design, kind):
            target = target[swap.states[agent]]
        moved = turned(target, swap, _over(plan, kind, agent), int(kind is Kind.CHANCE))
        out[index[part.name].ravel()] = moved.ravel()
    if swap.restrictions is not None:
        own = nature(plan.design)
        assert own is not None
        rows, further = own.among(swap.restrictions[0]), swap.restrictions[1]
        for name, moved in (
            (key(Kind.NATURE, 0), rows),
            (key(Kind.EPIGRAPH if own.split else Kind.FURTHER), further),
        ):
            if name in index:
                out[starts[name] : starts[name] + len(moved)] = starts[name] + moved
    return out


def _over(plan: Plan, kind: Kind, agent: int | None) -> list[int]:
    """The agents whose types are axes of a part: the last ones, or the last but the outcomes of chances."""
    design = plan.design
    everybody = list(range(design.environment.n))
    if kind in (Kind.CHANCE, Kind.LOTTERY, Kind.EPIGRAPH, Kind.RENT):
        return everybody
    if kind is Kind.BB:
        return everybody if design.bb.startswith("ex-post") else []
    if agent is None:
        return []
    if plan.rents is not None and kind in (Kind.PASSED, Kind.MONOTONE):
        return _rest(design, agent)
    if kind is Kind.TRANSFER:
        return everybody if plan.interim[agent] is None else []
    notion = _notion(design, kind)
    if notion is None or notion.states(design.environment, agent).summed:
        return []
    return _rest(design, agent)


__all__ = ["Different", "Swap", "interchangeable", "swap", "symmetries", "turned"]
