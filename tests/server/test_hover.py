"""Hovers over problems and over their related locations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.conftest import Join, Start
from tests.server.editor import Editor, Json, underlined
from tests.server.models import GUARD, GUARD_TEXT, UNICODE, UNICODE_TEXT

Write = Callable[[str, str], Path]

BLOCK = """\
import torch


class Block(torch.nn.Module):
    def forward(self, 漢):
        return 漢.view(4, 8).sum(0)
"""
VIEW = "漢.view(4, 8)"

SHAPED = """\
import torch
from block import Block

model = Block()
example_args = (torch.ones(4, 8),)
dynamic_shapes = {"漢": {0: torch.export.Dim("n")}}
"""
ENTRY = 'torch.export.Dim("n")'


async def hovered(editor: Editor, file: Path, text: str, *, offset: int = 0) -> Json | None:
    """Return the hover on the first occurrence of a text."""
    content, _ = editor.documents[file]
    before = content[: content.index(text) + offset]
    line = before.count("\n")
    units = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
    codec, width = units[editor.server_capabilities["positionEncoding"]]
    character = len(before.rpartition("\n")[2].encode(codec)) // width
    params = {
        "textDocument": {"uri": file.as_uri()},
        "position": {"line": line, "character": character},
    }
    answer: Json | None = await editor.request("textDocument/hover", params)
    return answer


def range_of(editor: Editor, file: Path, answer: Json) -> str:
    encoding = editor.server_capabilities["positionEncoding"]
    return underlined(editor.documents[file][0], answer["range"], encoding)


async def test_over_a_problem(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    assert editor.server_capabilities["hoverProvider"]
    await editor.checked(lambda: editor.open(file))
    answer = await hovered(editor, file, GUARD_TEXT, offset=3)
    assert answer is not None
    assert range_of(editor, file, answer) == GUARD_TEXT
    assert answer["contents"]["kind"] == "markdown"
    text = answer["contents"]["value"]
    (diagnostic,) = editor.raw(file)
    assert text.startswith("[`data-dependent-guard`](<https://")
    title, explanation = diagnostic["message"].split("\n")
    assert title == "Comparison with tensor data: `picked.shape[0] == 0`"
    assert title not in text
    assert explanation not in text
    related = diagnostic["relatedInformation"][0]
    assert f"- `model.py:{related['location']['range']['start']['line'] + 1}` `" in text
    assert diagnostic["data"]["detail"].strip()[:60] in text
    assert "export_lsp" not in text
    assert await hovered(editor, file, "import torch") is None


async def test_a_hover_follows_edits(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    editor.change(file, "# above\n" + GUARD)
    answer = await hovered(editor, file, GUARD_TEXT)
    assert answer is not None
    assert range_of(editor, file, answer) == GUARD_TEXT
    editor.change(file, GUARD.replace(GUARD_TEXT, "picked.shape[0] == 10"))
    after = await hovered(editor, file, "picked.shape[0] == 10")
    assert "data-dependent-guard" not in str(after)  # the hover shows only the shape of `picked`


async def test_the_pair_of_a_constraint_violation_in_two_files(join: Join, write: Write) -> None:
    block, model = write("block.py", BLOCK), write("model.py", SHAPED)
    editor = await join()
    await editor.checked(lambda: editor.open(model))
    at_entry = await hovered(editor, model, ENTRY)
    assert at_entry is not None
    assert range_of(editor, model, at_entry) in (ENTRY, f"0: {ENTRY}")
    text = at_entry["contents"]["value"]
    assert "[`constraint-violation`](<" in text
    assert f"at `block.py:6`: `{VIEW}`" in text
    editor.open(block)
    at_view = await hovered(editor, block, VIEW)
    assert at_view is not None
    assert range_of(editor, block, at_view) == VIEW
    assert "- `model.py:6` `" in at_view["contents"]["value"]
    editor.change(model, "# above\n" + SHAPED)
    moved = await hovered(editor, block, VIEW)
    assert moved is not None
    assert "- `model.py:7` `" in moved["contents"]["value"]


@pytest.mark.parametrize(
    ("client", "kind"),
    [("emacs-eglot-1.9", "plaintext"), ("vim-ale-3.3", "plaintext"), ("neovim-0.11", "markdown")],
)
async def test_clients_get_a_format_that_they_support(
    start: Start, write: Write, client: str, kind: str
) -> None:
    file = write("model.py", UNICODE)
    editor = await start(client=client)
    await editor.checked(lambda: editor.open(file))
    answer = await hovered(editor, file, UNICODE_TEXT)
    assert answer is not None
    assert answer["contents"]["kind"] == kind
    assert range_of(editor, file, answer) == UNICODE_TEXT
    assert answer["contents"]["value"].startswith("[`" if kind == "markdown" else "data-dependent-")
