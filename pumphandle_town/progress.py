"""A bar for whoever waits longer than two seconds."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PATIENCE: Final = 2.0  # seconds


@contextmanager
def steps(what: str, total: int) -> Generator[Callable[[str], None]]:
    """Gives a function to call at the end of each of `total` steps with the step's name."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    task, began = bar.add_task(what, total=total), monotonic()

    def tell(step: str) -> None:
        if not bar.live.is_started and monotonic() - began > PATIENCE:
            bar.start()
        bar.update(task, advance=1, description=f"{what}: {step}")

    try:
        yield tell
    finally:
        bar.stop()
