"""Failures recorded from torch 2.13, so that explainers are tested without torch.

An exception is a stand-in with a recorded text, the user's file is a text in memory, and a location
is named by the text at it.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field
from typing import Any

from export_lsp.protocol import Finding, Location, Mode, Position
from export_lsp.source import Source
from export_lsp.stages import Stage
from export_lsp.worker.data.frame import Frame, Stack
from export_lsp.worker.data.target import Places, Target, nothing
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import Guard, Origin, SymbolTracker
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.user_code.workspace import Workspace

FILE = "/home/user/project/model.py"


def raised(name: str, text: str, **attributes: Any) -> Exception:
    """Return an exception of a new class called `name`, which has these attributes."""
    error: Exception = type(name, (Exception,), attributes)(text)
    return error


@dataclass
class Code:
    """The text of the user's file."""

    text: str

    @property
    def workspace(self) -> Workspace:
        source = Source(FILE, "digest", self.text)
        return Workspace("/home/user/project", {FILE: source}, _known={FILE: True})

    def at(self, text: str) -> Location:
        """Return the location of the first occurrence of a text that lies in one line."""
        before = self.text[: self.text.index(text)]
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        return Location(FILE, Position(line, column), Position(line, column + len(text)))

    def frame(self, text: str, function: str = "forward") -> Frame:
        return Frame(self.at(text), function)

    def failure(
        self,
        error: BaseException,
        *places: str,
        stage: Stage = "capture",
        mode: Mode = "non-strict",
        origins: dict[str, str] | None = None,
        truths: tuple[str, ...] = (),
        guards: tuple[tuple[str, tuple[str, ...], str], ...] = (),
    ) -> Failure:
        """Return a failure.

        Args:
            error: the exception of torch.
            places: the text at each frame, the outermost first.
            stage: the stage that failed.
            mode: the export mode.
            origins: for each unbacked symbol, the text where it came into being.
            truths: the symbols that stand for the truth value of a tensor.
            guards: guard, its sizes and the text where it was made.
        """
        workspace = self.workspace
        symbols = SymbolTracker(
            workspace,
            {
                symbol: Origin(Stack([self.frame(place)]), "", 0)
                for symbol, place in (origins or {}).items()
            },
            set(truths),
            [
                Guard(text, frozenset(sizes), Stack([self.frame(place)]))
                for text, sizes, place in guards
            ],
        )
        stack = Stack([self.frame(place) for place in places])
        return Failure(error, stage, mode, self.target, workspace, symbols, stack)

    @property
    def target(self) -> Target:
        parts = ("model", "args", "kwargs", "dynamic_shapes")
        places = {part: self._assigned(part) for part in parts}
        return Target(
            "model", Places(places["model"], **places), nothing, nothing, nothing, nothing
        )

    def _assigned(self, name: str) -> Location:
        source = self.workspace.sources[FILE]
        for node in source.nodes:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                return source.location_of(node.value)
        return Location(FILE, Position(0, 0), Position(0, 0))

    def text_at(self, location: Location) -> str:
        return self.workspace.sources[FILE].excerpt(location)


@dataclass
class Model:
    """The parts of a built target that explainers read."""

    model: Any
    args: Any = ()
    kwargs: Any = None
    dynamic_shapes: Any = None
    preserved: Any = ()


@dataclass
class Declared:
    """A declaration without tensors; `shapes` are the entries of its dynamic_shapes."""

    code: Code
    built: Model
    shapes: list[ShapeEntry] = field(default_factory=list)

    @property
    def target(self) -> Target:
        return self.code.target

    @property
    def workspace(self) -> Workspace:
        return self.code.workspace

    def arguments(self) -> dict[str, Any]:
        try:
            forward = inspect.signature(self.built.model.forward)
            return dict(forward.bind(*self.built.args, **(self.built.kwargs or {})).arguments)
        except TypeError:
            return {}

    def shape_entries(self) -> list[ShapeEntry]:
        return self.shapes

    def specified_inputs(self, arguments: dict[str, Any]) -> list[tuple[tuple[Any, ...], Any, Any]]:
        return []

    def spec_location(self, path: tuple[Any, ...]) -> Location:
        return self._part(self.target.places.dynamic_shapes, path)

    def example_location(self, path: tuple[Any, ...]) -> Location:
        return self._part(self.target.places.args, [0, *path[1:]])

    def key_location(self, place: Location, key: str) -> Location:
        node = self._expression(place)
        keys = node.keys if isinstance(node, ast.Dict) else []
        found = (n for n in keys if isinstance(n, ast.Constant) and n.value == key)
        return next((self.code.workspace.sources[FILE].location_of(n) for n in found), place)

    def _expression(self, place: Location) -> ast.expr | None:
        return self.code.workspace.sources[FILE].expression_at(place)

    def _part(self, place: Location, path: Any) -> Location:
        node = self._expression(place)
        for key in path:
            inner: ast.expr | None = None
            if isinstance(node, ast.Dict):
                keys = [k.value if isinstance(k, ast.Constant) else None for k in node.keys]
                inner = node.values[keys.index(key)] if key in keys else None
            elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(key, int):
                inner = node.elts[key] if key < len(node.elts) else None
            if inner is None:
                break
            node = inner
        return self.code.workspace.sources[FILE].location_of(node) if node is not None else place


@dataclass(frozen=True)
class NamedDim:
    """A stand-in for `torch.export.Dim`: its name, its text and its range."""

    name: str
    text: str = ""
    min: int | None = None
    max: int | None = None

    def __getattr__(self, attribute: str) -> str:
        if attribute == "__name__":
            return self.name
        raise AttributeError(attribute)

    def __str__(self) -> str:
        return self.text or f"Dim('{self.name}', min=0)"


def entry(code: Code, source: str, dim: Any, size: int | None, place: str) -> ShapeEntry:
    """Return the entry of the dimension that torch calls `source`, such as "L['x'].size()[0]".

    It is declared at the text `place`.
    """
    name, dimension = source[3 : source.index("]") - 1], source[-2]
    at = code.at(place)
    return ShapeEntry(
        source=source,
        flat_source=f"L['flat_args'][0].size()[{dimension}]",
        nested_source=f"L['args'][1][{name!r}].size()[{dimension}]",
        description=f"dimension {dimension} of `{name}`",
        dim=dim,
        size=size,
        location=at,
        input_location=at,
        example_location=code.target.places.args,
    )


def summary(finding: Finding | None, code: Code) -> tuple[str, str, str]:
    """Return a finding's rule, the text it underlines and its message."""
    assert finding is not None
    return finding.rule, code.text_at(finding.location), finding.message
