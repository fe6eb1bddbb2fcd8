"""A file that is run as a script, up to a call of one of torch's exporters.

The arguments of that call are the target.  The script goes no further: code after an export writes
files, compiles for minutes, or uploads.  Code before it runs as usual, on real parameters.
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

# The functions that begin a trace.  ``torch.onnx.export`` calls the first of them with arguments
# that it has prepared (torch 2.13: torch.onnx._internal.exporter._capture_strategies).
TRACING = ("torch.export.export", "torch.export.draft_export")


class StoppedAtExportError(BaseException):
    """Ends a script at an export call; no `Exception`, since user code handles those."""


@dataclass
class Script:
    """A file with export calls, to be run up to one of them.

    Attributes:
        source: The file.
        calls: Its export calls by name: "export", "export 2", …
        wanted: The name of the call to check, or `ANY_EXPORT` for the first one the run reaches.
        target: The target made from the arguments of that call, once the run has reached it.
    """

    source: Source
    calls: Mapping[str, ast.Call]
    wanted: str
    target: Target | None = None
    _running: bool = False

    @classmethod
    def find(cls, source: Source, wanted: str) -> Script | None:
        """Return the script of a file; None if the file has no such call."""
        calls = by_target_name(export_calls(source.tree)) if source.tree is not None else {}
        return cls(source, calls, wanted) if wanted in (ANY_EXPORT, *calls) and calls else None

    @property
    def unreached_calls(self) -> list[ast.Call]:
        """The calls that should have been checked and that the run did not reach."""
        if self.wanted != ANY_EXPORT:
            return [] if self.target is not None else [self.calls[self.wanted]]
        reached = self.target.name if self.target is not None else ""
        return [call for name, call in self.calls.items() if name != reached]

    @contextlib.contextmanager
    def ended_by_call(self, workspace: Workspace) -> Iterator[None]:
        """Context manager that ends its body at the wanted call and leaves other calls alone."""
        with contextlib.ExitStack() as stack:
            for name in TRACING:
                module, _, function = name.rpartition(".")
                owner = importlib.import_module(module)
                original = getattr(owner, function, None)
                if original is not None:
                    replacement = self._intercepting(original, workspace)
                    stack.enter_context(mock.patch.object(owner, function, replacement))
            self._running = True
            try:
                yield
            except StoppedAtExportError:
                pass
            finally:
                self._running = False  # the file may have bound the replacement to a name

    def _intercepting(
        self, original: Callable[..., Any], workspace: Workspace
    ) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def intercept(*args: Any, **kwargs: Any) -> Any:
            name = self._current_call(workspace) if self._running else ""
            if self.target is None and name and self.wanted in (ANY_EXPORT, name):
                arguments = signature.bind(*args, **kwargs).arguments
                # torch itself reports anything that is not a module.
                if isinstance(arguments["mod"], torch.nn.Module):
                    self.target = _target(name, self.calls[name], self.source, arguments)
            if self._running and self.target is not None:
                raise StoppedAtExportError
            return original(*args, **kwargs)

        return intercept

    def _current_call(self, workspace: Workspace) -> str:
        """Return the name of the file's call that is being executed; "" for none."""
        frames = locate.current_frames(sys._getframe(2), workspace)
        if not frames or frames[-1].location.file != self.source.path:
            return ""
        here = frames[-1].location
        locations = {name: self.source.location_of(call) for name, call in self.calls.items()}
        exact = (name for name, location in locations.items() if location == here)
        # Python 3.10 knows only the line.
        on_line = (name for name, location in locations.items() if _has_line(location, here))
        return next(exact, None) or next(on_line, "")


def _has_line(call: Location, line: Location) -> bool:
    return call.start.line <= line.start.line <= call.end.line


def _target(name: str, call: ast.Call, source: Source, arguments: Mapping[str, Any]) -> Target:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    grad_enabled = torch.is_grad_enabled()
    strict = arguments.get("strict") if "strict" in keywords else None

    def location(parameter: str, position: int) -> Location:
        if position < len(call.args):
            return source.location_of(call.args[position])
        return source.location_of(keywords.get(parameter, call))

    def model() -> Any:
        torch.set_grad_enabled(grad_enabled)  # as at the call
        return arguments["mod"]

    keyword_only = len(call.args)
    return Target(
        name=name,
        places=Places(
            declaration=source.location_of(call),
            model=location("mod" if "mod" in keywords else "model", 0),
            args=location("args", 1),
            kwargs=location("kwargs", keyword_only),
            dynamic_shapes=location("dynamic_shapes", keyword_only),
        ),
        model=model,
        args=lambda: arguments["args"],
        kwargs=lambda: arguments.get("kwargs"),
        dynamic_shapes=lambda: arguments.get("dynamic_shapes"),
        modes=None if strict is None else ("strict",) if strict else ("non-strict",),
        preserved=lambda: arguments.get("preserve_module_call_signature", ()),
    )
