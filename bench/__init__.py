"""Each prints its figures beside what was asked; `python -m bench NAME --write` makes docs/performance/NAME.md."""
