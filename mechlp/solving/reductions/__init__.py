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
from dataclasses import dataclass, replace

from ...question.design import Design, InvalidDesign
from ..plan import Plan
from .premise import Reduction, Refused
from .size import Size, full_size

#: Entries of the full program beyond which reductions are used unless told otherwise: small programs are solved as they
#: stand, with the proofs that are shortest to read.
AUTOMATIC = 50_000
#: Entries of the program beyond which rows are generated, or the allocation is decomposed, without being told: what takes
#: many solves does not pay where one solve of the program as it stands is quick.
MANY_SOLVES = 2_000_000
#: Rows a column from which most rows cannot bind: then they are generated in a program of any size.
ROWS_PER_COLUMN = 8
#: Where the envelope leaves few rows, a decomposition takes few solves: cells of the allocation from which it then pays.
DECOMPOSED = 2_000
#: What is left of a design whose designer holds a set of priors possible.
UNDER_SETS = (
    "adjacent",
    "running-rents",
    "row-generation",
    "symmetric-agents",
    "worst-prior",
    "grid-continuation",
)


@dataclass(frozen=True)
class Applied:
    """A plan, which reductions made it, and why the others did not."""

    plan: Plan
    names: tuple[str, ...]
    refused: dict[str, str]

    def tried(self, name: str, plan: Plan | None) -> Applied:
        """After a reduction was tried alone: its plan is all that is left, or (None) it is not among those that applied."""
        if plan is not None:
            return Applied(plan, (name,), self.refused)
        names = tuple(other for other in self.names if other != name)
        return replace(self, names=names, refused={**self.refused, name: "what it tries did not hold"})


def reduce(design: Design, names: str | bool | Sequence[str] = "auto") -> Applied:
    """The plan of a design under reductions.

    Parameters
    ----------
    names : ``"auto"`` (all that apply, when the full program is large), True (all that apply), False (none), or a list
        of names from :data:`~mechlp.solving.reductions.catalogue.REDUCTIONS`.

    Raises
    ------
    InvalidDesign
        An unknown name, or one whose premise fails although it was asked for by name.
    """
    asked = [names] if isinstance(names, str) and names != "auto" else names
    every = asked in ("auto", True)
    plan, applied, refused = Plan.whole(design), [], {}
    if every and (design.ambiguous or design.deterministic):
        return Applied(plan, (), {"all": "rules are ambiguous or deterministic"})
    if every and design.requirements:
        return Applied(plan, (), {"all": "there are requirements given row by row"})
    if asked is False:
        return Applied(plan, (), {})
    size = full_size(design)
    if asked == "auto" and size.entries <= AUTOMATIC:
        return Applied(plan, (), {"all": "the program is small"})
    from .catalogue import REDUCTIONS

    wanted = list(REDUCTIONS) if every else list(asked)  # type: ignore[arg-type]
    for name in wanted:
        if name not in REDUCTIONS:
            raise InvalidDesign(f"reduce: {name!r} is not one of {', '.join(REDUCTIONS)}")
    for name, reduction in REDUCTIONS.items():
        if name not in wanted:
            continue
        tall = name == "row-generation" and size.rows > ROWS_PER_COLUMN * size.columns
        many = name in ("decomposition", "row-generation") and not tall
        if asked == "auto" and many and not _pays(plan, size.entries):
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
            narrowed = reduction.narrowed(plan)
            if asked == "auto" and name == "private-values" and not _seen_by_less(narrowed):
                raise Refused("interim allocations are more numbers than the lies that they serve")
            plan = narrowed
            applied.append(name)
        except Refused as why:
            if not every:
                raise InvalidDesign(f"reduce: {name} does not apply: {why}") from None
            refused[name] = str(why)
    return Applied(plan, tuple(applied), refused)


def _seen_by_less(plan: Plan) -> bool:
    """Whether interim allocations take fewer entries to define than they save: each profile is in one row for each of the
    numbers by which a report is seen, instead of one row for each type that may make it."""
    pairs = zip(plan.interim, plan.values, strict=True)
    seen = sum(i.rank * v.types.shape[1] for i, v in pairs if i is not None and v is not None)
    return seen < sum(plan.design.environment.shape)


def _pays(plan: Plan, entries: int) -> bool:
    """Whether many solves of small programs are quicker than one of a program of so many entries."""
    return entries > MANY_SOLVES or (plan.envelope is not None and plan.design.allowed.size > DECOMPOSED)


__all__ = [
    "Applied",
    "Reduction",
    "Refused",
    "Size",
    "full_size",
    "reduce",
]
