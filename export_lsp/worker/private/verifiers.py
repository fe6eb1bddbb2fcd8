"""All nodes of a graph that a verifier of torch refuses; the verifier itself stops at the first.

A verifier that has raised is found in the traceback, with its graph, and is called again for each
node alone in a graph of its own.

Seen in torch 2.13 (``Verifier._check_graph_module``, ``torch.export._trace._verify_*``).  Without
such a function only the node at which the verifier stopped is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

from torch.fx import Graph, GraphModule, Node

from export_lsp.worker.private import errors

Check = Callable[[GraphModule], object]

# The functions that verify a graph, and the name of the graph in each.
FUNCTIONS = {
    "_check_graph_module": "gm",
    "_verify_nn_module_stack": "graph_module",
    "_verify_stack_trace": "graph_module",
    "_verify_placeholder_names": "gm",
}


def violations(error: BaseException) -> Iterator[tuple[Node, BaseException]]:
    """Yield every node that the verifier refuses, with the exception that it raises for it.

    Nothing is yielded if `error` did not come from a known verifier.
    """
    frame = _verifying(error.__traceback__)
    if frame is None:
        return
    check = _check_of(frame)
    graph_module = frame.f_locals.get(FUNCTIONS[frame.f_code.co_name])
    if check is None or not isinstance(graph_module, GraphModule):
        return
    for module in graph_module.modules():
        if not isinstance(module, GraphModule):
            continue
        for node in module.graph.nodes:
            # The verifier has other rules for the attributes of branches than for the program's.
            if module is not graph_module and node.op == "get_attr":
                continue
            refused = _refused(node, module, check)
            if refused is not None:
                yield node, refused


def _verifying(tb: TracebackType | None) -> FrameType | None:
    """Return the innermost frame of a verifier."""
    found = None
    while tb is not None:
        if tb.tb_frame.f_code.co_name in FUNCTIONS:
            found = tb.tb_frame
        tb = tb.tb_next
    return found


def _check_of(frame: FrameType) -> Check | None:
    """Return the verifier of a frame as a function of a graph."""
    name = frame.f_code.co_name
    if name == "_check_graph_module":
        return getattr(frame.f_locals.get("self"), name, None)
    function: Any = frame.f_globals.get(name)
    if name == "_verify_placeholder_names":
        signature = frame.f_locals.get("sig")
        return lambda module: function(module, signature)
    return function


def _refused(node: Node, module: GraphModule, check: Check) -> BaseException | None:
    """Return what the verifier raises for a node alone; None if it accepts the node."""
    try:
        check(_alone(node, module))
    except errors.VERIFIER as error:
        return error
    return None


def _alone(node: Node, module: GraphModule) -> GraphModule:
    """Return a graph with a copy of the node, and placeholders for the nodes that it uses."""
    graph = Graph()
    inputs: dict[Node, Node] = {}
    for needed in node.all_input_nodes:
        inputs[needed] = graph.placeholder(f"{needed.name}_given")
        inputs[needed].meta["val"] = None
    copied = graph.node_copy(node, lambda needed: inputs[needed])
    if node.op != "output":
        graph.output(copied)
    return GraphModule(module, graph)
