"""The worked example of CONTRIBUTING.md, as if its modules stood in the package."""

import contextlib
import re
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest

from tests.support.documents import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
TEXT = PAGE.read_text(encoding="utf-8")
MODULES: dict[str, str] = {
    path.removesuffix(".py").replace("/", "."): source
    for path, source in re.findall(r"^`(tavus_async/\S+\.py)`:\n\n```python\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
}


@contextlib.contextmanager
def jingles_made() -> Iterator[SimpleNamespace]:
    """Give the modules of the example, by the last parts of their names; they can be imported meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        package = ModuleType("tavus_async.resources.jingles")
        package.__path__ = []
        patch.setitem(sys.modules, package.__name__, package)
        made: dict[str, ModuleType] = {}
        for name, source in MODULES.items():
            module = ModuleType(name)
            patch.setitem(sys.modules, name, module)
            exec(compile(source, f"{PAGE}: {name}", "exec"), vars(module))  # noqa: S102 (the page is ours)
            short = name.rpartition(".")[2]
            made["sandbox" if ".sandbox." in name else short] = module
            if ".sandbox." not in name:
                setattr(package, short, module)
        yield SimpleNamespace(**made)
