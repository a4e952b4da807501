"""``mechlp threshold``: the critical values of a parameter, exactly."""

from __future__ import annotations

from typing import Any

import click

from ..files import Reading
from ..proof.threshold import MAX_LINES
from ..study.thresholds import LINES, MOST_INTERVALS, threshold
from .theorems import theorem


@click.command("threshold")
@theorem(".threshold.json")
@click.option(
    "--over",
    multiple=True,
    required=True,
    metavar="NAME=FROM:TO",
    help="The parameter; given twice, thresholds in the second at values of the first.",
)
@click.option(
    "--lines",
    type=click.IntRange(2, MAX_LINES),
    default=LINES,
    show_default=True,
    help="The number of values of the first of two parameters.",
)
@click.option(
    "--intervals",
    type=click.IntRange(1, 100_000),
    default=MOST_INTERVALS,
    show_default=True,
    help="At most so many intervals of a line; what is left is undecided.",
)
def command(reading: Reading, over: tuple[str, ...], **asked: Any) -> tuple[Any, tuple[str, ...]]:
    """At which values of a parameter existence changes: exact, each side proved on its whole interval.

    The parameter may stand in payoffs, outside options, types, bounds on transfers, probabilities and the numbers of sets of
    beliefs (mean, contamination, moments, ...), also in denominators; critical values may be irrational. Of two parameters,
    thresholds in the second at evenly spaced values of the first. Exit status 0 when a mechanism exists somewhere, 1 when it
    exists nowhere, 3 when something is undecided.

    \b
    mechlp threshold configs/guo-2018-example-1.4.2.yaml --over B=0:10
    """
    return threshold(reading, over, **asked), over
