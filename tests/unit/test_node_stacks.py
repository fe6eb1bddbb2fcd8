"""The stacks of nodes keep exact positions with every version of Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from export_lsp.worker.places import node_frames
from export_lsp.worker.private.node_stacks import exact_stacks
from export_lsp.worker.stages import load
from export_lsp.worker.user_code.workspace import Workspace

MODEL = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x, y):
        z = {"数": torch.matmul(
            x.relu(), y
        )}
        return z["数"] + x.sum()
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 keeps no columns")
def test_an_expression_of_several_lines_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    workspace = Workspace(str(tmp_path))
    names = vars(load.import_file(str(file)))
    args = torch.ones(2, 3), torch.ones(3, 2)
    with exact_stacks(workspace.contains):
        program = torch.export.export(names["Model"](), args, strict=False)
    source = workspace.read(str(file))
    found = {}
    for node in program.graph.nodes:
        if node.op == "call_function":
            location = node_frames.frames_of_node(node, workspace)[-1].location
            start, end = source.offset(location.start), source.offset(location.end)
            found[str(node.target)] = source.text[start:end]
    assert found["aten.relu.default"] == "x.relu()"
    assert found["aten.matmul.default"].startswith("torch.matmul(")
    assert found["aten.matmul.default"].endswith(")")
    assert found["aten.sum.default"] == "x.sum()"
