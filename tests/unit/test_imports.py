"""The external modules that the worker may import, which import-linter cannot restrict."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import export_lsp

PACKAGE = Path(export_lsp.__file__).parent
WORKER = sorted((PACKAGE / "worker").rglob("*.py"))
# torch's symbolic expressions are sympy's, and torch requires it.
ALLOWED = {*sys.stdlib_module_names, "torch", "sympy"}
SHARED = (
    "export_lsp.export_calls",
    "export_lsp.observed",
    "export_lsp.protocol",
    "export_lsp.source",
    "export_lsp.stages",
    "export_lsp.titles",
    "export_lsp.top_level",
    "export_lsp.wire",
)
OURS = (*SHARED, "export_lsp.worker")


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            module = node.module or ""
            yield from (
                f"{module}.{alias.name}" if module == "export_lsp" else module
                for alias in node.names
            )


def allowed(module: str) -> bool:
    return module.partition(".")[0] in ALLOWED or module.startswith(OURS)


def test_there_is_a_worker() -> None:
    assert len(WORKER) > 10


@pytest.mark.parametrize("file", WORKER, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_the_worker_needs_only_the_standard_library_torch_and_the_protocol(file: Path) -> None:
    assert [module for module in imported(file) if not allowed(module)] == []


@pytest.mark.parametrize("module", SHARED)
def test_shared_modules_need_only_the_standard_library(module: str) -> None:
    path = PACKAGE / module.removeprefix("export_lsp.")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    modules = [each for file in files for each in imported(file)]
    others = [m for m in modules if m not in SHARED and not m.startswith(f"{module}.")]
    assert [m for m in others if m.partition(".")[0] not in sys.stdlib_module_names] == []


def test_a_host_says_itself_that_there_is_no_torch() -> None:
    """So its modules must not import torch."""
    script = "import sys, export_lsp.worker.hosts.main_host; print('torch' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "False\n"
