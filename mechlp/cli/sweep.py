"""``mechlp sweep``: one question in every cell of any number of axes."""

from __future__ import annotations

from pathlib import Path

import click

from ..files import Reading
from ..report.curves import no_picture
from ..report.plot import InvalidPlot, Look
from ..report.sweeps import sweep_page, write_csv
from ..study.axes import axes
from ..study.cells import OPEN
from ..study.sweep import check_parquet, sweep, write_parquet
from .console import progress
from .group import UNDECIDED, UNSAVED, Unsaved
from .options import Target, as_json, look_options, plot_option, problem, time_option
from .saving import beside_file, check_plot, check_writable, deliver, picture_file, show


@click.command("sweep")
@problem
@click.option(
    "--over",
    multiple=True,
    required=True,
    metavar="NAME=VALUES",
    help="An axis: a parameter, ic (or notion), ir, bb, alpha, allocation, objective, secondary, check (a condition of "
    "`mechlp implement`, which is asked instead), or prior=random. "
    "Values: FROM:TO:COUNT, a list with commas, or FROM:TO with --random.",
)
@click.option(
    "--random",
    "draws",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Draw ranges and priors N times; lists are gone through with each draw.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same cells.")
@plot_option("Write a picture: curves over one axis of numbers, a map over two (.png, .pdf or .svg).")
@look_options
@click.option("--csv", "csv", type=Target(), help="Write the table, one row a cell.")
@click.option("--parquet", type=Target(), help="Write the table as a Parquet file.")
@click.option(
    "--store", type=Target(), help="Cells known so far (default: FILE with .sweep.jsonl)."
)
@click.option("--no-save", is_flag=True, help="Keep no store: an interrupted sweep starts again.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Parallel processes (default: one a core, at most 4)."
)
@click.option("--scheduler", metavar="ADDRESS", help="Use the workers of this Dask scheduler instead.")
@time_option("Seconds for each cell.")
@as_json
def command(
    reading: Reading,
    over: tuple[str, ...],
    draws: int | None,
    seed: int,
    plot: Path | None,
    look: Look,
    csv: Path | None,
    parquet: Path | None,
    store: Path | None,
    no_save: bool,
    jobs: int | None,
    scheduler: str | None,
    time_limit: float | None,
    as_json: bool,
) -> int:
    """One question in every cell of any number of axes, each a certified answer: a table, curves, a map.

    What cannot be asked, or fails, is a row with its reason. Exit status 3 when a cell is undecided or failed. Run again to go on
    where a sweep was interrupted.

    \b
    mechlp sweep trade.yaml --over B=1/2:2:61 --over notion=bayesian,ex-post --plot trade.png
    mechlp sweep trade.yaml --over B=0:2 --over prior=random --random 1000 --seed 7 --csv trade.csv
    """
    check_plot(plot)
    for path, option in ((csv, "--csv"), (parquet, "--parquet"), (store, "--store")):
        check_writable(path, option)
    if parquet is not None:
        check_parquet()
    if plot is not None and (why := no_picture(axes(over, reading.document, draws=draws or 0), draws or 0)):
        raise InvalidPlot(f"--plot {plot}: {why}")
    kept = None if no_save else store or beside_file(reading, ".sweep.jsonl")
    with progress(as_json) as say:
        found = sweep(
            reading,
            over,
            random=draws or 0,
            seed=seed,
            jobs=jobs,
            scheduler=scheduler,
            store=kept,
            time_limit=time_limit,
            progress=say,
        )
    deliver(
        show(found.to_json, lambda: sweep_page(found), as_json),
        picture_file(plot, found, look),
        (csv, lambda to: write_csv(found.rows(), to), f"Wrote {csv}"),
        (parquet, lambda to: write_parquet(found.names, found.points, to), f"Wrote {parquet}"),
        quiet=as_json,
    )
    if found.unsaved:
        raise Unsaved(f"{kept}: {found.unsaved}", UNSAVED)
    return UNDECIDED if any(p.status in OPEN for p in found) else 0
