"""Find the reads of the clock in the user's files: tomorrow they give something else.

Python offers no way to see that code reads the clock, so this is decided by the text, for the code
that a check may run: the top level, the classes, and the functions that these name.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

from export_lsp.top_level import asks_for_main

_FUNCTIONS = {"time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"}}
_METHODS = {"datetime": {"now", "utcnow", "today"}, "date": {"today"}}
# Few texts are parsed because of these words.
_MENTIONED = re.compile(r"\b(time(_ns)?|now|utcnow|today|localtime|gmtime|ctime|strftime)\(")

# How the names of functions begin that a check calls itself: `__init__`, `get_inputs` and so on.
_CALLED = ("__", "forward", "export", "get_")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.lru_cache(maxsize=256)
def clock_read(text: str) -> int | None:
    """Return the line of the first call, in a file with this text, that reads the time of day.

    Returns:
        The line, counted from 1; None if there is no such call in code that a check may run.
    """
    if _MENTIONED.search(text) is None:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in _FUNCTIONS["time"]
    }
    lines = [
        node.lineno
        for node in _run_by_a_check(tree)
        if isinstance(node, ast.Call) and _reads_clock(node.func, imported)
    ]
    return min(lines, default=None)


def _reads_clock(function: ast.expr, imported: set[str]) -> bool:
    if isinstance(function, ast.Name):
        return function.id in imported
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return function.attr in _FUNCTIONS.get(name, ()) or function.attr in _METHODS.get(name, ())


def _run_by_a_check(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes of the top level, of classes, and of all functions that these name."""
    functions: dict[str, list[Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            functions.setdefault(node.name, []).append(node)
    conventional = [name for name in functions if name.startswith(_CALLED)]
    reached: set[str] = set()
    waiting: list[ast.AST] = [tree, *(each for name in conventional for each in functions[name])]
    while waiting:
        for node in _own_nodes(waiting.pop()):
            yield node
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
            if name in functions and name not in reached:
                reached.add(name)
                waiting += functions[name]


def _own_nodes(root: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one, without the bodies of functions and of the script's part."""
    stack = list(ast.iter_child_nodes(root))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.If) and asks_for_main(node.test):
            stack += node.orelse
            continue
        yield node
        if isinstance(node, Function):
            stack += [*node.decorator_list, node.args]
        else:
            stack += ast.iter_child_nodes(node)
