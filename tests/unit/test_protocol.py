"""Messages between server and worker: encoding, decoding and malformed lines."""

from __future__ import annotations

import contextlib
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp import protocol, wire
from export_lsp.protocol import (
    Check,
    DeclaredTarget,
    Exited,
    Finding,
    Found,
    Location,
    Message,
    Output,
    Position,
    Related,
)
from export_lsp.rules import RULES
from export_lsp.wire import ProtocolError

PLACE = Location("/w/net.py", Position(3, 4), Position(3, 24))

MESSAGES: list[Message] = [
    Check(1, "/w", "/w/net.py"),
    Check(
        2,
        "/w",
        "/w/net.py",
        targets=(DeclaredTarget("t", "Net()", None, None, "{}", ("strict",), PLACE),),
        modes=("strict",),
        memory_limit=1 << 30,
        environment={"A": "b"},
        skip=("t",),
    ),
    Found(
        3,
        Finding(
            "data-dependent-guard",
            "capture",
            ("non-strict",),
            "model",
            PLACE,
            "`n > 3` depends on 数据 🙂",
            related=(Related(PLACE, "here"),),
            data={"guard": "u0 > 3"},
        ),
    ),
    Exited(4, -9),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_one_line_and_decodes_to_itself(message: Message) -> None:
    line = wire.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert wire.decode(line) == message


@given(st.text(st.characters(exclude_categories=())))
def test_any_output_decodes_to_itself(text: str) -> None:
    message = Output(1, text)
    assert wire.decode(wire.encode(message)) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"3",
        b"[" * 100_000,
        b"{}",
        b'{"kind": "Nonsense"}',
        b'{"kind": "Kill"}',
        b'{"kind": "Kill", "run": "seven"}',
        b'{"kind": "StageEntered", "run": 1, "target": "t", "stage": "lunch", "mode": null}',
    ],
)
def test_a_malformed_line_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        wire.decode(line)


@given(st.binary())
def test_garbage_raises_no_other_exception(line: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        wire.decode(line)


def test_an_added_field_of_a_newer_version_is_ignored() -> None:
    assert wire.decode(b'{"kind": "Kill", "run": 7, "reason": "newer"}') == protocol.Kill(7)


def test_every_rule_code_has_a_rule() -> None:
    assert set(RULES) == set(typing.get_args(protocol.RuleCode))
