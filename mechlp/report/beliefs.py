"""The page of `mechlp check`: conditions on beliefs, witnesses, theorems."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..beliefs import Examination
from ..study.counterexamples import Counterexample
from .page import answer_page
from .tables import plain, table

SPELLED = {
    "BDP": "BDP (beliefs determine preferences)",
    "NCP*": "NCP* (no common prior)",
    "weak NCP*": "weak NCP* (its necessary half)",
    "NCP**": "NCP** (no common prior)",
}


def beliefs_page(found: Examination) -> RenderableType:
    """Every condition with its reason, side bets, and what follows."""
    parts: list[RenderableType] = [plain(found.title or "untitled", "bold")]
    conditions = table("condition", "agent", "holds", "because", title="Conditions on beliefs (exact)")
    for finding in found.findings:
        name = SPELLED.get(finding.condition, finding.condition)
        conditions.add_row(name, finding.agent or "all", _verdict(finding.holds), Text(finding.words))
    parts.append(conditions)
    parts += _side_bets(found)
    follows = table("what follows", "verdict", "source", title="For every profile of utilities")
    for theorem in found.theorems:
        verdict = _verdict(theorem.holds)
        if theorem.holds is None:
            open_ = "not known" if theorem.missing.endswith("not decided") else "does not apply"
            verdict = f"{open_}: {theorem.missing}" if theorem.missing else "the theorem does not decide"
        follows.add_row(Text(theorem.statement), verdict, theorem.source)
    parts.append(follows)
    refuted = [t.name for t in found.theorems if t.holds is False]
    if refuted:
        parts.append(
            plain(
                f"Payoffs that refute one of them: mechlp check FILE --counterexample {' | '.join(refuted)}"
            )
        )
    if found.dropped:
        parts.append(plain(f"Types of probability zero, left out of every test: {', '.join(found.dropped)}"))
    return Group(*parts)


def counterexample_page(found: Counterexample) -> RenderableType:
    """What is refuted, and the certified answer that refutes it."""
    assert found.answer is not None
    return Group(plain(found.words), answer_page(found.answer))


def _verdict(holds: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[holds]


def _side_bets(found: Examination) -> list[RenderableType]:
    out: list[RenderableType] = []
    for finding in found.findings:
        bets = finding.witness.get("side bets")
        if bets:
            shown: Table = table(
                "type",
                "received at each profile of the others",
                title=f"Crémer-McLean side bets of {finding.agent}",
            )
            for name, bet in bets.items():
                shown.add_row(name, ", ".join(bet[:16]) + (", ..." if len(bet) > 16 else ""))
            out.append(shown)
    return out
