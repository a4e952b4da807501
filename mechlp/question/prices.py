"""Designs for trade at prices: the linear program over price marginals, and from it to a certified answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..environment.prices import PriceEnvironment
from ..exact.numbers import Rationals
from ..mechanism.prices import (
    PriceMechanism,
    PriceMultipliers,
    audit,
    feasible_lotteries,
    lottery_over_prices,
)
from ..mechanism.simple import SimpleMechanism, best_simple_bound
from .design import InvalidDesign
from .protocol import Question

if TYPE_CHECKING:
    from ..answer.prices import PriceAnswer
    from ..program import Program

ASKED = ("surplus", "feasibility", "undominated")
#: Most entries of the rows of incentive compatibility.
MAX_ENTRIES = 40_000_000
Progress = Callable[[str], None]


@dataclass(frozen=True)
class PriceDesign(Question["PriceAnswer"]):
    """What is asked of a mechanism for trade at prices that is ex-post incentive compatible and individually rational.

    Parameters
    ----------
    objective : ``surplus`` (the most expected welfare), ``feasibility`` (does the given mechanism meet the requirements?),
        ``undominated`` (is the given mechanism ex-post constrained efficient? Čopič and Ponsatí 2006).
    kind : the mechanism: ``chosen`` (any lottery), ``simple`` (the best of Proposition 13's family), or given by a distribution
        over the prices: ``posted`` or ``lottery`` (a price is drawn), ``simple-from`` (Proposition 13).
    distribution : shape ``(P,)``, for the given ones.

    Raises
    ------
    InvalidDesign
    """

    cannot: ClassVar[Mapping[str, str]] = {
        "check": "with `outcomes: prices` incentive compatibility is ex post: beliefs play no part",
        "compare": "with `outcomes: prices` incentive compatibility is ex post: there are no other notions to compare",
        "smooth": "with `outcomes: prices` there are no transfers that could be ambiguous",
        "frontier": "with `outcomes: prices` there are no transfers, and payoffs are examined with `objective: undominated`",
        "efficient": "with `outcomes: prices` a mechanism is examined by `mechlp solve` and `objective: undominated`",
        "latex": "with `outcomes: prices` the proof is a table of multipliers, in the saved answer",
        "reduce": "--reduce is about programs on the whole type grid, and this file is solved without one: leave it out",
        "plot": "--plot draws the worst-case prior: it takes a set of priors in beliefs.designer",
    }
    bare: ClassVar[Mapping[str, Any]] = {"control": False}

    environment: PriceEnvironment
    objective: str = "surplus"
    kind: str = "chosen"
    distribution: Rationals | None = None
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.objective not in ASKED:
            raise InvalidDesign(
                f"objective: {self.objective!r} is not one of {', '.join(ASKED)} with outcomes: prices"
            )
        given = self.distribution is not None
        if self.objective != "surplus" and not given:
            raise InvalidDesign(
                f"objective: {self.objective} is about a given mechanism: posted, lottery or simple"
            )
        if self.objective == "surplus" and given:
            raise InvalidDesign(
                "objective: surplus is about a mechanism to be chosen; ask feasibility or undominated"
            )
        if self.kind.startswith("simple"):
            SimpleMechanism.check(self.environment)
        if self.kind == "simple-from" and self.objective == "undominated":
            raise InvalidDesign("objective: undominated takes a posted price or a lottery over prices")
        if given and (bool(np.any(self.distribution < 0)) or self.distribution.sum() != 1):  # type: ignore[operator, union-attr]
            raise InvalidDesign("the distribution over prices must be probabilities that sum to 1")

    @property
    def given(self) -> PriceMechanism | SimpleMechanism | None:
        """The mechanism that the question is about; None where it is to be chosen."""
        if self.distribution is None:
            return None
        make = SimpleMechanism if self.kind == "simple-from" else lottery_over_prices
        return make(self.environment, self.distribution)

    @property
    def floor(self) -> PriceMechanism | None:
        """The mechanism that another must dominate."""
        given = self.given
        return given if self.objective == "undominated" and isinstance(given, PriceMechanism) else None

    def neutral(self) -> PriceDesign:
        """The same question about traders without risk aversion."""
        return replace(self, environment=self.environment.neutral(), document=None)

    def asking(self, **changes: Any) -> PriceDesign:
        """The same question with some parts changed; the formulas of its file are its only document."""
        return replace(self, document=None if changes else self.document, **changes)

    def same(self, other: Question[Any]) -> bool:
        """Whether another question asks the same about the same traders."""
        if not isinstance(other, PriceDesign):
            return False
        one, two = self.environment, other.environment
        plain = lambda d: (d.objective, d.kind, d.environment.powers, d.environment.shape)  # noqa: E731
        if plain(self) != plain(other) or not one.prices.same(two.prices):
            return False
        if (self.distribution is None) != (other.distribution is None):
            return False
        pairs = [(one.prior, two.prior), *zip(one.surplus, two.surplus, strict=True)]
        pairs += [(one.stakes(k), two.stakes(k)) for k in range(2)]
        if self.distribution is not None and other.distribution is not None:
            pairs.append((self.distribution, other.distribution))
        return all(a.same(b) for a, b in pairs)

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.environment.shape))
        return (
            f"<PriceDesign of {self.environment.title or 'untitled'!r}: {sizes} types, {len(self.environment.prices)} prices, "
            f"mechanism {self.kind}, objective {self.objective}>"
        )


# -- the program ----------------------------------------------------------------------------------
def program(
    environment: PriceEnvironment, floor: PriceMechanism | None = None, *, strict: bool = False
) -> Program:
    """``max`` expected welfare over price marginals: O(P) variables a profile.

    Blocks ``received`` and ``paid`` ``(m, n, P)``, ``ahead`` (how far one distribution is ahead of the other).  Utilities are the
    lower ends where they are irrational.  ``strict``: instead, the requirements with as much slack as they can have
    together, each up to one thousandth: a point in the relative interior.
    """
    from ..program import Block, Family, Term
    from ..program import Program as Built
    from ..program.model import Columns, TooLarge

    (m, n), size = environment.shape, len(environment.prices)
    entries = 2 * size * m * n * (m + n)
    if entries > MAX_ENTRIES:
        raise TooLarge(
            f"{m} x {n} types and {size} prices: {entries:,} entries of incentive compatibility ({entries * 12 / 2**30:.1f} "
            f"GiB in floats alone); at most {MAX_ENTRIES:,} are accepted: use fewer types or prices"
        )
    one, inside = Rationals.of(1), Rationals(environment.support.astype(np.int64))
    between = np.ones(size + 1, dtype=np.int64)
    between[[0, -1]] = 0
    blocks = [Block(name, (m, n, size), Rationals.of(0), inside) for name in ("received", "paid")]
    blocks.append(Block("ahead", (m, n, size + 1), Rationals.of(0), Rationals(between)))
    lies = [(m, m, n), (n, n, m)]
    if strict:
        slacks = [
            Block(f"slack {k}", shape, Rationals.of(0), Rationals.of("1/1000"))
            for k, shape in enumerate(lies)
        ]
        if floor is not None:
            slacks += [
                Block(f"excess {k}", (m, n), Rationals.of(0), Rationals.of("1/1000")) for k in range(2)
            ]
        blocks += slacks
    columns = Columns(blocks)
    received, paid, ahead = (columns[name] for name in ("received", "paid", "ahead"))
    balance = (Term(received, one), Term(paid, -one), Term(ahead[..., :-1], one), Term(ahead[..., 1:], -one))
    families = [
        Family("order of prices", (m, n, size), balance, "=", Rationals.of(0)),
        Family("lottery", (m, n), (Term(received, one, (size,)),), "<=", one),
    ]
    objective: dict[str, Rationals] = {}
    constant = Fraction(0)
    for agent, name in enumerate(("received", "paid")):
        cells = columns[name] if agent == 0 else np.moveaxis(columns[name], 1, 0)
        utility = environment.utility[agent][0]
        own = utility.moveaxis(agent, 0)
        worth = own.reshape(own.shape[0], 1, 1, size)
        terms = (Term(cells[:, None], worth, (size,)), Term(cells[None, :], -worth, (size,)))
        extra = (Term(columns[f"slack {agent}"], -one),) if strict else ()
        families.append(Family(f"IC {agent}", lies[agent], (*terms, *extra), ">=", Rationals.of(0)))
        if floor is not None:
            extra = (Term(columns[f"excess {agent}"], -one),) if strict else ()
            least = floor.utilities(agent)[0]
            truth = (Term(columns[name], utility, (size,)), *extra)
            families.append(Family(f"not worse off {agent}", (m, n), truth, ">=", least))
            constant -= (environment.stakes(agent) * least).sum()
        objective[name] = environment.stakes(agent).reshape(m, n, 1) * utility
    if strict:
        return Built(tuple(blocks), tuple(families), {b.name: one for b in slacks}, name="relative interior")
    return Built(tuple(blocks), tuple(families), objective, constant=constant, name="trade at prices")


# -- solving --------------------------------------------------------------------------------------
def solve(
    design: PriceDesign,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    control: bool = True,
) -> PriceAnswer:
    """Answer a design, with a certificate.

    ``control``: beside risk-averse traders, also answer the same question about risk-neutral ones, so that what a finite grid
    does is not read as an effect of risk aversion.
    """
    from ..answer.prices import PriceAnswer, best_posted_price

    say, started = progress or (lambda phase: None), time.perf_counter()
    environment, given = design.environment, design.given
    if design.objective == "feasibility":
        assert given is not None
        say("audit")
        report = given.audit() if isinstance(given, SimpleMechanism) else audit(given)
        found = PriceAnswer(design, "feasible" if report.passed else "infeasible", given, audit=report)
    elif design.kind == "simple":
        found = _best_simple(design, say)
    elif environment.exact:
        found = _exact(design, time_limit, say)
    else:
        found = _enclosed(design, time_limit, say)
    if control and not environment.risk_neutral and design.objective != "feasibility":
        say("the risk-neutral control")
        found = replace(found, control=solve(design.neutral(), time_limit=time_limit, control=False))
    if design.objective == "surplus":
        found = replace(found, posted=best_posted_price(environment))
    return replace(found, seconds=time.perf_counter() - started)


def _exact(design: PriceDesign, time_limit: float | None, say: Progress) -> PriceAnswer:
    """Rational utilities: the exact solver decides."""
    from ..answer.prices import PriceAnswer
    from ..program.solve import solve as solve_program

    built = program(design.environment, design.floor)
    solution = solve_program(built, time_limit=time_limit, progress=say)
    if solution.status != "optimal" or solution.primal is None or solution.dual is None:
        return PriceAnswer(design, "undecided", method=solution.method)
    received, paid = (built.values(name, solution.primal).reduced() for name in ("received", "paid"))
    multipliers = _multipliers(built, -solution.dual, design.floor is not None)
    mechanism = PriceMechanism(design.environment, received, paid)
    return PriceAnswer.certified_by(design, mechanism, multipliers, solution.method)


def _enclosed(design: PriceDesign, time_limit: float | None, say: Progress) -> PriceAnswer:
    """Irrational utilities: a float optimum, moved inside so far that each requirement holds for certain; float multipliers,
    of which any prove a bound."""
    from ..answer.prices import PriceAnswer
    from ..program.backend import propose, road
    from ..program.form import form

    environment, floor = design.environment, design.floor
    method = f"{road()} in floats, moved into the interior; bounds from rational ends of every utility"
    found = []
    for strict in (False, True):
        say("a point in the interior" if strict else "solve")
        built = program(environment, floor, strict=strict)
        proposal = propose(form(built), tight=True, time_limit=time_limit)
        if proposal.outcome != "optimal":
            return PriceAnswer(design, "undecided", method=f"the float solver ended with: {proposal.outcome}")
        flat = proposal.primal[: built.column_start["ahead"]].reshape(2, *environment.shape, -1)
        found.append(feasible_lotteries(environment, flat[0], flat[1]))
        if not strict:
            dual = Rationals(np.rint(np.clip(proposal.dual, -1e6, 1e6) * 2**40).astype(np.int64), 2**40)
            multipliers = _multipliers(built, dual, floor is not None)
    say("audit")
    for bits in (24, 20, 16, 12, 8, 4):
        mechanism = found[0].mixed(found[1], Fraction(1, 2**bits))
        if audit(mechanism, floor).passed:
            return PriceAnswer.certified_by(design, mechanism, multipliers, method)
    return PriceAnswer.certified_by(design, floor, multipliers, method)


def _multipliers(built: Program, dual: Rationals, floor: bool) -> PriceMultipliers:
    """Multipliers >= 0 on the named requirements; float noise of the wrong sign is dropped."""
    from ..exact.numbers import maximum

    named = lambda name: maximum(built.multipliers(name, dual), 0).reduced()  # noqa: E731
    return PriceMultipliers(
        (named("IC 0"), named("IC 1")),
        (named("not worse off 0"), named("not worse off 1")) if floor else None,
    )


def _best_simple(design: PriceDesign, say: Progress) -> PriceAnswer:
    """Proposition 13's family: concave in the distribution; any distribution gives a lower end, its tangents an upper one."""
    from ..answer.prices import PriceAnswer, verdict
    from ..solving.simple import best_distribution

    say("the best distribution")
    weights, method = best_distribution(design.environment)
    distribution = _rounded(weights)
    mechanism = SimpleMechanism(design.environment, distribution)
    value, bound = mechanism.welfare()[0], best_simple_bound(mechanism)
    status = verdict(design, value, bound)
    return PriceAnswer(design, status, mechanism, value, bound, audit=mechanism.audit(), method=method)


def _rounded(weights: npt.NDArray[np.float64], parts: int = 10**9) -> Rationals:
    """Probabilities with a small common denominator; the largest takes up the rounding."""
    cells = np.rint(weights / weights.sum() * parts).astype(np.int64)
    cells[int(np.argmax(cells))] += parts - int(cells.sum())
    return Rationals(cells, parts)


__all__ = ["ASKED", "PriceDesign", "program", "solve"]
