"""Personas, which since mid-2026 are also called PALs."""
