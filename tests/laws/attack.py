"""The attack on certificates: each number of an answer altered, one at a time, with a checksum that fits.

    python tests/laws/attack.py --answers 100 --seed 0
    python tests/laws/attack.py --answers 40:60 --seed 0    the 41st to the 60th of the same hundred: a run in parts

An altered answer must be refused; or verify lists the field as reported and not checked; or the altered answer is true all
the same, which is shown by solving the altered problem anew.
"""

import argparse
import copy
import os
import random
import re
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction as F
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[k]) for k in (0, 1, 2)]

import answers  # noqa: E402

from mechlp.answer.bargaining import Zones  # noqa: E402
from mechlp.answer.by_formulas import ByFormulas  # noqa: E402
from mechlp.checking.verify import verify  # noqa: E402
from mechlp.closed_forms.bargaining import Bargaining  # noqa: E402
from mechlp.exact.saved import checksum  # noqa: E402
from mechlp.files import read_document, read_symmetric  # noqa: E402
from mechlp.files.coalitions import implementation  # noqa: E402
from mechlp.proof.projection import Payoff  # noqa: E402
from mechlp.question.interim import settled  # noqa: E402
from mechlp.solving.outer import joint_bound  # noqa: E402
from mechlp.study.bargaining import examined_at  # noqa: E402
from mechlp.study.interim import announced, contours, efficiency, projection, revised  # noqa: E402
from mechlp.study.regions import region  # noqa: E402
from mechlp.study.thresholds import threshold  # noqa: E402
from mechlp.study.values import value_function  # noqa: E402

NUMBER = re.compile(r"-?\d+(/\d+)?")
#: Names beside which numbers mean nothing: the checksum is made anew.
SKIPPED = ("sha256",)


def places(node, path=()):
    """Every number (and yes or no) below a node."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if not path and key in SKIPPED:
            continue
        if isinstance(value, (bool, int, float)) or (isinstance(value, str) and NUMBER.fullmatch(value)):
            yield (*path, key)
        yield from places(value, (*path, key))


def altered(value, rng):
    """Another number of the same kind, near or far."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice([-1, 1])
    if isinstance(value, float):
        return value + rng.choice([-1.0, 1e-6, 1.0])
    by = rng.choice([F(1, 1000003), F(-1, 1000003), F(1), F(-1), -2 * F(value) or F(1, 7)])
    return str(F(value) + by)


def attacked(name, data, seed, most=None):
    """(counts, forgeries): what became of each alteration of one answer."""
    rng, counts, forgeries = random.Random(f"{seed} {name}"), Counter(), []
    every = list(places(data))
    rng.shuffle(every)
    for path in islice(every, most):
        forged = copy.deepcopy(data)
        node = forged
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = altered(node[path[-1]], rng)
        forged["sha256"] = checksum(forged)
        verdict = verify(forged)
        fate = "refused"
        if verdict.accepted:
            fate = "reported, not checked" if declared(verdict, path) else "true all the same"
            why = "" if fate != "true all the same" else false(forged)
            if why:
                fate = "forgery"
                forgeries.append(
                    f"{name}: {'.'.join(map(str, path))} -> {node[path[-1]]!r} was accepted: {why}"
                )
        counts[fate] += 1
    return counts, forgeries


def declared(verdict, path):
    """Whether verify itself says that a field is reported and not checked."""
    return any(path[: len(field)] == field for field in (tuple(f.split(".")) for f in verdict.reported))


# -- solving anew ---------------------------------------------------------------------------------------
def false(data):
    """Why what an answer claims about its own problem is not shown to be so; empty where it is."""
    try:
        return "" if true(data) else "its problem has another answer"
    except Exception as error:  # one that no other process could read would end them all
        return f"its problem has none: {error}"


def along(data):
    """The problem of an answer over parameters, and their ranges; what a parameter is elsewhere does not matter."""
    over, problem = {name: tuple(ends) for name, ends in data["over"].items()}, data["problem"]
    inside = {**problem["parameters"], **{name: ends[0] for name, ends in over.items()}}
    return read_document({**problem, "parameters": inside}), over


