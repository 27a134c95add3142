"""What a person at the terminal sees."""

from rich.console import Console

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def say(sentence: str) -> None:
    """One line about what goes on, beside the output."""
    ERR.print(sentence, style="dim")
