"""Documents of graphs: their text, and the ways between them and the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from export_lsp.server.graph_uris import SCHEME, GraphName, graph_name
from tests.server.conftest import Start
from tests.server.editor import Editor, Json
from tests.server.test_costs import NET
from tests.server.test_lenses import lenses

Write = Callable[[str, str], Path]

STANDARD = "workspace/textDocumentContent"
OWN = "exportLsp/textDocumentContent"


@pytest_asyncio.fixture(loop_scope="session")
async def editor(start: Start, folder: Path) -> Editor:
    return await start(folder, graphs=True)


async def opened(editor: Editor, file: Path) -> tuple[str, str]:
    """Open a file and click on the lens of its graph; return the document's URI and text."""
    await editor.checked(lambda: editor.open(file))
    [_, lens] = await lenses(editor, file)
    assert lens["command"]["title"] == "graph"
    await editor.command(lens["command"]["command"], *lens["command"]["arguments"])
    shown = await editor.wait_until(
        lambda: [params for method, params in editor.requests if method == "window/showDocument"]
    )
    uri: str = shown[-1]["uri"]
    return uri, await content(editor, uri)


async def content(editor: Editor, uri: str, method: str = STANDARD) -> str:
    text: str = (await editor.request(method, {"uri": uri}))["text"]
    return text


def line_of(text: str, beginning: str) -> int:
    return next(n for n, line in enumerate(text.splitlines()) if line.startswith(beginning))


async def asked(editor: Editor, method: str, uri: str, line: int, character: int = 3) -> Any:
    params: Json = {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"includeDeclaration": True},
    }
    return await editor.request(method, params)


async def test_a_lens_opens_the_graph(editor: Editor, write: Write) -> None:
    file = write("model.py", NET)
    uri, text = await opened(editor, file)
    assert uri.startswith(f"{SCHEME}:///")
    assert editor.server_capabilities["workspace"]["textDocumentContent"] == {"schemes": [SCHEME]}
    assert text.startswith("# model.py::model: the exported program\n# batch 0…64 · 243 param")
    assert "# == layers.1  Layer ==\n# model.py:11  y = torch.relu(self.fc(x))" in text
    assert text == await content(editor, uri, OWN)
    core = GraphName(file, "model", "core").uri
    assert "aten.addmm(layers.0.fc.bias" in await content(editor, core)


async def test_the_ways_between_a_graph_and_the_code(editor: Editor, write: Write) -> None:
    file = write("model.py", NET)
    uri, text = await opened(editor, file)
    relu = line_of(text, "relu_1: ")
    code = NET.splitlines()
    row = next(n for n, line in enumerate(code) if "torch.relu" in line)
    start = code[row].index("torch.relu")
    end = start + len("torch.relu(self.fc(x))")
    place = {
        "start": {"line": row, "character": start},
        "end": {"line": row, "character": end},
    }
    there = await asked(editor, "textDocument/definition", uri, relu)
    assert (there["uri"], there["range"]) == (file.as_uri(), place)
    hovered = await asked(editor, "textDocument/hover", uri, relu)
    assert f"model.py:{row + 1}  {code[row].strip()}" in hovered["contents"]["value"]
    back = await asked(editor, "textDocument/references", file.as_uri(), row, start + 7)
    assert [each["uri"] for each in back] == [uri] * len(back)
    lines = {each["range"]["start"]["line"] for each in back}
    assert {line_of(text, "relu: "), relu, line_of(text, "relu_2: ")} <= lines
    assert line_of(text, "linear: ") not in lines
    # The place moves with the code.
    editor.change(file, "# Copyright\n" + NET)
    there = await asked(editor, "textDocument/definition", uri, relu)
    assert there["range"]["start"]["line"] == row + 1


async def test_code_has_no_definitions_in_graphs(editor: Editor, write: Write) -> None:
    file = write("model.py", NET)
    await opened(editor, file)
    assert await asked(editor, "textDocument/definition", file.as_uri(), 11) is None


async def test_a_save_renews_an_open_graph(editor: Editor, write: Write) -> None:
    file = write("model.py", NET)
    uri, text = await opened(editor, file)
    assert "aten.tanh" not in text
    await editor.checked(lambda: editor.save(file, NET.replace("torch.relu", "torch.tanh")))
    news = [params for method, params in editor.notifications if "graphChanged" in method]
    assert {"uri": uri} in news
    assert "aten.tanh" in await content(editor, uri)


async def test_a_target_that_fails_has_no_graph(editor: Editor, write: Write) -> None:
    failing = NET.replace("x = layer(x)", "x = layer(x) if x.sum() > 0 else x")
    file = write("model.py", failing)
    await editor.checked(lambda: editor.open(file))
    assert len(await lenses(editor, file)) == 1
    text = await content(editor, GraphName(file, "model", "export").uri)
    assert text == "# model.py::model does not export: its problems are shown in the code.\n"


async def test_other_clients_get_a_file(start: Start, write: Write, folder: Path) -> None:
    file = write("model.py", NET)
    editor = await start(folder, client="neovim-0.11")
    await editor.checked(lambda: editor.open(file))
    assert len(await lenses(editor, file)) == 1
    await editor.command("exportLsp.openGraph", file.as_uri())
    [shown] = await editor.wait_until(
        lambda: [params for method, params in editor.requests if method == "window/showDocument"]
    )
    assert shown["uri"].endswith("/graph.txt")


@pytest.mark.parametrize("level", ["export", "core"])
async def test_a_uri_is_read_as_it_was_written(level: str, tmp_path: Path) -> None:
    file = tmp_path / "my models" / "net 大.py"
    name = GraphName(file, "a & b?/#", level)  # type: ignore[arg-type]
    assert graph_name(name.uri) == name
    assert graph_name(file.as_uri()) is None
    assert graph_name(name.uri.replace(level, "other")) is None
