"""The stages of a check: each carries out its part and explains its failures.

The module or package of a stage has the name that the table ``export_lsp/stages.py`` gives it.
``explain`` takes a failure and returns its findings, or None if the failure is of another kind.
`export` carries out the stages `inputs` to `verify`, which are one call of ``torch.export.export``.
"""
