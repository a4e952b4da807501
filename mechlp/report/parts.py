"""What a page consists of, whatever it is then written as: lines and tables, taken from the page for terminals.

A page is made once (:mod:`mechlp.report.pages`), of lines and tables of rich.  HTML and LaTeX are further ways to write the same
lines and tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Line:
    """A line of text, empty between paragraphs; ``style`` is that of the terminal: ``bold``, ``dim``, ``bold green``."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: its title, its columns, and its rows, each as long as the columns; ``faint`` are the rows of probability zero."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    faint: frozenset[int] = frozenset()


Part = Line | Grid


def parts_of(page: RenderableType) -> Iterator[Part]:
    """The lines and tables of a page, in order.  Raises TypeError where a page holds something else."""
    if isinstance(page, Group):
        for one in page.renderables:
            yield from parts_of(one)
    elif isinstance(page, Text):
        yield from (Line(line, str(page.style)) for line in page.plain.split("\n"))
    elif isinstance(page, str):
        yield from (Line(line) for line in page.split("\n"))
    elif isinstance(page, Table):
        columns = [[_plain(cell) for cell in column.cells] for column in page.columns]
        faint = frozenset(k for k, row in enumerate(page.rows) if str(row.style or "") == "dim")
        heads = tuple(_plain(column.header) for column in page.columns)
        yield Grid(_plain(page.title or ""), heads, tuple(zip(*columns, strict=True)), faint)
    else:
        raise TypeError(f"a page of lines and tables is expected, found {type(page).__name__}")


def _plain(cell: RenderableType) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)
