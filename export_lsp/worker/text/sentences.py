"""Sentences for the user in place of torch's texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# A longer expression makes a sentence unreadable; the range of the diagnostic shows all of it.
LENGTH = 80

# Names that a sentence may begin with.
NAMES = ("ExecuTorch",)

# What is wrong, and what to do, see `Failure.finding`.
Words = tuple[str, str]


@dataclass(frozen=True)
class Sentence:
    """A row of a table: a text of torch's, and the words that replace it.

    `pattern` is searched in the failing expression and torch's text, joined by a line feed.
    `what` says what is wrong and `advice` what to do, see `Failure.finding`.  Both are format
    strings for ``str.format`` with `expression` and the pattern's named groups.
    """

    pattern: re.Pattern[str]
    what: str
    advice: str


def sentence(pattern: str, what: str, advice: str) -> Sentence:
    """Return a row for a table; in `pattern` a dot matches a line feed as well."""
    return Sentence(re.compile(pattern, re.S), what, advice)


def first_match(table: Iterable[Sentence], expression: str, text: str) -> Words | None:
    """Return the formatted words of the first row whose pattern is found; None if none is."""
    for entry in table:
        match = entry.pattern.search(f"{expression}\n{text}")
        if match is not None:
            names = {"expression": shortened(expression), **match.groupdict()}
            return entry.what.format(**names), entry.advice.format(**names)
    return None


def with_advice(what: str, advice: str) -> str:
    """Return a message: what is wrong, then the advice, a sentence or a clause, if there is one."""
    if not advice:
        return what
    if not advice[0].isupper():
        return f"{what.removesuffix('!')}; {advice}"
    return f"{what}{'' if what.endswith(('.', '!')) else '.'} {advice}"


def continued(sentence: str) -> str:
    """Return a sentence as it reads after a phrase that begins it."""
    return sentence if sentence.startswith(NAMES) else sentence[:1].lower() + sentence[1:]


def shortened(expression: str) -> str:
    """Return an expression, truncated to `LENGTH` characters."""
    return expression if len(expression) <= LENGTH else expression[: LENGTH - 1] + "…"


def article(noun: str) -> str:
    """Return "a" or "an" as the noun is spoken: "an" for `ndarray`."""
    return "an" if noun.lower().startswith((*"aeiou", "nd")) else "a"