def true(data):
    """Whether what an answer claims about its own problem is so."""
    kind = data["format"]
    if kind == "mechlp interim payoffs 1":
        return _true_payoffs(data)
    if (
        kind == "mechlp continuum comparison 1"
    ):  # ends that claim less are true; the rest is how they are proved
        return _claims_no_more(data, answers.answer("a continuum of types"))
    if kind == "mechlp interim rule 1":
        found = read_symmetric(data["problem"]).solve().to_json()
        return _meet(data, found)
    if kind == "mechlp value 1":
        problem, over = along(data)
        return value_function(problem, over=over).to_json()["value"] == data["value"]
    if kind == "mechlp value 2":
        problem, over = along(data)
        of = {"bb": "subsidy", "ic": "slack", "ir": "ir-slack"}.get(data.get("gives"), "objective")
        found = value_function(problem, over=over, of=of).to_json()
        told = lambda d: [(spot["at"], spot["status"], spot["value"]) for spot in d["spots"]]  # noqa: E731
        return data["status"] == found["status"] and told(data) == told(found)
    if kind == "mechlp value 3":  # its ranges are those of the values compared
        problem, over = along({**data, "over": data["values"][0]["over"]})
        found = value_function(problem, over=over, of=data["of"]).to_json()
        return (data["status"], data["stages"]) == (found["status"], found["stages"])
    if kind == "mechlp implementation 1":
        found = implementation(read_document(data["problem"])).solve().to_json()
        told = lambda d: [(one["check"], one["verdict"]) for one in d["findings"]]  # noqa: E731
        return data["status"] == found["status"] and told(data) == told(found)
    if kind == "mechlp least rents 1":  # the excess is a lower bound: a smaller one is true
        found = joint_bound(read_document(data["problem"]).design).to_json()
        same = all(data[name] == found[name] for name in ("status", "rents", "shortfall"))
        return same and (data["excess"] is None or F(data["excess"]) <= F(found["excess"]))
    if kind == "mechlp first order 1":
        found = ByFormulas.of(data["problem"]).to_json()
        return all(data[name] == found[name] for name in ("status", "mass", "distribution"))
    if kind == "mechlp bargaining 1":
        at, name, x = data["at"], data["mechanism"], data["x"]
        beliefs = {p: "1/2" if at is None else at[p] for p in ("p1", "p2")}
        own = Bargaining(**data["values"], **beliefs)
        found = Zones(own, name, F(x), at and examined_at(own, name, x)).to_json()
        verdicts = lambda d: d["at"] and (  # noqa: E731
            d["at"]["weakly_efficient"],
            d["at"]["strongly_efficient"],
            *(d["at"]["robustly_efficient"][k] for k in ("passed", "proved", "gap")),
        )
        return data["zones"] == found["zones"] and verdicts(data) == verdicts(found)
    if kind == "mechlp threshold 1":
        problem, over = along(data)
        same = threshold(problem, over=over).to_json()
        return [line["verdicts"] for line in same["lines"]] == [line["verdicts"] for line in data["lines"]]
    if kind == "mechlp region 1":
        problem, over = along(data)
        return region(problem, over=over, pieces=4).to_json()["status"] == data["status"]
    found = read_document(data["problem"]).design.solve().to_json()
    if kind in ("mechlp price answer 1", "mechlp box 1"):
        return data["status"] == found["status"] and _meet(data, found)
    return _true(data, found)


def _claims_no_more(data, found):
    """Whether the ends of a comparison lie around those that were proved."""
    low, high = ([F(data[name][k]) - F(found[name][k]) for name in ("simple", "general")] for k in (0, 1))
    same = all(data[key] == found[key] for key in ("status", "power"))
    return same and max(low) <= 0 <= min(high)


def _true(data, found):
    if data["status"] == "undecided":
        return _meet(data, found)
    if (data["status"], data["value"]) != (found["status"], found["value"]):
        return False
    if (data["continuum"] is None) != (found["continuum"] is None):
        return False
    if data["continuum"] is not None and not _true(data["continuum"], found["continuum"]):
        return False
    if data.get("rates") and _rates(data) != _rates(
        answers.with_rates(read_document(data["problem"]).design).to_json()
    ):
        return False
    one, other = data["fewest_rules"], found["fewest_rules"]
    return (one is None) == (other is None) and (
        one is None or (one["at_least"] <= other["at_most"] and other["at_least"] <= one["at_most"])
    )


def _rates(data):
    """What moves gain and cost, of the requirements of both sides that were examined."""
    return {
        (one["requirement"], side): one[side][called]
        for one in data["rates"]["examined"]
        for side, called in (("relaxing", "gains"), ("tightening", "costs"))
        if one[side] is not None
    }


