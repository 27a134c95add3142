"""python -m bench [nsw …] [--quick] [--write]: print the figures; with --write also make docs/performance/<name>.md.

A benchmark is a module of this package that has a TITLE and `figures(*, quick)`; its name is its word here.
A NOTE, where there is one, says below the figures what they mean.
"""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from bench.figures import as_markdown, machine

HERE = Path(__file__).parent
PAGES = HERE.parent / "docs" / "performance"
NAMES = sorted(file.stem for file in HERE.glob("*.py") if "\nTITLE" in file.read_text("utf-8"))


def main(
    which: Annotated[list[str] | None, typer.Argument(help=f"any of: {', '.join(NAMES)}; none: all")] = None,
    quick: Annotated[bool, typer.Option(help="smaller sizes: does it run, not how fast")] = False,
    write: Annotated[bool, typer.Option(help="write docs/performance/<name>.md")] = False,
) -> None:
    """Run benchmarks one after the other; nothing else should run on the machine."""
    chosen = which or NAMES
    for unknown in set(chosen) - set(NAMES):
        raise typer.BadParameter(f"There is no benchmark {unknown}; there are {', '.join(NAMES)}.")
    if quick and write:
        raise typer.BadParameter("Quick figures are not written down.")
    for name in chosen:
        bench = importlib.import_module(f"bench.{name}")
        text = as_markdown(bench.TITLE, f"python -m bench {name}", bench.figures(quick=quick))
        text += f"\n{bench.NOTE}" if hasattr(bench, "NOTE") else ""
        typer.echo(text)
        if write:
            (PAGES / f"{name}.md").write_text(f"{text}\nMachine: {machine()}.\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
