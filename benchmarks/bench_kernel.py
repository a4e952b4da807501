"""How long Coq and the checker that it extracts take on answers: `python benchmarks/bench_kernel.py [--rounds N] [--save FILE]`.

Seconds of CPU time of whole processes, the median of interleaved rounds: coqc on the file of an answer (loading, reading,
evaluation, `Print Assumptions`), the extracted checker on the same file, and the check of `mechlp verify` in this process.
Needs coqc, ocamlfind and Zarith.  The library is compiled before.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from problems import CONFIGS, config, random_designs
from registry import STORED

import mechlp
from mechlp.checking.verify import verify
from mechlp.kernel.check import build, version
from mechlp.kernel.covered import NotCovered
from mechlp.kernel.export import SOURCES, STANDALONE, exported, from_document

#: What is asked of coqc, in seconds.
ASKED = {
    "Myerson-Satterthwaite, 160 types": (lambda: config("myerson-satterthwaite", 160), 2.5),
    "Myerson's auction, 80 types": (lambda: config("myerson-auction", 80), 12),
    "random dense prior, 8 x 8": (lambda: random_designs("revenue", 1)[0], 5),
}
#: The extracted checker may take so many times as long as `mechlp verify`.
TIMES = 3


def cpu(command, place):
    """CPU seconds of a process that has to succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def checker(library, place):
    """The checker that Coq extracts, compiled."""
    for file in STANDALONE:
        shutil.copy(SOURCES / file, place)
    subprocess.run(["coqc", "-q", "-R", library, "", "Extract.v"], cwd=place, check=True, capture_output=True)
    parts = ["checker.mli", "checker.ml", "reader.ml", "-o", "checker"]
    subprocess.run(
        ["ocamlfind", "ocamlopt", "-package", "zarith", "-linkpkg", *parts],
        cwd=place,
        check=True,
        capture_output=True,
    )
    return place / "checker"


def answers(only):
    """Documents of answers with what is asked of coqc: the large ones, then every shipped one that has a theorem."""
    for name, (design, seconds) in ASKED.items():
        if only in name:
            yield name, design().solve().to_json(), seconds
    for path in sorted(CONFIGS.glob("*.yaml")):
        if only in path.stem:
            try:
                document = mechlp.read(path).design.solve().to_json()
                exported(from_document(document))
            except (AttributeError, NotCovered):
                continue
            yield path.stem, document, None


def measured(document, library, check, place, rounds):
    """Medians of the seconds of coqc, of the extracted checker, and of `verify`."""
    file = place / "answer.v"
    file.write_text(exported(from_document(document)).file(), encoding="utf-8")
    times = {"coqc": [], "extracted": [], "verify": []}
    for _ in range(rounds):
        times["coqc"].append(cpu(["coqc", "-q", "-R", library, "", file.name], place))
        times["extracted"].append(cpu([check, file.name], place))
        start = time.process_time()
        assert verify(document)
        times["verify"].append(time.process_time() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="answers whose name has this word")
    parser.add_argument("--save", type=Path, help=f"write the table into a stored run ({STORED.name})")
    options, _ = parser.parse_known_args()
    if shutil.which("coqc") is None or shutil.which("ocamlfind") is None:
        print("left out: coqc and ocamlfind are needed")
        return
    table = {}
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        build(place)
        check = checker(place, place)
        for name, document, seconds in answers(options.only):
            one = measured(document, place, check, place, options.rounds)
            missed = [f"asked {seconds} s"] if seconds and one["coqc"] > seconds else []
            if one["extracted"] > TIMES * one["verify"]:
                missed.append(f"extracted: asked {TIMES} times verify")
            shown = "  ".join(f"{k} {v:8.3f} s" for k, v in one.items())
            print(f"{name:48}{shown}  {'<- missed: ' + '; '.join(missed) if missed else ''}", flush=True)
            table[name] = {k: round(v, 4) for k, v in one.items()}
    if options.save:
        stored = json.loads(options.save.read_text(encoding="utf-8")) if options.save.exists() else {}
        load = f"load {os.getloadavg()[0]:.1f}"
        stored["kernel"] = {
            "when": time.strftime("%Y-%m-%d %H:%M"),
            "coq": version(),
            "machine": load,
            "seconds": table,
        }
        options.save.write_text(json.dumps(stored, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
