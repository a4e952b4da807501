"""The command line: parse, call, print.

Exit status: 0 a mechanism exists, the condition holds, the certificate is accepted; 1 proved impossible, the condition
fails, the certificate is refused; 2 the input is wrong; 3 undecided.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from .answer.answer import Answer
from .environment.model import InvalidEnvironment
from .exact.saved import json_text
from .files import InvalidFile, Reading, read
from .proof.invalid import InvalidCertificate
from .question.design import ALLOCATIONS, BB, IC, IR, OBJECTIVES, SECONDARY, Design, InvalidDesign
from .question.prices import PriceDesign
from .question.symmetric import SymmetricDesign
from .version import __version__

CONDITIONS = (
    "BDP",
    "convex independence",
    "identifiability",
    "common prior",
    "NCP*",
    "NCP**",
    "positive pairs",
)
WRONG_INPUT, UNDECIDED, DEFECT, INTERRUPTED = 2, 3, 70, 130


class _Group(click.Group):
    """Every mistake of a user ends in one clear message and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from .program.model import TooLarge

        as_json = "--json" in sys.argv
        try:
            return super().invoke(ctx)
        except (InvalidFile, InvalidDesign, InvalidEnvironment, InvalidCertificate, TooLarge) as error:
            _complain(str(error), as_json)
        except MemoryError:
            _complain("the problem does not fit in memory: use fewer types or outcomes", as_json)
        except BrokenPipeError:
            sys.stderr.close()
        except OSError as error:
            _complain(f"{error.filename or 'file'}: {error.strerror or error}", as_json)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # Status 1 means "proved impossible": a defect of ours must not look like it.
            _complain(f"a defect in mechlp, please report it: {type(error).__name__}: {error}", as_json)
            ctx.exit(DEFECT)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        ctx.exit(WRONG_INPUT)


def _complain(message: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"status": "error", "errors": message.splitlines()}, indent=2))
    for line in message.splitlines():
        click.echo(f"error: {line}", err=True)


def _console() -> Console:
    # Names such as IC[seller: ...] are no markup. In a pipe or a file there is no window to fit: never cut a table.
    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, width=200)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line with phase and time on standard error, for anything over a second; nothing when piped."""
    console, started, phase = Console(stderr=True), time.perf_counter(), ["starting"]
    if quiet or not console.is_terminal:
        yield lambda name: None
        return
    done = threading.Event()

    def show() -> None:
        if done.wait(1.0):
            return
        with console.status("") as status:
            while not done.wait(0.1):
                status.update(f"{phase[0]}, {time.perf_counter() - started:.0f} s")

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield lambda name: phase.__setitem__(0, name)
    finally:
        done.set()
        thread.join()


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    out = {}
    for value in values:
        name, sign, number = value.partition("=")
        if not sign or not name.strip() or not number.strip():
            raise click.BadParameter(f"{value!r}: write NAME=VALUE, as in --set B=3/2", ctx, param)
        out[name.strip()] = number.strip()
    return out


def _problem(command: Callable[..., Any]) -> Callable[..., Any]:
    """The file and the options that change what it asks; the command gets a Reading."""
    choice = click.Choice

    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "--set", "overrides", multiple=True, callback=_pairs, metavar="NAME=VALUE", help="Set a parameter."
    )
    @click.option("--ic", type=choice(IC), help="Incentive compatibility, instead of the file's.")
    @click.option("--ir", type=choice(IR), help="Individual rationality, instead of the file's.")
    @click.option("--bb", type=choice(BB), help="Budget balance, instead of the file's.")
    @click.option(
        "--alpha", metavar="NUMBER", help="Weight on the worst announced rule (ambiguous transfers)."
    )
    @click.option("--allocation", type=choice(ALLOCATIONS), help="Allocation rule, instead of the file's.")
    @click.option(
        "--objective",
        type=choice((*OBJECTIVES[:4], "undominated")),
        help="What is wanted, instead of the file's.",
    )
    @click.option("--secondary", type=choice(SECONDARY), help="Among optima, the smallest transfers.")
    @wraps(command)
    def wrapped(file: Path, overrides: dict[str, str], **options: Any) -> Any:
        keys = ("ic", "ir", "bb", "alpha", "allocation", "objective", "secondary")
        ask = {k: v for k in keys if (v := options.pop(k)) is not None}
        return command(read(file, overrides=overrides, ask=ask), **options)

    return wrapped


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def _saved(suffix: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of a command that saves its answer beside the problem file."""
    out = click.option(
        "--out",
        type=click.Path(path_type=Path),
        help=f"Where to save the answer (default: FILE with {suffix}).",
    )
    no_save = click.option("--no-save", is_flag=True, help="Do not save the answer.")
    return lambda command: out(no_save(command))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mechlp")
