"""Functions that return a different value at each call, and the values of another run.

These are Python's clocks and random number generators, and numpy's.
"""

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

# By how many seconds the clock of an alternate run differs: other days, hours, minutes, seconds.
SHIFTS = (112_397.37, -112_397.37)
# `random.Random(seed).random()` is nearly 1 for the first and nearly 0 for the second.
SEEDS = (52, 31)
RUNS = range(len(SEEDS))
MAX_DRAWS = 30

REAL_DATETIME = datetime.datetime


@dataclass(frozen=True)
class AlternateRun:
    """An imagined run of the model, for one place that calls an impure function.

    Clocks differ from place to place.  With one shift for all, the time that passes between two
    places would be the same in every run.
    """

    run: int
    place: int

    @property
    def seconds(self) -> float:
        return SHIFTS[self.run] * (1 + self.place)


# Takes a function's result and arguments, and returns a result that another run might have had.
Vary = Callable[[Any, "tuple[Any, ...]", "dict[str, Any]", AlternateRun], Any]

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
class ImpureFunction:
    """A function or method, by its owner and name.

    Attributes:
        owner: The module or class that has it.
        name: Its name there.
        vary: Returns its result in another run.
        generator: The generator that a seed fixes; empty for a method, whose object is seeded.
        is_method: True if the first argument is the generator.
        in_place: True if it returns None and changes its last argument, a list.
    """

    owner: Any
    name: str
    vary: Vary
    generator: str = ""
    is_method: bool = False
    in_place: bool = False


def impure_functions() -> Iterator[ImpureFunction]:
    """Yield the functions of the standard library, and those of numpy if it is imported."""
    for name in CLOCKS:
        yield ImpureFunction(time, name, lambda value, args, kwargs, run: value + run.seconds)
        yield ImpureFunction(
            time, f"{name}_ns", lambda value, args, kwargs, run: value + int(run.seconds * 1e9)
        )
    for name in DRAWS:
        draw = _drawn(name)
        yield ImpureFunction(random, name, draw, "random")
        yield ImpureFunction(random.Random, name, _of_method(draw), is_method=True)
    yield ImpureFunction(random, "shuffle", _shuffled, "random", in_place=True)
    yield ImpureFunction(random.Random, "shuffle", _shuffled, is_method=True, in_place=True)
    for owner, name in ((os, "urandom"), (secrets, "token_bytes")):
        yield ImpureFunction(
            owner, name, lambda value, args, kwargs, run: bytes(255 - byte for byte in value)
        )
    for name in ("uuid1", "uuid4"):
        yield ImpureFunction(
            uuid, name, lambda value, args, kwargs, run: uuid.UUID(int=value.int ^ (run.run + 1))
        )
    yield ImpureFunction(
        secrets, "randbelow", lambda value, args, kwargs, run: (value + 1) % args[0]
    )
    yield ImpureFunction(
        secrets, "randbits", lambda value, args, kwargs, run: value ^ (run.run + 1)
    )
    yield ImpureFunction(secrets, "choice", _drawn("choice"))
    numpy: Any = sys.modules.get("numpy")
    for name in NUMPY_DRAWS if numpy is not None else ():
        yield ImpureFunction(numpy.random, name, _drawn_by_numpy(name), "numpy")


def seeders() -> Iterator[tuple[Any, str, str]]:
    """Yield the owner and name of every function that seeds a generator, and the generator.

    The generator is empty for a method, which seeds its own object.
    """
    yield random, "seed", "random"
    yield random.Random, "seed", ""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        yield numpy.random, "seed", "numpy"


def _drawn(name: str) -> Vary:
    def vary(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], run: AlternateRun) -> Any:
        generator = random.Random(SEEDS[run.run])
        return _differing(value, lambda: getattr(generator, name)(*args, **kwargs))

    return vary


def _of_method(draw: Vary) -> Vary:
    return lambda value, args, kwargs, run: draw(value, args[1:], kwargs, run)


def _drawn_by_numpy(name: str) -> Vary:
    def vary(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], run: AlternateRun) -> Any:
        numpy: Any = sys.modules["numpy"]
        generator = numpy.random.RandomState(SEEDS[run.run])
        return _differing(value, lambda: getattr(generator, name)(*args, **kwargs))

    return vary


def _shuffled(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], run: AlternateRun) -> Any:
    generator = random.Random(SEEDS[run.run])
    return _differing(value, lambda: generator.sample(value, len(value)))


def _differing(value: Any, draw: Callable[[], Any]) -> Any:
    """Draw until a value differs from the given one; return that one after too many draws."""
    for _ in range(MAX_DRAWS):
        drawn = draw()
        if drawn is not value and not _equal(drawn, value):
            return drawn
    return value


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except (ValueError, RuntimeError):  # arrays and tensors
        return False


class _DatetimeInstances(type):
    """Makes ``isinstance`` with the stand-in class accept instances of the real class."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, REAL_DATETIME)


def datetime_stand_in(call: Callable[[Callable[[], Any]], Any]) -> type:
    """Return a ``datetime.datetime`` whose ``now``, ``utcnow`` and ``today`` go through `call`.

    `call` gets the real method without its arguments.
    """
    real = REAL_DATETIME

    class StandIn(real, metaclass=_DatetimeInstances):  # type: ignore[misc,valid-type]
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return real(*args, **kwargs)

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return call(lambda: real.now(tz))

        @classmethod
        def utcnow(cls) -> Any:
            return call(real.utcnow)

        @classmethod
        def today(cls) -> Any:
            return call(real.today)

    StandIn.__name__ = StandIn.__qualname__ = "datetime"
    return StandIn
