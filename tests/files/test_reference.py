"""The reference of the file format says what the schema says, and is current; templates are short and worth their claims."""

import json
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
    "kind", ["multi-good", "screening", "procurement", "matching", "persuasion", "evidence", "audit"]
)
def test_there_is_a_template_for_each_kind(kind):
    assert kind in templates()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("multi-good", "13/9"),  # Hart and Nisan (2017): values 0, 1, 2
        ("screening", "5/2"),  # quality 1 and 3: (2 + 8 - 5)/2, the low price the low value
        ("procurement", "19/4"),  # virtual costs 1 and 3: 3/4 (9 - 3) + 1/4 (4 - 3)
        ("persuasion", "3/5"),  # Kamenica and Gentzkow (2011)
        ("evidence", "1/2"),  # all is revealed (Grossman 1981, Milgrom 1981): (1/2 + 3/2)/4
        ("audit", "13/8"),  # Myerson (1981), virtual values 2v - 3: 7/16 * 3 + 5/16 * 1
    ],
)
def test_templates_have_known_values(name, value):
    assert mechlp.read_text(template(name)).design.solve().value == F(value)


def test_the_template_of_a_public_good_is_decided_both_ways():
    """Three members: at the means 1/2 it is possible; at 3/4 the least rents are more than the surplus, whatever the shares."""
    text = template("maxmin-public-good")
    assert mechlp.read_text(text).design.solve().status == "feasible"
    for share in ("1/3", "1/2"):  # what shares move between members, transfers move back
        found = mechlp.read_text(text, overrides={"mean": "3/4", "cost": "1", "share_ann": share}).design.solve()
        assert found.status == "infeasible" and found.certified


def test_the_template_of_an_audit_finds_what_a_lie_gains(tmp_path):
    """First price: the winner pays her bid, the type 3 gains 2 by bidding 1 against 0; bids are worth (1 + 3*1 + 5*2 + 7*3)/16."""
    path = tmp_path / "audit.yaml"
    path.write_text(template("audit"))
    found = CliRunner().invoke(main, ["audit", str(path), "--json"])
    said = json.loads(found.output)
    assert found.exit_code == 1 and said["value"] == str(F(0 * 1 + 1 * 3 + 2 * 5 + 3 * 7, 16))
    assert max(F(row["amount"]) for row in said["gains_from_lying"]) == 2
