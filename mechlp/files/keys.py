"""Keys and what they take, declared once: a declaration reads a document, and describes itself as JSON schema.

Reading reports every mistake and goes on.  A general validation library does this too, at a third of the time in which a small
problem is solved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from .mistakes import Path, brief, near

Report = Callable[[Path, str], None]
Schema = dict[str, Any]


class Kind(Protocol):
    """What a key takes.  The classes of models are kinds too."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The value as the reader wants it; mistakes are reported at their path."""

    def described(self, definitions: Schema) -> Schema:
        """The JSON schema; models are added to the definitions."""


class Scalar:
    """A single value, kept as text: numbers are read exactly where they are used."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        if not isinstance(value, str):
            report(
                path,
                f"expected a single value, found {'a list' if isinstance(value, list) else brief(value)}",
            )
        return value

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        return {"type": ["string", "number", "integer"]}


class Anything:
    """What can be judged only where the type grid is known."""

    def __init__(self, *alternatives: Schema) -> None:
        self.alternatives = alternatives

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        return value

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        return {"anyOf": list(self.alternatives)} if self.alternatives else {}


class Choice:
    """One of a few words; ``also`` are other names of them."""

    def __init__(self, *words: str, also: Mapping[str, str] | None = None) -> None:
        self.words, self.also = words, also or {}

    def read(self, value: Any, path: Path, report: Report, keys: Sequence[str] = ()) -> Any:
        """See :class:`Kind`; ``keys`` could be written where the word is expected."""
        if isinstance(value, str) and value.lower() in self.also:
            return self.also[value.lower()]
        if value not in self.words:
            expected = _listed([*map(repr, self.words), *([f"keys ({', '.join(keys)})"] if keys else [])])
            hint = near(value, (*self.words, *self.also), known=False) if isinstance(value, str) else ""
            report(path, f"expected {expected}, found {brief(value)}{hint}")
        return value

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        truths = {"true": True, "false": False}
        own = {"enum": [*(truths[w] for w in self.words if w in truths), *self.words]}
        return {"anyOf": [own, {"title": "other names: ", "enum": [*self.also]}]} if self.also else own


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


class ListOf:
    """A list of one kind, of at least so many, or of a fixed length."""

    def __init__(self, kind: Kind, *, least: int = 0, exactly: int | None = None) -> None:
        self.kind, self.least, self.exactly = kind, least, exactly

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        if not isinstance(value, list):
            report(path, f"expected a list, found {brief(value)}")
            return []
        if len(value) < self.least:
            report(path, "at least one is needed")
        if self.exactly is not None and len(value) != self.exactly:
            report(path, f"expected {self.exactly} entries, found {len(value)}")
        return [self.kind.read(item, (*path, k), report) for k, item in enumerate(value)]

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.kind.described(definitions), **least}


class MapOf:
    """Names of one's own, each with a value of one kind."""

    def __init__(self, kind: Kind, *, least: int = 0) -> None:
        self.kind, self.least = kind, least

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        if not isinstance(value, Mapping):
            report(path, f"expected keys, found {brief(value)}")
            return {}
        if len(value) < self.least:
            report(path, "at least one is needed")
        return {name: self.kind.read(item, (*path, name), report) for name, item in value.items()}

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        least = {"minProperties": self.least} if self.least else {}
        return {"type": "object", "additionalProperties": self.kind.described(definitions), **least}


