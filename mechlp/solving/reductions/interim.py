"""Interim requirements: transfers and allocations matter only as far as beliefs see them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...exact.numbers import Rationals, stack, where
from ...question.design import Design
from ...question.objective import goal
from ..plan import Factors, Mask, Plan, Values
from .premise import Refused


def _bayesian(plan: Plan) -> None:
    for what, asked in (("IC", plan.design.ic), ("IR", plan.design.ir)):
        if asked == "ex-post":
            raise Refused(f"{what} is ex post")
    if plan.design.ic_notion is not None and not plan.design.ic_notion.paid:
        raise Refused("IC does not compare payoffs")


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
        if design.transfers != "free" or design.norm is not None:
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
        if design.norm is not None:
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


class FirstBest:
    """No theorem: beliefs that differ from type to type often let transfers implement the allocation of the largest surplus,
    whose value nothing exceeds.  Then transfers are all that is sought."""

    name = "first-best"
    source = "Crémer and McLean (1988); with a balanced budget: Kosenok and Severinov (2008)"

    def narrowed(self, plan: Plan) -> Plan:
        design = plan.design
        if plan.reduces:
            raise Refused("less is left to compile already")
        if design.ic != "bayesian" or design.transfers == "none":
            raise Refused("it rests on transfers that types expect to differ")
        if design.wants.kind not in ("revenue", "surplus") or design.wants.weights is not None:
            raise Refused("neither revenue nor surplus is wanted")
        if design.lottery is not None:
            raise Refused("the allocation is given")
        if design.norm is not None:
            raise Refused("the size of transfers matters")
        return replace(plan, first_best=most_surplus(design))


def first_rules(design: Design) -> Rationals:
    """Rules to start from: any allowed outcome with equal chances, and the most surplus."""
    return stack([equal_chances(design.allowed), most_surplus(design)])


def most_surplus(design: Design) -> Rationals:
    """The lottery ``(|A|, *Theta)`` over the allowed outcomes of the largest surplus, with equal chances."""
    worth = where(design.allowed, design.environment.surplus, design.environment.surplus.min() - 1)
    return equal_chances(np.asarray(worth == worth.max(axis=0)))


def equal_chances(used: Mask) -> Rationals:
    """The lottery ``(|A|, *Theta)`` with equal chances of the outcomes used at each profile."""
    counts = used.sum(axis=0)
    common = int(np.lcm.reduce(np.unique(counts)))
    return Rationals(np.where(used, common // counts, 0).astype(np.int64), common)


__all__ = ["Decomposition", "ExAnteBalance", "FirstBest", "InterimTransfers", "PrivateValues", "equal_chances"]
