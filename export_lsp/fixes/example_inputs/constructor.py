"""How a model is made: as its file makes it elsewhere, or with values for what it asks."""

from __future__ import annotations

import ast

from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.example_inputs.modules import File, Made, bound

# Small, and divisible by what they are likely to be divided by.
SIZES = {
    "vocab": 32,
    "class": 4,
    "layer": 2,
    "depth": 2,
    "head": 2,
    "kernel": 3,
    "channel": 4,
    "len": 16,
}
SIZE = 8
BY_ANNOTATION = {"bool": "True", "float": "0.1", "str": '"relu"'}


def made(node: ast.ClassDef, file: File) -> Made | None:
    """The model, made of constants alone; None if its constructor asks for what is not known."""
    call = _elsewhere(node, file)
    if call is not None:
        return Made(node, ast.unparse(call), bound(node, call, {}, file))
    args = _required(node)
    texts = [(arg.arg, _text(arg, file)) for arg in args]
    if any(text is None for _, text in texts):
        return None
    if not texts:
        return Made(node, node.name, bound(node, None, {}, file))
    text = f"{node.name}({', '.join(f'{name}={text}' for name, text in texts)})"
    guessed = ast.parse(text, mode="eval").body
    assert isinstance(guessed, ast.Call)
    values = dict(bound(node, guessed, {}, file))
    for arg in args:
        fields = _fields(arg, file)
        if fields is not None:
            values[arg.arg] = values[f"self.{arg.arg}"] = fields
    return Made(node, text, values)


def _elsewhere(node: ast.ClassDef, file: File) -> ast.Call | None:
    """A call that makes one of literals, the one with the most of them."""
    calls = []
    for each in ast.walk(file.tree):
        if isinstance(each, ast.Call) and ast.unparse(each.func) == node.name:
            given = [*each.args, *(keyword.value for keyword in each.keywords)]
            if given and all(_is_literal(value) for value in given):
                calls.append(each)
    return max(calls, key=lambda call: len(call.args) + len(call.keywords), default=None)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _required(node: ast.ClassDef) -> list[ast.arg]:
    constructor = method(node, CONSTRUCTOR)
    if constructor is None:
        return []
    args = [*constructor.args.posonlyargs, *constructor.args.args][1:]
    by_name = zip(constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True)
    needed = args[: len(args) - len(constructor.args.defaults)]
    return [*needed, *(arg for arg, default in by_name if default is None)]


def _text(arg: ast.arg, file: File) -> str | None:
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else "int"
    if annotation in BY_ANNOTATION:
        return BY_ANNOTATION[annotation]
    if _fields(arg, file) is not None:
        return f"{annotation}()"
    if annotation != "int" or (arg.annotation is None and _is_object(arg.arg)):
        return None
    return str(next((size for name, size in SIZES.items() if name in arg.arg), SIZE))


def _is_object(name: str) -> bool:
    return any(part in name for part in ("config", "cfg", "args", "model", "module", "encoder"))


def _fields(arg: ast.arg, file: File) -> dict[str, object] | None:
    """The fields of a configuration that the file defines, if all have a default."""
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    node = file.classes.get(annotation)
    if node is None or method(node, CONSTRUCTOR) is not None:
        return None
    found: dict[str, object] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            if statement.value is None:
                return None
            constant = isinstance(statement.value, ast.Constant)
            found[ast.unparse(statement.target)] = (
                ast.literal_eval(statement.value) if constant else None
            )
    return found or None
