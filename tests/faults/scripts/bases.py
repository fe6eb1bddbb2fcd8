"""Changes of what a result rests on, besides the file itself: the next save must show them."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import sys
import sysconfig
import time
import venv
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.faults.harmful_models import at_import, in_build, in_forward
from tests.faults.sandbox import Effect, Sandbox

Act = Callable[[], object]

FOUND = "it is there"
BROKEN = f"raise ValueError('{FOUND}')\n"


async def _shown_after(sandbox: Sandbox, text: str, change: Act, undo: Act) -> Effect:
    """Save a text that has no problem, until something changes."""
    file = sandbox.file("resting")
    await sandbox.save(file, text)
    assert sandbox.diagnostic(file) == ""
    shown, seconds = await _save_after(sandbox, file, change)
    assert FOUND in shown, shown
    undo()
    sandbox.editor.save(file)
    await sandbox.editor.wait_until(lambda: sandbox.diagnostic(file) == "")
    await sandbox.editor.idle()
    return Effect(shown, seconds)


async def _save_after(sandbox: Sandbox, file: Path, change: Act) -> tuple[str, float]:
    """Save the same text after a change; return the diagnostic and the seconds until then."""
    change()
    started = time.perf_counter()
    sandbox.editor.save(file)
    await sandbox.editor.wait_until(lambda: sandbox.diagnostic(file))
    seconds = time.perf_counter() - started
    await sandbox.editor.idle()
    return sandbox.diagnostic(file), seconds


# --- files that are asked for ----------------------------------------------------------------

QUESTIONS = {
    "exists": "os.path.exists('{path}')",
    "is_file": "pathlib.Path('{path}').is_file()",
    "stat": "pathlib.Path('{path}').parent.stat().st_nlink and os.access('{path}', os.R_OK)",
    "glob": "glob.glob('{folder}/*.flag')",
    "listdir": "'{name}' in os.listdir('{folder}')",
    "walk": "any('{name}' in files for _, _, files in os.walk('{folder}'))",
    "failed_open": "opens('{path}')",
    "optional_import": "importlib.util.find_spec('{stem}')",
}
# More modules than are imported faster than a library host for them is forked.
MODULES = 25
# A file whose finding names the process that its run was forked from.
MODEL_OF_PARENT = """
raise ValueError(open(f"/proc/{{os.getppid()}}/comm").read())
model = None
example_args = ()
"""
HELPERS = """\
import glob, importlib.util, pathlib


def opens(path):
    try:
        return open(path)
    except OSError:
        return None


