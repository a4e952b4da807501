"""``mechlp frontier``: the set of interim payoffs, seen from two of them."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import click

from ..files import Reading
from ..proof import interim
from ..proof.projection import Payoff
from ..report.interim import projection_page
from ..report.plot import Look
from ..study.interim import Undecided, projection
from .console import progress
from .group import undecided
from .options import as_json, look_options, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


@click.command("frontier")
@problem
@click.option(
    "--payoffs",
    nargs=2,
    required=True,
    metavar="A B",
    help="Two interim payoffs: AGENT:TYPE, or AGENT for her expected payoff.",
)
@plot_option("Draw it: a .png, .svg or .pdf file.")
@look_options
@as_json
@saved(".frontier.json")
@time_option("Seconds in all.")
def command(
    reading: Reading,
    payoffs: tuple[str, str],
    plot: Path | None,
    look: Look,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> int:
    """The set of interim payoffs that mechanisms reach, seen from two of them, and its efficient frontier.

    The file's IC, IR, BB and allocation say which mechanisms there are; its objective does not matter.  Every vertex
    is reached by a mechanism and every border is proved.

    \b
    mechlp frontier configs/myerson-satterthwaite.yaml --set m=3 --allocation chosen --payoffs seller buyer --plot trade.png
    """
    reading.design.check("frontier")
    environment = reading.design.environment
    axes = (Payoff.named(environment, payoffs[0]), Payoff.named(environment, payoffs[1]))
    check_plot(plot)
    check_writable(out, "--out")
    try:
        with progress(as_json) as say:
            found = projection(reading.design, axes, time_limit=time_limit, progress=say)
    except Undecided as error:
        return undecided(str(error), as_json)
    if found is None:
        said = "no mechanism satisfies the requirements: `mechlp solve` proves it"
        click.echo(
            json.dumps({"status": "infeasible", "note": said}, indent=1) if as_json else f"IMPOSSIBLE: {said}"
        )
        for path in (out, plot):
            if path is not None:
                click.echo(f"{path} was not written: there is no set of interim payoffs", err=True)
        return 1
    saved = functools.cache(lambda: interim.saved(found))
    target = None if no_save else out or beside(reading, ".frontier.json", "+".join(payoffs))
    picture = picture_file(plot, found, look)
    deliver(
        show(saved, lambda: projection_page(found), as_json),
        answer_file(target, saved),
        picture,
        quiet=as_json,
    )
    return 0
