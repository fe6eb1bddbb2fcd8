"""Remembered answers about trust, and the questions to the user."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from export_lsp.engine.trust import REFUSE, TRUST, Asking, Trust, TrustState, TrustStore


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


@pytest.mark.parametrize("content", ["", "[]", '{"folders": 3}', "\x00", '{"folders": {"/a": 1}}'])
def test_a_broken_file_trusts_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "t.json"
    file.write_text(content)
    store = TrustStore(file)
    assert not store.answer(Path("/a"))
    store.remember(Path("/a"), True)
    assert store.answer(Path("/a")) is True


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
