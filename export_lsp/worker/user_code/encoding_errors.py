"""Locate what makes a file undecodable in the encoding that it declares (PEP 263)."""

from __future__ import annotations

import io
import re
import tokenize

from export_lsp.protocol import Location, Position

_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def decoding_error(path: str, data: bytes) -> tuple[Location, str] | None:
    """Find the first byte of a file that its encoding does not have, or its bad declaration.

    Returns:
        The location, and a sentence without a full stop that says what is wrong and what to do;
        None if the file can be decoded.
    """
    encoding = "utf-8"
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return _of_byte(path, error, encoding)
    except SyntaxError as error:
        # `detect_encoding` reads two lines, and raises this for bytes that are not UTF-8 as well.
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as bytes_error:
            return _of_byte(path, bytes_error, encoding)
        return _of_declaration(
            path, data
        ), f"{error.msg}; declare an encoding that Python knows, or none"
    return None


def _of_byte(path: str, error: UnicodeDecodeError, encoding: str) -> tuple[Location, str]:
    before = re.split(rb"\r\n|\r|\n", error.object[: error.start])
    column = len(before[-1].decode(encoding, "replace"))
    start = Position(len(before) - 1, column)
    name = "UTF-8" if encoding.startswith("utf-8") else encoding
    message = (
        f"byte 0x{error.object[error.start]:02x} is not {name}. Save the file in that encoding, or"
        " declare the one it is in on its first line (`# coding: …`)"
    )
    return Location(path, start, Position(start.line, column + 1)), message


def _of_declaration(path: str, data: bytes) -> Location:
    for number, line in enumerate(data.split(b"\n", 2)[:2]):
        declared = _DECLARED.match(line)
        if declared is not None:
            start, end = (Position(number, declared.start(1)), Position(number, declared.end(1)))
            return Location(path, start, end)
    return Location(path, Position(0, 0), Position(0, 0))
