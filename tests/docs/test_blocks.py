"""Every fenced block of README.md and docs/ is run as a reader would: files are written, commands typed, outputs compared.

A page is followed from its top in an empty directory that has `configs`.  A block of YAML with a title is a file; one without is a part of
a file, whose keys the schema knows.  `<!-- not run: REASON -->` before a block leaves it out; `<!-- slow: REASON -->` leaves it to `make slow`.
"""

import ast
import doctest
import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from mechlp import files
from mechlp.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>not run|slow): (?P<why>.+?) -->\n)?^```(?P<kind>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
KINDS = {"sh", "console", "yaml", "python"}


@dataclass(frozen=True)
class Block:
    kind: str
    title: str | None
    text: str
    mark: str | None
    why: str | None


def blocks(page):
    return [
        Block(m["kind"], m["title"], m["text"], m["mark"], m["why"])
        for m in BLOCK.finditer(page.read_text("utf-8"))
    ]


def typed(line):
    """What a command prints, and its exit status; 1 is an answer, a traceback is none."""
    words = shlex.split(line, comments=True)
    assert words[0] == "mechlp", f"{line}: only mechlp is run here; say why not"
    ran = CliRunner().invoke(main, words[1:], env={"COLUMNS": "80", "MPLBACKEND": "Agg"})
    assert ran.exception is None or isinstance(ran.exception, SystemExit), (line, ran.exception)
    assert ran.exit_code in (0, 1), f"{line}\n{ran.output}"
    return ran.output


def compared(text):
    """Lines without what differs from run to run: times, and where the answer was saved."""
    lines = [line.rstrip() for line in text.rstrip().splitlines()]
    return [line for line in lines if not re.search(r"\d s$|^Saved to ", line)]


def part_of_a_file(text):
    """Every key of a fragment is one of the schema, in its place; what is needed elsewhere may be missing."""
    schema = json.loads(
        json.dumps(files.schema()),
        object_hook=lambda node: {k: v for k, v in node.items() if k != "required"},
    )
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)), schema)


def python(text, names, page):
    """A session is compared with what it shows; other code is run."""
    if ">>>" in text:
        parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
        test = parser.get_doctest(text, names, str(page), str(page), 0)
        runner.run(test, clear_globs=False)
        names.update(test.globs)
        assert runner.summarize(verbose=False).failed == 0
    else:
        exec(compile(ast.parse(text), str(page), "exec"), names)


def followed(page, place, slow):
    """Run the blocks of a page in their order."""
    shutil.copytree(ROOT / "configs", place / "configs")
    names = {}
    for block in blocks(page):
        if block.kind == "yaml" and block.title:
            (place / block.title).write_text(block.text, "utf-8")
            files.read(place / block.title)
        elif block.mark == "not run" or (block.mark == "slow" and not slow):
            continue
        elif block.kind == "yaml":
            part_of_a_file(block.text)
        elif block.kind == "python":
            python(block.text, names, page)
        elif block.kind == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                if shlex.split(line, comments=True):
                    typed(line)
        else:
            for shown in block.text.removeprefix("$ ").split("\n$ "):
                command, _, output = shown.partition("\n")
                assert compared(typed(command)) == compared(output), command


WITH_BLOCKS = [page for page in PAGES if blocks(page)]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_reader_who_types_what_a_page_shows_sees_what_it_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    followed(page, tmp_path, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in WITH_BLOCKS if any(block.mark == "slow" for block in blocks(page))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_what_takes_long_is_typed_too(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    followed(page, tmp_path, slow=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_fence_is_of_a_kind_that_nothing_runs(page):
    text = page.read_text("utf-8")
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(blocks(page))
    for block in blocks(page):
        assert block.kind in KINDS or block.mark == "not run", f"{block.kind}: {block.text[:40]}"
