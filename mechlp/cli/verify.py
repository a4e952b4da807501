"""``mechlp verify``: recheck a saved answer."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..checking.verify import verify_file
from .options import as_json, file_argument


@click.command("verify")
@file_argument
@click.option(
    "--environment", type=click.Path(path_type=Path), help="Also check that the answer is about this file."
)
@as_json
def command(file: Path, environment: Path | None, as_json: bool) -> int:
    """Recheck a saved answer, without any solver."""

    verdict = verify_file(file, environment)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "accepted": verdict.accepted,
                    "status": verdict.status,
                    "checked": list(verdict.checked),
                    "problems": list(verdict.problems),
                },
                indent=1,
            )
        )
    else:
        click.echo(str(verdict))
    return 0 if verdict.accepted else 1