def main() -> None:
    """Design economic mechanisms by linear programming, with certificates.

    Exit status: 0 a mechanism exists, the condition holds, the certificate is accepted; 1 proved impossible, fails,
    refused; 2 the input is wrong; 3 undecided.
    """


@main.command()
@_problem
@_as_json
@_saved(".answer.json")
@click.option(
    "--time-limit", type=click.FloatRange(min=0.01), help="Seconds; then the best certified bracket."
)
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
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw the worst-case prior: a .png, .pdf or .svg file."
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Also print the size of the program and the time of each phase."
)
def solve(
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
) -> None:
    """Find a mechanism, the best one, or a proof that there is none."""
    if plot is not None:
        _drawable(reading, plot)
    from .program.backend import using
    from .report.page import answer_page
    from .report.prices import price_page
    from .report.proof import latex as latex_proof
    from .report.symmetric import interim_page

    if latex:
        _whole_grid(reading)
    ordinary = isinstance(reading.design, Design)
    options: dict[str, Any] = {"time_limit": time_limit}
    if ordinary:
        options["reduce"] = _reductions(reduce, no_reduce)
    elif reduce:
        raise click.UsageError(
            "--reduce is about programs on the whole type grid, and this file is solved without one: leave it out"
        )
    try:
        with using(backend), _progress(as_json) as progress:
            answer = reading.design.solve(**options, progress=progress)
    except ImportError as error:
        raise click.UsageError(str(error)) from None
    rebuild = reading.rebuilt if reading.design.environment.parameters and ordinary else None
    target = None if no_save else out or _beside(reading.path, ".answer.json")
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
        console = _console()
        if ordinary:
            page = answer_page(answer, rebuild, full=full)
        else:
            priced = isinstance(reading.design, PriceDesign)
            page = price_page(answer, full=full) if priced else interim_page(answer, full=full)
        console.print(page)
        if verbose and ordinary:
            _verbose(console, answer)
        if target is not None:
            console.print(f"Saved to {target}; check it with: mechlp verify {target}", markup=False)
    sys.exit(answer.exit_status)


def _drawable(reading: Reading, plot: Path) -> None:
    """Refuse a picture that cannot come about, before long work."""
    from .report.plot import InvalidPlot, check_target

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
    from .report.plot import InvalidPlot, plot_worst_case

    try:
        plot_worst_case(answer, plot)
    except InvalidPlot as error:
        raise click.UsageError(f"--plot {error}") from None


def _whole_grid(reading: Reading) -> None:
    """Refuse what only has a meaning for mechanisms with transfers on the whole type grid."""
    if isinstance(reading.design, PriceDesign):
        raise InvalidDesign("with `outcomes: prices` there are `mechlp solve` and `mechlp verify`")
    if isinstance(reading.design, SymmetricDesign):
        raise InvalidDesign(
            "this needs the whole type grid, and the file asks about one representative of identical bidders: "
            "there are `mechlp solve`, `show` and `verify` (or use fewer types)"
        )


def _beside(path: Path | None, suffix: str) -> Path:
    assert path is not None
    return path.with_name(path.stem + suffix)


def _reductions(names: tuple[str, ...], none: bool) -> str | bool | list[str]:
    """The options as :func:`mechlp.solving.solve.solve` takes them."""
    if none and names:
        raise click.UsageError("--no-reduce and --reduce exclude each other")
    return False if none else "auto" if not names else True if "all" in names else list(names)


