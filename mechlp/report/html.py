"""Pages as HTML: tables that are tables, pictures with numbers under the pointer, proofs with formulas; no network.

Notebooks show the same tables (:func:`fragment`) as whole pages do (:func:`whole_page`).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from typing import Any

from ..exact.errors import InvalidInput
from ..exact.saved import json_text
from ..files.writer import document_of
from ..question.design import Design
from . import latex as tex
from .pages import page
from .parts import Grid, Line, Part, parts_of
from .plot import HOVER, InvalidPlot, Look, drawn, pictures
from .sections import Section, sections
from .statement import statement
from .tex import fraction
from .written_out import Form, WrittenOut

LESS = "\N{LESS-THAN OR EQUAL TO}"
CHANCE, TRANSFER = r"q(a \mid \theta)", r"t_i(\theta)"
#: A problem longer than this is left to the saved answer.
SHOWN = 20_000


def fragment(shown: Any) -> str:
    """What a notebook shows."""
    style = "<style>.mechlp table{border-collapse:collapse}.mechlp td,.mechlp th{text-align:left;padding:.1em .6em}</style>"
    return f'{style}<div class="mechlp">{"".join(_parts(parts_of(page(shown))))}</div>'


# -- lines and tables ------------------------------------------------------------------------------------
def _parts(parts: Iterable[Part]) -> Iterator[str]:
    lines: list[Line] = []
    for part in parts:
        if isinstance(part, Line) and part.text.strip():
            lines.append(part)
            continue
        yield from _paragraph(lines)
        lines = []
        if isinstance(part, Grid):
            yield table(part)
    yield from _paragraph(lines)


def _paragraph(lines: list[Line]) -> Iterator[str]:
    if lines:
        yield f"<p>{'<br>'.join(map(_line, lines))}</p>"


def _line(line: Line) -> str:
    margin = len(line.text) - len(line.text.lstrip())
    said = "&ensp;" * (margin // 2) + escape(line.text.strip())
    kind = "verdict" if "bold " in line.style else ""
    if "bold" in line.style:
        return f'<strong class="{kind}">{said}</strong>' if kind else f"<strong>{said}</strong>"
    return f"<small>{said}</small>" if "dim" in line.style else said


def table(grid: Grid) -> str:
    """A table with its title as a caption; a script, where there is one, sorts it by its heads."""
    head = "".join(f'<th scope="col">{escape(h) or "&nbsp;"}</th>' for h in grid.heads)
    rows = "".join(_row(row, k in grid.faint) for k, row in enumerate(grid.rows))
    title = escape(grid.title)
    caption = f"<caption>{title}</caption>" if title else ""
    label = title or "table"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(row: tuple[str, ...], faint: bool) -> str:
    if len(row) > 1 and row[0].startswith("...") and not any(row[1:]):
        return f'<tr class="left"><td colspan="{len(row)}">{escape(row[0])}</td></tr>'
    return f"<tr{' class=faint' if faint else ''}>{''.join(map(_cell, row))}</tr>"


def _cell(said: str) -> str:
    number = tex.NUMBER.fullmatch(said)
    return f'<td class="number">{escape(said)}</td>' if number else f"<td>{escape(said)}</td>"


# -- formulas and proofs ------------------------------------------------------------------------------------
def formula(latex: str) -> str:
    """MathML of a formula.  Raises InvalidInput without the library that makes it."""
    try:
        from latex2mathml.converter import convert
    except ImportError:
        raise InvalidInput("pages need latex2mathml: pip install 'mechlp[page]'") from None
    return str(convert(latex))


def _asked(question: Any) -> str:
    rows = "".join(f"<dt>{escape(words)}</dt><dd>{formula(said)}</dd>" for words, said in statement(question))
    return f"<dl class=formulas>{rows}</dl>" if rows else ""


def _proof(design: Design, proof: WrittenOut, *, explained: bool) -> Iterator[str]:
    symbols = (
        f"<p>Here {formula(TRANSFER)} is what agent <i>i</i> receives, and {formula(CHANCE)} the chance of "
        f"the outcome <i>a</i>, when the types <i>\N{GREEK SMALL LETTER THETA}</i> are reported.</p>"
    )
    yield from [symbols] if explained else []
    yield "<ol class=proof>"
    for line in proof.lines:
        said = f"<b>{formula(fraction(line.times))} \N{MULTIPLICATION SIGN} {escape(line.name)}</b><br>"
        if line.form is None:
            said += escape(line.said)
        elif not line.requirement:
            said += f"the payoff {_form(design, line.form)}"
        else:
            sign = "=" if line.equality else "\\ge"
            said += f"{_terms(design, line.form)} {formula(sign + ' ' + fraction(-line.form.constant))}"
        yield f"<li>{said}</li>"
    yield "</ol>" if proof.lines else "</ol><p>No requirement is needed.</p>"
    yield f"<p>{_sum(design, proof)}</p>"


def _sum(design: Design, proof: WrittenOut) -> str:
    bound = formula(fraction(proof.bound))
    whatever = "Whatever the lotteries (and transfers within their limits) are, "
    if proof.maximize is None:
        rest = f" {whatever}the right-hand side is at most {bound}." if proof.total.terms else ""
        contradiction = formula(f"{fraction(proof.bound)} < 0")
        return f"Added up: 0 {LESS} {_form(design, proof.total)}.{rest} This is a contradiction: {contradiction}."
    which, side = ("the objective", "at most") if proof.maximize else ("minus the objective", "at least")
    return (
        f"Added to {which}: {which} {LESS} {_form(design, proof.total)}. {whatever}the objective is therefore {side} "
        f"{bound}."
    )


def _form(design: Design, found: Form) -> str:
    if not found.terms:
        return formula(fraction(found.constant))
    sign = "-" if found.constant < 0 else "+"
    rest = f" {formula(f'{sign} {fraction(abs(found.constant))}')}" if found.constant else ""
    return _terms(design, found) + rest


def _terms(design: Design, found: Form) -> str:
    """Each term a formula of its own, so that lines break between them."""
    return " ".join(map(_term, tex.pieces(design, found.terms))) or formula("0")


def _term(piece: tuple[str, str, str, str, str]) -> str:
    """A term from its sign, its weight, its letter, its index and its argument: names are escaped, and no formulas."""
    sign, weight, letter, index, argument = piece
    below = f"<sub>{escape(index)}</sub>" if index else ""
    number = formula(f"{sign}{weight}") if sign or weight else ""
    return f"<span class=term>{number} <i>{letter}</i>{below}({escape(argument)})</span>"


# -- pictures ----------------------------------------------------------------------------------------------
def svg(found: Any, kind: str, number: int) -> str:
    """A picture as SVG inside a page, its numbers shown under the pointer."""
    canvas, out = drawn(found, Look(kind)), io.StringIO()
    from matplotlib import rc_context

    with rc_context(
        {"svg.hashsalt": f"mechlp {number}", "svg.fonttype": "none", "font.family": "sans-serif"}
    ):
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return inside(out.getvalue(), number)


def inside(text: str, number: int) -> str:
    """The text of an SVG file as a part of a page: its names are its own, its numbers shown under the pointer."""
    text = text[text.index("<svg") :]
    for before, after in (('id="', 'id="p{}-'), ("url(#", "url(#p{}-"), ('href="#', 'href="#p{}-')):
        text = text.replace(before, after.replace("{}", str(number)))
    return re.sub(rf'<g id="p{number}-{HOVER}([^"]*)">', r"<g><title>\1</title>", text)


def _pictures(found: Any, first: int = 1) -> Iterator[str]:
    for number, one in enumerate(pictures(found), first):
        try:
            drawing = svg(found, one.kind, number)
        except InvalidPlot:  # a number that floats do not reach: the tables have it
            continue
        yield figure(drawing, one.about, f"{one.about[0].upper()}{one.about[1:]} (picture: {one.kind})")


def figure(drawing: str, about: str, caption: str) -> str:
    """An SVG as wide as its page, with words for those who do not see it."""
    head, rest = drawing.split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return (
        f'<figure>{head} role="img" aria-label="{escape(about)}">{rest}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


# -- whole pages -------------------------------------------------------------------------------------------
def whole_page(found: Any, saved: str | None = None, *, full: bool = False) -> str:
    """A page that needs no other file.

    Parameters
    ----------
    saved : the name of the file that the answer was saved in, for the words on how to check it.
    full : every row of every table.

    Raises
    ------
    InvalidInput, InvalidPlot
        Without the libraries of ``mechlp[page]``.
    """
    every = list(sections(found, full=full))
    heading = _heading(found, every)
    body = [f"<h1>{escape(heading)}</h1>", *_body(found, every, heading)]
    body += _checking(found, saved)
    files = resources.files(__package__)
    style, script = ((files / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(heading)}</title><link rel="icon" href="data:,"><style>{style}</style></head>\n'
        f"<body><main>{''.join(body)}</main><script>{script}</script></body></html>\n"
    )


def article(found: Any, *, first: int = 1) -> str:
    """What a page shows of an answer, as a part of another page, where its pictures are numbered from ``first``."""
    every = list(sections(found))
    return "".join(_body(found, every, _heading(found, every), first))


def _body(found: Any, every: list[Section], heading: str, first: int = 1) -> Iterator[str]:
    question = getattr(found, "design", None)
    for one in every:
        yield from section(one, heading)
        if one is every[0]:
            drawings = list(_pictures(found, first))
            if question is not None:
                yield _fold("Question", _asked(question))
            yield _fold("Pictures", "".join(drawings))


def _heading(found: Any, every: list[Section]) -> str:
    first = next((p for one in every for p in one.parts if isinstance(p, Line) and p.text.strip()), None)
    return getattr(found, "title", "") or (first.text.strip() if first else "mechlp")


def _fold(title: str, inside: str) -> str:
    return f"<section><h2>{title}</h2>{inside}</section>" if inside else ""


def section(one: Section, heading: str = "") -> Iterator[str]:
    """A section of a page; a line that repeats its ``heading`` is left out."""
    level = "h3" if one.below else "h2"
    yield f"<section><{level}>{escape(one.title)}</{level}>" if one.title else "<section>"
    yield from _parts(part for part in one.parts if part != Line(heading, "bold"))
    if one.written is not None and one.design is not None:
        yield from _proof(one.design, one.written, explained=not one.below)
    elif one.tex:
        yield f"<details open><summary>In LaTeX</summary><pre>{escape(one.tex)}</pre></details>"
    yield "</section>"


def _checking(found: Any, saved: str | None) -> Iterator[str]:
    name = escape(saved or "ANSWER.json")
    yield "<section><h2>How to check it</h2><p>Everything above follows from the saved answer, which holds the problem, the "
    yield "mechanism and the multipliers as exact numbers. This reads it without any solver, and evaluates every requirement "
    yield f"from its definition:</p><pre>pip install mechlp\nmechlp verify {name}</pre>"
    document = _document(found)
    if document is not None and len(document) <= SHOWN:
        yield f"<details><summary>The problem, with every number</summary><pre>{escape(document)}</pre></details>"
    yield "</section>"


def _document(found: Any) -> str | None:
    question = getattr(found, "design", None)
    if question is None:
        return None
    return json_text(json.loads(json.dumps(document_of(question))))
