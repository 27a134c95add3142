"""One answer of a laboratory message, whatever its standard, becomes one line or is set aside."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from pumphandle.linelist.code_tables import CANCELLED, NOT_OURS, Coded, CodeTables, code_tables
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import LONGEST_FIELD, HeldLine, Lines
from pumphandle.vocabulary.records import LINE_FIELDS

LONGEST_CONTENT: Final = 20_000  # characters of a held message that are kept


@dataclass(frozen=True)
class About:
    """What a message says of the person and the order, beside its answers: our fields, as text."""

    fields: dict[str, str]
    order: str
    specimen_date: str


@dataclass(frozen=True)
class Answer:
    """codes : of the test; values : of the result, with its text; question : asked at order entry, not tested

    order : the word or code of what its order or report says against it; None where that says nothing
    """

    codes: list[Coded]
    values: list[Coded]
    text: str
    status: Coded
    question: bool = False
    order: str | None = None


@dataclass
class Collected:
    """Grows message by message; `lines()` is what the file holds."""

    contract: FeedContract
    tables: CodeTables = field(default_factory=code_tables)
    rows: list[dict[str, str | int]] = field(default_factory=list[dict[str, str | int]])
    held: list[HeldLine] = field(default_factory=list[HeldLine])
    lines_in: int = 0
    set_aside: int = 0

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
            self.rows.append(self._line(about, answer))

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

    def _is_set_aside(self, answer: Answer) -> bool:
        known = {self.tables.tests[code] for code in answer.codes if code in self.tables.tests}
        known |= {self.contract.codes.get("pathogen", {}).get(code, "") for _, code in answer.codes} - {""}
        return answer.question or (bool(known) and known <= NOT_OURS)

    def _line(self, about: About, answer: Answer) -> dict[str, str | int]:
        tables, own = self.tables, self.contract.codes
        tested = {tables.tests[code] for code in answer.codes if code in tables.tests} - NOT_OURS
        tested |= {word for _, code in answer.codes if (word := own.get("pathogen", {}).get(code))}
        test = next((code for _, code in answer.codes), "")
        said = own.get("result", {}).get(answer.text) or next(
            (word for _, code in answer.values if (word := own.get("result", {}).get(code))), None
        )
        result = said or tables.result(answer.values, answer.text)
        status = self._status(answer)
        if status == "void":
            result, status = "void", "final"
        elif status == "withdrawn" and not (result or answer.text or answer.values):
            result = "void"  # what is taken back need not be said again
        return about.fields | {
            "line": self.lines_in,
            "specimen_id": f"{about.order}/{test}" if about.order and test else "",
            "specimen_date": about.specimen_date,
            "pathogen": tested.pop() if len(tested) == 1 else test,
            "test_code": test,
            "result": result or answer.text or next((code for _, code in answer.values), ""),
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
        return Lines(frame=frame, held=tuple(self.held), lines_in=self.lines_in, set_aside=self.set_aside)


def day_of(moment: str, zone: ZoneInfo) -> str:
    """YYYY-MM-DD in the laboratory's time zone; what is no whole day stays as it came, and is held for it."""
    try:
        when = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (when.astimezone(zone) if when.tzinfo else when).date().isoformat()
