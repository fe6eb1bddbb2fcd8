"""Dynamic shapes written where a file declares a target without any."""

from __future__ import annotations

import ast

import pytest

from export_lsp.export_calls import by_target_name, export_calls
from export_lsp.fixes.dynamic_shapes import declare_shapes
from export_lsp.fixes.edits import apply
from export_lsp.protocol import Location
from export_lsp.source import Source

SHAPES = '{"x": {0: torch.export.Dim("batch")}}'


def declared(text: str, target: str, marked: str) -> str | None:
    """Return the text with shapes of a target, whose declaration is the marked expression."""
    source = Source("model.py", "model", text)
    start = source.position_at(text.index(marked))
    end = source.position_at(text.index(marked) + len(marked))
    edits = declare_shapes(source, target, Location("model.py", start, end), SHAPES)
    if edits is None:
        return None
    new = apply(source, edits)
    ast.parse(new)
    return new


def test_after_the_example_inputs_at_the_top_level() -> None:
    text = "import torch\n\nmodel = Net()\nexample_args = (\n    torch.ones(2),\n)\nprint(model)\n"
    assert declared(text, "model", "Net()") == (
        "import torch\n\nmodel = Net()\nexample_args = (\n    torch.ones(2),\n)\n"
        f"dynamic_shapes = {SHAPES}\nprint(model)\n"
    )


def test_torch_is_named_as_the_file_does() -> None:
    text = "import torch as t\n\nmodel = Net()\nexample_args = (t.ones(2),)\n"
    written = declared(text, "model", "Net()")
    assert written is not None
    assert written.endswith('dynamic_shapes = {"x": {0: t.export.Dim("batch")}}\n')


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('{"model": Net()}', f'{{"model": Net(), "dynamic_shapes": {SHAPES}}}'),
        ('{"model": (Net()),}', f'{{"model": (Net()), "dynamic_shapes": {SHAPES}}}'),
        (
            '{\n    "model": Net(),\n    "args": (1,),  # one, (two\n}',
            '{\n    "model": Net(),\n    "args": (1,),  # one, (two\n'
            f'    "dynamic_shapes": {SHAPES},\n}}',
        ),
        (
            '{\n    "args": (1,),\n    "model": (\n        Net()\n    )  # last\n}',
            '{\n    "args": (1,),\n    "model": (\n        Net()\n    ),  # last\n'
            f'    "dynamic_shapes": {SHAPES},\n}}',
        ),
    ],
)
def test_an_item_of_the_entry(entry: str, expected: str) -> None:
    text = 'import torch\nexport_targets = {"a": X}\n'
    assert declared(text.replace("X", entry), "a", entry) == text.replace("X", expected)


def test_a_method_of_the_class() -> None:
    text = (
        "import torch\n\n\nclass Net:\n    def get_eager_model(self):\n        return 1\n\n"
        "    def get_example_inputs(self):\n        return (torch.ones(2),)\n\n\nother = 1\n"
    )
    written = declared(text, "Net", "Net")
    assert written == text.replace(
        "(torch.ones(2),)\n",
        f"(torch.ones(2),)\n\n    def get_dynamic_shapes(self):\n        return {SHAPES}\n",
    )


def test_an_argument_of_the_call() -> None:
    text = "import torch\n\nprogram = torch.export.export(\n    Net(), (torch.ones(2),)\n)\n"
    [(name, call)] = by_target_name(export_calls(ast.parse(text))).items()
    written = declared(text, name, ast.unparse(call.func))
    assert written is not None
    assert f"Net(), (torch.ones(2),),\n    dynamic_shapes={SHAPES},\n)" in written


@pytest.mark.parametrize(
    ("text", "target", "marked"),
    [
        ("model = Net()\nexample_args = ()\ndynamic_shapes = make()\n", "model", "Net()"),
        ('export_targets = {"a": {"model": 1, "dynamic_shapes": None}}\n', "a", '{"model": 1'),
        ("export_targets = {'a': entry}\n", "a", "entry"),
        ("class Model: ...\ndef get_inputs(): ...\n", "Model", "Model"),
    ],
)
def test_nothing_is_written_without_a_place(text: str, target: str, marked: str) -> None:
    assert declared(text, target, marked) is None