def _verbose(console: Console, answer: Answer) -> None:
    from .solving.compile import compile

    if answer.reductions:
        console.print("Reductions", style="bold")
        for line in answer.reductions:
            console.print(f"  {line}")
    else:
        console.print(repr(compile(answer.design)))
    phases = "; ".join(f"{phase} {seconds:.3f} s" for phase, seconds in answer.timings.items())
    console.print(phases, markup=False)


@main.command()
@_problem
@_as_json
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    type=click.Choice(CONDITIONS),
    help="Exit 1 only if this fails.",
)
def check(reading: Reading, as_json: bool, conditions: tuple[str, ...]) -> None:
    """What the beliefs allow: conditions with witnesses, and the theorems that follow.

    Exit status 1 when a condition named with --condition fails (default: BDP), 3 when one could not be decided.
    """
    from .beliefs import examine
    from .report.beliefs import beliefs_page

    _whole_grid(reading)
    found = examine(reading.design.environment)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        _console().print(beliefs_page(found))
    verdicts = [found.holds(condition) for condition in conditions or ("BDP",)]
    sys.exit(1 if False in verdicts else UNDECIDED if None in verdicts else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--environment", type=click.Path(path_type=Path), help="Also check that the answer is about this file."
)
@_as_json
def verify(file: Path, environment: Path | None, as_json: bool) -> None:
    """Recheck a saved answer, without any solver."""
    from .checking.verify import verify_file

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
    sys.exit(0 if verdict.accepted else 1)


@main.command()
@_problem
@_as_json
def show(reading: Reading, as_json: bool) -> None:
    """The environment in words and numbers."""
    from .files import document_of, document_of_symmetric
    from .report.page import environment_page
    from .report.symmetric import symmetric_page

    if isinstance(reading.design, SymmetricDesign):
        design = reading.design
        if as_json:
            tables = document_of_symmetric(design.asking())
            click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
        else:
            _console().print(symmetric_page(design.environment, reading.description, reading.source))
        return
    _whole_grid(reading)
    if as_json:
        tables = document_of(reading.design.asking())
        click.echo(json.dumps({"document": reading.document, "tables": tables}, indent=1))
    else:
        _console().print(environment_page(reading.design.environment, reading.description, reading.source))


