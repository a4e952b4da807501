"""``mechlp schema``: the JSON schema of problem files."""

from __future__ import annotations

import json

import click

from ..files import schema as file_schema


@click.command("schema")
def command() -> None:
    """Print the JSON schema of problem files, for editors."""

    click.echo(json.dumps(file_schema(), indent=1))
