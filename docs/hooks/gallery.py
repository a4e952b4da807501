"""The gallery: a page for every file of ``configs/``, made by typing its commands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from click.testing import CliRunner

from mechlp.checking.opened import open_answer
from mechlp.cli import main
from mechlp.files import read
from mechlp.report.html import article, figure, inside

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
FURTHER = yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text("utf-8"))
ROW = re.compile(r"^\| \[`(?P<file>[^`]+)`\]\([^)]*\)[^|]*\|[^|]*\|(?P<known>.*)\|$", re.MULTILINE)


@contextmanager
def workshop() -> Iterator[Path]:
    """An empty directory with ``configs``, for as long as commands are typed there."""
    before = Path.cwd()
    with TemporaryDirectory() as made:
        shutil.copytree(ROOT / "configs", Path(made) / "configs")
        os.chdir(made)
        try:
            yield Path(made)
        finally:
            os.chdir(before)


def commands(path: Path) -> list[str]:
    """What is typed for a file: its own question, then what else is known to be worth asking."""
    document = yaml.safe_load(path.read_text("utf-8"))
    own = "implement" if {"coalitions", "economy"} & set(document) else "solve"
    first, further = f"mechlp {own} configs/{path.name}", FURTHER.get(path.stem, [])
    return further if further and further[0].startswith(f"{first} --plot") else [first, *further]


def shown(path: Path) -> str:
    """A page: what the source says, each command with what it gives, the file, what to cite."""
    reading = read(path)
    parts = [f"# {reading.design.environment.title or path.stem}", ""]
    parts += [f"Source: {' '.join(reading.source.split())}", ""] if reading.source else []
    parts += [" ".join(reading.description.split()), ""] if reading.description else []
    parts += [f"**What is known:** {known()[path.name]}.", ""]
    with workshop() as place:
        for number, line in enumerate(commands(path)):
            parts += [
                f"## `{line.split()[1]}`",
                "",
                "```sh",
                line,
                "```",
                "",
                raw(answered(line, place, 20 * number + 1)),
                "",
            ]
        parts += ["## The file", "", "```yaml", path.read_text("utf-8").rstrip(), "```", ""]
        cited = typed(["cite", f"configs/{path.name}"]).output.rstrip()
        parts += ["## To cite", "", "```text", cited, "```", ""]
    return "\n".join(parts)


def known() -> dict[str, str]:
    """What the table of the gallery says of each file."""
    table = (ROOT / "docs" / "gallery" / "index.md").read_text("utf-8")
    return {row["file"]: row["known"].strip() for row in ROW.finditer(table)}


def typed(words: list[str]) -> Any:
    """A command as a user types it.  Raises RuntimeError when it has no answer."""
    ran = CliRunner().invoke(main, words, env={"COLUMNS": "100"})
    if ran.exit_code not in (0, 1) or not isinstance(ran.exception, SystemExit | None):
        raise RuntimeError(f"mechlp {shlex.join(words)}: {ran.output} {ran.exception!r}")
    return ran


def answered(line: str, place: Path, first: int) -> str:
    """What a command gives, in HTML: the answer that it saved, else what it prints; then the picture that it drew."""
    words = shlex.split(line)[1:]
    drawn = next((place / w for w in words if w.endswith(".pdf")), None)
    target = None if drawn is None else drawn.with_suffix(".svg")
    before = set(place.rglob("*.json"))
    output = typed([w if drawn is None or w != drawn.name else f"{drawn.stem}.svg" for w in words]).output
    for saved in set(place.rglob("*.json")) - before:
        if typed(["verify", str(saved)]).exit_code:
            raise RuntimeError(f"{line}: verify refuses the answer")
        return article(open_answer(saved), first=first)
    said = f"<pre>{escape(output.split('Wrote ')[0].rstrip())}</pre>"
    if target is None:
        return said
    text = target.read_text("utf-8")
    return figure(inside(text, first), line, f"{line} draws this") + said


def raw(html: str) -> str:
    """HTML that Markdown leaves alone: one block without empty lines, its headings below those of the page."""
    lowered = re.sub(r"<(/?)h2>", r"<\1h3>", html)
    held = re.sub(r"<pre>.*?</pre>", lambda m: m[0].replace("\n", "&#10;"), lowered, flags=re.DOTALL)
    return f'<div class="mechlp">{" ".join(line for line in held.splitlines() if line.strip())}</div>'
