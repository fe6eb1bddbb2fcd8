"""Exceptions of our own, raised while torch calls us."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


class OwnErrors:
    """Keeps the first exception that a callback raises: torch would take it for the model's."""

    def __init__(self) -> None:
        self._first: Exception | None = None

    def kept(self, callback: Callable[[A], R]) -> Callable[[A], R]:
        """Return the callback, with its exceptions kept as well as raised."""

        @functools.wraps(callback)
        def wrapper(argument: A) -> R:
            try:
                return callback(argument)
            except Exception as error:
                self._first = self._first or error
                raise

        return wrapper

    def raise_first(self) -> None:
        """Raise the exception that was kept.

        Raises:
            Exception: the first one of a callback, if there was any.
        """
        if self._first is not None:
            raise self._first
