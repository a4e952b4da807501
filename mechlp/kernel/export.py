"""Answers as files for Coq: data, the question in words of economics, and a theorem that the kernel decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..answer.answer import FORMAT, Answer
from ..answer.interim import InterimAnswer
from ..checking.opened import opened
from ..checking.ordinary import answer_of
from ..checking.saved import loaded
from ..exact.errors import InvalidInput
from ..files import read_document
from ..proof import interim, reduced_form, region, value
from ..proof.efficiency import Efficiency
from ..proof.invalid import InvalidCertificate
from ..proof.region import Region
from ..proof.value import ValueFunction
from ..question.design import Design
from . import ambiguous, beliefs, efficient, obedience, priors, regions, simple, symmetric, whatever
from .best import Lemmas, best, endless
from .covered import NotCovered, check
from .multipliers import cases, certificate
from .statement import Asked, Worth, environment, existence, found_one, heading
from .syntax import Numerals, definition

#: The library: definitions, checker, and the proof that it is sound.  Each file needs those before it; the first ones are
#: what every answer takes, and the last of them brings in the others.
FOUNDATION = ("Economics", "Certificates", "Sums", "Grids", "Soundness", "Bounds", "Mechanisms", "Mechlp")
LIBRARY = (
    *FOUNDATION,
    "Ambiguous",
    "Priors",
    "Maxmin",
    "Sights",
    "Certain",
    "Rays",
    "RuleRays",
    "Lies",
    "Obedience",
    "Efficient",
    "Polygons",
    "Regions",
    "Simple",
    "Symmetric",
    "Enclosed",
)
STANDALONE = ("Extract.v", "reader.ml")
LIBRARY_FILES = (*(f"{part}.v" for part in LIBRARY), *STANDALONE)
MAKEFILE = """# make: check the library and the answer with coqc, what is unchanged once.
# make standalone: build the checker that Coq extracts (needs ocamlfind and Zarith), and check the answer with it.
all: {name}.vo

%.vo: %.v
\tcoqc -R . "" $<

{needs}

checker: Extract.vo reader.ml
\tocamlfind ocamlopt -package zarith -linkpkg checker.mli checker.ml reader.ml -o checker

standalone: checker
\t./checker {name}.v

.PHONY: all standalone
.SECONDARY:
"""
#: The saved answers that have statements.
FORMATS = (FORMAT, reduced_form.FORMAT, interim.FORMAT, region.FORMAT, value.FORMAT)
Stated = Answer | InterimAnswer | Efficiency | Region | ValueFunction
#: By question about interim payoffs, what has none.
UNSTATED = {
    "projection": "the set of interim payoffs",
    "contours": "the upper contours of a mechanism",
    "robustness": "robust efficiency",
    "announcement": "what an informed agent announces",
}
SOURCES = Path(__file__).parent / "coq"


@dataclass(frozen=True)
class Exported:
    """The text of one answer after what it requires, which parts of the library it needs, and its theorem's name."""

    text: str
    library: tuple[str, ...]
    theorem: str

    @property
    def statement(self) -> str:
        """The theorem as the file states it."""
        start = self.text.index(f"Theorem {self.theorem} ")
        return self.text[start : self.text.index("\nProof.", start)]

    def file(self) -> str:
        """The whole file."""
        return header(self.library) + self.text


def identifier(path: Path) -> str:
    """A name for Coq from that of a file."""
    name = re.sub(r"\W", "_", path.name.removesuffix(".json").removesuffix(".answer"), flags=re.ASCII)
    return name if name[:1].isalpha() and f"{name}.v" not in LIBRARY_FILES else f"answer_{name}"


def header(library: Sequence[str]) -> str:
    """What a file begins with."""
    needed = [name for name in LIBRARY if name in library and name not in FOUNDATION[:-1]]
    return (
        "From Coq Require Import List QArith_base Rdefinitions.\n"
        + "".join(f"Require Import {name}.\n" for name in needed)
        + "Import ListNotations.\n"
    )


def saved_answer(path: str | Path) -> Stated:
    """A saved answer, read and not checked.

    Raises
    ------
    InvalidCertificate
        When the file is no saved answer, or does not fit its own problem.
    NotCovered
        When it is of a kind that has no statement.
    """
    data = loaded(path, "an answer that `mechlp solve` saved")
    if not isinstance(data, dict) or data.get("format") not in FORMATS:
        raise NotCovered(
            f"answers of the form {data.get('format') if isinstance(data, dict) else type(data).__name__!r}"
        )
    return from_document(data)


