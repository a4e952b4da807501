"""Runs Coq on the file of an answer, and says what was checked, in how long, and what stays trusted."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..exact.errors import InvalidInput
from .export import LIBRARY, SOURCES, Exported

#: The axioms of Coq's real numbers: all that a theorem may rest on.
AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
#: By part of the library, what it rests on besides: powers of real numbers take Coq's logarithm, and that the excluded middle.
BESIDES = {"Simple": frozenset({"Classical_Prop.classic"})}
TRUSTED = (
    "trusted: the kernel of Coq, the axioms of its real numbers, and that the file's definitions say what your problem says "
    "(its data stand there with their names; docs/kernel.md)"
)


class NoCoq(InvalidInput):
    """Coq is not installed."""


@dataclass(frozen=True)
class Checked:
    """What the kernel said of one file: ``statement`` as the file has it, ``axioms`` it rests on, seconds of the library and
    of the answer; ``refusal`` is empty where the theorem is accepted."""

    theorem: str
    statement: str
    version: str
    axioms: tuple[str, ...]
    library_seconds: float
    seconds: float
    refusal: str = ""
    ended: bool = True

    @property
    def exit_status(self) -> int:
        """0 accepted, 1 refused, 3 not checked to the end."""
        return (0 if self.accepted else 1) if self.ended else 3

    @property
    def accepted(self) -> bool:
        """Whether the theorem was accepted, on no axioms but those of the reals."""
        return not self.refusal

    def __str__(self) -> str:
        if not self.ended:
            return f"not decided by the kernel of Coq {self.version}: {self.refusal}"
        if self.refusal:
            return f"REFUSED by the kernel of Coq {self.version}: {self.refusal}"
        lines = self.statement.splitlines()
        rest = f"it rests on {', '.join(a.rpartition('.')[2] for a in self.axioms) or 'no axiom'}"
        return "\n".join(
            [
                f"accepted by the kernel of Coq {self.version} in {self.seconds:.1f} s (library: {self.library_seconds:.1f} s):",
                *(f"  {line}" for line in lines),
                rest,
                TRUSTED,
            ]
        )


def allowed(one: Exported) -> frozenset[str]:
    """The axioms that a theorem may rest on."""
    return AXIOMS.union(*(BESIDES.get(part, frozenset()) for part in one.library))


def coqc() -> str:
    """Where the compiler of Coq is.  Raises NoCoq."""
    found = shutil.which("coqc")
    if found is None:
        raise NoCoq(
            "--kernel runs Coq, and there is no coqc on the PATH: install it (Debian and Ubuntu: apt-get install coq; "
            "others: opam install coq), or check elsewhere what `mechlp export ANSWER --proof coq --out DIR` writes"
        )
    return found


def version() -> str:
    """The version of Coq.  Raises NoCoq."""
    said = subprocess.run([coqc(), "--print-version"], capture_output=True, text=True, check=False).stdout
    return said.split()[0] if said else "unknown"


def compiled(file: Path, library: Path, time_limit: float | None = None) -> subprocess.CompletedProcess[str]:
    """What coqc says of a file.

    Raises
    ------
    NoCoq
    subprocess.TimeoutExpired
    """
    command = [coqc(), "-q", "-R", str(library), "", file.name]
    return subprocess.run(
        command, cwd=file.parent, capture_output=True, text=True, check=False, timeout=time_limit
    )


def build(directory: Path, names: Sequence[str] = LIBRARY) -> float:
    """Compile the library into a directory; the seconds it took.

    Raises
    ------
    NoCoq
    RuntimeError
        When Coq does not accept the library: a version that it was not written for.
    """
    start = time.perf_counter()
    for name in names:
        target = directory / f"{name}.v"
        target.write_text((SOURCES / f"{name}.v").read_text(encoding="utf-8"), encoding="utf-8")
        run = compiled(target, directory)
        if run.returncode:
            raise NoCoq(
                f"Coq {version()} does not accept the library {name}.v, written for Coq 8.16: {run.stderr.strip()[-300:]}"
            )
    return time.perf_counter() - start


def axioms(said: str) -> tuple[str, ...]:
    """The names that ``Print Assumptions`` lists."""
    return tuple(
        dict.fromkeys(re.findall(r"^([A-Za-z_][\w.']*)\s*(?::|$)", said.partition("Axioms:")[2], flags=re.M))
    )


def check(one: Exported, time_limit: float | None = None, library: Path | None = None) -> Checked:
    """What the kernel says of an answer's file; ``library`` is a directory where :func:`build` was done.

    Raises
    ------
    NoCoq
    """
    with tempfile.TemporaryDirectory(prefix="mechlp-coq-") as place:
        directory = Path(place)
        built = 0.0
        if library is None:
            library, built = directory, build(directory, one.library)
        file = directory / "answer.v"
        file.write_text(one.file(), encoding="utf-8")
        found: tuple[str, ...] = ()
        start, ended = time.perf_counter(), True
        try:
            run = compiled(file, library, time_limit)
        except subprocess.TimeoutExpired:
            why, ended = f"not finished after {time_limit} s", False
        else:
            found = axioms(run.stdout)
            why = _why(run, found, allowed(one))
        seconds = time.perf_counter() - start
    return Checked(one.theorem, one.statement, version(), found, built, seconds, why, ended)


def _why(run: subprocess.CompletedProcess[str], found: Sequence[str], known: frozenset[str]) -> str:
    if run.returncode:
        return " ".join(run.stderr.split())[:400] or "coqc failed"
    more = set(found) - known
    if more:
        return f"the theorem rests on {', '.join(sorted(more))}"
    if "Axioms:" not in run.stdout and "Closed under the global context" not in run.stdout:
        return "the file does not print what its theorem rests on"
    return ""
