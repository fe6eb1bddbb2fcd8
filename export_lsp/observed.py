"""Observations: a check's looks at files, directories and variables, to be repeated later.

The texts of the user's Python files are not among them; these are compared themselves.

An observation is a key and a short text.  The key names an aspect and a path, such as
``names:/data``, or an environment variable.  The text is equal as long as a program that looks
again finds the same.  Loaded by server and worker, as `protocol` is.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Mapping

# Imported by name: user code may replace the functions of these modules.
from errno import errorcode
from io import FileIO
from os import R_OK, W_OK, X_OK, access, environ, fspath, listdir, lstat, path, readlink, scandir
from os import stat as file_status
from pathlib import Path
from time import time_ns
from typing import Literal

Aspect = Literal[
    "content",  # the bytes of a file
    "kind",  # whether there is something, and if it is a file or a directory
    "stamp",  # size, mode and times of change
    "link",  # where a symbolic link leads
    "access",  # what this user may do with it
    "names",  # the entries of a directory
    "distributions",  # the metadata and the .pth files of installed packages in a directory
    "module",  # the files that an import of this name from this directory may find
    "environment",  # the value of a variable
]

# In bytes.  Of a larger file the size and the time of change stand for the content.
LARGEST = 1 << 24

# A file that changed less than this many nanoseconds ago may change again without another time of
# change: file systems count in ticks.
TICK_NS = 100_000_000

MISSING = "missing"

# Variables that differ from one start of an editor to the next.  No model depends on them, unless
# it reads them.  A name that ends in * stands for all names with that beginning.
# fmt: off
SESSION_VARIABLES = frozenset({
    "_", "COLORTERM", "COLUMNS", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_STARTUP_ID", "DISPLAY",
    "INVOCATION_ID", "JOURNAL_STREAM", "LINES", "LS_COLORS", "MANAGERPID", "MYVIMRC", "OLDPWD",
    "PWD", "SHLVL", "SSH_AGENT_PID", "SSH_AUTH_SOCK", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY",
    "STY", "SYSTEMD_EXEC_PID", "TERM", "TERMCAP", "VIM", "VIMRUNTIME", "WAYLAND_DISPLAY",
    "WINDOWID", "XAUTHORITY", "XDG_ACTIVATION_TOKEN", "XDG_SESSION_ID", "XDG_VTNR",
})
# The beginnings of further names.
SESSION_PREFIXES = (
    "ALACRITTY_", "APPLICATION_INSIGHTS_", "CHROME_", "ELECTRON_", "EXPORT_LSP_", "GHOSTTY_",
    "GIO_LAUNCHED_", "GNOME_", "ITERM_", "KITTY_", "KONSOLE_", "NVIM", "TERM_", "TMUX", "VSCODE_",
    "VTE_", "WEZTERM_", "WT_", "ZED_", "ZELLIJ_",
)
# fmt: on

_METADATA = (".dist-info", ".egg-info", ".egg", ".egg-link", ".pth")
# The aspects that cannot change while the metadata of the path do not, or of its directory.
_OF_METADATA = frozenset({"content", "kind", "stamp", "names", "distributions", "module"})
_NOT_THERE = (FileNotFoundError, NotADirectoryError)
_Stamp = tuple[int, int, int, int]


def key(aspect: Aspect, subject: str) -> str:
    """Return the key of an observation; `subject` is an absolute path, or a variable's name."""
    return f"{aspect}:{subject}"


def subject_of(observation: str) -> str:
    """Return the path or the variable that a key is about."""
    return observation.partition(":")[2]


def keys_about(file: Path) -> tuple[str, ...]:
    """Return the keys of observations that may differ once a file is written or deleted."""
    module = file.parent if file.stem == "__init__" else file.with_suffix("")
    aspects: tuple[Aspect, ...] = ("content", "kind", "stamp", "access")
    return (
        *(key(aspect, str(file)) for aspect in aspects),
        key("names", str(file.parent)),
        key("module", str(module)),
    )


def is_session_variable(name: str) -> bool:
    """Return whether a variable differs from one start of an editor to the next."""
    return name in SESSION_VARIABLES or name.startswith(SESSION_PREFIXES)


