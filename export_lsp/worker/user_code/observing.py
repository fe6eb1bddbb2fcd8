"""Let the `Observer` see what code in this process does.

An audit hook sees reads of files and directories, processes and connections, whoever causes them.
`os.stat` and its like have no audit events and are wrapped; so are reads of variables and the
loader of modules.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from sys import _getframe
from types import CodeType, FrameType, ModuleType
from typing import Any

from export_lsp.observed import is_session_variable
from export_lsp.worker.system import forked_call
from export_lsp.worker.user_code.libraries import NOT_MODELS, OWN, TORCH
from export_lsp.worker.user_code.observer import (
    Observer,
    absolute,
    file_aspect,
    is_standard_library,
)

# Calls whose outcome nothing on this machine tells, by audit event.
_UNACCOUNTED = {
    "os.exec": "starts a program",
    "os.fork": "forks",
    "os.forkpty": "forks",
    "os.posix_spawn": "starts a program",
    "os.system": "starts a program",
    "pty.spawn": "starts a program",
    "socket.connect": "uses the network",
    "socket.getaddrinfo": "uses the network",
    "socket.gethostbyname": "uses the network",
    "subprocess.Popen": "starts a program",
}

# Modules that look at files on behalf of Python itself: to quote lines, and to find modules.
_OF_PYTHON = ("linecache.py", "inspect.py", "tokenize.py", "traceback.py", "warnings.py")
_IMPORTLIB = f"{os.sep}importlib{os.sep}"
# Modules whose functions pass questions about paths on to `os`.
_OF_PATHS = ("genericpath", "posixpath", "ntpath", "pathlib", "glob.py")
# Functions of those that ask for no more than the kind of a path.
# fmt: off
_KIND_QUERIES = frozenset({
    "exists", "isfile", "isdir", "lexists", "islink", "is_file", "is_dir", "is_symlink", "_exists",
    "_isdir", "_lexists",
})
# fmt: on
_FROZEN, _FROZEN_IMPORTS = "<frozen ", ("<frozen importlib", "<frozen zipimport")
_WRITES = os.O_WRONLY | os.O_RDWR

# Seconds.  Byte code knows the time of its source in whole seconds: it may be that of an earlier
# text of the same second.
_RECENT = 2.0

# The replaced attributes: owner, name, the original, and the wrapper.
_Wrapped = tuple[Any, str, Any, Any]
_wrapped: list[_Wrapped] = []


@functools.cache
def observer() -> Observer:
    """Observe from the first call on, for the life of the process; return the one observer.

    A fork of the process goes on with the observations so far.  What `forked_call` forks reports
    its own to this process.
    """
    observer = Observer()
    _wrap_questions(observer)
    _wrap_environment(observer)
    _wrap_loader(observer)
    sys.meta_path.insert(0, _Finder(observer))
    sys.addaudithook(functools.partial(_audit, observer))
    forked_call.attach(
        functools.partial(_new_observations, observer), functools.partial(_merge, observer)
    )
    return observer


@contextlib.contextmanager
def without_wrappers() -> Iterator[None]:
    """Context manager with Python's own functions in place, for Dynamo to trace."""
    for owner, name, original, _ in _wrapped:
        setattr(owner, name, original)
    try:
        yield
    finally:
        for owner, name, _, wrapper in _wrapped:
            setattr(owner, name, wrapper)


def _new_observations(observer: Observer) -> Callable[[], Any]:
    known = len(observer.observed)
    return lambda: (
        dict(itertools.islice(observer.observed.items(), known, None)),
        observer.unaccounted,
    )


def _merge(observer: Observer, reported: Any) -> None:
    observed, unaccounted = reported
    for key, text in observed.items():
        observer.observed.setdefault(key, text)
    observer.cannot_account_for(unaccounted)


# --- audit events --------------------------------------------------------------------------------

_Note = Callable[[Observer, str, "tuple[Any, ...]", FrameType], None]


def _audit(observer: Observer, event: str, arguments: tuple[Any, ...]) -> None:
    note = _EVENTS.get(event)
    if note is not None:
        observer.guarded(note, observer, event, arguments, _getframe(1))


