"""The call that makes a model: one that the file has already, or one with guessed arguments."""

from __future__ import annotations

import ast

from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile, constructor_values

# Sizes by parts of a parameter's name: small, and divisible by whatever is likely to divide them.
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

# Parts of the names of parameters that are no numbers.
OBJECTS = ("config", "cfg", "args", "model", "module", "encoder")


def instance_of(node: ast.ClassDef, file: ModelFile) -> Instance | None:
    """Return an instance of a model's class that is made with constants alone.

    None if the constructor requires an argument for which there is no guess.
    """
    call = _literal_call(node, file)
    if call is not None:
        return made_by(node, call, file)
    args = _required(node)
    texts = [(arg.arg, _argument(arg, file)) for arg in args]
    if any(text is None for _, text in texts):
        return None
    if not texts:
        return Instance(node, node.name, constructor_values(node, None, {}, file))
    text = f"{node.name}({', '.join(f'{name}={text}' for name, text in texts)})"
    guessed = ast.parse(text, mode="eval").body
    assert isinstance(guessed, ast.Call)
    values = dict(constructor_values(node, guessed, {}, file))
    for arg in args:
        fields = _configuration_fields(arg, file)
        if fields is not None:
            values[arg.arg] = values[f"self.{arg.arg}"] = fields
    return Instance(node, text, values)


def made_by(node: ast.ClassDef, call: ast.Call, file: ModelFile) -> Instance:
    """Return the instance that a call with constants makes."""
    return Instance(node, ast.unparse(call), constructor_values(node, call, {}, file))


def _literal_call(node: ast.ClassDef, file: ModelFile) -> ast.Call | None:
    """Return the call of a class in its file that has the most arguments, all of them literals."""
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
    keywords = zip(constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True)
    positional = args[: len(args) - len(constructor.args.defaults)]
    return [*positional, *(arg for arg, default in keywords if default is None)]


def _argument(arg: ast.arg, file: ModelFile) -> str | None:
    """Return an expression for an argument of a constructor; None if there is no guess."""
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else "int"
    if annotation in BY_ANNOTATION:
        return BY_ANNOTATION[annotation]
    if _configuration_fields(arg, file) is not None or annotation.endswith("Config"):
        return f"{annotation}()"
    is_object = arg.annotation is None and any(part in arg.arg for part in OBJECTS)
    if annotation != "int" or is_object:
        return None
    return str(next((size for name, size in SIZES.items() if name in arg.arg), SIZE))


def _configuration_fields(arg: ast.arg, file: ModelFile) -> dict[str, object] | None:
    """Return the fields of a configuration class of the file, with their defaults.

    None if the argument's annotation is no such class, or one of its fields has no default.
    """
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
