"""``mechlp continuum``: is a simple mechanism ever beaten, or a given one incentive compatible and efficient, for all types?"""

from __future__ import annotations

from pathlib import Path

import click

from ..deadline import Deadline
from ..environment.formulas import InvalidFormula
from ..exact.numbers import rational
from ..files import Reading
from ..proof.continuum import question
from ..proof.first_order import first_order
from ..question.price_premises import simple_needs
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
    efficient for all types in [0, 1]?  Decided exactly, not saved.

    Exit status 0 when a mechanism is proved better than every simple one (when the given one is efficient), 1 when the given one
    is not, 3 when that is left open.
    """
    reading.design.check("continuum")
    if (given := _given(reading)) is not None:
        if powers or out:
            raise click.UsageError("--powers and --out are about the best simple mechanism; this file gives one by its formulas")
        return _first_order(reading, *given, as_json)
    power, partition = question(reading.design)
    try:
        asked = [rational(p) for p in powers.split(",")] if powers else [power]
    except ValueError as error:
        raise click.UsageError(f"--powers: {error}") from None
    if not all(0 < p < 1 for p in asked):
        raise click.UsageError(
            "--powers: each lies between 0 and 1; at power 1 posted prices are best (Theorem 10)"
        )
    check_writable(out, "--out")
    deadline = Deadline.of(time_limit)
    with progress(as_json) as say:
        found = [
            compare_simple(p, partition, squares=squares, time_limit=deadline, progress=say) for p in asked
        ]
    if deadline.passed:
        click.echo("note: the time limit ended the search: with more time the ends may be closer", err=True)
    target = None if no_save or powers else out or beside(reading, ".continuum.json")
    deliver(
        show(lambda: [c.to_json() for c in found], lambda: comparison_table(found), as_json),
        answer_file(target, lambda: found[0].to_json()),
        quiet=as_json,
    )
    return 0 if all(c.gap > 0 for c in found) else UNDECIDED


def _given(reading: Reading) -> tuple[str, str] | None:
    """The formulas of a simple mechanism, where the file gives one by price and chance."""
    prices = reading.document.get("prices")
    mechanism = prices.get("mechanism") if isinstance(prices, dict) else None
    if not isinstance(mechanism, dict) or not {"price", "chance"} <= set(mechanism):
        return None
    if any(isinstance(mechanism[k], list) for k in ("price", "chance")):
        raise click.UsageError("a table says nothing about the types between: give price and chance as formulas")
    return str(mechanism["price"]), str(mechanism["chance"])


def _first_order(reading: Reading, price: str, chance: str, as_json: bool) -> int:
    environment = reading.design.environment
    simple_needs(environment)
    seller, buyer = (agent.name for agent in environment.agents)
    try:
        found = first_order(price, chance, (seller, buyer), environment.prices.powers, environment.parameters)
    except InvalidFormula as error:
        raise click.UsageError(f"prices.mechanism: {error}") from None
    show(found.to_json, lambda: first_order_page(found), as_json)()
    return {"efficient": 0, "undecided": UNDECIDED}.get(found.status, 1)
