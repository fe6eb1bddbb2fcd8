"""The user's calls of functions that give another value at every call: recorded, and played back.

While one of these is ``installed``, the functions are replaced wherever the user's modules find
them; a call from anywhere else goes through.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType, ModuleType
from typing import Any
from unittest import mock

from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.stages.silent.own_modules import own_modules
from export_lsp.worker.stages.silent.sources import (
    Other,
    Source,
    all_sources,
    dates,
    seeders,
)
from export_lsp.worker.user_code.workspace import Workspace

Site = tuple[CodeType, int]
DATES = Source(
    datetime,
    "datetime",
    lambda value, args, kwargs, other: value + datetime.timedelta(seconds=other.seconds),
)


class TooManyCallsError(BaseException):
    """A loop goes on for as long as the clock says; no `Exception`, since users catch those."""


@dataclass(frozen=True)
class Call:
    """One place in the user's code that calls such a function, and what it gave each time."""

    name: str
    frames: list[Frame]
    values: list[Any] = field(default_factory=list)


@dataclass
class Calls:
    """The calls of one run; a played-back run is given those of the first.

    Of the sites in `varied` other values are given than were recorded, those of the `run`.
    """

    workspace: Workspace
    recorded: dict[Site, Call] = field(default_factory=dict)
    varied: frozenset[Site] = frozenset()
    run: int | None = None
    _played: dict[Site, int] = field(default_factory=dict)
    _seeded: set[Any] = field(default_factory=set)
    _kept: list[Any] = field(default_factory=list)

    def played_back(self, varied: frozenset[Site], run: int) -> Calls:
        return Calls(self.workspace, self.recorded, varied, run)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            modules = own_modules(self.workspace)
            for source in all_sources():
                function = getattr(source.owner, source.name, None)
                if function is not None:
                    self._replace(
                        stack, modules, source.owner, source.name, self._wrapped(source, function)
                    )
            for owner, name, family in seeders():
                seed = getattr(owner, name)
                self._replace(stack, modules, owner, name, self._noting_seed(seed, family))
            self._replace(stack, modules, datetime, "datetime", dates(self._date))
            yield

    def _replace(
        self,
        stack: contextlib.ExitStack,
        modules: list[ModuleType],
        owner: Any,
        name: str,
        new: Any,
    ) -> None:
        """Replace a function in its module and where the user's modules have imported it."""
        old = getattr(owner, name)
        for module in [] if isinstance(owner, type) else modules:
            for key in [key for key, value in vars(module).items() if value is old]:
                stack.enter_context(mock.patch.object(module, key, new))
        stack.enter_context(mock.patch.object(owner, name, new))

    def _wrapped(self, source: Source, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            if not self.workspace.contains(frame.f_code.co_filename) or self._is_fixed(
                source, args
            ):
                return function(*args, **kwargs)
            return self._call(source, function, args, kwargs, frame)

        return wrapper

    def _date(self, real: Callable[[], Any]) -> Any:
        frame = sys._getframe(2)
        if not self.workspace.contains(frame.f_code.co_filename):
            return real()
        return self._call(DATES, real, (), {}, frame)

    def _is_fixed(self, source: Source, args: tuple[Any, ...]) -> bool:
        return (id(args[0]) if source.method else source.family) in self._seeded

    def _noting_seed(self, seed: Callable[..., Any], family: str) -> Callable[..., Any]:
        @functools.wraps(seed)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            given = args if family else args[1:]
            if given and given[0] is not None:
                self._kept.append(args[0])  # keeps its id
                self._seeded.add(family or id(args[0]))
            return seed(*args, **kwargs)

        return wrapper

    def _call(
        self,
        source: Source,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType,
    ) -> Any:
        site = (frame.f_code, frame.f_lasti)
        if self.run is None:
            value = _result(source, function, args, kwargs)
            if site not in self.recorded:
                name = f"{getattr(source.owner, '__name__', '')}.{source.name}"
                frames = locate.current_frames(frame, self.workspace)
                self.recorded[site] = Call(name, frames)
            self.recorded[site].values.append(value)
        else:
            value = self._played_value(site, source, function, args, kwargs)
        if source.in_place:
            args[-1][:] = value
            return None
        return value

    def _played_value(
        self,
        site: Site,
        source: Source,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        index = self._played[site] = self._played.get(site, -1) + 1
        values = self.recorded[site].values if site in self.recorded else []
        if index > 2 * len(values) + 100:
            raise TooManyCallsError
        value = values[index] if index < len(values) else _result(source, function, args, kwargs)
        if site in self.varied and self.run is not None:
            place = list(self.recorded).index(site)
            return source.vary(value, args, kwargs, Other(self.run, place))
        return value


def _result(
    source: Source, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    value = function(*args, **kwargs)
    return list(args[-1]) if source.in_place else value
