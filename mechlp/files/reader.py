"""From a problem file to a design: shape first, then meaning, every mistake reported at once."""

from __future__ import annotations

import difflib
import keyword
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pydantic

from ..environment.belief_sets import BeliefSet
from ..environment.families import InvalidFamily, marginal, mixture
from ..environment.formulas import InvalidFormula, Labels, evaluate
from ..environment.model import MAX_AGENTS, MAX_CELLS, Agent, Beliefs, Environment, InvalidEnvironment, outer
from ..exact.numbers import Rationals, rational, stack, text
from ..question.continuum import rounded
from ..question.design import Design, InvalidDesign, Objective
from ..question.prices import PriceDesign
from ..question.symmetric import SymmetricDesign
from .belief_sets import Scope, read_set
from .designer import Observations, designer_set, inlined
from .lines import MAX_BYTES, InvalidFile, Path, Problem, Tree, Wrong, parse
from .schema import AllocationSpec, DesignerSpec, File, Given, Limits, Linear, Prior, Require, SetSpec, Types
from .symmetric import is_symmetric, symmetric_design

MAX_TYPES = 100_000


@dataclass(frozen=True)
class Reading:
    """A problem that was read: the design, and the document it came from (overrides applied)."""

    design: Any  # a Design, a PriceDesign with `outcomes: prices`, or a SymmetricDesign
    document: dict[str, Any]
    path: FilePath | None = None
    description: str = ""
    source: str = ""
    #: The mechanism to be examined, where the file gives one: q of shape ``(|A|, *Theta)``, t of shape ``(n, *Theta)``.
    given: tuple[Rationals, Rationals] | None = None

    def rebuilt(self, parameters: Mapping[str, Fraction]) -> Design:
        """The same problem at other parameter values."""
        changed = {**self.document, "parameters": {k: text(v) for k, v in parameters.items()}}
        return read_document(changed).design


