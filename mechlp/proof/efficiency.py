"""Whether interim payoffs can be reached, and whether they are efficient: three comparisons and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..exact.numbers import Rationals, text
from ..mechanism.audit import Audit, audit
from ..mechanism.mechanism import Mechanism
from ..question.design import Design
from ..shown import Drawn
from .comparison import Comparison
from .invalid import InvalidCertificate


@dataclass(frozen=True)
class Efficiency(Drawn):
    """``payoffs[i]`` are those of agent i's types; ``comparisons`` are by distance, weak, and (where they can be reached) strong.

    ``mechanism`` is the one that was examined, where it was one and not only payoffs.
    """

    design: Design
    payoffs: tuple[Rationals, ...]
    comparisons: tuple[Comparison, ...]
    mechanism: Mechanism | None = None

    def comparison(self, kind: str) -> Comparison | None:
        """The comparison of a kind, where it was made."""
        return next((c for c in self.comparisons if c.kind == kind), None)

    @property
    def decided(self) -> bool:
        return all(c.status != "undecided" for c in self.comparisons)

    @property
    def audit(self) -> Audit | None:
        """Whether the examined mechanism satisfies the requirements."""
        return None if self.mechanism is None else audit(self.mechanism, self.design)

    @property
    def reachable(self) -> bool | None:
        """Whether some mechanism gives exactly these payoffs; None when undecided."""
        found = self.comparison("distance")
        return None if found is None or found.status == "undecided" else found.value == 0

    @property
    def weak(self) -> bool | None:
        """Whether they can be reached and no mechanism is better for every type; None when undecided."""
        return self._efficient("weak")

    @property
    def strong(self) -> bool | None:
        """Whether they can be reached and no mechanism is better for a type and worse for none; None when undecided."""
        return self._efficient("strong")

    def _efficient(self, kind: str) -> bool | None:
        if self.reachable is not True:
            return self.reachable
        found = self.comparison(kind)
        return None if found is None or found.status == "undecided" else found.value == 0

    @property
    def dominating(self) -> Mechanism | None:
        """A mechanism that is better for some types and worse for none, where there is one."""
        for kind in ("weak", "strong"):
            found = self.comparison(kind)
            if found is not None and found.value is not None and found.value > 0 and found.mechanism:
                return found.mechanism
        return None

    def check(self) -> Iterator[str]:
        """Each claim that holds, in words.  Raises InvalidCertificate at the first that does not."""
        kinds = [c.kind for c in self.comparisons]
        if kinds not in (["distance", "weak"], ["distance", "weak", "strong"]):
            raise InvalidCertificate("comparisons are missing")
        for c in self.comparisons:
            if [t.reshape(-1).fractions() for t in c.targets] != [u.fractions() for u in self.payoffs]:
                raise InvalidCertificate("a comparison with other payoffs")
            if c.agent is not None:
                raise InvalidCertificate("a comparison that counts the gains of some agents only")
            c.check()
            value = c.status if c.value is None else text(c.value)
            yield f"the {c.kind} comparison: {value}"
        if self.reachable and len(kinds) < 3:
            raise InvalidCertificate("the strong comparison is missing")
        if self.mechanism is not None:
            report = self.audit
            if report is None or not report.passed:
                yield f"the mechanism examined does not satisfy the requirements: {report}"
            for i, agent in enumerate(self.design.environment.agents):
                own = [u or 0 for u in self.mechanism.interim_payoff(i)]
                if own != self.payoffs[i].fractions():
                    raise InvalidCertificate(f"the payoffs of {agent.name} are not those of the mechanism")
            yield "the payoffs are those of the mechanism"

    # -- reading and writing --------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        """Exact strings, without the problem."""
        agents = self.design.environment.agents
        return {
            "examined": {a.name: u.texts() for a, u in zip(agents, self.payoffs, strict=True)},
            "mechanism": None if self.mechanism is None else self.mechanism.to_json(),
            "reachable": self.reachable,
            "weakly_efficient": self.weak,
            "strongly_efficient": self.strong,
            "comparisons": [c.to_json() for c in self.comparisons],
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Efficiency:
        """Read :meth:`to_json` back.  Raises InvalidCertificate, KeyError or ValueError."""
        found: Sequence[Comparison] = [Comparison.from_json(design, c) for c in data["comparisons"]]
        mechanism = data["mechanism"]
        out = cls(
            design,
            tuple(Rationals.of(data["examined"][a.name]) for a in design.environment.agents),
            tuple(found),
            None if mechanism is None else Mechanism.from_json(design.environment, mechanism),
        )
        said = data["reachable"], data["weakly_efficient"], data["strongly_efficient"]
        if said != (out.reachable, out.weak, out.strong):
            raise InvalidCertificate("the verdict does not follow from the comparisons")
        return out


def interim_vectors(mechanism: Mechanism) -> list[Rationals]:
    """Interim payoffs as arrays; 0 where the belief is undefined (no comparison looks there)."""
    out = []
    for i, agent in enumerate(mechanism.environment.agents):
        own = [u or Fraction(0) for u in mechanism.interim_payoff(i)]
        out.append(Rationals.from_fractions(own, (agent.size,)))
    return out
