"""Dimensions of an input that a model's author has written down.

They are in docstrings ("x: (batch, 3, H, W)"), in comments ("# x: [B, T, C]"), and in the
statement that unpacks a shape (``b, c, h, w = x.shape``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

# How far behind the name of a parameter its dimensions may be written.
NEAR = 160

_GROUP = re.compile(r"[(\[]\s*([^()\[\]]*,[^()\[\]]*)[)\]]")
_DIMENSION = re.compile(r"\*?\w+|\.\.\.|\*")
_WORDS = frozenset(
    (
        *("optional", "tensor", "torch", "float", "int", "long", "bool", "default", "or"),
        *("and", "none", "list", "tuple", "dict", "str"),
    )
)


def documented(node: ast.ClassDef, forward: ast.FunctionDef, name: str, text: str) -> list[str]:
    """Return the names or sizes of an input's dimensions as written down; none if they are not.

    Args:
        node: The class of the model.
        forward: Its method.
        name: A parameter of that.
        text: The text of the file.
    """
    unpacked = next(_unpacked(forward, name), None)
    if unpacked is not None:
        return unpacked
    lines = text.splitlines()[forward.lineno - 1 : forward.end_lineno]
    comments = "\n".join(line.partition("#")[2] for line in lines if "#" in line)
    documents = [ast.get_docstring(forward), ast.get_docstring(node), comments]
    for document in documents:
        found = _dimensions(document or "", name)
        if found:
            return found
    return _trailing(lines, name)


def _unpacked(forward: ast.FunctionDef, name: str) -> Iterator[list[str]]:
    shapes = (f"{name}.shape", f"{name}.size()")
    for statement in ast.walk(forward):
        if isinstance(statement, ast.Assign) and ast.unparse(statement.value) in shapes:
            [target] = statement.targets[:1]
            if isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts):
                yield [ast.unparse(each) for each in target.elts]


def _dimensions(text: str, name: str) -> list[str]:
    """Return the first dimensions in brackets behind a name."""
    for found in re.finditer(rf"(?<![\w.]){re.escape(name)}(?![\w(])", text):
        near = text[found.end() : found.end() + NEAR].split("\n\n")[0]
        for group in _GROUP.finditer(near):
            dimensions = _split(group[1])
            if dimensions:
                return dimensions
    return []


def _trailing(lines: Sequence[str], name: str) -> list[str]:
    """Return the dimensions in the comment behind a parameter: ``x,  # (B, T, C)``."""
    for line in lines:
        code, _, comment = line.partition("#")
        if re.match(rf"\s*{re.escape(name)}\s*[:,=)]", code):
            group = _GROUP.search(comment)
            return _split(group[1]) if group else []
    return []


def _split(text: str) -> list[str]:
    parts = [part.strip(" `'\"") for part in text.split(",")]
    if parts and not parts[-1]:
        parts.pop()
    if any(not _DIMENSION.fullmatch(part) or part.lower() in _WORDS for part in parts):
        return []
    return parts
