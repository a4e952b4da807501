"""``mechlp map``: where a mechanism exists, over two parameters."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..files import Reading
from ..report.map_page import map_page, write_csv
from ..report.plot import plot_region
from ..study.region import axes_of, region
from .console import console, progress
from .group import UNDECIDED
from .options import as_json, plot_option, problem, time_option
from .saving import beside, check_plot


@click.command("map")
@problem
@click.option("--over", multiple=True, metavar="NAME=FROM:TO:COUNT", help="A parameter of the map (twice).")
@plot_option("Write a picture: a .png, .pdf or .svg file.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write the table, one row a point.")
@click.option(
    "--store", type=click.Path(path_type=Path), help="Points known so far (default: FILE with .map.jsonl)."
)
@click.option("--no-save", is_flag=True, help="Keep no store: an interrupted map starts again.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Parallel processes (default: one a core, at most 4)."
)
@time_option("Seconds for each point.")
@as_json
def command(
    reading: Reading,
    over: tuple[str, ...],
    plot: Path | None,
    table: Path | None,
    store: Path | None,
    no_save: bool,
    jobs: int | None,
    time_limit: float | None,
    as_json: bool,
) -> int:
    """Where a mechanism exists, over two parameters: a picture and a table.

    Exit status 3 when a point is undecided. Run again to go on where a map was interrupted.
    """
    check_plot(plot)
    axes = axes_of(reading, over)
    kept = None if no_save else store or beside(reading.path, ".map.jsonl")
    with progress(as_json) as say:
        found = region(reading, axes, jobs=jobs, store=kept, time_limit=time_limit, progress=say)
    if table is not None:
        write_csv(found, table)
    if plot is not None:
        plot_region(found, plot)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        shown = console()
        shown.print(map_page(found))
        for target in (plot, table):
            if target is not None:
                shown.print(f"Wrote {target}", markup=False)
    return UNDECIDED if any(p.status == "undecided" for p in found) else 0
