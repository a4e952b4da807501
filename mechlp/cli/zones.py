"""``mechlp zones``: where a bargaining mechanism does what."""

from __future__ import annotations

from pathlib import Path

import click

from ..closed_forms.bargaining import Bargaining
from ..exact.numbers import rational, text
from ..report.plot import Look
from ..report.zones import Zones, zones_page
from ..study.bargaining import examined_at
from .options import as_json, look_options, plot_option, set_option
from .saving import check_plot, deliver, picture_file, show


@click.command("zones")
@click.argument("mechanism", type=click.Choice(("property-rights", "a1", "a2")))
@set_option(
    "l1, l2, h1, h2 or x (default: 1, 2, 4, 6 and 1/2); with p1 and p2 the mechanism is examined at these beliefs.",
    "numbers",
)
@plot_option("Draw it: a .png, .svg or .pdf file.")
@look_options
@as_json
def command(mechanism: str, numbers: dict[str, str], plot: Path | None, look: Look, as_json: bool) -> None:
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
    try:
        values = {k: rational(v) for k, v in {**known, **numbers}.items()}
        x = values.pop("x")
        bargaining = Bargaining(**values)
        found = bargaining.zones(x, mechanism)
        point = examined_at(bargaining, mechanism, x) if "p1" in numbers else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    named = ("p1_from", "p1_to", "p2_from", "p2_to")
    edges = {zone: dict(zip(named, map(text, r), strict=True)) for zone, r in found.items()}
    picture = picture_file(plot, Zones(bargaining, x, mechanism), look)
    deliver(
        show(
            lambda: {
                "mechanism": mechanism,
                "x": text(x),
                "zones": edges,
                **({} if point is None else {"at": point.to_json()}),
            },
            lambda: zones_page(bargaining, x, mechanism, point),
            as_json,
        ),
        picture,
        quiet=as_json,
    )
