"""``mechlp schema``: the JSON schema of problem files."""

from __future__ import annotations

import json

import click

from ..files import schema as file_schema
from ..files.reference import reference


@click.command("schema")
@click.option("--markdown", is_flag=True, help="The reference of the format in prose instead.")
def command(markdown: bool) -> None:
    """Print the JSON schema of problem files, for editors."""
    click.echo(reference() if markdown else json.dumps(file_schema(), indent=1), nl=not markdown)
