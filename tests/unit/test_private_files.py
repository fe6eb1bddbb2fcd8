"""Files that only the user can have written, and the cache that is kept in them."""

from __future__ import annotations

import logging
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.engine.files.directories import cache_directory, state_directory
from export_lsp.engine.files.private_files import (
    NotPrivateError,
    make_private_directory,
    read_private,
    write_private,
)
from export_lsp.engine.recall.disk_cache import ENTRY_LIMIT, DiskCache
from export_lsp.engine.trust_store import TrustStore

OTHER = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"
    for data in (b"first", b""):
        write_private(file, data)
        assert read_private(file, 5) == data
    assert [path.name for path in file.parent.iterdir()] == ["file"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def _link(file: Path) -> None:
    file.rename(file.with_name("target"))
    file.symlink_to("target")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def _give_away(path: Path) -> None:
    os.chown(path, OTHER, OTHER)


CHANGES = [
    pytest.param(lambda path: path.chmod(0o602), id="writable by all"),
    pytest.param(lambda path: path.chmod(0o620), id="writable by a group"),
    pytest.param(_link, id="link"),
    pytest.param(_give_away, id="of another user", marks=as_root),
]
FILE_CHANGES = [
    *CHANGES,
    pytest.param(_pipe, id="pipe"),
    pytest.param(lambda path: path.write_bytes(b"123456"), id="longer"),
]


@pytest.mark.parametrize("change", FILE_CHANGES)
def test_a_file_that_may_be_anothers_is_not_read(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    file = tmp_path / "new" / "file"
    write_private(file, b"12345")
    change(file)
    with pytest.raises(OSError, match="file"):
        read_private(file, 5)


@pytest.mark.parametrize("change", CHANGES)
def test_a_directory_that_may_be_anothers_is_refused(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    directory = tmp_path / "new"
    make_private_directory(directory)
    change(directory)
    with pytest.raises(NotPrivateError):
        make_private_directory(directory)
    with pytest.raises(NotPrivateError):
        write_private(directory / "file", b"")


@pytest.mark.parametrize("path", ["~/cache", "", "cache"])
def test_a_directory_must_have_an_absolute_path(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotPrivateError):
        make_private_directory(Path(path))
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_home_has_no_directories(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 5)  # nobody's
    assert not state_directory().is_absolute()
    DiskCache(cache_directory()).set("key", "text")
    TrustStore(state_directory() / "trusted.json").remember(Path("/a"), True)
    assert len([each for each in caplog.records if "not an absolute path" in each.message]) == 2


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"
    write_private(file, b"before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError):  # noqa: PT011 - the number differs between systems
            write_private(file, b"x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert read_private(file, 100) == b"before"
    assert [path.name for path in file.parent.iterdir()] == ["file"]


def test_a_cache_keeps_texts(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    assert cache.get("a") is None
    cache.set("a", "Ä\n1")
    cache.set("a", "Ä\n2")
    cache.set("b", "")
    cache.set("long", "x" * ENTRY_LIMIT)
    again = DiskCache(tmp_path / "cache")
    assert (again.get("a"), again.get("b"), again.get("long")) == ("Ä\n2", "", None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"1",
        lambda data: data.replace(b"1", b"2"),
        lambda data: b"\x80" + data,
        lambda data: data.replace(b"\n", b" "),
    ],
)
def test_a_damaged_text_is_unknown(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cache = DiskCache(tmp_path)
    tmp_path.chmod(0o700)
    cache.set("key", '["1"]')
    [file] = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert cache.get("key") is None
    cache.set("key", "new")
    assert cache.get("key") == "new"


def test_the_least_recently_used_texts_are_removed(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", size_limit=1000)
    for number in range(30):
        cache.set(str(number), "x" * 100)
        assert cache.get("0") is not None, number
    files = list((tmp_path / "cache").iterdir())
    assert sum(file.stat().st_size for file in files) <= 1000
    assert cache.get("1") is None
    assert cache.get("29") is not None


def test_a_cache_that_cannot_be_used_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    cache = DiskCache(tmp_path / "file" / "cache")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            cache.set("key", "text")
            assert cache.get("key") is None
    assert len(caplog.records) == 2
