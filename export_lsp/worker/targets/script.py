"""A file that is run as a script, up to a call of one of torch's exporters: a target is what that
is called with.

The script goes no further: what comes after an export writes files, compiles for minutes, or
uploads.  What comes before runs as it always does, on real parameters.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

import torch

from export_lsp.export_calls import by_target_name, export_calls
from export_lsp.protocol import ANY_EXPORT, Location
from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target
from export_lsp.worker.places import locate
from export_lsp.worker.user_code.workspace import Workspace

# What a trace begins with.  ``torch.onnx.export`` calls the first once it has made of its own
# arguments what that takes (torch 2.13: torch.onnx._internal.exporter._capture_strategies).
TRACING = ("torch.export.export", "torch.export.draft_export")


class ReachedError(BaseException):
    """Ends a script at a call; no handler of the user's is to stop it."""


@dataclass
class Script:
    """A file with its export calls by their names, of which `wanted` is one or `ANY_EXPORT`; the
    `target` is there once the script has come to it."""

    source: Source
    calls: Mapping[str, ast.Call]
    wanted: str
    target: Target | None = None
    _runs: bool = False

    @classmethod
    def of(cls, source: Source, wanted: str) -> Script | None:
        """None for a file without such a call."""
        calls = by_target_name(export_calls(source.tree)) if source.tree is not None else {}
        return cls(source, calls, wanted) if wanted in (ANY_EXPORT, *calls) and calls else None

    @property
    def missed(self) -> list[ast.Call]:
        """The calls that were to be checked and that the script has not come to."""
        if self.wanted != ANY_EXPORT:
            return [] if self.target is not None else [self.calls[self.wanted]]
        met = self.target.name if self.target is not None else ""
        return [call for name, call in self.calls.items() if name != met]

    @contextlib.contextmanager
    def ending(self, workspace: Workspace) -> Iterator[None]:
        """Within, a script ends where it comes to the wanted call; no other call is changed."""
        with contextlib.ExitStack() as stack:
            for name in TRACING:
                module, _, function = name.rpartition(".")
                owner = importlib.import_module(module)
                original = getattr(owner, function, None)
                if original is not None:
                    meeting = self._meeting(original, workspace)
                    stack.enter_context(mock.patch.object(owner, function, meeting))
            self._runs = True
            try:
                yield
            except ReachedError:
                pass
            finally:
                self._runs = False  # the file may have bound the name

    def _meeting(self, original: Callable[..., Any], workspace: Workspace) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def meet(*args: Any, **kwargs: Any) -> Any:
            name = self._name_of_call(workspace) if self._runs else ""
            if self.target is None and name and self.wanted in (ANY_EXPORT, name):
                given = signature.bind(*args, **kwargs).arguments
                if isinstance(given["mod"], torch.nn.Module):  # else torch says so itself
                    self.target = _target(name, self.calls[name], self.source, given)
            if self._runs and self.target is not None:
                raise ReachedError
            return original(*args, **kwargs)

        return meet

    def _name_of_call(self, workspace: Workspace) -> str:
        """Which of the file's calls is under way; "" for none."""
        frames = locate.current_frames(sys._getframe(2), workspace)
        if not frames or frames[-1].location.file != self.source.path:
            return ""
        here = frames[-1].location
        places = {name: self.source.location_of(call) for name, call in self.calls.items()}
        exactly = (name for name, place in places.items() if place == here)
        # Python 3.10 knows the line alone.
        around = (name for name, place in places.items() if _is_on(here, place))
        return next(exactly, None) or next(around, "")


def _is_on(line: Location, call: Location) -> bool:
    return call.start.line <= line.start.line <= call.end.line


def _target(name: str, call: ast.Call, source: Source, given: Mapping[str, Any]) -> Target:
    words = {word.arg: word.value for word in call.keywords}
    grad, strict = torch.is_grad_enabled(), given.get("strict") if "strict" in words else None

    def place(parameter: str, position: int) -> Location:
        found = call.args[position] if position < len(call.args) else words.get(parameter, call)
        return source.location_of(found)

    def model() -> Any:
        torch.set_grad_enabled(grad)  # as it is at the call
        return given["mod"]

    nowhere = len(call.args)
    return Target(
        name=name,
        places=Places(
            declaration=source.location_of(call),
            model=place("mod" if "mod" in words else "model", 0),
            args=place("args", 1),
            kwargs=place("kwargs", nowhere),
            dynamic_shapes=place("dynamic_shapes", nowhere),
        ),
        model=model,
        args=lambda: given["args"],
        kwargs=lambda: given.get("kwargs"),
        dynamic_shapes=lambda: given.get("dynamic_shapes"),
        modes=None if strict is None else ("strict",) if strict else ("non-strict",),
        preserved=lambda: given.get("preserve_module_call_signature", ()),
    )
