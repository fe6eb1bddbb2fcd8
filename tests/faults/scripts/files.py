"""Files that Python cannot read, that lie elsewhere or that are missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt

from tests.faults.sandbox import SHORT, Effect, Sandbox
from tests.server.models import CLEAN_LAYERS, GUARD, GUARD_TEXT, LAYERS, MODEL


async def not_utf_8(sandbox: Sandbox) -> Effect:
    return await _with_bytes(
        sandbox, GUARD.encode() + b"# caf\xe9\n", "load-error", "0xe9 is not UTF-8"
    )


async def null_bytes(sandbox: Sandbox) -> Effect:
    return await _with_bytes(sandbox, GUARD.encode() + b"\0\0\n", "load-error", "null bytes")


async def _with_bytes(sandbox: Sandbox, data: bytes, rule: str, words: str) -> Effect:
    """Check a file that an editor decodes and Python cannot."""
    file = sandbox.file("bytes")
    file.write_bytes(data)
    text = data.decode("utf-8", "replace")
    await sandbox.editor.checked(lambda: sandbox.editor.open(file, text))
    shown = sandbox.diagnostic(file)
    assert shown.startswith(rule), shown
    assert words in shown, shown
    return Effect(shown, await sandbox.normal_save(file))


async def empty_file(sandbox: Sandbox) -> Effect:
    file = sandbox.file("empty")
    sandbox.start_save(file, "")
    seconds = await sandbox.normal_save(file)
    await sandbox.editor.checked(lambda: sandbox.editor.save(file, GUARD))
    sandbox.editor.save(file, "")
    await sandbox.editor.wait_until(lambda: sandbox.editor.raw(file) == [])
    await sandbox.normal_save(file)
    return Effect("nothing: there is nothing to check", seconds)


async def fifty_thousand_lines(sandbox: Sandbox) -> Effect:
    file = sandbox.file("long")
    await sandbox.save(file, "".join(f"n{line} = {line}\n" for line in range(50_000)) + GUARD)
    assert sandbox.shows(file, GUARD_TEXT), sandbox.diagnostic(file)
    return Effect(sandbox.diagnostic(file), await sandbox.normal_save(file))


async def behind_a_link(sandbox: Sandbox) -> Effect:
    target = sandbox.base / sandbox.file("target").name
    target.write_text(GUARD)
    file = sandbox.file("link")
    file.symlink_to(target)
    await sandbox.editor.checked(lambda: sandbox.editor.open(file))
    assert sandbox.shows(file, GUARD_TEXT), sandbox.diagnostic(file)
    return Effect(sandbox.diagnostic(file), await sandbox.normal_save(file))


async def deleted_before_its_run(sandbox: Sandbox) -> Effect:
    file = sandbox.file("deleted")
    await sandbox.normal_save(file)
    sandbox.start_save(file, GUARD + "saved = None\n")
    file.unlink()
    sandbox.editor.watched(file, 3)
    await sandbox.editor.wait_until(lambda: sandbox.editor.raw(file) == [])
    return Effect("nothing: what was shown of it is gone", await sandbox.normal_save(file))


async def import_deleted(sandbox: Sandbox) -> Effect:
    layers, file = sandbox.folder / "layers.py", sandbox.file("imports")
    layers.write_text(CLEAN_LAYERS)
    await sandbox.save(file, MODEL)
    assert sandbox.diagnostic(file) == ""
    layers.unlink()
    await sandbox.editor.checked(lambda: sandbox.editor.watched(layers, 3))
    shown = sandbox.diagnostic(file)
    assert "layers" in shown, shown
    started = time.perf_counter()
    layers.write_text(LAYERS)
    sandbox.editor.watched(layers, 1)
    await sandbox.editor.wait_until(lambda: sandbox.editor.raw(file) == [])
    await sandbox.editor.wait_until(lambda: sandbox.editor.raw(layers))
    seconds = time.perf_counter() - started
    layers.unlink()
    await sandbox.editor.idle()
    return Effect(shown, seconds)


async def import_cycle(sandbox: Sandbox) -> Effect:
    file = sandbox.file("cycle")
    other = sandbox.folder / "cycle_of_two.py"
    other.write_text(f"from {file.stem} import model\n")
    await sandbox.save(file, f"import cycle_of_two\n{GUARD}")
    shown = sandbox.diagnostic(other)
    assert "cannot import name 'model'" in shown, shown
    seconds = await sandbox.normal_save(file)
    assert sandbox.diagnostic(other) == ""
    other.unlink()
    return Effect(shown, seconds)


async def name_with_controls(sandbox: Sandbox) -> Effect:
    """Check a file whose name has an escape, a line break, and the characters of Markdown."""
    file = sandbox.folder / "a\x1b]0;owned\x07\n::error::[x](command:y)`.py"
    await sandbox.save(file, GUARD)
    shown = sandbox.diagnostic(file)
    place = {"line": 6, "character": 12}
    params = {"textDocument": {"uri": file.as_uri()}, "position": place}
    hover = (await sandbox.editor.request("textDocument/hover", params))["contents"]["value"]
    assert "\x1b" not in f"{sandbox.editor.notifications}{hover}"
    assert 'href="command:' not in MarkdownIt().render(hover)
    seconds = await sandbox.normal_save(file)
    sandbox.editor.close(file)
    file.unlink()
    return Effect(shown, seconds)


async def name_not_utf_8(sandbox: Sandbox) -> Effect:
    """Check a file with a name that torch cannot pass on, and that editors write as bytes."""
    file = sandbox.folder / os.fsdecode(b"caf\xe9.py")
    await sandbox.save(file, GUARD)
    shown = sandbox.diagnostic(file)
    assert "path is not UTF-8" in shown, shown
    sandbox.editor.close(file)
    file.unlink()
    return Effect(shown, await sandbox.normal_save(sandbox.file("renamed")))


async def folder_not_utf_8(sandbox: Sandbox) -> Effect:
    """Open a folder with such a name."""
    folder = sandbox.base / os.fsdecode(b"dossi\xe9r")
    folder.mkdir()
    file = folder / "model.py"
    file.write_text(GUARD)
    await sandbox.editor.join(folder, sandbox.options)
    await sandbox.editor.checked(lambda: sandbox.editor.open(file))
    shown = sandbox.diagnostic(file)
    assert "path is not UTF-8" in shown, shown
    await sandbox.editor.leave(folder)
    return Effect(shown, await sandbox.normal_save(sandbox.file("beside")))


async def a_pipe_as_a_file(sandbox: Sandbox) -> Effect:
    return await _no_file(sandbox, os.mkfifo)


async def a_loop_of_links(sandbox: Sandbox) -> Effect:
    return await _no_file(sandbox, lambda file: file.symlink_to(file))


async def a_folder_as_a_file(sandbox: Sandbox) -> Effect:
    return await _no_file(sandbox, Path.mkdir)


async def _no_file(sandbox: Sandbox, create: Callable[[Path], None]) -> Effect:
    """Open and save what is no file, and import it from another one."""
    file, importing = sandbox.file("no_file"), sandbox.file("importing")
    create(file)
    sandbox.editor.open(file, GUARD)
    sandbox.editor.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    sandbox.editor.notify_command("exportLsp.check", file.as_uri())
    async with sandbox.configured(timeout=SHORT):
        await sandbox.save(importing, f"import {file.stem}\n{GUARD}")
    shown = sandbox.diagnostic(importing)
    seconds = await sandbox.normal_save(importing)
    assert sandbox.editor.raw(file) == []
    messages = sandbox.editor.messages()
    assert any("is not checked" in message for message in messages), messages
    sandbox.editor.close(file)
    file.rmdir() if file.is_dir() else file.unlink()
    return Effect(shown or "nothing", seconds)


ALL = (
    name_with_controls,
    name_not_utf_8,
    folder_not_utf_8,
    a_pipe_as_a_file,
    a_loop_of_links,
    a_folder_as_a_file,
    not_utf_8,
    null_bytes,
    empty_file,
    fifty_thousand_lines,
    behind_a_link,
    deleted_before_its_run,
    import_deleted,
    import_cycle,
)
