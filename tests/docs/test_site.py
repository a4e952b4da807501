"""The site: what its pages tell people to type works, and every shipped file, command, template and public name has its page."""

import re
import sys
from pathlib import Path

import pytest
import yaml

import mechlp
from mechlp.cli.group import SUMMARIES
from mechlp.files import templates

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "hooks"))
import pages  # noqa: E402


def test_reference_pages_leave_nothing_out():
    commands, problems = pages.commands(), pages.problems()
    gallery = (ROOT / "docs" / "gallery" / "index.md").read_text("utf-8")
    for name in SUMMARIES:
        assert f"\n## {name}\n" in commands
    for name in templates():
        assert f"\n## {name}\n" in problems
    assert pages.api().count(":::") == len(mechlp.HOMES)
    for path in (ROOT / "configs").glob("*.yaml"):
        assert f"({path.stem}.md)" in gallery


def test_the_readme_is_read_in_a_sitting():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_a_page_of_the_gallery_shows_the_answer():
    page = pages.shown(ROOT / "configs" / "guo-2018-example-1.4.2.yaml")
    assert "IMPOSSIBLE: no mechanism exists" in page and "Source: " in page and "<svg" in page
    assert "mechlp solve configs/guo-2018-example-1.4.2.yaml" in page


def test_every_page_is_in_the_list_and_every_link_leads_somewhere():
    listed = set(re.findall(r": ([\w/-]+\.md)", (ROOT / "mkdocs.yml").read_text("utf-8")))
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    made = {"commands.md", "problems.md", "api.md", "speed.md"}
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
