"""``mechlp verify``: recheck a saved answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ..checking.verify import verify_file
from ..kernel.check import check
from ..kernel.export import exported, saved_answer
from .console import progress
from .options import as_json, asking, coalitions_option, file_argument, time_option


@click.command("verify")
@file_argument
@click.option(
    "--environment",
    type=click.Path(path_type=Path),
    help="Also check that the answer is about this file, as --set, --ic and the like change it.",
)
@click.option(
    "--kernel",
    is_flag=True,
    help="Also have the kernel of Coq check the answer as a theorem (needs coqc; docs/kernel.md).",
)
@asking
@coalitions_option
@time_option("Seconds after which what was checked so far is said (exit status 3).")
@as_json
def command(
    file: Path,
    environment: Path | None,
    kernel: bool,
    overrides: dict[str, str],
    ask: dict[str, Any],
    time_limit: float | None,
    as_json: bool,
) -> int:
    """Recheck a saved answer, without any solver."""

    if environment is None and (overrides or ask):
        raise click.UsageError("--set, --ic and the like change a problem file: give it with --environment")
    with progress(as_json) as say:
        say("verify")
        verdict = verify_file(file, environment, overrides=overrides, ask=ask, time_limit=time_limit)
    if not kernel or verdict.exit_status:
        click.echo(json.dumps(asdict(verdict), indent=1) if as_json else str(verdict))
        return verdict.exit_status
    with progress(as_json) as say:
        say("the kernel of Coq")
        checked = check(exported(saved_answer(file)), time_limit)
    said = {**asdict(verdict), "kernel": {"accepted": checked.accepted, **asdict(checked)}}
    click.echo(json.dumps(said, indent=1) if as_json else f"{verdict}\n\n{checked}")
    return checked.exit_status
