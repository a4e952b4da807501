"""Names of rows and columns that every reader of MPS and LP files takes for names, unique, and readable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from .model import Block, Family

#: Readers differ in how much of a name they keep, and one of them throws every name away when one is longer than 100.
MAX_NAME = 90
#: What some reader takes for a section, a sense, a bound or a number, alone or before ``_``.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        "maximize maximise maximum max minimize minimise minimum min subject such st to that bound bounds free nan "
        "integer integers int general generals gen binary binaries bin semi semis semicontinuous sos sos1 sos2 s1 s2 sin pwl end "
        "name rows columns rhs ranges marker objsense objsen objname endata quadobj qmatrix qsection csection indicators lazy",
    )
)
#: What the objective is called in the files.
GOALS = ("objective", "minus_objective")


def names(parts: Sequence[Block] | Sequence[Family], letter: str) -> list[str]:
    """A name for every cell, from its label.

    Of letters, digits, ``_`` and ``.`` alone, beginning with a letter that begins no number.  Labels that come out alike are
    told apart by ``__`` and their position, which no other name contains.
    """
    out = [
        _plain(part.describe(tuple(map(int, cell))), letter)
        for part in parts
        for cell in np.ndindex(*part.shape)
    ]
    hashes = np.fromiter(map(hash, out), np.int64, len(out))
    _, places, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    for k in np.flatnonzero(counts[places.ravel()] > 1):
        out[k] = f"{out[k]}__{k + 1}"
    return out


def _plain(label: str, letter: str) -> str:
    text = unicodedata.normalize("NFKD", label).replace("->", " to ")
    text = re.sub(r"(?<=\d)/(?=\d)", "over", text)
    text = re.sub(r"(?<![\w)])-(?=[\d.])", "minus", text)
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", "_", re.sub("[\u0300-\u036f]", "", text))
    text = re.sub(r"[^A-Za-z0-9.]+", "_", text).strip("_")[: MAX_NAME - 12].rstrip("_.")
    first = text.lower().partition("_")[0]
    number = text[:1].lower() in ("", "e") or not text[0].isalpha() or first.startswith("inf")
    safe = not number and first not in RESERVED and text not in GOALS
    return text if safe else f"{letter}_{text}".rstrip("_")
