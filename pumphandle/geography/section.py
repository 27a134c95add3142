"""One table of a description, read key by key; whatever is missing, of the wrong kind or not known is refused."""

from collections.abc import Mapping
from typing import cast

from pumphandle.geography.faults import fault


class Section:
    """A table of a TOML file. Call `done` when every key has been asked for.

    file  : the description's name
    path  : how to find the table in it, e.g. level[2].parent[1]
    """

    def __init__(self, content: Mapping[str, object], *, file: str, path: str = "") -> None:
        self._content, self._file, self._path = content, file, path
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def text(self, key: str) -> str:
        value = self._ask(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "is missing or is not a text", remedy=f'Write {key} = "…".')
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if key in self else self._skip(key)

    def whole_number_or_none(self, key: str) -> int | None:
        if key not in self:
            return self._skip(key)
        value = self._ask(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "is not a whole number", remedy=f"Write {key} = 123, without quotation marks.")
        return value

    def yes(self, key: str) -> bool:
        value = self._ask(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false", remedy=f"Write {key} = true.")
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._ask(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in cast("list[object]", value)):
            raise self.wrong(key, "is not a list of texts", remedy=f'Write {key} = ["…", "…"].')
        return tuple(cast("list[str]", value))

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        section = self.section_or_none(key)
        if section is None:
            return ()
        return tuple((name, section.text(name)) for name in section.names())

    def numbers(self, key: str) -> tuple[float, ...]:
        value = self._ask(key)
        if not isinstance(value, list):
            raise self.wrong(key, "is not a list of numbers", remedy=f"Write {key} = [1.0, 2.0].")
        if not all(isinstance(one, int | float) for one in cast("list[object]", value)):
            raise self.wrong(key, "holds something that is not a number", remedy=f"Write {key} = [1.0, 2.0].")
        return tuple(float(one) for one in cast("list[float]", value))

    def names(self) -> tuple[str, ...]:
        return tuple(self._content)

    def section(self, key: str) -> "Section":
        found = self.section_or_none(key)
        if found is None:
            raise self.wrong(key, "is missing", remedy=f"Add the table [{self._name(key)}].")
        return found

    def section_or_none(self, key: str) -> "Section | None":
        value = self._ask(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(key, "is not a table", remedy=f"Write it as [{self._name(key)}].")
        return Section(cast("dict[str, object]", value), file=self._file, path=self._name(key))

    def sections(self, key: str) -> "tuple[Section, ...]":
        value = self._ask(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in cast("list[object]", value)):
            raise self.wrong(key, "is not a list of tables", remedy=f"Write each as [[{self._name(key)}]].")
        return tuple(
            Section(one, file=self._file, path=f"{self._name(key)}[{place}]")
            for place, one in enumerate(cast("list[dict[str, object]]", value), start=1)
        )

    def wrong(self, key: str, what: str, *, remedy: str) -> Exception:
        return fault(what, file=self._file, field=self._name(key), remedy=remedy)

    def done(self) -> None:
        for key in self._content:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.wrong(key, "is not known here", remedy=f"Take it away or correct it; known are {known}.")

    def _ask(self, key: str) -> object:
        self._asked.add(key)
        return self._content.get(key)

    def _skip(self, key: str) -> None:
        self._asked.add(key)

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key
