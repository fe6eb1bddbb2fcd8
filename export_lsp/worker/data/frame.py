"""Stack frames: those of the user's code, and the innermost one of a library's."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.protocol import Location


@dataclass(frozen=True)
class Frame:
    """A stack frame in one of the user's files.

    `location` is the expression that the frame is at, `function` the name of its code object.
    """

    location: Location
    function: str


@dataclass(frozen=True)
class LibraryFrame:
    """A stack frame in a file of a library, an installed package that the user's code calls.

    `package` is the name that the library is imported by.
    """

    location: Location
    function: str
    package: str


@dataclass(frozen=True)
class Stack:
    """The frames of a stack that are code of the model.

    `frames` are the user's, outermost first.  `library` is the innermost frame of a library below
    all of them; None if the innermost code of the model is the user's.
    """

    frames: list[Frame] = field(default_factory=list)
    library: LibraryFrame | None = None

    def __bool__(self) -> bool:
        return bool(self.frames) or self.library is not None

    @property
    def innermost(self) -> Location | None:
        """The expression that the innermost code of the model is at; None for an empty stack."""
        if self.library is not None:
            return self.library.location
        return self.frames[-1].location if self.frames else None

    @property
    def function(self) -> str:
        """The name of the innermost code object; "" for an empty stack."""
        innermost = self.library or (self.frames[-1] if self.frames else None)
        return innermost.function if innermost is not None else ""

    def below(self, outer: Stack) -> Stack:
        """Return this stack as the continuation of another: its frames below the other's."""
        return Stack([*outer.frames, *self.frames], self.library if self else outer.library)
