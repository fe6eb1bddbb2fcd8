"""Checks models of public libraries beside plain torch; ``python -m tests.wild [LIBRARY…]``."""