def from_document(data: Mapping[str, Any]) -> Stated:
    """The same of a document.  Raises InvalidCertificate, NotCovered."""
    try:
        if data["format"] != FORMAT:
            found = opened(data)
            if not isinstance(found, Stated):
                raise NotCovered(UNSTATED[data["question"]])
            return found
        design = read_document(data["problem"]).design
        if not isinstance(design, Design):
            raise InvalidCertificate("the answer is of another kind than its problem")
        check(design)
        answer: Answer = opened(data) if design.simple else answer_of(design, {"rates": None, **data})
        return answer
    except InvalidInput:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidCertificate(f"the answer does not fit its own problem ({error})") from None


def exported(answer: Stated) -> Exported:
    """The file of an answer.

    Raises
    ------
    NotCovered
    InvalidCertificate
        When the answer does not fit its own problem.
    """
    try:
        return _exported(answer)
    except InvalidInput:
        raise
    except (IndexError, KeyError, ValueError) as error:
        raise InvalidCertificate(f"the answer does not fit its own problem ({error})") from None


def _exported(answer: Stated) -> Exported:
    write = Numerals()
    if isinstance(answer, InterimAnswer):
        library, begin, body = ["Symmetric"], symmetric.heading(answer), symmetric.theorems(answer, write)
    elif isinstance(answer, Region | ValueFunction):
        library, begin, body = (
            ["Polygons", "Regions"],
            regions.heading_of(answer),
            regions.theorems(answer, write),
        )
    elif isinstance(answer, Efficiency):
        check(answer.design)
        library = ["Efficient", *(["Lies"] if answer.design.misreports is not None else [])]
        begin, body = heading(answer.design), efficient.theorems(answer, write)
    else:
        check(answer.design)
        library, begin, body = list(_library(answer)), _heading(answer), _lines(answer, write)
    text = "\n".join(body)
    theorem = text.rpartition("Print Assumptions ")[2].rstrip(".")
    lines = [*begin, "Open Scope Q_scope.\n", write.defined() + "(** The environment. *)", text, ""]
    return Exported("\n".join(lines), (*FOUNDATION, *library), theorem)


def _library(answer: Answer) -> Iterator[str]:
    """The parts of the library that an answer needs beside the first, in order."""
    design, endless = answer.design, answer.status == "unbounded"
    obeying = obedience.asked(design) is not None
    used = {
        "Ambiguous": design.ambiguous,
        "Priors": design.robust or _many_beliefs(design) or obeying,
        "Maxmin": _many_beliefs(design) or endless or obeying,
    }
    used |= {"Sights": _many_beliefs(design), "Certain": _many_beliefs(design) and design.deterministic}
    used |= {"Rays": endless, "RuleRays": endless and design.ambiguous}
    used["Enclosed"] = not design.environment.exact and not design.simple
    used["Lies"] = design.misreports is not None
    used |= {"Simple": design.simple, "Obedience": obeying}
    yield from (part for part in LIBRARY if used.get(part))


def _heading(answer: Answer) -> Iterator[str]:
    yield from simple.heading(answer) if answer.design.simple else heading(answer.design)
    yield from _beside(answer)


def _many_beliefs(design: Design) -> bool:
    return design.ic_notion is not None and design.ic_notion.needs_sets


def _beside(answer: Answer) -> Iterator[str]:
    """What the answer says besides, and the file does not."""
    if answer.design.continuum:
        yield "(** About the types of the grid.  What holds of types between them is not stated here. *)"


