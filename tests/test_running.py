"""Running on a machine: full disks, interrupts, killed parents, closed pipes, numbers that no float holds."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from fractions import Fraction as F
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import SELLING

from mechlp.checking.verify import verify_file
from mechlp.cli import main
from mechlp.cli.group import INTERRUPTED, UNSAVED
from mechlp.exact.decimals import about, nearest
from mechlp.exact.numbers import rational, text
from mechlp.exact.saved import replacing, save


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def problem(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rule.yaml"
    path.write_text(SELLING)
    return path


def command(*arguments, **options):
    return subprocess.Popen([sys.executable, "-m", "mechlp", *map(str, arguments)], **options)


# -- files are whole, or what they were --------------------------------------------------------------
def little_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))


@pytest.mark.parametrize(
    ("asked", "file"),
    [
        (["solve"], "rule.answer.json"),
        (["solve", "--json"], "rule.answer.json"),
        (["map", "--over", "low=1:2:2", "--over", "high=3:4:2", "--jobs", "1"], "rule.map.jsonl"),
        (["map", "--over", "low=1:2:2", "--over", "high=3:4:2", "--no-save", "--csv", "t.csv"], None),
        (["map", "--over", "low=1:2:2", "--over", "high=3:4:2", "--no-save", "--plot", "t.svg"], "t.svg"),
        (["frontier", "--payoffs", "buyer:a", "buyer:b"], "rule.buyer_a+buyer_b.frontier.json"),
    ],
)
def test_on_a_full_disk_the_answer_is_printed_and_the_old_one_stays(problem, asked, file):
    before = "what was there" * 3
    if file:
        (problem.parent / file).write_text(before)
    name, *options = asked
    process = command(
        name,
        problem,
        *options,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=little_room,
    )
    printed, told = process.communicate(timeout=600)
    if file is None:  # a small table has room enough
        assert process.returncode == 0, told
        return
    assert process.returncode == UNSAVED, told
    assert f"{file}: File too large: what is printed stands" in told
    assert ("optimal" if "--json" in asked else "Selling to one buyer") in printed
    if "--json" in asked:
        json.loads(printed)
    assert (problem.parent / file).read_text().startswith(before)
    assert sorted(p.name for p in problem.parent.iterdir() if p.name.startswith(".")) == []


def test_a_place_that_cannot_be_written_is_refused_before_the_work(problem, tmp_path):
    for option in ("--out", "--plot"):
        for place in (tmp_path / "none" / "x.svg", tmp_path):
            result = run("frontier", problem, "--payoffs", "buyer:a", "buyer:b", option, place)
            assert result.exit_code == 2 and "Vertices" not in result.output, result.output
    assert (
        run("map", problem, "--over", "low=1:2:2", "--over", "high=3:4:2", "--csv", tmp_path).exit_code == 2
    )


def test_a_file_takes_the_place_of_another_as_a_whole(tmp_path):
    path, link = tmp_path / "answer.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with pytest.raises(ZeroDivisionError), replacing(link) as new:
        new.write_text(f"half of {1 // 0 if new.write_text('half of') else 0}")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 2
    save(link, "new")
    assert link.is_symlink() and path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o640
    save(tmp_path / "other", "fresh")
    assert len(list(tmp_path.iterdir())) == 3
    read, write = os.pipe()
    save(f"/dev/fd/{write}", "to a pipe")
    assert os.read(read, 100) == b"to a pipe"
    os.close(read), os.close(write)


def test_one_file_for_each_question(problem):
    folder = problem.parent
    for options, name in (
        ([], "rule.answer.json"),
        (["--set", "low=3/2"], "rule.low=3_2.answer.json"),
        (["--set", "low=1.5"], "rule.low=3_2.answer.json"),
        (
            ["--set", "high=5", "--ic", "ex-post", "--ir", "ex-post"],
            "rule.high=5.ic=ex-post.ir=ex-post.answer.json",
        ),
    ):
        result = run("solve", problem, *options)
        assert f"Saved to {folder / name}" in result.output.replace("\n", ""), result.output
        assert verify_file(folder / name).accepted
    assert len(list(folder.glob("*.answer.json"))) == 3
    values = {json.loads(p.read_text())["value"] for p in folder.glob("*.answer.json")}
    assert values == {"3/2", "5/2"}
    for digits in (60, 61):
        run("solve", problem, "--set", f"high=1{'0' * digits}/7", "--set", f"low=1/{'3' * 90}")
    long = sorted((p.name for p in folder.glob("*.answer.json")), key=len)[-2:]
    assert len(set(long)) == 2 and all(len(name) < 130 for name in long)
    for payoffs in (["buyer:a", "buyer:b"], ["buyer", "buyer:b"]):
        run("frontier", problem, "--payoffs", *payoffs)
    assert len(list(folder.glob("*.frontier.json"))) == 2


def test_what_nobody_reads_to_the_end_is_saved_all_the_same(problem):
    process = command("solve", problem, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.wait(timeout=600)
    assert process.returncode not in (0, 1)  # neither says anything of a mechanism
    assert verify_file(problem.with_name("rule.answer.json")).accepted


# -- interrupts ----------------------------------------------------------------------------------
INTERRUPTED_AT = """
import os, runpy, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {at!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv = ["mechlp", "solve", "rule.yaml"]
runpy.run_module("mechlp", run_name="__main__")
"""


@pytest.mark.parametrize(
    "at",
    ["mechlp.cli", "click", "mechlp.cli.solve", "numpy", "highspy", "rich.console", "mechlp.solving.solve"],
)
def test_an_interrupt_while_modules_load_has_its_own_status(problem, at):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT.format(at=at)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == INTERRUPTED, done.stderr
    assert done.stderr.strip() == "interrupted"


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.3, 0.6, 1.0])
def test_an_interrupt_never_looks_like_an_answer(problem, delay):
    """A long map; before our first line is run, Python itself ends by the signal."""
    process = command(
        "map", problem, "--over", "low=1:2:150", "--over", "high=3:4:150", "--jobs", 1,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=600)
    if process.returncode == 1:
        # Python was still on its way to us
        assert "init_import_site" in told or "Could not import runpy" in told
    else:
        assert process.returncode in (INTERRUPTED, -signal.SIGINT), told


def children(pid):
    """Processes started by one, and by those, that still run."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, parent = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found += [int(entry), *children(int(entry))]
    return found


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_workers_of_a_map_end_with_it(problem, end):
    process = command(
        "map", problem, "--over", "low=1:2:150", "--over", "high=3:4:150", "--jobs", 2,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    store, workers = problem.with_name("rule.map.jsonl"), []
    for _ in range(6000):
        time.sleep(0.1)
        workers = children(process.pid)
        if (
            len(workers) >= 3 and store.exists() and store.stat().st_size
        ):  # two, and what tracks their resources
            break
    else:
        pytest.fail("the map did not start")
    process.send_signal(end)
    assert process.wait(timeout=600) == (INTERRUPTED if end == signal.SIGINT else -end)
    for _ in range(3000):
        if not any(map(running, workers)):
            break
        time.sleep(0.1)
    assert not any(map(running, workers))
    assert "Traceback" not in process.stderr.read()
    assert len(store.read_text().splitlines()) > 0


# -- numbers beyond the range of floats -----------------------------------------------------------
def test_decimals_of_any_size():
    assert [about(F(n)) for n in (0, 13, -7)] == ["0", "13", "-7"]
    assert about(F(13, 80)) == "0.1625" and about(F(2, 3), 3) == "0.667"
    assert about(F(10) ** 400 / 3) == "3.33333e+399" and about(-(F(10) ** 400)) == "-1e+400"
    assert about(F(1, 3) / 10**400, 9) == "3.33333333e-401"
    assert nearest(F(1, 2)) == 0.5 and nearest(None) is None and nearest(F(10) ** 400) is None


@pytest.mark.parametrize("scale", ["1e399", "1e-399"])
def test_numbers_that_no_float_holds(problem, scale):
    problem.write_text(SELLING.replace("low: 1, high: 3", f"low: {scale}, high: 3*{scale}".replace("3*1", "3")))
    result = run("solve", problem, "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.output)
    assert F(data["value"]) == F(scale) * 3 / 2
    assert data["value_float"] == (None if scale == "1e399" else 0.0)
    assert verify_file(problem.with_name("rule.answer.json")).accepted
    assert "OPTIMAL" in run("solve", problem, "--no-save").output
    for name, *options in (
        ("show",),
        ("compare",),
        ("efficient", "--payoff", "buyer:a=0", "--payoff", f"buyer:b={scale}"),
        ("frontier", "--payoffs", "buyer:a", "buyer:b"),
        ("export", "--out", "rule.lp"),
        ("export", "--out", "rule.mps"),
    ):
        result = run(name, problem, *options)
        assert result.exit_code in (0, 1), result.output


def test_a_picture_of_numbers_that_no_float_holds_is_refused_after_the_answer(problem):
    result = run(
        "map", problem, "--over", "low=1e398:1e399:2", "--over", "high=3:4:2", "--plot", "m.svg", "--jobs", 1
    )
    assert result.exit_code == 2
    assert "Selling to one buyer" in result.stdout
    assert "beyond the range of floats cannot be drawn" in result.stderr
    assert not problem.with_name("m.svg").exists()


def test_a_store_of_a_map_that_is_no_text_is_no_harm(problem):
    problem.with_name("rule.map.jsonl").write_bytes(b"\xff\xfe\x00 not a line")
    assert run("map", problem, "--over", "low=1:2:2", "--over", "high=3:4:2", "--jobs", 1).exit_code == 0


@pytest.mark.parametrize("digits", [400, 3_999, 4_400, 50_000])
def test_exact_numbers_of_any_length_are_read_back(digits):
    for value in (F(-(10**digits) - 1, 3 * 7**digits), F(10**digits + 7), F(1, 10**digits)):
        assert rational(text(value)) == value
        assert about(value)
    with pytest.raises(ValueError, match="too long"):
        rational("1" * 100_001)
    with pytest.raises(ValueError, match="too long: write a fraction"):
        rational("0." + "1" * 5_000)
