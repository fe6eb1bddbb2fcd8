"""Places a declaration at the end of a model's file, with the imports that it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.module_end import appended
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Location
from export_lsp.source import Source


def placed(
    source: Source, model: Location, lines: Sequence[str], imports: Sequence[str] = ()
) -> tuple[Edit, ...] | None:
    """Return the edits that add lines to a file.

    None if the file does not parse, or binds a name to something else than an import does.

    Args:
        source: The file.
        model: The model's class in it.
        lines: The declaration.
        imports: Statements that the declaration needs.
    """
    missing = missing_imports(source, imports)
    if missing is None:
        return None
    text = "\n".join([*missing, *([""] if missing else []), *lines])
    written = with_torch(source, model, text)
    if written is None:
        return None
    code, torch_import = written
    edit = appended(source, code.split("\n"))
    return (*torch_import, edit) if edit is not None else None


def missing_imports(source: Source, imports: Sequence[str]) -> list[str] | None:
    """Return the imports that a file lacks, but for that of torch.

    None if the file does not parse, or binds one of the names to something else.
    """
    if source.tree is None:
        return None
    present = dict(_bound(source.tree.body))
    missing = []
    for statement in imports:
        [(name, origin)] = _bound(ast.parse(statement).body)
        if present.get(name, origin) != origin:
            return None
        if name not in present and name != "torch":
            missing.append(statement)
    return missing


def _bound(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield the names that statements bind, each with what it is an import of; "" for others.

    One thing may be imported from several modules: a package names what its modules define.
    """
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, ""
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, ""
