"""Names and numbers in LaTeX: plain ASCII comes out, whatever goes in, so that any TeX compiles it."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

#: What text mode does not print as it stands.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$\mid$",
    "*": r"$\ast$",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}
WORDS = {"->": r"$\to$", "<=": r"$\le$", ">=": r"$\ge$", "**": r"\textasciicircum{}"}
ACCENTS = {
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0304": r"\=",
    "\u0306": r"\u",
    "\u0307": r"\.",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030b": r"\H",
    "\u030c": r"\v",
    "\u0323": r"\d",
    "\u0327": r"\c",
    "\u0328": r"\k",
    "\u0331": r"\b",
}
LETTERS = {
    "\u00df": r"\ss{}", "\u00e6": r"\ae{}", "\u00c6": r"\AE{}", "\u0153": r"\oe{}", "\u0152": r"\OE{}", "\u00f8": r"\o{}",
    "\u00d8": r"\O{}", "\u0142": r"\l{}", "\u0141": r"\L{}", "\u0131": r"\i{}", "\u2013": "--", "\u2014": "---", "\u2018": "`",
    "\u2019": "'", "\u201c": "``", "\u201d": "''", "\u00a0": "~", "\u2264": r"$\le$", "\u2265": r"$\ge$", "\u2192": r"$\to$",
    "\u00d7": r"$\times$", "\u2026": r"\dots{}", "\u2022": r"$\bullet$", "\u00b1": r"$\pm$", "\u221e": r"$\infty$",
}  # fmt: skip


def in_text(said: str) -> str:
    """A line as LaTeX's text mode prints it."""
    out, k = [], 0
    while k < len(said):
        if word := WORDS.get(said[k : k + 2]):
            out.append(word)
            k += 2
            continue
        out.append(_letter(said[k]))
        k += 1
    return "".join(out)


def _letter(sign: str) -> str:
    if sign in SPECIAL or sign in LETTERS:
        return SPECIAL.get(sign) or LETTERS[sign]
    if sign.isascii():
        return sign if sign.isprintable() else " "
    first, *marks = list(unicodedata.normalize("NFD", sign))
    if marks and all(mark in ACCENTS for mark in marks):
        said = _letter(first)
        for mark in marks:
            said = f"{ACCENTS[mark]}{{{said}}}"
        return said
    name = unicodedata.name(sign, "").split()
    if name[:1] == ["GREEK"] and name[2:3] == ["LETTER"] and name[3].lower() != "omicron":
        letter = name[3].lower().replace("lamda", "lambda")
        upper = name[1] == "CAPITAL" and letter in _UPPER
        return rf"$\{letter.capitalize() if upper else letter}$"
    return f"[U+{ord(sign):04X}]"


_UPPER = {"gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"}


def in_math(said: str) -> str:
    """The same for an upright name in mathematics, spaces kept: ``IC[a: 1 \\to 2]``."""
    out = in_text(said)
    for word in (r"$\to$", r"$\le$", r"$\ge$", r"$<$", r"$>$", r"$\mid$", r"$\ast$"):
        out = out.replace(word, f"{word[1:-1]} " if word[1] == "\\" else word[1:-1])
    return (
        out.replace("  ", " ").replace(r"\ ", " ").replace(" ", r"\ ")
        if _plain(out)
        else rf"\text{{{in_text(said)}}}"
    )


def _plain(out: str) -> bool:
    """Whether mathematics prints it: no accents and no words of text mode alone."""
    return not any(word in out for word in (r"\text", "$", *(f"{a}{{" for a in ACCENTS.values())))


def fraction(value: Fraction) -> str:
    r"""``-\tfrac{1}{2}``"""
    if value.denominator == 1:
        return str(value.numerator)
    return rf"{'-' if value < 0 else ''}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"
