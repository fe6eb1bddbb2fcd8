"""The bytes of an edited file: those of lines that do not change stay as they are.

Some encodings write one text in several ways (cp932, utf-7), so that decoding and encoding a whole
file may change any of its bytes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from export_lsp.source import Source

_MARK = "utf-8-sig"


class CannotEncodeError(Exception):
    """The bytes of a file cannot be written; the text is a clause that says why."""


def edited_bytes(source: Source, data: bytes, text: str) -> bytes:
    """Return the bytes of a file with another text.

    Args:
        source: The file as it was decoded.
        data: Its bytes.
        text: The new text.

    Raises:
        CannotEncodeError: the encoding has no bytes for the new text, or other bytes than those of
            the edits might change.
    """
    new_lines = lines_of(text)
    try:
        old_lines = [_decoded(line, at, source) for at, line in enumerate(_lines_in(data))]
        if "".join(old_lines) != source.text:
            raise CannotEncodeError(f"its lines depend on each other in {source.encoding}")
        result = _merged(_lines_in(data), old_lines, new_lines, source)
        if Source.of(source.path, result).text != text:
            raise CannotEncodeError("its encoding would be another one with the fix")
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        reason = f"its encoding, {source.encoding}, has no {character!a}, which the fix needs"
        raise CannotEncodeError(reason) from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CannotEncodeError("its encoding would be another one with the fix") from error
    return result


def _merged(data: Sequence[bytes], old: Sequence[str], new: Sequence[str], source: Source) -> bytes:
    """Return the lines of the data, with those that differ in `new` encoded."""
    parts: list[bytes] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag == "equal":
            parts += data[first:last]
            continue
        for at in range(first, last):
            if _encoded(old[at], at, source) != data[at]:
                raise CannotEncodeError(
                    f"line {at + 1}, which the fix changes, has characters that {source.encoding}"
                    " writes in several ways"
                )
        parts += [_encoded(new[at], at, source) for at in range(new_first, new_last)]
    return b"".join(parts)


def _decoded(line: bytes, number: int, source: Source) -> str:
    return line.decode(_codec(number, source))


def _encoded(line: str, number: int, source: Source) -> bytes:
    return line.encode(_codec(number, source))


def _codec(number: int, source: Source) -> str:
    """The codec of a line: only the first one has a byte order mark."""
    return "utf-8" if number and source.encoding == _MARK else source.encoding


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their line ends; only a line feed ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _lines_in(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", data)
