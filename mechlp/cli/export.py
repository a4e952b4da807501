"""``mechlp export``: programs, games and tables as files that others read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from ..answer.answer import FORMAT
from ..answer.interim import InterimAnswer
from ..checking.opened import open_answer
from ..checking.saved import Saved, loaded, read_saved
from ..exact.saved import replacing
from ..files import Reading, read
from ..kernel.export import exported, identifier, saved_answer, write_files
from ..program.export import write_lp, write_mps
from ..proof import interim, reduced_form, region, value
from ..proof.efficiency import Efficiency
from ..proof.projection import Projection
from ..proof.region import Region
from ..proof.value import ValueFunction
from ..question.premises import InvalidDesign
from ..report.exported import TABLES, rows_of, write_csv
from ..report.gambit import FORMS, of_actions, of_mechanism, write_game
from ..solving.proved import proved_program
from ..solving.written import written
from .console import progress
from .options import Target, problem, time_option

Claims = Efficiency | Projection | Region | ValueFunction
Solved = Reading | Saved | InterimAnswer
Source = Solved | Claims
PROGRAMS = {".mps": write_mps, ".lp": write_lp}
OPENED = (reduced_form.FORMAT, interim.FORMAT, region.FORMAT, value.FORMAT)
KINDS = (*PROGRAMS, *FORMS, ".csv")


def _opened(file: Path, overrides: dict[str, str], ask: dict[str, Any]) -> Source:
    """A problem file, or a saved answer about mechanisms."""
    if file.suffix.lower() != ".json":
        return read(file, overrides=overrides, ask=ask)
    if overrides or ask:
        raise click.UsageError("an answer is written as it is: change the problem file, and solve it again")
    data = loaded(file, "an answer that `mechlp solve` saved")
    if isinstance(data, dict) and data.get("format") in OPENED:
        found: InterimAnswer | Claims = open_answer(file)
        return found
    form = data.get("format") if isinstance(data, dict) else None
    if isinstance(form, str) and form.startswith("mechlp ") and form != FORMAT:
        raise click.UsageError(
            f"{file}: answers of the form {form!r} are not exported: expected one about mechanisms on the whole type grid, or "
            "(--proof coq) a region or a value over one parameter in which payoffs are affine "
            "(docs/kernel.md lists what --proof coq covers; `mechlp verify` checks every answer)"
        )
    return read_saved(file)


def _coq(source: Source, out: Path) -> None:
    """A theorem for Coq, the library it needs, and a Makefile."""
    if isinstance(source, Reading):
        raise click.UsageError(
            "--proof writes the proof of an answer: solve the problem, and export its .answer.json"
        )
    if out.exists() and not out.is_dir():
        raise click.UsageError(f"--out {out}: expected a directory, found a file")
    path = Path(click.get_current_context().params["file"])
    one = exported(saved_answer(path))
    files = write_files(one, identifier(path), out)
    click.echo(f"Wrote {', '.join(file.name for file in files)} in {out}")
    click.echo(f"Check it with `make -C {out}` (needs coqc), or with `mechlp verify --kernel`:")
    click.echo(one.statement)


def _vipr(source: Solved, out: Path, time_limit: float | None) -> None:
    """The linear program with its exact verdict, for checkers of VIPR files."""
    design: Any = source.design
    design.check("export")
    with progress(False) as say:
        say("solve")
        proved, status = proved_program(design, out, time_limit=time_limit)
    click.echo(f"Wrote {out}: {status}, one combination of {proved:,} constraints")


PROOFS = ("coq", "vipr")


@click.command("export")
@partial(problem, opened=_opened)
@click.option(
    "--out",
    type=Target(),
    required=True,
    help="A .mps or .lp file (the program of a problem), .efg or .nfg (the game of an answer, or of actions, for Gambit), "
    "or .csv (a table of an answer); with --proof a directory.",
)
@click.option(
    "--proof",
    type=click.Choice(PROOFS),
    help="Write an answer's proof for a checker that is not ours: coq, a theorem and its library (--out DIR); vipr, the "
    "linear program with an exact certificate (--out FILE.vipr); docs/kernel.md.",
)
@click.option(
    "--table",
    type=click.Choice(tuple(TABLES)),
    default="mechanism",
    show_default=True,
    help="Which table a .csv file holds.",
)
@click.option(
    "--reduce",
    "reduce",
    multiple=True,
    metavar="NAME",
    help="Write the program that this reduction leaves (may be repeated); default the whole one.",
)
@time_option(
    "Seconds for the optimum that --secondary refers to, or for the verdict that --proof vipr proves."
)
def command(
    source: Source,
    out: Path,
    proof: str | None,
    table: str,
    reduce: tuple[str, ...],
    time_limit: float | None,
) -> None:
    """Write a problem's linear program, or an answer's game, tables or proof, as a file that others read."""

    if proof == "coq":
        _coq(source, out)
        return
    if isinstance(source, Claims):
        raise click.UsageError(
            "an answer about payoffs or parameters has no program, game or table of its own; "
            "--proof coq --out DIR writes its theorem"
        )
    if proof == "vipr":
        _vipr(source, out, time_limit)
        return
    kind = out.suffix.lower()
    if kind not in KINDS:
        raise click.UsageError(f"--out {out}: expected a name that ends in {', '.join(KINDS[:-1])} or .csv")
    if kind in PROGRAMS:
        _program(source, out, reduce, time_limit)
    elif kind in FORMS:
        game = of_actions(source.design.environment) if isinstance(source, Reading) else _reported(source)
        with replacing(out) as new:
            write_game(game, new)
        ends = game.payoffs.shape[1] * game.payoffs.shape[2]
        click.echo(
            f"Wrote {out}: {len(game.moves)} players, {len(game.profiles):,} type profiles, {ends:,} cells"
        )
    elif isinstance(source, Reading):
        raise click.UsageError(
            f"--out {out}: tables are of answers: solve the problem, and export its .answer.json"
        )
    else:
        with replacing(out) as new:
            rows = write_csv(rows_of(source, table), new)
        click.echo(f"Wrote {out}: {rows:,} rows")


def _program(source: Solved, out: Path, reduce: tuple[str, ...], time_limit: float | None) -> None:
    source.design.check("export")
    with progress(False) as say:
        say("compile")
        program, notes = written(source.design, reduce=reduce, time_limit=time_limit)
        say("write")
        with replacing(out) as new:
            PROGRAMS[out.suffix.lower()](program, new, notes)
    click.echo(f"Wrote {out}: {program.num_rows:,} rows, {program.num_columns:,} columns")
    for line in notes:
        click.echo(line)


def _reported(source: Any) -> Any:
    rules: tuple[Any, ...] = getattr(source, "rules", ())
    if len(rules) != 1:
        found = f"{len(rules)} rules" if rules else "no mechanism over type profiles"
        raise InvalidDesign(f"a game needs one mechanism, and the answer has {found}")
    return of_mechanism(rules[0])
