"""`replace`: expressions that a trace cannot see through, and equal ones that it can.

They are recognised by their syntax alone, whichever rule reports them.  ``REWRITES`` lists those of
calls.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source, as_operand

SIZE = re.compile(r"\.shape\b|\.size\(|\blen\(|\.numel\(")

# Functions of the math module that torch has under the same name.
MATH = ("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "tanh", "floor", "ceil")

# Functions that round down a quotient of positive numbers, and those that round it up.
UPWARDS = ("math.ceil", "np.ceil", "numpy.ceil")
ROUNDING = ("int", "math.floor", "np.floor", "numpy.floor", *UPWARDS)

# The largest divisor that stands for a factor such as 0.1.
MOST = 64

GROUP = "the expression"

# Takes the name of a call's function, the texts of its positional arguments and the call, and
# returns the text to write instead; None if it does not apply.
Rewrite = Callable[[str, "list[str]", ast.Call], "str | None"]


def remedies(source: Source, location: Location) -> tuple[Remedy, ...]:
    """Return what to write instead of the expression at a location, or of the calls in it."""
    node = source.expression_at(location)
    if node is None:
        return ()
    of_calls = tuple(
        Remedy("replace", source.location_of(part), text, group=GROUP)
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
        for text in _rewritten(source, part)
    )
    return (*of_calls, *_tensor_index(source, node), *_data_alias(source, node))


def _data_alias(source: Source, node: ast.expr) -> Iterator[Remedy]:
    """Use a tensor itself, or a detached view of it, in place of its ``.data``."""
    if not isinstance(node, ast.Attribute) or node.attr != "data":
        return
    location, tensor = source.location_of(node), source.text_of(node.value)
    parent = next((n for n in source.enclosing(location) if n is not node), None)
    if isinstance(parent, ast.Assign) and parent.targets == [node]:
        text = f"{tensor}.copy_({source.text_of(parent.value)})"
        yield Remedy("replace", source.location_of(parent), text, group=GROUP)
        return
    if isinstance(parent, ast.Attribute) and parent.attr.endswith("_"):
        yield Remedy("replace", location, tensor, group=GROUP)  # its method changes it in place
    yield Remedy("replace", location, f"{tensor}.detach()", group=GROUP)


def _tensor_index(source: Source, node: ast.expr) -> Iterator[Remedy]:
    """Keep an index that is a tensor from becoming a number: in `x[i:i + 1]` and in `x[:, i]`.

    Dynamo makes a number of a scalar index, and so does a slice (torch 2.13).
    """
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for part in parts:
        if isinstance(part, ast.Slice) and part.lower is not None and part.upper is not None:
            first = source.text_of(part.lower)
            if ast.unparse(part.upper) == f"{first} + 1" and part.step is None:
                location = source.location_of(part)
                yield Remedy("replace", location, f"{first}.reshape(1)", group=GROUP)
    scalars = [part for part in parts if not isinstance(part, ast.Slice)]
    scalar = _scalar_tensor(scalars[0]) if len(scalars) == 1 else None
    if scalar is not None:
        dimension = parts.index(scalars[0])
        yield from _one_item(source, node, parts, dimension, f"{scalar}.reshape(1)")


def _scalar_tensor(index: ast.expr) -> str | None:
    """Return the text of the tensor that an index may be, or may take its number from."""
    if isinstance(index, ast.Call) and ast.unparse(index.func) == "int" and len(index.args) == 1:
        index = index.args[0]
    if isinstance(index, ast.Call) and isinstance(index.func, ast.Attribute):
        index = index.func.value if index.func.attr == "item" else index
    return ast.unparse(index) if isinstance(index, (ast.Name, ast.Attribute)) else None


def _one_item(
    source: Source, node: ast.Subscript, parts: list[ast.expr], dimension: int, item: str
) -> Iterator[Remedy]:
    """Index along one dimension with a tensor of one item in place of a scalar."""
    tensor = source.text_of(node.value)
    texts = [item if n == dimension else source.text_of(part) for n, part in enumerate(parts)]
    indexed, location = f"{tensor}[{', '.join(texts)}]", source.location_of(node)
    if isinstance(node.ctx, ast.Load):
        yield Remedy("replace", location, f"{indexed}.squeeze({dimension})", group=GROUP)
        return
    parent = next((n for n in source.enclosing(location) if n is not node), None)
    if not isinstance(parent, ast.Assign) or parent.targets != [node]:
        return
    statement, value = source.location_of(parent), source.text_of(parent.value)
    if not isinstance(parent.value, ast.Constant):
        value = f"{as_operand(value)}.unsqueeze({dimension})"
    in_place = Remedy("replace", statement, f"{indexed} = {value}", group=GROUP)
    copied = f"{tensor} = {tensor}.index_copy({dimension}, {item}, {value})"
    if not _is_operand_of_loop(source, node):
        yield in_place
    elif not isinstance(parent.value, ast.Constant):
        yield Remedy("replace", statement, copied, group=GROUP)


def _is_operand_of_loop(source: Source, node: ast.Subscript) -> bool:
    """Return whether a tensor is given to a function in a function.

    Bodies of ``while_loop`` and branches of ``cond`` must not change what they are given.
    """
    around = source.enclosing(source.location_of(node))
    functions = [each for each in around if isinstance(each, ast.FunctionDef)]
    given = {argument.arg for argument in functions[0].args.args} if functions else set()
    return len(functions) > 1 and ast.unparse(node.value) in given


def _rewritten(source: Source, call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    args = [source.text_of(argument) for argument in call.args]
    for rewrite in REWRITES:
        text = rewrite(name, args, call)
        if text is not None:
            yield text


def _size_root(name: str, args: list[str], call: ast.Call) -> str | None:
    """Take the root of a size with `**`: `math` and numpy make a plain number of it."""
    if name not in ("math.sqrt", "np.sqrt", "numpy.sqrt") or len(args) != 1:
        return None
    return f"{as_operand(args[0])} ** 0.5" if SIZE.search(args[0]) else None


def _int_of_size(name: str, args: list[str], call: ast.Call) -> str | None:
    """Drop the `int` around a size, which is an integer already."""
    is_item = name == "int" and len(args) == 1 and isinstance(call.args[0], ast.Subscript)
    return args[0] if is_item and SIZE.search(args[0]) else None


def _rounded_quotient(name: str, args: list[str], call: ast.Call) -> str | None:
    """Divide a size with `//`: `/` and a factor such as 0.5 make a float of it."""
    quotient = call.args[0] if len(args) == 1 else None
    if isinstance(quotient, ast.Call) and name == "int":
        return _rounded_quotient(
            ast.unparse(quotient.func), list(map(ast.unparse, quotient.args)), quotient
        )
    if name not in ROUNDING or not isinstance(quotient, ast.BinOp):
        return None
    parts = _quotient(quotient)
    if parts is None:
        return None
    divided, divisor = map(as_operand, parts)
    return f"-(-{divided} // {divisor})" if name in UPWARDS else f"{divided} // {divisor}"


def _quotient(node: ast.BinOp) -> tuple[str, str] | None:
    """Return what an expression divides, and by which number: `x`, `2` for ``x * 0.5``."""
    left, right = ast.unparse(node.left), ast.unparse(node.right)
    number = node.right.value if isinstance(node.right, ast.Constant) else None
    if isinstance(node.op, (ast.Div, ast.FloorDiv)):
        return left, f"{number:.0f}" if isinstance(number, float) else right
    if not isinstance(node.op, ast.Mult) or not isinstance(number, float):
        return None
    factor = Fraction(number).limit_denominator(MOST)
    exact = factor.numerator == 1 or Fraction(number) == factor
    if not exact or factor.denominator == 1 or factor <= 0:
        return None
    times = f"{as_operand(left)} * {factor.numerator}" if factor.numerator > 1 else left
    return times, str(factor.denominator)


def _isinstance_of_size(name: str, args: list[str], call: ast.Call) -> str | None:
    """Accept the class that sizes have while tracing."""
    if name != "isinstance" or args[1:] != ["int"] or not SIZE.search(args[0]):
        return None
    return f"isinstance({args[0]}, (int, torch.SymInt))"


def _math_of_item(name: str, args: list[str], call: ast.Call) -> str | None:
    """Compute a function of a tensor's value on the tensor."""
    module, _, function = name.partition(".")
    known = module == "math" and function in MATH and len(args) == 1
    if not known or not args[0].endswith(".item()"):
        return None
    return f"torch.{function}({args[0].removesuffix('.item()')})"


