"""``mechlp closed-form``: a mechanism from a paper's formula, audited."""

from __future__ import annotations

import json

import click

from ..report.closed_forms import finding_page
from ..study.closed_forms import CLOSED_FORMS
from ..study.closed_forms import closed_form as build
from .console import console
from .options import as_json, set_option


@click.command("closed-form")
@click.argument("name", required=False)
@set_option("Set a number.", "numbers")
@as_json
def command(name: str | None, numbers: dict[str, str], as_json: bool) -> int:
    """A mechanism from a paper's formula, audited on a grid; without NAME, list them.

    Exit status 1 when IC, IR or budget balance fails on the grid.
    """
    if name is None:
        for key, form in CLOSED_FORMS.items():
            known = " ".join(f"{k}={v}" for k, v in form.numbers.items())
            click.echo(f"{key:20} {form.about}\n{'':20} {known}")
        return 0
    found = build(name, numbers)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console().print(finding_page(found))
    return 0 if found.holds else 1
