"""The part of a non-strict export in which ``forward`` runs, and the graph it leaves.

torch puts module attributes back right after it (``_detect_attribute_assignment``), so what
``forward`` left where has to be seen from within.  Seen in torch 2.6 to 2.13.  Where that name is
missing, nothing is said of tensors that non-strict export leaves behind; without the tracer's names
a constant that is made late counts as if it depended on the inputs.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

import torch

if TYPE_CHECKING:
    from torch.fx import Node

DETECTOR = "_detect_attribute_assignment"


class ForwardGraph:
    """What is known of the graph of one forward: `depends` on its last inputs, the user's."""

    def __init__(self, inputs: int) -> None:
        self._inputs = inputs
        self.tracers: list[Any] = []

    def depends(self, tensor: torch.Tensor) -> bool:
        """Whether a traced tensor was computed from the inputs; True if that is not known."""
        node = self._node(tensor)
        if node is None:
            return True
        placeholders = [n for n in node.graph.nodes if n.op == "placeholder"]
        given = set(placeholders[len(placeholders) - self._inputs :])
        seen: set[Node] = set()
        pending = [node]
        while pending:
            current = pending.pop()
            if current in given:
                return True
            if current not in seen:
                seen.add(current)
                pending.extend(current.all_input_nodes)
        return False

    def _node(self, tensor: torch.Tensor) -> Node | None:
        plain = getattr(tensor, "from_functional", None)
        for tracer in reversed(self.tracers):
            for candidate in (tensor, plain() if plain is not None else None):
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
    """Within, an export calls `entered` before ``forward``, `ran` after it, also if it failed, and
    `restored` after torch has put module attributes back; `inputs` is the number of its leaves."""
    from torch._functorch import aot_autograd
    from torch.export import _trace

    scope = ForwardGraph(inputs)

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
                        ran(scope)
            finally:
                restored()

        return wrapper

    with ExitStack() as stack:
        stack.enter_context(_noting_tracers(scope.tracers))
        for module in (_trace, aot_autograd):
            detect = getattr(module, DETECTOR, None)
            if detect is not None:
                stack.enter_context(mock.patch.object(module, DETECTOR, wrap(detect)))
        yield
    scope.tracers.clear()


@contextlib.contextmanager
def _noting_tracers(tracers: list[Any]) -> Iterator[None]:
    from torch.fx.experimental import proxy_tensor

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
