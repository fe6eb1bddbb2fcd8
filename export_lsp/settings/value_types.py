"""The types of settings' values: each parses raw data and describes itself as JSON Schema."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from export_lsp.settings import exclude

DEVICE = r"auto|cpu|cuda(:[0-9]{1,3})?"

# In bytes: Linux allows paths and names of this length, Windows variables of this length.
MAX_PATH, MAX_NAME, MAX_VARIABLE = 4096, 255, 32_767
MAX_ITEMS, MAX_PATTERN = 500, 500


class ValueType(Protocol):
    """The type of a setting's value."""

    def parse(self, raw: Any, base: Path) -> Any:
        """Return the value for raw data from TOML, JSON or a command line option.

        Relative paths start at `base`.

        Raises:
            ValueError: the data does not fit; the message is the rest of a sentence about it, such
                as "must be true or false".
        """

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the data, for editors.

        It leaves out conditions that only `parse` can check.
        """


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def parse(self, raw: Any, base: Path) -> bool:
        if not isinstance(raw, bool):
            raise ValueError("must be true or false")
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number:
    """A number of at least `minimum` (or above it) and at most `maximum`; an int if `whole`."""

    minimum: float
    maximum: float
    above_minimum: bool = False
    unit: str = ""
    whole: bool = False

    def parse(self, raw: Any, base: Path) -> float:
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        if not number or not self._within(raw) or (self.whole and raw != int(raw)):
            kind = "a whole number" if self.whole else "a number"
            raise ValueError(f"must be {kind}{self.unit and f' of {self.unit}'}, {self.range}")
        return int(raw) if self.whole else float(raw)

    def schema(self) -> dict[str, Any]:
        low = "exclusiveMinimum" if self.above_minimum else "minimum"
        kind = "integer" if self.whole else "number"
        return {"type": kind, low: self.minimum, "maximum": self.maximum}

    @property
    def range(self) -> str:
        """The range as words, such as "above 0 and at most 1"."""
        low = f"above {self.minimum}" if self.above_minimum else f"of at least {self.minimum}"
        return f"{low} and at most {self.maximum}"

    def _within(self, number: float) -> bool:
        low = number > self.minimum if self.above_minimum else number >= self.minimum
        return low and number <= self.maximum


@dataclass(frozen=True)
class Choice:
    """One word of several."""

    choices: tuple[str, ...]

    def parse(self, raw: Any, base: Path) -> str:
        if not isinstance(raw, str) or raw not in self.choices:
            raise ValueError(f"must be one of {_words(self.choices)}")
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True)
class Choices:
    """At least `least` words of several, kept in the order of `choices`, not as written."""

    choices: tuple[str, ...]
    least: Literal[0, 1] = 1

    def parse(self, raw: Any, base: Path) -> tuple[str, ...]:
        words = raw if isinstance(raw, list | tuple) else None
        if (
            words is None
            or len(words) < self.least
            or any(word not in self.choices for word in words)
        ):
            least = "one or more of " if self.least else ""
            raise ValueError(f"must be a list of {least}{_words(self.choices)}")
        return tuple(choice for choice in self.choices if choice in words)

    def schema(self) -> dict[str, Any]:
        items = {"type": "string", "enum": list(self.choices)}
        return {"type": "array", "items": items, "minItems": self.least, "uniqueItems": True}


@dataclass(frozen=True)
class Device:
    """auto, cpu, cuda or cuda:N."""

    def parse(self, raw: Any, base: Path) -> str:
        if not isinstance(raw, str) or not re.fullmatch(DEVICE, raw):
            raise ValueError("must be auto, cpu, cuda or cuda:N with the number of a device")
        return raw

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{DEVICE})$"}


@dataclass(frozen=True)
class Interpreter:
    """A path to an executable, or the bare name of a command.

    A relative path with a separator is made absolute; `engine.interpreters` looks up the others.
    """

    def parse(self, raw: Any, base: Path) -> str:
        if not isinstance(raw, str) or not raw.strip():
            raise ValueError("must be a path to a Python interpreter or its name on the PATH")
        _check_path(raw)
        relative = raw.startswith(".") or ("/" in raw and not raw.startswith(("/", "~", "$")))
        windows_absolute = re.match(r"[A-Za-z]:|\\\\", raw) is not None
        return str(base / raw) if relative and not windows_absolute else raw

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}


@dataclass(frozen=True)
class Texts:
    """A list of strings."""

    def parse(self, raw: Any, base: Path) -> tuple[str, ...]:
        if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
            raise ValueError("must be a list of strings")
        if len(raw) > MAX_ITEMS:
            raise ValueError(f"must be a list of at most {MAX_ITEMS} strings")
        return tuple(raw)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}, "maxItems": MAX_ITEMS}


@dataclass(frozen=True)
class Patterns:
    """A list of patterns as in .gitignore."""

    def parse(self, raw: Any, base: Path) -> tuple[str, ...]:
        patterns = Texts().parse(raw, base)
        for pattern in patterns:
            if len(pattern) > MAX_PATTERN:
                message = f"must be at most {MAX_PATTERN} characters long"
                raise ValueError(f"has a pattern that is too long: each {message}")
            exclude.parse(pattern)
        return patterns

    def schema(self) -> dict[str, Any]:
        return Texts().schema()


@dataclass(frozen=True)
class Paths:
    """A list of directories, made absolute."""

    def parse(self, raw: Any, base: Path) -> tuple[str, ...]:
        return tuple(str(base / _expanded(path)) for path in Texts().parse(raw, base))

    def schema(self) -> dict[str, Any]:
        return Texts().schema()


def _expanded(path: str) -> Path:
    """Return a path with ``~`` and ``~user`` expanded.

    Raises:
        ValueError: no path can be like this, or the user is not known.
    """
    _check_path(path)
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError("starts with a user who has no home directory") from error


def _check_path(path: str) -> None:
    _check_text(path, MAX_PATH)
    for name in path.split("/"):
        _check_text(name, MAX_NAME)


def _check_text(text: str, length: int) -> None:
    """Raise `ValueError` for a text that cannot be given to the system in this many bytes."""
    if "\0" in text:
        raise ValueError("must not contain a null character")
    try:
        size = len(os.fsencode(text))
    except UnicodeEncodeError as error:
        raise ValueError("must not contain a lone surrogate") from error
    if size > length:
        raise ValueError(f"must be at most {length} bytes long")


@dataclass(frozen=True)
class Table:
    """A table of strings; `keys` and `choices` are those allowed, None for any."""

    keys: tuple[str, ...] | None = None
    choices: tuple[str, ...] | None = None

    def parse(self, raw: Any, base: Path) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise ValueError("must be a table")
        return dict(self.parse_entry(key, value) for key, value in raw.items())

    def parse_entry(self, key: Any, value: Any) -> tuple[str, Any]:
        """Return one entry of the table.

        Raises:
            ValueError: it does not fit; the message is about the value at that key.
        """
        if self.keys is not None and key not in self.keys:
            raise ValueError(f"is under no known key; the keys are {_words(self.keys)}")
        if self.choices is not None and value not in self.choices:
            raise ValueError(f"must be one of {_words(self.choices)}")
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError("must be a string")
        return key, value

    def schema(self) -> dict[str, Any]:
        value = {"type": "string"} | ({"enum": list(self.choices)} if self.choices else {})
        if self.keys is None:
            return {"type": "object", "additionalProperties": value}
        known = dict.fromkeys(self.keys, value)
        return {"type": "object", "properties": known, "additionalProperties": False}


@dataclass(frozen=True)
class Variables(Table):
    """A table of environment variables."""

    def parse_entry(self, key: Any, value: Any) -> tuple[str, str]:
        key, value = super().parse_entry(key, value)
        if not key:
            raise ValueError("is the value of a variable whose name must not be empty")
        if "=" in key:
            raise ValueError('is the value of a variable whose name must not contain "="')
        _check_text(key, MAX_VARIABLE)
        _check_text(value, MAX_VARIABLE)
        return key, value


@dataclass(frozen=True)
class Arguments(Table):
    """A table of command-line arguments by the path of a script, which is made absolute."""

    def parse(self, raw: Any, base: Path) -> dict[str, tuple[str, ...]]:
        entries = super().parse(raw, base)
        return {os.path.normpath(base / _expanded(file)): given for file, given in entries.items()}

    def parse_entry(self, key: Any, value: Any) -> tuple[str, tuple[str, ...]]:
        if not isinstance(key, str) or not key:
            raise ValueError("is under no path of a script")
        _expanded(key)
        arguments = Texts().parse(value, Path())
        for argument in arguments:
            _check_text(argument, MAX_VARIABLE)
        return key, arguments

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": Texts().schema()}


def _words(choices: Sequence[str]) -> str:
    return ", ".join(choices[:-1]) + f" or {choices[-1]}" if len(choices) > 1 else choices[0]
