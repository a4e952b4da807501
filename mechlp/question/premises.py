"""What a question needs to make sense: each premise with one sentence that says how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..environment.notions import NOTIONS
from ..exact.errors import InvalidInput
from ..exact.numbers import Rationals
from .objective import OBJECTIVES

if TYPE_CHECKING:
    from .design import Design


#: Why a question is not answered about irrational payoffs.
EXACT_ONLY = "this takes exact payoffs, and some are irrational (sqrt, exp, log, powers): use rational numbers near them"
#: Names that proofs and audits use for what is built in.
RESERVED = ("IC", "IR", "BB", "obedience", "plays", "lottery", "give")


class InvalidDesign(InvalidInput):
    """A question that makes no sense for its environment; the message says what and how to fix it."""


#: What the literature calls truth being best whatever the others report.  With private values this is ic: ex-post.
DOMINANT = ("dominant-strategy", "dominant-strategies", "dominant", "dsic", "strategy-proof", "strategyproof")
#: Other names of requirements, and ours.
SYNONYMS: dict[str, dict[str, str]] = {
    "ic": dict.fromkeys((*DOMINANT, "epic", "ex-post-ic"), "ex-post")
    | dict.fromkeys(("bic", "bayes-nash", "interim"), "bayesian")
    | dict.fromkeys(("sd-strategy-proof", "stochastic-dominance", "sd"), "ordinal")
    | dict.fromkeys(("obic", "ordinal-bic"), "ordinal-bayesian"),
    "ir": {"iir": "interim", "interim-ir": "interim", "epir": "ex-post", "ex-post-ir": "ex-post"},
    "bb": {"sbb": "ex-post", "wbb": "ex-post-weak", "no-deficit": "ex-post-weak"},
    "objective": {"welfare": "surplus", "social-welfare": "surplus"},
}


def one_of(what: str, value: Any, known: tuple[str, ...]) -> None:
    """Raises InvalidDesign, with the known names, when a name is none of them."""
    if value not in known:
        ours = SYNONYMS.get(what, {}).get(str(value).lower())
        hint = f": here this is {ours!r}" if ours else ""
        if ours and str(value).lower() in DOMINANT:
            hint += " where values are private"
        raise InvalidDesign(f"{what}: {value!r} is not one of {', '.join(known)}{hint}")


def check_actions(design: Design) -> None:
    """Recommended actions go with notions that compare expectations, or single states."""
    notion = design.evaluation
    if notion is None:
        return
    if design.environment.actions is None:
        if not notion.lies:
            raise InvalidDesign(
                f"ic: {design.ic} is about recommended actions, and the environment has none: add actions"
            )
        return
    if notion.ambiguous or notion.worst_state or not notion.paid:
        raise InvalidDesign(
            f"ic: {design.ic} is not defined with recommended actions (it does not compare expected payoffs): "
            "use obedience, bayesian, bewley or ex-post"
        )
    if design.ir_binds:
        raise InvalidDesign("objective: full surplus extraction is not defined with recommended actions")


def check_notion(design: Design) -> None:
    """The notion of IC makes sense for the environment, and with the transfers."""
    notion = design.evaluation
    if notion is None:
        return
    if not notion.paid and design.transfers != "none":
        raise InvalidDesign(
            f"ic: {design.ic} compares chances of outcomes alone, and a transfer that depends on the report would escape it: "
            "take transfers: none"
        )
    if design.environment.money is not None and (design.ir_binds or design.environment.actions is not None):
        asked = "recommended actions" if design.environment.actions is not None else "full surplus extraction"
        raise InvalidDesign(f"money: {asked} is not offered where types value money differently")
    if why := notion.refuses(design.environment):
        raise InvalidDesign(f"ic: {design.ic}: {why}")


def check_beliefs(design: Design) -> None:
    """Every notion and expectation has the beliefs that it needs."""
    environment = design.environment
    kinds = {NOTIONS[design.ic].needs_beliefs and f"ic: {design.ic}" if design.ic != "none" else None}
    by_prior = design.ir_notion is not None and design.ir_notion.needs_beliefs
    kinds.add("ir: interim" if by_prior else None)
    kinds.add("objective: weighted-interim" if design.wants.kind == "weighted-interim" else None)
    for needs in sorted(k for k in kinds if k):
        if environment.beliefs is None:
            raise InvalidDesign(f"{needs} needs beliefs, and the environment has none: add a prior")
    _check_sets(design)
    if environment.designer is None:
        for asked in (f"bb: {design.bb}" if design.bb.startswith("ex-ante") else None, design.expected):
            if asked and environment.designer_set is not None and "objective" not in asked:
                raise InvalidDesign(
                    f"{asked} is an expectation under one prior, and the designer holds a set of priors possible: "
                    "use ex-post or ex-post-weak"
                )
            if asked and environment.designer_set is None:
                raise InvalidDesign(
                    f"{asked} is an expectation under the designer's prior, and there is none: "
                    "give a common prior, or beliefs.designer"
                )


def check_ends(design: Design) -> None:
    """What is asked has an answer where payoffs are known only between rational ends."""
    if design.environment.exact:
        return
    refused = {
        f"ic: {design.ic}": design.pessimistic or not (design.evaluation is None or design.evaluation.paid),
        "objective: full-surplus-extraction (an equality)": design.ir_binds,
        "the worst of a set of priors": design.robust,
        "actions": design.environment.actions is not None,
        "continuum": design.continuum,
        "allocation: deterministic": design.deterministic,
        f"secondary: {design.secondary}": design.norm is not None,
    }
    for asked in (what for what, is_so in refused.items() if is_so):
        raise InvalidDesign(f"{asked}: {EXACT_ONLY}")


def _check_sets(design: Design) -> None:
    notion = design.evaluation
    if notion is None or not notion.needs_sets:
        return
    if design.environment.belief_sets is None:
        raise InvalidDesign(
            f"ic: {design.ic} needs belief sets, and the environment has none: add beliefs.sets"
        )
    if notion.worst_state and design.ir_binds:
        raise InvalidDesign(
            f"full surplus extraction is not defined with ic: {design.ic} (a worst case is no expectation)"
        )


def check_constraints(design: Design) -> None:
    """Constraints have names of their own, and fit the environment."""
    seen: set[str] = set()
    for one in design.constraints:
        if one.name in seen:
            raise InvalidDesign(f"constraints: two are named {one.name!r}")
        seen.add(one.name)
        if one.name in RESERVED or "[" in one.name:
            raise InvalidDesign(
                f"constraints: {one.name!r} is the name of a notion, or has a bracket: give another"
            )
        one.rows(design.environment)


def check_objective(design: Design) -> None:
    """The objective fits the environment, and goes with the notion of IC."""
    wants, environment = design.wants, design.environment
    if design.robust and design.ambiguous:
        raise InvalidDesign(
            "the worst expectation over a set of priors does not go with ic: ambiguous-transfers; give one prior"
        )
    one_of("objective", wants.kind, OBJECTIVES)
    if not wants.maximize and wants.kind != "linear":  # what is least is asked of coefficients
        raise InvalidDesign(
            f"objective: {wants.kind} is not minimized; give its coefficients to Objective.linear with maximize=False"
        )
    if wants.interim is not None:
        for agent, weights in zip(environment.agents, wants.interim, strict=False):
            if weights.shape != (agent.size,):
                raise InvalidDesign(
                    f"interim weights of {agent.name!r}: shape {weights.shape}, expected ({agent.size},)"
                )
        if len(wants.interim) != environment.n:
            raise InvalidDesign(f"interim weights for {len(wants.interim)} agents, expected {environment.n}")
        _check_weights(design, wants.interim)
        if design.pessimistic:
            raise InvalidDesign(
                f"objective: weighted-interim is not defined with ic: {design.ic} (a type's payoff is the worst of several); "
                "use revenue, surplus or a linear objective"
            )
    shape = environment.shape
    if wants.allocation is not None and wants.allocation.shape != (len(environment.outcomes), *shape):
        raise InvalidDesign(
            f"objective on the allocation: shape {wants.allocation.shape}, expected "
            f"{(len(environment.outcomes), *shape)}"
        )
    if wants.transfers is not None and (
        len(wants.transfers) != environment.n or any(t.shape != shape for t in wants.transfers)
    ):
        raise InvalidDesign(f"objective on transfers: expected {environment.n} arrays of shape {shape}")


def _check_weights(design: Design, interim: tuple[Rationals, ...]) -> None:
    """A type without a belief has no interim payoff to weigh."""
    beliefs = design.environment.beliefs
    for i, agent in enumerate(design.environment.agents if beliefs is not None else ()):
        undefined = (beliefs.mass(i) == 0) & (interim[i] != 0)  # type: ignore[union-attr]
        if bool(np.any(undefined)):
            name = agent.types[int(np.flatnonzero(undefined)[0])]
            raise InvalidDesign(
                f"objective: type {name} of {agent.name!r} has probability zero, so it has no interim payoff to "
                "weigh; give it weight 0"
            )
