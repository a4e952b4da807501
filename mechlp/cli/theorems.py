"""What the commands share that prove an answer over parameters: regions, thresholds, values."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..files import Reading
from ..report.pages import page
from ..report.plot import Look
from ..report.sections import latex as document
from .console import progress
from .group import UNDECIDED
from .options import Decorator, as_json, look_options, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


def theorem(
    suffix: str, *, latex: str = "Print a LaTeX document with a proposition and its proof."
) -> Decorator:
    """The options of such a command besides its own, and what is done with its answer.

    The command gets a Reading, its own options, ``time_limit`` and ``progress``; it returns the answer, and what of its options
    makes the question another one (the name of the file says it).
    """

    def made(command: Callable[..., Any]) -> Callable[..., Any]:
        own = command.__dict__.pop("__click_params__", [])  # shown after the file, before what is shared

        @plot_option("Draw it: a .png, .pdf or .svg file.")
        @look_options
        @click.option("--latex", "as_latex", is_flag=True, help=latex)
        @as_json
        @saved(suffix)
        @time_option("Seconds in all.")
        @functools.wraps(command)
        def answered(
            reading: Reading,
            *,
            plot: Path | None,
            look: Look,
            as_latex: bool,
            as_json: bool,
            out: Path | None,
            no_save: bool,
            time_limit: float | None,
            **asked: Any,
        ) -> int:
            check_plot(plot)
            check_writable(out, "--out")
            if plot is not None and not asked["over"]:
                raise click.UsageError(
                    "--plot: a single number has no picture; --over NAME=FROM:TO draws a function"
                )
            with progress(as_json or as_latex) as say:
                found, named = command(reading, time_limit=time_limit, progress=say, **asked)
            kept = functools.cache(found.to_json)
            target = None if no_save else out or beside(reading, suffix, *named)
            printed = show(kept, lambda: page(found), as_json)
            if as_latex and not as_json:
                printed = lambda: click.echo(document(found), nl=False)  # noqa: E731
            picture = picture_file(plot, found, look)
            deliver(printed, answer_file(target, kept), picture, quiet=as_json or as_latex)
            for note in found.notes:
                click.echo(f"note: {note}", err=True)
            return {"feasible": 0, "optimal": 0, "infeasible": 1}.get(found.status, UNDECIDED)

        answered.__click_params__ += own  # type: ignore[attr-defined]
        return problem(answered)

    return made


__all__ = ["theorem"]
