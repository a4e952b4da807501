"""``mechlp solve``: find a mechanism, the best one, or a proof that there is none."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from ..exact.saved import json_text, save
from ..files import Reading
from ..program.backend import using
from ..report.exported import check_table, write_table
from ..report.menus import menus_page
from ..report.pages import details, page
from ..report.plot import Look
from .console import console, progress
from .options import Target, as_json, look_options, plot_option, problem, saved, time_option
from .saving import File, answer_file, beside, check_plot, check_writable, deliver, picture_file


@click.command("solve")
@problem
@as_json
@saved(".answer.json")
@time_option("Seconds; then the best certified bracket.")
@click.option(
    "--backend",
    type=click.Choice(("highs", "cvxpy")),
    default="highs",
    show_default=True,
    help="Which float solver proposes; exact arithmetic decides.",
)
@click.option(
    "--reduce",
    "reduce",
    multiple=True,
    metavar="NAME",
    help="Use this reduction, whatever the size (may be repeated; `all` for every one that applies).",
)
@click.option("--no-reduce", is_flag=True, help="Compile the whole program, whatever its size.")
@click.option(
    "--rates/--no-rates",
    default=True,
    show_default=True,
    help="At an optimum, also find what each requirement gains by giving way.",
)
@click.option(
    "--menus",
    is_flag=True,
    help="Also print what each agent can have, in expectation or given another's report.",
)
@click.option("--full", is_flag=True, help="Print every row of every table.")
@click.option(
    "--latex", is_flag=True, help="Print a LaTeX document of the answer, its environment and its proof."
)
@click.option(
    "--table",
    type=Target(),
    help="Write the mechanism as .csv, or all tables of the answer as .xlsx (Excel).",
)
@click.option(
    "--html", type=Target(), help="Write the answer as a page: one .html file, no network."
)
@plot_option("Draw the answer: a .png, .pdf or .svg file.")
@look_options
@click.option(
    "-v", "--verbose", is_flag=True, help="Also print the size of the program and the time of each phase."
)
def command(
    reading: Reading,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    backend: str,
    time_limit: float | None,
    reduce: tuple[str, ...],
    no_reduce: bool,
    rates: bool,
    menus: bool,
    full: bool,
    latex: bool,
    table: Path | None,
    html: Path | None,
    plot: Path | None,
    look: Look,
    verbose: bool,
) -> int:
    """Find a mechanism, the best one, or a proof that there is none."""
    question = reading.design
    check_plot(plot)
    check_writable(out, "--out")
    check_writable(html, "--html")
    if table is not None:
        check_table(table)
    check_writable(table, "--table")
    options: dict[str, Any] = {"time_limit": time_limit}
    if not (reason := question.why_not("reduce")):
        options["reduce"] = _reductions(reduce, no_reduce)
    elif reduce:
        raise click.UsageError(reason)
    if not question.why_not("rates"):
        options["rates"] = rates
    try:
        with using(backend), progress(as_json) as say:
            answer = question.solve(**options, progress=say)
    except ImportError as error:
        raise click.UsageError(str(error)) from None
    kept = functools.cache(answer.to_json)

    def printed() -> None:
        if as_json:
            click.echo(json_text(kept()))
        elif latex:
            from ..report.sections import latex as document  # knows every kind of answer

            click.echo(document(answer, full=full), nl=False)
        else:
            console().print(
                page(answer, full=full),
                *(menus_page(answer, full=full) if menus else ()),
                *(details(answer) if verbose else ()),
                sep="\n",
            )

    target = None if no_save else out or beside(reading, ".answer.json")
    picture = picture_file(plot, answer, look)
    written: File = (html, lambda to: save(to, _page(answer, target)), f"Wrote {html}")
    tables: File = (table, lambda to: write_table(answer, to), f"Wrote {table}")
    deliver(printed, answer_file(target, kept), picture, written, tables, quiet=as_json or latex)
    return int(answer.exit_status)


def _page(answer: Any, saved: Path | None) -> str:
    from ..report.html import whole_page  # knows every kind of answer

    return whole_page(answer, None if saved is None else saved.name)


def _reductions(names: tuple[str, ...], none: bool) -> str | bool | list[str]:
    """The options as :func:`mechlp.solving.solve.solve` takes them."""
    if none and names:
        raise click.UsageError("--no-reduce and --reduce exclude each other")
    return False if none else "auto" if not names else True if "all" in names else list(names)
