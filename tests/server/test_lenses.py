"""The code lens above an export, and the check that it starts; verdicts have their own tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.conftest import Join
from tests.server.editor import ERROR, HINT, Editor, Json, Shown

Write = Callable[[str, str], Path]

SCRIPT = """\
import torch


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


def main():
    大 = torch.export.export(Gate(), (torch.randn(4),))
    raise RuntimeError("this is not reached")


if __name__ == "__main__":
    main()
"""
BRANCH = Shown("data-dependent-branch", "x.sum() > 0", ERROR)
UNCHECKED = Shown("no-target", "Gate", HINT)


async def lenses(editor: Editor, file: Path) -> list[Json]:
    params = {"textDocument": {"uri": file.as_uri()}}
    found: list[Json] = await editor.request("textDocument/codeLens", params)
    return found


async def export_lenses(editor: Editor, file: Path) -> list[Json]:
    found = await lenses(editor, file)
    return [lens for lens in found if lens["command"]["title"] == "Check this export"]


async def test_an_export_is_checked_from_its_lens(join: Join, write: Write) -> None:
    file = write("script.py", SCRIPT)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == [UNCHECKED]
    [lens] = await export_lenses(editor, file)
    assert lens["range"] == {
        "start": {"line": 11, "character": 8},
        "end": {"line": 11, "character": 27},
    }
    command = lens["command"]
    assert command["arguments"] == [file.as_uri(), {"export": "export"}]
    await editor.command(command["command"], *command["arguments"])
    await editor.wait_until(lambda: editor.shown(file) == [BRANCH])
    await editor.idle()
    other = SCRIPT.replace("> 0", "> 1")
    await editor.checked(lambda: editor.save(file, other))
    assert editor.shown(file) == [Shown("data-dependent-branch", "x.sum() > 1", ERROR)]
    editor.close(file)
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == [UNCHECKED]


async def test_lenses_belong_to_the_unsaved_text(join: Join, write: Write) -> None:
    file = write("script.py", SCRIPT)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    editor.change(file, SCRIPT.replace("torch.export.export", "torch.jit.trace"))
    assert await export_lenses(editor, file) == []
    editor.change(file, "import torch\ntorch.export.export(model, (")
    assert await export_lenses(editor, file) == []
    editor.change(file, "import torch.export as te\n\n\nte.export(model, ())")
    assert [lens["range"]["start"]["line"] for lens in await export_lenses(editor, file)] == [3]


async def test_an_unreached_export_is_run_once(join: Join, write: Write) -> None:
    file = write("script.py", SCRIPT.replace("    main()\n", "    print(main)\n"))
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    [lens] = await export_lenses(editor, file)
    command = lens["command"]
    await editor.command(command["command"], *command["arguments"])
    never = Shown("no-target", "torch.export.export", HINT)
    await editor.wait_until(lambda: editor.shown(file) == [never])
    await editor.idle()
    await editor.checked(lambda: editor.save(file, f"{file.read_text()}# touched\n"))
    assert editor.shown(file) == [UNCHECKED]


async def test_a_target_is_checked_without_a_lens_over_its_export(join: Join, write: Write) -> None:
    declared = f"{SCRIPT}\nmodel, example_args = Gate(), (torch.randn(4),)\n"
    file = write("script.py", declared)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert await export_lenses(editor, file) == []
