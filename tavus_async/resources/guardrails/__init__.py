"""Guardrails, in both generations: single ones, and sets of the older kind."""
