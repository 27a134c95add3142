"""Files that others published, read as they are: CSV or Parquet, and the small languages of the options."""

from pathlib import Path

import polars as pl

from pumphandle.vocabulary.errors import NotFound, NotUnderstood

FILE_RELEASE = "release by file"


def read_all(files: list[Path]) -> pl.DataFrame:
    """One frame; several files are releases, in the order in which they are named."""
    if len(files) == 1:
        return read(files[0])
    frames = [read(file).with_columns(pl.lit(at).alias(FILE_RELEASE)) for at, file in enumerate(files)]
    return pl.concat(frames, how="diagonal_relaxed")


def read(file: Path) -> pl.DataFrame:
    """A CSV's fields stay text until a layout says what they are. Raises NotFound, NotUnderstood."""
    if not file.is_file():
        raise NotFound(f"There is no file {file.name}.")
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema=False)
    except pl.exceptions.PolarsError:
        raise NotUnderstood(f"{file.name} is neither Parquet nor CSV with a line of column names.") from None


def counts(text: str) -> tuple[int, int]:
    """ "1-4" as the least and the most."""
    low, dash, high = text.partition("-")
    if not dash or not low.strip().isdigit() or not high.strip().isdigit() or int(low) > int(high):
        raise NotUnderstood(f'"{text}" is no range of counts. Write the least and the most, such as 1-4.')
    return int(low), int(high)


def pair(text: str) -> tuple[str, str]:
    """ "COLUMN=TEXT" as two."""
    column, equals, value = text.partition("=")
    if not equals:
        raise NotUnderstood(f'"{text}" names no column and text. Write them as COLUMN=TEXT.')
    return column, value


def given(text: str | None, option: str) -> str:
    """An option that the attack asked for cannot do without."""
    if text is None:
        raise NotUnderstood(f"This attack needs {option}.")
    return text
