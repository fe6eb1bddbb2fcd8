"""What runs in the user's interpreter.

The worker host, its runs, and everything that needs torch.
"""
