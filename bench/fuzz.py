"""Spoilt files and messages: each is refused by name or accounted for to the last line; none crashes, none hangs."""

import tempfile
from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path
from time import perf_counter

import numpy as np
import openpyxl
import polars as pl

from bench.figures import Figure
from pumphandle.linelist.checks import check
from pumphandle.linelist.feeds import FeedContract, Rows
from pumphandle.linelist.formats import read_lines
from pumphandle.vocabulary.errors import BadFile
from pumphandle_town.spoilt import spoilt

TITLE = "Spoilt files: no crash, no hang, no line unaccounted for"
FIELDS = ("specimen_id", "family_name", "given_name", "date_of_birth", "postcode", "specimen_date", "result")
COLUMNS = {name: name for name in FIELDS}
CELLS = [(f"S{at}", "Quill, A", 'Ada "B"', "1980-02-29", "QA1 1AA", "2020-06-01", "POS") for at in range(8)]
MESSAGE = (
    "MSH|^~\\&|LAB|L1|US|U|20200601||ORU^R01^ORU_R01|{0}|P|2.5.1\rPID|1||99^^^X^PI~9990000018^^^NHS^NH||Quill^Ada^^^^^L"
    "~Thorn^Ada^^^^^M||19800229|F|||1 Mill Lane^^Quillton^^QA1 1AA^^H~^^^^QA9 9ZZ^^B"
    "||(410) 895 2894^PRS^CP^^1^410^8952894\rOBR|1||F{0}|94500-6^PCR^LN|||202006011030+0000\r"
    "OBX|1|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||P\rOBX|2|CWE|94500-6^PCR^LN||260373001^Detected^SCT||||||F\r"
    "SPM|1|^F1||697989009^Swab^SCT\r"
)
BUNDLE = (
    '{"resourceType":"Bundle","type":"message","entry":[{"fullUrl":"DiagnosticReport/1","resource":{"resourceType":'
    '"DiagnosticReport","id":"1","identifier":[{"value":"F1"}],"status":"final","code":{"text":"PCR"},"subject":'
    '{"reference":"Patient/1"},"effectiveDateTime":"2020-06-01T10:00:00Z","result":[{"reference":"Observation/1"}]}},'
    '{"resource":{"resourceType":"Patient","id":"1","name":[{"family":"Quill","given":["Ada"]}],"gender":"female",'
    '"birthDate":"1980-02-29","address":[{"line":["1 Mill Lane"],"postalCode":"QA1 1AA"}]}},'
    '{"resource":{"resourceType":"Observation","id":"1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"94500-6"}]},'
    '"valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"260373001"}]}}}]}'
)


def contract(kind: str) -> FeedContract:
    tabular = kind not in {"hl7", "fhir"}
    return FeedContract(
        laboratory="spoilt",
        name="Spoilt",
        files="*",
        format=kind,  # pyright: ignore[reportArgumentType]
        time_zone="Europe/London",
        refuse_above=1.0,
        rows=Rows(0, 1_000),
        encoding="detect" if kind == "csv" else "utf-8",
        delimiter="detect",
        columns=COLUMNS if tabular else {},
        codes={"result": {"POS": "positive"}} if tabular else {},
        fixed={"pathogen": "sars_cov_2", "status": "final"} if tabular else {},
        trailer="END" if kind == "csv" else None,
    )


def originals() -> dict[str, bytes]:
    """One good file of each format."""
    frame = pl.DataFrame(CELLS, schema=list(COLUMNS), orient="row")
    parquet, sheet = BytesIO(), BytesIO()
    frame.write_parquet(parquet)
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in [list(COLUMNS), *map(list, CELLS)]:
        page.append(row)
    book.save(sheet)
    batch = "FHS|^~\\&\rBHS|^~\\&\r" + "".join(MESSAGE.format(at) for at in range(3)) + "BTS|3\rFTS|1\r"
    return {
        "csv": (frame.write_csv() + f"END,{frame.height}\n").encode(),
        "jsonl": frame.write_ndjson().encode(),
        "hl7": batch.encode(),
        "fhir": BUNDLE.encode(),
        "parquet": parquet.getvalue(),
        "xlsx": sheet.getvalue(),
    }


def spoil(many: dict[str, int], *, seed: int) -> tuple[Counter[str], float]:
    """(what became of each file, the longest that one took). Raises whatever a reader raises that is no refusal."""
    rng, became, longest = np.random.default_rng(seed), Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as place:
        for kind, content in originals().items():
            agreed, path = contract(kind), Path(place) / f"file.{kind}"
            for _ in range(many[kind]):
                path.write_bytes(spoilt(content, rng))
                begun = perf_counter()
                became[f"{kind} {_read(path, agreed)}"] += 1
                longest = max(longest, perf_counter() - begun)
    return became, longest


def _read(path: Path, agreed: FeedContract) -> str:
    try:
        lines = read_lines(path, agreed)
    except BadFile as refusal:
        assert refusal.code and refusal.remedy and "Quill" not in str(refusal)
        return "refused"
    held = {one.line for one in lines.held}
    assert lines.frame.height + len(held) + lines.overtaken == lines.lines_in, "a line is lost between file and columns"
    checked = check(lines.frame, agreed, received_on=date(2020, 6, 2))
    bad = {one.line for one in checked.held}
    assert checked.good.height + len(bad) == lines.frame.height, "a line is lost between columns and meaning"
    assert not any("Quill" in one.remedy for one in (*lines.held, *checked.held))
    assert set(checked.good["result"].to_list()) <= {"positive", "void"}, "something became negative"
    return "read, with lines held" if held or bad else "read"


def figures(*, quick: bool) -> list[Figure]:
    whole = {"csv": 30_000, "jsonl": 20_000, "hl7": 25_000, "fhir": 15_000, "parquet": 8_000, "xlsx": 4_000}
    many = {kind: count // 100 for kind, count in whole.items()} if quick else whole
    became, longest = spoil(many, seed=1854)
    total = became.total()
    found = [Figure("files and messages spoilt, no crash, no lost line", f"{total:,}", "≥ 100,000", total >= 100_000)]
    found += [Figure(f"– {what}", f"{count:,}", "–") for what, count in sorted(became.items())]
    found.append(Figure("the longest that one took", f"{longest:.2f} s", "no hang"))
    return found
