"""Modules that are loaded when they are first used."""

import subprocess
import sys


def test_a_module_is_loaded_by_whoever_asks_for_something_in_it() -> None:
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from tavus_async.resources._lazy import LazyModule

module = LazyModule("colorsys", user="__main__")
colorsys = module
assert module.__name__ not in sys.modules
with ThreadPoolExecutor(8) as threads:
    found = set(threads.map(lambda _: module.rgb_to_hsv, range(64)))
assert found == {sys.modules[module.__name__].rgb_to_hsv}
assert colorsys is sys.modules["colorsys"]  # it has taken the place of what stood for it
try:
    module.unicorn
except AttributeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "has no attribute 'unicorn'" in done.stdout