@main.command()
@_problem
@_as_json
@click.option(
    "--grid", "by_grid", is_flag=True, help="Ask the file's question under every IC x IR x BB instead."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A directory for every answer, each a file for `mechlp verify`.",
)
@click.option("--time-limit", type=click.FloatRange(min=0.01), help="Seconds for each answer.")
def compare(
    reading: Reading, as_json: bool, by_grid: bool, out: Path | None, time_limit: float | None
) -> None:
    """One environment under each notion of IC, side by side.

    Asks the file's own question, for an efficient allocation, for full surplus extraction, and for the best revenue and
    surplus. Exit status 3 when a cell is undecided, else 0.
    """
    from .report.page import comparison_page
    from .study.compare import compare as run
    from .study.compare import grid, questions

    _whole_grid(reading)
    with _progress(as_json) as progress:
        found = run(
            reading.design,
            ask=grid if by_grid else questions,
            time_limit=time_limit,
            fewest=not by_grid,
            progress=progress,
        )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for cell in found.cells:
            (out / cell.file_name).write_text(json_text(cell.answer.to_json()), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console = _console()
        console.print(comparison_page(found))
        if out is not None:
            console.print(
                f"Saved {len(found.cells)} answers to {out}; check one with: mechlp verify {out}/NAME"
            )
    sys.exit(0 if found.decided else UNDECIDED)


@main.command()
@_problem
@_as_json
@click.option(
    "--rho", required=True, metavar="NUMBER", help="Aversion to ambiguity: types weigh -exp(-rho x)."
)
@click.option(
    "--belief",
    type=click.Choice(("rules", "mixtures")),
    default="rules",
    help="Second-order belief: over the rules, or uniform over all mixtures of them.",
)
@click.option("--weights", metavar="P,P,...", help="Probabilities of the rules (default: uniform).")
@click.option(
    "--answer",
    type=click.Path(path_type=Path),
    help="Audit the rules of this saved answer, and search nothing.",
)
@click.option("--time-limit", type=click.FloatRange(min=0.01), help="Seconds for the answer to start from.")
def smooth(
    reading: Reading,
    as_json: bool,
    rho: str,
    belief: str,
    weights: str | None,
    answer: Path | None,
    time_limit: float | None,
) -> None:
    """Ambiguous transfers for types with a smooth attitude to ambiguity: how far apart two rules must be.

    Starts from the rules that deter types who fear the worst one.  Exit status 1 when given rules fail, 3 when no
    two rules were found.
    """
    from .checking.verify import saved_rules
    from .mechanism.smooth import Smooth, smooth_audit
    from .report import smooth as pages
    from .study.smooth import least_spread

    _whole_grid(reading)
    attitude = Smooth(rho, belief, tuple(weights.split(",")) if weights else ())  # type: ignore[arg-type]
    design = reading.design if reading.design.ambiguous else reading.design.asking(ic="ambiguous-transfers")
    if answer is not None:
        report = smooth_audit(saved_rules(answer, design.environment), design, attitude)
        if as_json:
            click.echo(json.dumps(pages.audit_json(attitude, report), indent=1))
        else:
            _console().print(pages.audit_page(design, attitude, report))
        sys.exit(UNDECIDED if report.passed is None else int(not report.passed))
    with _progress(as_json) as progress:
        spread = least_spread(
            design.solve(time_limit=time_limit, progress=progress), attitude, progress=progress
        )
    if as_json:
        click.echo(json.dumps(pages.spread_json(attitude, spread), indent=1))
    else:
        _console().print(
            pages.spread_page(spread) if spread else "UNDECIDED: no c was found that deters every lie"
        )
    sys.exit(0 if spread else UNDECIDED)


@main.command("map")
@_problem
@click.option("--over", multiple=True, metavar="NAME=FROM:TO:COUNT", help="A parameter of the map (twice).")
@click.option("--plot", type=click.Path(path_type=Path), help="Write a picture: a .png, .pdf or .svg file.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write the table, one row a point.")
@click.option(
    "--store", type=click.Path(path_type=Path), help="Points known so far (default: FILE with .map.jsonl)."
)
@click.option("--no-save", is_flag=True, help="Keep no store: an interrupted map starts again.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Parallel processes (default: one a core, at most 4)."
)
@click.option("--time-limit", type=click.FloatRange(min=0.01), help="Seconds for each point.")
@_as_json
def region_map(
    reading: Reading,
    over: tuple[str, ...],
    plot: Path | None,
    table: Path | None,
    store: Path | None,
    no_save: bool,
    jobs: int | None,
    time_limit: float | None,
    as_json: bool,
) -> None:
    """Where a mechanism exists, over two parameters: a picture and a table.

    Exit status 3 when a point is undecided. Run again to go on where a map was interrupted.
    """
    from .report.map_page import map_page, write_csv
    from .report.plot import InvalidPlot, check_target, plot_region
    from .study.region import axes_of, region

    if plot is not None:
        try:
            check_target(plot)
        except InvalidPlot as error:
            raise click.UsageError(f"--plot {error}") from None
    axes = axes_of(reading, over)
    kept = None if no_save else store or _beside(reading.path, ".map.jsonl")
    with _progress(as_json) as progress:
        found = region(reading, axes, jobs=jobs, store=kept, time_limit=time_limit, progress=progress)
    if table is not None:
        write_csv(found, table)
    if plot is not None:
        plot_region(found, plot)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console = _console()
        console.print(map_page(found))
        for target in (plot, table):
            if target is not None:
                console.print(f"Wrote {target}", markup=False)
    sys.exit(UNDECIDED if any(p.status == "undecided" for p in found) else 0)


@main.command()
@_problem
@_as_json
@_saved(".continuum.json")
@click.option(
    "--powers", default="", help="Several powers instead of the file's, as in 1/2,4/5: a table, not saved."
)
@click.option(
    "--squares",
    type=click.IntRange(4, 200),
    default=150,
    show_default=True,
    help="Fineness of the upper end.",
)
def continuum(
    reading: Reading, as_json: bool, out: Path | None, no_save: bool, powers: str, squares: int
) -> None:
    """Is a simple mechanism ever beaten?  Types uniform on [0, 1], in the cells of the file's types; certified ends.

    Exit status 0 when a mechanism is proved better than every simple one, 3 when that is left open.
    """
    from .exact.numbers import rational
    from .report.prices import comparison_table
    from .study.continuum import compare_simple, question

    power, partition = question(reading.design)
    try:
        asked = [rational(p) for p in powers.split(",")] if powers else [power]
    except ValueError as error:
        raise click.UsageError(f"--powers: {error}") from None
    if not all(0 < p < 1 for p in asked):
        raise click.UsageError(
            "--powers: each lies between 0 and 1; at power 1 posted prices are best (Theorem 10)"
        )
    with _progress(as_json) as progress:
        found = [compare_simple(p, partition, squares=squares, progress=progress) for p in asked]
    target = None if no_save or powers else out or _beside(reading.path, ".continuum.json")
    if target is not None:
        target.write_text(json_text(found[0].to_json()), encoding="utf-8")
    if as_json:
        click.echo(json_text([c.to_json() for c in found]))
    else:
        _console().print(comparison_table(found))
        if target is not None:
            click.echo(f"Saved to {target}; check it with: mechlp verify {target}")
    sys.exit(0 if all(c.gap > 0 for c in found) else UNDECIDED)


@main.command()
@_problem
@click.option(
    "--payoffs",
    nargs=2,
    required=True,
    metavar="A B",
    help="Two interim payoffs: AGENT:TYPE, or AGENT for her expected payoff.",
)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw it: a .png, .svg or .pdf file.")
@_as_json
@_saved(".frontier.json")
@click.option("--time-limit", type=click.FloatRange(min=0.01), help="Seconds for each direction.")
def frontier(
    reading: Reading,
    payoffs: tuple[str, str],
    plot: Path | None,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> None:
    """The set of interim payoffs that mechanisms reach, seen from two of them, and its efficient frontier.

    The file's IC, IR, BB and allocation say which mechanisms there are; its objective does not matter.  Every vertex
    is reached by a mechanism and every border is proved.

    \b
    mechlp frontier configs/myerson-satterthwaite.yaml --set m=3 --allocation chosen --payoffs seller buyer --plot trade.png
    """
    from .proof.interim import saved
    from .proof.projection import Payoff
    from .report.interim import projection_page
    from .study.interim import Undecided, projection

    _whole_grid(reading)
    environment = reading.design.environment
    axes = (Payoff.named(environment, payoffs[0]), Payoff.named(environment, payoffs[1]))
    _can_plot(plot)
    try:
        with _progress(as_json) as progress:
            found = projection(reading.design, axes, time_limit=time_limit, progress=progress)
    except Undecided as error:
        _complain(f"undecided: {error}", as_json)
        sys.exit(UNDECIDED)
    if found is None:
        said = "no mechanism satisfies the requirements: `mechlp solve` proves it"
        click.echo(
            json.dumps({"status": "infeasible", "note": said}, indent=1) if as_json else f"IMPOSSIBLE: {said}"
        )
        sys.exit(1)
    if plot is not None:
        from .report.sets import plot_projection

        plot_projection(found, plot)
    _deliver(
        saved(found),
        projection_page(found),
        as_json,
        None if no_save else out or _beside(reading.path, ".frontier.json"),
    )


def _can_plot(path: Path | None) -> None:
    """Fail before the work is done, not after it.  Raises click.UsageError."""
    from .report.plot import InvalidPlot, check_target

    if path is not None:
        try:
            check_target(path)
        except InvalidPlot as error:
            raise click.UsageError(f"--plot {error}") from None


def _deliver(data: dict[str, Any], page: Any, as_json: bool, target: Path | None) -> None:
    """Save an answer and print it."""
    if target is not None:
        target.write_text(json_text(data), encoding="utf-8")
    if as_json:
        click.echo(json_text(data))
        return
    console = _console()
    console.print(page)
    if target is not None:
        console.print(f"Saved to {target}; check it with: mechlp verify {target}", markup=False)


@main.command()
@_problem
@click.option("--answer", type=click.Path(path_type=Path), help="Examine the mechanism of this saved answer.")
@click.option(
    "--payoff",
    "payoffs",
    multiple=True,
    callback=_pairs,
    metavar="AGENT:TYPE=NUMBER",
    help="Examine these interim payoffs, one for each type.",
)
@click.option("--strong", is_flag=True, help="Exit 1 also where only some types could gain.")
@click.option(
    "--revise",
    multiple=True,
    metavar="AGENT:NAME=VALUE",
    help="Compare with the agent's payoffs at another value of a parameter, such as a belief about her.",
)
@click.option(
    "--over",
    multiple=True,
    metavar="NAME=FROM:TO:COUNT",
    help="A map: examine the file's mechanism over a grid of two parameters; give it twice.",
)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the map: a .png, .svg or .pdf file.")
@_as_json
@_saved(".efficiency.json")
@click.option("--time-limit", type=click.FloatRange(min=0.01), help="Seconds for each program.")
def efficient(
    reading: Reading,
    answer: Path | None,
    payoffs: dict[str, str],
    strong: bool,
    revise: tuple[str, ...],
    over: tuple[str, ...],
    plot: Path | None,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> None:
    """Whether a mechanism, or interim payoffs, are efficient among all that mechanisms can reach.

    What is examined: the mechanism that the file gives (`given:`), that of a saved answer, or payoffs.  The answer
    holds the weights that prove efficiency, or the mechanism that does better.  Exit status 1 when payoffs are
    inefficient or out of reach.

    \b
    mechlp efficient configs/peski-2023-property-rights.yaml
    mechlp efficient configs/peski-2023-a1.yaml --over p1=1/20:19/20:10 --over p2=1/20:19/20:10 --plot a1.png
    mechlp efficient configs/peski-2023-a1.yaml --revise player1:p1=1/100 --revise player2:p2=1/10
    """
    from .checking.verify import saved_rules
    from .proof.interim import saved
    from .report.interim import efficiency_page
    from .study.interim import efficiency, examined, named_payoffs

    _whole_grid(reading)
    if sum(map(bool, (answer, payoffs, over, revise))) > 1:
        raise click.UsageError("give one of --answer, --payoff, --revise and --over")
    if plot is not None and not over:
        raise click.UsageError("--plot draws a map (--over); `mechlp frontier` draws the set of payoffs")
    if over:
        _map(reading, over, plot, as_json)
        return
    if revise:
        _revised(reading, revise, as_json)
        return
    design = reading.design
    what: Any = named_payoffs(design, payoffs) if payoffs else None
    if what is None:
        what = examined(reading) if answer is None else saved_rules(answer, design.environment)[0]
    with _progress(as_json) as progress:
        found = efficiency(design, what, time_limit=time_limit, progress=progress)
    target = None if no_save or not found.decided else out or _beside(reading.path, ".efficiency.json")
    _deliver(saved(found), efficiency_page(found), as_json, target)
    verdict = found.strong if strong else found.weak
    sys.exit(UNDECIDED if verdict is None else int(not verdict))


def _map(reading: Reading, over: tuple[str, ...], plot: Path | None, as_json: bool) -> None:
    from .report import interim as pages
    from .study.region import Axis
    from .study.verdicts import efficiency_map

    if len(over) != 2:
        raise click.UsageError("--over: a map has two parameters; give it twice")
    _can_plot(plot)
    with _progress(as_json) as progress:
        found = efficiency_map(reading, (Axis.parse(over[0]), Axis.parse(over[1])), progress)
    title = reading.design.environment.title
    if plot is not None:
        pages.plot_map(found, plot, title)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        _console().print(pages.map_page(found, title))


def _revised(reading: Reading, revise: tuple[str, ...], as_json: bool) -> None:
    from .report.interim import revised_page
    from .study.interim import revised, robustness

    targets = revised(reading, revise)
    found = robustness(reading.design, [[t] for t in targets], complete=False)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        _console().print(revised_page(found))
    sys.exit(UNDECIDED if found.passed is None else int(not found.passed))


@main.command()
@click.argument("mechanism", type=click.Choice(("property-rights", "a1", "a2")))
@click.option(
    "--set",
    "numbers",
    multiple=True,
    callback=_pairs,
    metavar="NAME=VALUE",
    help="l1, l2, h1, h2 or x (default: 1, 2, 4, 6 and 1/2).",
)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw it: a .png, .svg or .pdf file.")
@_as_json
def zones(mechanism: str, numbers: dict[str, str], plot: Path | None, as_json: bool) -> None:
    """Where a bargaining mechanism does what, over the beliefs p1 and p2: exact borders, for a given share x.

    The mechanisms are those of configs/peski-2023-*.yaml.  What the draft leaves open is shown as open.
    """
    from .closed_forms.bargaining import Bargaining
    from .exact.numbers import rational, text
    from .report.zones import plot_zones, zones_page

    known = {"l1": "1", "l2": "2", "h1": "4", "h2": "6", "x": "1/2"}
    if wrong := sorted(set(numbers) - set(known)):
        raise click.UsageError(f"--set {wrong[0]}: the names are {', '.join(known)}")
    _can_plot(plot)
    try:
        values = {k: rational(v) for k, v in {**known, **numbers}.items()}
        x = values.pop("x")
        bargaining = Bargaining(**values, p1=rational("1/2"), p2=rational("1/2"))
        found = bargaining.zones(x, mechanism)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if plot is not None:
        plot_zones(bargaining, x, mechanism, plot)
    if as_json:
        named = ("p1_from", "p1_to", "p2_from", "p2_to")
        shown = {zone: dict(zip(named, map(text, r), strict=True)) for zone, r in found.items()}
        click.echo(json.dumps({"mechanism": mechanism, "x": text(x), "zones": shown}, indent=1))
    else:
        _console().print(zones_page(bargaining, x, mechanism))


@main.command()
@_problem
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .mps or .lp file.")
def export(reading: Reading, out: Path) -> None:
    """Write the linear program as MPS or LP, with readable names."""
    from .program.export import write_lp, write_mps
    from .solving.compile import compile

    writers = {".mps": write_mps, ".lp": write_lp}
    if out.suffix.lower() not in writers:
        raise click.UsageError(f"--out {out}: expected a name that ends in .mps or .lp")
    _whole_grid(reading)
    program = compile(reading.design)
    writers[out.suffix.lower()](program, out)
    click.echo(f"Wrote {out}: {program.num_rows:,} rows, {program.num_columns:,} columns")


@main.command()
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write (default: NAME.yaml).")
def new(name: str | None, out: Path | None) -> None:
    """Write a commented template; without NAME, list them."""
    from .files import template, templates

    known = templates()
    if name is None:
        for key, about in known.items():
            click.echo(f"{key:20} {about}")
        return
    if name not in known:
        raise click.UsageError(f"no template is named {name!r}: {', '.join(known)}")
    target = out or Path(f"{name}.yaml")
    if target.exists():
        raise click.UsageError(f"{target} exists already; give another name with --out")
    target.write_text(template(name), encoding="utf-8")
    click.echo(f"Wrote {target}; now: mechlp solve {target}")


@main.command("closed-form")
@click.argument("name", required=False)
@click.option("--set", "numbers", multiple=True, callback=_pairs, metavar="NAME=VALUE", help="Set a number.")
@_as_json
def closed_form(name: str | None, numbers: dict[str, str], as_json: bool) -> None:
    """A mechanism from a paper's formula, audited on a grid; without NAME, list them.

    Exit status 1 when IC, IR or budget balance fails on the grid.
    """
    from .report.closed_forms import finding_page
    from .study.closed_forms import CLOSED_FORMS
    from .study.closed_forms import closed_form as build

    if name is None:
        for key, form in CLOSED_FORMS.items():
            known = " ".join(f"{k}={v}" for k, v in form.numbers.items())
            click.echo(f"{key:20} {form.about}\n{'':20} {known}")
        return
    found = build(name, numbers)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        _console().print(finding_page(found))
    sys.exit(0 if found.holds else 1)


@main.command()
def schema() -> None:
    """Print the JSON schema of problem files, for editors."""
    from .files import schema as file_schema

    click.echo(json.dumps(file_schema(), indent=1))
