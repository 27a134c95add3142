"""State tables as data: what may follow what, by which event; the diagrams in the documents are drawn from them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pumphandle.vocabulary.errors import Broken, Refused


@dataclass(frozen=True)
class Move:
    """One arrow. `by` says in words who makes it: a role, the clock, the machine."""

    event: str
    before: str
    after: str
    by: str


@dataclass(frozen=True)
class Lifecycle:
    """A named state table. `states`: state -> what it means; the first one is where every case begins."""

    name: str
    states: Mapping[str, str]
    moves: tuple[Move, ...]

    def __post_init__(self) -> None:
        for move in self.moves:
            if {move.before, move.after} - set(self.states):
                raise Broken(f"The state table of {self.name} names a state that it does not have.")
        if len({(move.event, move.before) for move in self.moves}) < len(self.moves):
            raise Broken(f"The state table of {self.name} answers one event in two ways.")

    @property
    def first(self) -> str:
        return next(iter(self.states))

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leaves."""
        return frozenset(self.states) - {move.before for move in self.moves}

    def events(self, state: str) -> frozenset[str]:
        """What may happen now."""
        return frozenset(move.event for move in self.moves if move.before == state)

    def check(self, state: str, event: str) -> str:
        """The state after an event. Raises Refused where the table has no such arrow."""
        for move in self.moves:
            if (move.before, move.event) == (state, event):
                return move.after
        allowed = ", ".join(sorted(self.events(state))) or "nothing"
        raise Refused(f"A {self.name} that is {state} cannot {event}; from here: {allowed}.")

    def mermaid(self) -> str:
        """The table as a Mermaid diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.first}"]
        lines += [f"    {move.before} --> {move.after}: {move.event} ({move.by})" for move in self.moves]
        lines += [f"    {state} --> [*]" for state in self.states if state in self.final]
        return "\n".join(lines)

    def markdown(self) -> str:
        """Diagram and table, as a section of a document."""
        rows = [f"| {state} | {meaning} |" for state, meaning in self.states.items()]
        return "\n".join(
            [f"## {self.name.capitalize()}", "", "```mermaid", self.mermaid(), "```", "", "| state | meaning |",
             "|---|---|", *rows, ""]
        )  # fmt: skip
