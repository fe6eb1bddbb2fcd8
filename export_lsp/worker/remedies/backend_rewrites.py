"""Operations that backends lack, written with operations that they have.

Each gives the same results for all inputs, NaN included, by what torch documents of both sides; a
trial converts the program again, and compares them.  Neither the registry of ``torch.onnx.export``
(onnxscript 0.7) nor core ATen has ``kthvalue``, ``searchsorted`` or ``cdist``, and onnxscript's
``aten_amin``, which ``aminmax`` becomes, needs a dimension.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source, as_operand
from export_lsp.worker.user_code.workspace import Workspace

GROUP = "the operation"


@dataclass(frozen=True)
class _Call:
    """A call of an operation, as a function of torch or a method of its first tensor.

    `tensors` are the texts of its positional arguments, the method's own first; `named` those of
    its keywords.  `values` is true if only the values of a pair of values and indices are used.
    """

    operation: str
    tensors: list[str]
    named: dict[str, str]
    values: bool

    def argument(self, position: int, name: str, default: str = "") -> str:
        """Return the text of an argument, however it is given."""
        if position < len(self.tensors):
            return self.tensors[position]
        return self.named.get(name, default)


def remedies(source: Source, location: Location, workspace: Workspace) -> Iterator[Remedy]:
    """Yield what to write instead of the operation at a location."""
    node = source.expression_at(location)
    if not isinstance(node, ast.Call):
        return
    around = next((each for each in source.enclosing(location) if each is not node), None)
    takes_values = isinstance(around, ast.expr) and _is_values_of(around, node)
    call = _call(source, node, takes_values)
    rewrite = _REWRITES.get(call.operation) if call is not None else None
    text = rewrite(call) if call is not None and rewrite is not None else None
    if text is None:
        return
    replaced = around if takes_values and isinstance(around, ast.expr) else node
    yield Remedy("replace", source.location_of(replaced), text, group=GROUP)


def _is_values_of(around: ast.expr, call: ast.Call) -> bool:
    """Return whether an expression is ``call.values`` or ``call[0]``."""
    if isinstance(around, ast.Attribute):
        return around.value is call and around.attr == "values"
    if not isinstance(around, ast.Subscript) or around.value is not call:
        return False
    return isinstance(around.slice, ast.Constant) and around.slice.value == 0


def _call(source: Source, node: ast.Call, values: bool) -> _Call | None:
    if not isinstance(node.func, ast.Attribute) or any(
        isinstance(argument, ast.Starred) for argument in node.args
    ):
        return None
    texts = [source.text_of(argument) for argument in node.args]
    named = {each.arg: source.text_of(each.value) for each in node.keywords if each.arg}
    if len(named) < len(node.keywords):
        return None
    owner = source.text_of(node.func.value)
    tensors = texts if owner == "torch" else [owner, *texts]
    return _Call(node.func.attr, tensors, named, values)


def _kthvalue(call: _Call) -> str | None:
    """Sort: https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html."""
    number, dim = call.argument(1, "k"), call.argument(2, "dim", "-1")
    if not call.values or not call.tensors or not number:
        return None
    place = str(int(number) - 1) if number.isdigit() else f"{as_operand(number)} - 1"
    taken = f"select({dim}, {place})"
    if call.argument(3, "keepdim", "False") != "False":
        taken = f"narrow({dim}, {place}, 1)"
    return f"{as_operand(call.tensors[0])}.sort({dim}).values.{taken}"


def _searchsorted(call: _Call) -> str | None:
    """Count what is less: https://docs.pytorch.org/docs/stable/generated/torch.searchsorted.html.

    NaN is greater than anything, so that what is not greater or equal is counted.
    """
    if len(call.tensors) != 2 or not call.named.keys() <= {"right"}:
        return None
    compared = ">" if call.named.get("right", "False") == "True" else ">="
    edges, values = map(as_operand, call.tensors)
    return f"(~({edges} {compared} {values}.unsqueeze(-1))).sum(-1)"


def _cdist(call: _Call) -> str | None:
    """Take norms: https://docs.pytorch.org/docs/stable/generated/torch.cdist.html."""
    if len(call.tensors) != 2 or call.named:
        return None
    one, other = map(as_operand, call.tensors)
    return f"torch.linalg.vector_norm({one}.unsqueeze(-2) - {other}.unsqueeze(-3), dim=-1)"


def _aminmax(call: _Call) -> str | None:
    """Take each by itself: https://docs.pytorch.org/docs/stable/generated/torch.aminmax.html."""
    if len(call.tensors) != 1 or call.named:
        return None
    tensor = as_operand(call.tensors[0])
    return f"({tensor}.min(), {tensor}.max())"


_REWRITES: dict[str, Callable[[_Call], str | None]] = {
    "kthvalue": _kthvalue,
    "searchsorted": _searchsorted,
    "cdist": _cdist,
    "aminmax": _aminmax,
}
