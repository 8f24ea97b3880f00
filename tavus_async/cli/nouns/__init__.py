"""The resources as the command line knows them, one module for each."""
