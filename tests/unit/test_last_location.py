"""The innermost user frame in the stacks that `faulthandler` writes."""

from __future__ import annotations

import faulthandler
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from export_lsp.protocol import Check, Position
from export_lsp.worker.places.last_location import last_location, stacks

FATAL = """\
Fatal Python error: Segmentation fault

Current thread 0x00007f1c2d5f8740 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "{file}", line 3 in inner
  File "{file}", line 6 in outer
  File "/usr/lib/torch/nn/module.py", line 1 in _call_impl
  ...

Extension modules: torch._C (total: 1)
"""
TEXT = """\
def inner(x):
    y = x
    return unsafe(y)

def outer(x):
    z = inner(x)
    return z
"""


def test_the_innermost_frame_of_the_users_is_the_location(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(TEXT)
    place = last_location(FATAL.format(file=file), Check(7, str(tmp_path), str(file)))
    assert place is not None
    assert (place.run, place.excerpt) == (7, "unsafe(y)")
    assert place.location.start == Position(2, 11)
    [caller] = place.related
    assert (caller.location.start.line, caller.message) == (5, "called from `outer`")


def test_a_trial_is_located_in_its_own_text(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("")
    check = Check(7, str(tmp_path), str(file), texts={str(file): TEXT})
    place = last_location(FATAL.format(file=file), check)
    assert place is not None
    assert place.excerpt == "unsafe(y)"


def test_the_stack_with_frames_of_the_users_counts(tmp_path: Path) -> None:
    """A process that waits for its fork writes its own stack as well."""
    file = tmp_path / "model.py"
    file.write_text(TEXT)
    waiting = 'Stack (most recent call first):\n  File "/x/isolated.py", line 1 in _read\n'
    forked = f'Stack (most recent call first):\n  File "{file}", line 3 in inner\n'
    place = last_location(waiting + forked, Check(7, str(tmp_path), str(file)))
    assert place is not None
    assert place.excerpt == "unsafe(y)"


def test_a_stack_without_the_users_files(tmp_path: Path) -> None:
    check = Check(7, str(tmp_path), str(tmp_path / "model.py"))
    assert last_location(FATAL.format(file="/elsewhere/model.py"), check) is None
    assert last_location("", check) is None


def test_the_format_of_this_version_of_python() -> None:
    name = "größe \N{SNOWMAN} \U0001f600.py"
    names = {"written": None, "faulthandler": faulthandler}
    with tempfile.TemporaryFile() as file:
        code = compile(
            "def f():\n  faulthandler.dump_traceback(out, False)\nf()", f"/w/{name}", "exec"
        )
        exec(code, {**names, "out": file})
        file.seek(0)
        written = file.read().decode()
    [stack] = stacks(written)
    assert [called for called in stack if called[0] == f"/w/{name}"] == [
        (f"/w/{name}", 3, "<module>"),
        (f"/w/{name}", 2, "f"),
    ]


@given(st.text())
def test_garbage_is_no_error(text: str) -> None:
    stacks(text)
    stacks(f"Stack (most recent call first):\n{text}")
