"""Area JSON from the real public server: requests a second, and how long the slowest one in a hundred takes.

The load comes from wrk (Debian's package of that name) on the same two cores, so the server has what wrk leaves it.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import SHARED, Figure
from bench.long_ledger import LongLedger, england
from pumphandle.actions.write_files import write_files
from pumphandle.store import cluster, migrate
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import THE_TIMER

TITLE = "Serving area JSON with tags, England"
WORKERS = 2
CONNECTIONS = 30
PEER = 26_000_000
"""Requests a day that the former dashboard's interface answered."""

SCRIPT = """
local paths, tags, at = {{}}, {{}}, 0
for line in io.lines("{listed}") do
  local path, tag = line:match("^(%S+) (.+)$")
  paths[#paths + 1], tags[#tags + 1] = path, tag
end
request = function()
  at = (at * 1103515245 + 12345) % 2147483648
  local one = at % #paths + 1
  local headers = {{ ["Accept-Encoding"] = "gzip" }}
  if at % 2 == 0 then headers["If-None-Match"] = tags[one] end
  return wrk.format("GET", paths[one], headers)
end
{pace}
"""
"""Areas in a fixed disorder; every other request sends the tag back."""


@dataclass(frozen=True)
class Load:
    """What wrk says: requests a second, milliseconds, and answers that were no 200 or 304."""

    rate: float
    middle: float
    slowest: float
    requests: int
    faults: int


def figures(*, quick: bool) -> list[Figure]:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Refused("This benchmark needs wrk: apt-get install wrk.")
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        server = cluster.Cluster(home)
        site: subprocess.Popen[bytes] | None = None
        try:
            server.start()
            migrate.prepare(server.url(cluster.OWNER))
            database = Database(server.url(cluster.DEEDS))
            england(SHARED / "data" / "england", database)
            LongLedger(database).add(10 if quick else 60)
            write_files(home / "public", database=database, by=THE_TIMER, at=datetime.now(UTC), progress=lambda _: None)
            database.close()
            site, address = _serve(server.url(cluster.PUBLIC), home / "public")
            return _measure(wrk, address, site, Path(place), seconds=5 if quick else 20, million=not quick)
        finally:
            if site is not None:
                site.terminate()
                site.wait(20)
            server.remove()


def _serve(url: str, files: Path) -> tuple["subprocess.Popen[bytes]", str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {
        "PUMPHANDLE_PUBLIC_DATABASE_URL": url,
        "PUMPHANDLE_PUBLIC_PORT": str(port),
        "PUMPHANDLE_PUBLIC_WORKERS": str(WORKERS),
        "PUMPHANDLE_FILES": str(files),
    }
    site = subprocess.Popen([sys.executable, "-m", "pumphandle.web.public"], env={**os.environ, **told})
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return site, f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    site.kill()
    raise Refused("The public site did not start within a minute.")


def _measure(
    wrk: str, address: str, site: "subprocess.Popen[bytes]", place: Path, *, seconds: int, million: bool
) -> list[Figure]:
    listed = place / "listed.txt"
    listed.write_text("\n".join(_tags(address)) + "\n", "utf-8")
    _load(wrk, address, place, listed, seconds=max(5, seconds // 2))  # every worker has every answer ready
    full = _load(wrk, address, place, listed, seconds=seconds)
    half = _load(wrk, address, place, listed, seconds=seconds, pace=1_500)
    begun, held = full.requests + half.requests, [_held(site)]
    done = 0
    while million and done < 1_000_000:
        done += _load(wrk, address, place, listed, seconds=20).requests
        held.append(_held(site))
    a_day = full.rate * 86_400
    told = [
        Figure(f"requests a second, {WORKERS} workers", f"{full.rate:,.0f}", "≥ 3,000", full.rate >= 3_000),
        Figure(f"p99 at {half.rate:,.0f} requests a second", f"{half.slowest:.1f} ms", "≤ 20 ms", half.slowest <= 20),
        Figure("the middle one then", f"{half.middle:.1f} ms", "–"),
        Figure("answers that were no 200 or 304", f"{full.faults + half.faults}", "0", full.faults + half.faults == 0),
        Figure("times the peer's 26 million requests a day", f"{a_day / PEER:.1f}", "> 1", a_day > PEER),
    ]
    if million:
        grown = (held[-1] - held[0]) / held[0]
        about = f"{held[0]:.0f} MiB, then {held[-1]:.0f} MiB after {done + begun:,} requests"
        told.append(Figure("memory of all its processes", about, "flat", abs(grown) <= 0.05))
    return told


def _tags(address: str) -> list[str]:
    """Each small area's address and the tag of its packed answer, asked of the server itself."""
    host = address.removeprefix("http://")
    client = http.client.HTTPConnection(host)
    client.request("GET", "/map/cases.json")
    codes = json.loads(client.getresponse().read())["data"]["areas"]
    found: list[str] = []
    for code in codes:
        client.request("GET", f"/areas/{code}.json", headers={"Accept-Encoding": "gzip"})
        answer = client.getresponse()
        answer.read()
        found.append(f"/areas/{code}.json {answer.headers['ETag']}")
    return found


def _load(wrk: str, address: str, place: Path, listed: Path, *, seconds: int, pace: int | None = None) -> Load:
    script = place / "asked.lua"
    wait = "" if pace is None else f"delay = function() return math.random(0, {2_000 * CONNECTIONS // pace}) end"
    script.write_text(SCRIPT.format(listed=listed, pace=wait), "utf-8")
    words = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), address]
    said = subprocess.run(words, check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
    units = {"us": 0.001, "ms": 1.0, "s": 1_000.0}

    def percentile(mark: str) -> float:
        number, unit = re.search(rf"{mark}%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
        return float(number) * units[unit]

    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"(\d+) requests in", said)
    assert rate is not None
    assert count is not None
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Load(float(rate[1]), percentile("50"), percentile("99"), int(count[1]), int(bad[1]) if bad else 0)


def _held(site: "subprocess.Popen[bytes]") -> float:
    """Proportional set size of the site's processes, MiB."""
    found = 0.0
    waiting = [site.pid]
    while waiting:
        one = waiting.pop()
        children = Path(f"/proc/{one}/task/{one}/children").read_text("ascii").split()
        waiting += [int(child) for child in children]
        told = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text("ascii"), re.M)
        found += int(told[1]) / 1024 if told else 0.0
    return found