def _lines(answer: Answer, write: Numerals) -> Iterator[str]:
    design = answer.design
    if design.simple:
        yield from simple.theorems(answer, write)
        return
    if answer.status == "undecided" and design.wants.kind == "feasibility":
        raise NotCovered("an undecided answer with neither a mechanism nor a bound")
    yield from environment(design, write)
    yield "\n(** What is asked of a mechanism. *)"
    ir = "binds" if design.ir_binds else design.ir
    if not design.environment.exact:
        yield from whatever.asked(design, write)
        yield from whatever.theorem(answer, write)
        return
    if design.ambiguous:
        asked = Asked(design, write, "none", "none" if ir == "interim" else ir)
        yield from asked.lines("each", "same_each")
        yield from ambiguous.theorems(answer, write)
        return
    if (obeying := obedience.asked(design)) is not None:
        if design.ic == "bewley":
            yield from beliefs.sets(design, write)
            ir = "none" if ir == "interim" else ir
        yield from obedience.tables(design, write)
        asked = Asked(design, write, "none", ir)
        words, notion = obeying
        yield from asked.besides(words, f"obeys env acts {notion} M", "same_obedience")
        yield from obedience.theorem(answer, notion, write)
        return
    if _many_beliefs(design):
        attitude, interim, parts = beliefs.asked(design)
        yield from beliefs.sets(design, write)
        asked = Asked(design, write, "none", "none" if ir == "interim" else ir)
        also = ["deterministic env M"] if design.deterministic else []
        shown = " /\\ ".join([f"faces env beliefs {attitude} {interim} M", *also])
        yield from asked.besides([*parts, *also], shown, "same_beliefs")
        yield from beliefs.theorem(answer, write)
        return
    asked = Asked(design, write, design.ic, ir)
    yield from asked.lines("asks", "same", "deterministic env M" if design.deterministic else "")
    some = design.robust and answer.status not in ("infeasible", "feasible")
    yield from priors.theorems(answer, write) if some else _theorems(answer, write)


def _theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    design, proof = answer.design, answer.proof
    if proof is not None:
        if _by_cases(answer):  # Coq refuses cases where lotteries are allowed
            kind = "certificate" if answer.status == "infeasible" else "leaf_proof"
            yield f"Definition proof_by_cases : cases {kind} :=\n  {cases(design, proof, write, answer.status == 'infeasible')}."
        else:
            assert proof.multipliers is not None
            yield definition("multipliers", "certificate", certificate(design, proof.multipliers, write))
    if answer.rules:
        yield found_one(answer.rules[0], design, write)
    if answer.status in ("infeasible", "feasible"):
        yield from _some(design) if answer.status == "feasible" else _none(answer)
        return
    worth = Worth(design, write)
    if answer.status == "unbounded":
        yield from endless(worth, answer, write, of="certain_" if design.deterministic else "")
        return
    if answer.status not in ("optimal", "bracket", "undecided"):
        raise NotCovered(f"an answer that is {answer.status}")
    yield from worth.defined
    yield "\n(** The answer. *)\nOpen Scope R_scope."
    certain = Lemmas("env question", "certain_reached", "at_{}_by_cases", "proof_by_cases", "eq_refl ")
    drawn = Lemmas("env question", "reached", "at_{}", "multipliers")
    yield from best(worth, answer, write, certain if design.deterministic else drawn)


def _by_cases(answer: Answer) -> bool:
    return answer.design.deterministic or (answer.proof is not None and answer.proof.multipliers is None)


def _none(answer: Answer) -> Iterator[str]:
    by = (
        "none_by_cases env question asks same eq_refl proof_by_cases"
        if _by_cases(answer)
        else "refuted env question multipliers asks same"
    )
    yield existence(False, by)


def _some(design: Design) -> Iterator[str]:
    by = (
        "one_certain env question asks same found"
        if design.deterministic
        else "exists_such env question found asks same"
    )
    yield existence(True, by)


def together(answers: Mapping[str, Exported]) -> str:
    """Several answers in one file, a module each."""
    library = {name for one in answers.values() for name in one.library}
    parts = [
        f"Module {name}.\n{one.text}\nEnd {name}.\nClose Scope R_scope.\n" for name, one in answers.items()
    ]
    return header([name for name in LIBRARY if name in library]) + "\n".join(parts)


def write_files(one: Exported, name: str, directory: Path) -> list[Path]:
    """The library, the answer and a Makefile, in a directory.  Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    texts = {file: (SOURCES / file).read_text(encoding="utf-8") for file in LIBRARY_FILES}
    texts[f"{name}.v"] = one.file()
    needs = (f"{file}o: {' '.join(found)}" for file, text in texts.items() if (found := _needs(text)))
    texts["Makefile"] = MAKEFILE.format(needs="\n".join(needs), name=name)
    for file, text in texts.items():
        _write(directory / file, text)
    return [directory / file for file in texts]


def _needs(text: str) -> list[str]:
    """The compiled parts of the library that a file requires by name."""
    said = re.findall(r"^Require (?:Import|Export) (.*)\.$", text, flags=re.M)
    return [f"{part}.vo" for line in said for part in line.split()]


def _write(path: Path, text: str) -> None:
    """Write a file; one that says the same already keeps its time, and is not compiled again."""
    data = text.encode()
    if not (path.is_file() and path.read_bytes() == data):
        path.write_bytes(data)
