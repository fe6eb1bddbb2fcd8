"""Titles of findings: what is wrong, then the code that it is about, in `LENGTH` characters.

Lists of problems truncate, so that a title has to say the most important in little room, and code
that is too long for it is shortened where a reader misses the least.  Loaded by server and worker,
so that it needs nothing but the standard library, as `protocol` does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

LENGTH = 70
# Added to the title of a problem that only strict mode has: its titles leave room for it.
STRICT_ONLY = " (strict only)"

# Code in a sentence; longer code is shortened as well.
IN_SENTENCE = 80
# Code that a title had to shorten is repeated after the explanation, up to this length.
IN_FULL = 300

# So much of a string stays: it may be a name or a word that a reader wants to see.
_TEXT = 12
# The least of a name that is worth showing.
_NAME = 6
# A title's code is not shortened to less than this: the words before it are.
_LEAST = 14
_MORE = "…"
_CODE = re.compile(r"`[^`]*`")
_STRING = r"""[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_TOKEN = re.compile(rf"(?P<string>{_STRING})|\w+|\s+|[=!<>]=|[-+*/&|^]+|.")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def length_in(modes: Collection[str]) -> int:
    """Return the most characters of the title of a finding of these modes."""
    return LENGTH - len(STRICT_ONLY) if set(modes) == {"strict"} else LENGTH


def title(label: str, code: str = "", length: int = LENGTH, joint: str = ": ") -> str:
    """Return ``label: `code` `` in at most `length` characters; without code only the label.

    Args:
        label: What is wrong: a noun phrase, which may contain `code` itself.
        code: The code that it is about, of any length and on any number of lines.
        length: The most characters of the title.
        joint: The text between label and code.
    """
    code = one_line(code)
    if not code:
        return _shortened_words(label, length)
    length -= len(f"{joint}``")
    label = _shortened_words(label, length - min(_LEAST, len(code)))
    return f"{label}{joint}`{shortened(code, length - len(label))}`"


def explanation(title: str, code: str, *sentences: str) -> str:
    """Return the sentences that follow a title; the last one is the code if the title cut it.

    The arguments `title` and `code` are those of `title` and what it returned.
    """
    code = one_line(code)
    text = " ".join(sentence for sentence in sentences if sentence)
    if not code or f"`{code}`" in title or f"`{code}`" in text:
        return text
    return f"{text} In full: `{shortened(code, IN_FULL)}`.".lstrip()


def one_line(code: str) -> str:
    """Return code on one line, as it may stand between backticks."""
    return " ".join(code.split()).replace("`", "'")


def shortened(code: str, length: int = IN_SENTENCE) -> str:
    """Return code on one line in at most `length` characters, with "…" for what is left out.

    That is the inside of the shortest brackets that suffice, ``self.head(…).mean() > 0``, or else
    of the longest ones; or the end of a string.  If all of this does not suffice, it is the end of
    the code; open brackets are closed.
    """
    code = one_line(code)
    while len(code) > length:
        excess = len(code) - length
        parts = [part for part in _parts(code) if part.saves(excess)]
        if not parts:
            return _without_end(code, length)
        enough = [part for part in parts if part.saves(excess) >= excess]
        start, end = (
            min(enough, key=lambda part: part.saves(excess))
            if enough
            else max(parts, key=lambda part: part.saves(excess))
        ).left_out(excess)
        code = f"{code[:start]}{_MORE}{code[end:]}"
    return code


@dataclass(frozen=True)
class _Part:
    """A part of code that "…" may stand for: the inside of brackets, or the end of a string."""

    start: int
    end: int
    is_string: bool

    def left_out(self, excess: int) -> tuple[int, int]:
        """Return the range to leave out if the code is `excess` characters too long."""
        if not self.is_string:
            return self.start, self.end
        return max(self.start + _TEXT, self.end - excess - len(_MORE)), self.end

    def saves(self, excess: int) -> int:
        """Return how many characters that saves; 0 or less if the part is short enough."""
        start, end = self.left_out(excess)
        return max(end - start - len(_MORE), 0)


def _parts(code: str) -> Iterator[_Part]:
    """Yield the parts of code that can be left out, but for brackets around all of it."""
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(code):
        text = token[0]
        if token["string"]:
            prefix = len(text) - len(text.lstrip("rbfuRBFU"))
            yield _Part(token.start() + prefix + 1, token.end() - 1, True)
        elif text in _BRACKETS:
            opened.append((_BRACKETS[text], token.end()))
        elif opened and text == opened[-1][0]:
            _, start = opened.pop()
            if start > 1 or token.end() < len(code):
                yield _Part(start, token.start(), False)


def _without_end(code: str, length: int) -> str:
    """Return the beginning of code with "…" and closing brackets; a long name may be cut."""
    opened: list[str] = []
    best = ""
    for token in _TOKEN.finditer(code):
        text = token[0]
        if text in _BRACKETS:
            opened.append(_BRACKETS[text])
        elif opened and text == opened[-1]:
            opened.pop()
        closing = "".join(reversed(opened))
        room = length - len(_MORE + closing)
        if token.end() > room:
            if room - token.start() >= _NAME and text.isidentifier():
                best = f"{code[:room]}{_MORE}{closing}"
            break
        best = f"{code[: token.end()]}{_MORE}{closing}"
    return best or code[: length - len(_MORE)] + _MORE


def _shortened_words(words: str, length: int) -> str:
    """Return words with `code` in them in at most `length` characters: first the code is cut."""
    while len(words) > length:
        spans = [span for span in _CODE.finditer(words) if len(span[0]) > _LEAST]
        if not spans:
            return _first_words(words, length)
        longest = max(spans, key=lambda span: len(span[0]))
        room = max(_LEAST, len(longest[0]) - (len(words) - length)) - len("``")
        code = shortened(longest[0][1:-1], room)
        words = f"{words[: longest.start()]}`{code}`{words[longest.end() :]}"
    return words


def _first_words(words: str, length: int) -> str:
    """Return the first words, of an even number of backticks, with "…"."""
    kept = words[: length - len(_MORE)].rpartition(" ")[0] or words[: length - len(_MORE)]
    if kept.count("`") % 2:
        kept = kept.rpartition("`")[0]
    return kept.rstrip(" ,;:") + _MORE