def _meet(one, other):
    """Whether two brackets have a number in common."""
    if one["value"] is None or one["bound"] is None or other["value"] is None:
        return one["value"] == other["value"]
    ends = [sorted((F(a["value"]), F(a["bound"] or a["value"]))) for a in (one, other)]
    return max(ends[0][0], ends[1][0]) <= min(ends[0][1], ends[1][1])


def _true_payoffs(data):
    design = settled(read_document(data["problem"]).design)
    if data["question"] == "projection":
        axes = tuple(Payoff.named(design.environment, name) for name in data["payoffs"])
        return projection(design, axes).to_json()["vertices"] == data["vertices"]
    names = [a.name for a in design.environment.agents]
    if data["question"] == "contours":
        found = contours(
            read_document(data["problem"]),
            [data["reached"]["targets"][name][0] for name in names],
            [f"{one['agent']}:{one['belief']}" for one in data["beliefs"]],
            discount=F(data["beliefs"][0]["times"]),
        ).to_json()
        return all(found[k] == data[k] for k in ("payoffs", "reachable", "beliefs", "contours"))
    if data["question"] == "announcement":
        found = announced(
            read_document(data["problem"]),
            [data["payoffs"][name] for name in names],
            [f"{one['agent']}:{name}={value}" for one in data["beliefs"] for name, value in one["at"].items()],
        ).to_json()
        return all(found[k] == data[k] for k in ("announcements", "revealed", "above", "member"))
    if data["question"] == "robustness":
        found = revised(
            read_document(data["problem"]),
            [f"{one['agent']}:{name}={value}" for one in data["beliefs"] for name, value in one["at"].items()],
            {one["agent"]: F(one["times"]) for one in data["beliefs"]},
        ).to_json()
        return all(found[k] == data[k] for k in ("passed", "proved", "gap"))
    found = efficiency(design, [data["examined"][a.name] for a in design.environment.agents]).to_json()
    keys = ("reachable", "weakly_efficient", "strongly_efficient")
    return all(found[k] == data[k] for k in keys)


# -- all of them ----------------------------------------------------------------------------------------
def one(asked):
    """What became of the alterations of one answer, by its name or number."""
    name, seed, most = asked
    if isinstance(name, int):
        ((name, data),) = answers.random_answers(1, name)
    else:
        data = answers.answer(name)
    return attacked(name, data, seed, most)


def chosen(count, seed):
    """Names of so many answers: one of each kind, then random ones."""
    names = [*answers.KINDS][:count]
    return [*names, *range(seed, seed + count - len(names))]


def together(attacks):
    """(fates, forgeries) of many answers."""
    total, forgeries = Counter(), []
    for counts, found in attacks:
        total.update(counts)
        forgeries += found
    return total, forgeries


def run(names, seed, most, workers):
    """The same of answers by name, on several processes; a line for each as it comes."""
    asked = [(name, seed, most) for name in names]
    attacks = []
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for name, (counts, forgeries) in zip(names, pool.map(one, asked), strict=True):
            attacks.append((counts, forgeries))
            print(f"  {name}: {in_words(counts)}", *forgeries, sep="\n", flush=True)
    return together(attacks)


def in_words(counts):
    """What became of how many."""
    return ", ".join(f"{counts[k]:,} {k}" for k in sorted(counts))


def share(text):
    """How many answers (``100``), or which of the hundred (``40:60``): the first, and the one after the last."""
    first, colon, last = text.partition(":")
    ends = (int(first), int(last)) if colon else (0, int(first))
    if not 0 <= ends[0] < ends[1]:
        raise ValueError(text)
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=share, default=(0, 100), metavar="COUNT|FROM:TO")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, help="numbers altered of each answer (default: every one)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    start = time.perf_counter()
    first, last = asked.answers
    names = chosen(max(last, 100), asked.seed)[first:last]
    total, forgeries = run(names, asked.seed, asked.most, asked.workers)
    spent, altered = time.perf_counter() - start, sum(total.values())
    print(
        f"seed {asked.seed}, answers {first} to {last}, {altered:,} numbers altered, {spent:.0f} s: {in_words(total)}"
    )
    print(*forgeries, sep="\n")
    return int(bool(forgeries) or not total["refused"])


if __name__ == "__main__":
    sys.exit(main())
