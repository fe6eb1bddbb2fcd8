"""The values of command-line arguments and of configuration files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from export_lsp.fixes.usage.project import Project
from export_lsp.fixes.usage.scopes import Scope

# Names that parsed arguments and configurations usually have.
NAMES = ("args", "opt", "opts", "options", "cfg", "config", "conf", "hparams", "hp", "params")

# The most values that are taken from a configuration at once.
LARGEST = 100


def default_of_argument(name: str, module: Scope) -> ast.expr | None:
    """Return the default of a command-line argument that a file adds to a parser.

    Of an argument without a default it is the first of its choices.
    """
    for scope in module.walk():
        for call in scope.calls:
            adds = isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument"
            if adds and name in _destinations(call):
                return _default(call)
    return None


def _destinations(call: ast.Call) -> Iterator[str]:
    for given in call.args:
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield given.value.lstrip("-").replace("-", "_")
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)


def _default(call: ast.Call) -> ast.expr | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "default" in given:
        default = given["default"]
        return None if isinstance(default, ast.Constant) and default.value is None else default
    action = given.get("action")
    if isinstance(action, ast.Constant) and action.value in ("store_true", "store_false"):
        return ast.Constant(action.value == "store_false")
    choices = given.get("choices")
    if isinstance(choices, (ast.List, ast.Tuple)) and choices.elts:
        return choices.elts[0]
    return None


def configured(keys: Sequence[str], project: Project, module: Scope) -> ast.expr | None:
    """Return the value at the end of these keys in a configuration file of the project.

    Of several files one that the code names counts first.
    """
    if not keys:
        return None
    text = module.source.text
    files = sorted(project.settings, key=lambda file: file.rpartition("/")[2] not in text)
    for file in files:
        found = _at(project.settings[file], keys)
        if found is not None:
            return _literal(found)
    return None


def _at(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def _size(value: Any, most: int) -> int:
    """Return how many values there are in plain data, counted until there are more than `most`."""
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, str) or not isinstance(inner, Iterable):
        return 1
    count = 1
    for each in inner:
        count += _size(each, most - count)
        if count > most:
            break
    return count


def _literal(value: Any) -> ast.expr | None:
    """Return the literal of a little plain data; None for anything else, such as a date."""
    if _size(value, LARGEST) > LARGEST:
        return None
    text = repr(value)
    try:
        if ast.literal_eval(text) != value:
            return None
    except (ValueError, SyntaxError, RecursionError):
        return None
    return ast.parse(text, mode="eval").body
