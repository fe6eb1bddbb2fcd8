"""A language server that shows, on every save, why ``torch.export`` cannot capture a model."""

__version__ = "0.1.0"
