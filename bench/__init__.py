"""Benchmarks: each prints its figures beside what was asked; `python -m bench --write` makes docs/performance.md."""
