"""``mechlp map``: where a mechanism exists, over two parameters."""

from __future__ import annotations

from pathlib import Path

import click

from ..files import Reading
from ..report.map_page import map_page
from ..report.plot import Look
from ..report.sweeps import write_csv
from ..study.cells import OPEN
from ..study.maps import axes_of, point_map
from .console import progress
from .group import UNDECIDED, UNSAVED, Unsaved
from .options import Target, as_json, look_options, plot_option, problem, time_option
from .saving import beside_file, check_plot, check_writable, deliver, picture_file, show


@click.command("map")
@problem
@click.option("--over", multiple=True, metavar="NAME=FROM:TO:COUNT", help="A parameter of the map (twice).")
@plot_option("Write a picture: a .png, .pdf or .svg file.")
@look_options
@click.option("--csv", "table", type=Target(), help="Write the table, one row a point.")
@click.option(
    "--store", type=Target(), help="Points known so far (default: FILE with .map.jsonl)."
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
    look: Look,
    table: Path | None,
    store: Path | None,
    no_save: bool,
    jobs: int | None,
    time_limit: float | None,
    as_json: bool,
) -> int:
    """Where a mechanism exists, over two parameters: a picture and a table.

    Exit status 3 when a point is undecided or failed. Run again to go on where a map was interrupted.
    """
    check_plot(plot)
    check_writable(table, "--csv")
    check_writable(store, "--store")
    axes = axes_of(reading, over)
    kept = None if no_save else store or beside_file(reading, ".map.jsonl")
    with progress(as_json) as say:
        found = point_map(reading, axes, jobs=jobs, store=kept, time_limit=time_limit, progress=say)
    deliver(
        show(found.to_json, lambda: map_page(found), as_json),
        picture_file(plot, found, look),
        (table, lambda to: write_csv(found.rows(), to), f"Wrote {table}"),
        quiet=as_json,
    )
    if found.unsaved:
        raise Unsaved(f"{kept}: {found.unsaved}", UNSAVED)
    return UNDECIDED if any(p.status in OPEN for p in found) else 0
