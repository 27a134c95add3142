"""The two commands of the README: `python3 start.py demo` and `python3 start.py test`.

Makes an environment in .venv beside this file from a lock, every package checked against its hash, and goes on inside
it. Uses nothing but Python's standard library, and says in one sentence what is missing on a machine.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import argparse
import csv
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn, TextIO

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / "bin"
PYTHON = PROGRAMS / "python"
LOCK = ROOT / "requirements.lock"  # what the main job needs
TEST_LOCK = ROOT / "requirements-dev.lock"  # that and what the tests need
STAMP = ENVIRONMENT / "made-from.json"

OLDEST_PYTHON = (3, 11)
PEOPLE = 1_000_000
DAYS = 60
SEED = 1854
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="start.py", description="Pumphandle: a made-up country to look at, or the tests."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="make a made-up country, replay its days and open both sites")
    demo.add_argument("--people", type=int, help=f"how many people (default {PEOPLE:,})")
    demo.add_argument("--days", type=int, help=f"how many days of results (default {DAYS})")
    demo.add_argument("--home", type=Path, default=ROOT / ".pumphandle", help="where everything is kept")
    demo.add_argument("--no-serve", action="store_true", help="stop when the sites could be opened")
    code = commands.add_parser("code", help="the present six-digit code of the demonstration's account")
    code.add_argument("--home", type=Path, default=ROOT / ".pumphandle", help="where everything is kept")
    commands.add_parser("test", help="run all tests; further words go to pytest", add_help=False)
    chosen, further = parser.parse_known_args(words)
    if further and chosen.command != "test":
        parser.error(f"{chosen.command} does not know {' '.join(further)}")
    if chosen.command == "code":
        become([str(PROGRAMS / "pumphandle"), "code", "demo"], {"PUMPHANDLE_HOME": str(chosen.home.resolve())})
    check_machine()
    make_environment(TEST_LOCK if chosen.command == "test" else LOCK)
    if chosen.command == "test":
        return run_tests(further)
    home = chosen.home.resolve()
    there = read_json(home / "demo.json").get("asked", {})  # who does not say how large takes what is there
    people, days = chosen.people or there.get("people", PEOPLE), chosen.days or there.get("days", DAYS)
    return run_demo(home, people, days, serve=not chosen.no_serve)


def check_machine() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        stop(f"Pumphandle needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    if os.name != "posix":
        stop("Pumphandle runs on Linux and macOS; on Windows, run it inside the Windows Subsystem for Linux.")
    for lock in (LOCK, TEST_LOCK):
        if not lock.exists():
            stop(f"{lock.name} is missing beside start.py: take the whole repository.")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        stop("Python's venv module is incomplete on this machine: install Debian's package python3-venv.")


def make_environment(lock: Path) -> None:
    """Skipped in milliseconds when made from the same lock by the same Python in the same place.

    The tests' environment serves the main job too.
    """
    base = f"{sys.version} {ROOT}"
    project = (ROOT / "pyproject.toml").read_bytes()
    content = {each: hashlib.sha256(each.read_bytes() + project).hexdigest() for each in (lock, TEST_LOCK)}
    made = read_json(STAMP)
    if made.get("base") == base and made.get("content") in content.values():
        return
    began = time.monotonic()
    if made.get("base") != base:
        say("Making a Python environment in .venv (once).")
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(ENVIRONMENT)])
    STAMP.unlink(missing_ok=True)
    say(f"Installing what {lock.name} names, every package checked against its hash.")
    install_packages(lock)
    say("Installing Pumphandle itself.")
    run([uv(), "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    STAMP.write_text(json.dumps({"base": base, "content": content[lock]}), encoding="utf-8")
    say(f"Environment ready after {time.monotonic() - began:.0f} s.")


def install_packages(lock: Path) -> None:
    if not Path(uv()).exists():
        with tempfile.TemporaryDirectory() as folder:
            only_uv = Path(folder) / "uv.lock"
            only_uv.write_text(lines_of("uv", lock), encoding="utf-8")
            run([str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(only_uv)])
    synced = call([uv(), "pip", "sync", "--compile-bytecode", "--require-hashes", str(lock)])
    if synced != 0:  # uv knows nothing of a mirror or a certificate that only pip was told of
        say("uv could not; trying with pip, which takes longer.")
        run([str(PYTHON), "-m", "ensurepip", "--upgrade"])
        run([str(PYTHON), "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", str(lock)])


def lines_of(package: str, lock: Path) -> str:
    """The lock's lines about one package: its version, then its hashes, indented."""
    taken: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{package}==") or (taken and line.startswith(" ")):
            taken.append(line)
        elif taken:
            break
    return "\n".join(taken) + "\n"


