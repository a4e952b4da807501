"""``mechlp zones``: where a bargaining mechanism does what."""

from __future__ import annotations

from pathlib import Path

import click

from ..answer.bargaining import Zones
from ..closed_forms.bargaining import Bargaining
from ..exact.numbers import rational
from ..report.plot import Look
from ..report.zones import zones_page
from ..study.bargaining import examined_at
from .group import UNDECIDED
from .options import Target, as_json, look_options, plot_option, set_option
from .saving import answer_file, check_plot, check_writable, deliver, picture_file, show


@click.command("zones")
@click.argument("mechanism", type=click.Choice(("property-rights", "a1", "a2")))
@set_option(
    "l1, l2, h1, h2 or x (default: 1, 2, 4, 6 and 1/2); with p1 and p2 the mechanism is examined at these beliefs.",
    "numbers",
)
@plot_option("Draw it: a .png, .svg or .pdf file.")
@look_options
@as_json
@click.option("--out", type=Target(), help="Where to save the answer for mechlp verify.")
def command(
    mechanism: str, numbers: dict[str, str], plot: Path | None, look: Look, as_json: bool, out: Path | None
) -> int:
    """Where a bargaining mechanism does what, over the beliefs p1 and p2: exact borders, for a given share x.

    The mechanisms are those of configs/peski-2023-*.yaml.  What the draft leaves open is shown as open.  At
    given beliefs: payoffs, interim efficiency, and robust efficiency over all beliefs about a player.
    """
    known = {"l1": "1", "l2": "2", "h1": "4", "h2": "6", "x": "1/2", "p1": "1/2", "p2": "1/2"}
    if wrong := sorted(set(numbers) - set(known)):
        raise click.UsageError(f"--set {wrong[0]}: the names are {', '.join(known)}")
    if ("p1" in numbers) != ("p2" in numbers):
        raise click.UsageError("--set: give both p1 and p2, or neither")
    check_plot(plot)
    check_writable(out, "--out")
    try:
        values = {k: rational(v) for k, v in {**known, **numbers}.items()}
        x = values.pop("x")
        bargaining = Bargaining(**values)
        bargaining.zones(x, mechanism)  # whether x is a share
        point = examined_at(bargaining, mechanism, x) if "p1" in numbers else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    found = Zones(bargaining, mechanism, x, point)
    deliver(
        show(found.to_json, lambda: zones_page(found), as_json),
        answer_file(out, found.to_json, decided=found.decided),
        picture_file(plot, found, look),
        quiet=as_json,
    )
    return 0 if found.decided else UNDECIDED
