"""python -m bench [replay …] [--write]: print the figures; with --write also make docs/performance.md."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bench.figures import Figure, as_markdown, machine
from bench.replay import made_up_country, new_south_wales

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("PUMPHANDLE_SHARED", ROOT.parent / "shared"))
BENCHES: dict[str, tuple[str, Callable[[], list[Figure]]]] = {
    "nsw": ("The main job: New South Wales, 1 January to 8 June 2020", lambda: new_south_wales(SHARED)),
    "town": ("The main job: a made-up country of a million people", made_up_country),
}


def main(
    which: Annotated[list[str] | None, typer.Argument(help=f"any of: {', '.join(BENCHES)}; none: all")] = None,
    write: Annotated[bool, typer.Option(help="write docs/performance.md")] = False,
) -> None:
    """Run benchmarks one after the other; nothing else should run on the machine."""
    chosen = which or list(BENCHES)
    page = ["# Performance", "", f"Made by `python -m bench --write`. Machine: {machine()}.", ""]
    for name in chosen:
        title, bench = BENCHES[name]
        text = as_markdown(title, f"python -m bench {name}", bench())
        typer.echo(text)
        page.append(text)
    if write:
        (ROOT / "docs" / "performance.md").write_text("\n".join(page), "utf-8")


typer.run(main)