def run_demo(home: Path, people: int, days: int, *, serve: bool) -> int:
    """Make, load, replay, serve. A stage that is done is not done again."""
    nation, inbox = home / "nation", home / "inbox"
    house = str(PROGRAMS / "pumphandle")
    settings = {"PUMPHANDLE_HOME": str(home), "PUMPHANDLE_INBOX": str(inbox)}
    stages = Stages(home, {"people": people, "days": days, "seed": SEED}, settings)
    make = [str(PYTHON), "-m", "pumphandle_town", "make", "--people", str(people), "--days", str(days)]
    make += ["--seed", str(SEED), "--nation", str(nation), "--inbox", str(inbox), "--truth", str(home / "truth")]
    stages.do("make", f"Making a country of {people:,} people and {days} days of results. Nobody in it exists.", make)
    stages.do("load", "Loading its areas, postcodes, boundaries, laboratories.", [house, "nation", "load", str(nation)])
    stages.do("keys", "A key pair for every district, to seal its packages to.", [house, "authority", "make-keys"])
    stages.do("agree", "Agreements with every district, as a trial's would be.", [house, "agreement", "make-trial"])
    director = [house, "grant", *director_of(nation, home / "truth")]
    stages.do("grant", "An account for a director of public health.", director, "sign-in.txt")
    dates = sorted(folder.name for folder in inbox.iterdir() if folder.is_dir())
    if not dates:
        stop(f"{inbox} is empty: delete {home} and start again.")
    replay = [house, "run", "--from", dates[0], "--to", dates[-1]]
    stages.do("run", f"Replaying {len(dates)} days: receive, link, deliver, detect, trace, publish.", replay)
    if not serve:
        say("Ready. The same command without --no-serve opens both sites.")
        return 0
    say("Sign in to the console with this made-up director's account:")
    said = (home / "sign-in.txt").read_text(encoding="utf-8").splitlines()
    print("\n".join(line for line in said if line.startswith(("User name", "Password"))), flush=True)
    print("Code       from another terminal: python3 start.py code", flush=True)
    say("Opening both sites; Ctrl-C closes them.")
    become([house, "serve", "--replay"], settings)


def director_of(nation: Path, truth: Path) -> list[str]:
    """Words of `pumphandle grant` for the district where the last planted outbreak ends: there is something to see."""
    areas = {row["area_code"]: row for row in rows_of(nation / "areas.csv")}
    outbreaks = sorted(rows_of(truth / "outbreaks.csv"), key=lambda row: row["last"])
    districts = [areas[areas[row["small_area"]]["parent"]] for row in outbreaks]
    district = [*(row for row in areas.values() if row["level"] == "district"), *districts][-1]
    return [
        *("demo", "director", "--name", f"Director of {district['name']}"),
        *("--authority", district["area_code"], "--trial"),
    ]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


