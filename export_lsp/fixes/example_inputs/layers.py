"""The tensors that a parameter of `forward` may be, by the first layer that takes it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile, constructor_values
from export_lsp.fixes.example_inputs.static_values import Values, static_value

# How many modules inside each other are looked into.
DEPTH = 6

CONTAINERS = ("Sequential", "ModuleList")

# Methods that return a tensor of the same shape.
SAME_SHAPE = frozenset(
    (
        *("float", "half", "double", "to", "cuda", "cpu", "contiguous", "clone", "detach"),
        *("relu", "tanh", "sigmoid", "abs", "exp", "neg"),
    )
)


@dataclass(frozen=True)
class _Use:
    """A use of a tensor: as the input at `position` of a layer.

    `layer` is the expression that the constructor makes the layer of, with these values for names.
    """

    layer: ast.expr
    values: Values
    position: int


def accepted_tensors(model: Instance, parameter: str, file: ModelFile) -> tuple[str, ...]:
    """Return expressions for tensors that a parameter of a model's `forward` may be.

    They suit the first layer that the parameter is passed to and that is known; none if there is
    no such layer.
    """
    return _first_known(_uses(model, parameter), file, DEPTH)


def _first_known(uses: Iterator[_Use], file: ModelFile, depth: int) -> tuple[str, ...]:
    found = (_accepted(use, file, depth) for use in uses)
    return next(filter(None, found), ())


def _uses(model: Instance, parameter: str) -> Iterator[_Use]:
    """Yield the uses of a parameter as the input of a layer, in the order of the text."""
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
        name = _called_attribute(call, loops)
        layer = model.attribute(name) if name is not None else None
        if layer is not None:
            for position, argument in enumerate(call.args):
                if _passed_name(argument) == parameter:
                    yield _Use(layer, model.values, position)


def _called_attribute(call: ast.Call, loops: dict[str, ast.expr]) -> str | None:
    """Return the attribute of `self` that a call is of: itself, one of its items, or in a loop."""
    function: ast.expr = call.func
    if isinstance(function, ast.Name) and function.id in loops:
        function = loops[function.id]
    while isinstance(function, ast.Subscript):
        function = function.value
    own = (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "self"
    )
    return function.attr if own and isinstance(function, ast.Attribute) else None


def _passed_name(node: ast.expr) -> str:
    """Return the name that an argument is, or has the shape of; "" for any other expression."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in SAME_SHAPE:
            return ""
        node = node.func.value
    return node.id if isinstance(node, ast.Name) else ""


def _accepted(use: _Use, file: ModelFile, depth: int) -> tuple[str, ...]:
    """Return expressions for tensors that a layer accepts."""
    layer = _first_item(use.layer)
    if not isinstance(layer, ast.Call) or not depth:
        return ()
    name = ast.unparse(layer.func).rpartition(".")[2]
    if name in CONTAINERS:
        inner = (_Use(item, use.values, use.position) for item in layer.args[:1])
        return _first_known(inner, file, depth - 1)
    if name in file.classes:
        return _accepted_by_class(file.classes[name], layer, use, file, depth)
    accepted = LAYERS.get(name)
    return accepted(_arguments(layer, use.values)) if accepted is not None else ()


def _first_item(layer: ast.expr) -> ast.expr:
    """Return the first layer of a list or comprehension, and of two choices the first."""
    while True:
        if isinstance(layer, ast.IfExp):
            layer = layer.body
        elif isinstance(layer, (ast.ListComp, ast.GeneratorExp)):
            layer = layer.elt
        elif isinstance(layer, (ast.List, ast.Tuple)) and layer.elts:
            layer = layer.elts[0]
        else:
            return layer


def _accepted_by_class(
    node: ast.ClassDef, call: ast.Call, use: _Use, file: ModelFile, depth: int
) -> tuple[str, ...]:
    """Return expressions for tensors that a module of the file's own accepts."""
    module = Instance(node, "", constructor_values(node, call, use.values, file))
    forward = module.method("forward")
    names = [arg.arg for arg in forward.args.args[1:]] if forward is not None else []
    if use.position >= len(names):
        return ()
    return _first_known(_uses(module, names[use.position]), file, depth - 1)


def _arguments(call: ast.Call, values: Values) -> list[Any]:
    """Return the values of a layer's arguments in the order in which they are written."""
    keywords = [keyword.value for keyword in call.keywords]
    return [static_value(argument, values) for argument in (*call.args, *keywords)]


# Expressions for tensors that a layer accepts, from the values of its arguments.
Accepted = Callable[[list[Any]], tuple[str, ...]]


def _randn(*shapes: Callable[[int], tuple[int, ...]], index: int = 0) -> Accepted:
    """Return tensors of shapes that depend on the size among a layer's arguments at `index`."""

    def accepted(arguments: list[Any]) -> tuple[str, ...]:
        size = arguments[index] if len(arguments) > index else None
        if isinstance(size, tuple) and size and all(isinstance(each, int) for each in size):
            return (f"torch.randn({', '.join(map(str, (2, *size)))})",)
        if not isinstance(size, int):
            return ()
        return tuple(f"torch.randn({', '.join(map(str, shape(size)))})" for shape in shapes)

    return accepted


def _indices(arguments: list[Any]) -> tuple[str, ...]:
    """Return tensors of indices below a layer's first argument."""
    count = arguments[0] if arguments else None
    if not isinstance(count, int):
        return ()
    return (f"torch.randint(0, {count}, (2, 5))", f"torch.randint(0, {count}, (2,))")


_VECTORS = _randn(lambda n: (2, n), lambda n: (2, 5, n), lambda n: (n,))
_SEQUENCES = _randn(lambda n: (2, 5, n))
_WAVES = _randn(lambda n: (2, n, 16))
_IMAGES = _randn(lambda n: (2, n, 32, 32), lambda n: (2, n, 64, 64), lambda n: (2, n, 224, 224))
_VOLUMES = _randn(lambda n: (2, n, 8, 16, 16))

LAYERS: dict[str, Accepted] = {
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
