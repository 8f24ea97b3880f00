"""What the sandbox knows of each resource of Tavus."""
