"""HL7 v2 results (ORU^R01), one message or a batch, to lines.

Parsed by the hl7 package, but where a message uses the standard's own separators, as nearly all do: there a segment is
cut at them here, which a test holds to be the same, and `part` finds its way in both.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

import hl7  # pyright: ignore[reportMissingTypeStubs]

from pumphandle.linelist.answers import About, Answer, Collected, day_of
from pumphandle.linelist.encodings import decoded
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import Lines
from pumphandle.linelist.persons import person
from pumphandle.linelist.segments import coded, moment, name_of, part, texts
from pumphandle.vocabulary.errors import BadFile

CHUNK: Final = 2_000
"""Messages that one process reads at a time."""
USUAL: Final = "MSH|^~\\&|"
"""How a message begins that uses the separators which the standard proposes (chapter 2.5.4)."""
FIELDS: Final[dict[str, frozenset[int]]] = {
    "PID": frozenset({0, 3, 5, 7, 8, 11, 13}),
    "ORC": frozenset({0, 1, 2, 3, 21, 22}),
    "OBR": frozenset({0, 2, 3, 4, 7, 25}),
    "OBX": frozenset({0, 2, 3, 4, 5, 11, 14, 19, 29}),
    "SPM": frozenset({0, 2, 17}),
}
Apart = Callable[[Callable[[list[str]], Collected], Iterable[list[str]]], Iterable[Collected]]
ENDS: Final = frozenset({"PID", "ORC", "OBR"})
"""Segments with which another order begins, once one has its answers."""
CODED: Final = frozenset({"CE", "CWE", "CNE"})
RESIDENCE: Final = ("LN", "75617-1")
"""LOINC: type of place where the person lives."""


def read_messages(path: Path, contract: FeedContract, apart: Apart = map) -> Lines:
    """Every result of our tests in the file; messages that cannot be read are held, the others go on.

    apart : as `map`, or something that does the same in several processes
    Raises BadFile: empty, binary, encoding, not_hl7, cut_off, line_count.
    """
    text = decoded(path, contract.encoding).decode().replace("\r\n", "\r").replace("\n", "\r")
    text = text.replace("\x0b", "").replace("\x1c", "")  # the frames of a transfer by socket (MLLP)
    _check_envelope(text, contract, path.name)
    messages = list(split(text))
    chunks = [messages[at : at + CHUNK] for at in range(0, len(messages), CHUNK)]
    collected = Collected(contract)
    for part_of_file in apart(partial(_read_chunk, contract), chunks):
        collected.join(part_of_file)
    return collected.lines()


def _read_chunk(contract: FeedContract, messages: list[str]) -> Collected:
    collected = Collected(contract)
    for message in messages:
        read_message(message, collected)
    return collected


def _needed(text: str) -> str:
    """The segments and fields that are read: the parser's time goes into the others."""
    mark = text[3:4]
    kept: list[str] = []
    for segment in text.split("\r"):
        wanted = FIELDS.get(segment[:3])
        if segment.startswith("MSH"):
            kept.append(segment)
        elif wanted is not None:
            cells = segment.split(mark)[: max(wanted) + 1]
            kept.append(mark.join(cell if at in wanted else "" for at, cell in enumerate(cells)))
    return "\r".join(kept) + "\r"


def parsed(text: str) -> Any:
    """The segments that are read: as lists of their fields' text, or as the hl7 package has them."""
    first, *others = text.split("\r")
    kept = [one for one in others if one[:3] in FIELDS or one[:3] == "MSH"]
    if not first.startswith(USUAL) or any(one[3:4] != "|" or one[0] == "M" for one in kept):
        return by_package(text)
    head = first.split("|")
    return [[head[0], "|", *head[1:]], *[one.split("|") for one in kept]]


def by_package(text: str) -> Any:
    """The same by the hl7 package."""
    return hl7.parse(_needed(text))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def split(text: str) -> Iterator[str]:
    """The messages of a file, each from its MSH on. Segments end with a carriage return."""
    for one in re.split(r"\r(?=MSH.)", "\r" + text):  # a literal first: the search then runs from one to the next
        if one.startswith("MSH"):
            whole = re.split(r"\r(?:BTS|FTS|BHS|FHS)\b", one, maxsplit=1)[0] if _ends_batch(one) else one
            yield whole.strip("\r")


def _ends_batch(part: str) -> bool:
    return "\rBTS" in part or "\rFTS" in part or "\rBHS" in part or "\rFHS" in part


def _check_envelope(text: str, contract: FeedContract, file: str) -> None:
    """A batch says how many messages it holds, and ends; without its end it was cut off in transfer."""
    below = "\r" + text
    messages = len(re.findall(r"\rMSH.", below))
    if not re.match(r"\s*(FHS|BHS|MSH).", text):
        remedy = "Send HL7 v2 messages, each beginning with MSH, or a batch beginning with FHS."
        raise BadFile("holds no HL7 message", file=file, code="not_hl7", line=1, remedy=remedy)
    opened, closed = (len(re.findall(rf"\r{one}\b", below)) for one in ("[FB]HS", "[FB]TS"))
    last = text.rstrip("\r").rsplit("\r", 1)[-1]
    if opened > closed or (contract.envelope and not opened) or not re.match(r"[A-Z][A-Z0-9]{2}(\||$)", last):
        raise BadFile(
            "breaks off before its end",
            file=file,
            code="cut_off",
            line=text.count("\r") + 1,
            remedy="The transfer was cut. Send the whole file again, with its FTS segment.",
        )
    declared = sum(int(number) for number in re.findall(r"\rBTS\|(\d{1,9})", text))
    if declared and declared != messages:
        raise BadFile(
            f"the batch declares {declared} messages, the file holds {messages}",
            file=file,
            code="line_count",
            line=text.count("\r") + 1,
            remedy="Send the whole file again.",
        )


