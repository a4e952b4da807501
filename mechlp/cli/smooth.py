"""``mechlp smooth``: ambiguous transfers for types with a smooth attitude to ambiguity."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..checking.saved import saved_rules
from ..deadline import Deadline
from ..files import Reading
from ..mechanism.smooth import Smooth, smooth_audit
from ..report import smooth as pages
from ..study.smooth import least_spread
from .console import console, progress
from .group import UNDECIDED, undecided
from .options import as_json, problem, time_option


@click.command("smooth")
@problem
@as_json
@click.option(
    "--rho", required=True, metavar="NUMBER", help="Aversion to ambiguity: types weigh -exp(-rho x)."
)
@click.option(
    "--belief",
    type=click.Choice(("rules", "mixtures")),
    default="rules",
    help="Second-order belief: over the rules, or uniform over all mixtures of them.",
)
@click.option("--weights", metavar="P,P,...", help="Probabilities of the rules (default: uniform).")
@click.option(
    "--answer",
    type=click.Path(path_type=Path),
    help="Audit the rules of this saved answer, and search nothing.",
)
@time_option("Seconds in all; then with the bracket that is known.")
def command(
    reading: Reading,
    as_json: bool,
    rho: str,
    belief: str,
    weights: str | None,
    answer: Path | None,
    time_limit: float | None,
) -> int:
    """Ambiguous transfers for types with a smooth attitude to ambiguity: how far apart two rules must be.

    Starts from the rules that deter types who fear the worst one.  Exit status 1 when given rules fail, 3 when no
    two rules were found.
    """
    reading.design.check("smooth")
    attitude = Smooth(rho, belief, tuple(weights.split(",")) if weights else ())  # type: ignore[arg-type]
    design = reading.design if reading.design.ambiguous else reading.design.asking(ic="ambiguous-transfers")
    if answer is not None:
        report = smooth_audit(saved_rules(answer, design.environment), design, attitude)
        if as_json:
            click.echo(json.dumps(pages.audit_json(attitude, report), indent=1))
        else:
            console().print(pages.audit_page(design, attitude, report))
        return UNDECIDED if report.passed is None else int(not report.passed)
    with progress(as_json) as say:
        deadline = Deadline.of(time_limit)
        start = design.solve(time_limit=deadline, progress=say)
        if start.status == "undecided":
            return undecided("rules to start from were not found in time", as_json)
        spread = least_spread(start, attitude, time_limit=deadline, progress=say)
    if as_json:
        click.echo(json.dumps(pages.spread_json(attitude, spread), indent=1))
    else:
        console().print(
            pages.spread_page(spread) if spread else "UNDECIDED: no c was found that deters every lie"
        )
    return 0 if spread else UNDECIDED
