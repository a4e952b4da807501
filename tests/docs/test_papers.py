"""The tables of docs/papers.md: each command is typed as it stands, and prints what its row says that we get.

A row is ``| item | command | what the paper says | what we get |``.  In the second cell each fragment in backticks that begins
with ``mechlp`` is run, in order, in a directory of the row's own that has ``configs/``; in the last cell each fragment in backticks
must occur in what they print together (blanks of any length are one).  A row without a command says ``not offered: why``.
Rows that end with ``<!-- slow -->`` are run under the mark ``slow``.
"""

import re
import shlex
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from mechlp.cli import main

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "papers.md"
HEADER = ["item", "command", "what the paper says", "what we get"]
SLOW = "<!-- slow -->"


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    paper: str
    item: str
    commands: tuple[str, ...]
    said: str
    got: str
    slow: bool

    @property
    def fragments(self):
        return _quoted(self.got)


def _quoted(cell):
    return tuple(part.strip() for part in re.findall(r"`([^`]+)`", cell))


def rows(page):
    """Every row of every table, by section."""
    found, paper = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            paper = line[3:].strip()
        if not line.startswith("|"):
            continue
        slow = SLOW in line
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.replace(SLOW, "").strip())[1:-1]]
        cells = [c.replace("\\|", "|") for c in cells]
        assert len(cells) == 4, f"four cells are expected: {line}"
        if cells != HEADER and not set(line) <= set("|- :"):
            item, command, said, got = cells
            found.append(Row(paper, item, _quoted(command), said, got, slow))
    return found


def _squeezed(text):
    return re.sub(r"\s+", " ", text)


@cache
def printed(commands):
    """What the commands print, one after the other, in a directory of their own."""
    out = []
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        shutil.copytree(ROOT / "configs", Path(directory) / "configs")
        patch.chdir(directory)
        for command in commands:
            ran = CliRunner().invoke(main, shlex.split(command)[1:], env={"COLUMNS": "400"})
            assert ran.exit_code in (0, 1, 3), f"{command}: exit status {ran.exit_code}\n{ran.output}"
            assert ran.exception is None or isinstance(ran.exception, SystemExit), command
            out.append(ran.output)
    return _squeezed("\n".join(out))


ROWS = rows(PAGE.read_text("utf-8"))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=f"{row.paper}: {row.item}", marks=[pytest.mark.slow] if row.slow else [])
        for row in ROWS
        if row.commands
    ],
)
def test_a_command_prints_what_the_table_says(row):
    text = printed(row.commands)
    missing = [f for f in row.fragments if _squeezed(f) not in text]
    assert not missing, f"{row.item}: {row.commands} does not print {missing}:\n{text}"


def test_every_row_has_a_command_and_a_result_or_a_reason():
    assert {row.paper for row in ROWS} <= set(re.findall(r"^## (.*)$", PAGE.read_text("utf-8"), re.M))
    for row in ROWS:
        where = f"{row.paper}: {row.item}"
        assert row.item and row.said, where
        if row.commands:
            assert all(c.startswith("mechlp ") for c in row.commands), where
            assert row.fragments, f"{where}: a fragment of the output in backticks"
        else:
            assert re.match(r"not offered: \w+ \w+ \w+", row.got), where


def test_no_item_is_there_twice():
    names = [(row.paper, row.item) for row in ROWS]
    assert len(names) == len(set(names))
