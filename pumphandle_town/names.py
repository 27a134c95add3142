"""Invented names: parts of several naming traditions, put together into tables."""

from dataclasses import dataclass
from functools import cache

import polars as pl


@dataclass(frozen=True)
class Tradition:
    """Parts of names: (starts, ends). `_` in a prefix stands for a space.

    woman_suffix : (endings, what a woman's family name adds to them); doubled : two family names in one
    """

    key: str
    families: tuple[str, str]
    women: tuple[str, str]
    men: tuple[str, str]
    family_prefixes: str = ""
    woman_suffix: tuple[str, str] | None = None
    doubled: bool = False


TRADITIONS = (
    Tradition(
        "alder",
        (
            (
                "Ash Barn Birk Bram Carl Crad Dun Elm Fair Gar Hal Hart Hazel Kem Lang Lock Mar Mil Nor Oak Pen "
                "Rad Row Sel Stan Thorn Wain Wes Whit Wyn"
            ),
            ("by combe cott croft den field ford gate ham hurst ley low mere more ridge stead stock ton wick worth"),
        ),
        ("Al Be Cor Del El Fen Har Is Jos Ker Lin Mar Ner Ol Per Ros Sel Tam Wil Yor", "a ine wen eth ie is ora"),
        ("Al Bar Cal Dar Ed Fen Gar Hal Ivo Jar Ken Lam Mar Nor Os Per Rol Tam Wil Wy", "an ric in on den bert"),
    ),
    Tradition(
        "norrow",
        (
            ("Ås Berg Bjørn Dal Ek Fjell Grön Hav Holm Kråk Lind Lund Mo Näs Sand Sjö Skog Stein Sund Tør Ulv Vik"),
            "berg bakk dahl gren gård heim holt kvist lund mark mo nes rud stad strøm vik",
        ),
        ("Ann Bir Dag Ell Frøy Gun Hel Ing Kari Lin Mai Rag Sig Sol Sun Tor", "a e hild rid veig run"),
        ("Ar Bjør Dag Ei Frø Gun Hå Iv Kår Lei Mag Ol Rag Sig Stei Tor", "n vald mund fred stein gar"),
    ),
    Tradition(
        "vesny",
        (
            "Bor Brez Dub Dor Gol Hor Jel Kal Kor Kov Lip Mal Mir Nov Osin Petr Rad Sok Star Tich Vor Zel",
            "ov in enk ovsk insk ak anov",
        ),
        ("Al Dar Ela Han Il Jan Kat Lid Mir Nad Ol Rad Sta Tat Ver Zor", "ana ena ina ka ika sia"),
        ("Al Bor Dan Iv Jar Kaz Les Mir Nik Ol Pav Rad Stan Tad Vik Zor", "an ek il omir oslav on"),
        woman_suffix=("ov in ovsk insk anov", "a"),
    ),
    Tradition(
        "sahar",
        ("Bar Dar Far Had Hak Jab Kar Mans Mur Nas Qas Rash Sal Sam Tah Yas Zah", "ani awi een iri ouf im ari"),
        ("Am Da Fa Ha Ja La Ma Na Ra Sa Ya Zi", "ira lia mina nan reen yah"),
        ("A Ba Fa Ha Ja Ka Ma Na Ra Sa Ta Za", "did fiq him lil mir rid yan"),
        family_prefixes="Al- El- Ben_",
    ),
    Tradition(
        "mirand",
        (
            "Alb Arr Bel Cald Cast Esc Fuent Gal Jard Lagun Mar Mont Nav Ol Pal Quint Riv Sal Vald Vill",
            "ado ares era eño ez iño ón oso uela",
        ),
        ("Ad Am Bel Car Cris El Est Fel In Jul Lu Mar Pil Ros Sol Val", "a elia ina és ita encia"),
        ("Ad An Bal Car Dem El Est Fel Ign Jul Lu Mar Osc Ram Sal Val", "án eo iano ín o encio"),
        doubled=True,
    ),
    Tradition(
        "dhanu",
        (
            "Ad Bal Bhar Chand Dhar Gan Har Jay Kal Kir Man Nar Par Raj San Sur Tri Var Vik",
            "akar ani esh ikar ira ivar moor nath wala ya",
        ),
        ("An Bhav Chit Deep Esh Gee Hem Ja Kav Lat Man Nil Pri Ra Sum Vas", "a ali ani ika isha ita"),
        ("Ab Bal Chet Dev Gop Har Ish Jay Kir Man Nir Pra Raj San Tej Vin", "ay esh il it an endra"),
    ),
    Tradition(
        "oyere",
        (
            "Ab Ade Ama Ban Chi Dar Eke Fol Gba Ike Kwa Mba Nwa Obi Oke Olu Osa Tun Uba",
            "biri chukwa dele kunle mensa nku rewa soro tanda yemi",
        ),
        ("Abe Ada Ama Chi Efu Folo Ife Kem Mo Ngo Olu Temi Yaa", "ba dela ike na remi ye zi"),
        ("Abe Ade Ako Chi Daye Eme Femi Ike Kofa Kwa Obi Olu Tayo", "bo da ka ku le mi sho"),
    ),
    Tradition(
        "linhai",
        ("Bai Cai Dai Fen Gao Hui Jin Kai Lan Lin Mei Ning Ou Pan Qin Ruo Shen Tao Wen Xin Yan Zhen", " "),
        ("Ai Hua Jia Lan Li Mei Ning Qing Rui Shu Wei Xiu Yan Ying", "-fen -lan -lin -na -rou -ting -xia"),
        ("Bo Chao De Feng Guo Hao Jian Kang Li Ming Peng Qiang Wei Yong", "-cheng -hai -jun -liang -ping -shan -yu"),
    ),
)


