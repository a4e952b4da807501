"""Answers on paper and on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..exact.saved import json_text
from ..report.plot import InvalidPlot, check_target
from .console import console


def beside(path: Path | None, suffix: str) -> Path:
    """The file of an answer, next to that of its problem."""
    assert path is not None
    return path.with_name(path.stem + suffix)


def check_plot(path: Path | None) -> None:
    """Fail before the work is done, not after it.  Raises click.UsageError."""
    if path is not None:
        try:
            check_target(path)
        except InvalidPlot as error:
            raise click.UsageError(f"--plot {error}") from None


def deliver(data: dict[str, Any], page: Any, as_json: bool, target: Path | None) -> None:
    """Save an answer and print it."""
    if target is not None:
        target.write_text(json_text(data), encoding="utf-8")
    if as_json:
        click.echo(json_text(data))
        return
    shown = console()
    shown.print(page)
    if target is not None:
        shown.print(f"Saved to {target}; check it with: mechlp verify {target}", markup=False)
