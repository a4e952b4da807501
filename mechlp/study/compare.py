"""One environment side by side: a question a row, a notion of incentive compatibility a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..answer.answer import Answer
from ..environment.notions import NOTIONS
from ..program.model import TooLarge
from ..question.design import BB, IR, Design, InvalidDesign

#: What is changed in a design to ask another question of its environment, by the name of the question.
Questions = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Cell:
    """The answer to one question under one notion of IC."""

    question: str
    ic: str
    answer: Answer

    @property
    def file_name(self) -> str:
        """A name for the saved answer: ``best-revenue.bayesian.answer.json``."""
        words = "".join(c if c.isalnum() or c == "-" else " " for c in self.question).split()
        return f"{'-'.join(words)}.{self.ic}.answer.json"


@dataclass(frozen=True)
class Comparison:
    """The cells, row by row, and why the others were left out.

    ``asked`` says what each question is, in a few words (nothing where its name says it).
    """

    title: str
    asked: dict[str, str]
    cells: tuple[Cell, ...]
    left_out: tuple[str, ...]
    too_large: bool = False

    @property
    def decided(self) -> bool:
        """Whether no cell is open."""
        return not self.too_large and all(cell.answer.status != "undecided" for cell in self.cells)

    @property
    def notions(self) -> tuple[str, ...]:
        """The columns that have a cell."""
        return tuple(dict.fromkeys(cell.ic for cell in sorted(self.cells, key=_column)))

    def cell(self, question: str, ic: str) -> Cell | None:
        """None where the question was left out."""
        return next((c for c in self.cells if (c.question, c.ic) == (question, ic)), None)

    def to_json(self) -> dict[str, Any]:
        """Every answer whole, as ``mechlp solve`` saves it."""
        cells = [{"question": c.question, "ic": c.ic, "answer": c.answer.to_json()} for c in self.cells]
        return {
            "title": self.title,
            "questions": self.asked,
            "cells": cells,
            "left_out": list(self.left_out),
        }


def questions(design: Design) -> Questions:
    """What one asks of any environment; IR, BB and bounds on transfers are the design's own where it has them."""
    ir = "interim" if design.ir == "none" else design.ir
    bb = "ex-post" if design.bb == "none" else design.bb
    return {
        "question of the file": {},
        "efficient allocation": {"allocation": "efficient", "objective": "feasibility", "ir": ir, "bb": bb},
        "full surplus extraction": {
            "allocation": "efficient",
            "objective": "full-surplus-extraction",
            "ir": ir,
            "bb": "none",
        },
        "best revenue": {"allocation": "chosen", "objective": "revenue", "ir": ir, "bb": "none"},
        "best surplus": {"allocation": "chosen", "objective": "surplus", "ir": ir, "bb": bb},
    }


def grid(design: Design) -> Questions:
    """The design's own question under every IR x BB."""
    return {f"IR {ir}, BB {bb}": {"ir": ir, "bb": bb} for ir in IR for bb in BB}


def compare(
    design: Design,
    *,
    ask: Callable[[Design], Questions] = questions,
    time_limit: float | None = None,
    fewest: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """The answers to some questions under every notion of IC for which they make sense.

    Parameters
    ----------
    ask : :func:`questions`, or :func:`grid` (which also asks without any IC).
    time_limit : seconds for each answer.
    fewest : whether to look for the fewest rules where several may be announced.
    """
    known = design.environment.belief_sets is not None
    paid = design.transfers != "none"
    notions = [n.name for n in NOTIONS.values() if (known or not n.needs_sets) and (n.paid or not paid)]
    notions = [n for n in notions if NOTIONS[n].lies or design.environment.actions is not None]
    notions += ["none"] if ask is grid else []
    rows = _once(design, ask(design))
    cells: list[Cell] = []
    left_out: dict[str, list[str]] = {}
    too_large = False
    for question, changes in rows.items():
        for ic in notions:
            name = f"{question}, {ic}"
            if progress is not None:
                progress(name)
            try:
                answer = design.asking(ic=ic, **changes).solve(
                    time_limit=time_limit, fewest=fewest, **design.bare
                )
                cells.append(Cell(question, ic, answer))
            except (InvalidDesign, TooLarge) as error:
                too_large |= isinstance(error, TooLarge)
                left_out.setdefault(str(error), []).append(name)
    title, asked = (
        design.environment.title,
        {name: _in_words(design, changes) for name, changes in rows.items()},
    )
    if ask is grid:
        title, asked = f"{title}: {design.wants.kind}", dict.fromkeys(rows, "")
    reasons = tuple(_reason(names, reason, len(notions)) for reason, names in left_out.items())
    return Comparison(title, asked, tuple(cells), reasons, too_large)


def _column(cell: Cell) -> int:
    return list(NOTIONS).index(cell.ic) if cell.ic in NOTIONS else len(NOTIONS)


def _once(design: Design, rows: Questions) -> Questions:
    """The rows without those that ask what the file asks already: they lend the file's row their name."""
    out: Questions = {}
    for name, changes in rows.items():
        if "question of the file" in out and _same(design, changes):
            out = {
                f"{name} (question of the file)" if n == "question of the file" else n: c
                for n, c in out.items()
            }
        else:
            out[name] = changes
    return out


def _same(design: Design, changes: dict[str, Any]) -> bool:
    try:
        return design.same(design.asking(**changes))
    except InvalidDesign:
        return False


def _in_words(design: Design, changes: dict[str, Any]) -> str:
    kept = {
        name: changes.get(name, getattr(design, name)) for name in ("ir", "bb", "allocation", "objective")
    }
    allocation = kept["allocation"] if isinstance(kept["allocation"], str) else "given"
    wanted = kept["objective"] if isinstance(kept["objective"], str) else kept["objective"].kind
    return f"allocation {allocation}, IR {kept['ir']}, BB {kept['bb']}, wanted {wanted}"


def _reason(names: Sequence[str], reason: str, most: int) -> str:
    """One reason with the cells that it left out."""
    questions = list(dict.fromkeys(name.rsplit(", ", 1)[0] for name in names))
    if len(names) == len(questions) * most:
        names = questions
    return f"{'; '.join(names)}: {reason}"
