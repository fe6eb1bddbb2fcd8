"""torch's private names, one module for each concern.

Each module says in which versions of torch the names were seen, and what is lost if one is missing:
a missing name must cost a feature, never a check.  Not kept here, as they are stable and in general
use, are ``torch.utils._pytree``, ``FakeTensor``, ``OpOverload`` and ``TorchDispatchMode``.
"""
