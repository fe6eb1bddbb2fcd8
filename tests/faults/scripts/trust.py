"""Folders that are not what the user has trusted: those around, those put in their place."""

from __future__ import annotations

import os

from tests.faults.sandbox import Effect, Sandbox
from tests.server.models import GUARD, GUARD_TEXT

NOBODY = 65534

TARGET = """\
[tool.export-lsp]
environment = {{ PYTHONSTARTUP = "/nowhere" }}

[[tool.export-lsp.target]]
file = "{file}"
model = "open({mark!r}, 'w')"
"""


async def settings_above_the_trusted_folder(sandbox: Sandbox) -> Effect:
    """A folder that is not trusted names what to run in the trusted one in it."""
    return await _with_settings(sandbox, above=True, of=None)


async def settings_of_another_user(sandbox: Sandbox) -> Effect:
    """Someone else has put settings into the trusted folder, as anyone can in a shared one."""
    return await _with_settings(sandbox, above=False, of=NOBODY)


async def _with_settings(sandbox: Sandbox, *, above: bool, of: int | None) -> Effect:
    editor, mark = sandbox.editor, sandbox.base / "run"
    outer = sandbox.base / sandbox.file("outer").stem
    folder = outer / "inner" if above else outer
    folder.mkdir(parents=True)
    file, settings = folder / "model.py", outer / "pyproject.toml"
    file.write_text(GUARD)
    settings.write_text(TARGET.format(file=file.relative_to(outer), mark=str(mark)))
    if of is not None and os.geteuid() == 0:  # only root can give files away
        os.chown(settings, of, of)
    elif of is not None:
        settings.unlink()
    await editor.join(folder, sandbox.options)
    editor.open(file)
    await editor.wait_until(lambda: sandbox.shows(file, GUARD_TEXT))
    await editor.idle()
    assert not mark.exists()
    shown = [text for text in editor.messages() if f"{settings} is not used" in text]
    assert shown or not settings.exists()
    await editor.leave(folder)
    seconds = await sandbox.normal_save(sandbox.file("beside"))
    return Effect(f"a message: {shown[0]}" if shown else "not tried: only root can", seconds)


async def folder_replaced(sandbox: Sandbox) -> Effect:
    """Another user puts a folder in the place of the trusted one."""
    if os.geteuid() != 0:
        seconds = await sandbox.normal_save(sandbox.file("place"))
        return Effect("not tried: only root can", seconds)
    editor, mark = sandbox.editor, sandbox.base / "run"
    folder = sandbox.base / sandbox.file("place").stem
    folder.mkdir()
    file = folder / "model.py"
    file.write_text(GUARD)
    await editor.join(folder, sandbox.options)
    editor.open(file)
    await editor.wait_until(lambda: sandbox.shows(file, GUARD_TEXT))
    await editor.idle()
    folder.rename(folder.with_suffix(".old"))
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    editor.save(file, f"open({str(mark)!r}, 'w').close()\n{GUARD}")
    hint = await editor.wait_until(
        lambda: next((d["message"] for d in editor.raw(file) if "replaced" in d["message"]), "")
    )
    assert not mark.exists()
    await editor.leave(folder)
    return Effect(hint, await sandbox.normal_save(sandbox.file("beside")))


ALL = (
    settings_above_the_trusted_folder,
    settings_of_another_user,
    folder_replaced,
)
