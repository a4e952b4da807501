"""The site: what its pages tell people to type works, and every shipped file, command, template and public name has its page."""

import re
import sys
from pathlib import Path

import pytest
import yaml

import mechlp
from mechlp.cli.group import SUMMARIES
from mechlp.files import template, templates

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "hooks"))
import gallery  # noqa: E402
import pages  # noqa: E402
import problems  # noqa: E402
from notebooks import NOTEBOOKS  # noqa: E402


def test_reference_pages_leave_nothing_out():
    commands, kinds = pages.commands(), problems.index()
    listed = gallery.known()
    for name in SUMMARIES:
        assert f"\n## {name}\n" in commands
    for name in templates():
        assert f"({name}.md)" in kinds and list(problems.keys(template(name)))
    assert pages.api().count(":::") == len(mechlp.HOMES)
    for path in (ROOT / "configs").glob("*.yaml"):
        assert listed[path.name]


def test_the_readme_is_read_in_a_sitting():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_a_page_of_the_gallery_types_its_commands_and_shows_what_they_give():
    page = gallery.shown(ROOT / "configs" / "guo-2018-example-1.4.1.yaml")
    assert "IMPOSSIBLE: no mechanism exists" in page and "possible iff v1 + 2" in page
    assert page.count("<svg") >= 2 and page.count("UNDECIDED") == 0
    for command in gallery.commands(ROOT / "configs" / "guo-2018-example-1.4.1.yaml"):
        assert f"\n{command}\n" in page


def test_a_page_of_a_template_says_what_to_change_and_shows_the_answer():
    page = problems.shown("screening")
    assert "\n| `outcomes` |" in page and "one outcome a quality" in page.partition("## What to change")[2]
    assert "\nmechlp solve screening.yaml\n" in page and "OPTIMAL: linear 5/2" in page and "<svg" in page


def test_the_gallery_types_what_each_file_is_for():
    every = {path.stem: gallery.commands(path) for path in gallery.CONFIGS}
    assert every["guo-2018-2.7.1"] == ["mechlp implement configs/guo-2018-2.7.1.yaml"]
    figures = re.findall(
        r"^\| \[[^|]*\| `(mechlp [^`]*)` \|$", (ROOT / "docs/gallery/index.md").read_text("utf-8"), re.M
    )
    assert len(figures) == 6 and set(figures) <= {line for lines in every.values() for line in lines}
    assert set(gallery.FURTHER) <= set(every)


def test_every_page_is_in_the_list_and_every_link_leads_somewhere():
    listed = set(re.findall(r"[:-] ([\w./-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M))
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    made = {"commands.md", "api.md", "speed.md", "problems/index.md"}
    made |= {f"problems/{name}.md" for name in templates()} | {f"notebooks/{p.stem}.md" for p in NOTEBOOKS}
    shipped = {f"gallery/{path.stem}.md" for path in (ROOT / "configs").glob("*.yaml")}
    assert written | made == listed
    for name in written:
        for link in re.findall(r"\]\(([\w/.-]+\.md)", (ROOT / "docs" / name).read_text("utf-8")):
            target = (Path(name).parent / link).as_posix()
            assert target in listed | shipped, f"{name}: {link}"


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path):
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path / "site"))
    assert yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8").replace("!!python", ""))["strict"]
    build(config)
    assert len(list((tmp_path / "site" / "gallery").glob("*/index.html"))) == len(
        list((ROOT / "configs").glob("*.yaml"))
    )
