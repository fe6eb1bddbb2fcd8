"""Saves and kills, again and again."""
