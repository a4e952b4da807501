"""``mechlp cite``: what to cite."""

from __future__ import annotations

import click

from ..files import Reading
from ..version import __version__
from .options import problem

TITLE = "mechlp: economic mechanisms by exact-certified linear programming"
ENTRY = """@{kind}{{{key},
  {field} = {{{value}}},
}}"""


@click.command("cite")
@problem
@click.option("--bibtex", is_flag=True, help="Entries for BibTeX instead.")
def command(reading: Reading, bibtex: bool) -> None:
    """What to cite: the sources that a file names, and this program, as text or BibTeX."""
    source = " ".join(reading.source.split())
    if not bibtex:
        click.echo(source or "the file names no source (`source:`)")
        click.echo(f"The mechlp developers: {TITLE}, version {__version__}")
        return
    if source:
        assert reading.path is not None
        for sign in "{}":
            source = source.replace(sign, "")
        for sign in "&%#_$":
            source = source.replace(sign, f"\\{sign}")
        click.echo(ENTRY.format(kind="misc", key=reading.path.stem, field="note", value=source))
    software = f"{TITLE}}},\n  author = {{{{The mechlp developers}}}},\n  version = {{{__version__}"
    click.echo(ENTRY.format(kind="software", key="mechlp", field="title", value=software))
