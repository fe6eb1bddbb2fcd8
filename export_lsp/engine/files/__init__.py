"""Files on disk: their content, what a missing one means, and where ours are kept."""
