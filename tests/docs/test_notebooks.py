"""The notebooks run from their first cell to their last, in an empty directory, and draw what they say."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
DRAWN = {"first-day": {"payoffs.svg"}, "paper": {"frontier.pdf", "region.pdf", "value.pdf"}}


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_runs_to_its_end(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))["cells"]
    names = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}: {cell['id']}", "exec"), names)
    assert {path.name for path in tmp_path.iterdir()} == DRAWN[name]
