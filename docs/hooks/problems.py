"""How do I state my problem: a page for every template, made from the template and by typing its command."""

from __future__ import annotations

import re
from collections.abc import Iterator

import gallery
import yaml

from mechlp.files import schema, template, templates

COMMAND = re.compile(r"with: (mechlp \w+ )FILE")
KEY = re.compile(r"^([\w-]+):")
COMMENT = re.compile(r"(?:^|\s)# *(.+)$")


def index() -> str:
    """Every kind of problem, with what it is for."""
    return "\n".join(
        [
            "# How do I state my problem",
            "Find the kind that is nearest to yours, write it with `mechlp new NAME`, and change it. Each page says what the "
            "kind models, which keys to change, and what comes out; [the file format](../file-format.md) has every key.",
            "",
            *(f"* [{name}]({name}.md): {about}" for name, about in templates().items()),
            "",
        ]
    )


def shown(name: str) -> str:
    """The page of a template: the file, what each key is for, its command, and the answer with its pictures."""
    text = template(name)
    named = COMMAND.search(text)
    command = f"{named[1] if named else 'mechlp solve '}{name}.yaml"
    with gallery.workshop() as place:
        (place / f"{name}.yaml").write_text(text, "utf-8")
        answer = gallery.answered(command, place, 1)
    return "\n".join(
        [
            f"# {yaml.safe_load(text).get('title', name).removeprefix('My ').capitalize()}",
            "",
            templates()[name],
            "",
            "## The file",
            "",
            f"`mechlp new {name}` writes `{name}.yaml`:",
            "",
            "```yaml",
            text.rstrip(),
            "```",
            "",
            "## What to change",
            "",
            "| key | what it says | here |",
            "|---|---|---|",
            *(f"| `{key}` | {about} | {hints} |" for key, about, hints in keys(text)),
            "",
            "## What comes out",
            "",
            "```sh",
            command,
            "```",
            "",
            f"`--plot {name}.png` draws it, `--html {name}.html` writes this as a page of its own."
            * ("solve" in command),
            "",
            gallery.raw(answer),
            "",
        ]
    )


def keys(text: str) -> Iterator[tuple[str, str, str]]:
    """The keys of a file in their order: what the schema says of each, and what the comments of the file say of its lines."""
    known = schema()["properties"]
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if (key := KEY.match(line)) is not None:
            found[key[1]] = []
        elif not found:
            continue
        if (said := COMMENT.search(line)) is not None:
            list(found.values())[-1].append(said[1])
    for name, hints in found.items():
        about = " ".join(known[name].get("description", "").split())
        yield name, _cell(about), "<br>".join(map(_cell, hints))


def _cell(said: str) -> str:
    """Text that is nothing else in a cell of a table."""
    return re.sub(r"([|*_`<\[\]{}])", r"\\\1", said)
