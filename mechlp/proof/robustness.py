"""Payoffs that are compared with those of other beliefs: robust efficiency, and the upper contour of a mechanism
(Pęski 2023).

A mechanism m gives payoffs for every belief p.  It is robustly efficient at p if no payoffs v that can be reached
under p are, for each player i, at least what m gives her under some belief q_i about her (and p about the other), and
more for one of her types of positive probability (Lemma 5 of the draft is a sufficient condition).  For one pair of
beliefs this is one comparison; where the payoffs of m are known to lie in polytopes, one a *piece* of beliefs, the
comparison with the polytopes covers all beliefs of the pieces at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ..exact.numbers import Rationals, text
from ..question.design import Design
from ..shown import Drawn
from .comparison import Comparison
from .efficiency import interim_vectors
from .invalid import InvalidCertificate
from .revised import Revision


@dataclass(frozen=True)
class Pair:
    """One choice of pieces, one an agent: the weak comparison and, where its value is zero, for each agent what she
    alone can gain when nobody loses."""

    pieces: tuple[int, ...]
    weak: Comparison
    gains: tuple[Comparison, ...] = ()

    @property
    def gap(self) -> Fraction | None:
        """The largest ``s_1 + s_2`` over the beliefs of the pieces."""
        return self.weak.value

    @property
    def passed(self) -> bool | None:
        """True: no payoffs that can be reached do better for every agent; False: some do; None: not decided.

        Where each agent can gain in some mechanism and nobody loses, all gain in a lottery over these mechanisms.
        """
        if self.gap is None:
            return False if self.weak.status == "unbounded" else None
        if self.gap != 0:
            return self.gap < 0
        if any(found.value == 0 for found in self.gains):
            return True
        return None if any(found.status == "undecided" for found in self.gains) else False


    def to_json(self) -> dict[str, Any]:
        """The comparisons with their weights, mechanisms and multipliers."""
        return {"pieces": list(self.pieces), "comparisons": [c.to_json() for c in (self.weak, *self.gains)]}

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Pair:
        """Read back.  Raises InvalidCertificate, KeyError or ValueError."""
        weak, *gains = (Comparison.from_json(design, c) for c in data["comparisons"])
        return cls(tuple(data["pieces"]), weak, tuple(gains))


@dataclass(frozen=True)
class Robustness(Drawn):
    """All pairs of pieces of a mechanism, compared with what can be reached under the design's own prior.

    ``complete``: the pieces cover every belief, so that passing is a proof for this prior; otherwise it is a sample of
    beliefs, and passing is evidence only.  Failing is a proof either way.  Neither says anything about other priors.
    ``revisions``: where the payoffs of the mechanism of a problem file (``document``) are taken, one piece an agent.
    """

    design: Design
    pieces: tuple[tuple[Rationals, ...], ...]
    pairs: tuple[Pair, ...]
    complete: bool
    document: Mapping[str, Any] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()

    @property
    def passed(self) -> bool | None:
        """False if one pair fails, True if all pass."""
        verdicts = [pair.passed for pair in self.pairs]
        return False if False in verdicts else None if None in verdicts or not verdicts else True

    @property
    def proved(self) -> bool:
        """Whether the verdict is a theorem about every belief."""
        return self.passed is False or (self.passed is True and self.complete)

    @property
    def gap(self) -> Fraction | None:
        """The largest gap over the pairs; None when one has none."""
        gaps = [pair.gap for pair in self.pairs]
        return None if None in gaps or not gaps else max(g for g in gaps if g is not None)

    def in_words(self) -> str:
        """One sentence without its full stop."""
        if self.passed is None:
            return "robust efficiency is not decided"
        if self.passed:
            how = (
                "proved for every belief about a player, at this prior"
                if self.complete
                else "for the beliefs that were tried: evidence, not a proof"
            )
            return f"robustly efficient, {how}"
        return "not robustly efficient: proved by payoffs that can be reached and are better for both players"

    def to_json(self) -> dict[str, Any]:
        """Exact strings; every comparison with its weights, mechanism and multipliers."""
        return {
            "passed": self.passed,
            "proved": self.proved,
            "gap": None if self.gap is None else text(self.gap),
            "complete": self.complete,
            "beliefs": [r.to_json([a.name for a in self.design.environment.agents]) for r in self.revisions],
            "pairs": [pair.to_json() for pair in self.pairs],
        }

    @classmethod
    def from_json(cls, design: Design, data: Mapping[str, Any]) -> Robustness:
        """Read :meth:`to_json` back; what the mechanism of the problem gives under the beliefs is computed anew.

        Raises InvalidCertificate, KeyError or ValueError.
        """
        names, document = [a.name for a in design.environment.agents], data["problem"]
        revisions = tuple(Revision.from_json(names, one) for one in data["beliefs"])
        pairs = [Pair.from_json(design, one) for one in data["pairs"]]
        pieces = tuple((own.reshape(1, -1),) for own in payoffs_at(document, revisions))
        return cls(design, pieces, tuple(pairs), False, document, revisions)

    def claims(self) -> Iterator[str]:
        """Recompute everything; each claim in words.  Raises InvalidCertificate."""
        self.check()
        under = "; ".join(f"{r.name or 'the beliefs of the file'}" for r in self.revisions)
        yield f"what the mechanism gives under {under}"
        yield f"the gap {'is without end' if self.gap is None else text(self.gap)}: {self.in_words()}"

    def check(self) -> None:
        """Recompute every comparison from the definitions.  Raises InvalidCertificate."""
        for pair in self.pairs:
            for found in (pair.weak, *pair.gains):
                targets = [own[k] for own, k in zip(self.pieces, pair.pieces, strict=True)]
                if not all(a.same(b) for a, b in zip(found.targets, targets, strict=True)):
                    raise InvalidCertificate("a comparison with the payoffs of other beliefs")
                found.check()
            asked = [(found.kind, found.agent) for found in pair.gains]
            wanted = [("strong", i) for i in range(len(self.pieces))] if pair.gap == 0 else []
            if pair.weak.kind != "weak" or asked != wanted:
                raise InvalidCertificate("a pair of pieces with other comparisons than it needs")
        if {pair.pieces for pair in self.pairs} != set(product(*(range(len(own)) for own in self.pieces))):
            raise InvalidCertificate("a pair of pieces is missing")


def payoffs_at(document: Mapping[str, Any], revisions: tuple[Revision, ...]) -> list[Rationals]:
    """What the mechanism of a problem file gives, where beliefs about an agent are revised under these.  Raises InvalidDesign."""
    found = interim_vectors(Revision(0).mechanism(document))
    for one in revisions:
        found[one.agent] = one.payoffs(document)
    return found


@dataclass(frozen=True)
class Contour:
    """Whether payoffs u belong to the upper contour ``U_i m``: they can be reached, and m gives agent i no more under
    some belief q_i.

    ``margins[k]`` is for piece k the largest s with ``u(theta_i) >= m_i(theta_i) + s`` for some payoffs of the piece,
    attained at the mixture ``mixes[k]`` of its corners, and bounded by ``weights[k]`` on the agent's types.
    """

    reached: Comparison
    agent: int
    payoffs: Rationals
    pieces: tuple[Rationals, ...]
    margins: tuple[Fraction, ...]
    mixes: tuple[Rationals, ...]
    weights: tuple[Rationals, ...]
    complete: bool

    @property
    def member(self) -> bool | None:
        """None: out of the contour of these pieces, but they do not cover every belief."""
        if self.reached.value != 0:
            return None if self.reached.status == "undecided" else False
        if max(self.margins, default=Fraction(-1)) >= 0:
            return True
        return False if self.complete else None

    def check(self) -> None:
        """Recompute from the definitions.  Raises InvalidCertificate."""
        self.reached.check()
        beliefs = self.reached.design.environment.beliefs
        assert beliefs is not None
        types = np.flatnonzero(beliefs.mass(self.agent) > 0)
        u = self.payoffs[types]
        for piece, margin, mix, weight in zip(
            self.pieces, self.margins, self.mixes, self.weights, strict=True
        ):
            if bool(np.any(mix < 0)) or mix.sum() != 1 or bool(np.any(weight < 0)) or weight.sum() != 1:
                raise InvalidCertificate("weights that are no lottery")
            own = piece[:, types]
            if (u - (own * mix.reshape(-1, 1)).sum(axis=0)).min() != margin:
                raise InvalidCertificate(f"the mixture does not attain {text(margin)}")
            if (u * weight).sum() - (own * weight).sum(axis=1).min() != margin:
                raise InvalidCertificate(f"the weights do not prove {text(margin)}")
