"""The script a worker process starts with, in the user's interpreter.

It is run by path, so that export-lsp need not be installed there: the package is registered from
the files beside this one and nothing of ours is left on ``sys.path``.  Before anything of the
user's can run, the protocol moves from stdin and stdout to private descriptors.

Usage: ``python boot.py host|standby``.
"""

import os
import sys

OLDEST_PYTHON = (3, 10)


def take_protocol() -> "tuple[int, int]":
    """Move stdin and stdout aside: (commands, events).  Prints go to stderr, reads find EOF."""
    from export_lsp.worker.system.descriptors import private_descriptor

    commands, events = private_descriptor(0), private_descriptor(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return commands, events


def register_package() -> None:
    """Make ``export_lsp`` importable from the files beside this one, without a path entry."""
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    # Python resolves a link to the script; installers may have put one here.
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


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        # The package itself does not compile on an older Python, so its protocol is out of reach.
        message = "Python %d.%d is too old: export-lsp checks models with Python 3.10 or newer"
        line = '{"kind":"Unusable","reason":"python-too-old","message":"%s","detail":""}\n'
        os.write(1, (line % (message % sys.version_info[:2])).encode("ascii"))
        return
    register_package()
    commands, events = take_protocol()
    for stream in (sys.stdout, sys.stderr):
        # On Windows a pipe's encoding is the code page's; the server reads UTF-8.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    if sys.argv[1] == "standby":
        from export_lsp.worker.hosts.standby import serve
    else:
        from export_lsp.worker.hosts.main_host import serve
    serve(commands, events)


if __name__ == "__main__":
    main()
