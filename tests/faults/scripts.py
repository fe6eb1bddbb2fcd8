"""Faults that are no model file: processes killed, files that are none, an editor that misbehaves.

Each leaves the scene as it found it, with a server that has a warm host.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import venv
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.faults.models import in_forward
from tests.faults.scene import Ended, Scene
from tests.server.editor import gone
from tests.server.models import CLEAN_LAYERS, GUARD, GUARD_TEXT, LAYERS, MODEL

Act = Callable[[Scene], Awaitable[Ended]]
ENDLESS = in_forward("time.sleep(10**6)")

# Seconds after which nothing may be left of a server that was killed.
ORPHANS = 2.0
BURST = 50


# --- processes --------------------------------------------------------------------------------


async def host_killed_while_idle(scene: Scene) -> Ended:
    file = scene.file("idle")
    await scene.normal_save(file)
    for pid in scene.hosts():
        os.kill(pid, signal.SIGKILL)
    return Ended("nothing: the next save starts another", await scene.normal_save(file))


async def host_killed_meanwhile(scene: Scene) -> Ended:
    file = scene.file("killed")
    await _in_forward(scene, file)
    for pid in scene.hosts():
        os.kill(pid, signal.SIGKILL)
    await scene.editor.idle()
    told = scene.told(file)
    assert "killed from outside" in told, told
    return Ended(told, await scene.normal_save(file))


async def server_killed(scene: Scene) -> Ended:
    file = scene.file("server_killed")
    await _in_forward(scene, file)
    scene.editor.process.kill()
    assert await scene.editor.exited() == -signal.SIGKILL
    return await _after_the_server(scene, file, "by the editor: the server has ended")


async def editor_gone_meanwhile(scene: Scene) -> Ended:
    file = scene.file("editor_gone")
    await _in_forward(scene, file)
    assert scene.editor.process.stdin is not None
    scene.editor.process.stdin.close()
    assert await scene.editor.exited() == 0
    return await _after_the_server(scene, file, "nothing: there is nobody to tell")


async def _in_forward(scene: Scene, file: Path) -> None:
    """Save a file whose `forward` does not end, and wait until its check is there."""
    seen = len(scene.editor.notifications)
    scene.put(file, ENDLESS)
    await scene.editor.wait_until(lambda: "capturing" in str(scene.editor.notifications[seen:]))


async def _after_the_server(scene: Scene, file: Path, told: str) -> Ended:
    """See that nothing of the server is left, and start another."""
    await gone(scene.editor.marked_processes, ORPHANS)
    await scene.start()
    return Ended(told, await scene.normal_save(file))


# --- interpreters -----------------------------------------------------------------------------


async def interpreter_missing(scene: Scene) -> Ended:
    return await _with_interpreter(scene, "missing/python", "does not exist")


async def torch_missing(scene: Scene) -> Ended:
    return await _with_torch(scene, None, "has no torch")


async def torch_too_old(scene: Scene) -> Ended:
    return await _with_torch(scene, "__version__ = '1.13.1'\n", "is too old")


async def torch_broken(scene: Scene) -> Ended:
    text = "raise ImportError('libtorch_cpu.so: cannot open shared object file')\n"
    return await _with_torch(scene, text, "does not work: ImportError: libtorch_cpu.so")


async def torch_crashes(scene: Scene) -> Ended:
    text = "import ctypes\nctypes.string_at(0)\n"
    return await _with_torch(scene, text, "before it was ready")


async def _with_torch(scene: Scene, text: str | None, words: str) -> Ended:
    """Check with an environment whose torch is this module, or which has none."""
    prefix = scene.base / "environments" / scene.file("of").stem
    venv.create(prefix, symlinks=True, with_pip=False)
    if text is not None:
        [packages] = prefix.glob("lib/python*/site-packages")
        (packages / "torch").mkdir()
        (packages / "torch" / "__init__.py").write_text(text)
    return await _with_interpreter(scene, str(prefix / "bin" / "python"), words)


async def _with_interpreter(scene: Scene, interpreter: str, words: str) -> Ended:
    """Open a folder that has this interpreter, then give it the scene's own."""
    editor = scene.editor
    folder = scene.base / scene.file("other").stem
    folder.mkdir()
    await editor.join(folder, {**scene.options, "interpreter": interpreter})
    file = folder / "model.py"
    file.write_text(GUARD)
    editor.open(file)
    told = await editor.wait_until(lambda: "".join(m for m in editor.messages() if words in m))
    await editor.wait_until(lambda: editor.status["health"] == "error")
    assert editor.raw(file) == []
    started = time.perf_counter()
    editor.configuration[folder.as_uri()] = scene.options
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.wait_until(lambda: scene.shows(file, GUARD_TEXT))
    seconds = time.perf_counter() - started
    await editor.leave(folder)
    return Ended(f"a message: {told}", seconds)


# --- files ------------------------------------------------------------------------------------


async def not_utf_8(scene: Scene) -> Ended:
    return await _with_bytes(scene, GUARD.encode() + b"# caf\xe9\n", "load-error", "decode")


async def null_bytes(scene: Scene) -> Ended:
    return await _with_bytes(scene, GUARD.encode() + b"\0\0\n", "load-error", "null bytes")


async def _with_bytes(scene: Scene, data: bytes, rule: str, words: str) -> Ended:
    """Check a file that an editor shows as text and that Python cannot read."""
    file = scene.file("bytes")
    file.write_bytes(data)
    text = data.decode("utf-8", "replace")
    await scene.editor.checked(lambda: scene.editor.open(file, text))
    told = scene.told(file)
    assert told.startswith(rule), told
    assert words in told, told
    return Ended(told, await scene.normal_save(file))


