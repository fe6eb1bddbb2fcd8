"""Functions that give another value at every call, and other values that they might have given."""

from __future__ import annotations

import datetime
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# How far a clock may be off in another run, in seconds: another day, hour, minute and second.
SHIFTS = (112_397.37, -112_397.37)
# `random.Random(seed).random()` is nearly 1 for the first and nearly 0 for the second.
SEEDS = (52, 31)
RUNS = range(len(SEEDS))
TRIES = 30

REAL_DATETIME = datetime.datetime


@dataclass(frozen=True)
class Other:
    """Another run, and the number of the place in it: clocks differ by place, or a time that passes
    between two places would be the same in every run."""

    run: int
    place: int

    @property
    def seconds(self) -> float:
        return SHIFTS[self.run] * (1 + self.place)


# What a function might have given in another run, from what it gave and its arguments.
Vary = Callable[[Any, "tuple[Any, ...]", "dict[str, Any]", Other], Any]

CLOCKS = ("time", "perf_counter", "monotonic", "process_time", "thread_time")
# fmt: off
DRAWS = (
    "random", "uniform", "triangular", "randint", "randrange", "getrandbits", "randbytes",
    "choice", "choices", "sample", "betavariate", "expovariate", "gammavariate", "gauss",
    "lognormvariate", "normalvariate", "paretovariate", "vonmisesvariate", "weibullvariate",
    "binomialvariate",
)
NUMPY_DRAWS = (
    "rand", "randn", "random", "random_sample", "ranf", "sample", "uniform", "normal",
    "standard_normal", "randint", "choice", "permutation", "beta", "binomial", "exponential",
    "gamma", "poisson", "laplace", "lognormal", "bytes",
)
# fmt: on


@dataclass(frozen=True)
class Source:
    """A function by where it is found.

    `family` is what a seed fixes; of a `method` it is the seed of the object it is called on.
    `in_place` says that it changes its last argument, a list, and gives nothing.
    """

    owner: Any
    name: str
    vary: Vary
    family: str = ""
    method: bool = False
    in_place: bool = False


def all_sources() -> Iterator[Source]:
    """The functions of the standard library, and of numpy where it is imported."""
    for name in CLOCKS:
        yield Source(time, name, lambda value, args, kwargs, other: value + other.seconds)
        yield Source(
            time, f"{name}_ns", lambda value, args, kwargs, other: value + int(other.seconds * 1e9)
        )
    for name in DRAWS:
        draw = _drawn(name)
        yield Source(random, name, draw, "random")
        yield Source(random.Random, name, _of_method(draw), method=True)
    yield Source(random, "shuffle", _shuffled, "random", in_place=True)
    yield Source(random.Random, "shuffle", _shuffled, method=True, in_place=True)
    for owner, name in ((os, "urandom"), (secrets, "token_bytes")):
        yield Source(owner, name, lambda value, args, kwargs, other: bytes(255 - b for b in value))
    for name in ("uuid1", "uuid4"):
        yield Source(
            uuid,
            name,
            lambda value, args, kwargs, other: uuid.UUID(int=value.int ^ (other.run + 1)),
        )
    yield Source(secrets, "randbelow", lambda value, args, kwargs, other: (value + 1) % args[0])
    yield Source(secrets, "randbits", lambda value, args, kwargs, other: value ^ (other.run + 1))
    yield Source(secrets, "choice", _drawn("choice"))
    numpy: Any = sys.modules.get("numpy")
    for name in NUMPY_DRAWS if numpy is not None else ():
        yield Source(numpy.random, name, _drawn_by_numpy(name), "numpy")


def seeders() -> Iterator[tuple[Any, str, str]]:
    """Functions that fix what others give: owner, name, and the family, none for a method."""
    yield random, "seed", "random"
    yield random.Random, "seed", ""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        yield numpy.random, "seed", "numpy"


def _other_uuid(
    value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], other: Other
) -> uuid.UUID:
    return uuid.UUID(int=value.int ^ (other.run + 1))


def _drawn(name: str) -> Vary:
    def vary(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], other: Other) -> Any:
        generator = random.Random(SEEDS[other.run])
        return _differing(value, lambda: getattr(generator, name)(*args, **kwargs))

    return vary


def _of_method(draw: Vary) -> Vary:
    return lambda value, args, kwargs, other: draw(value, args[1:], kwargs, other)


def _drawn_by_numpy(name: str) -> Vary:
    def vary(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], other: Other) -> Any:
        numpy: Any = sys.modules["numpy"]
        generator = numpy.random.RandomState(SEEDS[other.run])
        return _differing(value, lambda: getattr(generator, name)(*args, **kwargs))

    return vary


def _shuffled(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], other: Other) -> Any:
    generator = random.Random(SEEDS[other.run])
    return _differing(value, lambda: generator.sample(value, len(value)))


def _differing(value: Any, draw: Callable[[], Any]) -> Any:
    """A value other than the one given, if one comes within some tries."""
    for _ in range(TRIES):
        drawn = draw()
        if drawn is not value and not _equal(drawn, value):
            return drawn
    return value


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except (ValueError, RuntimeError):  # arrays and tensors
        return False


class _Instances(type):
    """``isinstance`` with the replaced class is one with the real class."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, REAL_DATETIME)


def dates(now: Callable[[Callable[[], Any]], Any]) -> type:
    """A ``datetime.datetime`` whose ``now``, ``utcnow`` and ``today`` are given by `now`."""
    real = REAL_DATETIME

    class Dates(real, metaclass=_Instances):  # type: ignore[misc,valid-type]
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return real(*args, **kwargs)

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now(lambda: real.now(tz))

        @classmethod
        def utcnow(cls) -> Any:
            return now(real.utcnow)

        @classmethod
        def today(cls) -> Any:
            return now(real.today)

    Dates.__name__ = Dates.__qualname__ = "datetime"
    return Dates
