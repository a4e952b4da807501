"""What is written of each kind of answer beyond the terminal: its question, its page, its proof; in LaTeX and in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from rich.console import Group, RenderableType

from ..answer.answer import Answer
from ..answer.bargaining import Zones
from ..answer.box import BoxAnswer
from ..answer.by_formulas import ByFormulas
from ..answer.interim import InterimAnswer
from ..environment.model import Environment
from ..environment.symmetric import Symmetric
from ..mechanism.mechanism import Mechanism
from ..proof.announcement import Announcement
from ..proof.continuum import Comparison as OnContinuum
from ..proof.contours import Contours
from ..proof.efficiency import Efficiency
from ..proof.multipliers import Multipliers
from ..proof.projection import Projection
from ..proof.region import Region
from ..proof.rents import JointBound
from ..proof.robustness import Robustness
from ..proof.stages import Staged
from ..proof.threshold import Threshold
from ..question.box import BoxDesign
from ..question.design import Design
from ..question.economy import Exchange
from ..question.implementation import Implementation
from ..question.symmetric import SymmetricDesign
from ..study.compare import Comparison
from ..study.maps import PointMap
from ..study.sweep import Sweep
from ..study.verdicts import Map
from .cases import (
    CASES,
    DOMINANCE,
    HINT,
    NOTHING_LEFT,
    SYMBOLS,
    assumption,
    conclusion,
    first_leaves,
    heading,
)
from .compared import comparison_page
from .environment import environment_page
from .first_order import first_order_page
from .flows import BOXED, flow_parts
from .interim import (
    announcement_page,
    contours_page,
    efficiency_page,
    map_page,
    projection_page,
    revised_page,
)
from .latex import asked_lines, document, lines_of, proof_lines
from .map_page import map_page as points_page
from .page import rule_table
from .pages import page, question_page
from .parts import Line, Part, parts_of
from .prices import comparison_table, traders_page
from .proof import held, latex_of, shares, smallest, spoken_of
from .proof import latex as combination
from .regions import region_latex, region_page
from .rents import rents_page
from .sweeps import sweep_page
from .symmetric import symmetric_page
from .tables import MAX_ROWS
from .thresholds import threshold_latex, threshold_page
from .values import value_latex, value_page
from .written_out import WrittenOut, written_out
from .zones import zones_page

page.register(Region, lambda found, *, full=False: region_page(found))
page.register(Staged, lambda found, *, full=False: value_page(found))
page.register(Threshold, lambda found, *, full=False: threshold_page(found))
page.register(Projection, lambda found, *, full=False: projection_page(found))
page.register(Efficiency, lambda found, *, full=False: efficiency_page(found))
page.register(Robustness, lambda found, *, full=False: revised_page(found))
page.register(ByFormulas, lambda found, *, full=False: first_order_page(found.found))
page.register(Zones, lambda found, *, full=False: zones_page(found))
page.register(JointBound, lambda found, *, full=False: rents_page(found))
page.register(Announcement, lambda found, *, full=False: announcement_page(found))
page.register(Contours, lambda found, *, full=False: contours_page(found))
page.register(Comparison, lambda found, *, full=False: comparison_page(found))
page.register(OnContinuum, lambda found, *, full=False: comparison_table([found]))
page.register(PointMap, lambda found, *, full=False: points_page(found))
page.register(Sweep, lambda found, *, full=False: sweep_page(found))
page.register(Map, lambda found, *, full=False: map_page(found, "Map"))


page.register(Design, lambda asked, *, full=False: question_page(asked))
page.register(BoxDesign, lambda asked, *, full=False: question_page(asked))
page.register(SymmetricDesign, lambda asked, *, full=False: question_page(asked))
page.register(Implementation, lambda asked, *, full=False: question_page(asked))
page.register(Exchange, lambda asked, *, full=False: question_page(asked))
page.register(Symmetric, lambda shown, *, full=False: symmetric_page(shown))


@page.register
def _environment(shown: Environment, *, full: bool = False) -> RenderableType:
    return (environment_page if shown.prices is None else traders_page)(shown)


@page.register
def _mechanism(shown: Mechanism, *, full: bool = False) -> RenderableType:
    title = "Mechanism (t: what an agent receives)"
    return rule_table(shown, title, 10**9 if full else MAX_ROWS)


@dataclass(frozen=True)
class Section:
    """A title; lines and tables; then a proof written out, and LaTeX that says the same as lines or tables in formulas.

    ``below``: it is a part of the section before it, which says what symbols mean.
    """

    title: str
    parts: tuple[Part, ...] = ()
    written: WrittenOut | None = None
    design: Design | None = None
    tex: str = field(default="", repr=False)
    below: bool = False


@singledispatch
def sections(found: Any, *, full: bool = False) -> Iterator[Section]:
    """The sections of an answer; ``full``: every row of every table."""
    yield Section("", tuple(parts_of(page(found, full=full))))


@sections.register
def _answered(found: Answer, *, full: bool = False) -> Iterator[Section]:
    yield Section("Answer", tuple(map(_below, parts_of(page(found, full=full)))))
    yield Section("Environment", tuple(parts_of(question_page(found.design))))
    yield from proof_of(found, full)


@sections.register
def _boxed(found: BoxAnswer, *, full: bool = False) -> Iterator[Section]:
    yield Section("Answer", tuple(parts_of(page(found, full=full))))
    yield Section("Environment", tuple(parts_of(question_page(found.design))))
    yield Section("Proof", (Line(BOXED),))


@sections.register
def _identical(found: InterimAnswer, *, full: bool = False) -> Iterator[Section]:
    yield Section("Answer", tuple(parts_of(page(found, full=full))))
    yield Section("Environment", tuple(parts_of(question_page(found.design))))
    yield Section("Proof", tuple(parts_of(Group(*flow_parts(found)))))


@sections.register
def _region(found: Region, *, full: bool = False) -> Iterator[Section]:
    yield Section("Region", tuple(parts_of(region_page(found))))
    yield Section("Proposition", tex=region_latex(found))


@sections.register
def _threshold(found: Threshold, *, full: bool = False) -> Iterator[Section]:
    yield Section("Critical values", tuple(parts_of(threshold_page(found))))
    yield Section("Proposition", tex=threshold_latex(found))


@sections.register
def _value(found: Staged, *, full: bool = False) -> Iterator[Section]:
    yield Section("Value", tuple(parts_of(value_page(found))))
    yield Section("Formula", tex=value_latex(found))


def proof_of(found: Answer, full: bool = False) -> Iterator[Section]:
    """The multipliers of an answer, and its inequalities written out, case by case where there are several."""
    proof, design = found.proof, found.design
    if proof is None:
        return
    if proof.multipliers is not None:
        wanted = found.status != "infeasible"
        y = proof.multipliers if wanted else smallest(design, proof.multipliers)
        yield _proved("Proof", design, y, written_out(design, y, wanted=wanted), combination(found))
        return
    shown, left = first_leaves(design, proof, full)
    several = proof.leaves() > 1
    said = [*([DOMINANCE] if proof.dominance is not None else []), *([CASES] if several else []), SYMBOLS]
    yield Section("Proof", tuple(map(Line, said)))
    for number, leaf in enumerate(shown, 1):
        title = heading(proof, number) if several else "Multipliers"
        assumed = tuple(map(Line, assumption(leaf)))
        if leaf.multipliers is None:
            yield Section(title, (*assumed, Line(NOTHING_LEFT)), below=True)
            continue
        tex = latex_of(leaf.design, leaf.multipliers, leaf.proved(), leaf.allowed)
        yield _proved(title, leaf.design, leaf.multipliers, leaf.written(), tex, assumed, below=True)
    if several:
        yield Section("All cases together", tuple(map(Line, conclusion(design, proof, left))), below=True)


def _below(part: Part) -> Part:
    """Where a terminal says how to see the cases of a proof, a page has them."""
    return (
        replace(part, text=part.text.replace(HINT, " (written out below)."))
        if isinstance(part, Line)
        else part
    )


def _proved(
    title: str,
    design: Design,
    y: Multipliers,
    written: WrittenOut | str,
    tex: str,
    before: tuple[Part, ...] = (),
    below: bool = False,
) -> Section:
    """A proof written out, or why it is only named; with the beliefs that it speaks of."""
    lines = [Line(line) for line in held(design, spoken_of(design, y.rows(design), shares(y)))]
    if not isinstance(written, str):
        return Section(title, (*before, *lines), written, design, tex, below)
    said = Line(f"The requirements of the proof are named here, each with its number: {written}.")
    return Section(title, (*before, said, *lines), None, design, tex, below)


def latex(found: Any, *, full: bool = False) -> str:
    """A document of LaTeX that compiles by itself: the answer, what it is about, and its proof."""
    every = [(one.title, list(_lines(one)), one.below) for one in sections(found, full=full)]
    if asked := list(asked_lines(getattr(found, "design", None))):
        every.insert(1, ("Question", asked, False))
    return document(every)


def _lines(section: Section) -> Iterator[str]:
    yield from lines_of(section.parts)
    yield from filter(None, [section.tex])
    if section.written is not None:
        assert section.design is not None
        yield from proof_lines(section.design, section.written, explained=not section.below)