@dataclass(frozen=True)
class NameTable:
    """All names in one column each; the names of tradition t are `first[t]` .. `first[t] + count[t] - 1`."""

    names: pl.Series
    first: tuple[int, ...]
    count: tuple[int, ...]


@dataclass(frozen=True)
class NameBook:
    """family_women holds the woman's form of the family name with the same number in family_men."""

    family_women: NameTable
    family_men: NameTable
    women: NameTable
    men: NameTable


@cache
def name_book() -> NameBook:
    """Every name that the town can use: about 3,600 family names, 1,700 given names."""
    families = [_families(tradition) for tradition in TRADITIONS]
    return NameBook(
        family_women=_table(
            [
                [_womans_form(name, tradition) for name in names]
                for names, tradition in zip(families, TRADITIONS, strict=True)
            ]
        ),
        family_men=_table(families),
        women=_table([_joined(tradition.women) for tradition in TRADITIONS]),
        men=_table([_joined(tradition.men) for tradition in TRADITIONS]),
    )


def _table(lists: list[list[str]]) -> NameTable:
    count = tuple(len(names) for names in lists)
    first = tuple(sum(count[:at]) for at in range(len(count)))
    return NameTable(pl.Series([name for names in lists for name in names]), first, count)


def _joined(parts: tuple[str, str]) -> list[str]:
    starts, ends = parts[0].split(), parts[1].split() or [""]
    return list(dict.fromkeys(start + _soft(start, end) for end in ends for start in starts))


def _soft(start: str, end: str) -> str:
    """No doubled vowel or hard run where two parts meet."""
    return end[1:] if len(end) > 1 and start[-1].lower() == end[0] and end[0] in "aeiou" else end


def _families(tradition: Tradition) -> list[str]:
    names = _joined(tradition.families)
    prefixes = [prefix.replace("_", " ") for prefix in tradition.family_prefixes.split()]
    if prefixes:
        names = [prefixes[at % 7] + name if at % 7 < len(prefixes) else name for at, name in enumerate(names)]
    if tradition.doubled:
        names = [f"{name} {names[(at * 37 + 11) % len(names)]}" if at % 3 else name for at, name in enumerate(names)]
    return names


def _womans_form(name: str, tradition: Tradition) -> str:
    if tradition.woman_suffix is None:
        return name
    endings, suffix = tradition.woman_suffix
    ending = next((end for end in endings.split() if name.endswith(end)), None)
    if ending is None:
        return name
    return name + ("á" if ending.endswith("sk") else suffix)
