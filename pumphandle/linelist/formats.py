"""Files to lines, by the format of their contract."""

from pathlib import Path

from pumphandle.linelist.bundles import read_bundles
from pumphandle.linelist.delimited import read_delimited
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import Lines
from pumphandle.linelist.messages import Apart, read_messages
from pumphandle.linelist.tabular import read_jsonl, read_parquet, read_xlsx


def read_lines(path: Path, contract: FeedContract, *, apart: Apart = map) -> Lines:
    """Every line of a file, understood or held. Raises BadFile (docs/reference/refusals.md): nothing of it is taken.

    apart : as `map`, or something that reads parts of a file of messages in several processes
    """
    if contract.format == "hl7":
        return read_messages(path, contract, apart)
    readers = {
        "csv": read_delimited,
        "parquet": read_parquet,
        "jsonl": read_jsonl,
        "xlsx": read_xlsx,
        "fhir": read_bundles,
    }
    return readers[contract.format](path, contract)
