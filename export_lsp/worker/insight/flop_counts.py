"""The operations of a program by the modules that they are in, in the user's names of sizes."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
import torch
from torch.export import ExportedProgram
from torch.fx import Node
from torch.nn import Module

from export_lsp.protocol import DimFact, Flops
from export_lsp.worker.data.learned import Learned
from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.flops import NodeFlops, flops_of
from export_lsp.worker.insight.size_names import UNKNOWN
from export_lsp.worker.private import symbolic_shapes
from export_lsp.worker.private.region_stacks import RegionNodes

# Of so many dimensions the largest and smallest sizes are combined.
MOST_DIMS = 6


@dataclass
class _Tally:
    """The occurrences of each number of operations; `complete` is as in `Flops`."""

    counts: Counter[sympy.Expr] = field(default_factory=Counter)
    complete: bool = True

    def add(self, found: NodeFlops) -> None:
        if found.count is None:
            self.complete = False
        else:
            self.counts[found.count] += 1


class FlopCounts:
    """The operations of a decomposed program by module.

    Args:
        program: The decomposed program.
        exported: The program before that.
        model: The model that it is exported from.
        learned: The knowledge gained from its export.
    """

    def __init__(
        self, program: ExportedProgram, exported: ExportedProgram, model: Module, learned: Learned
    ) -> None:
        self._regions = RegionNodes(program_graph.region_nodes(exported))
        self._numbers = _Numbers(program, learned)
        first = {id(module): path for path, module in model.named_modules()}
        self._aliases = {
            path: first[id(module)] for path, module in model.named_modules(remove_duplicate=False)
        }
        self._found = [
            (frozenset(self._paths(each.node)), each)
            for each in flops_of(program.graph_module, self._numbers.example)
        ]
        self._by_path: dict[str, _Tally] = defaultdict(_Tally)
        for paths, each in self._found:
            for path in paths:
                self._by_path[path].add(each)
        self._known: dict[tuple[frozenset[tuple[sympy.Expr, int]], bool], Flops] = {}

    def under(self, paths: Collection[str]) -> Flops:
        """Return the operations in any of some modules, or in their submodules."""
        if len(paths) == 1:
            return self._flops(self._by_path[next(iter(paths))])
        tally = _Tally()
        for where, each in self._found:
            if not where.isdisjoint(paths):
                tally.add(each)
        return self._flops(tally)

    def _flops(self, tally: _Tally) -> Flops:
        key = frozenset(tally.counts.items()), tally.complete
        if key not in self._known:
            self._known[key] = self._numbers.flops(tally.counts, complete=tally.complete)
        return self._known[key]

    def _paths(self, node: Node) -> Iterator[str]:
        """Yield the paths of the modules that a node is in, those that only contain others too."""
        yield ""
        origin = self._regions.origin(node)
        for path, _ in (origin.meta.get("nn_module_stack") or {}).values():
            called = path.partition("@")[0]  # the number of a further call follows
            names = self._aliases.get(called, called).split(".")
            yield from (".".join(names[: end + 1]) for end in range(len(names)))


class _Numbers:
    """Evaluates expressions of the sizes of a program."""

    def __init__(self, program: ExportedProgram, learned: Learned) -> None:
        self._environment = _environment(program)
        self._text: Callable[[Any], str] = learned.size_text
        self._dims: dict[str, DimFact] = {each.name: each for each in learned.dims}

    def flops(self, counts: Mapping[sympy.Expr, int], *, complete: bool) -> Flops:
        total = sympy.expand(sympy.Add(*(count * each for each, count in counts.items())))
        text = self._text(total)
        formula = "" if text == UNKNOWN else text
        return Flops(formula, self.example(total), self._most(total), complete)

    def example(self, expression: sympy.Expr) -> int | None:
        """Return the value for the example inputs; None if it depends on their data."""
        return symbolic_shapes.example_value(self._environment, expression)

    def _most(self, expression: sympy.Expr) -> int | None:
        """Return the largest value that accepted inputs give; None if there is none."""
        symbols = list(expression.free_symbols)
        facts = [self._dims.get(self._text(symbol)) for symbol in symbols]
        edges = [
            (sympy.Integer(fact.minimum), sympy.Integer(fact.maximum))
            for fact in facts
            if fact is not None and fact.maximum is not None
        ]
        if len(edges) < len(symbols) or len(edges) > MOST_DIMS:
            return None
        return max(
            int(expression.xreplace(dict(zip(symbols, sizes, strict=True))))
            for sizes in itertools.product(*edges)
        )


def _environment(program: ExportedProgram) -> Any:
    """Return the environment of a program's symbolic sizes; None if all sizes are numbers."""
    for node in program.graph.nodes:
        value = node.meta.get("val")
        for size in value.shape if isinstance(value, torch.Tensor) else (value,):
            if isinstance(size, torch.SymInt):
                return size.node.shape_env
    return None
