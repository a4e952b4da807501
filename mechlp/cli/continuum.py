"""``mechlp continuum``: is a simple mechanism ever beaten, or a given one incentive compatible and efficient, for all types?"""

from __future__ import annotations

from pathlib import Path

import click

from ..answer.by_formulas import ByFormulas
from ..deadline import Deadline
from ..environment.formulas import InvalidFormula
from ..exact.numbers import rational
from ..files import Reading
from ..proof.continuum import question
from ..report.first_order import first_order_page
from ..report.prices import comparison_table
from ..study.continuum import compare_simple
from .console import progress
from .group import UNDECIDED
from .options import as_json, problem, saved, time_option
from .saving import answer_file, beside, check_writable, deliver, show


@click.command("continuum")
@problem
@as_json
@saved(".continuum.json")
@click.option(
    "--powers", default="", help="Several powers instead of the file's, as in 1/2,4/5: a table, not saved."
)
@click.option(
    "--squares",
    type=click.IntRange(4, 200),
    default=150,
    show_default=True,
    help="Fineness of the upper end.",
)
@time_option("Seconds in all; then with the ends that are certified by then.")
def command(
    reading: Reading,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    powers: str,
    squares: int,
    time_limit: float | None,
) -> int:
    """Is a simple mechanism ever beaten?  Types uniform on [0, 1], in the cells of the file's types; certified ends.

    Of a file whose mechanism is given by formulas for price and chance: is it incentive compatible and ex-post constrained
    efficient for all types in [0, 1]?  Decided exactly.

    Exit status 0 when a mechanism is proved better than every simple one (when the given one is efficient), 1 when the given one
    is not, 3 when that is left open.
    """
    reading.design.check("continuum")
    if (given := _by_formulas(reading)) is not None:
        if powers:
            raise click.UsageError("--powers is about the best simple mechanism; this file gives one by its formulas")
        check_writable(out, "--out")
        target = None if no_save else out or beside(reading, ".continuum.json")
        kept = answer_file(target, given.to_json, decided=given.status != "undecided")
        deliver(show(given.to_json, lambda: first_order_page(given.found), as_json), kept, quiet=as_json)
        return {"efficient": 0, "undecided": UNDECIDED}.get(given.status, 1)
    power, partition = question(reading.design)
    try:
        asked = [rational(p) for p in powers.split(",")] if powers else [power]
    except ValueError as error:
        raise click.UsageError(f"--powers: {error}") from None
    if not all(0 < p < 1 for p in asked):
        raise click.UsageError(
            "--powers: each lies between 0 and 1; at power 1 posted prices are best (Theorem 10)"
        )
    if powers and out is not None:
        raise click.UsageError("--out saves the comparison at one power; several (--powers) are printed, also as --json")
    check_writable(out, "--out")
    deadline = Deadline.of(time_limit)
    with progress(as_json) as say:
        found = [
            compare_simple(p, partition, squares=squares, time_limit=deadline, progress=say) for p in asked
        ]
    for note in dict.fromkeys(note for one in found for note in one.notes):
        click.echo(f"note: {note}", err=True)
    target = None if no_save or powers else out or beside(reading, ".continuum.json")
    deliver(
        show(lambda: [c.to_json() for c in found], lambda: comparison_table(found), as_json),
        answer_file(target, lambda: found[0].to_json()),
        quiet=as_json,
    )
    return 0 if all(c.gap > 0 for c in found) else UNDECIDED


def _by_formulas(reading: Reading) -> ByFormulas | None:
    """What holds of the mechanism that the file gives by price and chance, where it does.  Raises click.UsageError."""
    try:
        return ByFormulas.of(reading.document)
    except InvalidFormula as error:
        raise click.UsageError(f"prices.mechanism: {error}") from None
