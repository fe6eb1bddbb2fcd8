"""Titles of findings: what is wrong, then the code that it is about, in `LENGTH` characters.

Lists of problems truncate, so that a title has to say the most important in little room, and code
that is too long for it is shortened where a reader misses the least.  Loaded by server and worker,
so that it needs nothing but the standard library, as `protocol` does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

LENGTH = 70
# Added to the title of a problem that only strict mode has: its titles leave room for it.
STRICT_ONLY = " (strict only)"

# Code in a sentence; longer code is shortened as well.
IN_SENTENCE = 80
# Code that a title had to shorten is repeated after the explanation, up to this length.
IN_FULL = 300

# A string with less than this in it is a name or a word that a reader wants to see.
_TEXT = 12
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

    That is the shortest of the brackets and strings that suffices, ``self.head(…).mean() > 0``.  If
    none does, the longest go, and then the end; open brackets are closed.
    """
    code = one_line(code)
    while len(code) > length:
        insides = [inside for inside in _insides(code) if _saves(inside)]
        if not insides:
            return _without_end(code, length)
        excess = len(code) - length
        enough = [inside for inside in insides if _saves(inside) >= excess]
        start, end = min(enough, key=_saves) if enough else max(insides, key=_saves)
        code = f"{code[:start]}{_MORE}{code[end:]}"
    return code


def _saves(inside: tuple[int, int]) -> int:
    """Return how many characters are saved by writing "…" for a part of the code."""
    return inside[1] - inside[0] - len(_MORE)


def _insides(code: str) -> Iterator[tuple[int, int]]:
    """Yield the insides of brackets and strings, but for brackets around all of the code."""
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(code):
        text = token[0]
        if token["string"]:
            start = token.start() + len(text) - len(text.lstrip("rbfuRBFU")) + 1
            if token.end() - 1 - start >= _TEXT:
                yield start, token.end() - 1
        elif text in _BRACKETS:
            opened.append((_BRACKETS[text], token.end()))
        elif opened and text == opened[-1][0]:
            _, start = opened.pop()
            if start > 1 or token.end() < len(code):
                yield start, token.start()


def _without_end(code: str, length: int) -> str:
    """Return the code up to the last token that leaves room for "…" and closing brackets."""
    opened: list[str] = []
    best = ""
    for token in _TOKEN.finditer(code):
        text = token[0]
        if text in _BRACKETS:
            opened.append(_BRACKETS[text])
        elif opened and text == opened[-1]:
            opened.pop()
        closing = "".join(reversed(opened))
        if token.end() + len(_MORE + closing) > length:
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
