"""Keep exceptions of our own callbacks apart from the user's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


class OwnErrors:
    """The first exception that a callback raised; torch treats it as one of the model's."""

    def __init__(self) -> None:
        self._first: Exception | None = None

    def kept(self, callback: Callable[[A], R]) -> Callable[[A], R]:
        """Return the callback, whose exceptions are recorded before they propagate."""

        @functools.wraps(callback)
        def wrapper(argument: A) -> R:
            try:
                return callback(argument)
            except Exception as error:
                self._first = self._first or error
                raise

        return wrapper

    def raise_first(self) -> None:
        """Raise the recorded exception, if there is one, once torch has ended."""
        if self._first is not None:
            raise self._first
