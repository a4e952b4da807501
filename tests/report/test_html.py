"""Pages in a real browser: nothing scrolls sideways, tables sort, pictures tell their numbers; and what notebooks show."""

import re
from html.parser import HTMLParser

import answers
import browser
import pytest
from click.testing import CliRunner

from mechlp.checking.opened import opened
from mechlp.cli import main
from mechlp.exact.saved import json_text
from mechlp.report.html import fragment, whole_page
from mechlp.report.statement import statement

SHOWN = (
    "infeasible, published",
    "optimal revenue",
    "two rules",
    "frontier",
    "a region",
    "reduced form",
    "prices",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name in SHOWN:
        found[name] = folder / f"{name.replace(' ', '-')}.html"
        found[name].write_text(whole_page(opened(answers.answer(name)), "a.json"), "utf-8")
    return found


@pytest.fixture(scope="module")
def driver():
    with browser.chromium() as found:
        yield found


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_scrolls_sideways_and_nothing_is_complained_of(pages, driver, width):
    for name, path in pages.items():
        browser.show(driver, path, width)
        wide = driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1] == width, name
        assert driver.get_log("browser") == [], name
        small = driver.execute_script(
            "return [...document.querySelectorAll('p, td, li, dt')].filter(e => parseFloat(getComputedStyle(e).fontSize) < 12).length"
        )
        assert small == 0, name


def test_tables_sort_by_numbers_with_the_keyboard(pages, driver):
    browser.show(driver, pages["optimal revenue"], 1280)
    column = """
      const table = [...document.querySelectorAll('table')].find(t => t.caption && t.caption.textContent.startsWith('Mechanism'));
      const heads = [...table.tHead.rows[0].cells], k = heads.length - 1;
      heads[k].querySelector('button').focus();
      return [heads[k].getAttribute('aria-sort'), [...table.tBodies[0].rows].map(r => r.cells[k].textContent)]
    """
    assert driver.execute_script(column) == [None, ["0", "-2", "-2"]]
    for order, values in (("ascending", ["-2", "-2", "0"]), ("descending", ["0", "-2", "-2"])):
        driver.switch_to.active_element.send_keys("\n")
        assert driver.execute_script(column) == [order, values]


def test_pictures_have_words_and_numbers(pages, driver):
    browser.show(driver, pages["optimal revenue"], 1280)
    script = "return [...document.querySelectorAll('svg')].map(s => [s.getAttribute('role'), s.getAttribute('aria-label')])"
    drawn = driver.execute_script(script)
    assert len(drawn) == 5 and all(role == "img" and label for role, label in drawn)
    told = driver.execute_script("return [...document.querySelectorAll('svg title')].map(t => t.textContent)")
    assert "sell, buyer 2: 1" in told and "payoff, buyer 3: 1" in told and "t(buyer), buyer 3: -2" in told
    # what is told is under the pointer
    under = driver.execute_script("""
      const title = [...document.querySelectorAll('svg title')].find(t => t.textContent === 'sell, buyer 2: 1');
      title.parentElement.scrollIntoView({block: 'center'});
      const box = title.parentElement.getBoundingClientRect();
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return title.parentElement.contains(hit)
    """)
    assert under


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.headings, self.addresses, self.inside = [], [], None

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        self.addresses += [v for k, v in attributes if k in ("src", "href", "xlink:href") and v]

    def handle_data(self, data):
        if self.inside in ("h1", "h2"):
            self.headings.append(data)
        self.inside = None


def test_a_page_is_self_contained_and_says_how_to_check_it(pages):
    for path in pages.values():
        outline = Outline()
        outline.feed(path.read_text("utf-8"))
        assert outline.headings[-1] == "How to check it" and len(outline.headings) >= 3
        assert all(address.startswith(("#", "data:")) for address in outline.addresses)
        assert "mechlp verify a.json" in path.read_text("utf-8")
    text = pages["infeasible, published"].read_text("utf-8")
    assert text.count("<li>") == 8 and text.count("<math") > 40


def test_names_cannot_break_a_page():
    answer = opened(answers.answer("optimal revenue"))
    from dataclasses import replace

    evil = "<script>alert(1)</script>\"'&"
    environment = replace(answer.design.environment, title=evil)
    page = whole_page(replace(answer, design=replace(answer.design, environment=environment)))
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_notebooks_show_tables_of_everything():
    answer = opened(answers.answer("optimal surplus"))
    design = answer.design
    for shown in (answer, design, design.environment, answer.mechanism, opened(answers.answer("frontier"))):
        text = shown._repr_html_()
        assert text == fragment(shown) and re.search(r"<table>.*<th .*<td", text, re.S) and "<pre" not in text
    rows = re.findall(r"<tr", answer.mechanism._repr_html_())
    assert len(rows) == 1 + design.environment.num_profiles


def test_every_notion_has_its_formula():
    from mechlp.question.design import BB, IC, IR
    from mechlp.report import statement as formulas

    assert set(formulas.IC) == set(IC) - {"none"} and set(formulas.IR) == set(IR) - {"none"}
    assert set(formulas.BB) == set(BB) - {"none"}
    assert len(list(statement(opened(answers.answer("infeasible, published")).design))) == 7


def test_report_shows_only_what_is_accepted(tmp_path):
    saved = answers.answer("optimal revenue")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json_text(saved))
    bad.write_text(json_text({**saved, "value": "5"}))
    run = lambda *args: CliRunner().invoke(main, ["report", *map(str, args)])  # noqa: E731
    assert run(good).exit_code == 0 and (tmp_path / "good.html").read_text("utf-8").startswith(
        "<!DOCTYPE html>"
    )
    assert run(good, "-o", tmp_path / "a.tex").exit_code == 0
    assert (tmp_path / "a.tex").read_text().startswith(r"\documentclass")
    refused = run(bad)
    assert refused.exit_code == 1 and "refused" in refused.output and not (tmp_path / "bad.html").exists()
    assert run(good, "-o", tmp_path / "a.doc").exit_code == 2
    assert run(tmp_path / "none.json").exit_code == 2
    problem = tmp_path / "p.yaml"
    problem.write_text(answers.SELLER)
    solved = CliRunner().invoke(
        main, ["solve", str(problem), "--no-save", "--html", str(tmp_path / "p.html")]
    )
    assert (
        solved.exit_code == 0
        and "Wrote" in solved.output
        and "4/3" in (tmp_path / "p.html").read_text("utf-8")
    )