def read(
    path: str | FilePath, *, overrides: Mapping[str, str] | None = None, ask: Mapping[str, str] | None = None
) -> Reading:
    """Read a problem file.

    Parameters
    ----------
    overrides : parameter name -> value, as text.
    ask : replaces ``ic``, ``ir``, ``bb``, ``alpha``, ``allocation``, ``objective`` or ``secondary`` of the file.

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
    return _read(parse(content, name), name, overrides or {}, ask or {}, path)


def read_text(content: str, **options: Any) -> Reading:
    """Read a problem from YAML text (see :func:`read`)."""
    options = {"overrides": {}, "ask": {}, **options}
    return _read(parse(content, "text"), "text", options["overrides"], options["ask"], None)


def read_document(document: Mapping[str, Any]) -> Reading:
    """Read a problem from nested dicts, lists and strings, such as a certificate embeds."""
    return _read(Tree(dict(document), {}), "document", {}, {}, None)


def _read(
    tree: Tree, name: str, overrides: Mapping[str, str], ask: Mapping[str, str], path: FilePath | None
) -> Reading:
    document = _overridden(tree.data, name, overrides, ask)
    try:
        document, observations = inlined(document, None if path is None else path.parent)
    except Wrong as wrong:
        raise InvalidFile(name, [Problem(wrong.path, str(wrong), tree.line(wrong.path))]) from None
    try:
        file = File.model_validate(document)
    except pydantic.ValidationError as error:
        raise InvalidFile(name, _shape_problems(error, tree)) from None
    builder = _Builder(file, tree, observations=observations)
    design = builder.design()
    if builder.problems or design is None:
        raise InvalidFile(name, builder.problems)
    return Reading(
        replace(design, document=document), document, path, file.description, file.source, builder.given
    )


def _overridden(
    data: dict[str, Any], name: str, overrides: Mapping[str, str], ask: Mapping[str, str]
) -> dict[str, Any]:
    document = dict(data)
    if overrides:
        known = document.get("parameters")
        known = dict(known) if isinstance(known, dict) else {}
        problems = [
            Problem(("parameters",), f"--set {key}: no such parameter{_near(key, known)}")
            for key in overrides
            if key not in known
        ]
        if problems:
            raise InvalidFile(name, problems)
        document["parameters"] = {**known, **overrides}
    required = {key: value for key, value in ask.items() if key in Require.model_fields}
    if required:
        require = document.get("require")
        kept = dict(require) if isinstance(require, dict) else {}
        if "ic" in required:
            kept.pop("alpha", None)  # an attitude to the file's own notion of IC
        document["require"] = {**kept, **required}
    return {**document, **{key: value for key, value in ask.items() if key not in required}}


def _near(word: str, known: Any) -> str:
    near = difflib.get_close_matches(str(word), [str(k) for k in known], 1, 0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(map(str, known))}" if known else ""


def _shape_problems(error: pydantic.ValidationError, tree: Tree) -> Iterator[Problem]:
    for item in error.errors():
        path: Path = tuple(item["loc"])
        if path not in tree.lines and path[-1:] and path[-1] in ("named", "types", "values"):
            path = path[:-1]
        kind, found = item["type"], item.get("input")
        if kind == "extra_forbidden":
            message = f"unknown key{_near(str(path[-1]), _known_keys(path[:-1]))}"
        elif kind == "missing":
            message = "this key is missing"
        elif kind == "literal_error":
            choices = [c.strip("'") for c in item["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            hint = _near(found, choices) if isinstance(found, str) else ""
            message = f"expected {item['ctx']['expected']}, found {_brief(found)}{hint}"
        elif kind in ("dict_type", "model_type", "model_attributes_type"):
            message = f"expected keys, found {_brief(found)}"
        elif kind == "list_type":
            message = f"expected a list, found {_brief(found)}"
        elif kind == "too_short":
            message = "at least one is needed"
        else:
            message = item["msg"].removeprefix("Value error, ")
        yield Problem(path, message, tree.line(path))


def _known_keys(path: Path) -> list[str]:
    """The keys that the schema knows at a path."""
    model: Any = File
    for part in path:
        fields = {f.alias or n: f for n, f in model.model_fields.items()} if _is_model(model) else {}
        if part in fields:
            model = next((t for t in _inside(fields[part].annotation) if _is_model(t)), None)
        elif not _is_model(model):
            return []
    return [f.alias or n for n, f in model.model_fields.items() if n != "named"] if _is_model(model) else []


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _inside(part)


def _is_model(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, pydantic.BaseModel)


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value if not isinstance(value, str) or len(value) < 60 else value[:57] + "...")


@dataclass
class _Builder:
    file: File
    tree: Tree
    problems: list[Problem] = field(default_factory=list)
    parameters: dict[str, Fraction] = field(default_factory=dict)
    agents: list[Agent] = field(default_factory=list)
    groups: dict[str, list[int]] = field(default_factory=dict)
    observations: Observations | None = None
    given: tuple[Rationals, Rationals] | None = None

    # -- reporting ------------------------------------------------------------------------------
    def report(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path, message, self.tree.line(path)))

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Report what goes wrong inside under a key, and go on."""
        try:
            yield
        except Wrong as wrong:
            self.report((*path, *wrong.path), str(wrong))
        except (InvalidFormula, InvalidEnvironment, InvalidDesign, InvalidFamily, ValueError) as error:
            self.report(path, str(error))

    # -- everything -----------------------------------------------------------------------------
    def design(self) -> Design | PriceDesign | SymmetricDesign | None:
        self._read_parameters()
        if not self._assumed():
            return None
        sizes = self._sizes()
        if is_symmetric(self.file, math.prod(max(size, 1) for size in sizes) * (len(sizes) + 1)):
            return symmetric_design(self)
        self._read_agents()
        if self.file.outcomes == "prices":
            from .prices import price_design

            return price_design(self)
        if self.file.prices is not None:
            self.report(("prices",), "goes with `outcomes: prices`")
        self.outcomes = self._outcomes()
        self.shape = tuple(a.size for a in self.agents)
        if self.problems or not self._fits(self.shape, len(self.outcomes)):
            return None
        self.names = self._names()
        utility = self._utility()
        beliefs, designer, possible = self._beliefs()
        sets = self._belief_sets(beliefs)
        outside = self._per_agent("outside", self.file.outside, self._own_or_profile)
        if self.problems:
            return None
        environment = None
        with self.at():
            environment = Environment(
                tuple(self.agents),
                tuple(self.outcomes),
                tuple(utility),
                beliefs,
                tuple(outside.get(i, Rationals.of(0)) for i in range(len(self.agents))),
                designer,
                self.file.title,
                self.parameters,
                designer_set=possible,
                belief_sets=sets,
            )
        return None if environment is None else self._question(environment)

    def _read_parameters(self) -> None:
        for name, value in self.file.parameters.items():
            with self.at("parameters", name):
                if not name.isidentifier():
                    raise ValueError(f"{name!r} cannot be used in formulas: letters, digits and _ only")
                if keyword.iskeyword(name):
                    raise ValueError(f"{name!r} is a reserved word in formulas; try {name + '_'!r}")
                names = {k: Rationals.of(v) for k, v in self.parameters.items()}
                self.parameters[name] = evaluate(value, names).item()
            # What uses a wrong parameter is not wrong for that reason.
            self.parameters.setdefault(name, Fraction(1))

    def _assumed(self) -> bool:
        """Whether the file's assumptions on its parameters hold; where one does not, nothing else is worth a message."""
        names = {k: Rationals.of(v) for k, v in self.parameters.items()}
        holds = True
        for said, condition in self.file.assume.items() if not self.problems else ():
            with self.at("assume", said):
                if evaluate(condition, names).item() == 0:
                    holds = False
                    values = ", ".join(
                        f"{k} = {text(v)}"
                        for k, v in self.parameters.items()
                        if re.search(rf"\b{k}\b", condition)
                    )
                    raise ValueError(f"{condition} is assumed, and does not hold for {values}")
        return holds

    def constant(self, value: str) -> Fraction:
        """A number, or a formula of the parameters."""
        try:
            return rational(value)
        except ValueError:
            names = {k: Rationals.of(v) for k, v in self.parameters.items()}
            return evaluate(value, names).item()

    def whole(self, value: str, what: str, most: int) -> int:
        number = self.constant(value)
        if number.denominator != 1 or not 1 <= number <= most:
            shown = text(number) if len(text(number)) < 40 else "a huge number"
            raise ValueError(f"{what} must be a whole number from 1 to {most:,}, found {shown}")
        return int(number)

    # -- agents and outcomes --------------------------------------------------------------------
    def _read_agents(self) -> None:
        if not self._fits(self._sizes(), 1):
            return
        for name, spec in self.file.agents.items():
            with self.at("agents", name):
                copies = 1 if spec.copies is None else self.whole(spec.copies, "copies", MAX_AGENTS)
                types = self._types(spec.types)
                if name in self.parameters:
                    raise ValueError(f"{name!r} is both an agent and a parameter")
                names = [name] if spec.copies is None else [f"{name}{k + 1}" for k in range(copies)]
                self.groups[name] = list(range(len(self.agents), len(self.agents) + copies))
                self.agents += [Agent.of(n, types) for n in names]
        if len(self.agents) > MAX_AGENTS:
            self.report(("agents",), f"{len(self.agents)} agents; at most {MAX_AGENTS} are accepted")
        seen: dict[str, int] = {}
        for agent in self.agents:
            seen[agent.name] = seen.get(agent.name, 0) + 1
            if seen[agent.name] == 2:
                self.report(("agents",), f"two agents are named {agent.name!r}")
            if len(set(agent.types)) < agent.size:
                twice = next(t for t in agent.types if agent.types.count(t) > 1)
                self.report(("agents", agent.name), f"the type {twice!r} appears twice")

    def _types(self, types: Types) -> list[Any]:
        if types.values is not None:
            if types.start or types.to or types.count:
                raise ValueError("give either a list of types or a range, not both")
            if len(types.values) > MAX_TYPES:
                raise ValueError(f"{len(types.values):,} types; at most {MAX_TYPES:,}")
            try:
                return [self.constant(t) for t in types.values]
            except ValueError:
                return list(types.values)
        if types.start is None or types.to is None or types.count is None:
            raise ValueError("a range needs from, to and count, as in {from: 0, to: 1, count: 5}")
        count = self.whole(types.count, "count", MAX_TYPES)
        first, last = self.constant(types.start), self.constant(types.to)
        if count == 1:
            return [first]
        if first == last:
            raise ValueError(f"a range of {count} types from {text(first)} to the same number")
        return [first + (last - first) * k / (count - 1) for k in range(count)]

    def _outcomes(self) -> list[str]:
        given = self.file.outcomes
        names: list[str] = []
        with self.at("outcomes"):
            if isinstance(given, list):
                if not given or not all(isinstance(a, str) for a in given):
                    raise ValueError("expected a list of outcome names, as in [keep, trade]")
                if len(set(given)) < len(given):
                    raise ValueError(
                        f"two outcomes are named {next(a for a in given if given.count(a) > 1)!r}"
                    )
                names = list(given)
            else:
                built_in = {
                    "trade": ["no-trade", "trade"],
                    "public-good": ["not-built", "built"],
                    "single-good": ["nobody", *(a.name for a in self.agents)],
                }
                if not isinstance(given, str) or given not in built_in:
                    raise ValueError(
                        "expected a list of names, or trade, single-good, graded-good or public-good (or prices), "
                        f"found {_brief(given)}" + (_near(given, built_in) if isinstance(given, str) else "")
                    )
                names = built_in[given]
        return names

    def _sizes(self) -> list[int]:
        """How many types each agent will have, before any is made (mistakes are reported elsewhere)."""
        sizes: list[int] = []
        for spec in self.file.agents.values():
            try:
                count = 1 if spec.types.count is None else int(self.constant(spec.types.count))
                copies = 1 if spec.copies is None else min(int(self.constant(spec.copies)), MAX_AGENTS)
            except ValueError:
                continue
            sizes += [len(spec.types.values) if spec.types.values is not None else count] * copies
        return sizes

    def _fits(self, sizes: Sequence[int], outcomes: int) -> bool:
        profiles = math.prod(max(size, 1) for size in sizes)
        cells = profiles * outcomes
        if cells > MAX_CELLS:
            grid = " x ".join(str(size) if size < 10**12 else "(a huge number)" for size in sizes)
            size = (
                f"{cells:,} cells an agent ({cells * 8 / 2**30:,.1f} GiB each)"
                if cells < 10**18
                else "far too many cells"
            )
            self.report(
                ("agents",),
                f"{grid} type profiles x {outcomes} outcomes = {size}; at most {MAX_CELLS:,} are accepted: use fewer types",
            )
            return False
        return True

    def _names(self) -> dict[str, Rationals | Labels]:
        names: dict[str, Rationals | Labels] = {k: Rationals.of(v) for k, v in self.parameters.items()}
        for i, agent in enumerate(self.agents):
            along = [1] * len(self.agents)
            along[i] = agent.size
            if agent.values is not None:
                names[agent.name] = agent.values.reshape(along)
            else:
                names[agent.name] = Labels(agent.name, np.array(agent.types, dtype=object).reshape(along))
        return names

    def names_for(self, agent: int | None) -> dict[str, Rationals | Labels]:
        """The names in a formula about an agent: a group's name stands for the agent's own type."""
        if agent is None:
            return self.names
        own = {
            g: self.names[self.agents[agent].name] for g, members in self.groups.items() if agent in members
        }
        return {**self.names, **own}

    def members(self, path: Path, key: str) -> list[int]:
        """The agents that a key names: one, or all copies of a group."""
        if key in self.groups:
            return self.groups[key]
        found = [i for i, a in enumerate(self.agents) if a.name == key]
        if not found:
            known = [*self.groups, *(a.name for a in self.agents)]
            self.report((*path, key), f"no agent is named {key!r}{_near(key, dict.fromkeys(known))}")
        return found

    # -- tables ---------------------------------------------------------------------------------
    def table(self, value: Any, shape: tuple[int, ...], agent: int | None = None) -> Rationals:
        """A formula (broadcasting), or nested lists of exactly a shape, cells being constants."""
        if isinstance(value, str):
            return evaluate(value, self.names_for(agent))
        if not isinstance(value, list):
            raise Wrong((), f"expected a number, a formula or nested lists, found {_brief(value)}")
        cells: list[Fraction] = []
        self._cells(value, shape, (), cells, self.constant)
        return Rationals.from_fractions(cells, shape)

    def _cells(
        self, value: Any, shape: tuple[int, ...], path: Path, out: list[Any], read: Callable[[str], Any]
    ) -> None:
        if not shape:
            if not isinstance(value, str):
                raise Wrong(path, f"expected a single value, found {_brief(value)}")
            try:
                out.append(read(value))
            except ValueError as error:
                raise Wrong(path, str(error)) from None
            return
        if not isinstance(value, list):
            raise Wrong(path, f"expected a list of {shape[0]}, found {_brief(value)}")
        if len(value) != shape[0]:
            raise Wrong(path, f"expected {shape[0]} entries, found {len(value)}")
        for k, item in enumerate(value):
            self._cells(item, shape[1:], (*path, k), out, read)

    def _per_agent(
        self, section: str, given: Mapping[str, Any], build: Callable[[Any, int], Any], *path: str
    ) -> dict[int, Any]:
        out: dict[int, Any] = {}
        for key, value in given.items():
            for i in self.members((section, *path), key):
                with self.at(section, *path, key):
                    out[i] = build(value, i)
        return out

    def _own_or_profile(self, value: Any, agent: int) -> Rationals:
        """A formula, a list over the agent's own types, or nested lists over the grid."""
        if isinstance(value, list) and not (value and isinstance(value[0], list)):
            along = [1] * len(self.agents)
            along[agent] = self.agents[agent].size
            return self.table(value, (self.agents[agent].size,)).reshape(along)
        return self.table(value, self.shape, agent)

    def _own(self, value: Any, agent: int) -> Rationals:
        """A formula of the agent's own type, or a list over it."""
        size = self.agents[agent].size
        if isinstance(value, list):
            return self.table(value, (size,))
        array = self.table(value, self.shape, agent)
        along = [1] * len(self.agents)
        along[agent] = size
        if array.ndim and any(s > 1 and k != agent for k, s in enumerate(array.shape)):
            raise ValueError(
                f"{value!r} depends on another agent's type; only {self.agents[agent].name}'s own may appear"
            )
        return array.broadcast_to(tuple(along)).reshape(size)

    # -- utilities ------------------------------------------------------------------------------
    def _utility(self) -> list[Rationals]:
        zero = Rationals.of(0)
        parts: list[list[Rationals]] = [[zero] * len(self.outcomes) for _ in self.agents]
        with self.at("outcomes"):
            self._built_in_payoffs(parts)
        for outcome, payoffs in self.file.payoffs.items():
            if outcome not in self.outcomes:
                self.report(
                    ("payoffs", outcome), f"no outcome is named {outcome!r}{_near(outcome, self.outcomes)}"
                )
                continue
            found = self._per_agent("payoffs", payoffs, lambda v, i: self.table(v, self.shape, i), outcome)
            for i, value in found.items():
                parts[i][self.outcomes.index(outcome)] = value
        shapes = [np.broadcast_shapes((1,) * len(self.shape), *(p.shape for p in own)) for own in parts]
        return [
            stack([p.broadcast_to(shape) for p in own]).broadcast_to((len(self.outcomes), *self.shape))
            for own, shape in zip(parts, shapes, strict=True)
        ]

    def _built_in_payoffs(self, parts: list[list[Rationals]]) -> None:
        kind = self.file.outcomes
        if not isinstance(kind, str):
            if self.file.trade is not None:
                self.report(("trade",), "goes with `outcomes: trade`")
            return

        def value(i: int) -> Rationals:
            own = self.names[self.agents[i].name]
            if not isinstance(own, Rationals):
                raise ValueError(f"{kind} needs numeric types; {self.agents[i].name!r} has labels")
            return own

        if kind == "single-good":
            for i in range(len(self.agents)):
                parts[i][i + 1] = value(i)
        elif kind == "public-good":
            for i in range(len(self.agents)):
                parts[i][1] = value(i)
        else:
            if self.file.trade is None:
                raise ValueError("`outcomes: trade` needs `trade: {seller: NAME, buyer: NAME}`")
            for key, sign in ((self.file.trade.seller, -1), (self.file.trade.buyer, 1)):
                for i in self.members(("trade",), key):
                    parts[i][1] = value(i) * sign

    # -- beliefs --------------------------------------------------------------------------------
    def _beliefs(self) -> tuple[Beliefs | None, Rationals | None, BeliefSet | None]:
        spec = self.file.beliefs
        beliefs = designer = possible = None
        if spec is None:
            return None, None, None
        if spec.prior is not None and spec.per_type is not None:
            self.report(("beliefs",), "give either prior or per-type, not both")
        if spec.prior is not None:
            with self.at("beliefs", "prior"):
                beliefs = Beliefs.common(self._prior(spec.prior, "prior"))
        if spec.per_type is not None:
            given = self._per_agent("beliefs", spec.per_type, self._conditionals, "per-type")
            missing = [a.name for i, a in enumerate(self.agents) if i not in given]
            if missing and not self.problems:
                self.report(("beliefs", "per-type"), f"the beliefs of {', '.join(missing)} are missing")
            if not missing:
                beliefs = Beliefs(tuple(given[i] for i in range(len(self.agents))))
        if spec.designer is not None:
            with self.at("beliefs", "designer"):
                designer, possible = self._designer(spec.designer, None if beliefs is None else beliefs.prior)
        return beliefs, designer, possible

    def _designer(
        self, spec: DesignerSpec, prior: Rationals | None
    ) -> tuple[Rationals | None, BeliefSet | None]:
        """One prior where one is given, else the set that the keys describe."""
        single = ("table", "product", "mixture", *(("named",) if spec.named == "uniform" else ()))
        given = [k for k in single if getattr(spec, k) is not None]
        others = [k for k in spec.model_fields_set if k not in single and k != "continuum"]
        if given and not others:
            return self._prior(
                Prior.model_construct(**{k: getattr(spec, k) for k in given}), "designer"
            ), None
        if given:
            raise ValueError(f"{given[0]} is a single prior; it does not go with {', '.join(sorted(others))}")

        def array(value: Any) -> Rationals:
            return self.table(value, self.shape).broadcast_to(self.shape)

        def marginal(value: Any, agent: Agent) -> Rationals:
            return self._marginal(value, self.agents.index(agent))

        scope = Scope(self.agents, array, marginal, self.constant, prior)
        by_agent = ("mean", "variance", "quantiles", "range", "marginals")
        spec = spec.model_copy(update={key: self._by_member(getattr(spec, key)) for key in by_agent})
        places = None if self.observations is None else self.observations.places
        possible = designer_set(spec, scope, places)
        if self.tree.lines:  # a saved answer, which has no lines, brings a prior of the set with it
            from ..beliefs.sets import empty_in_words

            if why := empty_in_words(possible):
                raise ValueError(why)
        return None, possible

    def _by_member(self, value: Any) -> Any:
        """What is said of a group, said of each of its copies."""
        if not isinstance(value, dict):
            return value
        names = {group: [self.agents[i].name for i in members] for group, members in self.groups.items()}
        return {name: item for key, item in value.items() for name in names.get(key, [key])}

    def _belief_sets(self, beliefs: Beliefs | None) -> tuple[tuple[BeliefSet, ...], ...] | None:
        """What each type holds possible: one set for all types of an agent, or a list with one a type."""
        spec = self.file.beliefs
        if spec is None or spec.sets is None or self.problems:
            return None

        def build(given: list[SetSpec], agent: int) -> tuple[BeliefSet, ...]:
            size = self.agents[agent].size
            if len(given) not in (1, size):
                raise ValueError(
                    f"expected one set for all types or a list of {size}, one a type; found {len(given)}"
                )
            out = []
            for k in range(size):
                place = (k,) if len(given) > 1 else ()
                try:
                    found = read_set(given[k if len(given) > 1 else 0], self._scope(agent, k, beliefs))
                    self._check_not_empty(found)
                except Wrong as wrong:
                    raise Wrong((*place, *wrong.path), str(wrong)) from None
                out.append(found)
            return tuple(out)

        found = self._per_agent("beliefs", spec.sets, build, "sets")
        missing = [a.name for i, a in enumerate(self.agents) if i not in found]
        if missing and not self.problems:
            self.report(("beliefs", "sets"), f"the belief sets of {', '.join(missing)} are missing")
        return None if missing else tuple(found[i] for i in range(len(self.agents)))

    def _scope(self, agent: int, own: int, beliefs: Beliefs | None) -> Scope:
        """The others' types, as type ``own`` of an agent sees them."""
        rest = self.shape[:agent] + self.shape[agent + 1 :]

        def array(value: Any) -> Rationals:
            if isinstance(value, list):
                return self.table(value, rest)
            whole = self.table(value, self.shape, agent).broadcast_to(self.shape)
            return whole.moveaxis(agent, 0)[own]

        def marginal(value: Any, other: Agent) -> Rationals:
            return self._marginal(value, self.agents.index(other))

        center = None
        if beliefs is not None and beliefs.mass(agent)[own] > 0:
            center = beliefs.conditional(agent)[own].reshape(rest)
        others = [a for i, a in enumerate(self.agents) if i != agent]
        return Scope(others, array, marginal, self.constant, center)

    def _check_not_empty(self, beliefs: BeliefSet) -> None:
        if len(beliefs.vertices):
            return
        from ..beliefs.sets import empty_in_words

        raise ValueError(empty_in_words(beliefs) or "no distribution satisfies it")

    def _prior(self, spec: Prior, key: str) -> Rationals:
        given = [k for k in ("table", "product", "mixture", "named") if getattr(spec, k) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of table, product, mixture, or `uniform`")
        if spec.named is not None:
            return outer([marginal("uniform", a.size) for a in self.agents])
        if spec.mixture is not None:
            return mixture(self.constant(spec.mixture.weight), self.shape)
        if spec.table is not None:
            try:
                prior = self.table(spec.table, self.shape).broadcast_to(self.shape)
                _check_distribution(prior, "the prior")
            except Wrong as wrong:
                raise Wrong(("table", *wrong.path), str(wrong)) from None
            return prior
        marginals = self._per_agent("beliefs", spec.product or {}, self._marginal, key, "product")
        missing = [a.name for i, a in enumerate(self.agents) if i not in marginals]
        if missing:
            raise Wrong(("product",), f"the marginal of {', '.join(missing)} is missing")
        return outer([marginals[i] for i in range(len(self.agents))])

    def family(self, value: dict[str, Any], size: int) -> Rationals:
        """A named distribution over ``size`` types."""
        unknown = set(value) - {"family", "ratio", "exponent"}
        if unknown or "family" not in value:
            raise ValueError(
                "a marginal family reads {family: uniform | trapezoid | triangular | geometric | power, ratio: , exponent: }"
            )
        numbers = {k: self.constant(v) for k, v in value.items() if k != "family"}
        return marginal(value["family"], size, **numbers)

    def _marginal(self, value: Any, agent: int) -> Rationals:
        size = self.agents[agent].size
        if isinstance(value, dict):
            return self.family(value, size)
        if value in ("uniform", "trapezoid", "triangular"):
            return marginal(value, size)
        out = self._own(value, agent)
        _check_distribution(out, f"the marginal of {self.agents[agent].name}")
        return out

    def _conditionals(self, value: Any, agent: int) -> Rationals:
        """Rows of beliefs over the others' profiles, laid on the type grid."""
        own, rest = self.agents[agent], self.shape[:agent] + self.shape[agent + 1 :]
        array = self.table(value, (own.size, *rest)) if isinstance(value, list) else None
        if array is None:
            raise ValueError(f"expected {own.size} lists, one a type, over the others' types")
        for k in range(own.size):
            row = array[k] if rest else array[k : k + 1]
            # All zeros: a type of probability zero, without a belief.
            if bool(np.any(row != 0)):
                _check_distribution(row, f"the belief of type {own.types[k]}")
        return array.moveaxis(0, agent)

    # -- what is asked --------------------------------------------------------------------------
    def _question(self, environment: Environment) -> Design | None:
        file = self.file
        bayesian = environment.beliefs is not None
        ic = file.require.ic or ("bayesian" if bayesian else "ex-post")
        ir = file.require.ir or ("interim" if bayesian else "ex-post")
        allocation: Any = "chosen"
        with self.at("allocation"):
            allocation = self._allocation(environment, file.allocation)
        transfers: Any = "free"
        with self.at("transfers"):
            transfers = self._transfers()
        alpha = Fraction(1)
        with self.at("require", "alpha"):
            alpha = self.constant(file.require.alpha)
        objective = Objective()
        with self.at("objective"):
            objective = self._objective()
        if file.given is not None:
            self.given = self._given(environment, file.given)
        if self.problems:
            return None
        designer = None if file.beliefs is None else file.beliefs.designer
        between = None if designer is None else designer.continuum
        try:
            asked = Design(
                environment,
                ic,
                ir,
                file.require.bb or "none",
                allocation,
                transfers,
                objective,
                file.secondary,
                alpha,
                between == "true",
            )
            return rounded(asked) if between == "rounded" else asked
        except InvalidDesign as error:
            part = next(
                (k for k in ("allocation", "transfer", "objective") if str(error).startswith(k)), "require"
            )
            continuum = str(error).startswith("continuum")
            place = ("transfers" if part == "transfer" else part,)
            self.report(("beliefs", "designer", "continuum") if continuum else place, str(error))
            return None

    def _given(self, environment: Environment, spec: Given) -> tuple[Rationals, Rationals] | None:
        """The mechanism to be examined."""
        allocation: Any = None
        with self.at("given", "allocation"):
            if spec.allocation.named is not None:
                raise ValueError("give a table, a lottery or a rule: a mechanism to be examined is one rule")
            allocation = self._allocation(environment, spec.allocation)
            for cell in np.argwhere(
                ~np.asarray(allocation.sum(axis=0) == 1) | np.any(allocation < 0, axis=0)
            )[:1]:
                where = environment.profile_label(tuple(map(int, cell)))
                raise ValueError(
                    f"the probabilities at ({where}) are not a lottery: at least 0, and 1 in all"
                )
        found = self._per_agent(
            "given",
            spec.transfers,
            lambda v, i: self.table(v, self.shape, i).broadcast_to(self.shape),
            "transfers",
        )
        if allocation is None:
            return None
        nothing = Rationals.zeros(self.shape)
        return allocation, stack([found.get(i, nothing) for i in range(len(self.agents))])

    def _allocation(self, environment: Environment, spec: AllocationSpec) -> str | Rationals:
        given = [k for k in ("named", "table", "lottery", "rule") if getattr(spec, k) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of a name (efficient, ...), table, lottery or rule")
        if spec.named is not None:
            return str(spec.named)
        if spec.table is not None:
            return self._allocation_table(spec.table)
        entries = spec.lottery or spec.rule or {}
        parts = [Rationals.zeros(self.shape)] * len(self.outcomes)
        left = np.ones(self.shape, dtype=bool)
        for outcome, value in entries.items():
            if outcome not in self.outcomes:
                raise ValueError(f"no outcome is named {outcome!r}{_near(outcome, self.outcomes)}")
            part = self.table(value, self.shape).broadcast_to(self.shape)
            if spec.rule is not None:
                chosen = (part != 0) & left
                left &= ~chosen
                part = Rationals(chosen.astype(np.int64))
            parts[self.outcomes.index(outcome)] = part
        if spec.rule is not None and bool(left.any()):
            where = environment.profile_label(tuple(map(int, np.argwhere(left)[0])))
            raise ValueError(
                f"no condition of the rule holds at ({where}); end with an outcome whose condition is 1"
            )
        return stack(parts)

    def _allocation_table(self, value: Any) -> Rationals:
        def position(name: str) -> int:
            if name not in self.outcomes:
                raise ValueError(f"no outcome is named {name!r}{_near(name, self.outcomes)}")
            return self.outcomes.index(name)

        picked: list[int] = []
        try:
            self._cells(value, self.shape, (), picked, position)
        except Wrong as wrong:
            raise Wrong(("table", *wrong.path), str(wrong)) from None
        grid = np.array(picked).reshape(self.shape)
        return Rationals(
            (grid[None] == np.arange(len(self.outcomes)).reshape(-1, *[1] * grid.ndim)).astype(np.int64)
        )

    def _transfers(self) -> str | tuple[tuple[Fraction | None, Fraction | None], ...]:
        given = self.file.transfers
        if isinstance(given, str):
            if given not in ("free", "none"):
                raise ValueError(
                    f"expected free, none or limits, found {given!r}{_near(given, ['free', 'none'])}"
                )
            return given
        if not isinstance(given, dict) or not given:
            raise ValueError(
                "expected free, none, {limit: 5}, {lower: 0, upper: 5}, or one of these per agent"
            )
        if set(given) <= {"limit", "lower", "upper"}:
            return (self._limits(given, 0),) * len(self.agents)
        found = self._per_agent("transfers", given, self._limits)
        return tuple(found.get(i, (None, None)) for i in range(len(self.agents)))

    def _limits(self, value: Any, agent: int) -> tuple[Fraction | None, Fraction | None]:
        try:
            spec = Limits.model_validate(value)
        except pydantic.ValidationError:
            raise ValueError("limits read {limit: 5} or {lower: 0, upper: 5}") from None
        if spec.limit is not None:
            if spec.lower is not None or spec.upper is not None:
                raise ValueError("give either limit, or lower and upper")
            limit = self.constant(spec.limit)
            if limit < 0:
                raise ValueError(f"limit must not be negative, found {text(limit)}")
            return -limit, limit
        low, high = (None if v is None else self.constant(v) for v in (spec.lower, spec.upper))
        if low is not None and high is not None and low > high:
            raise ValueError(f"lower {text(low)} exceeds upper {text(high)}")
        return low, high

    def _objective(self) -> Objective:
        spec = self.file.objective
        given = [
            k for k in ("named", "weighted_interim", "maximize", "minimize") if getattr(spec, k) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of a name (revenue, ...), weighted-interim, maximize or minimize"
            )
        if spec.named == "undominated":
            raise ValueError("undominated goes with `outcomes: prices`")
        if spec.named is not None:
            return Objective(str(spec.named))
        if spec.weighted_interim is not None:
            found = self._per_agent("objective", spec.weighted_interim, self._own, "weighted-interim")
            zero = [Rationals.zeros((a.size,)) for a in self.agents]
            return Objective.weighted_interim([found.get(i, zero[i]) for i in range(len(self.agents))])
        linear = spec.maximize or spec.minimize
        assert isinstance(linear, Linear)
        side = given[0]
        allocation = transfers = None
        if linear.allocation is not None:
            parts = [Rationals.zeros(self.shape)] * len(self.outcomes)
            for outcome, value in linear.allocation.items():
                if outcome not in self.outcomes:
                    raise ValueError(f"no outcome is named {outcome!r}{_near(outcome, self.outcomes)}")
                parts[self.outcomes.index(outcome)] = self.table(value, self.shape).broadcast_to(self.shape)
            allocation = stack(parts)
        if linear.transfers is not None:
            found = self._per_agent(
                "objective",
                linear.transfers,
                lambda v, i: self.table(v, self.shape, i).broadcast_to(self.shape),
                side,
                "transfers",
            )
            transfers = [found.get(i, Rationals.zeros(self.shape)) for i in range(len(self.agents))]
        if allocation is None and transfers is None:
            raise ValueError("a linear objective needs allocation or transfers coefficients")
        return Objective.linear(
            allocation, transfers, maximize=side == "maximize", expected=linear.expected == "true"
        )


def _check_distribution(array: Rationals, what: str) -> None:
    if bool(np.any(array < 0)):
        cell = tuple(map(int, np.argwhere(array < 0)[0]))
        raise Wrong(cell, f"{what} has a negative probability {text(array[cell])}")
    total = array.sum()
    if total != 1:
        raise Wrong((), f"{what} sums to {text(total)}, expected 1")
