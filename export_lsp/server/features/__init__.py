"""Answers to an editor's requests, made from results alone: diagnostics, hover, code actions."""
