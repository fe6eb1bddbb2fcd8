"""Call a function in a process of its own, forked from this one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS = 120


def in_process(function: Callable[..., T], *arguments: Any) -> T:
    """Return the result of a function, which must not take longer than `SECONDS`.

    Raises:
        TimeoutError, or what the function raises.
    """
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result(SECONDS)
