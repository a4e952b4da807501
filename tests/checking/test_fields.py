"""Every field of a saved answer is checked, or verify says that it is only reported."""

import json
from dataclasses import replace
from pathlib import Path

import answers
import pytest
from answers import answer
from click.testing import CliRunner
from small import at, forged, put, refused

import mechlp
from mechlp.checking.verify import (
    ANNOUNCEMENT,
    BOX,
    COMPARISON,
    CONTOURS,
    EFFICIENCY,
    FIRST_ORDER,
    IMPLEMENTATION,
    INTERIM_RULE,
    ORDINARY,
    PAIR,
    PROJECTION,
    REGION,
    RENTS,
    ROBUSTNESS,
    THRESHOLD,
    VALUE,
    ZONES,
    verify,
    verify_file,
)
from mechlp.cli import main
from mechlp.proof.invalid import InvalidCertificate

ROOT = Path(__file__).parents[2]
#: By kind: (fields that exist, fields that are checked), and answers that fill them.
COUNTS = {
    "ordinary": (
        ORDINARY,
        (31, 23),
        (
            "optimal revenue",
            "infeasible, with what must give way",
            "unbounded",
            "undecided",
            "prices, irrational",
            "simple mechanisms",
        ),
    ),
    "identical bidders": (INTERIM_RULE, (15, 10), ("reduced form",)),
    "types in a box": (BOX, (19, 14), ("types in a box",)),
    "simple mechanisms against all": (COMPARISON, (10, 9), ("a continuum of types",)),
    "full implementation": (IMPLEMENTATION, (6, 4), ("full implementation",)),
    "least rents": (RENTS, (12, 11), ("least rents",)),
    "efficiency": (EFFICIENCY, (10, 9), ("efficient payoffs",)),
    "contours": (CONTOURS, (10, 9), ("contours",)),
    "robustness": (ROBUSTNESS, (10, 9), ("robustness",)),
    "announcements": (ANNOUNCEMENT, (14, 13), ("an announcement",)),
    "projection": (PROJECTION, (9, 8), ("frontier without end",)),
    "regions of parameters": (REGION, (9, 6), ("a region",)),
    "values over a parameter": (VALUE, (10, 7), ("a value over a parameter",)),
    "pairs of values": (PAIR, (9, 6), ("a pair of values",)),
    "thresholds": (THRESHOLD, (8, 5), ("a threshold",)),
    "a mechanism by formulas": (FIRST_ORDER, (9, 8), ("a mechanism by formulas",)),
    "zones of beliefs": (ZONES, (8, 8), ("zones",)),
}


@pytest.mark.parametrize("kind", COUNTS)
def test_fields_are_counted(kind):
    """A new field is checked or said to be reported: the count knows of it."""
    fields, (exist, checked), names = COUNTS[kind]
    lists = [fields.checked, fields.reported, fields.about]
    assert len(frozenset.union(*lists)) == sum(map(len, lists)) == exist  # none in two lists
    assert len(fields.checked) == checked
    for name in names:
        data = answer(name)
        # Notes are there where there are some.
        assert frozenset(data) | {"notes"} == frozenset.union(*lists) | {"notes"}
        assert {f for f in verify(data).reported if "." not in f} == fields.reported & frozenset(data)


#: Fields that an answer may leave empty: then it claims less.
OPTIONAL = {
    "continuum",
    "risk_neutral_control",
    "best_posted_price",
    "fewest_rules",
    "relaxations",
    "mechanism",
}


@pytest.mark.parametrize("name", [name for _, _, names in COUNTS.values() for name in names])
def test_a_checked_field_holds_nothing_else(name):
    data = answer(name)
    fields = next(fields for fields, _, names in COUNTS.values() if name in names)
    for k, field in enumerate(sorted(fields.checked - {"sha256"})):
        others = [v for v in ([], "3/7", {"a": 1}, None) if v != data[field]]
        others = [v for v in others if v not in (None, []) or field not in OPTIONAL]
        refused(data, put((field,), others[k % len(others)]))
    refused(data, put(("remark",), "certified by the authors"), "no field")
    refused(data, lambda d: d.pop(min(fields.checked - fields.later - {"format"})), "missing")


