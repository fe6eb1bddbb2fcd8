"""Sentences for the user in place of torch's texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# A longer expression makes a sentence unreadable; the range of the diagnostic shows all of it.
LENGTH = 80


@dataclass(frozen=True)
class Sentence:
    """A row of a table: a text of torch's, and the words that replace it.

    `pattern` is searched in the failing expression and torch's text, joined by a line feed.
    `words` is a format string for ``str.format`` with `expression` and the pattern's named groups.
    """

    pattern: re.Pattern[str]
    words: str


def sentence(pattern: str, words: str) -> Sentence:
    """Return a row for a table; in `pattern` a dot matches a line feed as well."""
    return Sentence(re.compile(pattern, re.S), words)


def first_match(table: Iterable[Sentence], expression: str, text: str) -> str | None:
    """Return the formatted words of the first row whose pattern is found; None if none is."""
    for entry in table:
        match = entry.pattern.search(f"{expression}\n{text}")
        if match is not None:
            return entry.words.format(expression=shortened(expression), **match.groupdict())
    return None


def shortened(expression: str) -> str:
    """Return an expression, truncated to `LENGTH` characters."""
    return expression if len(expression) <= LENGTH else expression[: LENGTH - 1] + "…"


def article(noun: str) -> str:
    """Return "a" or "an" as the noun is spoken: "an" for `ndarray`."""
    return "an" if noun.lower().startswith((*"aeiou", "nd")) else "a"
