"""Which nodes of a graph torch's verifiers refuse: all of them, where a verifier stops at one.

A verifier that raised is found in the traceback, with the graph it was looking at, and is shown
each node again, alone in a graph of its own.

Seen in torch 2.13 (``Verifier._check_graph_module``, ``torch.export._trace._verify_*``).  Where a
function is missing, only the node at which the verifier stopped is known.
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
    """Every node that the verifier that raised refuses, with what it says of it."""
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
            # What a branch may get is another thing than what the whole program may.
            if module is not graph_module and node.op == "get_attr":
                continue
            refused = _refused(node, module, check)
            if refused is not None:
                yield node, refused


def _verifying(tb: TracebackType | None) -> FrameType | None:
    """The innermost frame of a verifier."""
    found = None
    while tb is not None:
        if tb.tb_frame.f_code.co_name in FUNCTIONS:
            found = tb.tb_frame
        tb = tb.tb_next
    return found


def _check_of(frame: FrameType) -> Check | None:
    """The verifier of a frame, as a function of a graph."""
    name = frame.f_code.co_name
    if name == "_check_graph_module":
        return getattr(frame.f_locals.get("self"), name, None)
    function: Any = frame.f_globals.get(name)
    if name == "_verify_placeholder_names":
        signature = frame.f_locals.get("sig")
        return lambda module: function(module, signature)
    return function


def _refused(node: Node, module: GraphModule, check: Check) -> BaseException | None:
    """What the verifier says of a node, with all that it depends on taken for good."""
    try:
        check(_alone(node, module))
    except errors.VERIFIER as error:
        return error
    return None


def _alone(node: Node, module: GraphModule) -> GraphModule:
    graph = Graph()
    inputs: dict[Node, Node] = {}
    for needed in node.all_input_nodes:
        inputs[needed] = graph.placeholder(f"{needed.name}_given")
        inputs[needed].meta["val"] = None
    copied = graph.node_copy(node, lambda needed: inputs[needed])
    if node.op != "output":
        graph.output(copied)
    return GraphModule(module, graph)
