"""Files that Python cannot read, that are elsewhere or that are gone."""

from __future__ import annotations

import time

from tests.faults.scene import Ended, Scene
from tests.server.models import CLEAN_LAYERS, GUARD, GUARD_TEXT, LAYERS, MODEL


async def not_utf_8(scene: Scene) -> Ended:
    return await _with_bytes(
        scene, GUARD.encode() + b"# caf\xe9\n", "load-error", "0xe9 is not UTF-8"
    )


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


ALL = (
    not_utf_8,
    null_bytes,
    empty_file,
    fifty_thousand_lines,
    behind_a_link,
    deleted_before_its_run,
    import_deleted,
    import_cycle,
    settings_malformed,
)
