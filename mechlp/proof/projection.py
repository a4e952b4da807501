"""The set of interim payoffs seen from two payoffs: a polygon whose corners are mechanisms and whose borders are proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..environment.model import Environment
from ..exact.numbers import Rationals, rational, text
from ..exact.planar import HalfPlane, Vector, dot, facets, is_vertex
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design, InvalidDesign
from ..shown import Drawn
from .cases import Case
from .comparison import weighing
from .direction import check_added
from .invalid import InvalidCertificate


@dataclass(frozen=True)
class Payoff:
    """A weighted sum of interim payoffs: one type's, or an agent's before she knows her type."""

    name: str
    weights: tuple[Rationals, ...]

    @classmethod
    def named(cls, environment: Environment, name: str) -> Payoff:
        """``seller:1/4`` is the payoff of that type, ``seller`` the seller's expected payoff under the common prior.

        Raises
        ------
        InvalidDesign
            No such agent or type; a type of probability zero; an expected payoff without a common prior.
        """
        beliefs, names = environment.beliefs, [a.name for a in environment.agents]
        if beliefs is None:
            raise InvalidDesign("interim payoffs need beliefs, and the environment has none: add a prior")
        agent, _, own = (name, "", "") if name in names else name.rpartition(":")
        if agent not in names:
            raise InvalidDesign(
                f"payoff {name!r}: write AGENT:TYPE, or AGENT for her expected payoff; the agents are {', '.join(names)}"
            )
        i = names.index(agent)
        weights = [Rationals.zeros((a.size,)) for a in environment.agents]
        if name in names:
            if beliefs.prior is None:
                raise InvalidDesign(
                    f"payoff {name!r}: an expected payoff needs a common prior; name a type of {agent}"
                )
            weights[i] = beliefs.mass(i)
            return cls(name, tuple(weights))
        types = environment.agents[i].types
        try:
            own = own if own in types else text(rational(own))
            k = types.index(own)
        except ValueError:
            shown = ", ".join(types[:12]) + (", ..." if len(types) > 12 else "")
            raise InvalidDesign(
                f"payoff {name!r}: {agent} has no type {own!r}; her types are {shown}"
            ) from None
        if beliefs.mass(i)[k] == 0:
            raise InvalidDesign(
                f"payoff {name!r}: this type has probability zero, so it has no interim payoff"
            )
        weights[i] = Rationals.of([int(j == k) for j in range(len(types))])
        return cls(f"{agent}:{own}", tuple(weights))

    def value(self, mechanism: Mechanism) -> Fraction:
        """What it is in a mechanism, exactly."""
        total = Fraction(0)
        for i, weights in enumerate(self.weights):
            for weight, payoff in zip(weights.fractions(), mechanism.interim_payoff(i), strict=True):
                total += weight * payoff if weight and payoff is not None else 0
        return total


@dataclass(frozen=True)
class Edge:
    """A border ``normal . (x, y) <= bound``, and the multipliers that prove it for every mechanism."""

    normal: Vector
    bound: Fraction
    proof: Case | None

    @property
    def efficient(self) -> bool:
        """Whether what lies on it maximises a weighted sum of the two payoffs with weights that are not negative."""
        return min(self.normal) >= 0


@dataclass(frozen=True)
class Projection(Drawn):
    """Exactly the pairs of two payoffs that mechanisms reach: ``conv(points) + cone(rays)``.

    ``points``: places with mechanisms that reach them, the vertices counterclockwise where there are any.  ``rays``:
    directions in which the set goes on without end, with changes of transfers that do so.  ``edges``: the borders.
    """

    design: Design
    axes: tuple[Payoff, Payoff]
    points: Sequence[tuple[Vector, Mechanism]]
    rays: Sequence[tuple[Vector, Mechanism]]
    edges: Sequence[Edge]

    @property
    def halfplanes(self) -> list[HalfPlane]:
        """The borders as plain half-planes."""
        return [(edge.normal, edge.bound) for edge in self.edges]

    @property
    def vertices(self) -> list[Vector]:
        """Counterclockwise; none where the set contains a line."""
        return [p for p, _ in self.points if is_vertex(p, self.halfplanes)]

    @property
    def bounded(self) -> bool:
        return not self.rays

    def efficient(self, point: Vector) -> bool:
        """Whether a point of the set lies on its efficient frontier: no mechanism gives more of both payoffs."""
        return any(e.efficient and dot(e.normal, point) == e.bound for e in self.edges) or any(
            self._closed(normal, point) for normal in ((1, 1), (1, 0), (0, 1))
        )

    def _closed(self, normal: tuple[int, int], point: Vector) -> bool:
        """Whether nothing lies beyond a point in a direction between those of the borders."""
        way = (Fraction(normal[0]), Fraction(normal[1]))
        reach = [dot(way, p) for p, _ in self.points]
        return all(dot(way, r) <= 0 for r, _ in self.rays) and dot(way, point) == max(reach)

    def check(self) -> None:
        """Recompute everything from the definitions.  Raises InvalidCertificate at the first thing that does not hold."""
        if not self.points:
            raise InvalidCertificate("a projection without a point")
        for place, mechanism in self.points:
            report = audit(mechanism, self.design)
            if not report.passed:
                raise InvalidCertificate(f"a mechanism breaks a requirement: {report}")
            self._check_place(place, mechanism)
        for way, direction in self.rays:
            check_added(self.design, [self.points[0][1]], [direction])
            self._check_place(way, direction)
        spanned = facets([p for p, _ in self.points], [r for r, _ in self.rays])
        if sorted(spanned) != sorted(self.halfplanes):
            raise InvalidCertificate("the borders are not those of what the mechanisms span")
        for edge in self.edges:
            proved = None if edge.proof is None else edge.proof.bound(self.beyond(edge.normal))
            if proved != edge.bound:
                raise InvalidCertificate(f"the multipliers of a border do not prove {text(edge.bound)}")

    def _check_place(self, place: Vector, mechanism: Mechanism) -> None:
        if place != (self.axes[0].value(mechanism), self.axes[1].value(mechanism)):
            raise InvalidCertificate("a mechanism does not give the payoffs of its point")

    def beyond(self, normal: Vector) -> Design:
        """The question that a border answers: how far does the set reach in its direction?"""
        pairs = zip(self.axes[0].weights, self.axes[1].weights, strict=True)
        return weighing(self.design, [a * normal[0] + b * normal[1] for a, b in pairs])

    # -- reading and writing --------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings, without the problem."""
        pair = lambda v: [text(c) for c in v]  # noqa: E731
        return {
            "payoffs": [axis.name for axis in self.axes],
            "vertices": [pair(v) for v in self.vertices],
            "points": [{"at": pair(p), "mechanism": m.to_json()} for p, m in self.points],
            "rays": [{"along": pair(r), "transfers": m.to_json()} for r, m in self.rays],
            "edges": [
                {
                    "normal": pair(e.normal),
                    "bound": text(e.bound),
                    "efficient": e.efficient,
                    "certificate": None if e.proof is None else e.proof.to_json(self.beyond(e.normal)),
                }
                for e in self.edges
            ],
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Projection:
        """Read :meth:`to_json` back.  Raises InvalidCertificate, InvalidDesign, KeyError or ValueError."""
        environment = design.environment
        pair = lambda v: (rational(v[0]), rational(v[1]))  # noqa: E731
        read = lambda m: Mechanism.from_json(environment, m)  # noqa: E731
        first, second = (Payoff.named(environment, name) for name in data["payoffs"])
        out = cls(
            design,
            (first, second),
            [(pair(p["at"]), read(p["mechanism"])) for p in data["points"]],
            [(pair(r["along"]), read(r["transfers"])) for r in data["rays"]],
            [],
        )
        edges = []
        for edge in data["edges"]:
            asked = out.beyond(pair(edge["normal"]))
            proof = Case.from_json(asked, edge["certificate"])
            edges.append(Edge(pair(edge["normal"]), rational(edge["bound"]), proof))
        out = cls(design, out.axes, out.points, out.rays, edges)
        if [pair(v) for v in data["vertices"]] != out.vertices:
            raise InvalidCertificate("the vertices are not those of the borders")
        return out
