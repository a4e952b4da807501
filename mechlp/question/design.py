"""What is asked of a mechanism: the question, as plain data.

A :class:`Design` joins an environment with the notions it must satisfy (IC, IR, BB), what is free
(allocation, transfers) and what is wanted (objective).  It knows nothing of programs or solvers;
:meth:`~mechlp.question.protocol.Question.solve` hands it to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..environment.model import Environment
from ..environment.notions import NOTIONS, Notion
from ..exact.numbers import Rationals, rational, text
from . import misreports as possible_lies
from .constraints import Constraint
from .continuum import check as check_continuum
from .gains import gains as gains_of
from .misreports import Misreports
from .obedience import obedience
from .objective import OBJECTIVES, Objective, goal_under
from .premises import (
    EXACT_ONLY,
    InvalidDesign,
    check_actions,
    check_beliefs,
    check_constraints,
    check_ends,
    check_notion,
    check_objective,
    one_of,
)
from .price_premises import AT_PRICES, check_prices
from .protocol import Question
from .requirements import Rows
from .same import same, same_environment, same_objective
from .undominated import counted_from

if TYPE_CHECKING:
    from ..answer.answer import Answer  # noqa: F401 (the kind of answer, in the name of the base class)

IC = (*NOTIONS, "none")
IR = ("interim", "ex-post", "none")
BB = ("ex-post", "ex-post-weak", "ex-ante", "ex-ante-weak", "none")
ALLOCATIONS = ("efficient", "efficient-first", "chosen", "deterministic")
NORMS = ("max-norm", "1-norm")
SECONDARY = ("none", *NORMS, "nice")
#: The same number at every profile, or one a profile.
End = Fraction | Rationals | None
Bounds = tuple[End, End]
#: What takes exact payoffs, by the name of the command or option.
BETWEEN_ENDS = {
    "frontier": "the set of interim payoffs",
    "efficient": "efficiency of interim payoffs",
    "rents": "the bound by least rents",
    "smooth": "a smooth attitude to ambiguity",
    "reduce": "--reduce",
}


@dataclass(frozen=True)
class Design(Question["Answer"]):
    """An environment and what is asked of a mechanism for it.

    Parameters
    ----------
    ic : ``bayesian``, ``ambiguous-transfers``, ``bewley``, ``maxmin``, ``ex-post``, ``ordinal``,
        ``ordinal-bayesian`` or ``none``.  With
        ambiguous transfers the designer announces a set of rules and every type takes the worst; the allocation is
        one for all rules where it is efficient or given, and part of each rule where it is chosen; the objective
        must be the same under every rule.
    ir : ``interim``, ``ex-post`` or ``none``, against the environment's outside option.
    bb : ``ex-post`` (``sum_i t_i = 0`` at every profile), ``ex-post-weak`` (``<= 0``), ``ex-ante`` and
        ``ex-ante-weak`` (expected under the designer's prior), ``none``.
    allocation : ``chosen`` (any lottery), ``deterministic``, ``efficient`` (any lottery over the
        efficient outcomes of each profile, so a tie is a choice), ``efficient-first`` (ties go to
        the first efficient outcome), or a lottery table of shape ``(|A|, *Theta)``.
    transfers : ``free``, ``none``, or one pair ``(lower, upper)`` an agent (None: no bound), of numbers or of arrays over
        reported profiles, shape ``Theta``.
    objective : an :class:`Objective` (or its name, for those without data).  Where the designer holds a set of priors
        possible (``Environment.designer_set``), an expectation is the worst over the set.
    secondary : which optimum to return: ``nice`` (:mod:`mechlp.solving.nice`), the one with the smallest transfers in
        ``max-norm`` or ``1-norm``, or ``none``, whichever is found first.
    alpha : the weight that a type puts on the worst rule, ``1 - alpha`` on the best (alpha-maxmin expected utility,
        Ghirardato and Marinacci 2002); 1, pure aversion, unless ``ic`` is ``ambiguous-transfers``.
    continuum : the types stand for a continuum: beside the value on the grid, also find what a mechanism
        guarantees there (:mod:`mechlp.question.continuum`).
    distribution : with trade at prices and ``allocation: simple``, the chances of the prices that make the simple mechanism
        (:mod:`mechlp.question.prices`); None: the best is wanted.
    constraints : what else is asked, each a :class:`~mechlp.question.constraints.Constraint` with a name of its own.
    misreports : for each agent which lies are possible, and by how much they may pay
        (:class:`~mechlp.question.misreports.Misreports`); None: every lie, and nothing.
    document : the problem file that this design was read from, when it was.

    Raises
    ------
    InvalidDesign
        Unknown names, wrong shapes, a notion that needs beliefs where there are none.
    """

    cannot: ClassVar[Mapping[str, str]] = {"continuum": "this is about `outcomes: prices`; `mechlp solve` answers this file"}
    bare: ClassVar[Mapping[str, Any]] = {"relax": False, "nice": False}
    verdict: ClassVar[Mapping[str, Any]] = {"examine": False, "fewest": False}

    environment: Environment
    ic: str = "bayesian"
    ir: str = "interim"
    bb: str = "none"
    allocation: str | Rationals = "chosen"
    transfers: str | tuple[Bounds, ...] = "free"
    objective: Objective | str = "feasibility"
    secondary: str = "nice"
    alpha: Fraction = Fraction(1)
    continuum: bool = False
    constraints: tuple[Constraint, ...] = ()
    misreports: tuple[Misreports, ...] | None = None
    distribution: Rationals | None = None
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        one_of("ic", self.ic, IC)
        one_of("ir", self.ir, IR)
        one_of("bb", self.bb, BB)
        one_of("secondary", self.secondary, SECONDARY)
        put("alpha", self._checked_alpha())
        if isinstance(self.objective, str):
            one_of("objective", self.objective, OBJECTIVES[:4])
            put("objective", Objective(self.objective))
        if isinstance(self.allocation, str):
            simple = () if self.environment.prices is None else ("simple",)
            one_of("allocation", self.allocation, (*ALLOCATIONS, *simple))
        else:
            put("allocation", self._lottery(Rationals.of(self.allocation)))
        put("transfers", self._transfer_bounds())
        if self.wants.kind == "full-surplus-extraction":
            self._settle_full_extraction(put)
        if self.wants.kind == "undominated":
            put("environment", counted_from(self))
            put("ir", "ex-post")
        check_prices(self)
        check_actions(self)
        check_beliefs(self)
        put("constraints", tuple(self.constraints))
        check_constraints(self)
        check_notion(self)
        put("misreports", possible_lies.checked(self, self.misreports))
        check_objective(self)
        check_ends(self)
        if self.continuum:
            check_continuum(self)

    def _checked_alpha(self) -> Fraction:
        try:
            alpha = rational(self.alpha)
        except ValueError as error:
            raise InvalidDesign(f"alpha: {error}") from None
        if not 0 <= alpha <= 1:
            raise InvalidDesign(f"alpha: {text(alpha)} is not between 0 and 1")
        if alpha != 1 and not self.ambiguous:
            raise InvalidDesign("alpha: an attitude to ambiguous rules; it goes with ic: ambiguous-transfers")
        return alpha

    def _lottery(self, table: Rationals) -> Rationals:
        shape = (len(self.environment.outcomes), *self.environment.shape)
        if table.shape != shape:
            raise InvalidDesign(f"allocation table: shape {table.shape}, expected {shape}")
        if bool(np.any(table < 0)):
            raise InvalidDesign("allocation table: a negative probability")
        off = table.sum(axis=0) != 1
        if bool(np.any(off)):
            cell = tuple(int(k) for k in np.argwhere(off)[0])
            total = table.sum(axis=0)[cell]
            where = self.environment.profile_label(cell)
            raise InvalidDesign(
                f"allocation table: probabilities at ({where}) sum to {text(total)}, expected 1"
            )
        return table

    def _transfer_bounds(self) -> str | tuple[Bounds, ...]:
        given, n = self.transfers, self.environment.n
        if isinstance(given, str):
            one_of("transfers", given, ("free", "none"))
            return given
        if len(given) != n:
            raise InvalidDesign(f"transfer bounds for {len(given)} agents, expected {n}")
        bounds = tuple((self._end(low), self._end(high)) for low, high in given)
        for agent, (low, high) in zip(self.environment.agents, bounds, strict=True):
            if low is None or high is None:
                continue
            gap = (Rationals.of(high) - Rationals.of(low)).broadcast_to(self.environment.shape)
            if bool(np.any(gap < 0)):
                cell = tuple(int(k) for k in np.argwhere(gap < 0)[0])
                ends = [text(Rationals.of(e).broadcast_to(gap.shape)[cell]) for e in (low, high)]
                where = (
                    ""
                    if isinstance(low, Fraction) and isinstance(high, Fraction)
                    else (f" at ({self.environment.profile_label(cell)})")
                )
                raise InvalidDesign(
                    f"transfer bounds of {agent.name!r}: lower {ends[0]} exceeds upper {ends[1]}{where}"
                )
        return bounds if any(end is not None for pair in bounds for end in pair) else "free"

    def _end(self, given: Any) -> End:
        """A bound: one number, or an array over the type grid where it varies."""
        if given is None:
            return None
        if not isinstance(given, Rationals | np.ndarray | list):
            return rational(given)
        try:
            array = Rationals.of(given).broadcast_to(self.environment.shape)
        except ValueError as error:
            raise InvalidDesign(f"transfer bounds: {error}") from None
        first = array.ravel()[0]
        return first if bool(np.all(array == first)) else array

    def _settle_full_extraction(self, put: Callable[[str, Any], None]) -> None:
        """Full extraction fixes IR (to an equality) and drops BB; anything else asked is an error."""
        if self.bb != "none":
            raise InvalidDesign("full surplus extraction takes bb: none (the designer keeps the surplus)")
        if self.ir == "none":
            raise InvalidDesign("full surplus extraction needs ir: interim or ex-post")
        if self.deterministic:
            raise InvalidDesign("full surplus extraction takes allocation: efficient, or a given table")
        if isinstance(self.allocation, str) and self.allocation == "chosen":
            put("allocation", "efficient")
        if isinstance(self.allocation, Rationals) and self.environment.designer is not None:
            used = (self.allocation > 0) & (self.environment.designer > 0) & ~self.environment.efficient
            if bool(np.any(used)):
                outcome, *cell = (int(k) for k in np.argwhere(used)[0])
                raise InvalidDesign(
                    f"allocation table: {self.environment.outcomes[outcome]} at ({self.environment.profile_label(cell)}) is "
                    "not efficient, so no transfers extract the full surplus with it: give an efficient table"
                )

    # -- what it means --------------------------------------------------------------------------
    @property
    def wants(self) -> Objective:
        """The objective, as an object."""
        assert isinstance(self.objective, Objective)
        return self.objective

    @property
    def evaluation(self) -> Notion | None:
        """How a type evaluates a report; None where nothing is asked of incentives."""
        return None if self.ic == "none" else NOTIONS[self.ic]

    @cached_property
    def ic_notion(self) -> Notion | None:
        """The same where incentives are about reports alone; with recommended actions they are rows (``requirements``)."""
        return None if self.environment.actions is not None else self.evaluation

    @cached_property
    def requirements(self) -> tuple[Rows, ...]:
        """What is asked row by row, beside IR and budget balance."""
        return (*obedience(self), *(one.rows(self.environment) for one in self.constraints))

    @cached_property
    def ir_notion(self) -> Notion | None:
        """How a type evaluates taking part, for IR: interim payoffs as the notion of IC says."""
        if self.ir == "interim":
            return NOTIONS["bayesian" if self.evaluation is None else self.evaluation.taking_part]
        return None if self.ir == "none" else NOTIONS[self.ir]

    @property
    def ambiguous(self) -> bool:
        """Whether the designer may announce a set of rules."""
        return self.ic_notion is not None and self.ic_notion.ambiguous

    @property
    def worst_state(self) -> bool:
        """Whether a type compares worst cases over its beliefs."""
        return self.ic_notion is not None and self.ic_notion.worst_state

    @property
    def regrets(self) -> bool:
        """Whether a type compares what reports could have paid more, over its beliefs."""
        return self.ic_notion is not None and self.ic_notion.regrets

    @property
    def pessimistic(self) -> bool:
        """Whether a type compares worst cases, over beliefs or over rules."""
        return self.ambiguous or self.worst_state

    @property
    def allocation_by_rule(self) -> bool:
        """Whether each rule has an allocation of its own; else the designer commits to one."""
        free = isinstance(self.allocation, str) and self.allocation in ("chosen", "deterministic")
        return self.ambiguous and free

    @property
    def ir_binds(self) -> bool:
        """Whether IR must hold with equality (full surplus extraction)."""
        return self.wants.kind == "full-surplus-extraction"

    @cached_property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Outcomes that may be used at each profile, shape ``(|A|, *Theta)``."""
        environment = self.environment
        if isinstance(self.allocation, Rationals):
            return np.asarray(self.allocation > 0, dtype=bool)
        everything = environment.possible
        if everything is None:
            everything = np.ones((len(environment.outcomes), *environment.shape), dtype=bool)
        if self.allocation in ("chosen", "deterministic", "simple"):
            return everything
        allowed = environment.efficient
        if self.allocation == "efficient-first":
            return allowed & (np.cumsum(allowed, axis=0) == 1)
        if self.ir_binds and environment.designer is not None:
            return np.where(environment.designer > 0, allowed, everything)
        return allowed

    @cached_property
    def lottery(self) -> Rationals | None:
        """The allocation where it is not a choice, shape ``(|A|, *Theta)``; None where it is."""
        if isinstance(self.allocation, Rationals):
            return self.allocation
        if bool(np.all(self.allowed.sum(axis=0) == 1)):
            return Rationals(self.allowed.astype(np.int64))
        return None

    aim = cached_property(goal_under)

    #: What maxmin types gain from being taken for others, whatever the transfers.
    gains = cached_property(gains_of)

    @property
    def norm(self) -> str | None:
        """The size of transfers that is to be least among optima, where one is asked for."""
        return self.secondary if self.secondary in NORMS and self.transfers != "none" else None

    @property
    def expected(self) -> str | None:
        """The objective, in words, where it is an expectation under the designer's beliefs; None where it is not."""
        kind = self.wants.kind
        expected = kind in ("revenue", "surplus", "undominated") or (kind == "linear" and self.wants.expected)
        return f"objective: {kind}" if expected else None

    @property
    def robust(self) -> bool:
        """Whether the objective is the worst expectation over a set of priors."""
        return self.environment.designer_set is not None and self.expected is not None

    @property
    def deterministic(self) -> bool:
        """Whether the allocation is chosen among deterministic rules."""
        return isinstance(self.allocation, str) and self.allocation == "deterministic"

    @property
    def simple(self) -> bool:
        """Whether the mechanism is a simple one, of a distribution over prices (:mod:`mechlp.mechanism.simple`)."""
        return isinstance(self.allocation, str) and self.allocation == "simple"

    @property
    def ties(self) -> int:
        """Profiles at which an efficient allocation still has a choice."""
        if not isinstance(self.allocation, str) or not self.allocation.startswith("efficient"):
            return 0
        return int(np.sum(self.environment.efficient.sum(axis=0) > 1))

    def transfer_bounds(self, agent: int) -> Bounds:
        """The least and largest transfer of an agent: numbers, or arrays over the type grid (None: no bound)."""
        if self.transfers == "free":
            return None, None
        if self.transfers == "none":
            return Fraction(0), Fraction(0)
        bounds = self.transfers[agent]
        assert not isinstance(bounds, str)
        return bounds

    # -- use ------------------------------------------------------------------------------------
    def asking(self, **changes: Any) -> Design:
        """The same question with some parts changed: ``design.asking(ic="ex-post")``."""
        ic = changes.get("ic")
        if ic is not None and not (ic in NOTIONS and NOTIONS[ic].ambiguous):
            changes = {"alpha": Fraction(1), **changes}
        if set(changes) & {"ic", "ir", "bb", "allocation", "transfers", "objective"}:
            changes = {"continuum": False, **changes}  # a guarantee for the file's own question
        return replace(self, document=None, **changes)

    def same(self, other: Question[Any]) -> bool:
        """Whether another question asks the same of the same environment, whichever optimum it would be shown."""
        return (
            isinstance(other, Design)
            and same_environment(self.environment, other.environment)
            and (self.ic, self.ir, self.bb, self.alpha) == (other.ic, other.ir, other.bb, other.alpha)
            and self.continuum == other.continuum
            and same((self.allocation, self.transfers), (other.allocation, other.transfers))
            and same((self.constraints, self.misreports), (other.constraints, other.misreports))
            and same(self.distribution, other.distribution)
            and same_objective(self.wants, other.wants)
        )

    def why_not(self, what: str) -> str | None:
        """Why a command or an option makes no sense for this question; None when it does."""
        if self.environment.prices is not None:
            return AT_PRICES.get(what)
        if not self.environment.exact and what in BETWEEN_ENDS:
            return f"{BETWEEN_ENDS[what]}: {EXACT_ONLY}"
        return super().why_not(what)

    def __repr__(self) -> str:
        allocation = self.allocation if isinstance(self.allocation, str) else "given"
        transfers = self.transfers if isinstance(self.transfers, str) else "bounded"
        return (
            f"<Design of {self.environment.title or 'untitled'!r}: ic {self.ic}, ir {self.ir}, bb {self.bb}, "
            f"allocation {allocation}, transfers {transfers}, objective {self.wants.kind}>"
        )


__all__ = ["ALLOCATIONS", "BB", "IC", "IR", "OBJECTIVES", "SECONDARY", "Design", "InvalidDesign", "Objective"]
