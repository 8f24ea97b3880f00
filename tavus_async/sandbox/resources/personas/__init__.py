"""Personas, which are PALs in the other vocabulary."""
