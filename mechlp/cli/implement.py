"""``mechlp implement``: conditions of full implementation, for a given social choice function."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from ..answer.implementation import ImplementationAnswer
from ..files import read
from ..files.coalitions import implementation
from ..files.mistakes import near
from ..files.writer import document_of, write
from ..proof.implementation.spaces import WITNESSED, type_space
from ..question.economy import ECONOMY_CHECKS, Exchange
from ..question.implementation import CHECKS
from ..question.premises import InvalidDesign
from ..report.pages import page
from .console import progress
from .options import Target, as_json, coalitions_option, file_argument, saved, set_option, time_option
from .saving import File, answer_file, beside, check_writable, deliver, show


def checks(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """The callback of ``--check``: names, or ``all``; several may be joined by commas."""
    names = [name.strip() for value in values for name in value.split(",")]
    if names == ["all"]:
        return names
    known_names = (*CHECKS, *ECONOMY_CHECKS)
    for name in names:
        if name not in known_names:
            known = (
                f"{name!r} is not one of all, {', '.join(known_names)}{near(name, known_names, known=False)}"
            )
            raise click.BadParameter(known, ctx, param)
    return list(dict.fromkeys(names))


def type_space_file(answer: ImplementationAnswer, to: Path) -> File:
    """The problem file of a type space in which the first robust condition that fails fails.  Raises InvalidDesign."""
    failing = [f for f in answer.findings if f.check in WITNESSED and f.holds is False]
    if not failing or isinstance(answer.design, Exchange):
        raise InvalidDesign(f"none of {', '.join(WITNESSED)} was asked and fails, so there is no type space")
    body = document_of(type_space(answer.design, failing[0]))
    said = f"Wrote {to}, where {failing[0].check} fails for given beliefs; see: mechlp implement {to}"
    return to, lambda path: write(body, path), said


@click.command("implement")
@file_argument
@set_option("Set a parameter.")
@click.option(
    "--check",
    "asked",
    multiple=True,
    callback=checks,
    metavar="NAME",
    help="A condition, instead of the file's; any number of times, or `all` that make sense for the file: "
    f"{', '.join(CHECKS)}; of an economy: {', '.join(ECONOMY_CHECKS)}.",
)
@coalitions_option
@click.option(
    "--patterns",
    is_flag=True,
    help="Also at every coalition pattern within: which minimal ones make a condition fail.",
)
@click.option("--force", is_flag=True, help="Also take on what is predicted to take very long.")
@click.option("--full", is_flag=True, help="Print every row of every table.")
@click.option(
    "--type-space",
    "space_file",
    type=Target(dir_okay=False),
    metavar="FILE",
    help="Write a problem file: where a robust condition fails, the types with beliefs for which the interim one fails.",
)
@as_json
@saved(".implement.json")
@time_option("Seconds; what is not decided by then is undecided.")
def command(
    file: Path,
    overrides: dict[str, str],
    asked: list[str],
    patterns: bool,
    force: bool,
    full: bool,
    space_file: Path | None,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
    ask: dict[str, Any],
) -> int:
    """Examine the conditions under which the social choice function of `given:` is fully implemented.

    Exit status 0 when all hold, 1 when some fail, 3 when some are undecided.

    \b
    mechlp implement configs/guo-2018-2.7.1.yaml --check robust-ic --set gamma=1
    """
    check_writable(out, "--out")
    check_writable(space_file, "--type-space")
    changed = {**ask.get("coalitions", {}), **({"checks": asked} if asked else {})}
    if patterns:
        changed["patterns"] = "true"
    every = asked == ["all"]
    if every:
        changed.pop("checks")
    reading = read(file, overrides=overrides, ask={"coalitions": changed})
    question = implementation(reading, force=force, checks=() if every else None)
    if every:  # those that make sense for the file; the problem that is saved names them
        changed["checks"] = list(question.applicable)
        reading = read(file, overrides=overrides, ask={"coalitions": changed})
        question = implementation(reading, force=force)
    with progress(as_json) as say:
        answer = question.solve(time_limit=time_limit, progress=say)
    kept = functools.cache(answer.to_json)
    further = [str(part) for part in ask.get("coalitions", {}).values()] + asked + ["patterns"] * patterns
    target = None if no_save else out or beside(reading, ".implement.json", *further)
    files, missing = [answer_file(target, kept)], ""
    if space_file is not None:
        try:
            files.append(type_space_file(answer, space_file))
        except InvalidDesign as error:
            missing = f"{space_file} was not written: {error}"
    deliver(show(kept, lambda: page(answer, full=full), as_json), *files, quiet=as_json)
    if missing:
        click.echo(missing, err=True)
    return answer.exit_status
