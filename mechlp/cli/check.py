"""``mechlp check``: what the beliefs allow."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..beliefs import Examination, examine
from ..deadline import Deadline
from ..files import Reading
from ..files.writer import document_of, write
from ..report.beliefs import beliefs_page, counterexample_page
from ..study.counterexamples import counterexample
from .console import console, progress
from .group import UNDECIDED, undecided
from .options import Target, as_json, problem, time_option
from .saving import beside, check_writable, deliver, show

CONDITIONS = (
    "BDP",
    "convex independence",
    "identifiability",
    "common prior",
    "NCP*",
    "weak NCP*",
    "NCP**",
    "positive pairs",
)


@click.command("check")
@problem
@as_json
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    type=click.Choice(CONDITIONS),
    help="Exit 1 only if this fails.",
)
@time_option("Seconds; a condition that takes longer is not examined (exit status 3, where it is asked for).")
@click.option(
    "--counterexample",
    "theorem",
    metavar="THEOREM",
    help="Where a theorem answers no: write a problem with these beliefs in which what it promises is impossible. Its name is in "
    "the last line of the page.",
)
@click.option("--out", type=Target(), help="Where to write it (default: next to FILE).")
def command(
    reading: Reading,
    as_json: bool,
    conditions: tuple[str, ...],
    time_limit: float | None,
    theorem: str | None,
    out: Path | None,
) -> int:
    """What the beliefs allow: conditions with witnesses, and the theorems that follow.

    Exit status 1 when a condition named with --condition fails (default: BDP), 3 when one could not be decided; with
    --counterexample 1 when the question that is written was proved impossible.

    mechlp check configs/guo-2018-example-1.4.2-equal-beliefs.yaml --counterexample 1.4.2
    """
    reading.design.check("check")
    deadline = Deadline.of(time_limit)
    with progress(as_json) as say:
        alpha = reading.design.alpha
        found = examine(reading.design.environment, alpha=alpha, time_limit=deadline, progress=say)
    if theorem is not None:
        return _refuted(reading, found, theorem, out, as_json, deadline)
    if out is not None:
        raise click.UsageError(
            "--out is where a counterexample is written: name its theorem with --counterexample"
        )
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console().print(beliefs_page(found))
    verdicts = [found.holds(condition) for condition in conditions or ("BDP",)]
    return 1 if False in verdicts else UNDECIDED if None in verdicts else 0


def _refuted(
    reading: Reading, found: Examination, name: str, out: Path | None, as_json: bool, deadline: Deadline
) -> int:
    path = out or beside(reading, ".yaml", f"counterexample={name}")
    if path.exists():
        raise click.UsageError(f"{path} exists already; give another name with --out")
    check_writable(path, "--out")
    refuted = counterexample(reading.design.environment, found, name, reading.design.alpha, time_limit=deadline)
    if refuted.answer is None:
        late = " in time" if deadline.passed else ""
        why = f"no payoffs were found{late} that refute {refuted.theorem.source}, though it fails here"
        return undecided(why, as_json)
    about = {
        "title": refuted.answer.design.environment.title,
        "description": refuted.words,
        "source": refuted.theorem.source,
    }
    document = about | document_of(refuted.answer.design)
    deliver(
        show(
            lambda: refuted.to_json() | {"problem": document}, lambda: counterexample_page(refuted), as_json
        ),
        (path, lambda to: write(document, to), f"Written to {path}; prove it with: mechlp solve {path}"),
        quiet=as_json,
    )
    return 1
