"""Prints every import circle of the package; ``python -m tests.import_circles``.

All imports count: those at the top of a module, in functions and under ``TYPE_CHECKING``.  Modules
form a circle if each imports the next, and so do folders of one parent if modules below them do.
The exit status is 1 if there is a circle.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

import grimp
from grimp import ImportGraph

PACKAGE = "export_lsp"

Successors = Callable[[str], Iterable[str]]


def circles(graph: ImportGraph) -> Iterator[tuple[str, ...]]:
    """Every set of modules, and of siblings with all that is below them, that import each other."""
    yield from _components(sorted(graph.modules), graph.find_modules_directly_imported_by)
    for package in sorted(graph.modules):
        children = sorted(graph.find_children(package))
        if any(graph.find_children(child) for child in children):
            yield from _components(children, _between(graph, children))


def _between(graph: ImportGraph, siblings: Iterable[str]) -> Successors:
    """The siblings that a sibling imports, with all that is below each."""
    inside = {child: {child} | graph.find_descendants(child) for child in siblings}
    owner = {module: child for child, modules in inside.items() for module in modules}

    def imported(child: str) -> list[str]:
        found = {
            owner[target]
            for module in inside[child]
            for target in graph.find_modules_directly_imported_by(module)
            if target in owner
        }
        return sorted(found - {child})

    return imported


def _components(nodes: Iterable[str], successors: Successors) -> Iterator[tuple[str, ...]]:
    """The strongly connected components of more than one node (Tarjan's algorithm)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_nodes: list[str] = []

    def visit(node: str) -> Iterator[tuple[str, ...]]:
        order[node] = lowest[node] = len(order)
        open_nodes.append(node)
        for following in successors(node):
            if following not in order:
                yield from visit(following)
                lowest[node] = min(lowest[node], lowest[following])
            elif following in open_nodes:
                lowest[node] = min(lowest[node], order[following])
        if lowest[node] == order[node]:
            start = open_nodes.index(node)
            component = open_nodes[start:]
            del open_nodes[start:]
            if len(component) > 1:
                yield tuple(sorted(component))

    for node in nodes:
        if node not in order:
            yield from visit(node)


def main() -> int:
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    found = list(circles(graph))
    for circle in found:
        print(" ↔ ".join(circle))
    imports = graph.count_imports()
    print(f"{len(graph.modules)} modules, {imports} imports, {len(found)} circles")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
