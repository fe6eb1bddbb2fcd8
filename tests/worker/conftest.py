"""A worker host that all tests of the worker share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checking import Worker


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()
