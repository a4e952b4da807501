"""The library for Coq, compiled once for all tests and workers, and the checker that Coq extracts from it."""

import os
import shutil
import subprocess

import pytest
from together import once

from mechlp.kernel.check import build, compiled
from mechlp.kernel.export import SOURCES, STANDALONE


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    with once(tmp_path_factory, "coq") as (place, first):
        if first:
            build(place)
    return place


@pytest.fixture(scope="session")
def standalone(library, tmp_path_factory):
    """The checker that Coq extracts, built as the Makefile of an exported answer builds it."""
    if (
        not os.environ.get("CI")
        and subprocess.run(["ocamlfind", "query", "zarith"], capture_output=True).returncode
    ):
        pytest.skip("needs OCaml and Zarith (apt-get install ocaml-findlib libzarith-ocaml-dev)")
    with once(tmp_path_factory, "standalone") as (place, first):
        if first:
            for file in STANDALONE:
                shutil.copy(SOURCES / file, place)
            assert compiled(place / "Extract.v", library).returncode == 0
            parts = ["checker.mli", "checker.ml", "reader.ml", "-o", "checker"]
            command = ["ocamlfind", "ocamlopt", "-package", "zarith", "-linkpkg", *parts]
            subprocess.run(command, cwd=place, check=True, capture_output=True)
    files = tmp_path_factory.mktemp("answers")

    def accepts(one):
        (files / "one.v").write_text(one.file())
        run = subprocess.run([place / "checker", files / "one.v"], capture_output=True, text=True, timeout=600)
        assert run.stdout.startswith("accepted" if run.returncode == 0 else "REFUSED"), (
            run.stdout + run.stderr
        )
        return run.returncode == 0

    return accepts
