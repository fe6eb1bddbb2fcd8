"""Messages for files that do not import, and for declarations that cannot be evaluated."""

from __future__ import annotations

import sys

import pytest

from export_lsp.protocol import Location, Position
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import errors
from export_lsp.worker.stages import load
from tests.recorded_failures import FILE, Code

CODE = Code("import one\nx = [f(y) for y in z]\n")


def explained(error: BaseException, monkeypatch: pytest.MonkeyPatch, *functions: str) -> list[str]:
    """Return the finding's message, then those of its related locations."""
    start = Position(0, 0)
    frames = [Frame(Location(FILE, start, start), function) for function in functions]
    monkeypatch.setattr(locate, "frames_of", lambda *_: frames)
    finding = load.explain(error, FILE, CODE.workspace)
    assert finding.rule == "load-error"
    return [finding.message, *(related.message for related in finding.related)]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ModuleNotFoundError("No module named 'fused'", name="fused"),
            f"Missing module: `fused`\nIt is not installed for {sys.executable},",
        ),
        (SystemExit(2), ", or read its arguments there"),
        (
            ImportError(
                "cannot import name 'Odd' from 'torch.nn'"
                " (/usr/lib/python3/site-packages/torch/nn/__init__.py)"
            ),
            "ImportError: cannot import name 'Odd' from 'torch.nn'",
        ),
        (KeyError("large"), "KeyError while importing the file\nKeyError: 'large'."),
        (
            RuntimeError("Cannot access accelerator device when none is available."),
            "CUDA needed while importing the file\nThis machine has no CUDA device.",
        ),
        (RuntimeError("Cannot get CUDA generator without ATen_cuda library"), "no CUDA device"),
    ],
)
def test_imports(error: BaseException, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [message] = explained(error, monkeypatch)
    assert words in message
    assert "site-packages" not in message


def test_syntax() -> None:
    error = SyntaxError("'(' was never closed", (FILE, 2, 5, "x = (", 2, 6))
    finding = load.explain(error, FILE, CODE.workspace)
    assert finding.title.startswith("Syntax error: ")
    assert finding.explanation == "This file does not parse: '(' was never closed."
    assert finding.location == Location(FILE, Position(1, 4), Position(1, 5))


def test_the_callers_are_related(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = ("<module>", "<listcomp>", "<lambda>", "build", "last")
    assert explained(KeyError("a"), monkeypatch, *functions)[1:] == [
        "called from `build`",
        "called from a lambda",
        "called from a comprehension",
        "called while the file is imported",
    ]


@pytest.mark.parametrize(
    ("functions", "title"),
    [
        (("export_targets", "<listcomp>"), "KeyError while evaluating `export_targets`"),
        (("<lambda>",), "KeyError while evaluating the targets of this file"),
        ((), "KeyError while evaluating the targets of this file"),
    ],
)
def test_declarations(
    functions: tuple[str, ...], title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Position(0, 0)
    frames = [Frame(Location(FILE, start, start), function) for function in functions]
    monkeypatch.setattr(locate, "frames_of", lambda *_: frames)
    finding = load.explain_declaration(KeyError("large"), FILE, CODE.workspace)
    assert (finding.rule, finding.title) == ("build-error", title)
    assert finding.explanation == "KeyError: 'large'."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("one\ntwo"), "ValueError: one"),
        (
            ValueError("Error(s) in loading:\n\tMissing key"),
            "ValueError: Error(s) in loading: Missing key",
        ),
        (StopIteration(), "StopIteration"),
        (TypeError("got <class 'net.Key'>"), "TypeError: got `net.Key`"),
        (TypeError("got <net.Key object at 0x7fea>"), "TypeError: got `net.Key`"),
        (RuntimeError("It fails. Please file a bug report."), "RuntimeError: It fails."),
    ],
)
def test_reasons(error: BaseException, text: str) -> None:
    assert reason(error) == text


def test_running_out_of_memory_is_not_a_missing_device() -> None:
    assert not errors.wants_cuda("CUDA out of memory")
