"""The choice of the files in a folder to check."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.cli.job_selection import exclusion
from export_lsp.engine.files.python_files import python_files
from export_lsp.engine.selection import may_declare_target
from export_lsp.settings.schema import DEFAULT_EXCLUDE


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b.py",
        "a.py",
        "notes.txt",
        "pkg/model.py",
        "pkg/old/model.py",
        ".venv/lib/python3/site-packages/lib.py",
        ".hidden.py",
        "node_modules/x/y.py",
        "pkg/__pycache__/z.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


def found(root: Path, folder: Path, patterns: tuple[str, ...] = DEFAULT_EXCLUDE) -> list[str]:
    files = python_files(root, exclusion(patterns, folder, root))
    return [file.relative_to(root).as_posix() for file in files]


def test_the_defaults_exclude_files_that_are_not_the_users(tree: Path) -> None:
    assert found(tree, tree) == [".hidden.py", "a.py", "b.py", "pkg/model.py", "pkg/old/model.py"]


def test_patterns_start_at_the_workspace_folder(tree: Path) -> None:
    assert found(tree, tree, ("/pkg/old/", "b.py", ".*")) == [
        "a.py",
        "node_modules/x/y.py",
        "pkg/model.py",
        "pkg/__pycache__/z.py",
    ]
    assert found(tree / "pkg", tree, ("/pkg/old/", "__pycache__/")) == ["model.py"]


def test_an_excluded_folder_can_be_named(tree: Path) -> None:
    assert found(tree / "node_modules", tree) == ["x/y.py"]


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("model = M()\nexample_args = ()\n", True),
        ("export_targets: dict = {}\n", True),
        ("class A:\n    def get_eager_model(self): ...\n", True),
        ("def get_inputs():\n    return []\n", True),
        ("model = M()\n", False),
        ("my_example_args_too = 1\n", False),
    ],
)
def test_names_that_may_declare_a_target(source: str, may: bool) -> None:
    assert may_declare_target(source) is may
