"""``mechlp export``: the linear program as a file."""

from __future__ import annotations

from pathlib import Path

import click

from ..files import Reading
from ..program.export import write_lp, write_mps
from ..solving.written import written
from .options import problem, time_option


@click.command("export")
@problem
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .mps or .lp file.")
@click.option(
    "--reduce",
    "reduce",
    multiple=True,
    metavar="NAME",
    help="Write the program that this reduction leaves (may be repeated); default the whole one.",
)
@time_option("Seconds for the optimum that --secondary refers to.")
def command(reading: Reading, out: Path, reduce: tuple[str, ...], time_limit: float | None) -> None:
    """Write the linear program as MPS or LP, with readable names."""

    writers = {".mps": write_mps, ".lp": write_lp}
    if out.suffix.lower() not in writers:
        raise click.UsageError(f"--out {out}: expected a name that ends in .mps or .lp")
    reading.design.check("export")
    program, notes = written(reading.design, reduce=reduce, time_limit=time_limit)
    writers[out.suffix.lower()](program, out, notes)
    click.echo(f"Wrote {out}: {program.num_rows:,} rows, {program.num_columns:,} columns")
    for line in notes:
        click.echo(line)
