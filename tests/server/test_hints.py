"""Inlay hints: the shapes of tensors beside the names they are assigned to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.conftest import Join, Start
from tests.server.editor import Editor, Json
from tests.server.test_hover import hovered

Write = Callable[[str, str], Path]

# The hints in «…»: with the setting `all` every one of them, with `changes` those without a `!`.
SHAPES = """\
import torch
from torch.export import Dim


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 8)

    def forward(self, x: torch.Tensor«: f32[batch, seq, 8] ×2»):
        x«!: f32[batch, seq, 8] ×2» = self.fc(x)
        q«: f32[batch, seq, 4] ×2», k«: f32[batch, seq, 4] ×2» = x.chunk(2, dim=-1)
        weights«: f32[batch, seq, seq] ×2» = torch.softmax(
            q @ k.transpose(1, 2), dim=-1
        )
        return weights @ x


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.ModuleList([Block(), Block()])

    def forward(self, x«: f32[batch, seq, 8]»):
        for block in self.blocks:
            x«!: f32[batch, seq, 8] ×2» = block(x)
        b, s, c = x.shape
        last«: f32[batch, 8]» = x[:, -1]
        last«: f64[batch, 8]» = last.double()
        return last.view(b, c)


model = Net()
example_args = (torch.ones(2, 3, 8),)
dynamic_shapes = {"x": {0: Dim("batch"), 1: Dim("seq", min=2)}}
"""


def annotated(text: str, *, which: str) -> str:
    """Return the text with the hints of a setting, or without any."""
    parts = text.replace("»", "«").split("«")
    hints = [
        f"«{hint.removeprefix('!')}»" if which == "all" or (which and hint[0] != "!") else ""
        for hint in parts[1::2]
    ]
    return "".join(part for pair in zip(parts[::2], [*hints, ""], strict=True) for part in pair)


async def with_hints(editor: Editor, file: Path) -> str:
    """Return the text of a document with its hints."""
    text, _ = editor.documents[file]
    lines = text.splitlines(keepends=True)
    for hint in reversed(await hints(editor, file)):
        line, character = hint["position"]["line"], hint["position"]["character"]
        there = lines[line]
        lines[line] = f"{there[:character]}«{hint['label']}»{there[character:]}"
    return "".join(lines)


async def hints(editor: Editor, file: Path) -> list[Json]:
    text, _ = editor.documents[file]
    end = {"line": text.count("\n") + 1, "character": 0}
    whole = {"start": {"line": 0, "character": 0}, "end": end}
    params = {"textDocument": {"uri": file.as_uri()}, "range": whole}
    answer: list[Json] = await editor.request("textDocument/inlayHint", params)
    return answer


async def test_changes_of_shape_by_default(join: Join, write: Write) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert await with_hints(editor, file) == annotated(SHAPES, which="changes")
    assert editor.raw(file) == []


async def test_all_names(start: Start, write: Write, folder: Path) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await start(folder, insightHints="all")
    await editor.checked(lambda: editor.open(file))
    assert await with_hints(editor, file) == annotated(SHAPES, which="all")


async def test_none(join: Join, write: Write) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await join(insightHints="off")
    await editor.checked(lambda: editor.open(file))
    assert await hints(editor, file) == []


async def test_a_hint_goes_with_its_statement(join: Join, write: Write) -> None:
    text = annotated(SHAPES, which="")
    file = write("model.py", text)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    editor.change(file, "# Copyright\n" + text)
    assert await with_hints(editor, file) == "# Copyright\n" + annotated(SHAPES, which="changes")
    editor.change(file, text.replace("k.transpose(1, 2), dim=-1", "k.transpose(1, 2), dim=-2"))
    expected = annotated(SHAPES, which="changes").replace("«: f32[batch, seq, seq] ×2»", "")
    assert await with_hints(editor, file) == expected.replace("(1, 2), dim=-1", "(1, 2), dim=-2")


async def test_hints_of_a_remembered_result(start: Start, write: Write, folder: Path) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    first = await start(folder)
    await first.checked(lambda: first.open(file))
    await first.stop()
    second = await start(folder)
    await second.checked(lambda: second.open(file))
    assert second.recalled == 1
    assert await with_hints(second, file) == annotated(SHAPES, which="changes")


async def test_a_tooltip_has_the_whole_type(join: Join, write: Write) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    first = (await hints(editor, file))[0]
    resolved = await editor.request("inlayHint/resolve", first)
    assert "x: f32[batch, seq, 8]  cpu  2 calls" in resolved["tooltip"]["value"]


async def test_a_hover_on_an_expression(join: Join, write: Write) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    answer = await hovered(editor, file, "q @ k.transpose(1, 2)", offset=2)
    assert answer is not None
    assert "f32[batch, seq, seq]  cpu  2 calls" in answer["contents"]["value"]
    answer = await hovered(editor, file, "x[:, -1]")
    assert answer is not None
    assert "f32[batch, seq, 8]" in answer["contents"]["value"]


async def test_hints_are_refreshed_when_they_change(join: Join, write: Write) -> None:
    text = annotated(SHAPES, which="")
    file = write("model.py", text)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    asked = [method for method, _ in editor.requests].count("workspace/inlayHint/refresh")
    assert asked >= 1
    await editor.checked(lambda: editor.save(file, text.replace("Linear(8, 8)", "Linear(8, 12)")))
    again = [method for method, _ in editor.requests].count("workspace/inlayHint/refresh")
    assert again > asked


async def test_all_hints_are_hidden_and_shown_again(
    start: Start, write: Write, folder: Path
) -> None:
    file = write("model.py", annotated(SHAPES, which=""))
    editor = await start(folder)
    await editor.checked(lambda: editor.open(file))
    await editor.command("exportLsp.toggleHints")
    assert await hints(editor, file) == []
    await editor.command("exportLsp.toggleHints")
    assert await with_hints(editor, file) == annotated(SHAPES, which="changes")
