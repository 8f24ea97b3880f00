"""Export of any number of personas into a file, which can be interrupted and resumed."""
