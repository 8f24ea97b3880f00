"""Voices: what personas and replicas sound like."""
