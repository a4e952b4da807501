"""``mechlp show``: the environment in words and numbers."""

from __future__ import annotations

import json

import click

from ..files import Reading, document_of, document_of_symmetric
from ..question.symmetric import SymmetricDesign
from ..report.page import environment_page
from ..report.symmetric import symmetric_page
from .console import console
from .options import as_json, problem, whole_grid


@click.command("show")
@problem
@as_json
def command(reading: Reading, as_json: bool) -> None:
    """The environment in words and numbers."""
    if isinstance(reading.design, SymmetricDesign):
        design = reading.design
        if as_json:
            tables = document_of_symmetric(design.asking())
            click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
        else:
            console().print(symmetric_page(design.environment, reading.description, reading.source))
        return
    whole_grid(reading)
    if as_json:
        tables = document_of(reading.design.asking())
        click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
    else:
        console().print(environment_page(reading.design.environment, reading.description, reading.source))
