"""``mechlp doctor``: what is installed, and what for."""

from __future__ import annotations

import json
import platform
import shutil
from importlib import metadata

import click

from ..report.tables import table
from ..version import __version__
from .console import console
from .options import as_json

CORE = ("highspy", "numpy", "python-flint", "scipy", "PyYAML", "click", "rich")
#: Libraries beside the core: what each is for, and the extra that brings it.
EXTRAS = {
    "matplotlib": ("pictures", "plot"),
    "latex2mathml": ("pages", "page"),
    "pandas": ("data frames", "frames"),
    "openpyxl": ("Excel files", "frames"),
    "pplpy": ("vertices of sets of beliefs that are intersections", "vertices"),
    "cvxpy": ("a second float solver: --backend cvxpy", "cvxpy"),
}
#: Programs beside.
PROGRAMS = {
    "glpsol": "reads exported programs (GLPK)",
    "cbc": "reads exported programs (CBC)",
    "pdflatex": "compiles what --latex prints",
    "coqc": "checks answers as theorems (Coq)",
}


@click.command("doctor")
@as_json
def command(as_json: bool) -> None:
    """Versions, extras and programs beside: what is there, what it is for, how to get what is missing."""
    core = {name: _version(name) for name in CORE}
    extras = {name: _version(name) for name in EXTRAS}
    beside = {name: shutil.which(name) is not None for name in PROGRAMS}
    if as_json:
        python = {"mechlp": __version__, "python": platform.python_version()}
        click.echo(json.dumps({**python, "core": core, "extras": extras, "programs": beside}, indent=1))
        return
    shown = table("what", "version", "for", "to get it")
    shown.add_row("mechlp", __version__, "", "")
    shown.add_row("Python", platform.python_version(), platform.platform(), "")
    for name, found in core.items():
        shown.add_row(name, found or "missing", "core", "" if found else f"pip install {name}")
    for name, found in extras.items():
        what, extra = EXTRAS[name]
        shown.add_row(name, found or "-", what, "" if found else f"pip install 'mechlp[{extra}]'")
    for name, there in beside.items():
        shown.add_row(name, "there" if there else "-", PROGRAMS[name], "")
    console().print(shown)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
