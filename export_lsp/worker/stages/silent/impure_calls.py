"""Records the user's calls of impure functions in one run, and replays them in another.

While `ImpureCalls.installed` is active, the functions are replaced wherever the user's modules find
them.  Calls from other code go through.
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
from export_lsp.worker.stages.silent.impure_functions import (
    AlternateRun,
    ImpureFunction,
    datetime_stand_in,
    impure_functions,
    seeders,
)
from export_lsp.worker.stages.silent.user_modules import user_modules
from export_lsp.worker.user_code.workspace import Workspace

# A code object and the offset of the call's instruction in it.
CallSite = tuple[CodeType, int]

DATETIME = ImpureFunction(
    datetime,
    "datetime",
    lambda value, args, kwargs, run: value + datetime.timedelta(seconds=run.seconds),
)


class TooManyCallsError(BaseException):
    """A loop waits for a clock that stands still; no `Exception`, since user code handles those."""


@dataclass(frozen=True)
class SiteRecord:
    """The calls at one call site: the function's name, and its result at each call."""

    name: str
    frames: list[Frame]
    values: list[Any] = field(default_factory=list)


@dataclass
class ImpureCalls:
    """The impure calls of one run.

    Attributes:
        workspace: Decides which code is the user's.
        recorded: The calls, by call site; in a replay, those of the recorded run.
        varied: In a replay, the call sites that get other values than were recorded.
        run: In a replay, the number of the alternate run; None while recording.
    """

    workspace: Workspace
    recorded: dict[CallSite, SiteRecord] = field(default_factory=dict)
    varied: frozenset[CallSite] = frozenset()
    run: int | None = None
    _replayed: dict[CallSite, int] = field(default_factory=dict)
    _seeded: set[Any] = field(default_factory=set)
    _kept: list[Any] = field(default_factory=list)

    def replay(self, varied: frozenset[CallSite], run: int) -> ImpureCalls:
        """Return a replay of these calls that varies some call sites as in an alternate run."""
        return ImpureCalls(self.workspace, self.recorded, varied, run)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Context manager that records or replays the calls of its body.

        Raises:
            TooManyCallsError: a replay goes on calling long after the recorded run had ended.
        """
        with contextlib.ExitStack() as stack:
            modules = user_modules(self.workspace)
            for function in impure_functions():
                original = getattr(function.owner, function.name, None)
                if original is not None:
                    wrapped = self._wrapped(function, original)
                    self._replace(stack, modules, function.owner, function.name, wrapped)
            for owner, name, generator in seeders():
                seed = getattr(owner, name)
                self._replace(stack, modules, owner, name, self._noting_seed(seed, generator))
            stand_in = datetime_stand_in(self._call_datetime)
            self._replace(stack, modules, datetime, "datetime", stand_in)
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

    def _wrapped(self, function: ImpureFunction, original: Callable[..., Any]) -> Any:
        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            is_users = self.workspace.contains(frame.f_code.co_filename)
            if not is_users or self._is_seeded(function, args):
                return original(*args, **kwargs)
            return self._call(function, original, args, kwargs, frame)

        return wrapper

    def _call_datetime(self, original: Callable[[], Any]) -> Any:
        frame = sys._getframe(2)
        if not self.workspace.contains(frame.f_code.co_filename):
            return original()
        return self._call(DATETIME, original, (), {}, frame)

    def _is_seeded(self, function: ImpureFunction, args: tuple[Any, ...]) -> bool:
        return (id(args[0]) if function.is_method else function.generator) in self._seeded

    def _noting_seed(self, seed: Callable[..., Any], generator: str) -> Callable[..., Any]:
        @functools.wraps(seed)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            seeds = args if generator else args[1:]
            if seeds and seeds[0] is not None:
                self._kept.append(args[0])  # keeps its id in use
                self._seeded.add(generator or id(args[0]))
            return seed(*args, **kwargs)

        return wrapper

    def _call(
        self,
        function: ImpureFunction,
        original: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType,
    ) -> Any:
        site = (frame.f_code, frame.f_lasti)
        if self.run is None:
            value = _result(function, original, args, kwargs)
            if site not in self.recorded:
                name = f"{getattr(function.owner, '__name__', '')}.{function.name}"
                frames = locate.current_frames(frame, self.workspace)
                self.recorded[site] = SiteRecord(name, frames)
            self.recorded[site].values.append(value)
        else:
            value = self._replayed_value(self.run, site, function, original, args, kwargs)
        if function.in_place:
            args[-1][:] = value
            return None
        return value

    def _replayed_value(
        self,
        run: int,
        site: CallSite,
        function: ImpureFunction,
        original: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        index = self._replayed[site] = self._replayed.get(site, -1) + 1
        values = self.recorded[site].values if site in self.recorded else []
        if index > 2 * len(values) + 100:
            raise TooManyCallsError
        recorded = index < len(values)
        value = values[index] if recorded else _result(function, original, args, kwargs)
        if site not in self.varied:
            return value
        place = list(self.recorded).index(site)
        return function.vary(value, args, kwargs, AlternateRun(run, place))


def _result(
    function: ImpureFunction,
    original: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call the function and return its result, a copy of the list if it changes one in place."""
    value = original(*args, **kwargs)
    return list(args[-1]) if function.in_place else value
