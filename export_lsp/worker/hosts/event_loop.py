"""The event loop of a host: readable descriptors and the ends of child processes."""

from __future__ import annotations

import os
import select
import selectors
import signal
from collections.abc import Callable

from export_lsp.worker.system.descriptors import read_available

ReadyKeys = list[tuple[selectors.SelectorKey, int]]
"""The keys of readable descriptors, as `selectors` returns them."""


class EventLoop:
    """Calls back when a descriptor becomes readable or a child process ends.

    On SIGCHLD Python writes to a pipe of this process (`signal.set_wakeup_fd`), which the selector
    watches like any other descriptor.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, self._wake_write = os.pipe()

    def watch_children(self, on_end: Callable[[], None]) -> None:
        """Call `on_end` after one or more children have ended; must run in the main thread."""

        def woken() -> None:
            read_available(self._wake)
            on_end()

        os.set_blocking(self._wake, False)
        os.set_blocking(self._wake_write, False)
        # Python writes to the pipe only for signals that have a handler.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self.watch(self._wake, woken)

    def watch(self, descriptor: int, on_readable: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, on_readable)

    def is_watched(self, descriptor: int) -> bool:
        return descriptor in self._selector.get_map()

    def unwatch(self, descriptor: int) -> None:
        """Stop watching a descriptor, if it is watched."""
        if self.is_watched(descriptor):
            self._selector.unregister(descriptor)

    def wait(self, seconds: float | None) -> ReadyKeys:
        """Return the keys that are readable, after at most this many seconds (None: no limit)."""
        return self._selector.select(seconds)

    def dispatch(self, ready: ReadyKeys) -> None:
        """Call back for each key that `wait` returned."""
        for key, _ in ready:
            # An earlier callback may have closed this key's descriptor, and a new run's pipe may
            # have taken its number.
            if self._selector.get_map().get(key.fd) is key:
                key.data()

    def wait_for_child(self, seconds: float) -> None:
        """Wait until a child has ended, at most this many seconds; nothing else is dispatched."""
        select.select([self._wake], [], [], seconds)
        read_available(self._wake)

    def descriptors(self) -> list[int]:
        """Return the descriptors of the loop itself, without those it watches."""
        own = [self._wake, self._wake_write]
        if isinstance(self._selector, selectors.EpollSelector):
            own.append(self._selector.fileno())
        return own


def stop_watching_children() -> None:
    """Undo `EventLoop.watch_children` in a fork, where the pipe of the loop is closed.

    Otherwise the end of a child would be written to whatever file has the number of that pipe.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
