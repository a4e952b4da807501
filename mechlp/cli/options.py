"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..files import read
from ..files.mistakes import near
from ..question.design import ALLOCATIONS, BB, IC, IR, OBJECTIVES, SECONDARY
from ..question.premises import SYNONYMS
from ..report.plot import MOST_INCHES, Look, check_kind

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
file_argument = click.argument("file", type=click.Path(path_type=Path))


class Target(click.Path):
    """The name of a file (or a folder) to write; ``-`` is none, as what a command prints goes to standard output."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if str(value) == "-":
            said = "standard output has what is printed, and no file besides: give the name of a file"
            self.fail(f"'-': {said}", param, ctx)
        return super().convert(value, param, ctx)


class _Seconds(click.FloatRange):
    """A number of seconds; ``nan``, which no order holds, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is no number of seconds", param, ctx) if seconds != seconds else seconds


def time_option(about: str) -> Decorator:
    """Seconds, for what they are."""
    return click.option("--time-limit", type=_Seconds(min=0.01), help=about)


def plot_option(about: str) -> Decorator:
    """Where to draw."""
    return click.option("--plot", type=Target(), help=about)


def look_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a picture looks; the command gets a ``look``."""

    @click.option(
        "--kind", metavar="NAME", help="Which picture, where an answer has several: a wrong name lists them."
    )
    @click.option("--title", help="Another title of the picture; an empty one for none.")
    @click.option(
        "--size", callback=_inches, metavar="WIDTHxHEIGHT", help="Inches of the picture, as in 6x4."
    )
    @wraps(command)
    def wrapped(
        *arguments: Any,
        kind: str | None,
        title: str | None,
        size: tuple[float, float] | None,
        **options: Any,
    ) -> Any:
        look = Look(kind, title, size)
        if look != Look() and options.get("plot") is None:
            raise click.UsageError(
                "--kind, --title and --size are about a picture: name its file with --plot"
            )
        check_kind(kind)
        return command(*arguments, look=look, **options)

    return wrapped


def _inches(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        wide, high = map(float, value.split("x"))
    except ValueError:
        wide = high = -1.0
    if not (1 <= wide <= MOST_INCHES and 1 <= high <= MOST_INCHES):
        raise click.BadParameter(
            f"{value!r}: write inches as in 6x4, each from 1 to {MOST_INCHES}", ctx, param
        )
    return wide, high


def pieces_option(default: int) -> Decorator:
    """How finely a range of parameters may be cut."""
    return click.option(
        "--pieces",
        type=click.IntRange(1, 100_000),
        default=default,
        show_default=True,
        help="At most so many pieces where a border or a value is not known to be straight; what is left is undecided.",
    )


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The callback of options that read NAME=VALUE."""
    out = {}
    for value in values:
        name, sign, number = value.partition("=")
        if not sign or not name.strip() or not number.strip():
            raise click.BadParameter(f"{value!r}: write NAME=VALUE, as in --set B=3/2", ctx, param)
        out[name.strip()] = number.strip()
    return out


def set_option(about: str, name: str = "overrides") -> Decorator:
    """``--set NAME=VALUE``, any number of times."""
    return click.option("--set", name, multiple=True, callback=pairs, metavar="NAME=VALUE", help=about)


class Word(click.Choice):  # type: ignore[type-arg]  # generic in new versions only
    """One of a few words, or another name of one, as in files: the reader knows what each means."""

    def __init__(self, what: str, words: Sequence[str]) -> None:
        super().__init__(words)
        self.also = SYNONYMS.get(what, {})

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word as the reader takes it.  Fails with what was probably meant."""
        word = str(value)
        if word in self.choices or word.lower() in self.also:
            return word
        hint = near(word, (*self.choices, *self.also), known=False)
        self.fail(f"{word!r} is not one of {', '.join(map(str, self.choices))}{hint}", param, ctx)


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that change what a file asks; the command gets them as ``overrides`` and ``ask``."""

    @set_option("Set a parameter.")
    @click.option("--ic", type=Word("ic", IC), help="Incentive compatibility, instead of the file's.")
    @click.option("--ir", type=Word("ir", IR), help="Individual rationality, instead of the file's.")
    @click.option("--bb", type=Word("bb", BB), help="Budget balance, instead of the file's.")
    @click.option(
        "--alpha", metavar="NUMBER", help="Weight on the worst announced rule (ambiguous transfers)."
    )
    @click.option(
        "--allocation", type=Word("allocation", ALLOCATIONS), help="Allocation rule, instead of the file's."
    )
    @click.option(
        "--objective",
        type=Word("objective", (*OBJECTIVES[:4], "undominated")),
        help="What is wanted, instead of the file's.",
    )
    @click.option(
        "--secondary",
        type=Word("secondary", SECONDARY),
        help="Which optimum: a nice one, of smallest transfers, or any.",
    )
    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        keys = ("ic", "ir", "bb", "alpha", "allocation", "objective", "secondary")
        ask = {k: v for k in keys if (v := options.pop(k)) is not None}
        return command(*arguments, ask=ask, **options)

    return wrapped


def problem(command: Callable[..., Any], opened: Callable[..., Any] = read) -> Callable[..., Any]:
    """The file and the options that change what it asks; the command gets a Reading, or what ``opened`` makes of the file."""

    @file_argument
    @asking
    @wraps(command)
    def wrapped(file: Path, overrides: dict[str, str], ask: dict[str, Any], **options: Any) -> Any:
        reading = opened(file, overrides=overrides, ask=ask)
        named = click.get_current_context().command.name
        document = getattr(reading, "document", {})  # a saved answer, which `export` takes too, has none
        used = named in ("efficient", "audit", "implement") or document.get("objective") == "undominated"
        used = used or any(axis.startswith("check=") for axis in options.get("over") or ())  # of a sweep
        if "given" in document and not used and not options.get("as_json"):
            click.echo(f"note: {named} leaves `given:` aside; mechlp audit examines that mechanism", err=True)
        return command(reading, **options)

    return wrapped


def coalitions_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--coalitions``, which changes what the file says about them; it goes into ``ask``."""

    @click.option(
        "--coalitions",
        metavar="all|singletons|SIZE",
        help="Which coalitions can form, instead of the file's: all, single agents, or those of at most SIZE agents.",
    )
    @wraps(command)
    def wrapped(
        *arguments: Any, coalitions: str | None, ask: dict[str, Any] | None = None, **options: Any
    ) -> Any:
        ask = ask or {}
        if coalitions is not None:
            kind = {"named": coalitions} if coalitions in ("all", "singletons") else {"size": coalitions}
            if "size" in kind and not coalitions.isdigit():
                raise click.UsageError(
                    f"--coalitions {coalitions}: expected all, singletons, or how many agents a coalition has at most"
                )
            ask = {**ask, "coalitions": kind}
        return command(*arguments, ask=ask, **options)

    return wrapped


def saved(suffix: str) -> Decorator:
    """The options of a command that saves its answer beside the problem file."""
    out = click.option(
        "--out",
        type=Target(),
        help=f"Where to save the answer (default: FILE with {suffix}).",
    )
    no_save = click.option("--no-save", is_flag=True, help="Do not save the answer.")
    return lambda command: out(no_save(command))
