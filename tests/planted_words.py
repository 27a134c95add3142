"""Words of people who are nobody, planted by the tests: no log may hold one of them, whatever went wrong."""

from typing import Final

PLANTED: Final = (
    "Quill",
    "Marrow",
    "ND21AA",
    "SF11AA",
    "Mill Lane",
    "Surname1",
    "surname1",
    "9990000000",
    "01632 9",
    "quiet-river-stone-lamp",
    "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
)


def found_in(text: str) -> list[str]:
    return [word for word in PLANTED if word in text]
