"""The modules that Python files name in their import statements, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from pathlib import Path

from export_lsp.engine.files import disk


def imported_names(text: str, package: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the modules that the import statements of a text may name, wherever they stand.

    Of ``from a import b`` both ``a`` and ``a.b`` are named.  None are named by a text that does not
    parse.

    Args:
        text: The text of a file.
        package: The packages that contain it, the outermost first: relative imports start there.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(_names(tree, package))


def _names(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            outer = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join((*outer, *([node.module] if node.module else [])))
            if base:
                yield base
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name


class ImportGraph:
    """Follows import statements from file to file within a folder.

    Args:
        folder: The workspace folder.
        roots: Further folders in which imports are searched for.
    """

    def __init__(self, folder: Path, roots: tuple[Path, ...] = ()) -> None:
        self._folder = folder
        self._roots = (folder, folder / "src", *roots)
        self._direct: dict[Path, frozenset[Path]] = {}
        self._libraries: dict[Path, frozenset[str]] = {}

    def reached(self, file: Path) -> Set[Path]:
        """Return the files that a file may import, itself included, over others too."""
        reached = {file}
        waiting = [file]
        while waiting:
            for each in self._imports(waiting.pop()) - reached:
                reached.add(each)
                waiting.append(each)
        return reached

    def libraries(self, file: Path) -> frozenset[str]:
        """Return the top-level names of what a file and its imports import from elsewhere."""
        return frozenset().union(*(self._libraries[each] for each in self.reached(file)))

    def _imports(self, file: Path) -> frozenset[Path]:
        if file not in self._direct:
            text = "".join(disk.lines(str(file)) or ())
            names = imported_names(text, self._package_of(file))
            found = {name: frozenset(self._files_of(name, file)) for name in names}
            self._direct[file] = frozenset().union(*found.values())
            tops = {name.partition(".")[0] for name, files in found.items() if not files}
            own = {name.partition(".")[0] for name, files in found.items() if files}
            self._libraries[file] = frozenset(tops - own)
        return self._direct[file]

    def _files_of(self, name: str, importer: Path) -> Iterator[Path]:
        """Yield the files that importing a dotted name may execute, packages included."""
        parts = name.split(".")
        for root in (importer.parent, *self._roots):
            for count in range(1, len(parts) + 1):
                base = root.joinpath(*parts[:count])
                for file in (base.with_suffix(".py"), base / "__init__.py"):
                    if file.is_file():
                        yield file

    def _package_of(self, file: Path) -> tuple[str, ...]:
        """Return the path of a file's folder below the workspace folder, as names."""
        try:
            return file.parent.relative_to(self._folder).parts
        except ValueError:
            return ()
