"""The script that starts a worker process in the user's interpreter.

The server runs it by its path, since export-lsp need not be installed there.  The script loads the
package from its own folder and leaves no entry of ours in ``sys.path``.  Before any user code runs,
it moves the protocol from stdin and stdout to private descriptors.

Usage: ``python boot.py host|standby``.
"""

# Imports of this package are in functions: there is none before `register_package`.

import importlib.util
import os
import sys

OLDEST_PYTHON = (3, 10)


def register_package() -> None:
    """Make ``export_lsp`` importable from this script's folder, without an entry in ``sys.path``.

    Raises:
        ImportError: the folder holds no such package.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    # Python puts the script's folder first, with links resolved; installers may have linked it.
    ours = {here, os.path.dirname(os.path.realpath(__file__))}
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) not in ours]
    package = os.path.dirname(here)
    spec = importlib.util.spec_from_file_location(
        "export_lsp",
        os.path.join(package, "__init__.py"),
        submodule_search_locations=[package],
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no export_lsp package in {package}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["export_lsp"] = module
    spec.loader.exec_module(module)


def take_protocol() -> "tuple[int, int]":
    """Move stdin and stdout to private descriptors and return these: commands, events.

    From then on stdin is empty, and what is printed to stdout goes to stderr.
    """
    from export_lsp.worker.system.descriptors import private_descriptor

    commands, events = private_descriptor(0), private_descriptor(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return commands, events


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        # The package does not compile on an older Python, so the message is written by hand.
        message = "Python %d.%d is too old: export-lsp checks models with Python 3.10 or newer"
        line = '{"kind":"Unusable","reason":"python-too-old","message":"%s","detail":""}\n'
        os.write(1, (line % (message % sys.version_info[:2])).encode("ascii"))
        return
    register_package()
    commands, events = take_protocol()
    for stream in (sys.stdout, sys.stderr):
        # On Windows the encoding of a pipe is the code page's; the server reads UTF-8.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    if sys.argv[1] == "standby":
        from export_lsp.worker.hosts.standby import serve
    else:
        from export_lsp.worker.hosts.main_host import serve
    serve(commands, events)


if __name__ == "__main__":
    main()
