"""Files that are written: whole or not at all, and with the bytes and names that they had."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, FileChange, write
from export_lsp.cli.patch import unified_diff
from export_lsp.cli.whole_files import write_whole
from export_lsp.source import Source

# In cp932, two ways to write U+FFE2: Python encodes it as the first one.
USUAL, OTHER = b"\x81\xca", b"\xee\xf9"


def fixed(file: Path, data: bytes, old: str, new: str) -> bytes:
    """Write a file, replace a text in it as ``--fix`` does, and return its bytes."""
    file.write_bytes(data)
    source = Source.of(str(file), data)
    assert old in source.text
    write(CombinedFixes(1, {str(file): FileChange(source, source.text.replace(old, new))}))
    return file.read_bytes()


CP932 = b"# coding: cp932\r\nname = '" + OTHER + b"'\r\nif x:\r\n\tpass"
UTF_7 = b"# coding: utf-7\n# caf+AOk- +AGEAYg-\nif x:\n    pass\n"
KEPT = {
    "cp932": CP932,
    "utf-7": UTF_7,
    "latin-1": b"# -*- coding: latin-1 -*-\n# caf\xe9\nif x:\n    pass\n",
    "a mark": b"\xef\xbb\xbf# \xc3\xa9\nif x:\n    pass\n",
    "a mark and a line of it": b"\xef\xbb\xbf# a\n# \xef\xbb\xbf\nif x:\n    pass\n",
    "a mark at the fix": b"\xef\xbb\xbfif x:\n    pass\n",
    "no final newline": b"if x:\n    pass",
    "CRLF": b"a = 1\r\nif x:\r\n    pass\r\n",
    "mixed line ends": b"a = 1\rb = 2\n\rif x:\r\n    pass\n\n",
    "form feeds": b"a = 1\n\x0c\nif x:\n    pass\n\x0c",
}


@pytest.mark.parametrize("name", KEPT)
def test_all_bytes_but_those_of_the_fix_stay(tmp_path: Path, name: str) -> None:
    data = KEPT[name]
    assert fixed(tmp_path / "a.py", data, "if x", "if xy") == data.replace(b"if x", b"if xy")


REFUSED = {
    "other bytes": (CP932.replace(b"if x", b"if x == '" + OTHER + b"'"), "if x", "if y", "several"),
    "no character": (b"# coding: latin-1\nif x: 0\n", "if x", "if \u03b1", "has no '\\u03b1'"),
    "stateful": (
        b'# coding: iso2022_jp\n# \x1b$B$"\n$$\x1b(B\nif x: 0\n',
        "if x",
        "if y",
        "depend on each other",
    ),
    "declaration": (b"if x: 0\n", "if x: 0", "# coding: latin-1\n'\u00e9'", "another one"),
    "unknown declaration": (b"if x: 0\n", "if x: 0", "# coding: nothing", "another one"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_fixed_says_why(tmp_path: Path, name: str) -> None:
    data, old, new, words = REFUSED[name]
    file = tmp_path / "a.py"
    with pytest.raises(CannotRun, match="is not fixed: ") as raised:
        fixed(file, data, old, new)
    assert words in str(raised.value)
    assert file.read_bytes() == data


def test_one_file_that_cannot_be_fixed_leaves_the_others(tmp_path: Path) -> None:
    changes = {}
    for name in ("a.py", "b.py", "c.py"):
        file = tmp_path / name
        file.write_text("x = 1\n")
        changes[str(file)] = FileChange(Source.of(str(file), b"x = 1\n"), "x = 2\n")
    (tmp_path / "a.py").write_bytes(b"\xff changed")
    (tmp_path / "b.py").unlink()
    with pytest.raises(CannotRun) as raised:
        write(CombinedFixes(3, changes))
    assert ["changed since" in each for each in raised.value.messages] == [True, False]
    assert (tmp_path / "c.py").read_text() == "x = 2\n"


def test_a_file_stays_what_it_is(tmp_path: Path) -> None:
    file, link = tmp_path / "a.py", tmp_path / "link.py"
    file.write_text("1")
    file.chmod(0o751)
    link.symlink_to(file)
    os.setxattr(file, "user.note", b"kept")
    write_whole(link, b"2")
    assert (file.read_bytes(), link.is_symlink()) == (b"2", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert os.getxattr(file, "user.note") == b"kept"
    assert len(list(tmp_path.iterdir())) == 2


def test_hard_links_stay(tmp_path: Path) -> None:
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    file.write_text("longer")
    other.hardlink_to(file)
    write_whole(file, b"2")
    assert other.read_bytes() == b"2"
    assert file.samefile(other)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("may_give", [True, False])
def test_the_owner_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_give: bool) -> None:
    file = tmp_path / "a.py"
    file.write_text("1")
    os.chown(file, 12345, 54321)
    if not may_give:
        monkeypatch.setattr(os, "chown", lambda *_: (_ for _ in ()).throw(PermissionError()))
    write_whole(file, b"2")
    found = file.stat()
    assert (file.read_bytes(), found.st_uid, found.st_gid) == (b"2", 12345, 54321)
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


@pytest.mark.parametrize("linked", [False, True])
def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    file = tmp_path / "a.py"
    file.write_text("before")
    if linked:
        (tmp_path / "b.py").hardlink_to(file)
    calls = iter([OSError(28, "No space left on device")])

    def fsync(descriptor: int) -> None:
        for error in calls:
            raise error

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(CannotRun, match="cannot be written: No space"):
        write_whole(file, b"after")
    assert file.read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 1 + linked


def test_new_files_and_pipes(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", b"1")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    write_whole(Path("/dev/null"), b"1")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(CannotRun, match="cannot be written: No such file"):
        write_whole(tmp_path / "missing" / "new", b"1")


def test_a_patch_keeps_bytes_and_quotes_names(tmp_path: Path) -> None:
    data = b"# coding: cp932\r\nx = '\x82\xa0'\r\ny = 1"
    source = Source.of(os.fsdecode(bytes(tmp_path) + b"/a\n\x1b\xe9.py"), data)
    changes = {source.path: FileChange(source, source.text.replace("1", "2"))}
    lines = list(unified_diff(CombinedFixes(1, changes), tmp_path))
    patch = b"".join(line.encode(encoding) for line, encoding in lines)
    assert patch.startswith(b'--- "a\\012\\033\\351.py"\n+++ "a\\012\\033\\351.py"\n@@ ')
    assert b"x = '\x82\xa0'\r\n-y = 1\n\\ No newline at end of file\n+y = 2\n" in patch


def test_the_digest_is_of_the_bytes() -> None:
    assert Source.of("a.py", CP932).digest == hashlib.sha256(CP932).hexdigest()
