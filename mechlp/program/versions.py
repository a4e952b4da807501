"""Versions of what has a part in an answer."""

from __future__ import annotations

import sys

import highspy
import numpy as np

from ..version import __version__

#: Libraries that are loaded where they are needed, by the name of their distribution.
OTHERS = {"python-flint": "flint", "scipy": "scipy"}


def versions() -> dict[str, str]:
    """Of mechlp and the libraries that are loaded, as they say themselves (the metadata of packages are slow to find)."""
    highs = (highspy.HIGHS_VERSION_MAJOR, highspy.HIGHS_VERSION_MINOR, highspy.HIGHS_VERSION_PATCH)
    return {
        "mechlp": __version__,
        "numpy": np.__version__,
        "highspy": ".".join(map(str, highs)),
        **{name: sys.modules[module].__version__ for name, module in OTHERS.items() if module in sys.modules},
    }
