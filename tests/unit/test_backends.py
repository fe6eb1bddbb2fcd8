"""The setting of backends, their share in verdicts, and rewrites of what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from export_lsp.protocol import BackendFact, Location, Position
from export_lsp.settings import resolve
from export_lsp.verdicts.backends import backend_sentence, backends_phrase
from export_lsp.worker.backends.comparison import agree
from export_lsp.worker.remedies import backend_rewrites
from export_lsp.worker.user_code.workspace import Workspace


def write(folder: Path, text: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(text)
    return file


def test_a_check_knows_the_line_of_the_setting(tmp_path: Path) -> None:
    file = write(tmp_path, '[tool.export-lsp]\nmodes = ["strict"]\nbackends = ["onnx"]\n')
    check = resolve(tmp_path, options={}).check(tmp_path, tmp_path / "model.py")
    assert check.backends == ("onnx",)
    assert check.backends_location == Location(str(file), Position(2, 0), Position(2, 8))


def test_the_line_of_a_setting_that_the_editor_overrides_is_not_blamed(tmp_path: Path) -> None:
    write(tmp_path, '[tool.export-lsp]\nbackends = ["onnx"]\n')
    resolved = resolve(tmp_path, options={"backends": ["executorch"]})
    check = resolved.check(tmp_path, tmp_path / "model.py")
    assert (check.backends, check.backends_location) == (("executorch",), None)


def test_aot_inductor_is_left_to_the_command_line(tmp_path: Path) -> None:
    write(tmp_path, '[tool.export-lsp]\nbackends = ["onnx", "aot-inductor"]\n')
    saved = resolve(tmp_path, options={}).check(tmp_path, tmp_path / "model.py")
    asked = resolve(tmp_path, options={}, overrides={"backends": ["aot-inductor"]})
    assert saved.backends == ("onnx",)
    assert asked.check(tmp_path, tmp_path / "model.py").backends == ("aot-inductor",)


@pytest.mark.parametrize("written", ['["tensorrt"]', '"onnx"', "[1]"])
def test_other_backends_are_mistakes(tmp_path: Path, written: str) -> None:
    write(tmp_path, f"[tool.export-lsp]\nbackends = {written}\n")
    resolved = resolve(tmp_path, options={})
    assert resolved.settings.backends == ()
    assert "must be a list of onnx" in str(resolved.errors[0])


def test_a_target_has_backends_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "m.py").touch()
    table = '[[tool.export-lsp.target]]\nfile = "m.py"\nmodel = "M()"\nbackends = {}\n'
    write(tmp_path, table.format("[]"))
    [target] = resolve(tmp_path, options={}).targets[tmp_path / "m.py"]
    assert target.backends == ()
    write(tmp_path, table.format('["onx"]'))
    assert "must be a list of onnx or" in str(resolve(tmp_path, options={}).errors[0])


def test_the_share_of_each_backend() -> None:
    onnx = BackendFact("onnx", "onnxscript 0.7.2", 57, 57, converted=True, agrees=True)
    xnnpack = BackendFact("executorch-xnnpack", "executorch 1.5.1", 41, 57, 0.924, converted=True)
    assert backends_phrase([onnx, xnnpack]) == (
        "onnx 57/57 · executorch-xnnpack 41 of 57, 92 % of FLOPs"
    )
    assert backend_sentence(onnx) == (
        "onnx 57/57 operators, converted (onnxscript 0.7.2), results as in eager mode"
    )


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("x.kthvalue(3, dim=-1, keepdim=True).values", "x.sort(-1).values.narrow(-1, 2, 1)"),
        ("torch.kthvalue(x, k + 1)[0]", "x.sort(-1).values.select(-1, (k + 1) - 1)"),
        ("torch.searchsorted(edges, x)", "(~(edges >= x.unsqueeze(-1))).sum(-1)"),
        ("torch.searchsorted(edges, x, right=True)", "(~(edges > x.unsqueeze(-1))).sum(-1)"),
        (
            "torch.cdist(a + b, x)",
            "torch.linalg.vector_norm((a + b).unsqueeze(-2) - x.unsqueeze(-3), dim=-1)",
        ),
        ("torch.aminmax(x)", "(x.min(), x.max())"),
    ],
)
def test_an_operation_that_backends_lack_is_rewritten(
    tmp_path: Path, written: str, instead: str
) -> None:
    assert rewritten(tmp_path, written) == [f"y = {instead}\n"]


@pytest.mark.parametrize(
    "written",
    [
        "x.kthvalue(3)",
        "x.kthvalue(3).indices",
        "torch.cdist(a, b, p=1.0)",
        "torch.searchsorted(edges, x, sorter=order)",
        "torch.aminmax(*args)",
        "torch.linalg.inv(x)",
    ],
)
def test_what_would_change_the_results_is_left_alone(tmp_path: Path, written: str) -> None:
    assert rewritten(tmp_path, written) == []


def rewritten(folder: Path, written: str) -> list[str]:
    """Return the texts of a file in which the call in an expression is rewritten."""
    file = folder / "m.py"
    file.write_text(f"y = {written}\n")
    workspace = Workspace(str(folder))
    source = workspace.source(str(file))
    assert source is not None
    end = written.rindex(")") + 1
    call = Location(str(file), Position(0, 4), Position(0, 4 + end))
    found = []
    for remedy in backend_rewrites.remedies(source, call, workspace):
        first, last = remedy.location.start.character, remedy.location.end.character
        text = f"y = {written}\n"
        found.append(f"{text[:first]}{remedy.text}{text[last:]}")
    return found


def test_rewrites_give_the_same_results_with_nan() -> None:
    x = torch.tensor([[0.3, float("nan"), -1.0, 2.0]])
    edges = torch.tensor([-1.0, 0.3, 1.0])
    assert torch.equal(torch.searchsorted(edges, x), (~(edges >= x.unsqueeze(-1))).sum(-1))
    assert torch.equal(x.kthvalue(3).values, x.sort(-1).values.select(-1, 2))


def test_results_agree_up_to_the_rounding_of_another_implementation() -> None:
    one = torch.tensor([1.0, 100.0])
    assert agree(one, one + 0.05)
    assert not agree(one, one + 0.5)
    assert not agree(one, one.double())
    assert not agree(one.long(), one.long() + 1)
    assert agree(torch.tensor([float("nan")]), torch.tensor([float("nan")]))