def test_answers_are_checked_against_the_file_that_is_mine(tmp_path):
    config = ROOT / "configs" / "guo-2018-example-1.4.2.yaml"
    path = tmp_path / "a.json"
    changed = {"overrides": {"B": "1"}, "ask": {"ir": "none"}}
    path.write_text(json.dumps(mechlp.read(config, **changed).design.solve().to_json()))
    assert "anybody's" in str(verify_file(path))
    assert not verify_file(path, config).accepted
    assert not verify_file(path, config, overrides=changed["overrides"]).accepted
    mine = verify_file(path, config, **changed)
    assert mine.accepted and "anybody's" not in str(mine)

    def run(*options):
        return CliRunner().invoke(main, ["verify", str(path), *options])

    mine = ("--environment", str(config))
    assert run(*mine).exit_code == 1 and run(*mine, "--set", "B=1", "--ir", "none").exit_code == 0
    assert run(*mine, "--set", "B=1", "--ir", "none", "--ic", "ex-post").exit_code == 1
    alone = run("--set", "B=1")
    assert alone.exit_code == 2 and "--environment" in alone.output
    told = json.loads(run("--json").output)
    assert told["accepted"] and "unique" in told["reported"] and "anybody's" in told["note"]


# -- what must give way -----------------------------------------------------------------------------------
def test_what_must_give_way_carries_its_two_proofs():
    data = answer("infeasible, with what must give way")
    relaxed = {r["what"]: k for k, r in enumerate(data["relaxations"])}
    assert {w: data["relaxations"][k]["amount"] for w, k in relaxed.items()} == {
        "bb": "3/4",  # the traders want 1/2 each, and the expected surplus is 1/4
        "ir": "3/8",  # half of that each
        "ic": None,  # without any money from outside
    }
    for what, k in relaxed.items():
        place = ("relaxations", k)
        for amount in {"0", "1/7", "9", "-1", None} - {data["relaxations"][k]["amount"]}:
            refused(data, put((*place, "amount"), amount))
        if data["relaxations"][k]["amount"] is not None:
            refused(data, put((*place, "rules"), []), "no mechanism")
        refused(data, put((*place, "no_less"), None), "without a proof")
        refused(data, put((*place, "what"), "bb" if what != "bb" else "ir"))
        for row in range(len(at(data, *place, "no_less", "multipliers"))):
            refused(data, lambda d, p=place, row=row: at(d, *p, "no_less", "multipliers").pop(row))
        refused(data, lambda d, p=place: at(d, *p).pop("rules"), "without its proofs")
    refused(
        data,
        put(("relaxations",), answer("optimal revenue")["relaxations"] + [{"what": "money", "amount": None}]),
        "cannot give way",
    )
    fewer = verify(forged(data, lambda d: d["relaxations"].pop()))
    assert fewer.accepted  # claims less


def test_a_mechanism_may_miss_what_gives_way_by_no_more_than_is_said():
    found = answers.KINDS["infeasible, with what must give way"]().solve()
    ways = [way for way in found.relaxations if way.amount is not None]
    assert {way.what for way in ways} == {"bb", "ir"}
    for way in ways:
        way.check(found.design)
        with pytest.raises(InvalidCertificate, match=rf"{way.what.upper()}.* violated by"):
            replace(way, amount=way.amount / 2).check(found.design)


@pytest.mark.parametrize("field", ["risk_neutral_control", "best_posted_price"])
def test_what_is_said_beside_prices_is_checked(field):
    data = answer("prices, irrational")
    held = data[field]
    if field == "best_posted_price":
        assert held[0] == "1/2"
        refused(data, put((field, 0), "0"), "best posted price")
        refused(data, put((field, 1), "1"), "best posted price")
        refused(answer("a dominated lottery"), put((field,), held), "best posted price")
    else:
        assert held["value"] == "2/9"  # as in the answer about risk-neutral traders
        refused(data, put((field, "value"), "1/4"), "control")
        refused(
            data, put((field,), {"status": "optimal", "value": "2/9", "bound": "2/9"}), "without its proof"
        )
        refused(data, put((field,), forged(data, put((field,), None))), "another problem")
        refused(answer("prices"), put((field,), answers.answer("prices")), "averse")
    assert verify(forged(data, put((field,), None))).accepted  # claims less


@pytest.mark.parametrize("given", ["", "given: {allocation: {lottery: {keep: 1}}}\n"])
def test_a_given_mechanism_concerns_only_answers_about_efficiency(given, tmp_path):
    """The best mechanism of a file is not the one that the file gives; and payoffs may be examined that no file gives."""
    path, saved = tmp_path / "a.yaml", tmp_path / "a.json"
    path.write_text(
        "agents: {buyer: [1, 2]}\noutcomes: [keep, sell]\npayoffs: {sell: {buyer: buyer}}\nbeliefs: {prior: uniform}\n"
        f"require: {{ic: bayesian, ir: interim}}\nobjective: revenue\n{given}"
    )
    saved.write_text(json.dumps(mechlp.read(path).design.solve().to_json()))
    assert verify_file(saved, path).accepted
