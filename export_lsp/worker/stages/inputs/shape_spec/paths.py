"""Paths into inputs and dynamic_shapes in torch's messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from export_lsp.worker.places.failure import Failure
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path

SPEC_PATH = re.compile(r"`(?:dynamic_shapes|inputs)((?:\[[^\]]*\])*)`")
SPEC_INDEX = re.compile(r"mapped to index (\d+)")


def path_in(failure: Failure, declaration: Declaration) -> Path:
    """Return the path that the text of ``_check_dynamic_shapes`` names last; () if none."""
    paths = SPEC_PATH.findall(failure.text)
    path = parsed(paths[-1], declaration) if paths else ()
    index = SPEC_INDEX.search(failure.text)
    return (*path, int(index[1])) if index is not None else path


def parsed(keys: str, declaration: Declaration) -> Path:
    """Return a path that torch writes as "['maps'][0]", with the parameter's name as first step."""
    return _with_name(
        [ast.literal_eval(key) for key in re.findall(r"\[(.*?)\]", keys)], declaration
    )


def of_keys(keys: Iterable[Any], declaration: Declaration) -> Path:
    """Return a path that torch has as keys of ``torch.utils._pytree``, like `parsed`."""
    path = [getattr(key, "key", getattr(key, "idx", getattr(key, "name", None))) for key in keys]
    return _with_name(path, declaration)


def _with_name(path: list[Any], declaration: Declaration) -> Path:
    names = list(declaration.arguments())
    if path and isinstance(path[0], int) and path[0] < len(names):
        path[0] = names[path[0]]
    return tuple(path)


def expression(path: Path) -> str:
    """Return a path as the user writes it: "maps[0]"."""
    return f"{path[0]}{''.join(f'[{key!r}]' for key in path[1:])}"
