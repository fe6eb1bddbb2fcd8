"""Findings at the places where the user's code replaces functions of Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.protocol import Finding
from export_lsp.source import Source
from export_lsp.worker.user_code import replaced_functions
from export_lsp.worker.user_code.workspace import Workspace


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("import json\njson.dumps = None", "json.dumps"),
        ("import json as j\nj.dumps = None", "j.dumps"),
        ("import json\ndel json.dumps", "json.dumps"),
        ("import json\nsetattr(json, 'dumps', None)", "setattr(json, 'dumps', None)"),
        ("import json as j\npatch.object(j, 'dumps').start()", "patch.object(j, 'dumps')"),
        ("patch('json.dumps').start()", "patch('json.dumps')"),
    ],
)
def test_the_finding_is_at_the_replacement(tmp_path: Path, text: str, place: str) -> None:
    found = _explained(tmp_path, text)
    assert found is not None
    source = Source.of(str(tmp_path / "m.py"), text.encode())
    start, end = source.offset(found.location.start), source.offset(found.location.end)
    assert source.text[start:end] == place
    assert "`json.dumps`" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "import json\nprint(json.dumps)",
        "import json\nkept = getattr(json, 'dumps')",
        "import pickle as json_like\njson_like.dumps = None",
        "class Net:\n    dumps = None",
    ],
)
def test_code_that_replaces_nothing_has_no_finding(tmp_path: Path, text: str) -> None:
    assert _explained(tmp_path, text) is None


def _explained(folder: Path, text: str) -> Finding | None:
    file = folder / "m.py"
    file.write_text(text)
    workspace = Workspace(str(folder))
    workspace.read(str(file))
    return replaced_functions.explain(["json.dumps"], "load", "", workspace)
