"""Parses a TOML file that anyone may have written: in bounded time, with one kind of error."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from export_lsp import regular_files

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Some parts of the parser take time that grows with the square of their input.
MAX_BYTES = 2**18
MAX_KEY_PARTS = 32

_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}){{{MAX_KEY_PARTS}}}")
_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
_PLACE = re.compile(r" ?\(at [^()]*\)$")


class UnreadableError(Exception):
    """A file cannot be read; as a string, the reason.  `line` is None if it has none."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


def read(file: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file, and its content.

    Raises:
        UnreadableError: it cannot be read or parsed.
    """
    try:
        data = regular_files.read(file, MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"it is larger than {MAX_BYTES // 1024} KB", 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError("it is not UTF-8", line) from error
    return text, parsed(text)


def parsed(text: str) -> dict[str, Any]:
    """Return the content of a TOML document.

    Raises:
        UnreadableError: it cannot be parsed.
    """
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise UnreadableError(f"a key has too many parts (more than {MAX_KEY_PARTS})", line)
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # It may quote a key, which may be long and contain anything.
        reason = str(error)
        found = _LINE.search(reason)
        line = int(found[1]) if found else text.count("\n") + 1
        reason = _PLACE.sub("", reason[-1000:] if len(reason) > 1000 else reason)
        raise UnreadableError(reason[:1].lower() + reason[1:], line) from error
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply", 1) from error
    except ValueError as error:
        raise UnreadableError("a number has too many digits", 1) from error
    return content
