"""A pyproject.toml may hold anything: reading it ends soon, and each mistake is one error."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.engine.interpreters import InterpreterError, Sources, choose
from export_lsp.settings import SETTINGS, Resolved, Settings, camel, resolve, toml
from export_lsp.settings.value_types import Number
from tests.file_permissions import obeying_permissions

# Far above the time that any of these files takes; each took longer before it was bounded, or
# never ended.
SECONDS = 5.0

TABLE = "[tool.export-lsp]\n"
LONG = "n" * 300


def content(text: str, size: int = toml.MAX_BYTES - 200) -> bytes:
    """Return a file of a text, in which ``<unit*>`` is repeated up to this size."""
    before, repeated, after = text.partition("<")
    if not repeated:
        return text.encode()
    unit, _, after = after.partition("*>")
    return (before + unit * ((size - len(before + after)) // len(unit)) + after).encode()


UNREADABLE = {
    "nested lists": (content(f"{TABLE}exclude = <[*>"), "is nested too deeply"),
    "nested tables": (content(f"{TABLE}environment = <{{a=*>"), "is nested too deeply"),
    "a long dotted key": (content("<a.*>a = 1\n"), "has too many parts"),
    "a long dotted header": (content("[<a . *>a]\n"), "has too many parts"),
    "a long quoted key": (content("[<'a'.*>a]\n"), "has too many parts"),
    "a dotted key in a table": (content('x = {<"a".*>a = 1}\n'), "has too many parts"),
    "many long keys": (content("x = 1\n<" + "a." * 500 + "b = 1\n*>"), "has too many parts"),
    "a decimal number": (content(f"{TABLE}timeout = <9*>\n"), "too many digits"),
    "a float": (content(f"{TABLE}timeout = 1.<9*>e5x\n"), "cannot be read"),
    "a date": (b"x = 2024-13-45\n", "cannot be read"),
    "the same key twice": (f"{TABLE}device = 'cpu'\ndevice = 'cpu'\n".encode(), "overwrite"),
    "the same long key twice": (("'" + "( at " * 9000 + "' = 1\n").encode() * 2, "cannot be read"),
    "the same table twice": (f"{TABLE}{TABLE}".encode(), "cannot be read"),
    "zeros": (content("<\0*>"), "cannot be read"),
    "Latin-1": (b"[project]\nname = 'caf\xe9'\n", "is not UTF-8"),
    "UTF-16": (f"{TABLE}timeout = 1\n".encode("utf-16"), "is not UTF-8"),
    "a cut-off character": (b"name = '\xe2\x82", "is not UTF-8"),
    "a huge file": (content(f"{TABLE}<#*>", 10 * toml.MAX_BYTES), "is larger than"),
}


def read(folder: Path, data: bytes) -> Resolved:
    """Return the settings of a folder with this pyproject.toml; fail if that takes long."""
    (folder / "pyproject.toml").write_bytes(data)
    started = time.perf_counter()
    resolved = resolve(folder, options={"device": "cpu"})
    assert time.perf_counter() - started < SECONDS
    return resolved


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path, name: str) -> None:
    data, words = UNREADABLE[name]
    resolved = read(tmp_path, data)
    (error,) = resolved.errors
    assert words in str(error)
    assert str(error).startswith(f"{tmp_path / 'pyproject.toml'}:")
    assert len(str(error)) < 1_000
    assert resolved.settings == Settings(device="cpu")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + TABLE.encode() + b"timeout = 3").settings.timeout == 3


def fifo(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


PRINT_ERRORS = """
import sys
from pathlib import Path
from export_lsp.settings import resolve

