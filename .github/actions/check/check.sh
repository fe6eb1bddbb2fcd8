#!/usr/bin/env bash
# Checks once; prints the problems, annotates their lines, and adds them to the summary of the job.
set -uo pipefail
reports=$RUNNER_TEMP/export-lsp-reports
mkdir -p "$reports"
# Options and paths are words, and a pattern in them is one for the shell.
# shellcheck disable=SC2206
arguments=($INPUT_ARGUMENTS $INPUT_PATHS)
if [ -n "$INPUT_PYTHON" ]; then arguments=(--python "$INPUT_PYTHON" "${arguments[@]}"); fi

"$EXPORT_LSP" check --verdicts \
  --report "github=$reports/annotations" --report "sarif=$reports/export-lsp.sarif" \
  "${arguments[@]}" | tee "$reports/text"
status=${PIPESTATUS[0]}

echo "exit-status=$status" >>"$GITHUB_OUTPUT"
if [ -f "$reports/export-lsp.sarif" ]; then
  echo "sarif=$reports/export-lsp.sarif" >>"$GITHUB_OUTPUT"
fi
if [ -f "$reports/annotations" ]; then cat "$reports/annotations"; fi
{
  echo "### export-lsp"
  echo '````text'
  cat "$reports/text"
  echo '````'
} >>"$GITHUB_STEP_SUMMARY"
exit "$status"
