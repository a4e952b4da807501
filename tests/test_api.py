"""What a script finds at the top of the package, and what it is told of places of the past."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

import mechlp
from mechlp.moved import MOVED


def test_every_name_is_there_and_typed(root):
    assert set(mechlp.__all__) == {*mechlp.HOMES, "__version__"}
    for name, home in mechlp.HOMES.items():
        module, _, there = home.partition(":")
        assert getattr(mechlp, name) is getattr(import_module(f"mechlp.{module}"), there or name)
        assert name in dir(mechlp)
    # Type checkers read the imports under TYPE_CHECKING: they are the same.
    tree = ast.parse((root / "mechlp" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname or alias.name: node.module + (f":{alias.name}" if alias.asname else "")
        for node in block.body
        for alias in node.names
    }
    assert typed == mechlp.HOMES
    assert {p.name for p in (root / "mechlp").iterdir() if (p / "__init__.py").exists()} - {"cli"} == set(
        mechlp.ROOMS
    )


def test_a_script_needs_no_deep_import():
    """Trade between two with two types each: the audit accepts what was found, the verifier what was saved."""
    environment = mechlp.Environment(
        agents=[mechlp.Agent.of("seller", [0, 2]), mechlp.Agent.of("buyer", [1, 3])],
        outcomes=["no", "trade"],
        utility=[[[[0, 0], [0, 0]], [[0, 0], [-2, -2]]], [[[0, 0], [0, 0]], [[1, 3], [1, 3]]]],
        beliefs=[["1/4", "1/4"], ["1/4", "1/4"]],
    )
    question = mechlp.Design(environment, bb="ex-post", objective=mechlp.Objective.surplus())
    answer = mechlp.solve(question, time_limit=600)
    assert answer.status == "optimal"
    assert mechlp.audit(answer.mechanism, question).passed
    assert mechlp.verify(answer.to_json()).accepted
    assert mechlp.Rationals.of("1/3").item() * 3 == 1
    assert mechlp.BeliefSet.everything((2,)).vertices.shape == (2, 2)
    assert mechlp.examine(environment).holds("BDP") is False


@pytest.mark.parametrize("name", MOVED)
def test_a_module_that_moved_says_where_it_is(name):
    with pytest.raises(ImportError) as told:
        import_module(name)
    assert MOVED[name] in str(told.value)
    if " " not in MOVED[name]:
        assert find_spec(MOVED[name]) is not None
    parent, _, last = name.rpartition(".")
    with pytest.raises(ImportError, match=MOVED[name].split(" ")[0]):
        exec(f"from {parent} import {last}")


def test_names_that_never_were():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mechlp.nothing  # noqa: B018
    with pytest.raises(ModuleNotFoundError):
        import_module("mechlp.nothing")
    from mechlp.answer import Answer  # as in version 0.1.0

    assert Answer is mechlp.Answer


def test_the_package_itself_loads_nothing_heavy():
    said = "import sys, mechlp; print([m for m in ('numpy', 'scipy', 'yaml', 'rich', 'highspy', 'flint') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
