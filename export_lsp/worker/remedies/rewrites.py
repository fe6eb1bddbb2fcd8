"""`replace`: expressions that keep a trace from seeing through, and what says the same to it.

They are known by their syntax alone, whatever the rule that names them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source, as_operand

SIZE = re.compile(r"\.shape\b|\.size\(|\blen\(|\.numel\(")

# Of the math module, by torch's names.
MATH = ("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "tanh", "floor", "ceil")

GROUP = "the expression"


def remedies(source: Source, place: Location) -> tuple[Remedy, ...]:
    """What to write instead of the expression at a place, or of a call in it."""
    node = source.expression_at(place)
    if node is None:
        return ()
    of_calls = tuple(
        Remedy("replace", source.location_of(part), text, group=GROUP)
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
        for text in _instead(source, part)
    )
    return (*of_calls, *_indexed(source, node))


def _indexed(source: Source, node: ast.expr) -> Iterator[Remedy]:
    """An index that is a tensor, as one that stays a tensor: `x[i:i + 1]`, `x[i]`.

    Dynamo makes a number of a scalar, and so does a slice (torch 2.13).
    """
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        if isinstance(part, ast.Slice) and part.lower is not None and part.upper is not None:
            first = source.text_of(part.lower)
            if ast.unparse(part.upper) == f"{first} + 1" and part.step is None:
                yield Remedy(
                    "replace", source.location_of(part), f"{first}.reshape(1)", group=GROUP
                )
    if isinstance(node.slice, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        value, index = (source.text_of(each) for each in (node.value, node.slice))
        text = f"{value}[{index}.reshape(1)].squeeze(0)"
        yield Remedy("replace", source.location_of(node), text, group=GROUP)


def _instead(source: Source, call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    args = [source.text_of(argument) for argument in call.args]
    for known in KNOWN:
        text = known(name, args, call)
        if text is not None:
            yield text


def _root(name: str, args: list[str], call: ast.Call) -> str | None:
    """A root of a size: `math` gives plain numbers."""
    if name not in ("math.sqrt", "np.sqrt", "numpy.sqrt") or len(args) != 1:
        return None
    return f"{as_operand(args[0])} ** 0.5" if SIZE.search(args[0]) else None


def _integer(name: str, args: list[str], call: ast.Call) -> str | None:
    """A size is an integer already."""
    bare = name == "int" and len(args) == 1 and isinstance(call.args[0], ast.Subscript)
    return args[0] if bare and SIZE.search(args[0]) else None


def _is_integer(name: str, args: list[str], call: ast.Call) -> str | None:
    """While tracing, sizes are of another class."""
    if name != "isinstance" or args[1:] != ["int"] or not SIZE.search(args[0]):
        return None
    return f"isinstance({args[0]}, (int, torch.SymInt))"


def _of_item(name: str, args: list[str], call: ast.Call) -> str | None:
    """A function of a tensor's value, as one of the tensor."""
    module, _, function = name.partition(".")
    known = module == "math" and function in MATH and len(args) == 1
    if not known or not args[0].endswith(".item()"):
        return None
    return f"torch.{function}({args[0].removesuffix('.item()')})"


def _stacked(name: str, args: list[str], call: ast.Call) -> str | None:
    """``torch.tensor`` takes the values out of tensors."""
    items = call.args[0] if len(args) == 1 and not call.keywords else None
    if name != "torch.tensor" or not isinstance(items, ast.List) or not items.elts:
        return None
    calls = all(isinstance(item, (ast.Call, ast.Name, ast.Attribute)) for item in items.elts)
    return f"torch.stack({args[0]})" if calls else None


def _cloned(name: str, args: list[str], call: ast.Call) -> str | None:
    known = name in ("copy.deepcopy", "copy.copy", "deepcopy") and len(args) == 1
    return f"{as_operand(args[0])}.clone()" if known else None


def _plain(name: str, args: list[str], call: ast.Call) -> str | None:
    """A parameter that is made in forward is but a tensor."""
    return args[0] if name.endswith("nn.Parameter") and len(args) == 1 else None


def _unexplained(name: str, args: list[str], call: ast.Call) -> str | None:
    """A check with a message, which strict mode does not trace (torch 2.13)."""
    return f"torch._check({args[0]})" if name == "torch._check" and len(args) == 2 else None


KNOWN: tuple[Callable[[str, list[str], ast.Call], str | None], ...] = (
    _root,
    _integer,
    _is_integer,
    _of_item,
    _stacked,
    _cloned,
    _plain,
    _unexplained,
)