class Stages:
    """Notes in demo.json what was asked and what is done, so that the next call goes on where the last one stopped."""

    def __init__(self, home: Path, asked: dict[str, int], settings: dict[str, str]) -> None:
        self.note, self.asked, self.settings = home / "demo.json", asked, settings
        known = read_json(self.note)
        if known and known["asked"] != asked:
            size = f"{known['asked']['people']:,} people and {known['asked']['days']} days"
            stop(f"{home} holds a made-up country of {size}: ask for the same, or name another --home.")
        if not known and home.exists() and any(home.iterdir()):
            stop(f"{home} holds something that is not a made-up country: name another --home.")
        self.done: list[str] = known.get("done", [])
        self.began = time.monotonic()
        home.mkdir(parents=True, exist_ok=True)
        self.write()

    def do(self, name: str, sentence: str, command: list[str], output: str = "") -> None:
        """`output` names a file of the home that keeps what the command says, for its owner alone."""
        if name in self.done:
            return
        say(sentence)
        if output:
            kept = self.note.with_name(output)
            kept.touch(mode=0o600)
            with kept.open("w", encoding="utf-8") as file:
                run(command, self.settings, file)
        else:
            run(command, self.settings)
        self.done.append(name)
        self.write()
        say(f"Done, {time.monotonic() - self.began:.0f} s from the start.")

    def write(self) -> None:
        self.note.write_text(json.dumps({"asked": self.asked, "done": self.done}), encoding="utf-8")


def run_tests(further: list[str]) -> NoReturn:
    arguments = ["-n", str(min(os.cpu_count() or 2, 8)), "--dist", "loadfile"]
    if "-n" in further or "no:xdist" in further:
        arguments = []
    install_age()
    become([str(PYTHON), "-m", "pytest", *arguments, *further], {"CHROMIUM": find_browser()})


def install_age() -> None:
    """The tool that a council opens its package with; without it that one test is left out, and says so."""
    if shutil.which("age") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Debian's age for the test that opens a package with it.")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        call(["apt-get", "update", "-q"], quiet)
        call(["apt-get", "install", "-q", "-y", "--no-install-recommends", "age"], quiet)


def find_browser() -> str:
    """A Chromium: on PATH, or playwright's own, or installed now."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([str(PYTHON), "-c", ask], stdout=subprocess.PIPE, text=True, check=False)
    own = answer.stdout.strip()
    if own and Path(own).exists():
        return own
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Debian's Chromium for the browser tests.")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        call(["apt-get", "update", "-q"], quiet)
        call(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"], quiet)
    else:
        say("Installing a Chromium for the browser tests.")
        call([str(PYTHON), "-m", "playwright", "install", "chromium"])
    found = shutil.which("chromium") or own
    if not found or not Path(found).exists():
        stop("The browser tests need Chromium, which could not be installed: install it and try again.")
    return found


def uv() -> str:
    return str(PROGRAMS / "uv")


def read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def call(command: list[str], settings: dict[str, str] | None = None, output: TextIO | None = None) -> int:
    program = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=output)
    while True:
        try:
            return program.wait()
        except KeyboardInterrupt:  # the program has heard it too, and may have a database to close
            continue


def become(command: list[str], settings: dict[str, str]) -> NoReturn:
    """The last command takes this process's place: signals reach it, and its exit code is ours."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command[0], command, environment(settings))


def environment(settings: dict[str, str] | None) -> dict[str, str]:
    ours = {**os.environ, "VIRTUAL_ENV": str(ENVIRONMENT), **(settings or {})}
    ours["PATH"] = f"{PROGRAMS}{os.pathsep}{ours.get('PATH', '')}"
    return ours


def run(command: list[str], settings: dict[str, str] | None = None, output: TextIO | None = None) -> None:
    """Goes on only if it went well; the program has said itself what was wrong."""
    status = call(command, settings, output)
    if status != 0:
        stop(f"{Path(command[0]).name} stopped with exit code {status}; what it said stands above.", status)


def say(sentence: str) -> None:
    print(f"· {sentence}", flush=True)


def stop(sentence: str, status: int = 2) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