def _note_open(observer: Observer, _: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    path, _mode, flags = arguments
    if isinstance(path, int) or _is_of_python(frame):
        return
    if not isinstance(flags, int) or not flags & _WRITES:
        observer.look(*file_aspect(absolute(path)))
        return
    if flags & os.O_EXCL:
        observer.look("kind", path)
    elif flags & os.O_RDWR and not flags & (os.O_TRUNC | os.O_EXCL):
        observer.look("content", path)
    observer.write(path)


def _note_listing(observer: Observer, _: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    path = "." if arguments[0] is None else arguments[0]
    caller = frame.f_code.co_filename
    if isinstance(path, int) or caller.startswith((*_FROZEN_IMPORTS, OWN)):
        return
    is_for_metadata = f"{_IMPORTLIB}metadata" in caller
    observer.look("distributions" if is_for_metadata else "names", path)


def _note_made(observer: Observer, _: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    if os.path.lexists(arguments[0]):
        observer.look("kind", arguments[0])
    else:
        observer.write(arguments[0])


def _note_moved(observer: Observer, _: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    observer.write(arguments[1])


def _note_loaded(observer: Observer, _: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    """Note a shared library or a database, which C code opens."""
    files = (each for each in arguments if isinstance(each, str) and os.sep in each)
    if (file := next(files, None)) is not None:
        observer.look("content", file)


def _note_unaccounted(
    observer: Observer, event: str, _: tuple[Any, ...], frame: FrameType | None
) -> None:
    while frame is not None and _is_standard(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is not None and not _is_torchs(frame.f_code.co_filename):
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        observer.cannot_account_for(f"{place} {_UNACCOUNTED[event]}")


_EVENTS: dict[str, Callable[..., None]] = {
    "open": _note_open,
    "os.listdir": _note_listing,
    "os.scandir": _note_listing,
    "os.mkdir": _note_made,
    "os.rename": _note_moved,
    "os.link": _note_moved,
    "os.symlink": _note_moved,
    "import": _note_loaded,
    "ctypes.dlopen": _note_loaded,
    "sqlite3.connect": _note_loaded,
    **dict.fromkeys(_UNACCOUNTED, _note_unaccounted),
}


# --- wrapped functions ---------------------------------------------------------------------------


def _wrap_questions(observer: Observer) -> None:
    def wrap(name: str, note: Callable[[Any, FrameType], None]) -> None:
        original = getattr(os, name)

        @functools.wraps(original)
        def wrapper(*arguments: Any, **options: Any) -> Any:
            if arguments and not isinstance(arguments[0], int) and not options.get("dir_fd"):
                observer.guarded(note, arguments[0], _getframe(1))
            return original(*arguments, **options)

        for supporting in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            if original in supporting:
                supporting.add(wrapper)
        _replace(os, name, wrapper)

    def note_status(path: Any, frame: FrameType | None) -> None:
        names = set()
        while frame is not None and _is_of_paths(frame):
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        if frame is not None and not _is_of_python(frame) and "realpath" not in names:
            observer.look("kind" if names & _KIND_QUERIES else "stamp", path)

    def note_access(path: Any, frame: FrameType) -> None:
        if not _is_of_python(frame):
            observer.look("access", path)

    wrap("stat", note_status)
    wrap("lstat", note_status)
    wrap("access", note_access)
    wrap("readlink", lambda path, frame: observer.look("link", path))


def _wrap_environment(observer: Observer) -> None:
    kind: Any = type(os.environ)
    original = kind.__getitem__

    def getitem(environment: Any, name: Any) -> Any:
        if isinstance(name, str) and is_session_variable(name):
            observer.guarded(observer.read_variable, name)
        return original(environment, name)

    _replace(kind, "__getitem__", getitem)


def _wrap_loader(observer: Observer) -> None:
    loader: Any = SourceFileLoader
    original = loader.get_code

    def get_code(self: Any, fullname: str) -> CodeType | None:
        observer.guarded(observer.look, *file_aspect(self.path))
        if _is_recent(self.path):
            code: CodeType | None = self.source_to_code(self.get_data(self.path), self.path)
        else:
            code = original(self, fullname)
        return code

    loader.get_code = get_code


def _replace(owner: Any, name: str, wrapper: Any) -> None:
    _wrapped.append((owner, name, getattr(owner, name), wrapper))
    setattr(owner, name, wrapper)


class _Finder:
    """A finder of modules that finds none: it notes which ones are looked for, and where."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folders = [each for each in (sys.path if path is None else path) if isinstance(each, str)]
        self._observer.guarded(self._observer.search_module, name, folders)
        return None


# --- code ----------------------------------------------------------------------------------------


def _is_standard(file: str) -> bool:
    return file.startswith(_FROZEN) or is_standard_library(file)


def _is_of_python(frame: FrameType) -> bool:
    """Return whether a frame looks at files for this package, or to import or to quote lines."""
    file = frame.f_code.co_filename
    if file.startswith((*_FROZEN_IMPORTS, OWN)):
        return True
    return is_standard_library(file) and (file.endswith(_OF_PYTHON) or _IMPORTLIB in file)


def _is_of_paths(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return _is_standard(file) and any(part in file for part in _OF_PATHS)


def _is_torchs(file: str) -> bool:
    """Return whether code belongs to torch, to what torch calls, or to this package."""
    if file.startswith((TORCH, OWN)):
        return True
    _, installed, rest = file.rpartition(f"-packages{os.sep}")
    return bool(installed) and rest.partition(os.sep)[0].removesuffix(".py") in NOT_MODELS


def _is_recent(file: str) -> bool:
    try:
        return time.time() - os.path.getmtime(file) < _RECENT
    except OSError:
        return False
