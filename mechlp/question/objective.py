"""What is wanted, and the same as coefficients on the mechanism: the definition that compiler and checker share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..exact.numbers import Rationals, stack

if TYPE_CHECKING:
    from .design import Design

OBJECTIVES = (
    "feasibility",
    "revenue",
    "surplus",
    "full-surplus-extraction",
    "weighted-interim",
    "linear",
    "undominated",
)


@dataclass(frozen=True)
class Objective:
    """What is wanted: a linear function of the mechanism, or only that one exists.

    Make one with the named constructors.  ``weighted_interim`` weighs interim payoffs ``U_i(theta_i)``
    type by type, not multiplied by the prior.  ``linear`` takes coefficients on ``q(a|theta)`` and on
    ``t_i(theta)``; with ``expected`` each profile's part is multiplied by its prior probability.  ``undominated`` asks what can
    be gained over a given mechanism (``allocation``, ``transfers``) that leaves nobody worse off at any profile; ``weights`` are
    the agents' welfare weights, arrays that broadcast to the type grid (default 1).  Where its chances are irrational,
    ``allocation`` has their lower ends and ``above`` their upper ones, at all outcomes but the first.
    """

    kind: str = "feasibility"
    maximize: bool = True
    interim: tuple[Rationals, ...] | None = None
    allocation: Rationals | None = None
    transfers: tuple[Rationals, ...] | None = None
    expected: bool = True
    weights: tuple[Rationals, ...] | None = None
    above: Rationals | None = None

    @classmethod
    def feasibility(cls) -> Objective:
        """Does any mechanism exist?"""
        return cls()

    @classmethod
    def revenue(cls) -> Objective:
        """Expected revenue ``-sum_i t_i`` under the designer's prior."""
        return cls("revenue")

    @classmethod
    def surplus(cls, weights: Any = None) -> Objective:
        """Expected surplus ``sum_i w_i u_i`` under the designer's prior; ``weights``: one array an agent (default 1)."""
        return cls("surplus", weights=None if weights is None else tuple(map(Rationals.of, weights)))

    @classmethod
    def undominated(cls, allocation: Any, transfers: Any = None, weights: Any = None, above: Any = None) -> Objective:
        """The most that the expected weighted sum of payoffs gains over a given mechanism, nobody being worse off at any profile:
        nothing iff it is ex-post constrained efficient (Čopič and Ponsatí 2006)."""
        return cls(
            "undominated",
            allocation=Rationals.of(allocation),
            transfers=None if transfers is None else tuple(map(Rationals.of, transfers)),
            weights=None if weights is None else tuple(map(Rationals.of, weights)),
            above=None if above is None else Rationals.of(above),
        )

    @classmethod
    def full_surplus_extraction(cls) -> Objective:
        """Leave every type exactly its outside option, with an allocation efficient on the support of
        the prior and no budget balance (Crémer and McLean 1988)."""
        return cls("full-surplus-extraction")

    @classmethod
    def weighted_interim(cls, weights: Any) -> Objective:
        """``sum_i sum_theta_i weights[i][theta_i] * U_i(theta_i)``; one vector of weights an agent."""
        return cls("weighted-interim", interim=tuple(Rationals.of(w) for w in weights))

    @classmethod
    def linear(
        cls,
        allocation: Any = None,
        transfers: Any = None,
        *,
        maximize: bool = True,
        expected: bool = True,
    ) -> Objective:
        """Any linear function: coefficients ``(|A|, *Theta)`` on q, one array ``Theta`` an agent on t."""
        return cls(
            "linear",
            maximize,
            allocation=None if allocation is None else Rationals.of(allocation),
            transfers=None if transfers is None else tuple(Rationals.of(t) for t in transfers),
            expected=expected,
        )

    @property
    def subsidy(self) -> bool:
        """Whether it is the least sum of transfers in expectation, however it was written."""
        return (
            self.kind == "linear"
            and not self.maximize
            and self.expected
            and self.transfers is not None
            and all(bool((t == 1).all()) for t in self.transfers)
            and (self.allocation is None or bool((self.allocation == 0).all()))
        )


