"""``mechlp threshold``: the critical values of a parameter, exactly."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from ..files import Reading
from ..proof.threshold import MAX_LINES
from ..report.plot import Look
from ..report.sections import latex as document
from ..report.thresholds import threshold_page
from ..study.regions import ranges
from ..study.thresholds import LINES, MOST_INTERVALS, threshold
from .console import progress
from .group import UNDECIDED
from .options import as_json, look_options, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


@click.command("threshold")
@problem
@click.option(
    "--over",
    "over",
    multiple=True,
    required=True,
    metavar="NAME=FROM:TO",
    help="The parameter; given twice, thresholds in the second at values of the first.",
)
@click.option(
    "--lines",
    type=click.IntRange(2, MAX_LINES),
    default=LINES,
    show_default=True,
    help="The number of values of the first of two parameters.",
)
@click.option(
    "--intervals",
    type=click.IntRange(1, 100_000),
    default=MOST_INTERVALS,
    show_default=True,
    help="At most so many intervals of a line; what is left is undecided.",
)
@plot_option("Draw it: a .png, .pdf or .svg file.")
@look_options
@click.option("--latex", is_flag=True, help="Print a LaTeX document with a proposition and its proof.")
@as_json
@saved(".threshold.json")
@time_option("Seconds in all.")
def command(
    reading: Reading,
    over: tuple[str, ...],
    lines: int,
    intervals: int,
    plot: Path | None,
    look: Look,
    latex: bool,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> int:
    """At which values of a parameter existence changes: exact, each side proved on its whole interval.

    The parameter may stand in payoffs, outside options, types, bounds on transfers and probabilities, also in denominators;
    critical values may be irrational. Of two parameters, thresholds in the second at evenly spaced values of the first. Exit
    status 0 when a mechanism exists somewhere, 1 when it exists nowhere, 3 when something is undecided.

    \b
    mechlp threshold configs/guo-2018-example-1.4.2.yaml --over B=0:10
    """
    check_plot(plot)
    check_writable(out, "--out")
    asked = ranges(over)
    with progress(as_json or latex) as say:
        found = threshold(
            reading, asked, lines=lines, intervals=intervals, time_limit=time_limit, progress=say
        )
    kept = functools.cache(found.to_json)
    target = None if no_save else out or beside(reading, ".threshold.json", *over)
    picture = picture_file(plot, found, look)
    printed = show(kept, lambda: threshold_page(found), as_json)
    if latex and not as_json:
        printed = lambda: click.echo(document(found), nl=False)  # noqa: E731
    deliver(printed, answer_file(target, kept), picture, quiet=as_json or latex)
    return {"feasible": 0, "infeasible": 1}.get(found.status, UNDECIDED)
