"""Requirements of one's own: a linear form in lotteries and transfers, bounded at each profile, for each type, or as a whole.

Quotas, capacity, equal treatment, least revenue, floors on payoffs: each has a name, and is audited, priced and used in proofs
like IC and IR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..environment.belief_sets import InvalidBeliefSet
from ..environment.model import Environment
from ..exact.numbers import Rationals
from .premises import InvalidDesign
from .requirements import Cell, Part, Rows

Sense = Literal[">=", "<=", "="]
WORDS: dict[Sense, str] = {">=": "at least", "<=": "at most", "=": "equal to"}


@dataclass(frozen=True)
class Constraint:
    """``sum_a allocation(a, theta) q(a|theta) + sum_i transfers_i(theta) t_i(theta)``, bounded.

    Parameters
    ----------
    name : what it is called in tables, proofs and files.
    sense, bound : ``>=``, ``<=`` or ``=``, and a number for each row: shape ``Theta`` at profiles, ``(|Theta_i|,)`` for
        types, ``()`` as a whole, or broadcasting to it.
    allocation : coefficients on chances, broadcasting to ``(|A|, *Theta)``.
    transfers : coefficients on what each agent receives, one array an agent, each broadcasting to ``Theta``.
    each : ``profile``, the name of an agent (for each of her types, in expectation under its belief), or ``expected`` (under the
        designer's prior; under every prior that he holds possible where he holds a set).
    where : with ``each="profile"``, the profiles at which it is asked, shape ``Theta``; None: all.
    """

    name: str
    sense: Sense
    bound: Rationals
    allocation: Rationals | None = None
    transfers: tuple[Rationals, ...] | None = None
    each: str = "profile"
    where: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(
        cls,
        name: str,
        sense: Sense,
        bound: Any,
        *,
        allocation: Any = None,
        transfers: Any = None,
        **options: Any,
    ) -> Constraint:
        """Arrays, lists and numbers in place of exact arrays.  Raises ValueError for what is no number."""
        return cls(
            name,
            sense,
            Rationals.of(bound),
            None if allocation is None else Rationals.of(allocation),
            None if transfers is None else tuple(map(Rationals.of, transfers)),
            **options,
        )

    @classmethod
    def on_payoffs(
        cls,
        environment: Environment,
        name: str,
        sense: Sense,
        bound: Any,
        weights: Sequence[Any],
        **options: Any,
    ) -> Constraint:
        """A form in the agents' payoffs ``u_i + t_i`` as they were written: a weight for each agent, broadcasting to ``Theta``.

        Raises InvalidDesign where payoffs are known only between rational ends."""
        if not environment.exact:
            raise InvalidDesign(
                f"constraint {name!r}: payoffs are irrational here: give coefficients on chances instead"
            )
        shares = [environment.as_written(i, Rationals.of(w)) for i, w in enumerate(weights)]
        worth = [u * s for u, s in zip(environment.utility, shares, strict=True)]
        total = worth[0]
        for part in worth[1:]:
            total = total + part
        return cls(name, sense, Rationals.of(bound), total, tuple(shares), **options)

    def in_words(self) -> str:
        """Where it is asked: ``quota, at each profile``."""
        places = {"profile": "at each profile", "expected": "in expectation"}
        return f"{self.name}, {places.get(self.each, f'for each type of {self.each} in expectation')}"

    def same(self, other: Any) -> bool:
        """Whether both ask the same, in every number."""
        if not isinstance(other, Constraint):
            return False
        return (self.name, self.sense, self.each) == (other.name, other.sense, other.each) and all(
            (a is None) == (b is None)
            and (a is None or (np.array_equal(np.shape(a), np.shape(b)) and bool(np.all(a == b))))
            for a, b in self._arrays(other)
        )

    def _arrays(self, other: Constraint) -> list[tuple[Any, Any]]:
        mine, theirs = self.transfers or (), other.transfers or ()
        if len(mine) != len(theirs):
            return [(1, None)]
        pairs = [(self.bound, other.bound), (self.allocation, other.allocation), (self.where, other.where)]
        return [*pairs, *zip(mine, theirs, strict=True)]

    # -- as rows --------------------------------------------------------------------------------
    def rows(self, environment: Environment) -> Rows:
        """The family of rows.

        Raises
        ------
        InvalidDesign
            Shapes that do not fit, an agent that there is not, or beliefs that are missing.
        """
        wrong = f"constraint {self.name!r}: "
        if self.transfers is not None and len(self.transfers) != environment.n:
            raise InvalidDesign(f"{wrong}transfers of {len(self.transfers)} agents, expected {environment.n}")
        kept, label = self._kept(environment), self._label(environment)
        try:
            forms = self._forms(environment)
            bound = self.bound.broadcast_to(self._bounds(environment)).ravel()
        except ValueError as error:
            raise InvalidDesign(f"{wrong}{error}") from None
        if self.each == "profile":
            parts, rhs, unit = [_at_profiles(*form, kept) for form in forms], bound[kept], Rationals.of(1)
        else:
            weights, unit = self._weights(environment, kept)
            parts = [_in_expectation(*form, weights) for form in forms]
            rhs = (bound[kept] if self.each != "expected" else bound) * unit
        sign, count = (-1 if self.sense == "<=" else 1), len(kept)
        signed = tuple(
            Part(part.block, part.cells, part.coefficients * sign) for part in parts if part is not None
        )
        sense: Literal[">=", "="] = "=" if self.sense == "=" else ">="
        sides = (rhs * sign).broadcast_to((count,))
        return Rows(f"constraint {self.name}", (count,), signed, sense, sides, label, unit=unit)

    def _forms(self, environment: Environment) -> list[tuple[str, Rationals]]:
        """Coefficients on each block at every profile: ``(k, profiles)``.  Raises ValueError for shapes that do not fit."""
        out, shape = [], environment.shape
        if self.allocation is not None:
            whole = self.allocation.broadcast_to((len(environment.outcomes), *shape))
            out.append(("q", whole.reshape(len(whole), -1)))
        for i, share in enumerate(self.transfers or ()):
            out.append((f"t {i}", share.broadcast_to(shape).reshape(1, -1)))
        return out

    def _kept(self, environment: Environment) -> npt.NDArray[np.intp]:
        """Positions of the rows among those of every profile, type or prior."""
        if self.each == "profile":
            every = np.ones(environment.shape, dtype=bool)
            return np.flatnonzero(every if self.where is None else np.broadcast_to(self.where, every.shape))
        if self.each == "expected":
            return np.arange(len(self._priors(environment)))
        if environment.beliefs is None:
            raise InvalidDesign(
                f"constraint {self.name!r}: each: {self.each} is about beliefs, and there are none: add a prior"
            )
        return np.flatnonzero(environment.beliefs.mass(self._agent(environment)) > 0)

    def _weights(self, environment: Environment, kept: npt.NDArray[np.intp]) -> tuple[Rationals, Rationals]:
        """Weights of profiles in each row ``(rows, profiles)``, and their sums."""
        if self.each == "expected":
            return self._priors(environment), Rationals.of(1)
        assert environment.beliefs is not None
        agent = self._agent(environment)
        weights = environment.beliefs.weights[agent].broadcast_to(environment.shape).reshape(1, -1)
        own = np.indices(environment.shape)[agent].ravel()
        picked = Rationals((kept[:, None] == own[None]).astype(np.int64)) * weights
        return picked, environment.beliefs.mass(agent)[kept]

    def _label(self, environment: Environment) -> Callable[[Cell], str]:
        name, kept = self.name, self._kept(environment)
        if self.each == "profile":
            return lambda cell: f"{name}[{_profile(environment, int(kept[cell[0]]))}]"
        if self.each == "expected":
            return lambda cell: f"{name}[expected{f' | prior {cell[0] + 1}' if len(kept) > 1 else ''}]"
        agent = environment.agents[self._agent(environment)]
        return lambda cell: f"{name}[{agent.name}: {agent.types[kept[cell[0]]]}]"

    def _bounds(self, environment: Environment) -> tuple[int, ...]:
        """The shape in which bounds are given."""
        if self.each == "profile":
            return environment.shape
        return () if self.each == "expected" else (environment.agents[self._agent(environment)].size,)

    def _agent(self, environment: Environment) -> int:
        names = [a.name for a in environment.agents]
        if self.each not in names:
            raise InvalidDesign(
                f"constraint {self.name!r}: each: {self.each!r} is not profile, expected, or an agent ({', '.join(names)})"
            )
        return names.index(self.each)

    def _priors(self, environment: Environment) -> Rationals:
        """The designer's prior, or the vertices of the set that he holds possible: ``(K, profiles)``."""
        if environment.designer is not None:
            return environment.designer.reshape(1, -1)
        if environment.designer_set is None:
            raise InvalidDesign(
                f"constraint {self.name!r}: each: expected is under the designer's prior, and there is none: give a common "
                "prior, or beliefs.designer"
            )
        try:
            vertices = environment.designer_set.vertices
        except InvalidBeliefSet as error:
            raise InvalidDesign(f"constraint {self.name!r}: under every prior: {error}") from None
        return vertices.reshape(len(vertices), -1)


def _at_profiles(block: str, form: Rationals, kept: npt.NDArray[np.intp]) -> Part | None:
    """A form ``(k, profiles)``, a row for each profile kept."""
    profiles, some = form.shape[1], np.flatnonzero(np.any(form.numerator != 0, axis=1))
    if not len(some) or not len(kept):
        return None
    picked = form[some][:, kept]
    turned = Rationals(picked.numerator.T, picked.denominator)
    return Part(block, some[None] * profiles + kept[:, None], turned)


def _in_expectation(block: str, form: Rationals, weights: Rationals) -> Part | None:
    """A form ``(k, profiles)`` under weights ``(rows, profiles)``, on the cells that count in some row."""
    flat = (form.reshape(1, *form.shape) * weights.reshape(len(weights), 1, -1)).reshape(len(weights), -1)
    some = np.flatnonzero(np.any(flat.numerator != 0, axis=0))
    return Part(block, some[None], flat[:, some]) if len(some) else None


def _profile(environment: Environment, position: int) -> str:
    return environment.profile_label([int(k) for k in np.unravel_index(position, environment.shape)])


__all__ = ["WORDS", "Constraint", "Sense"]
