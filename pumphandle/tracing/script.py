"""A call's questions as data: which are asked after which answer, and what the answers mean for the follow-up."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pumphandle.tracing.follow_up import FOLLOW_UP
from pumphandle.vocabulary.errors import BadDescription, NotUnderstood

KINDS: Final = ("choice", "day", "text")
LONGEST: Final = 1_000


@dataclass(frozen=True)
class Question:
    """`when` : the question and the answer after which this one is asked, or None for always"""

    id: str
    text: str
    kind: str
    choices: Mapping[str, str]
    when: tuple[str, str] | None
    optional: bool


@dataclass(frozen=True)
class Outcome:
    """What happened, if the answers hold all of these."""

    event: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Script:
    """Questions in the order in which they are asked."""

    name: str
    version: int
    questions: tuple[Question, ...]
    outcomes: tuple[Outcome, ...]

    def asked(self, answers: Mapping[str, str]) -> list[Question]:
        """The questions that these answers lead to."""
        found: list[Question] = []
        for question in self.questions:
            after = question.when
            if after is None or (answers.get(after[0]) == after[1] and any(each.id == after[0] for each in found)):
                found.append(question)
        return found

    def answers(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What was answered to the questions that were asked; anything else is dropped.

        Raises NotUnderstood with a sentence for every question whose answer is missing or cannot be.
        """
        said = {name: text.strip() for name, text in sent.items() if text.strip()}
        asked = self.asked(said)
        faults = [fault for fault in (_fault(question, said.get(question.id)) for question in asked) if fault]
        if faults:
            raise NotUnderstood(" ".join(faults))
        return {question.id: said[question.id] for question in asked if question.id in said}

    def event(self, answers: Mapping[str, str]) -> str:
        """The event that these answers stand for."""
        for outcome in self.outcomes:
            if all(answers.get(question) == answer for question, answer in outcome.answers.items()):
                return outcome.event
        raise NotUnderstood("These answers lead to no step of the follow-up.")


def _fault(question: Question, answer: str | None) -> str | None:
    if answer is None:
        return None if question.optional else f"Answer the question “{question.text}”"
    if question.kind == "choice" and answer not in question.choices:
        return f"Choose one of the answers to “{question.text}”"
    if question.kind == "day":
        try:
            date.fromisoformat(answer)
        except ValueError:
            return f"Give a day for “{question.text}”"
    if len(answer) > LONGEST:
        return f"Keep the answer to “{question.text}” to {LONGEST:,} characters."
    return None


@cache
def call_script() -> Script:
    """The script that ships with the house."""
    return script(files("pumphandle.tracing").joinpath("scripts", "call.toml").read_text("utf-8"))


def script(text: str) -> Script:
    """Raises BadDescription when a script asks after an answer that cannot be, or ends in no step of a follow-up."""
    read = tomllib.loads(text)
    questions = tuple(_question(row) for row in read.get("question", ()))
    outcomes = tuple(Outcome(row["event"], row.get("answers", {})) for row in read.get("outcome", ()))
    made = Script(str(read["name"]), int(read["version"]), questions, outcomes)
    _check(made)
    return made


def _question(row: Mapping[str, Any]) -> Question:
    when = next(iter(row["when"].items())) if "when" in row else None
    kind = row.get("kind", "choice")
    if kind not in KINDS or (kind == "choice") != ("choices" in row):
        raise BadDescription(f"Question {row['id']} has kind {kind}: use choices, or one of {', '.join(KINDS[1:])}.")
    return Question(row["id"], row["text"], kind, row.get("choices", {}), when, bool(row.get("optional", False)))


def _check(made: Script) -> None:
    known: dict[str, Question] = {}
    for question in made.questions:
        if question.id in known:
            raise BadDescription(f"Question {question.id} stands twice in script {made.name}.")
        if question.when is not None:
            _check_answer(made, known, *question.when)
        known[question.id] = question
    events = {move.event for move in FOLLOW_UP.moves}
    for outcome in made.outcomes:
        if outcome.event not in events:
            raise BadDescription(f"Script {made.name} ends in {outcome.event}, which no follow-up knows.")
        for pair in outcome.answers.items():
            _check_answer(made, known, *pair)


def _check_answer(made: Script, known: Mapping[str, Question], question: str, answer: str) -> None:
    if question not in known or answer not in known[question].choices:
        raise BadDescription(f"Script {made.name} asks after {question} = {answer}, which nobody can answer before.")
