"""What is written of each kind of answer beyond the terminal: its question, its page, its proof; in LaTeX and in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from rich.console import RenderableType

from ..answer.answer import Answer
from ..answer.box import BoxAnswer
from ..answer.interim import InterimAnswer
from ..environment.model import Environment
from ..environment.symmetric import Symmetric
from ..mechanism.mechanism import Mechanism
from ..proof.continuum import Comparison as OnContinuum
from ..proof.efficiency import Efficiency
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
from .compared import comparison_page
from .environment import environment_page
from .interim import efficiency_page, map_page, projection_page, revised_page
from .latex import asked_lines, document, lines_of, proof_lines
from .map_page import map_page as points_page
from .page import rule_table
from .pages import page, question_page
from .parts import Part, parts_of
from .prices import comparison_table, traders_page
from .proof import latex as combination
from .proof import smallest
from .regions import region_latex, region_page
from .rents import rents_page
from .sweeps import sweep_page
from .symmetric import symmetric_page
from .tables import MAX_ROWS
from .thresholds import threshold_latex, threshold_page
from .values import value_latex, value_page
from .written_out import WrittenOut, written_out

page.register(Region, lambda found, *, full=False: region_page(found))
page.register(Staged, lambda found, *, full=False: value_page(found))
page.register(Threshold, lambda found, *, full=False: threshold_page(found))
page.register(Projection, lambda found, *, full=False: projection_page(found))
page.register(Efficiency, lambda found, *, full=False: efficiency_page(found))
page.register(Robustness, lambda found, *, full=False: revised_page(found))
page.register(JointBound, lambda found, *, full=False: rents_page(found))
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
    """A title; lines and tables; then a proof written out, and LaTeX that says the same as lines or tables in formulas."""

    title: str
    parts: tuple[Part, ...] = ()
    written: WrittenOut | None = None
    design: Design | None = None
    tex: str = field(default="", repr=False)


@singledispatch
def sections(found: Any, *, full: bool = False) -> Iterator[Section]:
    """The sections of an answer; ``full``: every row of every table."""
    yield Section("", tuple(parts_of(page(found, full=full))))


@sections.register
def _answered(found: Answer, *, full: bool = False) -> Iterator[Section]:
    yield Section("Answer", tuple(parts_of(page(found, full=full))))
    yield Section("Environment", tuple(parts_of(question_page(found.design))))
    if (proof := proof_of(found)) is not None:
        yield proof


@sections.register(BoxAnswer)
@sections.register(InterimAnswer)
def _identical(found: BoxAnswer | InterimAnswer, *, full: bool = False) -> Iterator[Section]:
    yield Section("Answer", tuple(parts_of(page(found, full=full))))
    yield Section("Environment", tuple(parts_of(question_page(found.design))))


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


def proof_of(found: Answer) -> Section | None:
    """The multipliers of an answer, and its inequalities written out; None where it is proved in another way."""
    proof, design = found.proof, found.design
    if proof is None or proof.multipliers is None:
        return None
    wanted = found.status != "infeasible"
    y = proof.multipliers if wanted else smallest(design, proof.multipliers)
    return Section("Proof", (), written_out(design, y, wanted=wanted), design, combination(found))


def latex(found: Any, *, full: bool = False) -> str:
    """A document of LaTeX that compiles by itself: the answer, what it is about, and its proof."""
    every = [(one.title, list(_lines(one))) for one in sections(found, full=full)]
    if asked := list(asked_lines(getattr(found, "design", None))):
        every.insert(1, ("Question", asked))
    return document(every)


def _lines(section: Section) -> Iterator[str]:
    yield from lines_of(section.parts)
    yield from filter(None, [section.tex])
    if section.written is not None:
        assert section.design is not None
        yield from proof_lines(section.design, section.written)
