"""From a file in the queue to the line list of the right director: the service itself, asked over HTTP from outside."""

import asyncio
import math
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx
import numpy as np
import polars as pl
import psycopg

from bench.figures import Figure
from pumphandle.linelist.checks import check
from pumphandle.linelist.feeds import contract_for, read_contracts
from pumphandle.linelist.formats import read_lines
from pumphandle.linelist.keys import with_keys
from pumphandle.store.cluster import DEEDS, Cluster

TITLE = "From a file in the queue to the right director's line list"
NOTE = """**How it was measured.** `pumphandle serve` runs as it does for anybody, with its own PostgreSQL. Files of
laboratories (late, corrected, withdrawn and broken lines among them) are put into the inbox by renaming: that moment
is the beginning. One director of every district, signed in with password and second factor, asks the pages of the
console's line list again and again over HTTP, every half second for as long as something is awaited: the end is the
moment at which an answer holds the record. Which district a result belongs to is told by the nation's own postcode
table, not by the service. Up to a dozen results of each file are awaited; after the steady load each director's whole
list of the day is read, page by page: every awaited result must be in the right one, and in no other.

The steady load is the average of two million results a day: 1,400 a minute. The burst is half an hour of it, all at
the same moment. The directors' questions and the service share the machine's cores.
"""
ASKED: Final = 60.0
PAUSE: Final = 0.5
PATIENCE: Final = 300.0
MEAN_SIZE: Final = 140
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Awaited:
    """A result that one director is to see."""

    record_key: str
    district: str
    small_area: str


@dataclass(frozen=True)
class Piece:
    """A file as a laboratory puts it down."""

    name: str
    content: bytes
    lines: int
    awaited: tuple[Awaited, ...]


@dataclass
class Watch:
    """put : file -> when it lay in the queue; seen : seconds from there of every awaited result"""

    put: dict[str, float] = field(default_factory=dict[str, float])
    waiting: dict[Awaited, str] = field(default_factory=dict[Awaited, str])
    seen: dict[Awaited, float] = field(default_factory=dict[Awaited, float])


def figures(*, quick: bool = False) -> list[Figure]:
    people, days, pool, minutes, burst = (200_000, 10, 6, 0.25, 2_000) if quick else (750_000, 45, 20, 3.0, 42_000)
    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        files = _house(home, people, days, pool, today)
        pieces = list(_pieces(home, files, today))
        with _serving(home) as (console, directors):
            rng = np.random.default_rng(1854)
            steady, rest = _cut(pieces, round(minutes * 1_400))
            gaps = rng.exponential(minutes * 60 / len(steady), len(steady))
            even = asyncio.run(_measure(home, console, directors, steady, gaps, whole_list=True))
            sudden, _ = _cut(rest, burst)
            at_once = asyncio.run(_measure(home, console, directors, sudden, np.zeros(len(sudden)), whole_list=False))
        Cluster(home).remove()
    return [
        *_told("steady", even, steady, f"{len(steady) / minutes:.0f} files and "
               f"{sum(one.lines for one in steady) / minutes:,.0f} results a minute for {minutes:g} minutes"),
        *_told("burst", at_once, sudden, f"{len(sudden)} files, {sum(one.lines for one in sudden):,} results at once"),
    ]  # fmt: skip


def _told(what: str, watch: Watch, pieces: list[Piece], load: str) -> list[Figure]:
    taken = np.array(sorted(watch.seen.values()))
    half, most, last = (float(np.quantile(taken, share)) for share in (0.5, 0.95, 1.0))
    sizes = [one.lines for one in pieces]
    return [
        Figure(f"{what}: {load}; {min(sizes)} to {max(sizes):,} lines a file", f"{len(taken):,} results awaited", "–"),
        Figure("– seen by the right director, 95 in 100 within", f"{most:.1f} s", f"≤ {ASKED:.0f} s", most <= ASKED),
        Figure("– half within; the last after", f"{half:.1f} s; {last:.1f} s", "–"),
    ]


def _house(home: Path, people: int, days: int, pool: int, today: date) -> list[Path]:
    """A country whose days up to yesterday are run; the files of its last `pool` days are kept back."""
    first = today - timedelta(days=days - 1)
    folders = ["--nation", str(home / "nation"), "--inbox", str(home / "inbox"), "--truth", str(home / "truth")]
    _call(home, "pumphandle_town", "make", "--people", str(people), "--days", str(days), "--start", str(first),
          "--seed", "1854", *folders)  # fmt: skip
    kept: list[Path] = []
    for folder in sorted((home / "inbox").iterdir())[-pool:]:
        kept += sorted(folder.rename(home / f"kept-{folder.name}").iterdir())
    for words in (["nation", "load", str(home / "nation")], ["authority", "make-keys"], ["agreement", "make-trial"]):
        _call(home, "pumphandle.cli", *words)
    last_run = today - timedelta(days=pool)
    _call(home, "pumphandle.cli", "run", "--from", str(first), "--to", str(last_run))
    return kept


