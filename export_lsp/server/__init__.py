"""The language server: documents, schedule, results.  It never imports torch."""
