"""``mechlp rents``: what maxmin types must be left, against the surplus."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from ..files import Reading
from ..report.rents import rents_page
from ..solving.outer import joint_bound
from .group import undecided
from .options import as_json, problem, saved, time_option
from .saving import answer_file, beside, check_writable, deliver, show


@click.command("rents")
@problem
@as_json
@saved(".rents.json")
@time_option("Seconds for the bound.")
def command(
    reading: Reading, as_json: bool, out: Path | None, no_save: bool, time_limit: float | None
) -> int:
    """The least that maxmin types must be left, against the surplus: a condition that every mechanism meets.

    The finite form of Theorem 1 of Wolitzky (2015), for any number of agents and joint beliefs. Exit status 1 when it fails: no
    mechanism exists. Where it holds, `mechlp solve` decides.

    mechlp rents configs/wolitzky-2015-public-good.yaml --set mean=3/4
    """
    reading.design.check("rents")
    check_writable(out, "--out")
    found = joint_bound(reading.design, time_limit=time_limit)
    if found is None:
        return undecided("the bound was not found in time", as_json)
    kept = functools.cache(found.to_json)
    target = None if no_save else out or beside(reading, ".rents.json")
    deliver(show(kept, lambda: rents_page(found), as_json), answer_file(target, kept), quiet=as_json)
    return 1 if found.impossible else 0
