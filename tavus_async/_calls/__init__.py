"""The endpoints: one pure function each, from arguments to a `Call`."""
