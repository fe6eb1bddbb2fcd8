"""`load`: import a file, or run it as a script, and explain what it raises."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from importlib.abc import Loader
from types import ModuleType

from export_lsp.protocol import Finding, Location, Position, RuleCode
from export_lsp.stages import Stage
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import call_sites, locate
from export_lsp.worker.places.failure import raised_words, reason
from export_lsp.worker.places.lack_of_memory import lack_of_memory
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.user_code.encoding_errors import decoding_error
from export_lsp.worker.user_code.packages import module_parts
from export_lsp.worker.user_code.workspace import Workspace


def import_file(path: str) -> ModuleType:
    """Import a file and return its module: as part of its package, or by itself if it has none.

    Raises:
        BaseException: whatever the file raises.
    """
    root, parts = module_parts(path)
    if root not in sys.path:
        sys.path.insert(0, root)
    if len(parts) > 1:
        return importlib.import_module(".".join(parts))
    name = parts[0]
    if name in sys.modules:
        name = f"export_lsp_checked_{name}"  # a file named like a module in use: types.py
    module, loader = _new_module(name, path)
    loader.exec_module(module)
    return module


def run_file(path: str) -> None:
    """Run a file as ``python path`` does, or as ``python -m`` if it is in a package.

    Raises:
        BaseException: whatever the file raises.
    """
    root, parts = module_parts(path)
    if root not in sys.path:
        sys.path.insert(0, root)
    module, loader = _new_module("__main__", path)
    module.__spec__ = None
    module.__package__ = ".".join(parts[:-1])
    loader.exec_module(module)


def _new_module(name: str, path: str) -> tuple[ModuleType, Loader]:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    return module, spec.loader


def is_success(error: BaseException) -> bool:
    """Return whether a script exits with status 0: ``sys.exit(main())``."""
    return isinstance(error, SystemExit) and error.code in (None, 0)


def explain(
    error: BaseException, path: str, workspace: Workspace, *, script: bool = False
) -> Finding:
    """Return the finding for a file that does not import.

    Args:
        error: what the file raised.
        path: the file.
        workspace: the user's files, in which the finding gets its location.
        script: True if the file was run as a script and did not get to its export.
    """
    frames = locate.frames_of(error, workspace)
    location, words = _innermost(frames, path), _words(error, script)
    unparsed = _unparsed(error, path, workspace)
    if unparsed is not None:
        location, problem = unparsed
        words = Words("Syntax error", sentence(f"this file does not parse: {problem}"))
    callers = [] if isinstance(error, SyntaxError) else frames
    return _finding("load-error", "load", error, callers, location, words, workspace)


def explain_path(path: str) -> Finding | None:
    """Return the finding for a path that is not UTF-8, None for any other.

    Torch passes the names of files to C++ as UTF-8 and fails wherever it first does.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        start = Position(0, 0)
        return Finding(
            rule="load-error",
            stage="load",
            modes=(),
            target="",
            location=Location(path, start, start),
            title="File whose path is not UTF-8",
            explanation=f"torch cannot trace such a file. Rename `{shown}`.",
        )
    return None


def explain_declaration(error: BaseException, path: str, workspace: Workspace) -> Finding:
    """Return the finding for a file that imports, but whose declaration of targets raises.

    The arguments are those of `explain`.
    """
    frames = locate.frames_of(error, workspace)
    function = frames[0].function if frames else "<module>"
    declaration = f"`{function}`" if function.isidentifier() else "the targets of this file"
    lack = lack_of_memory([error])
    words = (
        lack.words(f"Evaluating {declaration}")
        if lack
        else raised_words(error, f"evaluating {declaration}")
    )
    location = _innermost(frames, path)
    return _finding("build-error", "build", error, frames, location, words, workspace)


def _finding(
    rule: RuleCode,
    stage: Stage,
    error: BaseException,
    frames: list[Frame],
    location: Location,
    words: Words,
    workspace: Workspace,
) -> Finding:
    lacks_memory = lack_of_memory([error]) is not None
    source = workspace.source(location.file)
    title, explanation = words.parts(source.excerpt(location) if source is not None else "")
    return Finding(
        rule="out-of-memory" if lacks_memory else rule,
        stage=stage,
        modes=(),
        target="",
        location=location,
        title=title,
        explanation=explanation,
        related=call_sites.related_callers(frames),
        detail=reason(error),
        limit=lacks_memory,
    )


def _innermost(frames: list[Frame], path: str) -> Location:
    start = Position(0, 0)
    return frames[-1].location if frames else Location(path, start, start)


def _words(error: BaseException, script: bool) -> Words:
    doing = "running" if script else "importing"
    lack = lack_of_memory([error])
    if lack is not None:
        subject = f"{doing.capitalize()} the file"
        return lack.words(subject, "build the model and its inputs in functions")
    if isinstance(error, ModuleNotFoundError):
        return Words(
            "Missing module",
            f"It is not installed for {sys.executable}, and there is no"
            f" `{(error.name or '').replace('.', '/')}.py` in the folder, so the file cannot be"
            " imported.",
            "Add it, install it there or choose another interpreter.",
            error.name,
        )
    if isinstance(error, SystemExit) and script:
        return Words(
            "Script that ends before its export",
            "It calls `sys.exit`.",
            "Set the arguments that it needs in `run-args`, or give them to"
            " `export-lsp check --run-main` after `--`.",
        )
    if isinstance(error, SystemExit):
        return Words(
            "Import that ends the program",
            "Importing the file calls `sys.exit`.",
            'Put what only a script should do under `if __name__ == "__main__":`, or read its'
            " arguments there.",
        )
    return raised_words(error, f"{doing} the file")


def _unparsed(error: BaseException, path: str, workspace: Workspace) -> tuple[Location, str] | None:
    """The location and the problem of a file of the user's that is not text, or not Python."""
    if not isinstance(error, (SyntaxError, UnicodeDecodeError)):
        return None
    file = getattr(error, "filename", None) or path
    if not workspace.contains(file):
        return None
    # The exception for bytes that are no text differs between versions of Python.
    with contextlib.suppress(OSError):
        undecodable = decoding_error(file, workspace.data(file))
        if undecodable is not None:
            return undecodable
    if isinstance(error, SyntaxError) and error.filename:
        return _range_of(error), error.msg
    return None


def _range_of(error: SyntaxError) -> Location:
    """The range that a ``SyntaxError`` names; its columns start at 1 and count characters."""
    path, line = error.filename or "", (error.lineno or 1) - 1
    start = max((error.offset or 1) - 1, 0)
    end_line = (error.end_lineno or error.lineno or 1) - 1
    end = (error.end_offset or 0) - 1
    if (end_line, end) <= (line, start):
        end_line, end = line, start + 1
    return Location(path, Position(line, start), Position(end_line, end))
