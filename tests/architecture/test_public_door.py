"""The public site, as Python really loads it, holds no module that knows a person."""

import json
import subprocess
import sys

CLOSED = (
    "pumphandle.store.identified",
    "pumphandle.store.decisions",
    "pumphandle.store.events",
    "pumphandle.store.cluster",
    "pumphandle.store.migrate",
    "pumphandle.actions",
    "pumphandle.delivery",
    "pumphandle.detection",
    "pumphandle.tracing",
    "pumphandle.identity",
    "pumphandle.linelist",
    "pumphandle.web.console",
    "pumphandle.cli",
)


def test_importing_the_public_site_loads_nothing_of_people() -> None:
    """The run-time twin of a contract: a parent's `__init__` is run too, and the contract does not see that."""
    order = "import json, sys, pumphandle.web.public.__main__; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", order], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    loaded: list[str] = json.loads(answer.stdout)
    assert "pumphandle.web.public.app" in loaded
    assert [name for name in loaded if name.startswith(CLOSED)] == []
