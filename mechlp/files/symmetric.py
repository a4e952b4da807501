"""Problem files about identical bidders for one object, read as the representative's question."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from ..environment.model import Agent
from ..environment.symmetric import MAX_COPIES, MAX_REPRESENTED, Symmetric
from ..exact.numbers import Rationals, text
from ..question.symmetric import KINDS, SymmetricDesign
from .context import Context
from .mistakes import Wrong
from .priors import WAYS, rescaling
from .schema import File, GoodsSpec, Prior, Types
from .types import read_types
from .vectors import read_vector

#: The keys that a representative's question can have.
TAKEN = {
    *("title", "description", "source", "parameters", "agents", "outcomes", "beliefs"),
    *("allocation", "transfers", "secondary", "require", "objective"),
}

#: What may be sold to bidders whose types fill a box.
BOXED = ("single-good", "graded-good", "goods")


def why_not(file: File, *, continuum: bool = False) -> tuple[str, str] | None:
    """The premise of the reduced form that a file does not meet: its key, and what is needed there; None when it meets all.

    With ``continuum``, of one about types that fill a box.  Whether values and prior can be read at all is found out when they
    are read.
    """
    asked, prior = file.require, None if file.beliefs is None else file.beliefs.prior
    iid = prior is not None and (
        prior.named == "uniform"
        or (prior.product is not None and set(prior.product) == set(file.agents) and prior.copula is None)
    )
    one = len(file.agents) == 1
    sold, also = (("single-good", "graded-good"), set()) if not continuum else (BOXED, {"continuum"})
    kinds = KINDS[:3] if not continuum else ("revenue",)
    premises = (
        (
            "agents",
            "one kind of bidder" if continuum else "one kind of bidder, with copies",
            one and (continuum or all(spec.copies is not None for spec in file.agents.values())),
        ),
        ("outcomes", f"{', '.join(sold[:-1])} or {sold[-1]}", file.outcomes in sold),
        ("beliefs", "a prior alone: uniform, or a product that gives one distribution of all bidders, who are independent", iid),
        ("beliefs", "a prior alone", file.beliefs is None or file.beliefs.given == {"prior", *also}),
        (
            "goods",
            "one unit of each good, any number of them for the buyer, and additive values",
            _plain(file.goods),
        ),
        (
            "require",
            "only ic: bayesian, ir: interim, bb: none",
            (asked.ic or "bayesian", asked.ir or "interim", asked.bb or "none")
            == ("bayesian", "interim", "none")
            and asked.given <= {"ic", "ir", "bb"},
        ),
        ("allocation", "only allocation: chosen", file.allocation.named == "chosen"),
        ("transfers", "only transfers: free", file.transfers == "free"),
        ("secondary", "no size of transfers", file.secondary in ("none", "nice")),
        (
            "objective",
            f"one of {', '.join(kinds)}" if len(kinds) > 1 else f"objective: {kinds[0]}",
            file.objective.named in kinds,
        ),
    )
    for key, needed, holds in premises:
        if not holds:
            return key, needed
    taken = TAKEN | ({"goods"} if continuum else set())
    return next(
        ((key, "this key left out") for key in sorted(File.keys[k].name for k in file.given - taken)), None
    )


def _plain(goods: GoodsSpec | None) -> bool:
    """Whether goods are one unit each, and any number of them is sold to whoever adds up their values."""
    return goods is None or (
        goods.values == "additive"
        and goods.given <= {"items", "values"}
        and (goods.items is None or isinstance(goods.items, list))
    )


def symmetric_design(context: Context) -> SymmetricDesign | None:
    """The design of a file whose good comes in grades, or that meets the premises; mistakes are reported to the context."""
    file = context.file
    reason = why_not(file)
    if reason is not None:
        context.report(reason[:1], f"a good in grades is sold in reduced form, which takes {reason[1]}")
        return None
    ((name, spec),) = file.agents.items()
    found: SymmetricDesign | None = None
    with context.at("agents", name):
        if name in context.parameters:
            raise ValueError(f"{name!r} is both an agent and a parameter")
        copies = context.whole(spec.copies or "1", "copies", MAX_COPIES)
        grid = _grid(context, spec.types)
        grades = 1 if spec.types.dimensions is None else context.whole(spec.types.dimensions, "dimensions", 8)
        if grades > 1 and file.outcomes != "graded-good":
            raise ValueError("types with several dimensions go with outcomes: graded-good")
        size = len(grid) ** grades
        if size > MAX_REPRESENTED:
            raise ValueError(
                f"{len(grid)}^{grades} = {size:,} types; at most {MAX_REPRESENTED:,} are accepted"
            )
        assert file.beliefs is not None and file.beliefs.prior is not None
        with context.at("beliefs", "prior"):
            prior = _prior(context, file.beliefs.prior, name, grid, grades)
            points = list(itertools.product(grid, repeat=grades))
            if grades > 1:  # a vector without a chance is no type
                points = [points[s] for s in np.flatnonzero(prior.numerator)]
                prior = prior[np.flatnonzero(prior.numerator)]
            agent = Agent.of(name, grid) if grades == 1 else Agent(name, tuple(map(_label, points)))
            values = Rationals.of([[point[k] for point in points] for k in range(grades)])
            environment = Symmetric(agent, copies, values, prior, (), file.title, context.parameters)
            found = SymmetricDesign(environment, str(file.objective.named))
    return found


def _grid(context: Context, types: Types) -> list[Fraction]:
    grid = read_types(context, types)
    for t in grid:
        if not isinstance(t, Fraction):
            raise ValueError(f"a bidder's types are what the good is worth: numbers, not {t!r}")
    if len(set(grid)) < len(grid):
        twice = next(t for t in grid if grid.count(t) > 1)
        raise ValueError(f"the type {text(twice)} appears twice")
    return grid


def _label(point: tuple[Fraction, ...]) -> str:
    return f"({', '.join(map(text, point))})"


def _prior(context: Context, spec: Prior, name: str, grid: list[Fraction], grades: int) -> Rationals:
    """The chances of a bidder's vectors of values, the last grade running fastest: shape ``(m^K,)``."""
    given = "uniform" if spec.product is None else spec.product[name]
    if any(getattr(spec, k) is not None for k in WAYS if k not in ("product", "named")) or (
        spec.product is not None and spec.named is not None
    ):
        raise ValueError("give exactly one of product and `uniform`")
    place = () if spec.product is None else ("product", name)
    try:
        found = read_vector(context, given, Agent.of(name, grid), grades, name, rescaling(context, spec))
    except Wrong as wrong:
        raise Wrong((*place, *wrong.path), str(wrong)) from None
    except ValueError as error:
        raise Wrong(place, str(error)) from None
    for v, value in enumerate(grid):
        if grades > 1 and not any(found.moveaxis(k, 0)[v].sum() for k in range(grades)):
            raise Wrong(place, f"the value {text(value)} needs positive probability in some grade, or is left out of the types")
    return found.reshape(-1)


def document_of_symmetric(design: SymmetricDesign) -> dict[str, Any]:
    """The document that a symmetric design was read from, or one of the representative's numbers, which also reads back."""
    if design.document is not None:
        return dict(design.document)
    environment = design.environment
    return {
        "title": environment.title,
        "representative": {
            "name": environment.agent.name,
            "copies": str(environment.copies),
            "types": list(environment.agent.types),
            "values": environment.values.texts(),
            "prior": environment.prior.texts(),
            "objective": design.objective,
            "allocation": None if design.allocation is None else design.allocation.texts(),
            "transfers": None if design.transfers is None else design.transfers.texts(),
        },
    }
