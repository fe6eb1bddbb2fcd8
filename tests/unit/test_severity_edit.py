"""A rule's severity is set in pyproject.toml, and nothing else changes."""

from __future__ import annotations

import pytest

from export_lsp.settings.severity_edit import with_severity

TABLE = "[tool.export-lsp.severities]"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f'{TABLE}\ngraph-break = "off"\n'),
        (
            '[project]\nname = "x"\n',
            f'[project]\nname = "x"\n\n{TABLE}\ngraph-break = "off"\n',
        ),
        (
            f'{TABLE}\n# ours\ntimeout = "hint"\n\n[other]\na = 1\n',
            f'{TABLE}\n# ours\ntimeout = "hint"\ngraph-break = "off"\n\n[other]\na = 1\n',
        ),
        (
            f'{TABLE}  # all\n  graph-break = "error"  # why\ntimeout = "hint"\n',
            f'{TABLE}  # all\n  graph-break = "off"  # why\ntimeout = "hint"\n',
        ),
        (f"[a]\r\nb = 1\r\n{TABLE}", f'[a]\r\nb = 1\r\n{TABLE}\r\ngraph-break = "off"\r\n'),
        (
            f'{TABLE}\n"graph-break"="error"\n[[tool.export-lsp.target]]\nfile = "m.py"\n',
            f'{TABLE}\ngraph-break = "off"\n[[tool.export-lsp.target]]\nfile = "m.py"\n',
        ),
    ],
)
def test_an_entry_is_added_or_replaced(before: str, after: str) -> None:
    assert with_severity(before, "graph-break", "off") == after


@pytest.mark.parametrize(
    "text",
    [
        "[tool.export-lsp]\nseverities = { timeout = 'off' }\n",
        "tool = 3\n",
        "not toml",
        f'a = """\n{TABLE}\n"""\n[tool.export-lsp]\nseverities = {{}}\n',
    ],
)
def test_what_cannot_be_edited_is_left_alone(text: str) -> None:
    assert with_severity(text, "graph-break", "off") is None
