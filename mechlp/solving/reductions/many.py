"""Many types, or agents alike: rows as they are needed, and one agent for all of a kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...question.design import Design
from ..interchange import interchangeable
from ..plan import Mask, Plan
from .premise import Refused

#: Types beyond which rows are generated from near neighbours.
NEIGHBOURS = 8


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
        if design.norm is not None:
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


__all__ = ["NearNeighbours", "SymmetricAgents", "neighbours"]
