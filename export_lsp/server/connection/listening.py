"""Sockets that listen for a client: on an address of this machine, or on a path of the user's."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from export_lsp.engine.files.private_files import make_private_directory

# Clients that have connected and were not accepted yet.
BACKLOG = 16

_log = logging.getLogger(__name__)


class ListenError(Exception):
    """The server cannot or must not listen there; `str()` is one sentence for the user."""


@contextmanager
def tcp_listeners(host: str, port: int, *, allow_remote: bool) -> Iterator[list[socket.socket]]:
    """Context manager of the sockets that listen on all addresses of a host.

    Raises:
        ListenError: An address is not this machine's alone and `allow_remote` is not given, or
            one cannot be listened on.
    """
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AddressInfo.AI_PASSIVE
            )
            if not all(_is_loopback(str(address[0])) for *_, address in found):
                _require_consent(place, allow_remote)
            listeners = [
                stack.enter_context(socket.create_server(address, family=family, backlog=BACKLOG))
                for family, *_, address in found
            ]
        except (OSError, UnicodeError) as error:
            raise ListenError(f"The server cannot listen on {place}: {error}.") from error
        for listener in listeners:
            _log.info("listening on %s", listener.getsockname())
        yield listeners


def _is_loopback(address: str) -> bool:
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _require_consent(place: str, allow_remote: bool) -> None:
    if not allow_remote:
        raise ListenError(
            f"Other machines may reach {place}: listen on 127.0.0.1, or add --allow-remote."
        )
    _log.warning(
        "listening for other machines: the connection is not encrypted, and whoever has or"
        " overhears the token can run code as this user"
    )


@contextmanager
def unix_listener(path: Path) -> Iterator[list[socket.socket]]:
    """Context manager of a Unix socket that only the user can connect to.

    Its directory is created if need be, and must be one that only the user can write to.  A socket
    that no server listens on any more is replaced.

    Raises:
        ListenError: The path cannot be listened on, or its directory is not the user's.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise ListenError("This system has no Unix sockets: use --tcp.")
    path = Path(os.path.abspath(path))
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            make_private_directory(path.parent)
            _remove_unused(path)
            listener.bind(str(path))
            os.chmod(path, 0o600)
            listener.listen(BACKLOG)
        except OSError as error:
            raise ListenError(f"The server cannot listen on {path}: {error}.") from error
        _log.info("listening on %s", path)
        try:
            yield [listener]
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _remove_unused(path: Path) -> None:
    """Remove a socket that no server listens on.

    Raises:
        OSError: A server listens on it, or something else is there.
    """
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise FileExistsError(errno.EEXIST, "something else is there", str(path))
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            os.unlink(path)
            return
    raise OSError(errno.EADDRINUSE, "another server listens there", str(path))
