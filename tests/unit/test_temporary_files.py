"""The directories for temporary files: which are removed, and which are not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from export_lsp.engine.hosts import temporary_files
from export_lsp.engine.hosts.temporary_files import TemporaryFiles, remove_stale
from export_lsp.protocol import FORK_NOTE, NOTES_SUFFIX, SEGMENT_NOTE, TEMPORARY_FILES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has shared memory as files")


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Use these directories in place of the system's; return that of shared memory."""
    (tmp_path / "segments").mkdir()
    monkeypatch.setattr(temporary_files, "_SHARED_MEMORY", tmp_path / "segments")
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:  # with a short path
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        yield tmp_path / "segments"


@pytest.fixture
def ended() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def run_of(base: Path, pid: int, *segments: str) -> Path:
    """Create the directories of a run, and segments that it has noted."""
    own, notes = base / str(pid), base / f"{pid}{NOTES_SUFFIX}"
    (own / "below").mkdir(parents=True)
    (own / "below" / "file").touch()
    notes.mkdir()
    for name in segments:
        (notes / f"{SEGMENT_NOTE}{name}").touch()
    return own


def test_files_of_ended_runs_are_removed(folders: Path, ended: int) -> None:
    files = TemporaryFiles()
    base = Path(files.variables[TEMPORARY_FILES])
    over, alive = run_of(base, ended, "psm_a"), run_of(base, os.getpid(), "psm_b")
    names = ("psm_a", "psm_b", "psm_of_others", f"torch_{ended}_1_0", f"torch_{os.getpid()}_1_0")
    for name in names:
        (folders / name).touch()
    files.remove_ended()
    assert (over.exists(), alive.exists()) == (False, True)
    assert {each.name for each in folders.iterdir()} == {*names} - {"psm_a", f"torch_{ended}_1_0"}
    files.remove()
    assert not base.exists()
    assert not (folders / "psm_b").exists()
    assert (folders / "psm_of_others").exists()


def test_links_are_not_followed(tmp_path: Path, ended: int) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    files = TemporaryFiles()
    own = run_of(Path(files.variables[TEMPORARY_FILES]), ended)
    (own / "link").symlink_to(precious)
    files.remove_ended()
    files.remove()
    assert (precious / "file").exists()


def test_directories_of_killed_servers_are_removed(tmp_path: Path) -> None:
    base = Path(tempfile.gettempdir())
    stale, new, other = (
        base / "export-lsp-runs-of-x",
        base / "export-lsp-runs-of-y",
        base / "export-lsp-main",
    )
    for each in (stale, new, other):
        each.mkdir()
    (base / "export-lsp-runs-of-link").symlink_to(tmp_path)
    (base / "export-lsp-runs-of-file").touch()
    files = TemporaryFiles()
    current = Path(files.variables[TEMPORARY_FILES])
    for each in (stale, other, current, tmp_path):
        os.utime(each, (0, 0))
    remove_stale()
    assert not stale.exists()
    assert all(each.exists() for each in (current, new, other, tmp_path))
    files.remove()
    assert not current.exists()


def test_without_a_temporary_directory_there_is_none_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    files = TemporaryFiles()
    assert files.variables == {}
    files.remove_ended()
    files.remove()
    remove_stale()


def test_notes_of_ended_forks_are_removed_while_their_parent_lives(
    folders: Path, ended: int
) -> None:
    files = TemporaryFiles()
    run_of(Path(files.variables[TEMPORARY_FILES]), os.getpid(), "psm_b")
    notes = Path(files.variables[TEMPORARY_FILES]) / f"{os.getpid()}{NOTES_SUFFIX}"
    for pid in (ended, os.getppid()):
        (notes / f"{FORK_NOTE}{pid}").touch()
        (folders / f"torch_{pid}_1_0").touch()
    files.remove_ended()
    kept = {f"{FORK_NOTE}{os.getppid()}", f"{SEGMENT_NOTE}psm_b"}
    assert {each.name for each in notes.iterdir()} == kept
    assert [each.name for each in folders.iterdir()] == [f"torch_{os.getppid()}_1_0"]


def test_a_path_that_is_too_long_for_sockets_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Path(tempfile.gettempdir(), "x" * 60)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert TemporaryFiles().variables == {}
    assert list(long.iterdir()) == []
