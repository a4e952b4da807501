"""``mechlp region``: where a mechanism exists, over one or two parameters, exactly."""

from __future__ import annotations

from typing import Any

import click

from ..files import Reading
from ..study.regions import MOST_PIECES, region
from .options import pieces_option
from .theorems import theorem


@click.command("region")
@theorem(".region.json")
@click.option(
    "--over",
    multiple=True,
    required=True,
    metavar="NAME=FROM:TO",
    help="A parameter (once or twice).",
)
@pieces_option(MOST_PIECES)
def command(reading: Reading, over: tuple[str, ...], **asked: Any) -> tuple[Any, tuple[str, ...]]:
    """Where a mechanism exists, over one or two parameters: exact borders, proved at every point.

    Parameters may stand in payoffs, outside options, types, bounds on transfers, slack and constraints, and in probabilities:
    lists, formulas and sets of beliefs. Where borders are curved, pieces are decided one by one and what is left is a number.
    Exit status 0 when a mechanism exists somewhere in the range, 1 when it exists nowhere, 3 when something is undecided.

    \b
    mechlp region configs/guo-2018-example-1.4.2.yaml --over a=0:2 --over B=0:2 --plot guo.svg
    """
    return region(reading, over, **asked), over
