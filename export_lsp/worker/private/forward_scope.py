"""``_detect_attribute_assignment``: the part of a non-strict export in which ``forward`` runs.

torch restores the attributes of modules right after that part, so what ``forward`` has assigned
can be seen only before its end.

Seen in torch 2.6 to 2.13.  Without that name, tensors that ``forward`` leaves behind in non-strict
mode are not reported.  Without ``PythonKeyTracer`` and ``tensor_tracker``, a constant that is made
in ``forward`` counts as computed from the inputs.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest import mock

import torch
from torch._functorch import aot_autograd
from torch.export import _trace
from torch.fx import Node
from torch.fx.experimental import proxy_tensor

DETECTOR = "_detect_attribute_assignment"


class ForwardGraph:
    """The graph that a trace of ``forward`` has left.

    `inputs` is the number of the user's inputs, which are the last placeholders of the graph.
    """

    def __init__(self, inputs: int) -> None:
        self._inputs = inputs
        self.tracers: list[Any] = []

    def depends(self, tensor: torch.Tensor) -> bool:
        """Return whether a traced tensor was computed from the inputs; True if unknown."""
        node = self._node(tensor)
        if node is None:
            return True
        placeholders = [n for n in node.graph.nodes if n.op == "placeholder"]
        inputs = set(placeholders[len(placeholders) - self._inputs :])
        seen: set[Node] = set()
        pending = [node]
        while pending:
            current = pending.pop()
            if current in inputs:
                return True
            if current not in seen:
                seen.add(current)
                pending.extend(current.all_input_nodes)
        return False

    def _node(self, tensor: torch.Tensor) -> Node | None:
        unwrap = getattr(tensor, "from_functional", None)
        for tracer in reversed(self.tracers):
            for candidate in (tensor, unwrap() if unwrap is not None else None):
                tracked = getattr(tracer, "tensor_tracker", {})
                proxy = tracked.get(candidate) if candidate is not None else None
                node: Node | None = getattr(getattr(proxy, "proxy", None), "node", None)
                if node is not None:
                    return node
        return None


@contextlib.contextmanager
def watch_forward(
    inputs: int,
    entered: Callable[[], None],
    ran: Callable[[ForwardGraph], None],
    restored: Callable[[], None],
) -> Iterator[None]:
    """Context manager in which an export in non-strict mode calls back around ``forward``.

    Args:
        inputs: The number of tensors and other leaves in the user's inputs.
        entered: Called before ``forward``.
        ran: Called after it, even if it has failed.
        restored: Called after torch has restored the attributes of modules.
    """
    graph = ForwardGraph(inputs)

    def wrap(detect: Callable[[Any], AbstractContextManager[None]]) -> Callable[[Any], Any]:
        @functools.wraps(detect)
        @contextlib.contextmanager
        def wrapper(model: Any) -> Iterator[None]:
            entered()
            try:
                with detect(model):
                    try:
                        yield
                    finally:
                        ran(graph)
            finally:
                restored()

        return wrapper

    with ExitStack() as stack:
        stack.enter_context(_collecting_tracers(graph.tracers))
        for module in (_trace, aot_autograd):
            detect = getattr(module, DETECTOR, None)
            if detect is not None:
                stack.enter_context(mock.patch.object(module, DETECTOR, wrap(detect)))
        yield
    graph.tracers.clear()


@contextlib.contextmanager
def _collecting_tracers(tracers: list[Any]) -> Iterator[None]:
    """Context manager in which every new tracer is added to `tracers`."""
    kind: Any = getattr(proxy_tensor, "PythonKeyTracer", None)
    if kind is None:
        yield
        return
    create = kind.__init__

    @functools.wraps(create)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        create(self, *args, **kwargs)
        tracers.append(self)

    with mock.patch.object(kind, "__init__", wrapper):
        yield
