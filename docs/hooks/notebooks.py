"""Notebooks as pages: each cell is run, and followed by what it prints, shows and draws."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from typing import Any

import gallery

NOTEBOOKS = sorted((gallery.ROOT / "docs" / "notebooks").glob("*.ipynb"))


def shown(path: Path) -> str:
    """The page of a notebook, made by running it in an empty directory.  What a cell raises is raised."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    parts = []
    with gallery.workshop() as place:
        for number, cell in enumerate(cells):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                parts += [source, ""]
                continue
            parts += ["```python", source, "```", ""]
            known = set(place.iterdir())
            # a browser shows no PDF inside a page
            said = list(ran(source.replace('.pdf"', '.svg"'), names, f"{path.name}: {cell['id']}"))
            drawn = sorted(set(place.iterdir()) - known)
            parts += [gallery.raw("".join([*said, *_figures(drawn, 20 * number + 1)])), ""]
        parts += [f"To run it: [the notebook]({path.name}).", ""]
    return "\n".join(parts)


def ran(source: str, names: dict[str, Any], where: str) -> Iterator[str]:
    """Run a cell, and yield what it printed and the value of its last line, in HTML."""
    tree, value, printed = ast.parse(source), None, io.StringIO()
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(tree, where, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), where, "eval"), names)
    if printed.getvalue():
        yield f"<pre>{escape(printed.getvalue().rstrip())}</pre>"
    if value is not None:
        shown = value._repr_html_() if hasattr(value, "_repr_html_") else None
        yield shown or f"<pre>{escape(repr(value))}</pre>"


def _figures(drawn: list[Path], first: int) -> Iterator[str]:
    for number, path in enumerate(drawn, first):
        yield gallery.figure(gallery.inside(path.read_text("utf-8"), number), path.stem, path.stem)
