"""The pages of the site that are made by running the program: reference, templates, notebooks, a gallery of every file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import mechlp
from mechlp.cli import main
from mechlp.cli.group import SUMMARIES
from mechlp.files import templates

sys.path.insert(0, str(Path(__file__).parent))
import gallery
import notebooks
import problems

ROOT = Path(__file__).parents[2]


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    for name, text in made():
        files.append(File.generated(config, name, content=text))
    return files


def made() -> Iterator[tuple[str, str]]:
    """Every page by name."""
    yield "commands.md", commands()
    yield "problems/index.md", problems.index()
    for name in templates():
        yield f"problems/{name}.md", problems.shown(name)
    yield "api.md", api()
    yield "speed.md", speed()
    for path in gallery.CONFIGS:
        yield f"gallery/{path.stem}.md", gallery.shown(path)
    for path in notebooks.NOTEBOOKS:
        yield f"notebooks/{path.stem}.md", notebooks.shown(path)


def commands() -> str:
    """The help of every command."""
    parts = ["# Commands", "`mechlp COMMAND --help` prints the same.", ""]
    for name in SUMMARIES:
        told = CliRunner().invoke(main, [name, "--help"], prog_name="mechlp", terminal_width=100).output
        parts += [f"## {name}", "", "```text", told.rstrip(), "```", ""]
    return "\n".join(parts)


def api() -> str:
    """Every public name, from its docstring."""
    parts = ["# Python", "Everything here is imported from `mechlp`.", ""]
    for name, home in sorted(mechlp.HOMES.items()):
        module, _, there = home.partition(":")
        parts += [f"::: mechlp.{module}.{there or name}", ""]
    return "\n".join(parts)


def speed() -> str:
    """The figures of the stored run, and how general environments fare beside the fastest of the solver's own roads."""
    run = json.loads((ROOT / "benchmarks" / "stored-run.json").read_text("utf-8"))
    general = run["general"]
    parts = [
        "# Speed",
        f"Runs of `make bench`, stored in `benchmarks/stored-run.json`: {run['when']}, {run['machine']}, with "
        + ", ".join(f"{name} {version}" for name, version in run["versions"].items())
        + ".",
        "",
        "## Certified answers beside the fastest bare road",
        "",
        "Seconds to a certified answer over the seconds of the fastest of HiGHS' own roads on the same whole program "
        f"({general['problems']} general environments, {general['when']}). Where that road takes a tenth of a second or more: "
        f"median {general['median ratio']:.2f}, worst {general['worst ratio']:.1f}. Below: "
        f"{general['median extra milliseconds']:.0f} milliseconds more in the median.",
        "",
        "| problem | entries | bare road (s) | certified (s) | ratio | answer |",
        "|---|---|---|---|---|---|",
        *(_general(row) for row in general["table"]),
        "",
        "## Ratios",
        "",
        "Medians of paired and interleaved rounds in CPU time, with quartiles; figures of seconds name what they time.",
        "",
        "| what | median | quartiles | asked |",
        "|---|---|---|---|",
        *(_figure(name, figure) for name, figure in run["figures"].items()),
        *(_kernel(run["kernel"]) if "kernel" in run else ()),
    ]
    return "\n".join(parts)


def _kernel(table: dict[str, Any]) -> list[str]:
    """Seconds of coqc, of the checker that Coq extracts, and of `mechlp verify`."""
    rows = table["seconds"].items()
    return [
        "",
        "## Theorems for Coq",
        "",
        f"Seconds of CPU time on the theorem of an answer ({table['when']}, Coq {table['coq']}).",
        "",
        "| answer | coqc | extracted checker | mechlp verify |",
        "|---|---|---|---|",
        *(
            f"| {name} | {' | '.join(_number(one[k]) for k in ('coqc', 'extracted', 'verify'))} |"
            for name, one in rows
        ),
    ]


def _general(row: dict[str, Any]) -> str:
    bare, whole, ratio = row["fastest bare road"], row["seconds"], row["ratio"]
    answer = row["status"] if row["certified"] else "not certified"
    return f"| {row['name']} | {row['entries']:,} | {_number(bare)} | {_number(whole)} | {_number(ratio)} | {answer} |"


def _figure(name: str, figure: dict[str, Any]) -> str:
    low, high = figure["low"], figure["high"]
    quartiles = f"{low:.3g} to {high:.3g}" if low != high else ""
    return f"| {name} | {_number(figure['median'])} | {quartiles} | {_number(figure.get('limit'))} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
