"""Pronunciation dictionaries: how words are spoken."""
