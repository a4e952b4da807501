"""Which of several optima is shown: one that agents alike share, with the least transfers, in few numbers.

By the size of transfers is meant the sum of their absolute values over agents and type profiles.  The least one is found by a
second linear program over the optimal face, exactly.  Averaging over the ways in which interchangeable agents change places
keeps what is linear and convex: requirements, value and size.  Of two mechanisms of the least size, the one with fewer
different numbers is taken, then the one with the smaller largest transfer.  What comes out is audited like any answer; where
that, or the time, does not allow it, the mechanism that was found first stays, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ..answer.answer import Answer
from ..exact.numbers import Rationals, stack
from ..mechanism.mechanism import Mechanism
from ..mechanism.menu import shared_belief
from ..program import Program, Solution
from ..program.least_norm import least_norm
from ..question.design import Design
from . import optima
from .interchange import Swap, interchangeable, turned

if TYPE_CHECKING:
    from .solve import _Run

#: Entries of a program over whose optima the least transfers are sought.
LARGEST = 20_000
#: Cells of a mechanism that is averaged over agents alike.
LARGEST_AVERAGED = 200_000
#: Bits of a denominator that a person reads; longer ones are not taken in place of shorter ones.
READABLE = 32


def nicest(
    run: _Run, found: Answer, program: Program, solution: Solution, least: Rationals | None = None
) -> Answer:
    """The answer with the optimum that is shown, and how it was chosen; as it was where nothing nicer is found.  Checked.

    ``least`` is the point of :func:`least_transfers`, where that was found before.
    """
    if len(found.rules) != 1 or run.design.robust:
        return run.checked(found)
    what = "optimal mechanisms" if found.status == "optimal" else "mechanisms that qualify"
    with run.phase("nice optimum"):
        base = found.rules[0]
        sizes: list[str] = []
        late: tuple[str, ...] = ()
        if _sought(run, program):
            least = least_transfers(run, program, solution) if least is None else least
            if least is None:
                late = (
                    f"the least transfers among several {what} were not found in the time that the answer took",
                )
            elif _length(paid := run.mechanism(program, least)[0]) > max(READABLE, _length(base)):
                late = (f"the least transfers among several {what} take numbers too long to be read",)
            else:
                base, sizes = paid, ["has the least sum of absolute transfers"]
        for rule, traits in _candidates(run.design, base, sizes):
            better = _checked(run, replace(found, rules=(rule,)))
            if better is not None and better.certified:
                said = (f"of several {what} this one {', '.join(traits)}", *late)
                return replace(better, notes=(*better.notes, *said))
    found = run.checked(found)
    return replace(found, notes=(*found.notes, *late))


def _checked(run: _Run, found: Answer) -> Answer | None:
    """The answer after its audit; None where the time ends that: what is known already stands."""
    return run.deadline.broken_off(lambda: run.checked(found), lambda: None)


def _length(rule: Mechanism) -> int:
    return max(rule.transfers.denominator.bit_length(), rule.allocation.denominator.bit_length())


def _sought(run: _Run, program: Program) -> bool:
    return run.design.transfers != "none" and not run.plan.reduces and program.nonzeros <= LARGEST


def least_transfers(run: _Run, program: Program, solution: Solution) -> Rationals | None:
    """The optimal point with the least sum of absolute transfers; None where none is sought, or the time does not allow it."""
    if not _sought(run, program):
        return None
    sized = optima.transfers(program)
    return run.deadline.broken_off(lambda: least_norm(program, solution, sized, run.beside()), lambda: None)


def _candidates(design: Design, base: Mechanism, sizes: list[str]) -> Iterator[tuple[Mechanism, list[str]]]:
    """Mechanisms with what makes them nice, the nicest first."""
    swaps = interchangeable(design)[0] if base.allocation.size <= LARGEST_AVERAGED else ()
    even = averaged(base, swaps)
    if swaps and all(_same(swapped(even, s), even) for s in swaps):
        alike = sorted({k for s in swaps for k in (s.first, s.second)})
        names = " and ".join(design.environment.agents[k].name for k in alike)
        yield from _by_numbers(design, even, [f"treats {names} alike", *sizes], bool(sizes))
    if sizes:
        yield from _by_numbers(design, base, sizes, True)


def _by_numbers(
    design: Design, rule: Mechanism, traits: list[str], least: bool
) -> Iterator[tuple[Mechanism, list[str]]]:
    """The mechanism, after the one whose transfers have the same expectations and depend on the own report alone, where that
    takes fewer numbers, or is evener, and (``least``) is no larger."""
    own = _by_own_report(design, rule)
    fewer = own is not None and _numbers(own) < _numbers(rule)
    if own is not None and fewer and (not least or abs(own.transfers).sum() == abs(rule.transfers).sum()):
        yield own, [*traits, "pays by the own report alone"]
    yield rule, traits


def _numbers(rule: Mechanism) -> tuple[int, Fraction]:
    """How many different transfers there are, and the largest in absolute value."""
    return len(set(rule.transfers.fractions())), abs(rule.transfers).max()


def _by_own_report(design: Design, rule: Mechanism) -> Mechanism | None:
    """The mechanism with transfers in expectation, where each agent's types believe the same and only expectations count."""
    environment = design.environment
    expected = design.ic in ("bayesian", "none") and design.ir in ("interim", "none")
    if not expected or design.bb.startswith("ex-post") or environment.n < 2:
        return None
    paid = []
    for i, agent in enumerate(environment.agents):
        beliefs = shared_belief(environment, i)
        if beliefs is None:
            return None
        own = (rule.transfers[i].moveaxis(i, 0) * beliefs).reshape(agent.size, -1).sum(axis=1)
        along = [agent.size if k == i else 1 for k in range(environment.n)]
        paid.append(own.reshape(along).broadcast_to(environment.shape))
    return replace(rule, transfers=stack(paid).reduced())


def averaged(rule: Mechanism, swaps: Sequence[Swap]) -> Mechanism:
    """The average over the ways in which the agents of each class change places.

    Of k agents, each takes the place of the last one in turn, after the others have been averaged.
    """
    classes: dict[int, list[Swap]] = {}
    for swap in swaps:
        classes.setdefault(swap.first, []).append(swap)
    for own in classes.values():
        for m, last in enumerate(own):
            turned = [rule, swapped(rule, last)]
            turned += [swapped(swapped(swapped(rule, s), last), s) for s in own[:m]]
            share = Fraction(1, len(turned))
            rule = replace(
                rule,
                allocation=(sum((r.allocation for r in turned[1:]), rule.allocation) * share).reduced(),
                transfers=(sum((r.transfers for r in turned[1:]), rule.transfers) * share).reduced(),
            )
    return rule


def swapped(rule: Mechanism, swap: Swap) -> Mechanism:
    """What becomes of a mechanism when two agents change places."""
    everybody = range(rule.environment.n)
    return replace(
        rule,
        allocation=turned(rule.allocation, swap, everybody)[swap.outcomes],
        transfers=stack([turned(rule.transfers[swap.agent(k)], swap, everybody) for k in everybody]),
    )


def _same(one: Mechanism, other: Mechanism) -> bool:
    return one.allocation.same(other.allocation) and one.transfers.same(other.transfers)


__all__ = ["LARGEST", "averaged", "least_transfers", "nicest", "swapped"]
