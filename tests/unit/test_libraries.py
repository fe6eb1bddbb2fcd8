"""Failures inside of libraries: where they are, and how they are reported."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from export_lsp.findings import merge
from export_lsp.protocol import MODES, Finding, Location, Position, Remedy
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Places, Target, nothing
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.text.sentences import Words
from export_lsp.worker.user_code import libraries
from export_lsp.worker.user_code.workspace import Workspace

LIBRARY = """
def head(x):
    return inner(x) + 1


def inner(x):
    if x.total == 0:
        return x.missing
    return x
"""

MODEL = """
import boxes

def forward(x):
    return boxes.head(x)

model = boxes
"""


@pytest.fixture
def boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A library outside of the workspace folder."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "boxes.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(folder))
    libraries.package_of.cache_clear()
    yield importlib.import_module("boxes")
    del sys.modules["boxes"]
    libraries.package_of.cache_clear()


def failure_in(folder: Path, text: str, argument: object) -> Failure:
    """Return the failure of a model's ``forward``."""
    workspace = Workspace(str(folder / "work"))
    file = folder / "work" / "net.py"
    file.parent.mkdir()
    file.write_text(text)
    names: dict[str, object] = {}
    exec(compile(text, str(file), "exec"), names)
    with pytest.raises(AttributeError) as raised:
        names["forward"](argument)  # type: ignore[operator]
    here = Location(str(file), Position(6, 8), Position(6, 13))
    places = Places(here, here, here, here, here)
    target = Target("model", places, nothing, nothing, nothing, nothing)
    stack = locate.stack_of(raised.value, workspace)
    return Failure(
        raised.value, "capture", None, target, workspace, SymbolTracker(workspace), stack
    )


def test_code_of_models_is_told_from_what_traces_and_from_the_standard_library() -> None:
    torch_folder = os.path.dirname(torch.__file__)
    packages = {
        "torch": ("nn/functional.py", "ao/quantization/fake_quantize.py", "distributions/kl.py"),
        "": ("fx/interpreter.py", "_tensor.py", "nn/modules/module.py", "_dynamo/eval_frame.py"),
    }
    for package, files in packages.items():
        found = [libraries.package_of(os.path.join(torch_folder, file)) for file in files]
        assert found == [package] * len(files)
    assert libraries.package_of(json.__file__) == ""
    assert libraries.package_of(libraries.__file__) == ""
    assert libraries.package_of("<string>") == ""
    assert libraries.package_of(pytest.__file__) == "pytest"


def test_the_innermost_code_of_a_stack_may_be_a_librarys(boxes: ModuleType, tmp_path: Path) -> None:
    failure = failure_in(tmp_path, MODEL, object())
    library = failure.stack.library
    assert library is not None
    assert (library.package, library.function) == ("boxes", "inner")
    assert library.location.file == boxes.__file__
    assert [frame.function for frame in failure.stack.frames] == ["forward"]
    if sys.version_info >= (3, 11):
        assert failure.expression == "x.total"


def test_a_frame_of_the_users_inside_of_a_library_counts(boxes: ModuleType, tmp_path: Path) -> None:
    model = MODEL + "\nclass Own:\n    @property\n    def total(self):\n        return self.no\n"
    names: dict[str, type] = {}
    exec(compile(model, str(tmp_path / "work" / "net.py"), "exec"), names)
    failure = failure_in(tmp_path, model, names["Own"]())
    assert failure.stack.library is None
    assert [frame.function for frame in failure.stack.frames] == ["forward", "total"]


def test_the_finding_is_at_the_users_call_and_says_where_in_the_library(
    boxes: ModuleType, tmp_path: Path
) -> None:
    failure = failure_in(tmp_path, MODEL, object())
    assert failure.stack.library is not None
    other = Location(str(boxes.__file__), Position(0, 0), Position(0, 1))
    finding = failure.finding(
        "graph-break",
        Words("Unknown branch", "Which way it goes is not known.", "Edit `x`."),
        remedies=(Remedy("remove", failure.call), Remedy("remove", other)),
    )
    assert finding.location == failure.call
    assert failure.excerpt(finding.location) == "boxes.head(x)"
    assert finding.library == failure.stack.library.location
    assert finding.title == "Unknown branch inside `boxes.head(x)`"
    assert finding.explanation == (
        "At boxes.py:7 of boxes: `x.total`. Which way it goes is not known. Choose options of boxes"
        " that do not lead there, or try another version of it."
    )
    assert [related.message for related in finding.related] == ["boxes: `if x.total == 0:`"]
    assert [remedy.location for remedy in finding.remedies] == [failure.call]


def test_a_model_that_is_a_librarys_fails_at_its_declaration(
    boxes: ModuleType, tmp_path: Path
) -> None:
    failure = failure_in(tmp_path, MODEL, object())
    whole = Failure(
        failure.error,
        "capture",
        None,
        failure.target,
        failure.workspace,
        failure.symbols,
        Stack([], failure.stack.library),
    )
    finding = whole.finding("graph-break", Words("Graph break", "Strict mode cannot trace it."))
    assert finding.location == failure.target.places.declaration
    assert finding.title == "Graph break inside the model"
    assert finding.explanation.startswith("At boxes.py:7 of boxes: `")


def found(line: int, column: int, mode: str = "non-strict", library: bool = True) -> Finding:
    call = Location("/w/net.py", Position(4, 11), Position(4, 24))
    inside = Location("/site/boxes.py", Position(line, column), Position(line, column + 5))
    return Finding(
        "graph-break",
        "capture",
        (mode,),  # type: ignore[arg-type]
        "model",
        call,
        f"line {line}",
        library=inside if library else None,
    )


def test_each_place_in_a_library_is_a_problem_of_its_own() -> None:
    findings = [found(7, 4), found(9, 4), found(7, 4, "strict"), found(8, 4, "strict")]
    problems = merge(findings, modes=MODES, severities={})
    assert [(each.title, each.modes) for each in problems] == [
        ("line 7", MODES),
        ("line 8", ("strict",)),
        ("line 9", ("non-strict",)),
    ]


def test_strict_mode_may_refuse_the_call_that_non_strict_mode_follows() -> None:
    findings = [found(7, 4), found(9, 4), found(0, 0, "strict", library=False)]
    problems = merge(findings, modes=MODES, severities={})
    assert [each.title for each in problems] == ["line 7", "line 9"]
    assert problems[0].modes == MODES
