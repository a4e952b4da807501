"""Commented problem files to start from."""

from importlib import resources


def templates() -> dict[str, str]:
    """Each template's name and what it is for."""
    folder = resources.files(__package__) / "templates"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return {
        f.name.removesuffix(".yaml"): f.read_text("utf-8").splitlines()[0].removeprefix("# ") for f in files
    }


def template(name: str) -> str:
    """The text of a template.  Raises FileNotFoundError when there is none of that name."""
    return (resources.files(__package__) / "templates" / f"{name}.yaml").read_text("utf-8")
