"""How far interim payoffs are from what mechanisms can reach, and the weights that prove it.

Given payoffs u(theta_i) of every type, three comparisons with the set U of interim payoff vectors of all mechanisms
that a design allows:

* ``distance``: the least d with ``|v - u| <= d`` in every type for some v in U; zero means that u can be reached;
* ``weak``: the largest ``n s`` with ``v >= u + s`` in every type.  Where payments between agents are free (no IR) this
  is the largest ``sum_i s_i`` with ``v(theta_i) >= u(theta_i) + s_i``.  For u in U it is zero exactly when u maximises
  a weighted sum of interim payoffs for some weights (weak interim efficiency);
* ``strong``: the largest ``sum (v - u)`` with ``v >= u`` in every type.  For u in U it is zero exactly when no
  mechanism makes a type better off and none worse off, and then u maximises a weighted sum with positive weights.

The weights Lambda come from the dual, and prove the number without it: multipliers on IC, IR and BB bound the weighted sum
``Lambda . v`` by h over all of U (:func:`mechlp.proof.bound.bound`), and then ``v >= u + s`` gives ``n s <=
h - Lambda . u`` for weights that add up to n, ``v >= u`` gives ``sum (v - u) <= h - Lambda . u`` for weights of at
least one, and ``d >= Lambda . u - h`` for weights whose absolute values add up to at most one.

A strong comparison may count the gains of one ``agent`` only; then the weights of the others need only be non-negative.

The payoffs of an agent may range over the convex hull of several vectors (``targets``), from which the most favourable
is taken: then ``Lambda . u`` is the least over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from ..exact.numbers import Rationals, rational, text
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design, Objective
from .cases import Case
from .direction import check_added
from .invalid import InvalidCertificate

Kind = Literal["distance", "weak", "strong"]
KINDS: tuple[Kind, ...] = ("distance", "weak", "strong")
STATUSES = ("optimal", "unbounded", "infeasible", "undecided")


@dataclass(frozen=True, repr=False)
class Comparison:
    """The answer to one comparison; see the module's docstring.

    * ``targets[i]``, shape ``(K_i, |Theta_i|)``: payoff vectors of agent i (one, or the corners of a set).
    * ``optimal``: ``mechanism`` (payoffs v), with the mixture ``mix[i]`` of the targets, attains ``value``;
      ``weights`` and ``proof`` show that nothing exceeds it (for ``distance``, that nothing is nearer).
    * ``unbounded``: the payoffs of ``mechanism`` grow without end along ``direction``.
    * ``infeasible``: no mechanism at all, or for ``strong`` none that gives the targets; ``proof`` refutes, by
      ``weights`` if any is not zero.
    """

    design: Design
    targets: tuple[Rationals, ...]
    kind: Kind
    status: str
    value: Fraction | None = None
    mechanism: Mechanism | None = None
    mix: tuple[Rationals, ...] = ()
    weights: tuple[Rationals, ...] = ()
    proof: Case | None = None
    direction: Mechanism | None = None
    agent: int | None = None

    @property
    def payoffs(self) -> list[tuple[Fraction | None, ...]]:
        """v: the interim payoffs of ``mechanism``."""
        assert self.mechanism is not None
        return [self.mechanism.interim_payoff(i) for i in range(self.design.environment.n)]

    @property
    def at(self) -> list[Rationals]:
        """u: the mixture of the targets with which v is compared."""
        return [(m.reshape(-1, 1) * t).sum(axis=0) for m, t in zip(self.mix, self.targets, strict=True)]

    def gains(self) -> list[Rationals]:
        """``v - u`` type by type; zero where the belief is undefined."""
        out = []
        for agent, (v, u) in enumerate(zip(self.payoffs, self.at, strict=True)):
            own = [
                Fraction(0) if known is None else known - other
                for known, other in zip(v, u.fractions(), strict=True)
            ]
            out.append(Rationals.from_fractions(own, (self.design.environment.agents[agent].size,)))
        return out

    def check(self) -> None:
        """Recompute everything from the definitions.  Raises InvalidCertificate at the first thing that does not hold."""
        if self.kind not in KINDS or self.status not in STATUSES:
            raise InvalidCertificate(f"an unknown comparison: {self.kind} {self.status}")
        if self.status == "undecided":
            raise InvalidCertificate("undecided: there is no verdict to check")
        if self.agent is not None and (
            self.kind != "strong" or self.agent not in range(self.design.environment.n)
        ):
            raise InvalidCertificate(
                f"a {self.kind} comparison that counts the gains of agent {self.agent!r}"
            )
        _fits(self.design, self.targets, "targets")
        if self.status == "infeasible":
            self._check_refuted()
            return
        _check_mechanism(self.design, self.mechanism)
        if self.status == "unbounded":
            self._check_direction()
        else:
            self._check_attained()
            self._check_bound()

    def _check_attained(self) -> None:
        mixes = zip(self.mix, self.targets, strict=True)
        if any(bool(np.any(m < 0)) or m.sum() != 1 or m.shape != (len(t),) for m, t in mixes):
            raise InvalidCertificate("the mixture of the targets is not a lottery")
        gains, n = self.gains(), self.design.environment.n
        defined = [g[_defined(self.design, i)] for i, g in enumerate(gains)]
        reached = {
            "distance": lambda: max(abs(g).max() for g in defined),
            "weak": lambda: n * min(g.min() for g in defined),
            "strong": lambda: sum(g.sum() for i, g in enumerate(defined) if self._counts(i)),
        }[self.kind]()
        if self.kind == "strong" and any(bool(np.any(g < 0)) for g in defined):
            raise InvalidCertificate("the mechanism makes a type worse off")
        if reached != self.value:
            raise InvalidCertificate(f"the mechanism attains {text(reached)}, not {self.value}")

    def _check_bound(self) -> None:
        """That the weights are of the right kind, and what they prove."""
        _fits(self.design, [w.reshape(1, -1) for w in self.weights], "weights")
        defined = [w[_defined(self.design, i)] for i, w in enumerate(self.weights)]
        n = self.design.environment.n
        sound = {
            "distance": lambda: sum(abs(w).sum() for w in defined) <= 1,
            "weak": lambda: all(bool(np.all(w >= 0)) for w in defined) and sum(w.sum() for w in defined) == n,
            "strong": lambda: all(bool(np.all(w >= int(self._counts(i)))) for i, w in enumerate(defined)),
        }[self.kind]()
        if not sound:
            raise InvalidCertificate(f"weights that do not bound a comparison of kind {self.kind}")
        sign = -1 if self.kind == "distance" else 1
        if sign * (self.support() - self.targeted()) != self.value:
            raise InvalidCertificate(f"the weights do not prove {self.value}")

    def _counts(self, agent: int) -> bool:
        return self.agent is None or agent == self.agent

    def support(self) -> Fraction:
        """h: the bound on the weighted interim payoffs of all mechanisms, from the multipliers."""
        if self.proof is None or self.proof.refutes:
            raise InvalidCertificate("a bound without multipliers")
        found = self.proof.bound(weighing(self.design, self.weights))
        assert found is not None
        return found

    def targeted(self) -> Fraction:
        """``Lambda . u``, the least over the targets."""
        pairs = zip(self.weights, self.targets, strict=True)
        return sum(((t * w).sum(axis=1).min() for w, t in pairs), Fraction(0))

    def _check_refuted(self) -> None:
        if self.proof is None:
            raise InvalidCertificate("a refutation without multipliers")
        if not self.weights:
            if self.proof.bound(self.design) is not None:
                raise InvalidCertificate("the multipliers do not refute the requirements")
            return
        if self.kind != "strong" or any(bool(np.any(w < 0)) for w in self.weights):
            raise InvalidCertificate("weights that refute nothing")
        if self.support() >= self.targeted():
            raise InvalidCertificate("the weights do not show that the payoffs are out of reach")

    def _check_direction(self) -> None:
        if self.direction is None or self.mechanism is None or self.kind == "distance":
            raise InvalidCertificate("no direction is given")
        check_added(self.design, [self.mechanism], [self.direction])
        gains = [
            u
            for i in range(self.design.environment.n)
            for u in self.direction.interim_payoff(i)
            if u is not None
        ]
        counted = (
            gains
            if self.agent is None
            else [u for u in self.direction.interim_payoff(self.agent) if u is not None]
        )
        if min(gains) < 0 or sum(counted) <= 0 or (self.kind == "weak" and min(gains) == 0):
            raise InvalidCertificate("the direction does not raise the payoffs")

    def __repr__(self) -> str:
        value = "" if self.value is None else f" {text(self.value)}"
        return f"<{self.kind} comparison: {self.status}{value}>"

    # -- reading and writing --------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings, without the problem."""
        return {
            "kind": self.kind,
            "status": self.status,
            "agent": self.agent,
            "value": None if self.value is None else text(self.value),
            "targets": _named(self.design, self.targets),
            "mix": _named(self.design, self.mix),
            "weights": _named(self.design, self.weights),
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            "certificate": None
            if self.proof is None
            else self.proof.to_json(weighing(self.design, self.weights)),
            "direction": None if self.direction is None else self.direction.to_json(),
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Comparison:
        """Read :meth:`to_json` back.  Raises InvalidCertificate, KeyError or ValueError."""
        read = lambda key: None if data[key] is None else Mechanism.from_json(design.environment, data[key])  # noqa: E731
        weights = _unnamed(design, data["weights"])
        proof = data["certificate"]
        return cls(
            design,
            _unnamed(design, data["targets"]),
            data["kind"],
            data["status"],
            None if data["value"] is None else rational(data["value"]),
            read("mechanism"),
            _unnamed(design, data["mix"]),
            weights,
            None if proof is None else Case.from_json(weighing(design, weights), proof),
            read("direction"),
            data["agent"],
        )


def weighing(design: Design, weights: Sequence[Rationals]) -> Design:
    """The same requirements, and a weighted sum of interim payoffs wanted (nothing, without weights)."""
    if not weights:
        return design.asking(objective="feasibility")
    return design.asking(objective=Objective.weighted_interim(weights))


def _check_mechanism(design: Design, mechanism: Mechanism | None) -> None:
    if mechanism is None:
        raise InvalidCertificate("no mechanism is given")
    report = audit(mechanism, design)
    if not report.passed:
        raise InvalidCertificate(f"the mechanism breaks a requirement: {report}")


def _defined(design: Design, agent: int) -> Any:
    """The types that have a belief, and so an interim payoff."""
    assert design.environment.beliefs is not None
    return np.flatnonzero(design.environment.beliefs.mass(agent) > 0)


def _fits(design: Design, arrays: Sequence[Rationals], what: str) -> None:
    sizes = [a.size for a in design.environment.agents]
    if len(arrays) != len(sizes) or any(
        a.ndim != 2 or len(a) == 0 or a.shape[1] != m for a, m in zip(arrays, sizes, strict=True)
    ):
        raise InvalidCertificate(f"{what} that do not fit the types")


def _named(design: Design, arrays: Sequence[Rationals]) -> dict[str, Any]:
    return {a.name: array.texts() for a, array in zip(design.environment.agents, arrays, strict=False)}


def _unnamed(design: Design, data: Mapping[str, Any]) -> tuple[Rationals, ...]:
    return tuple(Rationals.of(data[a.name]) for a in design.environment.agents) if data else ()
