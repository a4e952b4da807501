"""``mechlp export``: the linear program as a file."""

from __future__ import annotations

from pathlib import Path

import click

from ..files import Reading
from ..program.export import write_lp, write_mps
from ..solving.kinds import program as program_of
from .options import problem


@click.command("export")
@problem
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .mps or .lp file.")
def command(reading: Reading, out: Path) -> None:
    """Write the linear program as MPS or LP, with readable names."""

    writers = {".mps": write_mps, ".lp": write_lp}
    if out.suffix.lower() not in writers:
        raise click.UsageError(f"--out {out}: expected a name that ends in .mps or .lp")
    reading.design.check("export")
    program = program_of(reading.design)
    writers[out.suffix.lower()](program, out)
    click.echo(f"Wrote {out}: {program.num_rows:,} rows, {program.num_columns:,} columns")
