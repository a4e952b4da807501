"""Modules of version 0.1.0 that have moved: importing one fails with its new place."""

from __future__ import annotations

import sys
from typing import Any

MOVED = {
    "mechlp.design": "mechlp.question (what is asked) and mechlp.solving (what answers it)",
    "mechlp.interim_answer": "mechlp.answer.interim",
    "mechlp.mechanism.certificate": "mechlp.proof (multipliers, bound, cases)",
    "mechlp.mechanism.verify": "mechlp.checking.verify",
    "mechlp.numbers": "mechlp.exact.numbers",
    "mechlp.planar": "mechlp.exact.planar",
    "mechlp.price_answer": "mechlp.answer",
    "mechlp.study.region": "mechlp.study.maps (points) and mechlp.study.regions (exact)",
}
for _room, _names in {
    "closed_forms": "bargaining known_means robust_trade",
    "proof": "comparison continuum direction efficiency equal_beliefs fewest guarantee lump_sum projection reduced_form "
    "robustness worst_case",
}.items():
    MOVED |= {f"mechlp.mechanism.{name}": f"mechlp.{_room}.{name}" for name in _names.split()}


def hint(name: str) -> str:
    """What to say of a name that is not found."""
    return f"; it is now {MOVED[name]}" if name in MOVED else ""


class _Signpost:
    """Asked after every other finder: says where a module has gone."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname in MOVED:
            # No ModuleNotFoundError: `from mechlp import numbers` would swallow it.
            raise ImportError(f"no module is named {fullname!r}{hint(fullname)}", name=fullname)


def install() -> None:
    """Put the signpost up, once."""
    if not any(type(finder).__name__ == _Signpost.__name__ for finder in sys.meta_path):
        sys.meta_path.append(_Signpost())  # no MetaPathFinder: importlib.abc is slow to load
