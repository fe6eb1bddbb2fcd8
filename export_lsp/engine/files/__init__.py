"""Files on disk, and what follows from their presence or absence."""