def _pieces(home: Path, files: list[Path], today: date) -> Iterator[Piece]:
    """The kept files cut into files of many sizes. Awaited is what is new, comes once and has one place."""
    contracts, rng = read_contracts(home / "nation"), np.random.default_rng(7)
    lies_in = _places(home)
    with Cluster(home) as server, psycopg.connect(server.url(DEEDS)) as connection:
        known = {str(row[0]) for row in connection.execute("select record_key from identified.record").fetchall()}
    cut: list[tuple[Path, pl.DataFrame]] = []
    for number, path in enumerate(files):
        contract = contract_for(path.name, contracts)
        if contract is None:
            raise LookupError(path.name)
        header, *lines = path.read_bytes().splitlines(keepends=True)[:-1]
        at = 0
        while at < len(lines):
            size = min(2_000, max(5, int(rng.lognormal(math.log(MEAN_SIZE) - 0.5, 1.0))))
            part = lines[at : at + size]
            name = home / f"{contract.laboratory}_{number:04}{at:06}.csv"
            end = f"END{contract.delimiter}{len(part)}\n".encode("ascii")
            name.write_bytes(b"".join([header, *part, end]))
            good = check(read_lines(name, contract).frame, contract, received_on=today).good
            cut.append((name, with_keys(good, laboratory=contract.laboratory)))
            at += size
    often = Counter(key for _, good in cut for key in good["record_key"])
    for name, good in [cut[int(place)] for place in rng.permutation(len(cut))]:
        placed = good.with_columns(home=pl.col("postcode").str.replace_all(" ", "").str.to_uppercase())
        found = [
            Awaited(key, lies_in[place][1], lies_in[place][0])
            for key, place, status in placed.select("record_key", "home", "status").iter_rows()
            if place in lies_in and often[key] == 1 and key not in known and status in (None, "final")
        ]
        content = name.read_bytes()
        name.unlink()
        yield Piece(name.name, content, content.count(b"\n") - 2, tuple(found[:: max(1, len(found) // 8)]))


def _places(home: Path) -> dict[str, tuple[str, str]]:
    """Postcode without spaces -> (small area, district), where it lies in one small area only."""
    areas = pl.read_csv(home / "nation" / "areas.csv", infer_schema=False)
    parents = dict(areas.select("area_code", "parent").iter_rows())
    table = pl.read_csv(home / "nation" / "postcodes.csv", infer_schema=False)
    if "valid_to" in table.columns:
        table = table.filter(pl.col("valid_to").is_null())
    rows = table.select(pl.col("postcode").str.replace_all(" ", ""), "small_area").unique("postcode", keep="none")
    return {postcode: (area, parents[area]) for postcode, area in rows.iter_rows()}


def _cut(pieces: list[Piece], lines: int) -> tuple[list[Piece], list[Piece]]:
    """The first pieces that make so many lines together, and the rest."""
    total = np.cumsum([one.lines for one in pieces])
    if total[-1] < lines:
        raise LookupError(f"{total[-1]} lines are fewer than the {lines} asked for")
    many = int(np.searchsorted(total, lines)) + 1
    return pieces[:many], pieces[many:]


@contextmanager
def _serving(home: Path) -> Generator[tuple[str, dict[str, str]]]:
    """The console's address, and district -> password of its director, whose name is the district's."""
    districts = pl.read_csv(home / "nation" / "areas.csv", infer_schema=False).filter(pl.col("level") == "district")
    directors: dict[str, str] = {}
    for code in districts["area_code"]:
        said = _call(home, "pumphandle.cli", "grant", f"d{code.lower()}", "director", "--name", f"Director {code}",
                     "--authority", code, "--trial")  # fmt: skip
        found = re.search(r"Password\s+(\S+)", said)
        assert found is not None
        directors[code] = found[1]
    ports = [_free_port(), _free_port()]
    told = {"PUMPHANDLE_PUBLIC_PORT": str(ports[0]), "PUMPHANDLE_CONSOLE_PORT": str(ports[1])}
    serve = subprocess.Popen(
        [sys.executable, "-m", "pumphandle.cli", "serve"], env=_environment(home) | told, stdout=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{ports[1]}", directors
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.wait(60)


async def _measure(
    home: Path, console: str, directors: dict[str, str], pieces: list[Piece], gaps: Floats, *, whole_list: bool
) -> Watch:
    watch = Watch()
    for piece in pieces:
        watch.waiting |= dict.fromkeys(piece.awaited, piece.name)
    clients = {code: await _signed_in(home, console, code, password) for code, password in directors.items()}
    putting = asyncio.create_task(_put(home, pieces, gaps, watch))
    until = perf_counter() + float(gaps.sum()) + PATIENCE
    await asyncio.gather(*(_look(client, code, watch, until) for code, client in clients.items()))
    await putting
    if watch.waiting:
        raise LookupError(f"{len(watch.waiting)} results were never seen by their director")
    if whole_list:
        for code, client in clients.items():
            _check_list(code, await _list(client), watch)
    for client in clients.values():
        await client.aclose()
    return watch


async def _put(home: Path, pieces: list[Piece], gaps: Floats, watch: Watch) -> None:
    for piece, gap in zip(pieces, gaps, strict=True):
        await asyncio.sleep(float(gap))
        unfinished = home / "inbox" / f"{piece.name}.part"
        unfinished.write_bytes(piece.content)
        unfinished.rename(home / "inbox" / piece.name)
        watch.put[piece.name] = perf_counter()


async def _look(client: httpx.AsyncClient, code: str, watch: Watch, until: float) -> None:
    """A director asks for the areas in which something is awaited, over and over."""
    while perf_counter() < until:
        mine = [one for one in watch.waiting if one.district == code]
        if not mine:
            return
        here = {one for one in mine if watch.waiting[one] in watch.put}
        for area in sorted({one.small_area for one in here}):
            shown = await _list(client, small_area=area)
            now = perf_counter()
            for one in [one for one in here if one.small_area == area and one.record_key in shown]:
                watch.seen[one] = now - watch.put[watch.waiting.pop(one)]
        await asyncio.sleep(PAUSE)


async def _list(client: httpx.AsyncClient, **asked: str) -> set[str]:
    """Keys of the whole list of what came today, page by page."""
    keys: set[str] = set()
    address: str | None = str(httpx.URL("/lines", params={"came": str(datetime.now(UTC).date()), **asked}))
    while address is not None:
        answer = await client.get(address)
        answer.raise_for_status()
        keys |= set(re.findall(r"/lines/([0-9a-f-]{36})", answer.text))
        following = re.search(r'href="([^"]+)" rel="next"', answer.text)
        address = following[1].replace("&amp;", "&") if following else None
    return keys


def _check_list(code: str, shown: set[str], watch: Watch) -> None:
    for one in watch.seen:
        if (one.record_key in shown) != (one.district == code):
            raise LookupError(f"a result of {one.district} is {'' if one.district != code else 'not '}shown to {code}")


async def _signed_in(home: Path, console: str, code: str, password: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=console, timeout=60)
    for _ in range(300):
        try:
            page = await client.get("/sign-in")
            break
        except httpx.TransportError:
            await asyncio.sleep(0.2)
    else:
        raise LookupError("the console does not answer")
    name = f"d{code.lower()}"
    form = {"csrf": _csrf(page.text), "user_name": name, "password": password}
    answer = await client.post("/sign-in", data=form)
    while "/lines" not in answer.text:
        page = await client.get("/sign-in/code")
        said = re.search(r"(\d{3}) (\d{3})", _call(home, "pumphandle.cli", "code", name))
        assert said is not None
        form = {"csrf": _csrf(page.text), "code": said[1] + said[2], "purpose": _purpose(page.text)}
        await client.post("/sign-in/code", data=form)
        answer = await client.get("/today")
        if "/lines" not in answer.text:
            await asyncio.sleep(10)  # each code is good once: the next one comes within half a minute
    return client


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page[:400]
    return found[1]


def _purpose(page: str) -> str:
    found = re.search(r'name="purpose"[^>]* value="([^"]+)"|<option value="([^"]+)"', page)
    assert found is not None
    return found[1] or found[2]


def _call(home: Path, *words: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", *words], env=_environment(home), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _environment(home: Path) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if not name.startswith(("PUMPHANDLE_", "DATABASE_URL"))}
    return rest | {"PUMPHANDLE_HOME": str(home)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
