"""Types on a line: IC between neighbours suffices, and the cheapest transfers are pinned."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from ...environment.notions import States
from ...exact.numbers import Rationals
from ...question.continuum import check_affine
from ...question.design import Design, InvalidDesign
from ...question.objective import goal
from ..continuation import coarser, single_rows
from ..envelope import Envelope
from ..plan import Factors, Mask, Plan
from ..rents import Rents
from ..worst_prior import paying
from .premise import Refused

#: Types from which on a coarser grid is solved first.
FINE = 24


class AdjacentIC:
    """One-dimensional types: IC between neighbours implies IC."""

    name = "adjacent"
    source = "increasing differences: Mirrlees (1971), Myerson (1981); local IC suffices: Carroll (2012)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if design.ic_notion is None:
            raise Refused("no IC is asked")
        if design.misreports is not None:
            raise Refused("some lies are not possible, or may pay")
        orders = []
        for i, agent in enumerate(design.environment.agents):
            states = design.ic_notion.states(design.environment, i)
            if states.worth is not None:
                raise Refused("IC does not compare payoffs")
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
        if design.transfers != "free" or design.norm is not None:
            raise Refused("transfers are bounded or excluded, or their size matters")
        if design.lottery is not None or bool(np.all(design.allowed.sum(axis=0) == 1)):
            raise Refused("the allocation is given")
        aim = goal(design)
        if aim is not None and bool(np.any((aim.transfers if aim.maximize else -aim.transfers) > 0)):
            raise Refused("the objective rewards transfers")
        orders = tuple(_rising(design, i, order) for i, order in enumerate(plan.orders))
        return replace(plan, orders=orders, rents=Rents(design, orders))


class WorstPrior:
    """Two outcomes under known means: the worst prior is found first, and says which rows of the designer's program bind."""

    name = "worst-prior"
    source = "Zhang (2021), Theorems 1 and 2, on a grid"

    def narrowed(self, plan: Plan) -> Plan:
        design, possible = plan.design, plan.design.environment.designer_set
        if plan.rents is None:
            raise Refused("it rests on running-rents")
        if possible is None or not design.robust:
            raise Refused("the designer has one prior")
        if plan.swaps:
            raise Refused("interchangeable agents are folded")
        if len(design.environment.outcomes) != 2 or not plan.rents.pins or design.bb != "none":
            raise Refused("it is about revenue from two outcomes, without a budget")
        if not design.allowed.all() or paying(plan) is None:
            raise Refused("no outcome is one that may be chosen everywhere and pays every higher type more")
        if any(agent.values is None for agent in design.environment.agents):
            raise Refused("types are no numbers")
        try:
            check_affine(design.environment, possible if possible.rounds is None else possible.rounds[0])
        except InvalidDesign:
            raise Refused("what the designer knows is more than means") from None
        return replace(plan, worst_prior=True)


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


__all__ = ["AdjacentIC", "EnvelopeTransfers", "GridContinuation", "RunningRents", "WorstPrior", "adjacency"]
