"""Memory stores: what a persona remembers of one participant."""
