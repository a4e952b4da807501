"""The notebooks run from their first cell to their last, and their pages have what the cells show and draw."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "hooks"))
import notebooks

#: How many pictures a notebook draws, and what it shows.
SHOWN = {
    "first-day": (1, ["<table>", "OPTIMAL: revenue", "Fraction("]),
    "paper": (3, ["proposition", "(Fraction(1, 1), Fraction(2, 1))"]),
}


@pytest.mark.parametrize("path", notebooks.NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(path):
    page = notebooks.shown(path)
    pictures, said = SHOWN[path.stem]
    assert page.count("<figure>") == page.count("<svg") == pictures
    assert all(part in page for part in said)
