from .classifier import LeafClassifier

__all__ = ["LeafClassifier"]
