"""Calls of torch's exporters in a file that is run as a script: what one is called with.

The script goes no further than the first call that is to be checked: what comes after an export
writes files, or compiles for minutes.  The calls before it export for real, so that it gets there.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import torch

from export_lsp.exports import EXPORTERS, export_calls, names_of
from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker import locate
from export_lsp.worker.targets.target import Places, Target
from export_lsp.worker.workspace import Workspace


class ReachedError(BaseException):
    """Ends a script at a call; no handler of the user's is to stop it."""


@dataclass
class Calls:
    """The export calls of a script, and the target that it came to, if any.

    `passed` are the calls that it got past, or would have but that they do not export.
    """

    source: Source
    calls: list[ast.Call]
    target: Target | None = None
    passed: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        return names_of(self.calls)

    def named(self, name: str) -> ast.Call:
        return self.calls[self.names.index(name)]

    @classmethod
    def of(cls, source: Source) -> Calls:
        return cls(source, export_calls(source.tree or ast.Module([], [])))

    @contextlib.contextmanager
    def met(self, wanted: Collection[str], workspace: Workspace) -> Iterator[None]:
        """Within, a script ends at the first of the wanted calls; nothing else is other."""
        with contextlib.ExitStack() as stack:
            for name in EXPORTERS:
                module, _, function = name.rpartition(".")
                owner = importlib.import_module(module)
                original = getattr(owner, function, None)
                if original is not None:
                    meeting = self._meeting(original, wanted, workspace)
                    stack.enter_context(mock.patch.object(owner, function, meeting))
            with contextlib.suppress(ReachedError):
                yield

    def _meeting(
        self, original: Callable[..., Any], wanted: Collection[str], workspace: Workspace
    ) -> Callable[..., Any]:
        @functools.wraps(original)
        def meet(*args: Any, **kwargs: Any) -> Any:
            called = self._called(workspace)
            if called is None:
                return original(*args, **kwargs)
            if self.target is not None:
                raise ReachedError  # it was not ended by the first one
            call, name = called
            given = Given.to(original, args, kwargs)
            if name in wanted and given.exports:
                self.target = given.target(name, call, self.source)
                raise ReachedError
            self.passed.add(name)
            try:
                return given.carried_out()
            except Exception:
                raise ReachedError from None  # which is told of where it is checked

        return meet

    def _called(self, workspace: Workspace) -> tuple[ast.Call, str] | None:
        """The call of the file's own that is under way."""
        frames = locate.current_frames(sys._getframe(2), workspace)
        if not frames or frames[-1].location.file != self.source.path:
            return None
        here = frames[-1].location
        named = list(zip(self.calls, self.names, strict=True))
        exactly = (each for each in named if self.source.node(each[0]) == here)
        # Python 3.10 knows the line alone.
        around = (each for each in named if _is_on(here, self.source.node(each[0])))
        return next(exactly, None) or next(around, None)


def _is_on(line: Location, call: Location) -> bool:
    return call.start.line <= line.start.line <= call.end.line


@dataclass(frozen=True)
class Given:
    """What an exporter was called with, by its parameters."""

    exporter: Callable[..., Any]
    bound: inspect.BoundArguments

    @classmethod
    def to(cls, exporter: Callable[..., Any], args: Any, kwargs: Any) -> Given:
        """
        Raises:
            TypeError: it cannot be called so.
        """
        return cls(exporter, inspect.signature(exporter).bind(*args, **kwargs))

    @property
    def exports(self) -> bool:
        """Whether a module is traced; what is given to ``torch.onnx.export`` may be a program, and
        up to torch 2.8 it leaves the tracing to TorchScript unless ``dynamo`` is set."""
        defaults = {"dynamo": True, **{p.name: p.default for p in self._parameters}}
        traced = self.bound.arguments.get("dynamo", defaults["dynamo"])
        model = self.bound.arguments[self._model]
        script = isinstance(model, torch.jit.ScriptModule)
        return bool(traced) and isinstance(model, torch.nn.Module) and not script

    def carried_out(self) -> Any:
        """What the call gives; it writes no file."""
        if "f" in self.bound.arguments:
            self.bound.arguments["f"] = None
        return self.exporter(*self.bound.args, **self.bound.kwargs)

    def target(self, name: str, call: ast.Call, source: Source) -> Target:
        given, grad = self.bound.arguments, torch.is_grad_enabled()
        args, strict = given.get("args", ()), given.get("strict")

        def model() -> Any:
            torch.set_grad_enabled(grad)  # as it is at the call
            return given[self._model]

        return Target(
            name=name,
            places=Places(
                declaration=source.node(call),
                model=source.node(self._place(self._model, call)),
                args=source.node(self._place("args", call)),
                kwargs=source.node(self._place("kwargs", call)),
                dynamic_shapes=source.node(self._place("dynamic_shapes", call)),
            ),
            model=model,
            args=lambda: args if isinstance(args, tuple) else (args,),
            kwargs=lambda: given.get("kwargs"),
            dynamic_shapes=lambda: given.get("dynamic_shapes"),
            modes=None if strict is None else ("strict",) if strict else ("non-strict",),
            preserved=lambda: given.get("preserve_module_call_signature", ()),
        )

    @property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(self.bound.signature.parameters.values())

    @property
    def _model(self) -> str:
        return self._parameters[0].name

    def _place(self, parameter: str, call: ast.Call) -> ast.expr:
        """The expression that a parameter has its value from, else the call."""
        for word in call.keywords:
            if word.arg == parameter:
                return word.value
        by_position = [p.name for p in self._parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        named = dict(zip(by_position, call.args, strict=False))
        return named.get(parameter, call)
