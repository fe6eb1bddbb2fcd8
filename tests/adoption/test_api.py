"""The functions for programs: `export_lsp.check` and `export_lsp.assert_exports`."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import export_lsp
from export_lsp.api.session import shared_session
from tests.adoption.live_models import Branch, Plain
from tests.server.models import CLEAN, GUARD, GUARD_TEXT

HERE = Path(__file__)
# Notes each import in a file.
SELF_CHECKING = """\
import pathlib

import torch
from export_lsp import assert_exports


class Net(torch.nn.Module):
    def forward(self, x):
        return x + 1


with open(pathlib.Path(__file__).parent / "imported", "a") as file:
    file.write("x")
assert_exports(Net(), (torch.ones(2),), modes=["non-strict"])
"""


def test_a_check_has_problems_at_their_places_and_targets(tmp_path: Path) -> None:
    (tmp_path / "guard.py").write_text(GUARD)
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "other.py").write_text("raise SystemExit('not a model')\n")
    result = export_lsp.check(tmp_path, python=sys.executable)
    [problem] = result.problems
    line = GUARD.splitlines()[problem.place.line - 1]
    assert line[problem.place.column - 1 : problem.place.end_column - 1] == GUARD_TEXT
    assert problem.place.file == tmp_path / "guard.py"
    assert (problem.rule, problem.severity, problem.fails) == (
        "data-dependent-guard",
        "error",
        True,
    )
    assert problem.targets == ("model",)
    clean, guard = sorted(result.targets, key=lambda each: each.file)
    assert (clean.ok, clean.problems, clean.exports) == (
        True,
        (),
        {"non-strict": True, "strict": True},
    )
    assert clean.line == CLEAN.splitlines().index("model = Pick()") + 1
    assert clean.verdict.startswith("exports ✓")
    assert (guard.ok, guard.problems, result.ok) == (False, (problem,), False)
    assert f"error[{problem.rule}] {problem.title}" in str(problem)
    assert str(problem).splitlines()[0] in str(result)


def test_a_check_with_fixes_has_their_edits(tmp_path: Path) -> None:
    file = tmp_path / "guard.py"
    file.write_text(GUARD)
    result = export_lsp.check(file, python=sys.executable, modes=["non-strict"], fixes=True)
    [problem] = result.problems
    assert problem.modes == ("non-strict",)
    assert problem.fixes[0].edits
    assert all(edit.place.file == file for fix in problem.fixes for edit in fix.edits)


def test_what_cannot_be_checked_raises_one_sentence(tmp_path: Path, torchless_python: Path) -> None:
    (tmp_path / "model.py").write_text(CLEAN)
    with pytest.raises(export_lsp.CheckError, match=r"missing\.py does not exist\.$"):
        export_lsp.check(tmp_path / "missing.py")
    with pytest.raises(export_lsp.CheckError, match="torch"):
        export_lsp.check(tmp_path / "model.py", python=torchless_python)


def test_assert_exports_passes_a_model_that_exports() -> None:
    size = torch.export.Dim("size")
    shapes = {"x": {0: 2 * size + 1}}
    export_lsp.assert_exports(Plain(), (torch.ones(5),), dynamic_shapes=shapes)


def test_assert_exports_shows_the_line_of_the_model() -> None:
    with pytest.raises(AssertionError) as raised:
        export_lsp.assert_exports(Branch(torch.nn.ReLU()), kwargs={"x": torch.ones(5)})
    assert re.search(
        r"live_models\.py:(\d+):12: error\[data-dependent-branch\](.*\n)+?"
        r"\1 \|         if x\.sum\(\) > 0:",
        str(raised.value),
    )


def test_assert_exports_shows_the_call_for_problems_of_its_arguments() -> None:
    with pytest.raises(AssertionError) as raised:
        export_lsp.assert_exports(Plain(), (torch.ones(5),), dynamic_shapes={"y": {0: 1}})
    lines = HERE.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, start=1) if '{"y": {0: 1}}' in line)
    assert f"test_api.py:{number}:9: error[invalid-dynamic-shapes]" in str(raised.value)
    assert "export_lsp_live_model" not in str(raised.value)


def test_assert_exports_refuses_what_cannot_be_pickled() -> None:
    with pytest.raises(export_lsp.CheckError, match="top level of a module"):
        export_lsp.assert_exports(lambda x: x, (torch.ones(5),))


def test_assert_exports_refuses_a_class_of_the_script_that_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Plain, "__module__", "__main__")
    with pytest.raises(export_lsp.CheckError, match="in the script that runs"):
        export_lsp.assert_exports(Plain(), (torch.ones(5),))


def test_a_module_that_is_imported_for_a_check_starts_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not on the search path either, as the modules of tests may be."""
    (tmp_path / "own_model.py").write_text(SELF_CHECKING)
    spec = importlib.util.spec_from_file_location("own_model", tmp_path / "own_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "own_model", module)
    spec.loader.exec_module(module)
    assert (tmp_path / "imported").read_text() == "xx"


def test_the_worker_of_a_program_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(CLEAN)
    program = (
        "import export_lsp, sys\n"
        "print(export_lsp.check('model.py', python=sys.executable, modes=['non-strict']).ok)\n"
    )
    command = [sys.executable, "-c", program]
    root = HERE.parents[2]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{root}:{':'.join(sys.path)}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_one_session_serves_all_checks() -> None:
    assert shared_session() is shared_session()
