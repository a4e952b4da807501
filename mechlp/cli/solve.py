"""``mechlp solve``: find a mechanism, the best one, or a proof that there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ..answer.answer import Answer
from ..exact.saved import json_text
from ..files import Reading
from ..program.backend import using
from ..question.design import Design
from ..question.prices import PriceDesign
from ..report.page import answer_page
from ..report.plot import InvalidPlot, check_target, plot_worst_case
from ..report.prices import price_page
from ..report.proof import latex as latex_proof
from ..report.symmetric import interim_page
from ..solving.compile import compile
from .console import console, progress
from .options import as_json, plot_option, problem, saved, time_option, whole_grid
from .saving import beside


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
@click.option("--full", is_flag=True, help="Print every row of every table.")
@click.option("--latex", is_flag=True, help="Print the proof as LaTeX.")
@plot_option("Draw the worst-case prior: a .png, .pdf or .svg file.")
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
    full: bool,
    latex: bool,
    plot: Path | None,
    verbose: bool,
) -> int:
    """Find a mechanism, the best one, or a proof that there is none."""
    if plot is not None:
        _drawable(reading, plot)

    if latex:
        whole_grid(reading)
    ordinary = isinstance(reading.design, Design)
    options: dict[str, Any] = {"time_limit": time_limit}
    if ordinary:
        options["reduce"] = _reductions(reduce, no_reduce)
    elif reduce:
        raise click.UsageError(
            "--reduce is about programs on the whole type grid, and this file is solved without one: leave it out"
        )
    try:
        with using(backend), progress(as_json) as say:
            answer = reading.design.solve(**options, progress=say)
    except ImportError as error:
        raise click.UsageError(str(error)) from None
    rebuild = reading.rebuilt if reading.design.environment.parameters and ordinary else None
    target = None if no_save else out or beside(reading.path, ".answer.json")
    saved = answer.to_json() if as_json or target is not None else {}
    if target is not None:
        target.write_text(json_text(saved), encoding="utf-8")
    if plot is not None:
        _draw(answer, plot)
    if as_json:
        click.echo(json_text(saved))
    elif latex:
        click.echo(latex_proof(answer, rebuild))
    else:
        shown = console()
        if ordinary:
            page = answer_page(answer, rebuild, full=full)
        else:
            priced = isinstance(reading.design, PriceDesign)
            page = price_page(answer, full=full) if priced else interim_page(answer, full=full)
        shown.print(page)
        if verbose and ordinary:
            _verbose(shown, answer)
        if target is not None:
            shown.print(f"Saved to {target}; check it with: mechlp verify {target}", markup=False)
    return answer.exit_status


def _drawable(reading: Reading, plot: Path) -> None:
    """Refuse a picture that cannot come about, before long work."""
    design = reading.design
    if not isinstance(design, Design) or not design.robust:
        raise click.UsageError(
            "--plot draws the worst-case prior: it takes a set of priors in beliefs.designer"
        )
    try:
        check_target(plot)
    except InvalidPlot as error:
        raise click.UsageError(f"--plot {error}") from None


def _draw(answer: Any, plot: Path) -> None:
    try:
        plot_worst_case(answer, plot)
    except InvalidPlot as error:
        raise click.UsageError(f"--plot {error}") from None


def _reductions(names: tuple[str, ...], none: bool) -> str | bool | list[str]:
    """The options as :func:`mechlp.solving.solve.solve` takes them."""
    if none and names:
        raise click.UsageError("--no-reduce and --reduce exclude each other")
    return False if none else "auto" if not names else True if "all" in names else list(names)


def _verbose(shown: Console, answer: Answer) -> None:
    if answer.reductions:
        shown.print("Reductions", style="bold")
        for line in answer.reductions:
            shown.print(f"  {line}")
    else:
        shown.print(repr(compile(answer.design)))
    phases = "; ".join(f"{phase} {seconds:.3f} s" for phase, seconds in answer.timings.items())
    shown.print(phases, markup=False)
