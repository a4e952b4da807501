"""Pages as LaTeX that compiles as it stands: lines, booktabs tables, and proofs with their inequalities written out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from ..question.design import Design
from .parts import Grid, Line, Part
from .statement import statement
from .tex import fraction, in_math, in_text
from .written_out import Form, Unknown, WrittenOut
from .written_out import Line as Step

HEAD = r"""\documentclass[a4paper]{article}
\usepackage[margin=2.2cm]{geometry}
\usepackage{amsmath,amssymb,amsthm,array,booktabs,longtable,textcomp}
\newtheorem{proposition}{Proposition}
\DeclareTextCommandDefault{\k}[1]{\leavevmode\hbox{\ooalign{\hss\lower.4ex\hbox{,}\hss\crcr#1}}}
\DeclareTextCommandDefault{\textquotedbl}{''}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\setlength{\emergencystretch}{3em}
\raggedbottom
\begin{document}
"""
FOOT = "\\end{document}\n"
#: A cell that is a number, with its decimal or not.
NUMBER = re.compile(r"(-?\d+(?:/\d+)?)( \(-?[\d.e+-]+\))?")
#: Tables of more rows may run over pages.
TALL = 42
#: Letters that a line of a table holds, about; wider columns are broken.
WIDTH, NARROW = 84, 14


def document(sections: Iterable[tuple[str, Iterable[str], bool]]) -> str:
    """A whole document, of sections with a title and lines of LaTeX each, and whether it is a part of the one before."""
    body: list[str] = []
    for title, lines, below in sections:
        body += [rf"\{'sub' * below}section*{{{in_text(title)}}}" if title else "", *lines, ""]
    return HEAD + "\n".join(body) + FOOT


def lines_of(parts: Iterable[Part]) -> Iterator[str]:
    """Lines and tables of a page."""
    for part in parts:
        if isinstance(part, Grid):
            yield from _table(part)
        else:
            yield _line(part)


def _line(line: Line) -> str:
    if not line.text.strip():
        return r"\medskip"
    margin = len(line.text) - len(line.text.lstrip())
    said = in_text(line.text.strip())
    said = (
        rf"\textbf{{{said}}}"
        if "bold" in line.style
        else rf"{{\small {said}}}"
        if "dim" in line.style
        else said
    )
    return (rf"\hspace*{{{margin / 2:g}em}}" if margin else "") + said + r"\par"


def _table(grid: Grid) -> Iterator[str]:
    """A table with columns as wide as the page has room for; a tall one may run over pages."""
    widths = [
        max((len(head), *(len(row[k]) for row in grid.rows)), default=1) or 1
        for k, head in enumerate(grid.heads)
    ]
    size = r"\small" if sum(widths) + 2 * len(widths) <= WIDTH else r"\footnotesize"
    columns, tall = f"{{@{{}}{''.join(_columns(widths))}@{{}}}}", len(grid.rows) > TALL
    yield rf"{{{size}\setlength{{\tabcolsep}}{{{3 if len(widths) > 6 else 5}pt}}"
    if grid.title:
        yield rf"\textbf{{{in_text(grid.title)}}}\par\nopagebreak\smallskip"
    yield rf"\begin{{longtable}}[l]{columns}" if tall else rf"\begin{{tabular}}{columns}"
    yield r"\toprule"
    yield " & ".join(map(in_text, grid.heads)) + r" \\"
    yield r"\midrule" + (r"\endhead" if tall else "")
    for row in grid.rows:
        yield " & ".join(map(cell, row)) + r" \\"
    yield r"\bottomrule"
    yield r"\end{longtable}}" if tall else r"\end{tabular}\par\medskip}"


def _columns(widths: list[int]) -> Iterator[str]:
    """Narrow columns as they are; the others share what is left of the line in proportion to what they hold."""
    if sum(widths) + 2 * len(widths) <= WIDTH:
        yield from "l" * len(widths)
        return
    narrow = [w if w <= NARROW and len(widths) <= 6 else 0 for w in widths]
    left = 0.97 - sum(narrow) / WIDTH - 0.012 * len(widths)
    capped = [min(w, 60) for w in widths]
    total = sum(w for w, own in zip(capped, narrow, strict=True) if not own)
    for w, own in zip(capped, narrow, strict=True):
        share = max(left, 0.3) * w / max(total, 1)
        yield "l" if own else rf">{{\raggedright\arraybackslash}}p{{{share:.3f}\linewidth}}"


def cell(said: str) -> str:
    """A cell of a table; a number as mathematics."""
    found = NUMBER.fullmatch(said)
    if found:
        return f"${found[1]}${found[2] or ''}"
    return ("{}" if said.startswith("[") else "") + in_text(said)  # after \\\\ a bracket would be a distance


def asked_lines(question: Any) -> Iterator[str]:
    """What is asked, in formulas."""
    for words, formula in statement(question):
        yield rf"{in_text(words)}: \[ {formula} \]"


# -- proofs ----------------------------------------------------------------------------------------------
def proof_lines(design: Design, proof: WrittenOut, *, explained: bool = True) -> Iterator[str]:
    """Each inequality with its multiplier, and their sum; what the symbols mean where it is ``explained`` here."""
    if explained:
        yield r"Here $t_i(\theta)$ is what agent $i$ receives, and $q(a \mid \theta)$ the chance of the outcome $a$, when the"
        yield r"types $\theta$ are reported.\par\medskip"
    if proof.lines:
        yield r"\begin{itemize}\raggedright"
    for line in proof.lines:
        yield rf"\item ${fraction(line.times)} \times {{}}$ {in_text(line.name)}: {_says(design, line)}"
    yield r"\end{itemize}" if proof.lines else "No requirement is needed."
    yield _sum(design, proof)


def _says(design: Design, line: Step) -> str:
    if line.form is None:
        return f"{in_text(line.said)}."
    if not line.requirement:
        return f"the payoff {form(design, line.form)}."
    left, right = line.form.terms, -line.form.constant
    sign = "=" if line.equality else r"\ge"
    return f"{terms(design, left)} ${sign} {fraction(right)}$."


def _sum(design: Design, proof: WrittenOut) -> str:
    total = form(design, proof.total)
    if proof.maximize is None:
        rest = (
            ""
            if not proof.total.terms
            else (
                r" Whatever the lotteries (and transfers within their limits) are, the right-hand side is at most "
                rf"${fraction(proof.bound)}$."
            )
        )
        return (
            rf"Added up: $0 \le {{}}$ {total}.{rest} This is a contradiction: ${fraction(proof.bound)} < 0$."
        )
    which = "the objective" if proof.maximize else "minus the objective"
    side = "at most" if proof.maximize else "at least"
    return (
        rf"Added to {which}: {which} $\le {{}}$ {total}. Whatever the lotteries (and transfers within their limits) are, the "
        rf"objective is therefore {side} ${fraction(proof.bound)}$."
    )


def form(design: Design, found: Form) -> str:
    """``constant + terms``, each term a formula of its own, so that lines break between them."""
    if not found.terms:
        return f"${fraction(found.constant)}$"
    said = terms(design, found.terms)
    sign = "-" if found.constant < 0 else "+"
    return f"{said} ${sign} {fraction(abs(found.constant))}$" if found.constant else said


def terms(design: Design, found: Iterable[tuple[Fraction, Unknown]]) -> str:
    """``$\\tfrac{1}{5}\\,t_{a}(\\theta)$ $- ...$``"""
    out = []
    for k, (weight, unknown) in enumerate(found):
        size = abs(weight)
        sign = "-" if weight < 0 else "+" if k else ""
        times = "" if size == 1 else rf"{fraction(size)}\,"
        gap = " {} " if k else ""
        out.append(f"${sign}{gap}{times}{symbol(design, unknown)}$")
    return " ".join(out) or "$0$"


def pieces(
    design: Design, found: Iterable[tuple[Fraction, Unknown]]
) -> Iterator[tuple[str, str, str, str, str]]:
    """Each term as its sign, its weight (empty: one), its letter, its index and its argument, in plain words."""
    environment = design.environment
    for k, (weight, unknown) in enumerate(found):
        sign = "-" if weight < 0 else "+" if k else ""
        times = "" if abs(weight) == 1 else fraction(abs(weight))
        at = ", ".join(a.types[t] for a, t in zip(environment.agents, unknown.profile, strict=True))
        under = "" if unknown.rule is None else f"rule {unknown.rule + 1}"
        if unknown.kind == "q":
            yield sign, times, "q", under, f"{environment.outcomes[unknown.of]} | {at}"
        else:
            index = ", ".join(filter(None, (environment.agents[unknown.of].name, under)))
            yield sign, times, "t", index, at


def symbol(design: Design, unknown: Unknown) -> str:
    """``t_{\\mathrm{buyer}}(\\mathrm{2})``, with the number of the rule above where there are several."""
    environment = design.environment
    types = [a.types[k] for a, k in zip(environment.agents, unknown.profile, strict=True)]
    at = ",".join(rf"\mathrm{{{in_math(t)}}}" for t in types)
    above = "" if unknown.rule is None else f"^{{{unknown.rule + 1}}}"
    if unknown.kind == "q":
        return rf"q{above}(\mathrm{{{in_math(environment.outcomes[unknown.of])}}} \mid {at})"
    return rf"t{above}_{{\mathrm{{{in_math(environment.agents[unknown.of].name)}}}}}({at})"
