"""The commands about a rule or a problem: a page or a text is opened, a severity is set."""

from __future__ import annotations

import typing
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.files import disk
from export_lsp.engine.files.directories import state_directory
from export_lsp.engine.files.private_files import write_private
from export_lsp.fixes.edits import differences
from export_lsp.protocol import RuleCode
from export_lsp.rules import RULES
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import Client
from export_lsp.server.features.workspace_edits import workspace_edit
from export_lsp.server.folder import Folder
from export_lsp.server.view import View
from export_lsp.settings import pyproject
from export_lsp.settings.schema import SEVERITIES
from export_lsp.settings.severity_edit import with_severity
from export_lsp.source import Source


async def explain(client: Client, rule: object) -> None:
    """Open the page of a rule."""
    if rule not in typing.get_args(RuleCode):
        return
    page = RULES[typing.cast(RuleCode, rule)].page
    await _open(client, state_directory() / "rules" / f"{rule}.md", page)


async def show_detail(view: View, rule: object, file: str, start: types.Position) -> None:
    """Open torch's own text about the problem of a rule that begins at a position of a file."""
    for problem in view.problems_in(file):
        if problem.rule == rule and view.range(problem.location).start == start:
            await _open(view.client, state_directory() / "torch.txt", for_editor(problem.detail))
            return
    view.client.show(types.MessageType.Info, "The text has changed since this was offered.")


async def _open(client: Client, file: Path, text: str) -> None:
    try:
        write_private(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        client.show(types.MessageType.Error, f"{file} cannot be written: {error}.")
    else:
        await client.open_file(file)


async def set_severity(view: View, folder: Folder, rule: object, severity: object) -> None:
    """Set the severity of a rule in the pyproject.toml of a folder, through the editor.

    The user is asked for one that is not given.  The editor shows the edit, which takes effect
    with the save.
    """
    if rule not in typing.get_args(RuleCode):
        return
    client, code = view.client, typing.cast(RuleCode, rule)
    if severity not in SEVERITIES:
        severity = await client.ask(f"Severity of `{code}`?", SEVERITIES)
    if severity is None:
        return
    if folder.sets_in_editor("severities", code):
        text = f"The editor's settings set the severity of `{code}`: change it there."
        client.show(types.MessageType.Info, text)
        return
    file = folder.checker.resolved.pyproject or folder.path / pyproject.NAME
    if not await _write(view, file, code, str(severity)):
        name = f'severities.{code} = "{severity}"'
        text = f"{file.name} cannot be edited here: write `{name}` into its [tool.export-lsp]."
        client.show(types.MessageType.Warning, text)
    await client.open_file(file)


async def _write(view: View, file: Path, rule: RuleCode, severity: str) -> bool:
    """Write the severity of a rule into a pyproject.toml; return whether that was possible."""
    lines = disk.lines(str(file))
    text = "".join(lines or ())
    edited = with_severity(text, rule, severity)
    if edited is None:
        return False
    if lines is None:
        file.write_text(edited, encoding="utf-8")
        return True
    edits = [
        types.TextEdit(view.range(each.location), each.text)
        for each in differences(Source(str(file), "", text), edited)
    ]
    return await view.client.apply(workspace_edit(view, {str(file): edits}))