def variable_text(value: str | None) -> str:
    """Return the text of an observed variable; None if it is not set."""
    return MISSING if value is None else _digest(value)


class States:
    """Looks at paths and variables.

    What is known of a path is not looked at again while the path's metadata are the same.  May be
    used by several threads.
    """

    def __init__(self) -> None:
        # The text of each observation, with the path on whose metadata it depends, and these.
        self._known: dict[str, tuple[str, str, _Stamp | None]] = {}
        self._aspects: dict[str, Callable[[str], str]] = {
            "content": _content,
            "kind": _kind,
            "stamp": _stamp,
            "link": _link,
            "access": _access,
            "names": _names,
            "distributions": _distributions,
            "module": _module,
            "environment": lambda name: variable_text(environ.get(name)),
        }

    def now(self, observation: str) -> str:
        """Return the text of an observation as it would be made now."""
        return self._now(observation, {})

    def first_change(self, observed: Mapping[str, str]) -> str | None:
        """Return the key of the first observation that is no longer so; None if all still are."""
        stamps: dict[str, _Stamp | None] = {}
        changed = (each for each, text in observed.items() if self._now(each, stamps) != text)
        return next(changed, None)

    def _now(self, observation: str, stamps: dict[str, _Stamp | None]) -> str:
        """The text of an observation; `stamps` has the metadata of paths that were just read."""
        known = self._known.get(observation)
        if known is not None and _stamp_of(known[1], stamps) == known[2]:
            return known[0]
        aspect, _, subject = observation.partition(":")
        base = path.dirname(subject) if aspect == "module" else subject
        stamp = _stamp_of(base, stamps) if aspect in _OF_METADATA else None
        text = self._look(aspect, subject)
        if aspect in _OF_METADATA and _is_settled(stamp):
            self._known[observation] = text, base, stamp
        return text

    def _look(self, aspect: str, subject: str) -> str:
        try:
            return self._aspects[aspect](subject)
        except _NOT_THERE:
            return MISSING
        except OSError as error:
            return errorcode.get(error.errno or 0, "error")
        except (KeyError, ValueError):
            return "unknown"  # an aspect of another version, or a path with a null character


def _stamp_of(subject: str, stamps: dict[str, _Stamp | None]) -> _Stamp | None:
    """The metadata that change with a file's content and with a directory's entries."""
    if subject not in stamps:
        try:
            found = file_status(subject)
        except (OSError, ValueError):
            stamps[subject] = None
        else:
            stamps[subject] = found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
    return stamps[subject]


def _is_settled(stamp: _Stamp | None) -> bool:
    """Return whether another change is sure to change the metadata as well."""
    return stamp is None or time_ns() - max(stamp[:2]) > TICK_NS


def _content(file: str) -> str:
    found = file_status(file)
    if not stat.S_ISREG(found.st_mode):  # a pipe or a device may never end
        return _kind_of(found.st_mode)
    if found.st_size > LARGEST:
        return f"{found.st_size}:{found.st_mtime_ns}"
    with FileIO(file) as stream:
        return hashlib.sha256(stream.readall()).hexdigest()


def _names(directory: str) -> str:
    with scandir(directory) as entries:
        names = [f"{each.name}/" if each.is_dir() else each.name for each in entries]
    return _digest_of_all(name for name in sorted(names) if name != "__pycache__/")


def _distributions(directory: str) -> str:
    return _digest_of_all(each for each in sorted(listdir(directory)) if each.endswith(_METADATA))


def _module(subject: str) -> str:
    directory, name = path.split(subject)
    try:
        entries = listdir(directory)
    except _NOT_THERE:
        return ""
    return ",".join(sorted(e for e in entries if e == name or e.startswith(f"{name}.")))


def _kind(subject: str) -> str:
    return _kind_of(file_status(subject).st_mode)


def _kind_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


def _stamp(subject: str) -> str:
    found = file_status(subject)
    return f"{found.st_mode}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def _link(subject: str) -> str:
    return fspath(readlink(subject)) if stat.S_ISLNK(lstat(subject).st_mode) else "no link"


def _access(subject: str) -> str:
    return "".join(str(int(access(subject, mode))) for mode in (R_OK, W_OK, X_OK))


def _digest_of_all(names: Iterable[str]) -> str:
    return _digest("\0".join(names))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
