"""``mechlp value``: the optimal value, as a number or as a function of a parameter."""

from __future__ import annotations

from typing import Any

import click

from ..files import Reading
from ..study.values import MOST_PIECES, OF, value_function
from .options import pieces_option
from .theorems import theorem


def _one(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    if len(given) > 1:
        raise click.BadParameter(
            "a value is a function of one parameter; `mechlp region` takes two, `mechlp sweep` any number",
            ctx,
            param,
        )
    return given


@click.command("value")
@theorem(".value.json", latex="Print a LaTeX document with the function.")
@click.option(
    "--over",
    multiple=True,
    callback=_one,
    metavar="NAME=FROM:TO",
    help="The parameter; without one, the number of the file as it stands.",
)
@click.option(
    "--of",
    type=click.Choice(OF),
    default=OF[0],
    help="The objective of the file; the least expected subsidy; the least subsidy that covers transfers at every profile; the "
    "least slack with which every IC (or IR) can be met; information rents (the most revenue if types were known, less the most "
    "revenue); or the price of robustness (the best Bayesian value over the best ex-post one).",
)
@pieces_option(MOST_PIECES)
def command(reading: Reading, over: tuple[str, ...], of: str, **asked: Any) -> tuple[Any, tuple[str, ...]]:
    """The optimal value as a function of a parameter: polynomials or quotients of them, with exact breakpoints, each proved.

    The parameter may stand in payoffs, outside options, types, bounds on transfers, slack and constraints, probabilities, and
    the numbers of sets of beliefs, of types or the designer (mean, contamination, moments, ...); without --over it is one
    number. Exit status 0 when there is a value somewhere in the range, 1 when no mechanism exists anywhere, 3 when something
    is undecided.

    \b
    mechlp value trade.yaml --over c=0:1 --plot trade.png
    mechlp value trade.yaml --over c=0:1 --of least-subsidy
    mechlp value trade.yaml --of slack
    """
    return value_function(reading, over, of=of, **asked), (*over, *([] if of == OF[0] else [of]))
