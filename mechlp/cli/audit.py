"""``mechlp audit``: a given mechanism, requirement by requirement."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..checking.saved import saved_rules
from ..exact.numbers import rational
from ..files import Reading
from ..files.mechanisms import read_mechanism
from ..mechanism.mechanism import Mechanism
from ..proof.revised import examined
from ..question.named import NAMED, named_mechanism
from ..report.audited import audited_page
from ..report.exported import write_csv
from ..study.audits import Audited, audited
from ..study.interim import Undecided
from .console import console, progress
from .group import undecided
from .options import Target, as_json, pairs, problem, time_option


@click.command("audit")
@problem
@click.option(
    "--mechanism",
    "given",
    multiple=True,
    metavar="NAME|FILE",
    help=f"One by name ({', '.join(NAMED)}), or a .csv or .npz table; default: the file's `given:`.  Several times: the "
    "rules that are announced (--ic ambiguous-transfers).",
)
@click.option(
    "--number",
    "numbers",
    multiple=True,
    callback=pairs,
    metavar="NAME=VALUE",
    help="A number that it takes: reserve, price, k.",
)
@click.option("--answer", type=click.Path(path_type=Path), help="The rules of this saved answer.")
@click.option("--normalise", is_flag=True, help="Divide the chances of a table by their sum at each profile.")
@click.option("--no-best", is_flag=True, help="Do not look for the best mechanism to compare with.")
@click.option("--table", type=Target(), help="Write the worst of each type as CSV.")
@click.option("--full", is_flag=True, help="Print every row of every table.")
@as_json
@time_option("Seconds in all: the audit first, then the best mechanism.")
def command(
    reading: Reading,
    given: tuple[str, ...],
    numbers: dict[str, str],
    answer: Path | None,
    normalise: bool,
    no_best: bool,
    table: Path | None,
    full: bool,
    as_json: bool,
    time_limit: float | None,
) -> int:
    """Examine a given mechanism: the largest gain from lying of each type, IR, the budget, its value, all exact.

    Exit status 0 when every requirement of the file holds, 1 when some fail.

    \b
    mechlp audit configs/myerson-auction.yaml --mechanism first-price --number reserve=1/2
    mechlp audit configs/peski-2023-a1.yaml
    mechlp audit auction.yaml --mechanism learned.npz --normalise
    """
    reading.design.check("audit")
    rules = _rules(reading, given, numbers, answer, normalise)
    try:
        with progress(as_json) as say:
            found = audited(reading.design, rules, best=not no_best, time_limit=time_limit, progress=say)
    except Undecided as error:
        return undecided(str(error), as_json)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        console().print(audited_page(found, reading.design.environment.title, full=full))
    if table is not None:
        write_csv(_rows(found), table)
        click.echo(f"Wrote {table}", err=as_json)
    return 0 if found.findings.audit.passed else 1


def _rules(
    reading: Reading, given: tuple[str, ...], numbers: dict[str, str], answer: Path | None, normalise: bool
) -> list[Mechanism]:
    environment = reading.design.environment
    if given and answer is not None:
        raise click.UsageError("give one of --mechanism and --answer")
    if numbers and not set(given) & set(NAMED):
        raise click.UsageError("--number goes with --mechanism NAME")
    if len(given) > 1 and not reading.design.ambiguous:
        raise click.UsageError(
            "--mechanism: several rules are announced with --ic ambiguous-transfers alone; audit them one by one"
        )
    if answer is not None:
        return saved_rules(answer, environment)
    if not given:
        return [examined(reading)]
    try:
        values = {k: rational(v) for k, v in numbers.items()}
    except ValueError as error:
        raise click.UsageError(f"--number: {error}") from None
    return [
        Mechanism(
            environment,
            *(
                read_mechanism(one, environment, normalise=normalise)
                if Path(one).suffix.lower() in (".csv", ".npz")
                else named_mechanism(environment, one, values)
            ),
        )
        for one in given
    ]


def _rows(found: Audited):  # type: ignore[no-untyped-def]
    """The worst of each type: requirement, amount."""
    yield ["kind", "agent", "type", "amount", "requirement"]
    body = found.findings.to_json()
    for kind, key in (("IC", "gains_from_lying"), ("IR", "ir_shortfalls")):
        for row in body[key]:
            yield [kind, row["agent"], row["type"], row["amount"], row["where"]]
