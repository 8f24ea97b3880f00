"""The package without the library."""

import subprocess
import sys

PROGRAM = """
import sys
sys.modules["redis"] = None
import tavus_async
try:
    import tavus_async.integrations.redis
except ImportError as error:
    print(error)
"""


def test_without_the_library_the_error_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    assert "pip install 'tavus-async[redis]'" in done.stdout
