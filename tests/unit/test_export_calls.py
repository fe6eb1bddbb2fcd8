"""The calls of torch's export functions in a file."""

from __future__ import annotations

import ast
import textwrap

import pytest

from export_lsp.export_calls import EXPORT_WORD, by_target_name, export_calls


def lines_of(text: str) -> list[int]:
    """Return the lines (from 1) of the export calls."""
    return [call.lineno for call in export_calls(ast.parse(textwrap.dedent(text)))]


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ntorch.export.export(m, ())",
        "import torch as t\nt.export.draft_export(m, ())",
        "import torch.export\ntorch.export.export(m, ())",
        "import torch.export as te\nte.export(m, ())",
        "from torch import export\nexport.export(m, ())",
        "from torch.export import export as capture, Dim\ncapture(m, ())",
        "import torch.onnx\ntorch.onnx.export(m, (), dynamo=True)",
        "from torch import onnx\nonnx.export(m, ())",
    ],
)
def test_an_exporter_is_found_by_any_name(text: str) -> None:
    assert lines_of(text) == [2]
    assert EXPORT_WORD.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ntorch.jit.trace(m, ())",
        "import torch\ntorch.onnx.export(m, (), 'm.onnx', dynamo=False)",
        "import tables\ntables.export.export(m)",
        "from .export import export\nexport(m)",
        "def export(m): ...\nexport(m)",
    ],
)
def test_other_calls_are_not_found(text: str) -> None:
    assert lines_of(text) == []


def test_only_reachable_calls_are_found() -> None:
    text = """\
    import torch

    def main():
        torch.export.export(m, ())

    def never():
        torch.export.export(m, ())

    class Exporter:
        def __init__(self):
            self.program = torch.export.export(m, ())

        def again(self):
            return torch.export.export(m, ())

    if __name__ == "__main__":
        main()
        Exporter()
    """
    assert lines_of(text) == [4, 11]


def test_calls_are_named_in_text_order() -> None:
    calls = export_calls(ast.parse("from torch.export import export\nexport(a)\nexport(b)"))
    assert list(by_target_name(calls)) == ["export", "export 2"]
