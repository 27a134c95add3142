"""Every sentence of the public site stands in one file a language, none is forgotten, and none stigmatises."""

import re
import string
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import pumphandle
from pumphandle.publication.codes import CODES, State
from pumphandle.publication.testing import Change, read_change
from pumphandle.publication.wording import ENGLISH, LANGUAGES, Words, words
from pumphandle.vocabulary.errors import NotUnderstood

CODE = Path(pumphandle.__path__[0])
SOURCES = [
    path
    for pattern in ("web/public/**/*.html", "web/public/**/*.svg", "web/public/*.py", "publication/**/*.py")
    for path in CODE.glob(pattern)
]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
BUILT = tuple(set(re.findall(r"'([a-z_]+\.[a-z_]*)' ~", TEXT)) | set(re.findall(r"f\"([a-z_]+\.[a-z_]*)\{", TEXT)))
"""Beginnings of keys that are put together while a page is made."""
NEVER = (
    r"hot ?spots?\b|\bworst\b|\bbest\b|outbreak|\brank|league|plague|infested|dangerous|\bthose people\b|-99|\bN/A\b"
)


def forms(found: Words, key: str) -> list[str]:
    text = found.texts[key]
    return [text] if isinstance(text, str) else list(text.values())


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_key_that_is_asked_for_is_there() -> None:
    asked = set(re.findall(r"\bt(?:\.plain)?\('([a-z_.]+[a-z_])'", TEXT)) | set(
        re.findall(r"\bsay\(\"([a-z_.]+)\"", TEXT)
    )
    assert len(asked) > 80
    assert asked - set(ENGLISH.texts) == set()


def test_no_sentence_is_left_over() -> None:
    unused = {key for key in ENGLISH.texts if f"'{key}'" not in TEXT and f'"{key}"' not in TEXT}
    assert {key for key in unused if not key.startswith(BUILT)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_the_same_gaps(language: str) -> None:
    found = words(language)
    assert set(found.texts) <= set(ENGLISH.texts)
    for key in found.texts:
        allowed = {gap for text in forms(ENGLISH, key) for gap in gaps(text)}
        assert all(gaps(text) <= allowed for text in forms(found, key)), key
        needed = set.intersection(*(gaps(text) for text in forms(ENGLISH, key)))
        assert all(gaps(text) >= needed - {"n"} for text in forms(found, key)), key


def test_no_translation_is_the_english_sentence() -> None:
    """A long text that is the same in both was copied and forgotten."""
    welsh = words("cy")
    for key in welsh.texts:
        for text in forms(welsh, key):
            words_alone = re.sub(r"\{[^}]*\}|<[^>]*>", "", text)
            assert len(words_alone) < 30 or text not in forms(ENGLISH, key), key


def test_only_a_reviewed_language_does_not_call_itself_a_draft() -> None:
    assert words("cy").drafted
    assert not ENGLISH.drafted


def test_what_is_not_translated_is_english_and_says_so() -> None:
    whole = words("cy")
    assert whole.missing == 0
    missing = {"site.skip", "chart.read_open"}
    welsh = replace(whole, texts={key: text for key, text in whole.texts.items() if key not in missing})
    assert {welsh.phrase(key).language for key in missing} == {"en"}
    assert welsh.phrase("site.find").language == "cy"
    assert welsh.missing == 2
    assert welsh.day(date(2020, 6, 3)) == "3 Mehefin 2020"
    with pytest.raises(NotUnderstood, match="lang can be en, cy"):
        words("xx")


def test_no_word_points_at_people() -> None:
    for key in ENGLISH.texts:
        for text in forms(ENGLISH, key):
            assert not re.search(NEVER, text, re.IGNORECASE), key


def test_one_table_holds_every_code() -> None:
    assert set(CODES) == set(State)
    marks = [code.mark for code in CODES.values() if code.mark]
    assert len(marks) == len(set(marks))
    for code in CODES.values():
        assert code.short()
        assert code.meaning(few="Few").endswith(".")


def test_a_rise_that_is_mostly_more_testing_is_said_to_be_so() -> None:
    # twice the cases out of twice the tests: nothing but testing
    both = read_change(200, 100, 4000, 2000)
    assert (both.change, both.share) == (Change.RISE_MORE_TESTING, 1.0)
    # twice the cases out of the same tests: nothing of it is testing
    alone = read_change(200, 100, 2000, 2000)
    assert (alone.change, alone.share) == (Change.RISE_BEYOND_TESTING, 0.0)
    # cases x4, tests x2: log 2 / log 4 = half
    assert read_change(400, 100, 4000, 2000).share == pytest.approx(0.5)
    assert read_change(400, 100, 1000, 2000).share == 0.0


def test_chance_is_not_called_a_change() -> None:
    assert read_change(12, 8, 100, 100).change is Change.UNSAID  # too few to say anything
    assert read_change(30, 24, 100, 100).change is Change.STEADY  # 6 more, and chance alone does 2 x sqrt(54) = 15
    assert read_change(1040, 1000, 100, 100).change is Change.STEADY
    assert read_change(500, 1000, 100, 100).change is Change.FALL
    for missing in ((None, 10, 1, 1), (10, None, 1, 1), (10, 10, None, 1), (10, 10, 1, 0)):
        assert read_change(*missing).change is Change.UNSAID
