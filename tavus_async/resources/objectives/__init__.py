"""Objectives, in sets: what a conversation works towards, step by step."""
