# Every recipe is one command that also works without just.

# lint, types, formatting, architecture
check:
    .venv/bin/ruff check
    .venv/bin/ruff format --check
    .venv/bin/pyright
    .venv/bin/lint-imports

# what a machine can mend
fix:
    .venv/bin/ruff check --fix
    .venv/bin/ruff format

# all tests; further words go to pytest
test *words:
    python3 start.py test {{words}}

# a made-up country, both sites
demo *words:
    python3 start.py demo {{words}}

# the figures of docs/measurements
bench *words:
    .venv/bin/python -m bench {{words}}

# pages that are made from the code
docs:
    .venv/bin/python -m pumphandle.config > docs/reference/settings.md
    .venv/bin/python -m pumphandle.governance.diagrams > docs/reference/states.md
    .venv/bin/python -m pumphandle.tracing.diagrams > docs/reference/follow-up.md
    .venv/bin/python -c "from pumphandle.governance.agreements import as_markdown; print(as_markdown(), end='')" > docs/reference/agreements.md

# both locks for what pyproject.toml asks, for every platform, with hashes and without addresses; `just lock --upgrade` takes newer releases
lock *words:
    {{compile}} {{words}} pyproject.toml --extra dev -o requirements-dev.lock
    {{compile}} pyproject.toml --extra setup -c requirements-dev.lock -o requirements.lock

compile := ".venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url"
