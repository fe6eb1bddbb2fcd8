"""One worker host for all tests of the worker, and what is offered for the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.annotated import CORPUS, expected_in
from tests.checking import Worker
from tests.offered import Mended, mended


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def offered() -> dict[Path, Mended]:
    """Every file of the corpus that states a failure, checked, with the fixes it is offered."""
    return mended(file for file in sorted(CORPUS.rglob("*.py")) if expected_in(file))
