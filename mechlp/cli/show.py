"""``mechlp show``: the environment in words and numbers."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..files import document_of, read
from ..report.pages import question_page
from .console import console
from .options import as_json, problem

STORE = ".jsonl"


def _opened(path: Path, **options: Any) -> Any:
    """A problem file, or the store of a sweep or a map."""
    if path.suffix != STORE:
        return read(path, **options)
    if any(options.values()):
        raise click.UsageError("--set, --ic and the like change a problem file, not a store")
    from ..report.sweeps import read_store  # few files are stores

    return path, read_store(path)


@click.command("show")
@partial(problem, opened=_opened)
@as_json
def command(reading: Any, as_json: bool) -> None:
    """The environment in words and numbers; of the store of a sweep or a map, what it holds."""
    if isinstance(reading, tuple):
        from ..report.sweeps import store_json, store_page

        path, cells = reading
        if as_json:
            click.echo(json.dumps(store_json(cells), indent=1))
        else:
            console().print(store_page(path, cells))
    elif as_json:
        tables = document_of(reading.design.asking())
        click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
    else:
        console().print(question_page(reading.design, reading.description, reading.source))
