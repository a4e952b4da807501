"""Saved answers: accepted as they are, refused when any number is altered, by code that imports no solver."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.checking.verify import verify, verify_file
from mechlp.exact.saved import checksum

CONFIGS = Path(__file__).parents[2] / "configs"
NUMBER = re.compile(r"-?\d+(/\d+)?")


def places(node, path=()):
    """Every exact number of an answer's mechanism, proof, value and payoffs."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for key, value in enumerate(node):
            yield from places(value, (*path, key))
    elif isinstance(node, str) and NUMBER.fullmatch(node):
        yield path


def altered(data, path, sign):
    out = copy.deepcopy(data)
    node = out
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = str(
        mechlp.exact.numbers.rational(node[path[-1]]) + sign * mechlp.exact.numbers.rational("1/1000003")
    )
    return out


@pytest.mark.parametrize(
    "name", ["guo-2018-example-1.4.2", "guo-2018-example-1.5.2", "myerson-auction", "cremer-mclean-auction"]
)
def test_altered_numbers_are_refused(name):
    saved = mechlp.read(CONFIGS / f"{name}.yaml").design.solve().to_json()
    assert verify(saved).accepted
    paths = [p for p in places(saved)]
    assert len(paths) > 10
    for path in paths:
        assert not verify(altered(saved, path, 1)).accepted, path


def test_even_with_a_new_checksum_a_wrong_proof_is_refused():
    saved = mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml").design.solve().to_json()
    rows = saved["certificate"]["multipliers"]
    for k in range(len(rows)):
        forged = altered(saved, ("certificate", "multipliers", k, "multiplier"), 1)
        forged["sha256"] = checksum(forged)
        assert not verify(forged).accepted
    forged = copy.deepcopy(saved)
    forged["problem"]["parameters"]["B"] = "1"
    forged["sha256"] = checksum(forged)
    assert not verify(forged).accepted


def test_even_with_a_new_checksum_a_wrong_optimum_is_refused():
    saved = mechlp.read(CONFIGS / "myerson-auction.yaml", overrides={"m": "3"}).design.solve().to_json()
    for path in places({k: saved[k] for k in ("value", "mechanism", "interim_payoffs")}):
        forged = altered(saved, path, 1)
        forged["sha256"] = checksum(forged)
        assert not verify(forged).accepted, path
    forged = {**saved, "status": "feasible"}
    forged["sha256"] = checksum(forged)
    assert not verify(forged).accepted


def test_about_another_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(mechlp.read(CONFIGS / "guo-2018-example-1.4.2.yaml").design.solve().to_json()))
    assert verify_file(path, CONFIGS / "guo-2018-example-1.4.2.yaml").accepted
    assert not verify_file(path, CONFIGS / "guo-2018-example-1.5.1.yaml").accepted


@pytest.mark.parametrize(
    "name", ["guo-2018-example-1.4.2", "wolitzky-2015-bilateral-trade", "zhang-2021-symmetric"]
)
def test_no_solver_and_no_compiler_is_imported(tmp_path, name):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(mechlp.read(CONFIGS / f"{name}.yaml").design.solve().to_json()))
    code = (
        "import sys\n"
        "from mechlp.checking.verify import verify_file\n"
        f"assert verify_file({str(path)!r}).accepted\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('highspy', 'scipy', 'flint') or m.startswith('mechlp.program')"
        " or m in ('mechlp.solving.compile', 'mechlp.solving.solve')]\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_type_of_probability_zero_reads_back():
    agents = (Agent.of("a", ["x", "y"]), Agent.of("b", ["u", "v"]))
    weights = (Rationals.of([[1, 0], [0, 0]]), Rationals.of([[1, 0], [0, 1]]))
    utility = [[[0, 0], [0, 0]], [[1, 2], [3, 4]]]
    environment = Environment(agents, ("o", "p"), (utility, utility), Beliefs(weights))
    answer = Design(environment, bb="ex-post").solve()
    assert answer.certified
    assert verify(answer.to_json()).accepted
