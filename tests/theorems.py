"""The table of theorems in README.md: each row is a command and what it prints.

``python tests/theorems.py`` runs the commands and writes their sentences into the table.
"""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from mechlp.cli import main

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ROW = re.compile(r"^\| `mechlp (?P<command>(?:region|threshold) [^`]*)` \| (?P<said>.*?) ?\|$", re.MULTILINE)


def rows(text):
    """Commands, and what the table says of each."""
    return {row["command"]: row["said"] for row in ROW.finditer(text) if "--over" in row["command"]}


def printed(command):
    """The sentence that a command prints."""
    words = [str(ROOT / w) if w.startswith("configs/") else w for w in shlex.split(command)]
    found = CliRunner().invoke(main, [*words, "--no-save"], env={"COLUMNS": "400"})
    assert found.exit_code in (0, 1), found.output
    ranges, said = found.output.splitlines()[1].strip().split(": ", 1)
    return f"{ranges}: {said}"


def renewed(text):
    """The text with every row as its command prints it."""
    return ROW.sub(
        lambda row: (
            f"| `mechlp {row['command']}` | {printed(row['command'])} |"
            if "--over" in row["command"]
            else row[0]
        ),
        text,
    )


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
