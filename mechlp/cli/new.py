"""``mechlp new``: a commented template."""

from __future__ import annotations

from pathlib import Path

import click

from ..exact.saved import save
from ..files import template, templates


@click.command("new")
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write (default: NAME.yaml).")
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
    save(target, template(name))
    click.echo(f"Wrote {target}; now: mechlp solve {target}")
