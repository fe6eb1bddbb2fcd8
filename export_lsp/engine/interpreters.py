"""Chooses the Python interpreter that checks a workspace folder's files, and says why.

The first of these that exists is used, whether or not it has torch:

1. The setting `interpreter`; if it is given, it must exist.
2. The interpreter selected in VS Code (the extension sends it as the option `pythonInterpreter`).
3. ``$VIRTUAL_ENV``
4. ``.venv`` or ``venv`` in the folder, unless it is another user's.
5. ``$CONDA_PREFIX``
6. ``python3`` (on Windows ``python``) on the PATH.
7. The interpreter that runs export-lsp, if it has torch.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from export_lsp.ownership import is_of_its_folder

WINDOWS = sys.platform == "win32"


@dataclass(frozen=True)
class Interpreter:
    """The path of an interpreter, and why it was chosen, to follow "chosen by"."""

    path: Path
    reason: str


class InterpreterError(Exception):
    """No interpreter was found; `str()` is one sentence for the user."""


def choose(
    folder: Path,
    *,
    setting: str | None,
    origin: str,
    selected: str | None,
    environment: Mapping[str, str],
    own: Path | None,
    windows: bool = WINDOWS,
) -> Interpreter:
    """Choose the interpreter for a folder.

    Args:
        folder: The workspace folder; relative paths start there.
        setting: The setting `interpreter`: a path, a name on the PATH, or an environment's folder.
        origin: Where the setting comes from, for the reason and for errors.
        selected: The path of the interpreter selected in the editor, if any.
        environment: The environment variables.
        own: The interpreter that runs export-lsp, None if it has no torch.
        windows: Use the names and the layout of Windows.

    Raises:
        InterpreterError: The setting names no interpreter, or none was found.
    """
    if setting is not None:
        return _from_setting(folder, setting, origin, environment, windows)
    for path, reason in _candidates(folder, selected, environment, own, windows):
        if os.path.isfile(path):
            return Interpreter(path, reason)
    raise InterpreterError(
        "No Python interpreter was found; name the one that has torch in the setting `interpreter`."
    )


def own_interpreter() -> Path | None:
    """Return the interpreter that runs export-lsp, None if torch is not installed in it.

    Torch is not imported to find out.
    """
    return Path(sys.executable) if importlib.util.find_spec("torch") else None


def _from_setting(
    folder: Path, setting: str, origin: str, environment: Mapping[str, str], windows: bool
) -> Interpreter:
    expanded = _expand(setting, folder, environment)
    if "/" in expanded or "\\" in expanded:
        path = folder / expanded
    else:
        found = shutil.which(expanded, path=environment.get("PATH", ""))
        path = Path(found) if found else folder / expanded
    if os.path.isdir(path):
        path = _python_in(path, windows)
    if not os.path.isfile(path):
        raise InterpreterError(
            f'The interpreter "{setting}" ({origin}) does not exist; '
            "correct the setting `interpreter` or remove it."
        )
    return Interpreter(path, f"the setting `interpreter` ({origin})")


def _candidates(
    folder: Path,
    selected: str | None,
    environment: Mapping[str, str],
    own: Path | None,
    windows: bool,
) -> Iterator[tuple[Path, str]]:
    if selected:
        yield folder / selected, "selected in the editor"
    if os.path.isabs(prefix := environment.get("VIRTUAL_ENV", "")):
        yield _python_in(Path(prefix), windows), "$VIRTUAL_ENV"
    for name in (".venv", "venv"):
        if is_of_its_folder(folder / name):
            yield _python_in(folder / name, windows), f"{name} in the workspace folder"
    if os.path.isabs(prefix := environment.get("CONDA_PREFIX", "")):
        # On Windows conda puts python.exe at the top of an environment, not in Scripts.
        path = Path(prefix) / "python.exe" if windows else _python_in(Path(prefix), windows)
        yield path, "$CONDA_PREFIX"
    name = "python" if windows else "python3"
    if found := shutil.which(name, path=environment.get("PATH", "")):
        yield Path(found), f"{name} on the PATH"
    if own is not None:
        yield own, "the one that runs export-lsp"


def _python_in(prefix: Path, windows: bool) -> Path:
    return prefix / ("Scripts/python.exe" if windows else "bin/python")


def _expand(text: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Replace ``~``, ``${workspaceFolder}`` and ``${env:NAME}``, as VS Code does."""
    if text == "~" or text.startswith(("~/", "~\\")):
        home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
        text = home + text[1:]
    text = text.replace("${workspaceFolder}", str(folder))
    return re.sub(r"\$\{env:(\w+)\}", lambda match: environment.get(match[1], ""), text)