"""


def _asking(kind: str, question: str) -> Callable[[Sandbox], Awaitable[Effect]]:
    async def cause(sandbox: Sandbox) -> Effect:
        folder = sandbox.folder / "asked"
        folder.mkdir()
        appears = folder / "a.flag"
        if kind == "optional_import":
            appears = sandbox.folder / "optional_part.py"
        asked = question.format(path=appears, folder=folder, name=appears.name, stem=appears.stem)
        text = at_import(f"{HELPERS}if {asked}: {BROKEN}")
        effect = await _shown_after(sandbox, text, appears.touch, appears.unlink)
        folder.rmdir()
        return effect

    cause.__name__ = f"file_appears_{kind}"
    return cause


async def file_appears_in_build(sandbox: Sandbox) -> Effect:
    appears = sandbox.folder / "width.txt"
    text = in_build(f"if os.path.exists('{appears}'): {BROKEN}")
    return await _shown_after(sandbox, text, appears.touch, appears.unlink)


async def file_appears_in_forward(sandbox: Sandbox) -> Effect:
    appears = sandbox.folder / "width.txt"
    text = in_forward(f"if os.path.exists('{appears}'): {BROKEN}")
    return await _shown_after(sandbox, text, appears.touch, appears.unlink)


async def link_turns(sandbox: Sandbox) -> Effect:
    """A link leads to another directory, whose files are as old as those of the first."""
    link, folders = sandbox.folder / "current", [sandbox.folder / name for name in ("one", "two")]
    for folder, text in zip(folders, ("", FOUND), strict=True):
        folder.mkdir()
        (folder / "text").write_text(text)
    link.symlink_to(folders[0])

    def turn(folder: Path) -> None:
        link.unlink()
        link.symlink_to(folder)

    text = at_import(f"text = open('{link}/text').read()\nif text: raise ValueError(text)")
    effect = await _shown_after(sandbox, text, lambda: turn(folders[1]), lambda: turn(folders[0]))
    link.unlink()
    for folder in folders:
        (folder / "text").unlink()
        folder.rmdir()
    return effect


async def same_size_and_time(sandbox: Sandbox) -> Effect:
    """A file gets another content of the same size and keeps its time of change."""
    file = sandbox.folder / "numbers.txt"
    file.write_text("good")
    stat = file.stat()

    def write(text: str) -> None:
        file.write_text(text)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    text = at_import(f"if open('{file}').read() == 'evil': {BROKEN}")
    effect = await _shown_after(sandbox, text, lambda: write("evil"), lambda: write("good"))
    file.unlink()
    return effect


async def program_tells(sandbox: Sandbox) -> Effect:
    """A program that the file starts prints something else; nothing can know when it does."""
    file = sandbox.base / "told.txt"
    file.write_text("")
    started = f"subprocess.run(['cat', '{file}'], capture_output=True, text=True).stdout"
    text = at_import(f"told = {started}\nif told: raise ValueError(told)")
    return await _shown_after(
        sandbox, text, lambda: file.write_text(FOUND), lambda: file.write_text("")
    )


async def clock_goes_on(sandbox: Sandbox) -> Effect:
    """A model that fails from some time on."""
    late = time.time() + 15
    text = at_import(f"if time.time() > {late}: {BROKEN}")
    file = sandbox.file("clock")
    await sandbox.save(file, text)
    assert sandbox.diagnostic(file) == ""
    while time.time() <= late:
        await asyncio.sleep(0.1)  # no event reports the time
    shown, seconds = await _save_after(sandbox, file, lambda: None)
    assert FOUND in shown, shown
    return Effect(shown, seconds)


# --- modules outside of the folder ---------------------------------------------------------------


async def outside_module_broken(sandbox: Sandbox) -> Effect:
    """A module on `extra-paths` breaks, and one that it imports."""
    outside = sandbox.base / "outside"
    outside.mkdir()
    (outside / "outer_part.py").write_text("import inner_part\n")
    inner = outside / "inner_part.py"
    inner.write_text("")
    async with sandbox.configured(extraPaths=[str(outside)]):
        return await _shown_after(
            sandbox,
            at_import("import outer_part"),
            lambda: inner.write_text(BROKEN),
            lambda: inner.write_text(""),
        )


async def shadowed_module(sandbox: Sandbox) -> Effect:
    """A new file in the folder is found before a module on `extra-paths`."""
    outside, shadow = sandbox.base / "shadowed", sandbox.folder / "shaded_part.py"
    outside.mkdir()
    (outside / "shaded_part.py").write_text("broken = False\n")
    text = at_import(f"import shaded_part\nif shaded_part.broken: {BROKEN}")
    async with sandbox.configured(extraPaths=[str(outside)]):
        # The folder of the file is searched before `extra-paths`.
        return await _shown_after(
            sandbox, text, lambda: shadow.write_text("broken = True\n"), shadow.unlink
        )


async def effect_before_import(sandbox: Sandbox) -> Effect:
    """A host has imported a library ahead, and then the file changes something before it."""
    outside = sandbox.base / "preloaded"
    (outside / "biglib").mkdir(parents=True)
    parts = [f"part_{number}" for number in range(MODULES)]
    for part in parts:
        (outside / "biglib" / f"{part}.py").touch()
    (outside / "biglib" / "__init__.py").write_text(
        f"import torch\nfrom biglib import {', '.join(parts)}\n"
        f"if torch.get_default_dtype() is torch.float64: {BROKEN}"
    )
    # The library host is there once the name of the process's parent says so.
    text = "import os, torch\n{effect}\nimport biglib\n" + MODEL_OF_PARENT
    file = sandbox.file("effect")
    async with sandbox.configured(extraPaths=[str(outside)]):
        number = itertools.count()
        await sandbox.save(file, text.format(effect="# 0"))
        while "exportlsp-libs" not in sandbox.diagnostic(file):
            effect = f"number = {next(number)}"
            await sandbox.save(file, text.format(effect=effect))
        started = time.perf_counter()
        sandbox.editor.save(file, text.format(effect="torch.set_default_dtype(torch.float64)"))
        await sandbox.editor.wait_until(lambda: FOUND in sandbox.diagnostic(file))
        seconds = time.perf_counter() - started
        await sandbox.editor.idle()
        shown = sandbox.diagnostic(file)
    await sandbox.restart()  # ends the hosts of the file, which have temporary files
    return Effect(shown, seconds)


async def package_edited(sandbox: Sandbox) -> Effect:
    """In an environment: an edited package, a broken editable install, another `.pth` file."""
    prefix = sandbox.base / "environments" / "edited"
    venv.create(prefix, symlinks=True, with_pip=False)
    [packages] = prefix.glob("lib/python*/site-packages")
    ours = [sysconfig.get_path("purelib"), *(p for p in sys.path if p.endswith("-packages"))]
    (packages / "torch.pth").write_text("\n".join(dict.fromkeys(ours)))
    package, editable = packages / "package_part.py", sandbox.base / "editable"
    package.write_text("")
    editable.mkdir()
    (editable / "editable_part.py").write_text("")
    other = sandbox.base / "other"
    other.mkdir()
    (other / "editable_part.py").write_text(BROKEN)
    pth = packages / "editable.pth"
    pth.write_text(str(editable))
    text = at_import("import package_part, editable_part")
    async with sandbox.configured(interpreter=str(prefix / "bin" / "python")):
        for changed, after, before in (
            (package, BROKEN, ""),
            (editable / "editable_part.py", BROKEN, ""),
            (pth, str(other), str(editable)),
        ):
            effect = await _shown_after(
                sandbox,
                f"{text}\n# {changed.name}\n",
                functools.partial(changed.write_text, after),
                functools.partial(changed.write_text, before),
            )
    await sandbox.normal_save(sandbox.file("after"))
    await sandbox.warm()
    return effect


# --- the environment ---------------------------------------------------------------------------


async def environment_changed(sandbox: Sandbox) -> Effect:
    """The next editor is started with another value of a variable that the file reads."""
    text = at_import(f"if os.environ.get('MODEL_SIZE') == '2': {BROKEN}")
    return await _shown_at_next_start(sandbox, text, {"MODEL_SIZE": "2"})


async def environment_changed_for_c_code(sandbox: Sandbox) -> Effect:
    text = at_import(
        "read = ctypes.CDLL(None).getenv\nread.restype = ctypes.c_char_p\n"
        f"if read(b'MODEL_SIZE') == b'2': {BROKEN}"
    )
    return await _shown_at_next_start(sandbox, text, {"MODEL_SIZE": "2"})


async def terminal_changed(sandbox: Sandbox) -> Effect:
    """A variable that says nothing but where the editor was started, which the file reads."""
    text = at_import(f"if os.environ.get('TMUX') == 'one': {BROKEN}")
    return await _shown_at_next_start(sandbox, text, {"TMUX": "one"})


async def python_path_changed(sandbox: Sandbox) -> Effect:
    outside = sandbox.base / "python_path"
    outside.mkdir()
    (outside / "path_part.py").write_text(BROKEN)
    text = at_import("try: import path_part\nexcept ImportError: pass")
    return await _shown_at_next_start(sandbox, text, {"PYTHONPATH": str(outside)})


async def _shown_at_next_start(sandbox: Sandbox, text: str, changed: dict[str, str]) -> Effect:
    """Save a text that has no problem, and open it in an editor with other variables."""
    file = sandbox.file("started")
    await sandbox.save(file, text)
    assert sandbox.diagnostic(file) == ""
    before = dict(sandbox.environment)
    sandbox.environment.update(changed)
    started = time.perf_counter()
    await sandbox.restart()
    sandbox.editor.open(file)
    await sandbox.editor.wait_until(lambda: sandbox.diagnostic(file))
    seconds, shown = time.perf_counter() - started, sandbox.diagnostic(file)
    assert FOUND in shown, shown
    sandbox.environment.clear()
    sandbox.environment.update(before)
    await sandbox.restart()
    file.unlink()
    return Effect(shown, seconds)


ALL = (
    *(_asking(kind, question) for kind, question in QUESTIONS.items()),
    file_appears_in_build,
    file_appears_in_forward,
    link_turns,
    same_size_and_time,
    program_tells,
    clock_goes_on,
    outside_module_broken,
    shadowed_module,
    effect_before_import,
    package_edited,
    environment_changed,
    environment_changed_for_c_code,
    terminal_changed,
    python_path_changed,
)
