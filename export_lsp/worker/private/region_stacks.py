"""The nodes of a region of an exported program, behind those that they decompose into.

``run_decompositions`` runs the region under ``torch.no_grad()`` and the like as generated code, and
the stacks of the new nodes have lines of that code, each of which assigns to the name of a node.

Seen in torch 2.6 to 2.13.  Without such lines, operators in regions have no place in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from torch.fx import Node

GENERATED = "<eval_with_key>"
_LINE = re.compile(rf'File "{GENERATED}[^"]*", line \d+, in \w+\n\s*(?P<name>\w+)(?:: .*?)? = ')


class RegionNodes:
    """Finds the nodes of an exported program's regions.

    Args:
        nodes: The nodes in the graphs of all regions.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._by_name: dict[str, Node | None] = {}
        for node in nodes:
            # Nodes of different regions may have the same name.
            self._by_name[node.name] = None if node.name in self._by_name else node

    def origin(self, node: Node) -> Node:
        """Return the node that a decomposed one comes from, or else itself."""
        stack = node.meta.get("stack_trace") or ""
        if GENERATED not in stack:
            return node
        names = _LINE.findall(stack)
        return (self._by_name.get(names[-1]) if names else None) or node
