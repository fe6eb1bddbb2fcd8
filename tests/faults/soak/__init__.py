"""A soak test: many saves with random kills."""
