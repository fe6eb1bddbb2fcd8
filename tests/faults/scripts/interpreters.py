"""Interpreters that cannot check models."""

from __future__ import annotations

import time
import venv

from tests.faults.scene import Ended, Scene
from tests.server.models import GUARD, GUARD_TEXT


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
    return await _with_torch(scene, text, "while it imported torch")


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


ALL = (
    interpreter_missing,
    torch_missing,
    torch_too_old,
    torch_broken,
    torch_crashes,
)
