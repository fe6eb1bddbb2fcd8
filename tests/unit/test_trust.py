"""Remembered answers about trust, and the questions to the user."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from export_lsp.engine.trust import REFUSE, TRUST, Asking, Trust, TrustState
from export_lsp.engine.trust_store import TrustStore

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")


def test_answers_are_kept_and_only_the_user_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "state" / "trusted.json"
    store = TrustStore(file)
    assert store.answer(Path("/a")) is None
    store.remember(Path("/a"), True)
    store.remember(Path("/b"), False)
    assert TrustStore(file).answer(Path("/a")) is True
    assert TrustStore(file).answer(Path("/b")) is False
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["trusted.json"]


def test_trust_counts_below_a_refusal_does_not(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "t.json")
    store.remember(Path("/a"), True)
    store.remember(Path("/b"), False)
    store.remember(Path("/a/x"), False)
    assert store.answer(Path("/a/deep/er")) is True
    assert store.answer(Path("/a/x")) is False
    assert store.answer(Path("/b/deep")) is None


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"folders": 3}', "\x00", '{"folders": {"/a": 1}}', "[" * 10**5],
)
def test_a_broken_file_trusts_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "t.json"
    file.write_text(content)
    store = TrustStore(file)
    assert not store.answer(Path("/a"))
    store.remember(Path("/a"), True)
    assert store.answer(Path("/a")) is True


def test_the_nearest_answer_counts(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "t.json")
    store.remember(Path("/a"), True)
    store.remember(Path("/a/x"), False)
    store.remember(Path("/a/x/y"), True)
    assert store.answer(Path("/a/x/deep")) is None
    assert store.answer(Path("/a/x/y/deep")) is True


@pytest.mark.parametrize("name", ["home", "temporary", "above both", "root", "a link to home"])
def test_folders_that_hold_everything_are_not_remembered(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, temporary = tmp_path / "home" / "user", tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    folder = {
        "home": home,
        "temporary": temporary,
        "above both": tmp_path,
        "root": Path("/"),
        "a link to home": tmp_path / "link",
    }[name]
    file = tmp_path / "t.json"
    store = TrustStore(file)
    store.remember(folder, True)
    assert store.answer(folder) is None
    assert store.answer(folder / "project") is None
    # An answer that was written by other means does not count either.
    answer = {"trusted": True, "owner": os.stat(folder).st_uid}
    file.write_text(json.dumps({"folders": {os.path.realpath(folder): answer}}))
    file.chmod(0o600)
    assert store.answer(folder / "project") is None
    store.remember(home / "project", True)
    assert store.answer(home / "project") is True


def test_a_link_has_the_answer_of_its_folder(tmp_path: Path) -> None:
    store, link = TrustStore(tmp_path / "t.json"), tmp_path / "link"
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    link.symlink_to("one")
    store.remember(link, True)
    assert store.answer(tmp_path / "one") is True
    link.unlink()
    link.symlink_to("other")
    assert store.answer(link) is None
    assert store.answer(link / "below") is None


@as_root
@pytest.mark.parametrize("replaced", ["project", "project/below"])
def test_a_folder_of_another_owner_is_another_folder(tmp_path: Path, replaced: str) -> None:
    below = tmp_path / "project" / "below"
    below.mkdir(parents=True)
    store = TrustStore(tmp_path / "t.json")
    store.remember(tmp_path / "project", True)
    assert store.answer(below) is True
    os.chown(tmp_path / replaced, 65534, 65534)
    assert store.answer(below) is None


@as_root
@pytest.mark.parametrize("option", [True, "ask"])
async def test_trust_ends_when_the_folder_is_replaced(
    tmp_path: Path, option: bool | Asking
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    store, user = TrustStore(tmp_path / "t.json"), User(TRUST)
    trust = Trust(folder, option, store, user.ask)
    await trust.request()
    assert trust.granted
    folder.rmdir()
    folder.mkdir()
    assert trust.granted
    folder.rmdir()
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    assert trust.state is not TrustState.GRANTED
    assert "another user" in trust.hint
    assert await trust.request(again=True) is (option == "ask")


async def test_trust_ends_when_the_link_leads_elsewhere(tmp_path: Path) -> None:
    link = tmp_path / "link"
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    link.symlink_to("one")
    trust = Trust(link, True, TrustStore(tmp_path / "t.json"), User(TRUST).ask)
    assert trust.granted
    link.unlink()
    link.symlink_to("other")
    assert not trust.granted


def test_an_answer_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    TrustStore(tmp_path / "state" / "t.json").remember(Path("/a"), True)


class User:
    """Gives a fixed answer, and counts the questions."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked = 0

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        self.asked += 1
        assert list(answers) == [TRUST, REFUSE]
        return self.answer


@pytest.mark.parametrize(
    ("option", "answer", "asked", "end", "remembered"),
    [
        (True, REFUSE, 0, TrustState.GRANTED, None),
        (False, TRUST, 0, TrustState.REFUSED, None),
        ("ask", TRUST, 1, TrustState.GRANTED, True),
        ("ask", REFUSE, 1, TrustState.REFUSED, False),
        ("ask", None, 1, TrustState.REFUSED, None),
    ],
)
async def test_the_option_decides_if_the_user_is_asked(
    tmp_path: Path,
    option: bool | Asking,
    answer: str | None,
    asked: int,
    end: TrustState,
    remembered: bool | None,
) -> None:
    store, user = TrustStore(tmp_path / "t.json"), User(answer)
    trust = Trust(Path("/a"), option, store, user.ask)
    assert await trust.request() is (end is TrustState.GRANTED and asked == 1)
    assert await trust.request() is False
    assert (user.asked, trust.state, store.answer(Path("/a"))) == (asked, end, remembered)


async def test_a_user_who_refused_can_be_asked_again(tmp_path: Path) -> None:
    store, user = TrustStore(tmp_path / "t.json"), User(REFUSE)
    trust = Trust(Path("/a"), "ask", store, user.ask)
    await trust.request()
    user.answer = TRUST
    assert await trust.request(again=True) is True
    assert Trust(Path("/a"), "ask", store, user.ask).granted
