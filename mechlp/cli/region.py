"""``mechlp region``: where a mechanism exists, over one or two parameters, exactly."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from ..files import Reading
from ..report.plot import Look
from ..report.regions import region_page
from ..report.sections import latex as document
from ..study.regions import MOST_PIECES, ranges, region
from .console import progress
from .group import UNDECIDED
from .options import as_json, look_options, pieces_option, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


@click.command("region")
@problem
@click.option(
    "--over",
    "over",
    multiple=True,
    required=True,
    metavar="NAME=FROM:TO",
    help="A parameter (once or twice).",
)
@pieces_option(MOST_PIECES)
@plot_option("Draw it: a .png, .pdf or .svg file.")
@look_options
@click.option("--latex", is_flag=True, help="Print a LaTeX document with a proposition and its proof.")
@as_json
@saved(".region.json")
@time_option("Seconds in all.")
def command(
    reading: Reading,
    over: tuple[str, ...],
    pieces: int,
    plot: Path | None,
    look: Look,
    latex: bool,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> int:
    """Where a mechanism exists, over one or two parameters: exact borders, proved at every point.

    Parameters may stand in payoffs, outside options, types, bounds on transfers, slack and constraints, and in probabilities:
    lists and formulas of beliefs. Where borders are curved, pieces are decided one by one and what is left is a number. Exit
    status 0 when a mechanism exists somewhere in the range, 1 when it exists nowhere, 3 when something is undecided.

    \b
    mechlp region configs/guo-2018-example-1.4.2.yaml --over a=0:2 --over B=0:2 --plot guo.svg
    """
    check_plot(plot)
    check_writable(out, "--out")
    asked = ranges(over)
    with progress(as_json or latex) as say:
        found = region(reading, over=asked, pieces=pieces, time_limit=time_limit, progress=say)
    kept = functools.cache(found.to_json)
    target = None if no_save else out or beside(reading, ".region.json", *over)
    picture = picture_file(plot, found, look)
    printed = show(kept, lambda: region_page(found), as_json)
    if latex and not as_json:
        printed = lambda: click.echo(document(found), nl=False)  # noqa: E731
    deliver(printed, answer_file(target, kept), picture, quiet=as_json or latex)
    if not found.exact:
        return UNDECIDED
    return 0 if found.possible else 1
