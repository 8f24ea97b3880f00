"""`python -m tavus_async`: the same program as `tavus-async`."""

import sys

from tavus_async.cli import main

if __name__ == "__main__":
    sys.exit(main())
