"""One answer of a laboratory message, whatever its standard, becomes one line or is set aside."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from pumphandle.linelist import repeats
from pumphandle.linelist.code_tables import (
    CANCELLED,
    CONTRADICTORY,
    DIFFERENT,
    NOT_OURS,
    PENDING,
    Coded,
    CodeTables,
    code_tables,
)
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import LONGEST_FIELD, HeldLine, Lines
from pumphandle.vocabulary.records import LINE_FIELDS

LONGEST_CONTENT: Final = 20_000  # characters of a held message that are kept
WORDS: Final = frozenset({"positive", "negative", "void"})
TOLD: Final = frozenset({"final", "corrected", "withdrawn", PENDING})
WHOSE: Final = ("national_id", "family_name", "given_name", "date_of_birth", "sex", "postcode")
"""In which two people differ."""


@dataclass(frozen=True)
class About:
    """What a message says of the person and the order, beside its answers: our fields, as text."""

    fields: dict[str, str]
    order: str
    specimen_date: str


@dataclass(frozen=True)
class Answer:
    """codes : of the test; values, texts : of the result; question : asked at order entry, not tested

    order   : the word or code of what its order or report says against it; None where that says nothing
    part    : its number among several to one test (OBX-4)
    moments : observed, analysed
    """

    codes: list[Coded]
    values: list[Coded]
    texts: list[str]
    status: Coded
    question: bool = False
    order: str | None = None
    part: str = ""
    moments: tuple[str, str] = ("", "")


@dataclass
class Collected:
    """Grows message by message; `lines()` is what the file holds.

    waiting : rows of the message that is being read, each with its answer, until `settle`
    """

    contract: FeedContract
    tables: CodeTables = field(default_factory=code_tables)
    rows: list[dict[str, str | int]] = field(default_factory=list[dict[str, str | int]])
    held: list[HeldLine] = field(default_factory=list[HeldLine])
    lines_in: int = 0
    set_aside: int = 0
    overtaken: int = 0
    waiting: list[tuple[dict[str, str | int], Answer]] = field(
        default_factory=list[tuple[dict[str, str | int], Answer]]
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.contract.time_zone)

    def hold(self, code: str, remedy: str, content: str, *, field: str = "*") -> None:
        """One line, held before any of its answers was understood."""
        self.lines_in += 1
        self.held.append(HeldLine(self.lines_in, field, code, remedy, content.replace("\x00", "")[:LONGEST_CONTENT]))

    def add(self, about: About, answers: list[Answer]) -> None:
        """The answers of one order: those that are ours become lines, the others are set aside."""
        ours = [answer for answer in answers if not self._is_set_aside(answer)]
        self.set_aside += len(answers) - len(ours)
        for answer in ours:
            self.lines_in += 1
            self.waiting.append((self._line(about, answer), answer))

    def settle(self) -> None:
        """At the end of a message: of several answers to one test the one that holds becomes a line, or none does."""
        named: dict[str | int, list[tuple[dict[str, str | int], Answer]]] = {}
        for row, answer in self.waiting:
            if row["specimen_id"] and (row["status"] == PENDING or _is_told(row)):
                named.setdefault(row["specimen_id"], []).append((row, answer))
        gone = {line for several in named.values() if len(several) > 1 for line in self._overtaken(several)}
        self.rows += [row for row, _ in self.waiting if row["line"] not in gone]
        self.overtaken += len(gone)
        self.waiting.clear()

    def _overtaken(self, several: list[tuple[dict[str, str | int], Answer]]) -> list[int | str]:
        """Lines that another takes the place of. Where that cannot be told, each is marked, to be held."""
        states = [
            repeats.State(
                part=answer.part,
                status=str(row["status"]),
                result=str(row["result"]),
                moments=answer.moments,
                whose=(*(str(row.get(name, "")) for name in WHOSE), str(row["specimen_date"])),
            )
            for row, answer in several
        ]
        found = repeats.overtaken(states)
        if found is None:
            for row, _ in several:
                if row["status"] != PENDING:
                    row["result"] = f"{DIFFERENT}: {row['result']}"
            return []
        return [several[at][0]["line"] for at in found]

    def refuse(self, answers: list[Answer], code: str, remedy: str, content: str, *, field: str = "*") -> None:
        """The answers of one order that cannot be told apart or given to a person: ours are held, a line each."""
        for answer in answers:
            if self._is_set_aside(answer):
                self.set_aside += 1
            else:
                self.hold(code, remedy, content, field=field)

    def is_ours(self, codes: list[Coded]) -> bool:
        """Whether the codes name a test of a pathogen of ours."""
        named = {self.tables.tests.get(code, "") for code in codes}
        named |= {self.contract.codes.get("pathogen", {}).get(code, "") for _, code in codes}
        return bool(named - NOT_OURS - {""})

    def join(self, later: "Collected") -> None:
        """What was collected from the next part of the same file."""
        for row in later.rows:
            row["line"] = int(row["line"]) + self.lines_in
        self.rows += later.rows
        self.held += [replace(held, line=held.line + self.lines_in) for held in later.held]
        self.lines_in += later.lines_in
        self.set_aside += later.set_aside
        self.overtaken += later.overtaken

    def _is_set_aside(self, answer: Answer) -> bool:
        known = {self.tables.tests[code] for code in answer.codes if code in self.tables.tests}
        known |= {self.contract.codes.get("pathogen", {}).get(code, "") for _, code in answer.codes} - {""}
        return answer.question or (bool(known) and known <= NOT_OURS)

    def _line(self, about: About, answer: Answer) -> dict[str, str | int]:
        tables, own = self.tables, self.contract.codes
        tested = {tables.tests[code] for code in answer.codes if code in tables.tests} - NOT_OURS
        tested |= {word for _, code in answer.codes if (word := own.get("pathogen", {}).get(code))}
        test = next((code for _, code in answer.codes), "")
        words = tables.words(answer.values, answer.texts, own.get("result"))
        said = [text for text in (*answer.texts, *(code for _, code in answer.values)) if text]
        result = next(iter(words or said), "")
        status = self._status(answer)
        if status == "void":
            result, status = "void", "final"
        elif status == "withdrawn" and (len(words) > 1 or not said):
            result = "void"  # what is taken back need not be said again, nor make sense
        elif len(words) > 1:
            result = f"{CONTRADICTORY}: {', '.join(said)}"
        return about.fields | {
            "line": self.lines_in,
            "specimen_id": f"{about.order}/{test}" if about.order and test else "",
            "specimen_date": about.specimen_date,
            "pathogen": tested.pop() if len(tested) == 1 else test,
            "test_code": test,
            "result": result,
            "status": status,
        }

    def _status(self, answer: Answer) -> str:
        """Our word for how far the answer has come, by what says less: itself or its order. Nothing is never final."""
        code = answer.status[1]
        said = self.contract.codes.get("status", {}).get(code) or self.tables.statuses.get(answer.status) or code
        order = answer.order
        if order is None or order == "final" or said == "withdrawn":
            return said
        if order == "void":
            return said if said == "void" else CANCELLED
        return said if order == "corrected" and said != "final" else order

    def lines(self) -> Lines:
        names = [name for name in LINE_FIELDS if name not in self.contract.fixed]
        long = [row for row in self.rows if max(map(len, map(str, row.values()))) > LONGEST_FIELD]
        for row in long:
            remedy = f"A field is longer than {LONGEST_FIELD} characters. Look for a separator that is missing."
            self.held.append(HeldLine(int(row["line"]), "*", "cell_too_long", remedy, str(row)[:LONGEST_CONTENT]))
        rows = [row for row in self.rows if row not in long] if long else self.rows
        frame = pl.DataFrame(
            {"line": pl.Series([row["line"] for row in rows], dtype=pl.Int64)}
            | {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names}
        )
        return Lines(
            frame=frame,
            held=tuple(self.held),
            lines_in=self.lines_in,
            set_aside=self.set_aside,
            overtaken=self.overtaken,
        )


def _is_told(row: dict[str, str | int]) -> bool:
    """Whether an answer and how far it has come are known; what is not is held for that, whatever stands beside it."""
    return row["result"] in WORDS and row["status"] in TOLD


def day_of(moment: str, zone: ZoneInfo) -> str:
    """YYYY-MM-DD in the laboratory's time zone; what is no whole day stays as it came, and is held for it."""
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (when.astimezone(zone) if when.tzinfo else when).date().isoformat()
