"""Interpreters that cannot check models."""

from __future__ import annotations

import time
import venv

from tests.faults.sandbox import Effect, Sandbox
from tests.server.models import GUARD, GUARD_TEXT


async def interpreter_missing(sandbox: Sandbox) -> Effect:
    return await _with_interpreter(sandbox, "missing/python", "does not exist")


async def torch_missing(sandbox: Sandbox) -> Effect:
    return await _with_torch(sandbox, None, "has no torch")


async def torch_too_old(sandbox: Sandbox) -> Effect:
    return await _with_torch(sandbox, "__version__ = '1.13.1'\n", "is too old")


async def torch_broken(sandbox: Sandbox) -> Effect:
    text = "raise ImportError('libtorch_cpu.so: cannot open shared object file')\n"
    return await _with_torch(sandbox, text, "does not work: ImportError: libtorch_cpu.so")


async def torch_crashes(sandbox: Sandbox) -> Effect:
    text = "import ctypes\nctypes.string_at(0)\n"
    return await _with_torch(sandbox, text, "while it imported torch")


async def _with_torch(sandbox: Sandbox, text: str | None, words: str) -> Effect:
    """Check in an environment whose torch is a module with this text; None for no torch."""
    prefix = sandbox.base / "environments" / sandbox.file("of").stem
    venv.create(prefix, symlinks=True, with_pip=False)
    if text is not None:
        [packages] = prefix.glob("lib/python*/site-packages")
        (packages / "torch").mkdir()
        (packages / "torch" / "__init__.py").write_text(text)
    return await _with_interpreter(sandbox, str(prefix / "bin" / "python"), words)


async def _with_interpreter(sandbox: Sandbox, interpreter: str, words: str) -> Effect:
    """Open a folder that has this interpreter, then switch it to the sandbox's."""
    editor = sandbox.editor
    folder = sandbox.base / sandbox.file("other").stem
    folder.mkdir()
    await editor.join(folder, {**sandbox.options, "interpreter": interpreter})
    file = folder / "model.py"
    file.write_text(GUARD)
    editor.open(file)
    message = await editor.wait_until(lambda: "".join(m for m in editor.messages() if words in m))
    await editor.wait_until(lambda: editor.status["health"] == "error")
    assert editor.raw(file) == []
    started = time.perf_counter()
    editor.configuration[folder.as_uri()] = sandbox.options
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.wait_until(lambda: sandbox.shows(file, GUARD_TEXT))
    seconds = time.perf_counter() - started
    await editor.leave(folder)
    return Effect(f"a message: {message}", seconds)


ALL = (
    interpreter_missing,
    torch_missing,
    torch_too_old,
    torch_broken,
    torch_crashes,
)
