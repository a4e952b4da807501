"""Answers that are no answers: verify refuses them in words, and never raises."""

import copy
import json
import re

import pytest
from answers import KINDS, answer
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mechlp.checking.saved import read_saved
from mechlp.checking.verify import Verdict, verify, verify_file
from mechlp.cli import main
from mechlp.exact.saved import checksum
from mechlp.proof.invalid import InvalidCertificate

FORMATS = sorted(
    {answer(name)["format"] for name in ("optimal revenue", "prices", "frontier", "reduced form")}
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    st.sampled_from(["1/0", "-1", "1e400", "nan", "inf", "1/3", "9" * 5000, "e", "0x1", "\x00"]),
    st.lists(st.integers(-2, 2), max_size=3),
    st.lists(st.lists(st.text(max_size=2), max_size=2), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(-2, 2), max_size=2),
)
TREES = st.recursive(
    JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def judged(data, fits=True):
    """The verdict on something, its checksum made to fit; in one piece whatever it is."""
    if fits:
        data["sha256"] = checksum(data)
    verdict = verify(data)
    assert isinstance(verdict, Verdict)
    assert verdict.accepted == (not verdict.problems)
    assert len(verdict.problems) <= 1 and all(len(p) < 600 and p.isprintable() for p in verdict.problems)
    assert str(verdict).startswith("accepted" if verdict.accepted else "refused")
    return verdict


def places(node, path=()):
    """Every place below a node."""
    for key, value in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(data, path, value):
    out = copy.deepcopy(data)
    node = out
    for key in path[:-1]:
        node = node[key]
    if isinstance(node, dict) and path[-1] not in node:
        raise KeyError(path[-1])
    if value is KeyError:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return out


@pytest.mark.parametrize(("nth", "name"), list(enumerate(KINDS)), ids=KINDS)
def test_a_place_with_something_else_in_it(nth, name):
    """Each top-level field missing or of another kind, in turn over the answers; and anything anywhere, by hypothesis."""
    data = answer(name)
    others = [KeyError, None, [], {}, "", "x", -1, 10**40, True, [[]], {"": {}}]
    for k, key in enumerate(data):
        judged(replaced(data, (key,), others[(k + nth) % len(others)]), key != "sha256")

    every = list(places(data))

    @settings(max_examples=6)
    @given(st.data())
    def anywhere(draw):
        changed = data
        for _ in range(draw.draw(st.integers(1, 2))):
            path = draw.draw(st.sampled_from(every))
            value = draw.draw(st.one_of(JUNK, st.just(KeyError)))
            try:
                changed = replaced(changed, path, value)
            except (KeyError, IndexError, TypeError):  # the second place is gone
                continue
        judged(changed)

    anywhere()


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "format",
                "status",
                "certified",
                "problem",
                "value",
                "rules",
                "certificate",
                "question",
                "comparisons",
                "points",
                "edges",
                "mechanism",
                "interim_rule",
                "masses",
                "atoms",
            ]
        ),
        TREES,
        max_size=8,
    ),
    st.sampled_from([*FORMATS, "mechlp continuum comparison 1", "mechlp answer 99", None]),
)
def test_what_was_never_an_answer(data, format):
    assert not judged({**data, "format": format}).accepted


@pytest.mark.parametrize("format", [*FORMATS, "mechlp continuum comparison 1"])
def test_an_empty_answer_of_each_format(format):
    assert not judged({"format": format}).accepted
    assert not judged({"format": format, "status": "optimal"}).accepted
    assert not judged({"format": format, "problem": {}}).accepted
    assert not judged({}, fits=False).accepted


def test_a_former_form_is_named(tmp_path):
    data = {"format": "mechlp price answer 1", "status": "optimal"}
    (tmp_path / "old.json").write_text(json.dumps(data))
    for read in (verify_file, read_saved):
        with pytest.raises(InvalidCertificate, match=r"older version .* solve its problem file again"):
            read(tmp_path / "old.json")
    assert "older version" in verify(data).problems[0]


def test_reasons_are_short_whatever_the_answer_says():
    """A reason may quote a number or a name of any length, or every mistake in the problem; it stays one sentence."""
    data = answer("optimal revenue")
    long = {
        ("status",): "x" * 10**5,
        ("rules", 0, "transfers", "buyer", 0): "9" * 10**5,
        ("certificate", "multipliers", 0, "name"): "IC[" * 10**4,
        ("rules", 0, "transfers", "buyer"): [["\n\x1b[31m"]] * 3,
        ("rules", 0): "\n\n",
    }
    for path, value in long.items():
        assert not judged(replaced(data, path, value)).accepted
    many = judged(replaced(data, ("problem", "agents", "buyer"), [[0] * 9, {"a": 1}]))
    assert re.search(r"agents.* \(and \d+ more\)$", many.problems[0])


def test_memory_that_does_not_suffice_is_no_refusal(monkeypatch):
    def claims(data):
        yield "the checksum"
        raise MemoryError

    monkeypatch.setattr("mechlp.checking.verify._claims", claims)
    verdict = verify(answer("optimal revenue"))
    assert (verdict.accepted, verdict.problems, verdict.exit_status) == (False, (), 3)
    assert "too little memory" in str(verdict)


@pytest.mark.parametrize("name", ["optimal revenue", "prices", "frontier", "reduced form", "a region"])
def test_the_command_says_why_in_one_line(name, tmp_path):
    """Status 1 for an answer that does not hold, 2 for what is none; never a traceback, nor a defect of ours."""
    path, data = tmp_path / "a.json", answer(name)
    junk = ("\ud800", "\x1b[2J", "9" * 5000, 1e400, [], {"a": {}}, None, True)
    for key in list(data)[::3]:
        for value in junk[len(key) % 2 :: 2]:
            forged = {**data, key: value}
            if key != "sha256":
                forged["sha256"] = checksum(forged)
            path.write_text(json.dumps(forged))
            run = CliRunner().invoke(main, ["verify", str(path)])
            none = value in ("\ud800", 1e400)  # no text, and no number: the file is none of ours
            assert run.exit_code == (2 if none or key == "format" else int(not verify(forged).accepted)), key
            reasons = [line for line in run.output.splitlines() if re.match("error: |  problem: ", line)]
            assert len(reasons) == (run.exit_code > 0), (key, value)


def test_deep_and_long_answers():
    deep = json.loads('{"a":' * 300 + "1" + "}" * 300)
    data = answer("optimal revenue")
    for key in ("certificate", "problem", "rules", "worst_case", "continuum", "fewest_rules"):
        assert not judged({**data, key: deep}).accepted
        assert not judged({**data, key: [deep] * 50}).accepted
    case = data["certificate"]
    for _ in range(200):
        case = {"outcome": 0, "profile": [0], "rule": 0, "yes": case, "no": case}
    # not unfolded: the two sides are one object, so JSON cannot hold it; a chain is enough
    chain = data["certificate"]
    for _ in range(3000):
        chain = {"outcome": 0, "profile": [0], "rule": 0, "yes": chain, "no": None}
    verdict = verify({**data, "certificate": chain, "sha256": data["sha256"]})
    assert not verdict.accepted
