"""Run the export-lsp of this folder, or the interpreter's own if it has one.

Usage: run_server.py useBundled|fromEnvironment [ARGUMENT…]
"""

import os
import sys

# The selected Python may be too old for export-lsp.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("export-lsp needs Python 3.10 or newer; this is " + sys.version.split()[0] + ".")

libs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libs")
strategy, *arguments = sys.argv[1:]
# The first entry is this file's folder.
sys.path.pop(0)
if strategy == "fromEnvironment":
    sys.path.append(libs)
else:
    sys.path.insert(0, libs)
sys.argv = ["export-lsp", *arguments]

from export_lsp.__main__ import main  # noqa: E402

main()
