"""The shape of an input, by the layer that takes it first."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from export_lsp.fixes.example_inputs.modules import File, Made, Values, bound, value

# Nested modules are looked into so deep.
DEPTH = 6

# What leaves a shape as it is.
SAME = frozenset(
    (
        *("float", "half", "double", "to", "cuda", "cpu", "contiguous", "clone", "detach"),
        *("relu", "tanh", "sigmoid", "abs", "exp", "neg"),
    )
)

Shapes = tuple[tuple[int, ...], ...]


def consumed(model: Made, name: str, file: File) -> tuple[str, ...]:
    """Tensors that the first layer which a parameter of `forward` comes to may take; none if that
    is not known."""
    for layer, values, position in _takers(model, name):
        found = _taken(layer, values, position, file, DEPTH)
        if found:
            return found
    return ()


def _takers(model: Made, name: str) -> Iterator[tuple[ast.expr, Values, int]]:
    """The layers that are called with the parameter, and which of their inputs it is."""
    forward = model.method("forward")
    if forward is None:
        return
    loops = {
        node.target.id: node.iter
        for node in ast.walk(forward)
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name)
    }
    calls = [node for node in ast.walk(forward) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.end_col_offset or 0)):
        for position, argument in enumerate(call.args):
            if _root(argument) != name:
                continue
            function: ast.expr = call.func
            if isinstance(function, ast.Name) and function.id in loops:
                function = loops[function.id]
            while isinstance(function, ast.Subscript):
                function = function.value
            if (
                isinstance(function, ast.Attribute)
                and isinstance(function.value, ast.Name)
                and function.value.id == "self"
            ):
                layer = model.layer(function.attr)
                if layer is not None:
                    yield (*layer, position)


def _root(node: ast.expr) -> str:
    """The name that an argument is, or is made of without another shape."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in SAME:
            return ""
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else ""


def _taken(
    layer: ast.expr, values: Values, position: int, file: File, depth: int
) -> tuple[str, ...]:
    if isinstance(layer, ast.IfExp):
        layer = layer.body
    if isinstance(layer, (ast.ListComp, ast.GeneratorExp)):
        return _taken(layer.elt, values, position, file, depth)
    if isinstance(layer, (ast.List, ast.Tuple)) and layer.elts:
        return _taken(layer.elts[0], values, position, file, depth)
    if not isinstance(layer, ast.Call) or not depth:
        return ()
    kind = ast.unparse(layer.func).rpartition(".")[2]
    if kind in ("Sequential", "ModuleList"):
        return _taken(layer.args[0], values, position, file, depth - 1) if layer.args else ()
    if kind in file.classes:
        inner = Made(file.classes[kind], "", bound(file.classes[kind], layer, values, file))
        forward = inner.method("forward")
        names = [arg.arg for arg in forward.args.args[1:]] if forward is not None else []
        if position < len(names):
            for each, known, place in _takers(inner, names[position]):
                found = _taken(each, known, place, file, depth - 1)
                if found:
                    return found
        return ()
    made = LAYERS.get(kind)
    return made(_given(layer, values)) if made is not None else ()


def _given(call: ast.Call, values: Values) -> list[Any]:
    """What a layer is made with, in the order in which it is written."""
    keywords = [keyword.value for keyword in call.keywords]
    return [value(argument, values) for argument in (*call.args, *keywords)]


def _randn(*shapes: Callable[[int], tuple[int, ...]], index: int = 0) -> Callable[..., Any]:
    """Tensors of shapes that follow from one of the numbers that a layer is made with."""

    def made(given: list[Any]) -> tuple[str, ...]:
        size = given[index] if len(given) > index else None
        if isinstance(size, tuple) and size and all(isinstance(each, int) for each in size):
            return (f"torch.randn({', '.join(map(str, (2, *size)))})",)
        if not isinstance(size, int):
            return ()
        return tuple(f"torch.randn({', '.join(map(str, shape(size)))})" for shape in shapes)

    return made


def _indices(given: list[Any]) -> tuple[str, ...]:
    count = given[0] if given else None
    if not isinstance(count, int):
        return ()
    return (f"torch.randint(0, {count}, (2, 5))", f"torch.randint(0, {count}, (2,))")


_VECTORS = _randn(lambda n: (2, n), lambda n: (2, 5, n), lambda n: (n,))
_SEQUENCES = _randn(lambda n: (2, 5, n))
_WAVES = _randn(lambda n: (2, n, 16))
_IMAGES = _randn(lambda n: (2, n, 32, 32), lambda n: (2, n, 64, 64), lambda n: (2, n, 224, 224))
_VOLUMES = _randn(lambda n: (2, n, 8, 16, 16))

# torch.nn's layers by what they take.
LAYERS: dict[str, Callable[[list[Any]], tuple[str, ...]]] = {
    "Linear": _VECTORS,
    "Conv1d": _WAVES,
    "Conv2d": _IMAGES,
    "Conv3d": _VOLUMES,
    "ConvTranspose1d": _WAVES,
    "ConvTranspose2d": _IMAGES,
    "BatchNorm1d": _VECTORS,
    "BatchNorm2d": _IMAGES,
    "GroupNorm": _randn(lambda n: (2, n, 32, 32), index=1),
    "LayerNorm": _SEQUENCES,
    "RMSNorm": _SEQUENCES,
    "Embedding": _indices,
    "EmbeddingBag": _indices,
    "RNN": _SEQUENCES,
    "LSTM": _SEQUENCES,
    "GRU": _SEQUENCES,
    "RNNCell": _VECTORS,
    "LSTMCell": _VECTORS,
    "GRUCell": _VECTORS,
    "MultiheadAttention": _SEQUENCES,
    "TransformerEncoderLayer": _SEQUENCES,
    "TransformerDecoderLayer": _SEQUENCES,
    "TransformerEncoder": _SEQUENCES,
}