def read_message(text: str, collected: Collected) -> None:
    """One message's answers, or the message held."""
    contract = collected.contract
    try:
        message = parsed(text)
        kind, control = part(message[0], 9, 1), part(message[0], 11, 1)
        shape = part(message[0], 9, 3), part(message[0], 9, 2)
    except (hl7.HL7Exception, AssertionError, IndexError, ValueError, KeyError, TypeError):
        collected.hold("message_unreadable", "The message cannot be read. Look at its MSH segment.", text)
        return
    if kind != "ORU" or ("ORU_R01" not in shape and "R01" not in shape):
        collected.hold("message_type", "Send results as ORU^R01.", text, field="MSH-9")
    elif control and control not in contract.processing:
        collected.hold("not_production", "A message for training or debugging.", text, field="MSH-11")
    else:
        _orders(message, text, collected)


def _orders(message: Any, text: str, collected: Collected) -> None:
    """Orders (ORC, OBR) with their answers (OBX) and specimens (SPM); the person (PID) stands before them."""
    before = collected.lines_in + collected.set_aside
    pid: Any = None
    order = _Order()
    for segment in message[1:]:
        name = name_of(segment)
        if name in ENDS and (order.tested or (name == "OBR" and order.obr) or name == "PID"):
            _add_order(order, pid, text, collected)
            order = _Order() if name == "PID" else _Order(control=order.control, site=order.site)
        if name == "PID":
            pid = segment
        elif name == "ORC":
            order.orc, order.control, order.site = segment, part(segment, 1, 1), _ordered_at(segment)
        elif name == "OBR":
            order.obr = segment
        elif name in {"OBX", "SPM"}:
            (order.tested if name == "OBX" else order.specimens).append(segment)
    _add_order(order, pid, text, collected)
    collected.settle()
    if collected.lines_in + collected.set_aside == before:
        collected.hold("no_result", "The message holds no answer. Send OBX segments.", text)


def _ordered_at(orc: Any) -> dict[str, str]:
    return {"test_site": part(orc, 21, 1), "test_site_postcode": part(orc, 22, 5)}


@dataclass
class _Order:
    """control, site : what the last ORC said, for every OBR until the next; its numbers are the first OBR's alone"""

    control: str = ""
    site: dict[str, str] = field(default_factory=dict[str, str])
    orc: Any = field(default_factory=list[str])
    obr: Any = field(default_factory=list[str])
    tested: list[Any] = field(default_factory=list[Any])
    specimens: list[Any] = field(default_factory=list[Any])

    def number(self) -> str:
        """The laboratory's number before the orderer's, and OBR's before ORC's: real senders write an order's number
        for several specimens into ORC. Else a specimen's own."""
        said = (part(segment, at, 1) for at in (3, 2) for segment in (self.obr, self.orc))
        specimens = (part(one, 2, 2) or part(one, 2, 1) for one in self.specimens)
        return next((one for one in chain(said, specimens) if one), "")

    def word(self, collected: Collected) -> str | None:
        """What ORC-1 or OBR-25 says against the answers."""
        statuses = collected.tables.statuses
        words = [statuses.get(("HL70119", self.control)), statuses.get(("HL70123", part(self.obr, 25, 1)))]
        return "void" if "void" in words else words[0] or words[1]


def _add_order(order: _Order, pid: Any, text: str, collected: Collected) -> None:
    obr, word = order.obr, order.word(collected)
    if word == "void" and not order.tested and collected.is_ours(coded(obr, 4)):
        remedy = "The order is cancelled and names no answer. Take back each answer that was sent (OBX-11 D, W or X)."
        collected.hold("no_result", remedy, text, field="OBX")
        return
    taken = next((when for one in order.specimens if (when := part(one, 17, 1))), "")
    answers: list[Answer] = []
    setting: dict[str, str] = {}
    for obx in order.tested:
        codes, is_coded = coded(obx, 3), part(obx, 2, 1) in CODED
        taken = taken or part(obx, 14, 1)
        if RESIDENCE in codes:
            setting = {"setting_kind": part(obx, 5, 2) or part(obx, 5, 1)}
        answers.append(
            Answer(
                codes=codes,
                values=coded(obx, 5) if is_coded else [],
                texts=texts(obx, 5, is_coded=is_coded),
                status=("HL70085", part(obx, 11, 1)),
                question=part(obx, 29, 1) == "QST",
                order=word,
                part=part(obx, 4, 1),
                moments=(moment(part(obx, 14, 1)), moment(part(obx, 19, 1))),
            )
        )
    if not answers:
        return
    if pid is None:
        collected.refuse(answers, "patient_missing", "Send a PID before the order.", text, field="PID")
    else:
        day = day_of(moment(taken or part(obr, 7, 1)), collected.zone)
        fields = person(pid, collected, day) | setting | order.site
        collected.add(About(fields, order.number(), day), answers)
