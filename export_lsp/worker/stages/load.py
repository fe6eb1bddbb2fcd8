"""`load`: import the file as its own script or package would be."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

from export_lsp.protocol import Finding, Location, Position
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import call_sites, locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import errors
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.user_code.encoding_errors import decoding_error
from export_lsp.worker.user_code.packages import module_parts
from export_lsp.worker.user_code.workspace import Workspace


def import_file(path: str) -> ModuleType:
    """The module of a file: part of its package where it lies in one, else as a script by itself.

    Raises:
        whatever the file raises.
    """
    root, parts = module_parts(path)
    sys.path.insert(0, root)
    if len(parts) > 1:
        return importlib.import_module(".".join(parts))
    name = parts[0]
    if name in sys.modules:
        name = f"export_lsp_checked_{name}"  # a file called like a module in use: types.py
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def run_file(path: str) -> None:
    """Run a file as ``python path`` does, in a package as ``python -m``.

    Raises:
        whatever the file raises.
    """
    root, parts = module_parts(path)
    sys.path.insert(0, root)
    spec = importlib.util.spec_from_file_location("__main__", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    module.__spec__ = None
    module.__package__ = ".".join(parts[:-1])
    sys.modules["__main__"] = module
    spec.loader.exec_module(module)


def is_end(error: BaseException) -> bool:
    """Whether a script has come to a good end: ``sys.exit(main())``."""
    return isinstance(error, SystemExit) and error.code in (None, 0)


def explain(
    error: BaseException, path: str, workspace: Workspace, *, script: bool = False
) -> Finding:
    """The finding for a file that does not import, or as a script does not come to its export."""
    frames = locate.frames_of(error, workspace)
    encoding = _of_encoding(error, path, workspace)
    if encoding is not None:
        location, what = encoding
        message = f"This file does not parse: {what}"
    elif isinstance(error, SyntaxError) and workspace.contains(error.filename or ""):
        location = _of_syntax_error(error, workspace)
        message = f"This file does not parse: {error.msg}"
    else:
        start = Position(0, 0)
        location = frames[-1].location if frames else Location(path, start, start)
        message = _message(error, script)
    return Finding(
        rule="out-of-memory" if errors.out_of_memory(error) else "load-error",
        stage="load",
        modes=(),
        target="",
        location=location,
        message=message,
        related=call_sites.related_callers(frames) if not isinstance(error, SyntaxError) else (),
        detail=reason(error),
    )


def explain_declaration(error: BaseException, path: str, workspace: Workspace) -> Finding:
    """The finding for a file that imports, but whose declaration of targets fails."""
    frames = locate.frames_of(error, workspace)
    start = Position(0, 0)
    return Finding(
        rule="build-error",
        stage="build",
        modes=(),
        target="",
        location=frames[-1].location if frames else Location(path, start, start),
        message=f"Evaluating {_declaration(frames)} {_what(error)}",
        related=call_sites.related_callers(frames),
        detail=reason(error),
    )


def _declaration(frames: list[Frame]) -> str:
    function = frames[0].function if frames else "<module>"
    return f"`{function}`" if function.isidentifier() else "the targets of this file"


def _what(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "ends the program (`sys.exit`)"
    if errors.wants_cuda(text_of(error)):
        return errors.NEEDS_CUDA
    return f"raises {reason(error)}"


def _message(error: BaseException, script: bool) -> str:
    doing = "Running" if script else "Importing"
    if errors.out_of_memory(error):
        return f"{doing} the file runs out of memory here; make the model and its inputs late"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"`{error.name}` is not installed for {sys.executable}, and there is no"
            f" `{(error.name or '').replace('.', '/')}.py` in the folder, so the file cannot be"
            " imported; add it, install it there or choose another interpreter"
        )
    if isinstance(error, SystemExit) and script:
        return "The file ends (`sys.exit`) before its export; it is run without arguments"
    if isinstance(error, SystemExit):
        return (
            "Importing the file ends the program (`sys.exit`); put what only a script should do"
            ' under `if __name__ == "__main__":`, or read its arguments there'
        )
    return f"{doing} the file {_what(error)}"


def _of_encoding(
    error: BaseException, path: str, workspace: Workspace
) -> tuple[Location, str] | None:
    """The place in a file that is no text; Python names it differently from version to version."""
    if not isinstance(error, (SyntaxError, UnicodeDecodeError)):
        return None
    file = getattr(error, "filename", None) or path
    if not workspace.contains(file):
        return None
    try:
        return decoding_error(file, workspace.data(file))
    except OSError:
        return None


def _of_syntax_error(error: SyntaxError, workspace: Workspace) -> Location:
    """The range a `SyntaxError` names.  Its columns start at 1 and count characters."""
    path, line = error.filename or "", (error.lineno or 1) - 1
    start = max((error.offset or 1) - 1, 0)
    end_line = (error.end_lineno or error.lineno or 1) - 1
    end = (error.end_offset or 0) - 1
    if (end_line, end) <= (line, start):
        end_line, end = line, start + 1
    return Location(path, Position(line, start), Position(end_line, end))
