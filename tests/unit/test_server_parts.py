"""Small parts of the server: status, output, selection, digests."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from export_lsp.engine.files import disk
from export_lsp.engine.selection import is_worth_checking
from export_lsp.server.editor.documents import Documents, path_of
from export_lsp.server.editor.output import KEPT_LIMIT, RUN_LIMIT, PrintedText
from export_lsp.server.editor.status import State, Status, combined


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([], State()),
        ([State(), State("ok", True, "Checking")], State("ok", True, "Checking")),
        (
            [State("warning", False, "one"), State("error", False, "two"), State("ok", True, "3")],
            State("error", True, "two"),
        ),
    ],
)
def test_the_worst_state_is_shown(states: list[State], together: State) -> None:
    assert combined(states) == together


async def test_status_is_sent_when_it_changed() -> None:
    sent: list[dict[str, Any]] = []
    states = [State()]
    status = Status(sent.append, lambda: states)
    for state in (State(), State(), State("ok", True, "x"), State()):
        states[0] = state
        status.update()
        status.update()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert [(item["busy"], item["message"]) for item in sent] == [
        (False, ""),
        (True, "x"),
        (False, ""),
    ]
    assert sent[0] == {"health": "ok", "busy": False, "message": ""}


def test_output_of_one_run_is_limited(tmp_path: Path) -> None:
    written: list[str] = []
    output = PrintedText(written.append)
    file = Path("/w/model.py")
    output.started(file)
    output.printed(file, "hello\n")
    output.printed(file, "  \n")
    for _ in range(3):
        output.printed(file, "x" * RUN_LIMIT)
    assert written[0] == "model.py: hello"
    assert len(written) == 2
    assert written[1].endswith("[model.py printed more; the rest is left out]")
    output.ended(file)
    output.started(file)
    output.printed(file, "again")
    assert written[-1] == "model.py: again"
    saved = tmp_path / "state" / "output.log"
    output.save(saved)
    assert saved.read_text().startswith("hello\n")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_kept_output_is_limited(tmp_path: Path) -> None:
    output = PrintedText(lambda _: None)
    for number in range(20):
        file = Path(f"/w/{number}.py")
        output.started(file)
        output.printed(file, str(number) * (RUN_LIMIT // 2))
    output.save(tmp_path / "output.log")
    assert (tmp_path / "output.log").stat().st_size <= KEPT_LIMIT


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("import torch\n", True),
        ("from transformers import AutoModel\nexport_targets = {}\n", True),
        ("def get_inputs():\n", True),
        ("print('hello')\n", False),
        ("forget_inputs = 1\n", False),
    ],
)
def test_files_worth_checking(text: str, worth: bool) -> None:
    assert is_worth_checking(text) is worth


def test_digests_follow_the_file(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("a")
    first = disk.digests([str(file), "/missing"])
    assert first["/missing"] is None
    file.write_text("bb")
    assert disk.digests([str(file)])[str(file)] != first[str(file)]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"\xef\xbb\xbfx = 1\n", ["x = 1\n", ""]),
        (b"# coding: latin-1\n\xe9\n", ["# coding: latin-1\n", "é\n", ""]),
        (b"\xff\n", ["�\n", ""]),
        (b"# coding: nonsense\nx\n", ["# coding: nonsense\n", "x\n", ""]),
        (b"", [""]),
    ],
)
def test_sources_are_read_as_python_does(tmp_path: Path, content: bytes, lines: list[str]) -> None:
    file = tmp_path / "m.py"
    file.write_bytes(content)
    assert disk.lines(str(file)) == lines
    assert disk.lines(str(tmp_path / "missing.py")) is None


@pytest.mark.skipif(os.name != "posix", reason="elsewhere names are text")
@pytest.mark.parametrize(
    "name", [b"caf\xe9.py", b"caf\xc3\xa9.py", b"\xef\xbf\xbd.py", b"a\n\x1b.py"]
)
def test_any_name_of_a_file_survives_its_uri(name: bytes) -> None:
    path = Path(os.fsdecode(b"/w/" + name))
    assert path_of(path.as_uri()) == path
    assert path_of(Documents().uri_of(str(path))) == path
