"""What a user installs: the wheel's contents, one version everywhere, and a verifier without solvers."""

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import mechlp


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a freshly built wheel (built offline, by the installed backend)."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--disable-pip-version-check",
            "--wheel-dir",
            str(out),
            str(root),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(zipfile.ZipFile(next(out.glob("*.whl"))).namelist())


def test_wheel_has_every_module_and_data_file(root: Path, wheel: set[str]) -> None:
    package = [p for p in (root / "mechlp").rglob("*") if p.suffix in (".py", ".yaml", ".typed", ".v", ".ml")]
    assert {str(p.relative_to(root)) for p in package} <= wheel
    assert "mechlp/py.typed" in wheel
    assert {"mechlp/kernel/coq/Economics.v", "mechlp/kernel/coq/Mechlp.v"} <= wheel
    assert any(n.startswith("mechlp/files/templates/") and n.endswith(".yaml") for n in wheel)


def test_wheel_has_nothing_but_the_package(wheel: set[str]) -> None:
    assert {n.split("/")[0] for n in wheel if ".dist-info/" not in n} == {"mechlp"}


def test_one_version_everywhere(root: Path, project: dict) -> None:
    version = project["version"]
    assert mechlp.__version__ == metadata.version("mechlp") == version
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == version
    assert f"## [{version}]" in (root / "CHANGELOG.md").read_text()


def test_console_script_and_module_are_the_same_program() -> None:
    script = Path(sys.executable).with_name("mechlp")
    said = [
        subprocess.run([*command, "--help"], check=True, capture_output=True, text=True).stdout
        for command in ([str(script)], [sys.executable, "-m", "mechlp"])
    ]
    assert "solve" in said[0]
    assert said[0].split() == said[1].split()


def modules_after_importing(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("module", ["mechlp", "mechlp.checking.verify"])
def test_importing_loads_no_solver(module: str) -> None:
    loaded = modules_after_importing(module)
    assert module in loaded
    assert not {"highspy", "scipy", "flint"} & loaded


def test_verifier_imports_no_compiler() -> None:
    loaded = modules_after_importing("mechlp.checking.verify")
    assert not {m for m in loaded if m.startswith("mechlp.program") or m == "mechlp.solving.compile"}


def make(target: str, *variables: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run make as if from a shell, whatever make runs these tests."""
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "PYTHON", "CONFIG", "ARGS"}
    env = {k: v for k, v in os.environ.items() if k not in outer}
    return subprocess.run(["make", target, *variables], cwd=cwd, env=env, capture_output=True, text=True)


def test_make_refuses_an_old_python_with_a_clear_message(root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python2"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 2.7.18" && exit 0\nexit 1\n')
    old.chmod(0o755)
    for name, found in ((str(old), "is Python 2.7.18"), ("no-such-python", "there is no no-such-python")):
        run = make("solve", f"PYTHON={name}", cwd=root)
        assert run.returncode != 0
        assert "mechlp needs Python >= 3.11" in run.stderr and found in run.stderr
        assert not list(root.glob(f".venv-*{Path(name).name}"))


@pytest.mark.parametrize(
    ("status", "output", "accepted"),
    [
        (0, "", True),
        (1, '{"status": "infeasible"}', True),
        (1, "", False),  # a traceback: Python's own status 1, and no answer
        (2, "", False),
        (3, '{"status": "undecided"}', False),
    ],
)
def test_make_solve_takes_a_proof_of_impossibility_for_an_answer(
    root: Path, tmp_path: Path, status: int, output: str, accepted: bool
) -> None:
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f"#!/bin/sh\necho '{output}'\nexit {status}\n")
    python.chmod(0o755)
    for name in ("pyproject.toml", "Makefile"):
        (tmp_path / name).write_text((root / name).read_text())
    for stamp in ("made", "core"):
        (venv / stamp).touch()
    assert (make("solve", cwd=tmp_path).returncode == 0) == accepted
