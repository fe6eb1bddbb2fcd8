"""The texts of exceptions, even if their classes misbehave."""

from __future__ import annotations

import traceback

import pytest

from export_lsp.worker.text.exception_text import MAX_SENTENCE, MAX_TEXT, text_of
from export_lsp.worker.text.torch_text import one_line


class RaisesItself(BaseException):
    def __str__(self) -> str:
        raise self


class SaysNothingError(Exception):
    def __str__(self) -> str:
        return None  # type: ignore[return-value]


@pytest.mark.parametrize("kind", [RaisesItself, SaysNothingError])
def test_an_exception_whose_text_raises(kind: type[BaseException]) -> None:
    with pytest.raises(kind) as caught:
        raise kind
    before = traceback.extract_tb(caught.value.__traceback__)
    assert text_of(caught.value) == ""
    assert traceback.extract_tb(caught.value.__traceback__) == before


def test_a_lone_surrogate_is_escaped() -> None:
    assert text_of(ValueError("a\ud800数")) == "a\\ud800数"


def test_a_long_text_is_truncated() -> None:
    long = text_of(ValueError("x" * 10**7))
    assert len(long) == MAX_TEXT + 1
    assert len(one_line(long)) == MAX_SENTENCE + 1