class Later:
    """A kind that is declared further down."""

    def __init__(self, kind: Callable[[], Kind]) -> None:
        self.kind = kind

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        return self.kind().read(value, path, report)

    def described(self, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        return self.kind().described(definitions)


class Key:
    """A key of a model: what it takes, its value when it is left out, and what it means; ``unless`` names a key without which
    it is needed."""

    def __init__(
        self, kind: Kind, default: Any, name: str | None, about: str, needed: bool, unless: str | None
    ) -> None:
        self.kind, self.default, self.name, self.about = kind, default, name or "", about
        self.needed, self.unless = needed, unless

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name


def key(
    kind: Kind,
    default: Any = None,
    *,
    name: str | None = None,
    about: str = "",
    needed: bool = False,
    unless: str | None = None,
) -> Any:
    """Declare a key: its ``name`` in files where it differs from the attribute's, and a word ``about`` it."""
    return Key(kind, default, name, about, needed, unless)


class Model:
    """Keys that belong together; unknown keys are mistakes.

    ``short`` is the key that a value stands for which is no mapping, ``shorthand`` the JSON schema of such a value.
    ``elsewhere`` says what to write instead of keys that people expect here.  ``given`` names the attributes whose keys are
    there.
    """

    keys: ClassVar[dict[str, Key]] = {}
    short: ClassVar[str | None] = None
    shorthand: ClassVar[Schema] = {}
    elsewhere: ClassVar[Mapping[str, str]] = {}
    given: frozenset[str]

    def __init_subclass__(cls) -> None:
        cls.keys = {**cls.keys, **{n: k for n, k in vars(cls).items() if isinstance(k, Key)}}

    def __init__(self, **values: Any) -> None:
        for name, known in self.keys.items():
            setattr(self, name, values.get(name, known.default))
        self.given = frozenset(values)

    def changed(self, **values: Any) -> Any:
        """The same with other values of some keys."""
        return type(self)(**{**{name: getattr(self, name) for name in self.given}, **values})

    @classmethod
    def lengthened(cls, value: Any) -> Any:
        """The long form of a shorthand.  Raises ValueError for what is none."""
        return {cls.short: value} if cls.short else value

    @classmethod
    def read(cls, value: Any, path: Path, report: Report) -> Any:
        """See :class:`Kind`."""
        short = not isinstance(value, Mapping)
        if short:
            try:
                value = cls.lengthened(value)
            except ValueError as error:
                report(path, str(error))
                return cls()
            if not isinstance(value, Mapping):
                report(path, f"expected keys, found {brief(value)}")
                return cls()
        known = {k.name: attribute for attribute, k in cls.keys.items()}
        for name in value:
            if name not in known:
                meant = cls.elsewhere.get(name)
                hint = f": write {meant}" if meant else near(name, [k for k in known if k != "named"])
                report((*path, name), f"unknown key{hint}")
        values = {}
        for attribute, k in cls.keys.items():
            place = path if short else (*path, k.name)
            if short and k.name in value and isinstance(k.kind, Choice):
                values[attribute] = k.kind.read(
                    value[k.name], place, report, [n for n in known if n != k.name]
                )
            elif k.name in value:
                values[attribute] = k.kind.read(value[k.name], place, report)
            elif k.needed and k.unless not in value:
                report(place, "this key is missing")
        return cls(**values)

    @classmethod
    def described(cls, definitions: Schema) -> Schema:
        """See :class:`Kind`."""
        if cls.__name__ not in definitions:
            definitions[cls.__name__] = {}  # known before its keys are described: it may be one of them
            definitions[cls.__name__] = cls._own_schema(definitions)
        reference = {"$ref": f"#/$defs/{cls.__name__}"}
        return {"anyOf": [cls.shorthand, reference]} if cls.shorthand else reference

    @classmethod
    def _own_schema(cls, definitions: Schema) -> Schema:
        properties = {
            k.name: {**k.kind.described(definitions), **({"description": k.about} if k.about else {})}
            for k in cls.keys.values()
        }
        conditional = [k for k in cls.keys.values() if k.unless is not None]
        either = [{"required": [k.unless]} for k in conditional[:1]] + [
            {"required": [k.name for k in conditional]}
        ]
        return {
            **({"anyOf": either} if conditional else {}),
            "type": "object",
            "description": cls.__doc__ or "",
            "properties": properties,
            "required": [k.name for k in cls.keys.values() if k.needed and k.unless is None],
            "additionalProperties": False,
        }


def json_schema(model: type[Model]) -> Schema:
    """The JSON schema of a document that is one model."""
    definitions: Schema = {}
    model.described(definitions)
    own = definitions.pop(model.__name__)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **own, "$defs": definitions}


__all__ = [
    "Anything",
    "Choice",
    "Key",
    "Kind",
    "Later",
    "ListOf",
    "MapOf",
    "Model",
    "Scalar",
    "json_schema",
    "key",
]
