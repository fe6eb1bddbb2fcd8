#!/usr/bin/env bash
# Installs the version of export-lsp that this action belongs to, apart from the project's packages.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
environment=$RUNNER_TEMP/export-lsp
if command -v python3 >/dev/null; then python=python3; else python=python; fi
"$python" -m venv "$environment"
bin=$environment/bin
if [ ! -d "$bin" ]; then bin=$environment/Scripts; fi
"$bin/python" -m pip install --quiet --disable-pip-version-check "$root"
echo "EXPORT_LSP=$bin/export-lsp" >>"$GITHUB_ENV"
