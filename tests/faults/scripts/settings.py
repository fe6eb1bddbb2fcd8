"""Settings that anyone may have written: a pyproject.toml affects nothing but its own folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from export_lsp.settings.toml import MAX_BYTES
from tests.faults.sandbox import Effect, Sandbox
from tests.server.models import GUARD, GUARD_TEXT

TABLE = "[tool.export-lsp]\n"


async def settings_malformed(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, "[tool.export-lsp\ntimeout = 1\n", "cannot be read")


async def settings_nested(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{TABLE}exclude = {'[' * 10**5}", "nested too deeply")


async def settings_with_a_long_key(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{'a.' * 10**5}a = 1\n", "too many parts")


async def settings_with_a_long_number(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{TABLE}timeout = {'9' * 5000}\n", "too many digits")


async def settings_out_of_range(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{TABLE}timeout = 1e300\n", "at most 86400")


async def settings_with_a_null_character(sandbox: Sandbox) -> Effect:
    text = f'{TABLE}environment = {{"A\\u0000" = "1"}}\n'
    return await _with_settings(sandbox, text, "null character")


async def settings_with_long_names(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{TABLE}extra-paths = ['{'x' * 300}']\n", "255 bytes")


async def settings_with_a_wrong_pattern(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, f"{TABLE}exclude = ['[']\n", "is not a pattern")


async def settings_of_many_megabytes(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, "#" * 100 * MAX_BYTES, "is larger than")


async def settings_in_a_pipe(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, os.mkfifo, "not a regular file")


async def settings_in_a_loop_of_links(sandbox: Sandbox) -> Effect:
    return await _with_settings(sandbox, lambda path: path.symlink_to(path), "cannot be read")


async def _with_settings(
    sandbox: Sandbox, content: str | Callable[[Path], None], words: str
) -> Effect:
    """Add a folder with a pyproject.toml, and save a file in the one beside it."""
    editor, file = sandbox.editor, sandbox.file("beside")
    folder = sandbox.base / sandbox.file("settings").stem
    folder.mkdir()
    settings = folder / "pyproject.toml"
    if isinstance(content, str):
        settings.write_text(content)
    else:
        content(settings)
    await editor.join(folder, sandbox.options)
    [message] = await editor.wait_until(
        lambda: [text for text in editor.messages() if str(settings) in text]
    )
    assert words in message
    seconds = await sandbox.normal_save(file)
    settings.unlink()
    editor.watched(settings, 3)
    own = folder / "model.py"
    own.write_text(GUARD)
    editor.open(own)
    await editor.wait_until(lambda: sandbox.shows(own, GUARD_TEXT))
    await editor.leave(folder)
    return Effect(f"a message: {message}", seconds)


async def patterns_that_backtrack(sandbox: Sandbox) -> Effect:
    """Give a folder a pattern that takes an expression with backtracking forever."""
    settings, file = sandbox.folder / "pyproject.toml", sandbox.file("a" * 200)
    settings.write_text(f"{TABLE}exclude = ['{'*a' * 60}b']\n")
    sandbox.editor.watched(settings, 1)
    seconds = await sandbox.normal_save(file)
    settings.unlink()
    sandbox.editor.watched(settings, 3)
    await sandbox.normal_save(file)
    return Effect("nothing: the pattern matches no file", seconds)


ALL = (
    settings_malformed,
    settings_nested,
    settings_with_a_long_key,
    settings_with_a_long_number,
    settings_out_of_range,
    settings_with_a_null_character,
    settings_with_long_names,
    settings_with_a_wrong_pattern,
    settings_of_many_megabytes,
    settings_in_a_pipe,
    settings_in_a_loop_of_links,
    patterns_that_backtrack,
)
