"""``mechlp check``: what the beliefs allow."""

from __future__ import annotations

import json

import click

from ..beliefs import examine
from ..files import Reading
from ..report.beliefs import beliefs_page
from .console import console, progress
from .group import UNDECIDED
from .options import as_json, problem, time_option

CONDITIONS = (
    "BDP",
    "convex independence",
    "identifiability",
    "common prior",
    "NCP*",
    "NCP**",
    "positive pairs",
)


@click.command("check")
@problem
@as_json
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    type=click.Choice(CONDITIONS),
    help="Exit 1 only if this fails.",
)
@time_option("Seconds; a condition that takes longer is not examined (exit status 3, where it is asked for).")
def command(reading: Reading, as_json: bool, conditions: tuple[str, ...], time_limit: float | None) -> int:
    """What the beliefs allow: conditions with witnesses, and the theorems that follow.

    Exit status 1 when a condition named with --condition fails (default: BDP), 3 when one could not be decided.
    """
    reading.design.check("check")
    with progress(as_json) as say:
        found = examine(reading.design.environment, time_limit=time_limit, progress=say)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console().print(beliefs_page(found))
    verdicts = [found.holds(condition) for condition in conditions or ("BDP",)]
    return 1 if False in verdicts else UNDECIDED if None in verdicts else 0
