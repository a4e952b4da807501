"""``mechlp new``: a commented template."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..exact.saved import save
from ..files import schema, template, templates
from .options import Target

#: What the first line of a template names: editors with a YAML language server complete and check the file by it.
SCHEMA = "mechlp.schema.json"


@click.command("new")
@click.argument("name", required=False)
@click.option("--out", type=Target(), help="Where to write (default: NAME.yaml).")
def command(name: str | None, out: Path | None) -> None:
    """Write a commented template; without NAME, list them."""
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
    beside = target.with_name(SCHEMA)
    if not beside.exists():
        save(beside, json.dumps(schema(), indent=1))
    save(target, f"# yaml-language-server: $schema={SCHEMA}\n{template(name)}")
    click.echo(f"Wrote {target} ({SCHEMA} tells editors what may stand in it); now: mechlp solve {target}")
