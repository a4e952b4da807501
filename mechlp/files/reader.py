"""From a problem file to a design: shape first, then meaning, every mistake reported at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

from ..environment.model import Beliefs, Environment, InvalidEnvironment
from ..exact.enclosed import MOST_BITS
from ..exact.numbers import Rationals, text
from ..question.design import Design
from ..question.premises import SYNONYMS
from .actions import read_actions
from .agents import assumed, fits, read_agents, read_parameters, sizes
from .allocation import read_given
from .asked import read_question
from .beliefs import read_beliefs, read_sets
from .coalitions import Asked, read_coalitions
from .context import Context
from .definitions import check_definitions, read_definitions
from .lines import MAX_BYTES, Tree, parse
from .mistakes import InvalidFile, Problem, Wrong, near
from .observations import inlined
from .outcomes import Payoffs, read_outcomes, read_outside, read_utility
from .schema import File, Require

#: A single good whose full grid has more cells (profiles x outcomes) than this is solved by a representative.
FULL_GRID_CELLS = 200_000


@dataclass(frozen=True)
class Reading:
    """A problem that was read: the design, and the document it came from (overrides applied)."""

    design: Any  # a question of any kind
    document: dict[str, Any]
    path: FilePath | None = None
    description: str = ""
    source: str = ""
    #: The mechanism to be examined, where the file gives one: q of shape ``(|A|, *Theta)``, t of shape ``(n, *Theta)``.
    given: tuple[Rationals, Rationals] | None = None
    #: What was asked instead of what the file says, by name, in canonical numbers: ``{"B": "3", "ic": "ex-post"}``.
    changes: Mapping[str, str] = field(default_factory=dict)
    #: Which coalitions can form, and what is asked about them.
    coalitions: Asked | None = None

    def rebuilt(self, parameters: Mapping[str, Fraction]) -> Design:
        """The same problem at other parameter values."""
        changed = {**self.document, "parameters": {k: text(v) for k, v in parameters.items()}}
        return read_document(changed).design


def read(
    path: str | FilePath, *, overrides: Mapping[str, str] | None = None, ask: Mapping[str, Any] | None = None
) -> Reading:
    """Read a problem file.

    Parameters
    ----------
    overrides : parameter name -> value, as text.
    ask : replaces ``ic``, ``ir``, ``bb``, ``alpha``, ``allocation``, ``objective`` or ``secondary`` of the file, and keys
        of its section ``coalitions``.

    Raises
    ------
    InvalidFile
        With every mistake in it.
    """
    path = FilePath(path)
    name = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidFile(name, [Problem((), f"larger than {MAX_BYTES:,} bytes")])
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InvalidFile(name, [Problem((), "no such file; `mechlp new` writes a template")]) from None
    except IsADirectoryError:
        raise InvalidFile(name, [Problem((), "a folder; a YAML file is expected")]) from None
    except OSError as error:
        raise InvalidFile(name, [Problem((), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InvalidFile(name, [Problem((), "not text in UTF-8; a YAML file is expected")]) from None
    tree = parse(content, name)
    if "agents" not in tree.data and str(tree.data.get("format")).startswith("mechlp "):
        said = "a saved answer, not a problem file: `mechlp report` writes it as a page, `mechlp verify` checks it"
        raise InvalidFile(name, [Problem((), said)])
    return _read(tree, name, overrides or {}, ask or {}, path)


def read_text(content: str, **options: Any) -> Reading:
    """Read a problem from YAML text (see :func:`read`)."""
    options = {"overrides": {}, "ask": {}, **options}
    return _read(parse(content, "text"), "text", options["overrides"], options["ask"], None)


def read_document(document: Mapping[str, Any]) -> Reading:
    """Read a problem from nested dicts, lists and strings, such as a certificate embeds."""
    return _read(Tree(dict(document), {}), "document", {}, {}, None)


def _read(
    tree: Tree, name: str, overrides: Mapping[str, str], ask: Mapping[str, Any], path: FilePath | None
) -> Reading:
    document = overridden(tree.data, name, overrides, ask)
    if path is not None and document.get("title") in (None, ""):
        document = {"title": path.stem, **{k: v for k, v in document.items() if k != "title"}}
    try:
        document, observations = inlined(document, None if path is None else path.parent)
    except Wrong as wrong:
        raise InvalidFile(name, [Problem(wrong.path, str(wrong), tree.line(wrong.path))]) from None
    misshapen: list[Problem] = []
    file = File.read(document, (), lambda at, said: misshapen.append(Problem(at, said, tree.line(at))))
    if misshapen:
        raise InvalidFile(name, misshapen)
    context = Context(file, tree, observations)
    design, given = _design(context)
    coalitions = None if context.problems or design is None else _coalitions(context, design)
    if context.problems or design is None:
        raise InvalidFile(name, context.problems)
    numbers = design.environment.parameters
    changes = {
        name: text(numbers[name]) if name in numbers else value for name, value in overrides.items()
    } | {
        name: SYNONYMS.get(name, {}).get(value.lower(), value)
        for name, value in ask.items()
        if isinstance(value, str)
    }
    design = replace(design, document=document)
    return Reading(design, document, path, file.description, file.source, given, changes, coalitions)


def _design(context: Context) -> tuple[Any, tuple[Rationals, Rationals] | None]:
    """The sections in the order in which they build on one another: the design, and the mechanism to be examined."""
    file = context.file
    read_parameters(context)
    read_definitions(context)
    if not assumed(context):
        return None, None
    if file.beliefs is not None and file.beliefs.continuum is not None:
        from .box import box_design  # a question of its own kind, which few files ask

        return box_design(context), None
    kinds = sizes(context)
    cells = math.prod(max(size, 1) for size in kinds) * (len(kinds) + 1)
    if file.outcomes == "graded-good" or cells > FULL_GRID_CELLS:
        from .symmetric import symmetric_design, why_not  # a question of its own kind, which few files ask

        if file.outcomes == "graded-good" or why_not(file) is None:
            return symmetric_design(context), None
    read_agents(context)
    read_actions(context)
    if file.outcomes == "prices":
        from .prices import given_at_prices, price_design

        if file.given_mechanism is not None:
            context.report(("given",), "with `outcomes: prices` a mechanism is given under prices.mechanism")
        design = price_design(context)
        return design, None if design is None else given_at_prices(design)
    if file.outcomes == "economy":
        from .economy import read_economy

        return (None if context.problems else read_economy(context)), None
    if file.economy is not None:
        context.report(("economy",), "goes with `outcomes: economy`")
    if file.prices is not None:
        context.report(("prices",), "goes with `outcomes: prices`")
    read_outcomes(context)
    if not context.problems:
        check_definitions(context)
    if context.problems or not fits(context, context.shape, len(context.outcomes)):
        return None, None
    environment = _decided(context)
    if environment is None:
        return None, None
    design = read_question(context, environment)
    given = None if file.given_mechanism is None else read_given(context, environment, file.given_mechanism)
    return design, given


def _coalitions(context: Context, design: Any) -> Asked | None:
    if context.file.outcomes == "economy":
        return None  # all coalitions, and the conditions are the question's own
    whole = design.environment if isinstance(design.environment, Environment) else None
    return read_coalitions(context, whole)


def _decided(context: Context) -> Environment | None:
    """The environment, with payoffs known so well that it is decided which outcomes are efficient, where the file asks."""
    with context.at("precision"):
        context.bits = context.whole(context.file.precision, "precision", MOST_BITS)
    asked = str(context.file.allocation.named).startswith("efficient")
    while True:
        environment = _environment(context)
        if environment is None or environment.exact or not asked:
            return environment
        try:
            environment.efficient  # noqa: B018
            return environment
        except InvalidEnvironment as error:
            if context.bits >= MOST_BITS:
                context.report(("allocation",), str(error))
                return None
        context.bits = min(2 * context.bits, MOST_BITS)


def _environment(context: Context) -> Environment | None:
    """The environment; beside it, where ``cara`` or ``crra`` says that agents are averse to risk, the same without."""
    utility, outside = read_utility(context), read_outside(context)
    calm = None
    if context.averse and not context.problems:
        context.neutral = True
        calm = read_utility(context), read_outside(context)
        context.neutral = False
    beliefs, designer, possible = read_beliefs(context)
    sets = read_sets(context, beliefs)
    if beliefs is None and context.actions is not None and math.prod(context.shape) == 1:
        beliefs = Beliefs.common(Rationals.of(1).reshape(context.shape))  # nothing to be uncertain about
    if context.problems:
        return None

    def made(utility: Payoffs, outside: Payoffs, neutral: Environment | None = None) -> Environment:
        return Environment(
            tuple(context.agents),
            tuple(context.outcomes),
            utility.low,
            beliefs,
            outside.low,
            designer,
            context.file.title,
            context.parameters,
            designer_set=possible,
            belief_sets=sets,
            actions=context.actions,
            utility_above=utility.above,
            outside_above=outside.above,
            alike=utility.alike,
            neutral=neutral,
        )

    worth = context.per_agent("money", context.file.money or {}, context.own)
    if context.problems:
        return None
    with context.at(*(("money",) if worth else ())):
        found = made(utility, outside, None if calm is None else made(*calm))
        return found.with_money([worth.get(i, 1) for i in range(found.n)]) if worth else found
    return None


def overridden(
    data: dict[str, Any], name: str, overrides: Mapping[str, str], ask: Mapping[str, Any]
) -> dict[str, Any]:
    """The document ``name`` with other values of parameters, and asking something else.  Raises InvalidFile."""
    document = dict(data)
    if overrides:
        known = document.get("parameters")
        known = dict(known) if isinstance(known, dict) else {}
        problems = [
            Problem(("parameters",), f"--set {key}: no such parameter{near(key, known)}")
            for key in overrides
            if key not in known
        ]
        if problems:
            raise InvalidFile(name, problems)
        document["parameters"] = {**known, **overrides}
    required = {key: value for key, value in ask.items() if key in Require.keys}
    if required:
        require = document.get("require")
        kept = dict(require) if isinstance(require, dict) else {}
        if "ic" in required:
            kept.pop("alpha", None)  # an attitude to the file's own notion of IC
        document["require"] = {**kept, **required}
    if (changed := ask.get("coalitions")) is not None:
        section = document.get("coalitions")
        known = dict(section) if isinstance(section, dict) else {} if section is None else {"named": section}
        pattern = {"named", "size", "islands", "list"}
        kept = {k: v for k, v in known.items() if k not in pattern or not pattern & set(changed)}
        document["coalitions"] = {**kept, **changed}
        ask = {key: value for key, value in ask.items() if key != "coalitions"}
    return {**document, **{key: value for key, value in ask.items() if key not in required}}
