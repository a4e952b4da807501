"""Reductions: theorems that leave less to compile.

A reduction has a name, a premise that is checked on the data, and a source.  It narrows a
:class:`~mechlp.solving.plan.Plan`: which lies have rows, by which numbers transfers and allocations are seen.  The way back
is the same for all: :func:`mechlp.solving.generation.mechanism` rebuilds the mechanism by profile and
:func:`mechlp.solving.generation.generate` names the multipliers of the full problem.  Neither is believed:
the mechanism is audited against every requirement, the multipliers are checked by
:func:`mechlp.proof.bound.bound`, and lies that a mechanism does not deter are added to the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ..environment.notions import States
from ..exact.numbers import Rationals, stack, where
from ..question.design import Design, InvalidDesign
from ..question.objective import goal
from .continuation import coarser, single_rows
from .envelope import Envelope
from .interchange import interchangeable
from .plan import Factors, Mask, Plan, Values
from .rents import Rents

#: Entries of the full program beyond which reductions are used unless told otherwise: small programs are solved as they
#: stand, with the proofs that are shortest to read.
AUTOMATIC = 50_000
#: Entries of the program beyond which rows are generated, or the allocation is decomposed, without being told: what takes
#: many solves does not pay where one solve of the program as it stands is quick.
MANY_SOLVES = 2_000_000
#: Where the envelope leaves few rows, a decomposition takes few solves: cells of the allocation from which it then pays.
DECOMPOSED = 2_000
#: What is left of a design whose designer holds a set of priors possible.
UNDER_SETS = ("adjacent", "running-rents", "row-generation", "symmetric-agents", "grid-continuation")
#: Types from which on a coarser grid is solved first.
FINE = 24
#: Types beyond which rows are generated from near neighbours.
NEIGHBOURS = 8


class Refused(Exception):
    """The premise of a reduction does not hold; the message says what fails."""


class Reduction(Protocol):
    """One theorem."""

    name: str
    source: str

    def narrowed(self, plan: Plan) -> Plan:
        """The plan with less to compile.  Raises Refused when the premise fails."""
        ...


def _bayesian(plan: Plan) -> None:
    for what, asked in (("IC", plan.design.ic), ("IR", plan.design.ir)):
        if asked == "ex-post":
            raise Refused(f"{what} is ex post")


class ExAnteBalance:
    """Independent types: budget balance ex post can be had from balance ex ante, interim payoffs unchanged."""

    name = "ex-ante-balance"
    source = "d'Aspremont and Gerard-Varet (1979); Borgers and Norman (2009)"

    def narrowed(self, plan: Plan) -> Plan:
        design, environment = plan.design, plan.design.environment
        if design.bb not in ("ex-post", "ex-post-weak"):
            raise Refused("budget balance is not asked ex post")
        if environment.n < 2:
            raise Refused("one agent has nobody to balance with")
        if design.transfers != "free" or design.secondary != "none":
            raise Refused("transfers are bounded, or their size matters")
        _bayesian(plan)
        beliefs = environment.beliefs
        if beliefs is None or beliefs.prior is None or environment.designer is None:
            raise Refused("there is no common prior")
        if not environment.designer.same(beliefs.prior):
            raise Refused("the designer has another prior")
        for i in range(environment.n):
            factors = Factors.of(beliefs.prior.moveaxis(i, 0))
            if factors.rank > 1:
                raise Refused("types are correlated")
            aim = goal(design)
            if aim is not None and factors.coordinates(aim.transfers[i].moveaxis(i, 0)) is None:
                raise Refused("the objective depends on transfers profile by profile")
        return replace(plan, design=design.asking(bb=design.bb.replace("post", "ante")))


class InterimTransfers:
    """Beliefs of low rank: a transfer rule is only seen through as many numbers a report as the rank."""

    name = "interim-transfers"
    source = "interim (reduced-form) transfers; Cremer and McLean (1988) for the role of the rank"

    def narrowed(self, plan: Plan) -> Plan:
        design, environment = plan.design, plan.design.environment
        if design.transfers != "free":
            raise Refused("transfers are bounded or excluded")
        if design.secondary != "none":
            raise Refused("the size of transfers matters")
        if design.bb in ("ex-post", "ex-post-weak"):
            raise Refused("budget must balance profile by profile")
        _bayesian(plan)
        if environment.beliefs is None:
            raise Refused("there are no beliefs")
        found = [self._seen(design, i) for i in range(environment.n)]
        if all(f.rank == f.flat.shape[1] for f in found):
            raise Refused("the beliefs have full rank")
        return replace(plan, interim=tuple(found))

    def _seen(self, design: Design, i: int) -> Factors:
        environment = design.environment
        assert environment.beliefs is not None
        factors = Factors.of(environment.beliefs.weights[i].moveaxis(i, 0))
        aim, name = goal(design), environment.agents[i].name
        if factors.rank > factors.flat.shape[1]:
            raise Refused(f"the beliefs of {name} have full rank")
        if factors.rank > 1 and factors.rank == len(factors.types) and factors.rank >= factors.flat.shape[1]:
            raise Refused(f"the beliefs of {name} have full rank")
        if design.bb != "none":
            assert environment.designer is not None
            if factors.coordinates(environment.designer.moveaxis(i, 0)) is None:
                raise Refused(f"the designer's prior is not in the span of the beliefs of {name}")
        if aim is not None and factors.coordinates(aim.transfers[i].moveaxis(i, 0)) is None:
            raise Refused(f"the objective weighs transfers of {name} outside the span of the beliefs")
        return factors


class PrivateValues:
    """Private values and interim transfers: payoffs depend on interim allocations, of low rank in the outcomes."""

    name = "private-values"
    source = "interim (reduced-form) allocations: Myerson (1981); Border (1991)"

    def narrowed(self, plan: Plan) -> Plan:
        environment = plan.design.environment
        if all(f is None for f in plan.interim):
            raise Refused("it rests on interim-transfers, which is not in force: ask for both")
        found: list[Values] = []
        for i, agent in enumerate(environment.agents):
            if not environment.private_values(i):
                raise Refused(f"the payoff of {agent.name} depends on others' types")
            own = environment.utility[i].moveaxis(i + 1, 1)
            flat = (
                own.reshape(*own.shape[:2], -1)
                if environment.n == 1
                else own[(..., *(0,) * (environment.n - 1))]
            )
            found.append(Values.of(flat.reshape(own.shape[:2])))
        return replace(plan, values=tuple(found))


class AdjacentIC:
    """One-dimensional types: IC between neighbours implies IC."""

    name = "adjacent"
    source = "increasing differences: Mirrlees (1971), Myerson (1981); local IC suffices: Carroll (2012)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if design.ic_notion is None:
            raise Refused("no IC is asked")
        orders = []
        for i, agent in enumerate(design.environment.agents):
            states = design.ic_notion.states(design.environment, i)
            if len(states.types) < agent.size:
                raise Refused(f"some type of {agent.name} has no belief")
            orders.append(tuple(_order(design, i, states)))
        return replace(plan, orders=tuple(orders)).with_pairs(lambda i: adjacency(orders[i]))


def _order(design: Design, i: int, states: States) -> list[int]:
    """The types of an agent in the order of their one dimension.  Raises Refused where there is none.

    Utilities must be ``u(a, k, x) = u(a, 0, x) + c_k d(a, x) + e_k(x)`` with different ``c_k`` (ex post, ``c_k`` may depend
    on x as long as its order does not): then what a lottery is worth to a type is affine in one number of the lottery.
    """
    agent = design.environment.agents[i]
    if states.summed and (len(states.weights) > 1 or Factors.of(states.weights[0]).rank > 1):
        raise Refused(f"the beliefs of {agent.name} depend on the type")
    utility = design.environment.utility[i].moveaxis(i + 1, 1).unrepeated()
    if utility.shape[1] == 1:
        return list(range(agent.size))
    from_first = utility - utility[:, :1]
    gain = from_first - from_first[:1]  # (A, m, *rest): what changes with the type, beyond a constant
    flat = gain.reshape(*gain.shape[:2], -1)
    if states.summed:
        flat = Rationals(np.moveaxis(flat.numerator, 2, 1), flat.denominator).reshape(-1, agent.size, 1)
    orders = {tuple(_line(flat[:, :, x], agent.name)) for x in range(flat.shape[2])}
    if len(orders) > 1:
        raise Refused(f"the types of {agent.name} are ordered differently at different profiles")
    return list(orders.pop())


def _line(gain: Rationals, name: str) -> list[int]:
    """The order along a line of the columns of a matrix, the first of which is zero."""
    if not np.any(gain.numerator != 0):
        return list(range(gain.shape[1]))
    row, column = (int(k) for k in np.argwhere(gain.numerator != 0)[0])
    position = gain[row : row + 1]
    if not bool(np.all(gain * gain[row, column] == position * gain[:, column : column + 1])):
        raise Refused(f"the types of {name} differ in more than one dimension")
    cells = position.numerator[0]
    if len(np.unique(cells)) < len(cells):
        raise Refused(f"two types of {name} have the same payoffs")
    order = [int(k) for k in np.argsort(cells, kind="stable")]
    return order if order[0] <= order[-1] else order[::-1]


def adjacency(order: Sequence[int]) -> Mask:
    """Lies to the neighbours of an order."""
    mask = np.zeros((len(order), len(order)), dtype=bool)
    before, after = list(order[:-1]), list(order[1:])
    mask[before, after] = mask[after, before] = True
    return mask


class EnvelopeTransfers:
    """Types on a line, transfers that cost the objective: the cheapest ones drop out of the program."""

    name = "envelope"
    source = "Myerson (1981): payoff equivalence and virtual values"

    def narrowed(self, plan: Plan) -> Plan:
        design, environment = plan.design, plan.design.environment
        if not plan.orders or any(v is None for v in plan.values):
            raise Refused("it rests on adjacent and private-values")
        if any(f is None or f.rank > 1 for f in plan.interim):
            raise Refused("types are correlated")
        if design.ir != "interim" or design.ir_binds:
            raise Refused("IR is not asked interim, as an inequality")
        if design.bb not in ("none", "ex-ante-weak"):
            raise Refused("the budget must balance exactly, so that transfers are wanted too")
        aim, orders = goal(design), []
        for i, order in enumerate(plan.orders):
            name, factors = environment.agents[i].name, plan.interim[i]
            assert factors is not None
            share = None if aim is None else factors.coordinates(aim.transfers[i].moveaxis(i, 0))
            if (
                aim is not None
                and share is not None
                and bool(np.any((share if aim.maximize else -share) > 0))
            ):
                raise Refused(f"the objective rewards transfers to {name}")
            orders.append(_rising(design, i, order))
        known = [f for f in plan.interim if f is not None]
        values = [v for v in plan.values if v is not None]
        envelope = Envelope(design, tuple(orders), tuple(known), tuple(values))
        return replace(plan, orders=tuple(orders), envelope=envelope)


def _rising(design: Design, i: int, order: tuple[int, ...]) -> tuple[int, ...]:
    """The order turned so that every outcome is worth no less, beyond the outside option, to a higher type."""
    environment = design.environment
    net = (environment.utility[i] - environment.outside[i]).moveaxis(i + 1, 1).unrepeated()
    if net.shape[1] == 1:
        return order
    steps = net[:, list(order[1:])] - net[:, list(order[:-1])]
    if bool(np.all(steps >= 0)):
        return order
    if bool(np.all(steps <= 0)):
        return order[::-1]
    raise Refused(f"{environment.agents[i].name} has no lowest type that every outcome pays least")


class RunningRents:
    """Types on a line, ex-post IC and IR, transfers that cost the objective: rents add up, and transfers drop out."""

    name = "running-rents"
    source = "Myerson (1981); Mookherjee and Reichelstein (1992): cheapest transfers in dominant strategies"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if not plan.orders:
            raise Refused("it rests on adjacent")
        if design.ic != "ex-post" or design.ir != "ex-post" or design.ir_binds:
            raise Refused("IC and IR are not asked ex post, as inequalities")
        if design.bb not in ("none", "ex-ante-weak", "ex-post-weak"):
            raise Refused("the budget must balance exactly, so that transfers are wanted too")
        if design.transfers != "free" or design.secondary != "none":
            raise Refused("transfers are bounded or excluded, or their size matters")
        if design.lottery is not None or bool(np.all(design.allowed.sum(axis=0) == 1)):
            raise Refused("the allocation is given")
        aim = goal(design)
        if aim is not None and bool(np.any((aim.transfers if aim.maximize else -aim.transfers) > 0)):
            raise Refused("the objective rewards transfers")
        orders = tuple(_rising(design, i, order) for i, order in enumerate(plan.orders))
        return replace(plan, orders=orders, rents=Rents(design, orders))


class NearNeighbours:
    """No theorem: rows are generated, from lies to types of similar payoffs and beliefs."""

    name = "row-generation"
    source = "relaxation and exact separation: Dantzig, Fulkerson and Johnson (1954)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if design.ic_notion is None:
            raise Refused("no IC is asked")
        if any(mask is not None for mask in plan.pairs):
            raise Refused("the lies that matter are known")
        if max(design.environment.shape) <= NEIGHBOURS:
            raise Refused("there are few types")
        return plan.with_pairs(lambda i: neighbours(design, i))


def neighbours(design: Design, i: int, count: int = 4) -> Mask:
    """For each type the nearest others by payoffs and beliefs (floats: any choice is correct)."""
    from scipy.spatial import cKDTree

    environment = design.environment
    size = environment.agents[i].size
    utility = environment.utility[i].moveaxis(i + 1, 0).unrepeated().float
    parts = [utility.reshape(utility.shape[0], -1)]
    if environment.beliefs is not None and design.ic == "bayesian":
        beliefs = environment.beliefs.weights[i].moveaxis(i, 0).float.reshape(size, -1)
        parts.append(beliefs / np.maximum(beliefs.sum(axis=1, keepdims=True), 1e-300))
    features = np.concatenate([np.broadcast_to(p, (size, p.shape[1])) for p in parts], axis=1)
    mask = np.zeros((size, size), dtype=bool)
    _, near = cKDTree(features).query(features, k=min(count + 1, size))
    mask[np.arange(size)[:, None], near] = True
    mask |= mask.T
    np.fill_diagonal(mask, False)
    return mask


class Decomposition:
    """Interim requirements only: the allocation is a mixture of rules, each the best profile by profile at some prices."""

    name = "decomposition"
    source = "Dantzig and Wolfe (1960)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if design.lottery is not None:
            raise Refused("the allocation is given")
        if any(v is None for v in plan.values):
            raise Refused("interim allocations do not apply")
        if design.bb in ("ex-post", "ex-post-weak"):
            raise Refused("budget must balance profile by profile")
        return replace(plan, mixture=first_rules(design))


def first_rules(design: Design) -> Rationals:
    """Rules to start from: any allowed outcome with equal chances, and the most surplus."""
    worth = where(design.allowed, design.environment.surplus, design.environment.surplus.min() - 1)
    return stack([equal_chances(design.allowed), equal_chances(np.asarray(worth == worth.max(axis=0)))])


def equal_chances(used: Mask) -> Rationals:
    """The lottery ``(|A|, *Theta)`` with equal chances of the outcomes used at each profile."""
    counts = used.sum(axis=0)
    common = int(np.lcm.reduce(np.unique(counts)))
    return Rationals(np.where(used, common // counts, 0).astype(np.int64), common)


class SymmetricAgents:
    """Interchangeable agents: one of them stands for all, one profile for all in which they have changed places.

    Any mechanism averaged over the ways to rename the agents satisfies the same requirements, to the same end.
    """

    name = "symmetric-agents"
    source = "averaging over the symmetry group: Maskin and Riley (1984) for auctions; Gatermann and Parrilo (2004)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if design.environment.n < 2:
            raise Refused("there is one agent")
        if design.worst_state:
            raise Refused("which belief makes a lie unattractive is a choice")
        if design.secondary != "none":
            raise Refused("the size of transfers matters")
        swaps, reasons = interchangeable(design)
        if not swaps:
            raise Refused(reasons[0])
        found = replace(plan, swaps=swaps)

        def together(i: int) -> Mask | None:
            masks = [plan.pairs[k] for k, first in enumerate(found.first) if first == found.first[i]]
            known = [mask for mask in masks if mask is not None]
            return np.logical_or.reduce(known) if len(known) == len(masks) else None

        return found.with_pairs(together)


class GridContinuation:
    """Many types on a line: the program begins from the solution on a grid of half as many."""

    name = "grid-continuation"
    source = "nested iteration: Kronsjo and Dahlquist (1972)"

    def narrowed(self, plan: Plan) -> Plan:
        design, environment = plan.design, plan.design.environment
        if plan.rents is None:
            raise Refused("it rests on running-rents")
        if plan.swaps:
            raise Refused("interchangeable agents are folded")
        if design.wants.kind not in ("feasibility", "revenue", "surplus"):
            raise Refused("a table gives the objective")
        if isinstance(design.allocation, Rationals):
            raise Refused("a table gives the allocation")
        possible = environment.designer_set
        if possible is not None and not single_rows(possible):
            raise Refused("what the designer knows of the prior means something else on another grid")
        if any(
            list(order) != sorted(order) and list(order) != sorted(order, reverse=True)
            for order in plan.orders
        ):
            raise Refused("some types are not listed in their order")
        if min(environment.shape) < FINE:
            raise Refused("there are few types")
        smaller = coarser(design)
        coarse = Plan.whole(smaller)
        for reduction in (AdjacentIC(), RunningRents()):
            coarse = reduction.narrowed(coarse)
        with suppress(Refused):
            coarse = self.narrowed(coarse)
        return replace(plan, coarse=coarse)


#: In the order in which they are tried: each may rest on those before it.
REDUCTIONS: dict[str, Reduction] = {
    r.name: r
    for r in (
        ExAnteBalance(),
        InterimTransfers(),
        PrivateValues(),
        AdjacentIC(),
        EnvelopeTransfers(),
        RunningRents(),
        NearNeighbours(),
        Decomposition(),
        SymmetricAgents(),
        GridContinuation(),
    )
}


@dataclass(frozen=True)
class Applied:
    """A plan, which reductions made it, and why the others did not."""

    plan: Plan
    names: tuple[str, ...]
    refused: dict[str, str]


def reduce(design: Design, names: str | bool | Sequence[str] = "auto") -> Applied:
    """The plan of a design under reductions.

    Parameters
    ----------
    names : ``"auto"`` (all that apply, when the full program is large), True (all that apply), False (none), or a list
        of names from :data:`REDUCTIONS`.

    Raises
    ------
    InvalidDesign
        An unknown name, or one whose premise fails although it was asked for by name.
    """
    asked = [names] if isinstance(names, str) and names != "auto" else names
    every = asked in ("auto", True)
    wanted = list(REDUCTIONS) if every else [] if asked is False else list(asked)  # type: ignore[arg-type]
    for name in wanted:
        if name not in REDUCTIONS:
            raise InvalidDesign(f"reduce: {name!r} is not one of {', '.join(REDUCTIONS)}")
    plan, applied, refused = Plan.whole(design), [], {}
    if every and (design.ambiguous or design.deterministic):
        return Applied(plan, (), {"all": "rules are ambiguous or deterministic"})
    if every and design.requirements:
        return Applied(plan, (), {"all": "there are requirements given row by row"})
    entries = full_size(design).entries
    if asked == "auto" and entries <= AUTOMATIC:
        return Applied(plan, (), {"all": "the program is small"})
    for name, reduction in REDUCTIONS.items():
        if name not in wanted:
            continue
        if asked == "auto" and name in ("decomposition", "row-generation") and not _pays(plan, entries):
            refused[name] = "the program is not so large that solving it many times pays"
            continue
        if name == "grid-continuation" and every and not design.robust:
            refused[name] = "with one prior the solver is faster from nothing"
            continue
        try:
            if design.ambiguous or design.deterministic:
                raise Refused("rules are ambiguous or deterministic")
            if design.requirements:
                raise Refused("there are requirements given row by row")
            if design.robust and name not in UNDER_SETS:
                raise Refused("the designer holds a set of priors")
            plan = reduction.narrowed(plan)
            applied.append(name)
        except Refused as why:
            if not every:
                raise InvalidDesign(f"reduce: {name} does not apply: {why}") from None
            refused[name] = str(why)
    return Applied(plan, tuple(applied), refused)


def _pays(plan: Plan, entries: int) -> bool:
    """Whether many solves of small programs are quicker than one of a program of so many entries."""
    return entries > MANY_SOLVES or (plan.envelope is not None and plan.design.allowed.size > DECOMPOSED)


@dataclass(frozen=True)
class Size:
    """Rows, columns and entries of a program."""

    rows: int
    columns: int
    entries: int

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.columns:,} columns, {self.entries:,} entries"


def full_size(design: Design) -> Size:
    """The size of the program without reductions, by counting."""
    environment = design.environment
    profiles, outcomes = environment.num_profiles, len(environment.outcomes)
    chosen, paid = design.lottery is None, design.transfers != "none"
    rows = profiles * chosen
    columns = profiles * (outcomes * chosen + environment.n * paid)
    entries = profiles * outcomes * chosen
    for i, agent in enumerate(environment.agents):
        others = profiles // agent.size
        for notion, truth in ((design.ic_notion, False), (design.ir_notion, True)):
            if notion is None:
                continue
            states = notion.states(environment, i)
            count = len(states.weights) * len(states.types) * (1 if states.summed else others)
            cells = (outcomes * chosen + paid) * (others if states.summed else 1)
            rows += count if truth else count * agent.size
            columns += 0 if truth else count
            if truth:
                entries += count if design.ic_notion is notion else count * cells
            else:
                entries += count * agent.size * (1 + cells)
    if design.bb != "none" and paid:
        rows += profiles if design.bb.startswith("ex-post") else 1
        entries += profiles * environment.n
    return Size(rows, columns, entries)


__all__ = ["REDUCTIONS", "Applied", "Reduction", "Refused", "Size", "full_size", "reduce"]
