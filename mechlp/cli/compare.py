"""``mechlp compare``: one environment under each notion of IC."""

from __future__ import annotations

from pathlib import Path

import click

from ..exact.saved import json_text, save
from ..files import Reading
from ..report.compared import comparison_page
from ..study.compare import Comparison, grid, questions
from ..study.compare import compare as run
from .console import progress
from .group import UNDECIDED
from .options import Target, as_json, problem, time_option
from .saving import deliver, show


@click.command("compare")
@problem
@as_json
@click.option(
    "--grid", "by_grid", is_flag=True, help="Ask the file's question under every IC x IR x BB instead."
)
@click.option(
    "--out",
    type=Target(file_okay=False),
    help="A directory for every answer, each a file for `mechlp verify`.",
)
@time_option("Seconds for each answer.")
def command(
    reading: Reading, as_json: bool, by_grid: bool, out: Path | None, time_limit: float | None
) -> int:
    """One environment under each notion of IC, side by side.

    Asks the file's own question, for an efficient allocation, for full surplus extraction, and for the best revenue and
    surplus. Exit status 3 when a cell is undecided, else 0.
    """
    reading.design.check("compare")
    with progress(as_json) as say:
        found = run(
            reading.design,
            ask=grid if by_grid else questions,
            time_limit=time_limit,
            fewest=not by_grid,
            progress=say,
        )
    saved = f"Saved {len(found.cells)} answers to {out}; check one with: mechlp verify {out}/NAME"
    deliver(
        show(found.to_json, lambda: comparison_page(found), as_json),
        (out, lambda to: _save(found, to), saved),
        quiet=as_json,
    )
    return 0 if found.decided else UNDECIDED


def _save(found: Comparison, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for cell in found.cells:
        save(folder / cell.file_name, json_text(cell.answer.to_json()))
