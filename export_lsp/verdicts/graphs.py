"""The text of a program's graph, with a head that says what it is."""

from __future__ import annotations

from export_lsp.protocol import Graph, GraphLevel, GraphLine, Outcome
from export_lsp.verdicts.costs import cost_phrase
from export_lsp.verdicts.sizes import sizes_phrase

_LEVELS: dict[GraphLevel, str] = {
    "export": "the exported program",
    "core": "the exported program in terms of core ATen",
}


def graph_document(label: str, graph: Graph, outcome: Outcome) -> tuple[GraphLine, ...]:
    """Return the lines of the whole document.

    Args:
        label: The target's name among those of all files.
        graph: The graph of its program.
        outcome: The outcome of its check.
    """
    head = [f"# {label}: {_LEVELS[graph.level]}"]
    facts = " · ".join(filter(None, (sizes_phrase(outcome.dims), cost_phrase(outcome.cost))))
    head += [f"# {facts}"] if facts else []
    head += [f"# only if {condition}" for condition in outcome.conditions]
    return (*map(GraphLine, head), GraphLine(""), *graph.lines)
