"""What is written to disk: after what is printed, each file whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..exact.errors import InvalidInput
from ..exact.saved import json_text, save
from ..files import Reading
from ..report.plot import InvalidPlot, Look, check_target, write
from .console import console
from .group import UNSAVED, WRONG_INPUT, Unsaved, unwritten

#: A file that goes with an answer: where (None: nowhere), what writes it, and what is said once it is there.
File = tuple[Path | None, Callable[[Path], None], str]
#: Most characters that the name of an answer takes up for what its question changes in the file.
LONGEST = 100


def beside(reading: Reading, suffix: str, *further: str) -> Path:
    """The file of an answer next to that of its problem: one for each question that is asked of it.

    ``rule.B=3.ic=ex-post.answer.json``; ``further`` is what else makes the question another one.
    """
    assert reading.path is not None
    changed = "".join(f".{part}" for part in (*(f"{k}={v}" for k, v in reading.changes.items()), *further))
    label = "".join(c if c.isalnum() or c in "=.-+" else "_" for c in changed)
    if len(label) > LONGEST or any(
        there == "_" and c not in "_/:" for c, there in zip(changed, label, strict=True)
    ):
        label = f"{label[: LONGEST - 13]}-{hashlib.sha256(changed.encode()).hexdigest()[:12]}"
    return reading.path.with_name(reading.path.stem + label + suffix)


def beside_file(reading: Reading, suffix: str) -> Path:
    """The store of all maps or sweeps of a file, next to it: each cell is kept under its own question."""
    assert reading.path is not None
    return reading.path.with_name(f"{reading.path.stem}{suffix}")


def check_writable(path: Path | None, option: str) -> None:
    """Fail before the work is done, not after it.  Raises click.UsageError."""
    if path is None:
        return
    if path.is_dir():
        raise click.UsageError(f"{option} {path}: a folder; the name of a file is expected")
    if not path.parent.is_dir():
        raise click.UsageError(f"{option} {path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.UsageError(f"{option} {path}: may not be written")


def check_plot(path: Path | None) -> None:
    """Fail before the work is done, not after it.  Raises click.UsageError."""
    if path is not None:
        try:
            check_target(path)
        except InvalidPlot as error:
            raise click.UsageError(f"--plot {error}") from None
        check_writable(path, "--plot")


def picture_file(path: Path | None, found: Any, look: Look) -> File:
    """A picture of an answer."""
    return path, lambda to: write(found, to, look), f"Wrote {path}"


def answer_file(path: Path | None, data: Callable[[], Any], *, decided: bool = True) -> File:
    """A saved answer that `mechlp verify` checks; where nothing was decided, that there is none."""
    if not decided:
        return path, unwritten, ""
    said = f"Saved to {path}; check it with: mechlp verify {path}"
    return path, lambda to: save(to, json_text(data())), said


def deliver(show: Callable[[], None], *files: File, quiet: bool = False) -> None:
    """Print, then write the files that are named, each whole or not at all, and say so unless ``quiet``.

    Raises
    ------
    Unsaved
        After everything was printed, and all files but one were written.
    """
    failed: Unsaved | None = None
    written = []
    try:
        show()
    finally:  # also when what is printed finds no reader
        for path, write, said in files:
            try:
                if path is not None:
                    write(path)
                    written += [said] if said else []
            except OSError as error:
                failed = Unsaved(f"{path}: {error.strerror or error}", UNSAVED)
            except InvalidPlot as error:
                failed = Unsaved(f"--plot {error}", WRONG_INPUT)
            except InvalidInput as error:
                failed = Unsaved(f"{path}: {error}", WRONG_INPUT)
            except OverflowError:
                failed = Unsaved(f"{path}: a number beyond the range of floats cannot be drawn", WRONG_INPUT)
    for said in () if quiet else written:
        console().print(said)
    if failed is not None:
        raise failed


def show(data: Callable[[], Any], page: Callable[[], Any], as_json: bool) -> Callable[[], None]:
    """What prints an answer: JSON for programs, or a page."""
    return lambda: click.echo(json_text(data())) if as_json else console().print(page())
