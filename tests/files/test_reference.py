"""The reference of the file format says what the schema says, and is current; templates are short and worth their claims."""

from fractions import Fraction as F

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.cli import main
from mechlp.environment.families import FAMILIES
from mechlp.files import schema, template, templates
from mechlp.files.reference import reference


def test_the_reference_is_current(root):
    written = (root / "docs" / "file-format.md").read_text()
    assert written == reference(), "run: mechlp schema --markdown > docs/file-format.md"
    assert CliRunner().invoke(main, ["schema", "--markdown"]).output == written


def test_every_key_family_and_link_is_there():
    text, whole = reference(), schema()
    for node in (whole, *whole["$defs"].values()):
        for key in node["properties"]:
            assert key == "named" or f"* `{key}`" in text, key
    for name in whole["$defs"]:
        assert f"## {name}\n" in text
    for name in FAMILIES:
        assert f"family: {name}" in text
    headings = {line[3:].lower() for line in text.splitlines() if line.startswith("## ")}
    links = {part.split(")")[0] for part in text.split("](#")[1:]}
    assert links <= headings


@pytest.mark.parametrize("name", templates())
def test_templates_are_short_and_say_what_to_change(name):
    lines = template(name).splitlines()
    assert len(lines) <= 20 and lines[0].startswith("# ")
    assert any("#" in line and ":" in line for line in lines[1:])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("multi-good", "13/9"),  # Hart and Nisan (2017): values 0, 1, 2
        ("screening", "5/2"),  # quality 1 and 3: (2 + 8 - 5)/2, the low price the low value
        ("procurement", "19/4"),  # virtual costs 1 and 3: 3/4 (9 - 3) + 1/4 (4 - 3)
    ],
)
def test_templates_have_known_values(name, value):
    assert mechlp.read_text(template(name)).design.solve().value == F(value)
