"""The location of the first byte that a file's encoding does not allow."""

from __future__ import annotations

import pytest

from export_lsp.protocol import Position
from export_lsp.worker.user_code.encoding_errors import decoding_error


@pytest.mark.parametrize(
    ("data", "start", "words"),
    [
        (b"x = 1\r\ny = 'caf\xe9'\n", Position(1, 8), "byte 0xe9 is not UTF-8"),
        (b"1\n2\n3\n\xc3\xa9\xff\n", Position(3, 1), "byte 0xff is not UTF-8"),
        (b"# coding: ascii\n\n\n'\xc3\xa9'\n", Position(3, 1), "byte 0xc3 is not ascii"),
        (b"#!/bin/sh\n# coding: klingon\n", Position(1, 10), "unknown encoding: klingon"),
        (b"\xff\xfex\x00", Position(0, 0), "byte 0xff is not UTF-8"),
    ],
)
def test_files_that_cannot_be_decoded(data: bytes, start: Position, words: str) -> None:
    found = decoding_error("model.py", data)
    assert found is not None
    location, message = found
    assert location.start == start
    assert words in message


@pytest.mark.parametrize("data", [b"", b"'\xc3\xa9'", b"# coding: latin-1\n'\xe9'"])
def test_files_that_can_be_decoded(data: bytes) -> None:
    assert decoding_error("model.py", data) is None
