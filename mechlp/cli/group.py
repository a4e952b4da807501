"""The group of all commands: found by name, loaded when called, every mistake of a user one clear message."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ..exact.errors import InvalidInput

WRONG_INPUT, UNDECIDED, DEFECT, UNSAVED, INTERRUPTED = 2, 3, 70, 74, 130
#: What keeps a file, or what is printed, from being written.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
#: What each command does, as its own help begins: known without loading what the command needs.
SUMMARIES = {
    "audit": "Examine a given mechanism: the largest gain from lying of each type, IR, the budget, its value, all exact.",
    "check": "What the beliefs allow: conditions with witnesses, and the theorems that follow.",
    "cite": "What to cite: the sources that a file names, and this program, as text or BibTeX.",
    "closed-form": "A mechanism from a paper's formula, audited on a grid; without NAME, list them.",
    "compare": "One environment under each notion of IC, side by side.",
    "completion": "Print a script that completes commands, options and files in a shell.",
    "continuum": "Is a simple mechanism ever beaten?  Types uniform on [0, 1], in the cells of the file's types; "
    "certified ends.",
    "doctor": "Versions, extras and programs beside: what is there, what it is for, how to get what is missing.",
    "efficient": "Whether a mechanism, or interim payoffs, are efficient among all that mechanisms can reach.",
    "export": "Write a problem's linear program, or an answer's game, tables or proof, as a file that others read.",
    "frontier": "The set of interim payoffs that mechanisms reach, seen from two of them, and its efficient frontier.",
    "implement": "Examine the conditions under which the social choice function of `given:` is fully implemented.",
    "map": "Where a mechanism exists, over two parameters: a picture and a table.",
    "new": "Write a commented template; without NAME, list them.",
    "region": "Where a mechanism exists, over one or two parameters: exact borders, proved at every point.",
    "rents": "The least that maxmin types must be left, against the surplus: a condition that every mechanism meets.",
    "report": "Write a saved answer as a page that needs no network, or as a LaTeX document.",
    "schema": "Print the JSON schema of problem files, for editors.",
    "show": "The environment in words and numbers; of the store of a sweep or a map, what it holds.",
    "smooth": "Ambiguous transfers for types with a smooth attitude to ambiguity: how far apart two rules must be.",
    "solve": "Find a mechanism, the best one, or a proof that there is none.",
    "sweep": "One question in every cell of any number of axes, each a certified answer: a table, curves, a map.",
    "threshold": "At which values of a parameter existence changes: exact, each side proved on its whole interval.",
    "value": "The optimal value as a function of a parameter: polynomials or quotients of them, with exact breakpoints, each "
    "proved.",
    "verify": "Recheck a saved answer, without any solver.",
    "zones": "Where a bargaining mechanism does what, over the beliefs p1 and p2: exact borders, for a given share x.",
}


class Unsaved(Exception):
    """What is printed stands, but a file that goes with it could not be written."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(f"{reason}: what is printed stands, but this file was not written")
        self.status = status


class Commands(click.Group):
    """The commands of this package.  A command returns its exit status (None: 0)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None when there is no such one."""
        if cmd_name not in SUMMARIES:
            return None
        module = import_module(f".{cmd_name.replace('-', '_')}", __package__)
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from their summaries."""
        limit = formatter.width - 6 - max(map(len, SUMMARIES))
        shorts = [(n, click.Command(n, help=s).get_short_help_str(limit)) for n, s in SUMMARIES.items()]
        with formatter.section("Commands"):
            formatter.write_dl(shorts)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and exit: 70 for a defect of ours, since status 1 means "proved impossible"."""
        as_json = "--json" in (sys.argv[1:] if args is None else args)
        sys.exit(self._status(as_json, args, *rest, **{**extra, "standalone_mode": False}))

    def _status(self, as_json: bool, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except click.UsageError as error:
            if as_json:
                _complain_json(error.format_message())
            error.show()
            return error.exit_code
        except click.ClickException as error:
            complain(error.format_message(), as_json)
            return error.exit_code
        except Unsaved as error:
            complain(str(error), as_json=False)  # standard output has the answer
            return error.status
        except InvalidInput as error:
            complain(str(error), as_json)
        except MemoryError:
            complain("the problem does not fit in memory: use fewer types or outcomes", as_json)
        except OSError as error:
            complain(f"{error.filename or 'file'}: {error.strerror or error}", as_json)
            if error.errno in NO_ROOM:
                return UNSAVED
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            return INTERRUPTED
        except Exception as error:
            complain(f"a defect in mechlp, please report it: {type(error).__name__}: {error}", as_json)
            return DEFECT
        return WRONG_INPUT

    def invoke(self, ctx: click.Context) -> Any:
        """The command's exit status.  A reader who went away is no news to tell (click would exit with status 1)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()
            return WRONG_INPUT


def complain(message: str, as_json: bool) -> None:
    """A mistake, on standard error; for programs also as JSON on standard output."""
    if as_json:
        _complain_json(message)
    for line in message.splitlines():
        click.echo(f"error: {line}", err=True)


def undecided(why: str, as_json: bool) -> int:
    """What was left open, on standard error; for programs also as JSON on standard output.  Returns the exit status."""
    if as_json:
        click.echo(json.dumps({"status": "undecided", "notes": [why]}, indent=2))
    click.echo(f"undecided: {why}", err=True)
    named = click.get_current_context().params
    for path in (named[option] for option in ("out", "plot", "table") if named.get(option)):
        unwritten(path)
    return UNDECIDED


def unwritten(path: Path) -> None:
    """That a file was not written, where nothing was decided."""
    click.echo(f"{path} was not written: what is undecided has nothing to verify or to show", err=True)


def _complain_json(message: str) -> None:
    click.echo(json.dumps({"status": "error", "errors": message.splitlines()}, indent=2))
