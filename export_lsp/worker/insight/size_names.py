"""The user's names of symbolic sizes, and expressions of sizes written with them.

A size is named by its Dim; without one, by the variable that the function at hand, or else the only
function that has one, assigns it to (``b, s = x.shape``); without either, by where it is from:
``x.shape[1]``.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
import torch

from export_lsp.worker.insight.trace_notes import TraceNotes
from export_lsp.worker.private import symbolic_shapes
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import as_suffix
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.user_code.workspace import Workspace

# Stands for a size that no name is known for.
UNKNOWN = "?"
# An expression is no name if it is longer, in characters.
LONGEST = 24


@dataclass
class SizeNames:
    """The names of the symbols of one trace.

    `dims` has those of Dims and `origins` where a size is from, by symbol; `local` has the
    variables by the function that assigns them, and by the expression that they always are.
    """

    dims: dict[sympy.Symbol, str] = field(default_factory=dict)
    local: dict[str, dict[sympy.Expr, str]] = field(default_factory=dict)
    origins: dict[sympy.Symbol, str] = field(default_factory=dict)
    _texts: dict[tuple[sympy.Expr, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, notes: TraceNotes, declaration: Declaration) -> SizeNames:
        """Return the names in a trace of a target, given its notes."""
        names = cls()
        names._take_declared(notes, declaration.shape_entries())
        names._take_local(notes)
        names._take_tensors(notes)
        names._take_expressions(notes, declaration.workspace)
        return names

    def text(self, size: Any, function: str) -> str:
        """Return a size as text in the user's names, as they are in a function."""
        expression = symbolic_shapes.expression_of(size)
        if expression is None:
            return str(size)
        key = expression, function
        if key not in self._texts:
            self._texts[key] = self._text(expression, function)
        return self._texts[key]

    def _text(self, expression: sympy.Expr, function: str) -> str:
        variable = self.local.get(function, {}).get(expression)
        if variable is not None and not self.dims.keys() >= expression.free_symbols:
            return variable
        return self.text_of(expression, function)

    def condition(self, expression: sympy.Expr) -> str:
        """Return a condition on sizes as text; "" if one of them has no name."""
        text = self.text_of(expression)
        # Without the parentheses that are not needed.
        return "" if text == UNKNOWN else ast.unparse(ast.parse(text, mode="eval"))

    def text_of(self, expression: sympy.Expr, function: str = "") -> str:
        """Return an expression of sizes as text; without a function it is the same in all."""
        names = {each: self._name(each, function) for each in expression.free_symbols}
        if UNKNOWN in names.values():
            return UNKNOWN
        # A name such as `x.shape[0]` is no symbol of sympy's, but printed like one.
        named = {symbol: sympy.Symbol(name, integer=True) for symbol, name in names.items()}
        return symbolic_shapes.readable(expression.xreplace(named))

    def _name(self, symbol: Any, function: str) -> str:
        here = self.local.get(function, {})
        named = self.dims.get(symbol) or here.get(symbol) or self._unique.get(symbol)
        return named or self.origins.get(symbol, UNKNOWN)

    @functools.cached_property
    def _unique(self) -> Mapping[sympy.Expr, str]:
        """The variables by expression whose name means the same size in every function."""
        meanings: dict[str, set[sympy.Expr]] = defaultdict(set)
        for names in self.local.values():
            for expression, name in names.items():
                meanings[name].add(expression)
        taken = set(self.dims.values())
        return {
            next(iter(expressions)): name
            for name, expressions in meanings.items()
            if len(expressions) == 1 and name not in taken
        }

    def _take_declared(self, notes: TraceNotes, entries: Iterable[ShapeEntry]) -> None:
        sizes = [size for each in notes.tensors.values() for note in each for size in note.sizes]
        symbolic = next((size for size in sizes if isinstance(size, torch.SymInt)), None)
        sources = symbolic_shapes.sources_of(symbolic)
        for entry in entries:
            found = (sources[source] for source in entry.sources if source in sources)
            symbol = next(found, None)
            if isinstance(symbol, sympy.Symbol) and entry.path:
                argument, *steps = entry.path
                path = f"{argument}{as_suffix(tuple(steps))}"
                place = path if entry.axis is None else f"{path}.shape[{entry.axis}]"
                self.origins.setdefault(symbol, place)
                if entry.name is not None and not hasattr(entry.dim, "root"):
                    self.dims.setdefault(symbol, entry.name)
        for source, symbol in sources.items():
            # The root of derived Dims need not be the size of an input; its source is its name.
            if isinstance(symbol, sympy.Symbol) and source.isidentifier():
                self.dims.setdefault(symbol, source)

    def _take_local(self, notes: TraceNotes) -> None:
        for place, numbers in notes.numbers.items():
            expressions = {symbolic_shapes.expression_of(number) for number in numbers}
            if place.name and len(expressions) == 1:
                self.local.setdefault(place.function, {}).setdefault(expressions.pop(), place.name)

    def _take_tensors(self, notes: TraceNotes) -> None:
        """Name sizes that come from data by the first variable that has them."""
        for place, tensors in notes.tensors.items():
            for tensor in tensors if place.name else ():
                for axis, size in enumerate(tensor.sizes):
                    self._take(size, f"{place.name}.shape[{axis}]")

    def _take_expressions(self, notes: TraceNotes, workspace: Workspace) -> None:
        """Name numbers that come from data by the first expression that is one."""
        for place, numbers in notes.numbers.items():
            source = workspace.source(place.location.file)
            text = source.excerpt(place.location) if source is not None else ""
            for number in numbers if len(text) <= LONGEST and "\n" not in text else ():
                self._take(number, text)

    def _take(self, size: Any, name: str) -> None:
        symbol = symbolic_shapes.expression_of(size)
        if isinstance(symbol, sympy.Symbol):
            self.origins.setdefault(symbol, name)
