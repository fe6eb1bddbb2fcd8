"""The queue to the client: the messages that it drops, and its limit."""

from __future__ import annotations

import threading

import pytest

from export_lsp.server.connection.outbox import BATCH, Outbox, StalledError


def all_of(outbox: Outbox) -> bytes:
    outbox.close()
    taken = b""
    while (data := outbox.take()) is not None:
        taken += data
    return taken


def test_messages_come_out_in_their_order() -> None:
    outbox = Outbox()
    for number in range(10):
        outbox.put(b"%d" % number)
    assert all_of(outbox) == b"0123456789"


def test_a_newer_message_supersedes_an_older_one() -> None:
    outbox = Outbox(crowded=0)
    outbox.put(b"a1 ", "a")
    outbox.put(b"b1 ", "b")
    outbox.put(b"answer ")
    outbox.put(b"a2 ", "a")
    assert outbox.size == len(b"b1 answer a2 ")
    assert all_of(outbox) == b"b1 answer a2 "


def test_a_client_that_reads_gets_every_message() -> None:
    outbox = Outbox(crowded=10)
    for number in range(6):
        outbox.put(b"%d2345" % number, "state")
    assert all_of(outbox) == b"02345" + b"12345" + b"52345"


def test_optional_messages_are_dropped_above_the_high_water_mark() -> None:
    outbox = Outbox(high_water=10)
    outbox.put(b"x" * 11)
    outbox.put(b"log", optional=True)
    outbox.put(b"answer")
    assert outbox.dropped == 1
    assert all_of(outbox) == b"x" * 11 + b"answer"


def test_exceeding_the_limit_raises() -> None:
    outbox = Outbox(limit=100)
    outbox.put(b"x" * 100)
    with pytest.raises(StalledError, match="101 bytes wait"):
        outbox.put(b"x")


def test_superseding_stays_below_the_limit() -> None:
    outbox = Outbox(limit=100, crowded=0)
    for _ in range(1000):
        outbox.put(b"x" * 60, "diagnostics")
    assert outbox.size == 60


def test_a_reader_waits_for_room() -> None:
    outbox = Outbox(high_water=BATCH)
    for _ in range(3):
        outbox.put(b"x" * BATCH)
    passed = threading.Event()

    def read() -> None:
        outbox.wait_for_room()
        passed.set()

    threading.Thread(target=read, daemon=True).start()
    outbox.take()
    assert not passed.is_set()
    outbox.take()
    assert passed.wait(10)


def test_discarded_messages_are_not_written() -> None:
    outbox = Outbox()
    outbox.put(b"x")
    outbox.close(discard=True)
    outbox.put(b"y")
    assert outbox.take() is None
