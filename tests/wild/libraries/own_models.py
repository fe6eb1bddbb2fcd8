"""The models of this repository: its corpus and its examples, where a file declares one model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.corpus_annotations import CORPUS, read
from tests.wild.case import Case, Library
from tests.wild.libraries.stacks import DEVELOPED

EXAMPLES = Path(__file__).parents[3] / "export_lsp" / "examples"

# Folders of files that have no model for torch to export.
WITHOUT_MODEL = ("load-error", "build-error", "no-target", "invalid-input")
DECLARED = {"model", "example_args"}


def _cases() -> Iterator[Case]:
    for folder in (EXAMPLES, CORPUS):
        for file in sorted(folder.rglob("*.py")):
            name = str(file.relative_to(folder).with_suffix(""))
            if not name.startswith(WITHOUT_MODEL) and _declares_model(read(file)):
                yield Case(name, "", text=read(file), dynamic=None)


def _declares_model(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return names | functions >= DECLARED and "from ." not in text


LIBRARY = Library(
    name="own",
    module="torch",
    environment="torch",
    requirements=(*DEVELOPED, "numpy"),
    setup="",
    cases=tuple(_cases()),
)
