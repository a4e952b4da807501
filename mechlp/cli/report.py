"""``mechlp report``: a saved answer as a page or as LaTeX."""

from __future__ import annotations

from pathlib import Path

import click

from ..checking.opened import open_answer
from ..checking.verify import verify_file
from ..exact.saved import save
from ..report.html import whole_page
from ..report.sections import latex
from .console import progress
from .options import Target, time_option
from .saving import check_writable

KINDS = (".html", ".tex")


@click.command("report")
@click.argument("answer", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=Target(), help="A .html or .tex file (default: ANSWER with .html)."
)
@click.option("--full", is_flag=True, help="Every row of every table.")
@time_option("Seconds for the check of the answer, which comes first.")
def command(answer: Path, out: Path | None, full: bool, time_limit: float | None) -> int:
    """Write a saved answer as a page that needs no network, or as a LaTeX document.

    The answer is checked first, as by `mechlp verify`; one that is refused is not shown (exit status 1).
    """
    target = out or answer.with_suffix(".html")
    if target.suffix.lower() not in KINDS:
        raise click.UsageError(f"--out {target}: expected a name that ends in {' or '.join(KINDS)}")
    check_writable(target, "--out")
    with progress(False) as say:
        say("verify")
        verdict = verify_file(answer, time_limit=time_limit)
    if verdict.exit_status:
        click.echo(str(verdict))
        return verdict.exit_status
    found = open_answer(answer)
    text = (
        latex(found, full=full)
        if target.suffix.lower() == ".tex"
        else whole_page(found, answer.name, full=full)
    )
    save(target, text)
    click.echo(f"Checked {answer}: {verdict.status}. Wrote {target}")
    return 0
