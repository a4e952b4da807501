"""Commented problem files to start from."""

from __future__ import annotations

from typing import Any


def _folder() -> Any:
    from importlib import resources  # slow to load, and not needed to read a file

    return resources.files(__package__) / "templates"


def templates() -> dict[str, str]:
    """Each template's name and what it is for."""
    files = sorted((f for f in _folder().iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return {
        f.name.removesuffix(".yaml"): f.read_text("utf-8").splitlines()[0].removeprefix("# ") for f in files
    }


def template(name: str) -> str:
    """The text of a template.  Raises FileNotFoundError when there is none of that name."""
    text: str = (_folder() / f"{name}.yaml").read_text("utf-8")
    return text
