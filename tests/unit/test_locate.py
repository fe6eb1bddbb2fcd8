"""Ranges of expressions, from code positions, from lines alone, and from formatted stacks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from export_lsp.protocol import Location, Position
from export_lsp.worker.places import locate, node_frames, ranges
from export_lsp.worker.private.fx import stack_in
from export_lsp.worker.user_code.workspace import Workspace

exact = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 keeps no columns")


def workspace_of(folder: Path, text: str, name: str = "net.py") -> tuple[Workspace, Path]:
    workspace = Workspace(str(folder))
    file = folder / name
    file.write_bytes(text.encode())
    workspace.read(str(file))
    return workspace, file


def excerpt(workspace: Workspace, location: Location) -> str:
    source = workspace.source(location.file)
    assert source is not None
    return source.excerpt(location)


# A function that raises, and the expression that raises in it.
RAISING = {
    "binary": ("def f(x):\n    return x + 1 / 0\n", "1 / 0"),
    "call": ("def f(x):\n    y = g(x)  # fails\n    return y\ndef g(x):\n    raise x\n", "raise x"),
    "if": ("def f(x):\n    if bad(x):\n        return 1\n", "bad(x)"),
    "while": ("def f(x):\n    while bad(x):\n        pass\n", "bad(x)"),
    "for": ("def f(x):\n    for y in bad(x):\n        pass\n", "bad(x)"),
    "elif": ("def f(x):\n    if not x:\n        pass\n    elif bad(x):\n        pass\n", "bad(x)"),
    "assert": ("def f(x):\n    assert bad(x), 'no'\n", "bad(x)"),
    "lines": ("def f(x):\n    return bad(\n        x,  # why\n    )\n", "bad(x)"),
    "cjk": ("def f(x):\n    数 = '🙂'; return 数 + bad(数)\n", "bad(数)"),
    "comprehension": ("def f(x):\n    return [bad(y) for y in [x]]\n", "bad(y)"),
    "lambda": ("f = lambda x: (lambda y: bad(y))(x)\n", "bad(y)"),
    "carriage-returns": ("def f(x):\r\n    a = 1\r\n    return bad(x)\r\n", "bad(x)"),
    "form-feed": ("def f(x):\n    a = 'a\x0cb\u2028c'\n    return bad(x)\n", "bad(x)"),
}


def bad(value: object) -> bool:
    raise ZeroDivisionError


@exact
@pytest.mark.parametrize("name", RAISING)
def test_the_innermost_expression_of_a_traceback(name: str, tmp_path: Path) -> None:
    text, expected = RAISING[name]
    workspace, file = workspace_of(tmp_path, text)
    names = {"bad": bad}
    exec(compile(text, str(file), "exec"), names)
    with pytest.raises((ZeroDivisionError, TypeError)) as raised:
        names["f"](ZeroDivisionError())
    frames = locate.frames_of(raised.value, workspace)
    assert excerpt(workspace, frames[-1].location) == expected


@exact
def test_the_exception_with_the_most_frames_of_the_users_counts(tmp_path: Path) -> None:
    text = "def f(x):\n    return g(x)\ndef g(x):\n    return bad(x)\n"
    workspace, file = workspace_of(tmp_path, text)
    names = {"bad": bad}
    exec(compile(text, str(file), "exec"), names)

    def library() -> None:
        try:
            names["f"](1)
        except ZeroDivisionError as error:
            raise RuntimeError("re-raised elsewhere") from error

    with pytest.raises(RuntimeError) as raised:
        library()
    frames = locate.frames_of(raised.value, workspace)
    assert [frame.function for frame in frames] == ["f", "g"]


# A statement, and the expression that stands for it if only its line is known.
STATEMENTS = {
    "return a + b": "a + b",
    "x = f(1)": "f(1)",
    "x: int = f(1)": "f(1)",
    "x += g()": "g()",
    "x = None": "x = None",
    "x += 1": "x += 1",
    "x.last = h": "x.last = h",
    "f(1)": "f(1)",
    "if a:\n    pass": "a",
    "while a < b:\n    pass": "a < b",
    "for i in c:\n    pass": "c",
    "with d as e:\n    pass": "d",
    "assert a, 'b'": "a",
    "raise ValueError(a)": "raise ValueError(a)",
    "del a": "del a",
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_where_only_the_line_is_known(statement: str, tmp_path: Path) -> None:
    indented = "".join(f"    {line}\n" for line in statement.split("\n"))
    workspace, file = workspace_of(tmp_path, f"def f():\n{indented}")
    source = workspace.read(str(file))
    assert source.excerpt(ranges.expression_at(source, 2)) == STATEMENTS[statement]


def test_a_line_of_a_file_that_does_not_parse(tmp_path: Path) -> None:
    workspace, file = workspace_of(tmp_path, "def f(:\n    what  \n")
    location = ranges.expression_at(workspace.read(str(file)), 2)
    assert (location.start, location.end) == (Position(1, 4), Position(1, 8))


STACK = """\
  File "{file}", line 2, in forward
    y = x.relu() + abs(x)
                   ^^^^^^
  File "/somewhere/torch/nn/functional.py", line 7, in relu
    return torch.relu(input)
  File "{file}", line 3, in forward
    return y
"""


def test_formatted_stacks_with_and_without_carets(tmp_path: Path) -> None:
    text = "def forward(x):\n    y = x.relu() + abs(x)\n    return y\n"
    workspace, file = workspace_of(tmp_path, text)
    stack = STACK.format(file=file)
    assert [line.marked for line in stack_in(stack)] == ["abs(x)", None, None]
    frames = node_frames.text_stack(stack, workspace).frames
    assert [excerpt(workspace, frame.location) for frame in frames] == ["abs(x)", "y"]


def test_environments_are_not_the_users_files(tmp_path: Path) -> None:
    workspace = Workspace(str(tmp_path))
    assert workspace.contains(str(tmp_path / "net.py"))
    assert not workspace.contains(str(tmp_path / ".venv/lib/site-packages/torch/nn.py"))
    assert not workspace.contains("/elsewhere/net.py")
    assert not workspace.contains("<string>")


def test_a_positions_bytes_become_characters(tmp_path: Path) -> None:
    workspace, file = workspace_of(tmp_path, "a\nx = '🙂数'; y = 1\n")
    source = workspace.read(str(file))
    line = "x = '🙂数'; y = 1"
    column = len("x = '🙂数'; ".encode())
    assert source.position(2, column) == Position(1, line.index("y"))
    assert source.position(99, 99) == Position(2, 0)
