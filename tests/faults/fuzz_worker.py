"""Fuzz the lines between server and worker: valid and altered messages, and garbage.

For any line, `wire.decode` returns a message or raises a `ProtocolError`.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from export_lsp import wire
from export_lsp.protocol import Message, Position
from export_lsp.wire import LineSplitter, ProtocolError

KINDS = typing.get_args(Message)

# Values of wrong types: numbers too large or negative, containers where none belongs.
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def _messages() -> st.SearchStrategy[Message]:
    st.register_type_strategy(
        Position, st.builds(Position, st.integers(0, 10**6), st.integers(0, 10**6))
    )
    return st.one_of([st.from_type(kind) for kind in KINDS])


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """Draw a message's line with one value, at any depth, replaced."""
    body = json.loads(wire.encode(draw(messages)))
    place, key = draw(st.sampled_from(list(_places(body))))
    place[key] = draw(ODD)
    return json.dumps(body).encode()


def _places(value: Any) -> typing.Iterator[tuple[Any, Any]]:
    """Yield every container in a value, at any depth, with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


@st.composite
def cut(draw: st.DrawFn) -> bytes:
    """Draw a part of a message's line."""
    line = wire.encode(draw(messages)).rstrip()
    return line[draw(st.integers(0, len(line))) : draw(st.integers(0, len(line)))]


messages = _messages()
lines = st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), altered(), cut())


def outcome(line: bytes) -> str:
    """Decode a line, and check that the message survives encoding.

    Returns:
        "message", or "refused" if it is not one.
    """
    try:
        message = wire.decode(line)
    except ProtocolError:
        return "refused"
    # The encodings are compared, since NaN differs from itself.
    assert wire.encode(wire.decode(wire.encode(message))) == wire.encode(message)
    assert dataclasses.is_dataclass(message)
    return "message"


def split_in_pieces(data: bytes, sizes: list[int], longest: int) -> list[bytes]:
    """Return the lines of data that arrives in pieces of these sizes."""
    splitter, found = LineSplitter(longest), []
    for size in sizes:
        found += splitter.feed(data[:size])
        data = data[size:]
    return found + splitter.feed(data)


def fuzz(examples: int, number: int) -> dict[str, int]:
    """Decode this many lines, drawn with the seed `number`; return counts of their outcomes."""
    counts: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(lines)
    def run(line: bytes) -> None:
        counts["lines"] += 1
        counts["bytes"] += len(line)
        counts[outcome(line)] += 1

    run()
    return dict(counts)