print(*resolve(Path(sys.argv[1]), options={}).errors, sep="\\n")
"""


@pytest.mark.parametrize("make", [fifo, directory, loop, device])
def test_only_a_regular_file_is_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "pyproject.toml").parent.joinpath("below").mkdir()
    (tmp_path / "pyproject.toml").write_text(f"{TABLE}timeout = 1\n")
    below = tmp_path / "below"
    make(below / "pyproject.toml")
    resolved = resolve(below, options={})
    (error,) = resolved.errors
    assert str(error).startswith(f"{below / 'pyproject.toml'}: cannot be read: ")
    assert resolved.settings == Settings()


def test_a_file_without_permission_is_one_error(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f"{TABLE}timeout = 1\n")
    file.chmod(0)
    command = [*obeying_permissions(), sys.executable, "-c", PRINT_ERRORS, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"{file}: cannot be read: Permission denied.\n"


def test_folders_whose_names_are_no_names_have_no_settings() -> None:
    for name in ("/" + "x" * 300, "/a\0b", "/" + "y/" * 5000):
        assert resolve(Path(name), options={}).errors == ()


VALUES = [
    ("timeout = 1e300", "timeout = 1e+300 must be a number of seconds, above 0 and at most 86400."),
    ("timeout = nan", "timeout = nan must be a number of seconds"),
    ("timeout = inf", "timeout = inf must be a number of seconds"),
    ("timeout = -1", "timeout = -1 must be a number of seconds"),
    ("memory-limit = 1e300", "must be a number of MB, of at least 0 and at most 100000000."),
    ("fix-candidates = 1_000_000", "must be a whole number, of at least 0 and at most 100."),
    ("fix-seconds = 1e9", "must be a number of seconds, of at least 0 and at most 86400."),
    (f"fix-candidates = 0x{'f' * 5000}", "must be a whole number"),
    (f"timeout = [0x{'f' * 5000}]", "must be a number of seconds"),
    (f"timeout = {'[' * 200}{']' * 200}", "must be a number of seconds"),
    (f"timeout = '{'x' * 5000}'", "must be a number of seconds"),
    (f"{'k' * 5000} = 1", "is not a setting"),
    ('"a\\nb\\u001b[2J" = "\\n::error"', "is not a setting"),
    ('device = "cuda:99999999999999999999"', "must be auto, cpu, cuda or cuda:N"),
    ('device = "cuda:\u0663"', "must be auto, cpu, cuda or cuda:N"),
    ('interpreter = "a\\u0000b"', "interpreter = "),
    (f'interpreter = "{"x" * 5000}"', "must be"),
    ('extra-paths = ["a\\u0000b"]', "must not contain a null character"),
    ('extra-paths = ["~nobody-of-this-name/x"]', "has no home directory"),
    (f'extra-paths = ["{"x/" * 5000}"]', "must be at most 4096 bytes long"),
    (f'extra-paths = ["{LONG}"]', "must be at most 255 bytes long"),
    ('environment = {"A=B" = "1"}', 'must not contain "="'),
    ('environment = {"" = "1"}', "must not be empty"),
    ('environment = {"A\\u0000B" = "1"}', "must not contain a null character"),
    ('environment = {A = "\\u0000"}', "must not contain a null character"),
    (f'environment = {{A = "{"x" * 40_000}"}}', "must be at most 32767 bytes long"),
    ('exclude = ["["]', "is not a pattern"),
    ('exclude = ["a\\\\"]', "is not a pattern"),
    (f'exclude = ["{"*a" * 500}"]', "must be at most 500 characters long"),
    ("exclude = [" + "'a'," * 600 + "]", "must be a list of at most 500 strings"),
]


@pytest.mark.parametrize(("line", "words"), VALUES, ids=[line[:30] for line, _ in VALUES])
def test_a_value_out_of_range_is_one_error_at_its_line(
    tmp_path: Path, line: str, words: str
) -> None:
    resolved = read(tmp_path, f"{TABLE}{line}\n".encode())
    (error,) = resolved.errors
    # A key with escapes is reported at the header of its table.
    line_number = 1 if line.startswith('"') else 2
    assert str(error).startswith(f"{tmp_path / 'pyproject.toml'}:{line_number}: ")
    assert words in str(error)
    assert len(str(error)) < 500
    assert str(error).isprintable()
    assert resolved.settings == Settings(device="cpu")


TARGETS = [
    (f'file = "{LONG}.py"\nmodel = "M"', "does not exist"),
    ('file = "a\\u0000.py"\nmodel = "M"', "does not exist"),
    (f'file = "m.py"\nmodel = "M"\nmodes = [{"[" * 300}{"]" * 300}]', "must be a list of"),
    (f'file = "m.py"\nmodel = "M"\nargs = 0x{"f" * 5000}', "must be a string"),
    (f'file = "m.py"\nmodel = "M"\nname = "{"x" * 500}"', "must be at most 200 characters long"),
]


@pytest.mark.parametrize(("table", "words"), TARGETS, ids=[str(n) for n in range(len(TARGETS))])
def test_a_target_out_of_range_is_one_error(tmp_path: Path, table: str, words: str) -> None:
    (tmp_path / "m.py").touch()
    resolved = read(tmp_path, f"[[tool.export-lsp.target]]\n{table}\n".encode())
    (error,) = resolved.errors
    assert words in str(error)
    assert not resolved.targets


MANY = {
    "unknown keys": f"{TABLE}<k%d = 1\n*>",
    "wrong entries": "[tool.export-lsp.severities]\n<k%d = 'x'\n*>",
    "wrong variables": "[tool.export-lsp.environment]\n<k%d = 1\n*>",
    "targets": "<[[tool.export-lsp.target]]\n# %d\n*>",
}


@pytest.mark.parametrize("name", MANY)
def test_many_mistakes_are_few_errors(tmp_path: Path, name: str) -> None:
    before, _, rest = MANY[name].partition("<")
    unit = rest.removesuffix("*>")
    count = (toml.MAX_BYTES - 1_000) // (len(unit) + 6)
    resolved = read(tmp_path, (before + "".join(unit % n for n in range(count))).encode())
    assert len(resolved.errors) == 21
    assert f"has {count - 20} more mistakes" in str(resolved.errors[-1])


def test_many_targets_of_one_file(tmp_path: Path) -> None:
    (tmp_path / "m.py").touch()
    table = "[[tool.export-lsp.target]]\nfile='m.py'\nmodel='M'\n"
    data = content(f"<{table}*>")
    resolved = read(tmp_path, data)
    assert resolved.errors == ()
    assert len(resolved.targets[tmp_path / "m.py"]) == len(data) // len(table)


LINES = {
    "spaces in a list": f"{TABLE}x = [\n[< *>1],\n]\n",
    "spaces after a list": f"{TABLE}x = [\n[1]< *>,\n]\n",
    "spaces before a value": f"{TABLE}x =< *>1\n",
    "a long key": f"{TABLE}<a*> = 1\n",
    "lists": f"{TABLE}x = [\n<[],*>\n]\n",
    "quotes": f"{TABLE}x = '''\n<\"*>\n'''\n",
    "words with dots": f"{TABLE}x = '''\n<word, word.*>\n'''\n",
    "a long word": f"{TABLE}x = '''\n<w*>\n'''\n",
}


@pytest.mark.parametrize("name", LINES)
def test_lines_are_found_in_linear_time(tmp_path: Path, name: str) -> None:
    resolved = read(tmp_path, content(LINES[name]))
    (error,) = resolved.errors
    assert "is not a setting" in str(error)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_number_has_a_range(name: str) -> None:
    number = SETTINGS[name].value_type
    if not isinstance(number, Number):
        return
    for value in (number.maximum, number.maximum * 2, 1e300, float("nan"), -1):
        option = {camel(name): value}
        wrong = bool(resolve(Path("/nowhere"), options=option).errors)
        assert wrong is (value != number.maximum)
    assert SETTINGS[name].value_type.schema()["maximum"] == number.maximum


@pytest.mark.parametrize("setting", [LONG, "/" + LONG, "a\0b", "/a\0b/c", "x/" * 5000, "/dev/null"])
def test_an_interpreter_with_an_impossible_name_does_not_exist(
    tmp_path: Path, setting: str
) -> None:
    with pytest.raises(InterpreterError, match="does not exist"):
        choose(Sources(tmp_path, setting, "editor", None, {"PATH": "/usr/bin"}, None))