def _tensor_of_tensors(name: str, args: list[str], call: ast.Call) -> str | None:
    """Stack tensors, from which ``torch.tensor`` takes the values."""
    items = call.args[0] if len(args) == 1 and not call.keywords else None
    if name != "torch.tensor" or not isinstance(items, ast.List) or not items.elts:
        return None
    tensors = all(isinstance(item, (ast.Call, ast.Name, ast.Attribute)) for item in items.elts)
    return f"torch.stack({args[0]})" if tensors else None


def _copy(name: str, args: list[str], call: ast.Call) -> str | None:
    known = name in ("copy.deepcopy", "copy.copy", "deepcopy") and len(args) == 1
    return f"{as_operand(args[0])}.clone()" if known else None


def _parameter(name: str, args: list[str], call: ast.Call) -> str | None:
    """Use the tensor itself: a parameter made in ``forward`` is an ordinary tensor."""
    return args[0] if name.endswith("nn.Parameter") and len(args) == 1 else None


def _items_of_mapping(name: str, args: list[str], call: ast.Call) -> str | None:
    """Copy a mapping by its items: Dynamo takes a ``ParameterDict`` for a sequence of them."""
    known = name in ("dict", "OrderedDict", "collections.OrderedDict") and len(args) == 1
    if not known or call.keywords or not isinstance(call.args[0], (ast.Name, ast.Attribute)):
        return None
    return f"{name}({args[0]}.items())"


def _check_with_message(name: str, args: list[str], call: ast.Call) -> str | None:
    """Drop the message of a check, with which strict mode does not trace it (torch 2.13)."""
    return f"torch._check({args[0]})" if name == "torch._check" and len(args) == 2 else None


REWRITES: tuple[Rewrite, ...] = (
    _size_root,
    _int_of_size,
    _rounded_quotient,
    _isinstance_of_size,
    _math_of_item,
    _tensor_of_tensors,
    _copy,
    _parameter,
    _items_of_mapping,
    _check_with_message,
)
