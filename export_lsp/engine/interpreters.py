"""Chooses the Python interpreter that checks a workspace folder's files, and says why.

The first of these that exists is used, whether or not it has torch:

1. The setting `interpreter`; if it is given, it must exist.
2. The interpreter selected in VS Code (the extension sends it as the option `pythonInterpreter`).
3. ``$VIRTUAL_ENV``
4. ``.venv`` or ``venv`` in the folder, unless it is another user's.
5. ``$CONDA_PREFIX``
6. ``python3`` (on Windows ``python``) on the PATH.
7. The interpreter that runs export-lsp, if it has torch.

An environment without torch that export-lsp itself is installed in does not count as 3 or 6: tools
such as pre-commit make one, and put it first for the programs that they start.
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


@dataclass(frozen=True)
class Considered:
    """A place that an interpreter may come from, and what came of it.

    `path` is None where nothing is set; `outcome` follows the place and the path.
    """

    place: str
    path: Path | None
    outcome: str

    def __str__(self) -> str:
        path = f"{self.path}, " if self.path is not None else ""
        return f"{self.place}: {path}{self.outcome}"


USED = "used"


class InterpreterError(Exception):
    """No interpreter was found; `str()` is one sentence for the user."""


@dataclass(frozen=True)
class Sources:
    """The sources that the interpreter of a folder may come from.

    Attributes:
        folder: The workspace folder; relative paths start there.
        setting: The setting `interpreter`: a path, a name on the PATH, or an environment's folder.
        origin: Where the setting comes from, for the reason and for errors.
        selected: The path of the interpreter selected in the editor, if any.
        environment: The environment variables.
        own: The interpreter that runs export-lsp, None if it has no torch.
        home: The virtual environment that runs export-lsp, None if it has torch or there is none.
        windows: Use the names and the layout of Windows.
    """

    folder: Path
    setting: str | None
    origin: str
    selected: str | None
    environment: Mapping[str, str]
    own: Path | None
    windows: bool = WINDOWS
    home: Path | None = None


def choose(sources: Sources) -> Interpreter:
    """Choose the interpreter for a folder.

    Raises:
        InterpreterError: The setting names no interpreter, or none was found.
    """
    if sources.setting is not None:
        path = _from_setting(sources, sources.setting)
        if not os.path.isfile(path):
            raise InterpreterError(
                f'The interpreter "{sources.setting}" ({sources.origin}) does not exist; '
                "correct the setting `interpreter` or remove it."
            )
        return Interpreter(path, f"the setting `interpreter` ({sources.origin})")
    for place in _places(sources):
        if place.path is not None and os.path.isfile(place.path):
            return Interpreter(place.path, place.name)
    raise InterpreterError(
        "No Python interpreter was found; name the one that has torch in the setting `interpreter`."
    )


def consider(sources: Sources) -> Iterator[Considered]:
    """Yield each place that `choose` looks at, and its outcome."""
    configured = (
        _Place(
            f"the setting `interpreter` ({sources.origin})",
            _from_setting(sources, sources.setting),
        )
        if sources.setting is not None
        else _Place("the setting `interpreter`", None, "not set")
    )
    first = None
    for place in (configured, *_places(sources)):
        if place.path is None:
            outcome = place.missing
        elif not os.path.isfile(place.path):
            outcome = "does not exist"
        elif first is not None:
            known = place.path == sources.own or _has_torch(place.path, sources.windows)
            torch = "; it has torch" if known else ""
            outcome = f"not used, as {first} comes first{torch}"
        else:
            outcome = USED
        if place.path is not None and first is None and (outcome == USED or place is configured):
            first = place.name
        yield Considered(place.name, place.path, outcome)


def _has_torch(python: Path, windows: bool) -> bool:
    """Return whether torch is in the environment of an interpreter; nothing is started."""
    is_conda = windows and python.parent.name != "Scripts"
    prefix = python.parent if is_conda else python.parent.parent
    packages = "Lib/site-packages" if windows else "lib/python3*/site-packages"
    return any(prefix.glob(f"{packages}/torch/__init__.py"))


def own_interpreter() -> Path | None:
    """Return the interpreter that runs export-lsp, None if torch is not installed in it.

    Torch is not imported to find out.
    """
    return Path(sys.executable) if importlib.util.find_spec("torch") else None


def torchless_home() -> Path | None:
    """Return the virtual environment of export-lsp, None if it has torch or there is none."""
    is_virtual = sys.prefix != sys.base_prefix
    return Path(sys.prefix) if is_virtual and own_interpreter() is None else None


@dataclass(frozen=True)
class _Place:
    """A place where an interpreter may be; `missing` says why there is none without a path."""

    name: str
    path: Path | None
    missing: str = ""


def _from_setting(sources: Sources, setting: str) -> Path:
    folder, environment = sources.folder, sources.environment
    expanded = _expand(setting, folder, environment)
    if "/" in expanded or "\\" in expanded:
        path = folder / expanded
    else:
        found = shutil.which(expanded, path=environment.get("PATH", ""))
        path = Path(found) if found else folder / expanded
    return _python_in(path, sources.windows) if os.path.isdir(path) else path


def _places(sources: Sources) -> Iterator[_Place]:
    folder, environment, windows = sources.folder, sources.environment, sources.windows
    selected = sources.selected
    yield _Place("selected in the editor", folder / selected if selected else None, "none")
    active = environment.get("VIRTUAL_ENV", "")
    if sources.home is not None and Path(active) == sources.home:
        yield _Place("$VIRTUAL_ENV", None, "export-lsp's own, without torch")
    else:
        path = _python_in(Path(active), windows) if os.path.isabs(active) else None
        yield _Place("$VIRTUAL_ENV", path, "not set")
    for name in (".venv", "venv"):
        usable = is_of_its_folder(folder / name)
        missing = "of another user" if os.path.lexists(folder / name) else "does not exist"
        path = _python_in(folder / name, windows) if usable else None
        yield _Place(f"{name} in the workspace folder", path, missing)
    conda = environment.get("CONDA_PREFIX", "")
    # On Windows conda puts python.exe at the top of an environment, not in Scripts.
    path = Path(conda) / "python.exe" if windows else _python_in(Path(conda), windows)
    yield _Place("$CONDA_PREFIX", path if os.path.isabs(conda) else None, "not set")
    name = "python" if windows else "python3"
    found = shutil.which(name, path=_search_path(sources))
    yield _Place(f"{name} on the PATH", Path(found) if found else None, "not found")
    yield _Place("the one that runs export-lsp", sources.own, "without torch")


def _search_path(sources: Sources) -> str:
    """Return the PATH without the programs of export-lsp's own environment."""
    entries = sources.environment.get("PATH", "").split(os.pathsep)
    if sources.home is None:
        return os.pathsep.join(entries)
    own = _python_in(sources.home, sources.windows).parent
    return os.pathsep.join(entry for entry in entries if Path(entry) != own)


def _python_in(prefix: Path, windows: bool) -> Path:
    return prefix / ("Scripts/python.exe" if windows else "bin/python")


def _expand(text: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Replace ``~``, ``${workspaceFolder}`` and ``${env:NAME}``, as VS Code does."""
    if text == "~" or text.startswith(("~/", "~\\")):
        home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
        text = home + text[1:]
    text = text.replace("${workspaceFolder}", str(folder))
    return re.sub(r"\$\{env:(\w+)\}", lambda match: environment.get(match[1], ""), text)
