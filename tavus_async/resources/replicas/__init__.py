"""Replicas, which since mid-2026 are also called faces: what personas look like."""