@dataclass(frozen=True)
class Goal:
    """``sum_theta [sum_a allocation(a, theta) q(a|theta) + sum_i transfers_i(theta) t_i(theta)] + constant``.

    ``allocation`` has shape ``(|A|, *Theta)``, ``transfers`` ``(n, *Theta)``.  Where payoffs are known between ends,
    ``allocation`` takes the lower ones, and ``stakes``, shape ``(n, *Theta)``, says with what weight each agent's payoff counts.
    ``given`` is a lottery that the objective is counted from: its worth, and its transfers', is in ``constant``; by ``slack``
    that worth may be more, where the chances of the lottery are irrational.
    """

    allocation: Rationals
    transfers: Rationals
    maximize: bool = True
    stakes: Rationals | None = None
    given: Rationals | None = None
    constant: Fraction = Fraction(0)
    slack: Fraction = Fraction(0)

    def by_profile(self, lottery: Rationals, transfers: Rationals) -> Rationals:
        """What each profile adds to the objective."""
        out: Rationals = (self.allocation * lottery).sum(axis=0) + (self.transfers * transfers).sum(axis=0)
        return out

    def value(self, lottery: Rationals, transfers: Rationals):  # type: ignore[no-untyped-def]
        """The objective at a mechanism, exactly."""
        return (self.allocation * lottery).sum() + (self.transfers * transfers).sum() + self.constant


def goal(design: Design, prior: Rationals | None = None) -> Goal | None:
    """The coefficients of a design's objective; None when only existence is asked.

    An expectation is taken under ``prior`` (default: the designer's).  Where the designer holds a set of priors possible
    and none is given, every profile weighs one: what is expected, profile by profile.
    """
    return design.aim if prior is None else goal_under(design, prior)


def goal_under(design: Design, prior: Rationals | None = None) -> Goal | None:
    """:func:`goal`, worked out; a design remembers its own as ``aim``."""
    wants, environment = design.wants, design.environment
    if wants.kind in ("feasibility", "full-surplus-extraction"):
        return None
    shape = environment.shape
    no_allocation = Rationals.zeros((len(environment.outcomes), *shape))
    no_transfers = Rationals.zeros((environment.n, *shape))
    if wants.kind == "weighted-interim":
        return _weighted_interim(design)
    if prior is None:
        prior = Rationals.of(1).broadcast_to(shape) if design.robust else environment.designer
    if wants.kind == "revenue":
        assert prior is not None
        return Goal(no_allocation, (-prior).broadcast_to(no_transfers.shape))
    if wants.kind == "surplus":
        assert prior is not None
        return _weighted(design, stakes_of(design, prior), no_transfers)
    if wants.kind == "undominated":
        assert prior is not None and wants.allocation is not None
        gain = _weighted(design, stakes := stakes_of(design, prior), stakes)
        paid = no_transfers if wants.transfers is None else stack(wants.transfers)
        slack = Fraction(0)
        if wants.above is not None and environment.outside_above is not None:
            slack = (stakes * (stack(environment.outside_above) - stack(environment.outside))).sum()
        return replace(gain, given=wants.allocation, constant=-gain.value(wants.allocation, paid), slack=slack)
    allocation = no_allocation if wants.allocation is None else wants.allocation
    transfers = no_transfers if wants.transfers is None else stack(wants.transfers)
    if wants.expected:
        assert prior is not None
        allocation, transfers = allocation * prior, transfers * prior
    return Goal(allocation, transfers, wants.maximize)


def stakes_of(design: Design, prior: Rationals) -> Rationals:
    """What each agent's payoff counts at each profile, ``(n, *Theta)``."""
    environment, weights = design.environment, design.wants.weights
    if weights is None:
        return prior.broadcast_to((environment.n, *environment.shape))
    return stack([(prior * w).broadcast_to(environment.shape) for w in weights])


def _weighted_interim(design: Design) -> Goal:
    environment, weights = design.environment, design.wants.interim
    assert weights is not None and environment.beliefs is not None
    shares = []
    for i, agent in enumerate(environment.agents):
        mass = environment.beliefs.mass(i)
        own = weights[i] / Rationals.of([m or 1 for m in mass.fractions()])
        along = [1] * environment.n
        along[i] = agent.size
        share = own.reshape(along) * environment.beliefs.weights[i]
        shares.append(share.broadcast_to(environment.shape))
    return _weighted(design, stack(shares), stack(shares))


def _weighted(design: Design, stakes: Rationals, transfers: Rationals) -> Goal:
    """A weighted sum of what outcomes are worth to the agents."""
    environment = design.environment
    if environment.money is not None:  # payoffs count as they were written
        agents = range(environment.n)
        stakes, transfers = (
            stack([environment.as_written(i, a[i]) for i in agents]) for a in (stakes, transfers)
        )
    allocation = Rationals.zeros(())
    for stake, utility in zip(stakes, environment.utility, strict=True):
        allocation = allocation + stake * utility
    return Goal(allocation, transfers, stakes=None if environment.utility_above is None else stakes)
