"""``mechlp value``: the optimal value as a function of a parameter."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from ..files import Reading
from ..report.pages import page
from ..report.plot import Look
from ..report.sections import latex as document
from ..study.values import MOST_PIECES, OF, value_function
from .console import progress
from .group import UNDECIDED
from .options import as_json, look_options, pieces_option, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


def _one(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> str:
    if len(given) > 1:
        raise click.BadParameter(
            "a value is a function of one parameter; `mechlp region` takes two, `mechlp sweep` any number",
            ctx,
            param,
        )
    return given[0]


@click.command("value")
@problem
@click.option(
    "--over", required=True, multiple=True, callback=_one, metavar="NAME=FROM:TO", help="The parameter."
)
@click.option(
    "--of",
    type=click.Choice(OF),
    default=OF[0],
    help="The objective of the file; the least expected subsidy; information rents (the most revenue if types were "
    "known, less the most revenue); or the price of robustness (the best Bayesian value over the best ex-post one).",
)
@pieces_option(MOST_PIECES)
@plot_option("Draw it: a .png, .pdf or .svg file.")
@look_options
@click.option("--latex", is_flag=True, help="Print a LaTeX document with the function.")
@as_json
@saved(".value.json")
@time_option("Seconds in all.")
def command(
    reading: Reading,
    over: str,
    of: str,
    pieces: int,
    plot: Path | None,
    look: Look,
    latex: bool,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> int:
    """The optimal value as a function of a parameter: polynomials or quotients of them, with exact breakpoints, each proved.

    The parameter may stand in payoffs, outside options, types, bounds on transfers, slack and constraints, and in
    probabilities. Exit status 0 when there is a value somewhere in the range, 1 when no mechanism exists anywhere, 3 when
    something is undecided.

    \b
    mechlp value trade.yaml --over c=0:1 --plot trade.png
    mechlp value trade.yaml --over c=0:1 --of least-subsidy
    """
    check_plot(plot)
    check_writable(out, "--out")
    with progress(as_json or latex) as say:
        found = value_function(reading, over, of=of, pieces=pieces, time_limit=time_limit, progress=say)
    kept = functools.cache(found.to_json)
    target = None if no_save else out or beside(reading, ".value.json", over, *([] if of == OF[0] else [of]))
    picture = picture_file(plot, found, look)
    printed = show(kept, lambda: page(found), as_json)
    if latex and not as_json:
        printed = lambda: click.echo(document(found), nl=False)  # noqa: E731
    deliver(printed, answer_file(target, kept), picture, quiet=as_json or latex)
    return {"optimal": 0, "infeasible": 1}.get(found.status, UNDECIDED)
