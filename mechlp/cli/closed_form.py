"""``mechlp closed-form``: a mechanism from a paper's formula, audited."""

from __future__ import annotations

from pathlib import Path

import click

from ..report.closed_forms import finding_page
from ..report.exported import write_csv
from ..report.plot import Look, chosen
from ..study.closed_forms import CLOSED_FORMS
from ..study.closed_forms import closed_form as build
from .options import Target, as_json, look_options, plot_option, set_option
from .saving import check_plot, check_writable, deliver, picture_file, show


@click.command("closed-form")
@click.argument("name", required=False)
@set_option("Set a number.", "numbers")
@click.option(
    "--table",
    "target",
    type=Target(),
    help="Write the worst-case prior as CSV: probabilities, conditional distributions, weighted virtual values.",
)
@plot_option("Draw it (reference-rule): a .png, .svg or .pdf file.")
@look_options
@as_json
def command(
    name: str | None, numbers: dict[str, str], target: Path | None, plot: Path | None, look: Look, as_json: bool
) -> int:
    """A mechanism from a paper's formula, audited on a grid; without NAME, list them.

    Exit status 1 when IC, IR or budget balance fails on the grid.
    """
    if name is None:
        for key, form in CLOSED_FORMS.items():
            known = " ".join(f"{k}={v}" for k, v in form.numbers.items())
            click.echo(f"{key:20} {form.about}\n{'':20} {known}")
        return 0
    if target is not None:
        check_writable(target, "--table")
    check_plot(plot)
    found = build(name, numbers)
    if target is not None and found.prior is None:
        raise click.UsageError(f"--table: {name} has no worst-case prior; robust-trade has one")
    if plot is not None:
        chosen(found, look.kind)
    deliver(show(found.to_json, lambda: finding_page(found), as_json), picture_file(plot, found, look), quiet=as_json)
    if target is not None and found.prior is not None:
        write_csv(found.prior.texts(), target)
        click.echo(f"Wrote {target}", err=as_json)
    return 0 if found.holds else 1