async def empty_file(scene: Scene) -> Ended:
    file = scene.file("empty")
    scene.put(file, "")
    seconds = await scene.normal_save(file)
    await scene.editor.checked(lambda: scene.editor.save(file, GUARD))
    scene.editor.save(file, "")
    await scene.editor.wait_until(lambda: scene.editor.raw(file) == [])
    await scene.normal_save(file)
    return Ended("nothing: there is nothing to check", seconds)


async def fifty_thousand_lines(scene: Scene) -> Ended:
    file = scene.file("long")
    await scene.save(file, "".join(f"n{line} = {line}\n" for line in range(50_000)) + GUARD)
    assert scene.shows(file, GUARD_TEXT), scene.told(file)
    return Ended(scene.told(file), await scene.normal_save(file))


async def behind_a_link(scene: Scene) -> Ended:
    target = scene.base / scene.file("target").name
    target.write_text(GUARD)
    file = scene.file("link")
    file.symlink_to(target)
    await scene.editor.checked(lambda: scene.editor.open(file))
    assert scene.shows(file, GUARD_TEXT), scene.told(file)
    return Ended(scene.told(file), await scene.normal_save(file))


async def deleted_before_its_run(scene: Scene) -> Ended:
    file = scene.file("deleted")
    await scene.normal_save(file)
    scene.put(file, GUARD + "saved = None\n")
    file.unlink()
    scene.editor.watched(file, 3)
    await scene.editor.wait_until(lambda: scene.editor.raw(file) == [])
    return Ended("nothing: what was shown of it is gone", await scene.normal_save(file))


async def import_deleted(scene: Scene) -> Ended:
    layers, file = scene.folder / "layers.py", scene.file("imports")
    layers.write_text(CLEAN_LAYERS)
    await scene.save(file, MODEL)
    assert scene.told(file) == ""
    layers.unlink()
    await scene.editor.checked(lambda: scene.editor.watched(layers, 3))
    told = scene.told(file)
    assert "layers" in told, told
    started = time.perf_counter()
    layers.write_text(LAYERS)
    scene.editor.watched(layers, 1)
    await scene.editor.wait_until(lambda: scene.editor.raw(file) == [])
    await scene.editor.wait_until(lambda: scene.editor.raw(layers))
    seconds = time.perf_counter() - started
    layers.unlink()
    await scene.editor.idle()
    return Ended(told, seconds)


async def import_cycle(scene: Scene) -> Ended:
    file = scene.file("cycle")
    other = scene.folder / "cycle_of_two.py"
    other.write_text(f"from {file.stem} import model\n")
    await scene.save(file, f"import cycle_of_two\n{GUARD}")
    told = scene.told(other)
    assert "cannot import name 'model'" in told, told
    seconds = await scene.normal_save(file)
    assert scene.told(other) == ""
    other.unlink()
    return Ended(told, seconds)


async def settings_malformed(scene: Scene) -> Ended:
    settings, file = scene.folder / "pyproject.toml", scene.file("settings")
    settings.write_text("[tool.export-lsp\ntimeout = 1\n")
    scene.editor.watched(settings, 1)
    [told] = await scene.editor.wait_until(
        lambda: [text for text in scene.editor.messages() if "pyproject.toml" in text]
    )
    seconds = await scene.normal_save(file)
    settings.unlink()
    scene.editor.watched(settings, 3)
    await scene.normal_save(file)
    return Ended(f"a message: {told}", seconds)


# --- the editor -------------------------------------------------------------------------------


async def fifty_saves(scene: Scene) -> Ended:
    """Of which the last one alone counts."""
    file = scene.file("burst")
    for number in range(BURST):
        scene.put(file, f"{GUARD}# {number}\nnumber = {number}\n")
        await asyncio.sleep(2.0 / BURST)
    seconds = await scene.normal_save(file)
    return Ended(scene.told(file), seconds)


async def malformed_messages(scene: Scene) -> Ended:
    file = scene.file("messages")
    scene.editor.notifications.clear()
    scene.editor.send_raw(b"{not json")
    scene.editor.send_raw(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}')
    scene.editor.notify("exportLsp/unknown", {})
    seconds = await scene.normal_save(file)
    told = [text for text in scene.editor.messages("window/logMessage") if "error" in text]
    assert told
    return Ended(f"in the log: {told[0]}", seconds)


async def slow_reader(scene: Scene) -> Ended:
    """An editor that reads nothing while there is much to be said."""
    file = scene.file("slow")
    scene.editor.reads.clear()
    for number in range(BURST):
        scene.put(file, f"print('y' * 50_000)\n{GUARD}number = {number}\n")
        await asyncio.sleep(1.0 / BURST)
    scene.editor.reads.set()
    return Ended("all of it, late", await scene.normal_save(file))


ALL: dict[str, Act] = {
    act.__name__: act
    for act in (
        host_killed_while_idle,
        host_killed_meanwhile,
        server_killed,
        editor_gone_meanwhile,
        interpreter_missing,
        torch_missing,
        torch_too_old,
        torch_broken,
        torch_crashes,
        not_utf_8,
        null_bytes,
        empty_file,
        fifty_thousand_lines,
        behind_a_link,
        deleted_before_its_run,
        import_deleted,
        import_cycle,
        settings_malformed,
        fifty_saves,
        malformed_messages,
        slow_reader,
    )
}
