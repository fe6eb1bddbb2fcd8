"""Text for the user, made from the texts of exceptions and of torch."""
