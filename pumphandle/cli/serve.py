"""pumphandle serve: the public site, the console, and who takes in what arrives; each a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from types import FrameType

from pumphandle.cli.opening import House, opened
from pumphandle.cli.screen import OUT
from pumphandle.cli.take_in import Replay
from pumphandle.config import SETTINGS, Settings
from pumphandle.vocabulary.errors import Refused

PATIENCE = 180.0
"""Seconds until a site must answer. The public one gets ready first: England after 400 days takes some ten."""
PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds until a process that takes in begins again; each time twice as long, until it has worked for a while."""


@dataclass(frozen=True)
class Door:
    """One site: how people call it, its module, and the settings that it alone is told."""

    name: str
    module: str
    port: int
    port_setting: str
    told: dict[str, str]


class TakingIn:
    """The process that takes in what arrives. It begins again when it stops, and the sites go on without it."""

    def __init__(self, *, replay: bool) -> None:
        self._words = [sys.executable, "-m", "pumphandle.cli", "take-in", *(["--replay"] if replay else [])]
        self._pause = PAUSE
        self._begins_at = self._begun = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, now: float) -> None:
        """Called again and again. now : seconds from anywhere"""
        if self._process is None:
            if now >= self._begins_at:
                self._process, self._begun = subprocess.Popen(self._words, stdout=subprocess.DEVNULL), now
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        self._pause = PAUSE if now - self._begun > LONGEST_PAUSE else min(2 * self._pause, LONGEST_PAUSE)
        self._begins_at = now + self._pause
        OUT.print(f"Taking in has stopped (exit code {code}). It begins again in {self._pause:.0f} seconds.")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


def serve(replay: Replay = False) -> None:
    """Serve both sites, and take in what laboratories put into the inbox, until stopped with Ctrl-C."""
    with opened() as house:
        settings = house.settings
        both = doors(house)
        for door in both:
            _refuse_taken(door, settings.address)
        signal.signal(signal.SIGTERM, _stop)
        sites: list[subprocess.Popen[bytes]] = []
        taking_in = TakingIn(replay=replay)
        try:
            for door in both:
                sites.append(subprocess.Popen([sys.executable, "-m", door.module], env=environment(settings, door)))
            for door in both:
                _wait_for(door, settings.address, sites)
                OUT.print(f"{door.name:<12} http://{settings.address}:{door.port}/")
            OUT.print("Stop with Ctrl-C.")
            while all(site.poll() is None for site in sites):
                taking_in.watch(time.monotonic())
                time.sleep(0.5)
            OUT.print("A site has stopped; what it said stands above.")
        except KeyboardInterrupt:
            OUT.print("Stopped.")
        finally:
            taking_in.stop()
            for site in sites:
                site.terminate()
            for site in sites:
                site.wait(10)


def doors(house: House) -> tuple[Door, Door]:
    settings = house.settings
    public = {
        "PUMPHANDLE_PUBLIC_DATABASE_URL": house.public_url,
        "PUMPHANDLE_PUBLIC_PORT": str(settings.public_port),
        "PUMPHANDLE_PUBLIC_WORKERS": str(settings.public_workers),
        "PUMPHANDLE_FILES": str(settings.files),
    }
    console = {
        "PUMPHANDLE_CONSOLE_DATABASE_URL": house.console_url,
        "PUMPHANDLE_CONSOLE_PORT": str(settings.console_port),
        "PUMPHANDLE_CONSOLE_ORIGIN": settings.console_origin,
        "PUMPHANDLE_HOME": str(settings.home),
        "PUMPHANDLE_SECURE_COOKIES": "on" if settings.secure_cookies else "off",
    }
    return (
        Door("public site", "pumphandle.web.public", settings.public_port, "PUMPHANDLE_PUBLIC_PORT", public),
        Door("console", "pumphandle.web.console", settings.console_port, "PUMPHANDLE_CONSOLE_PORT", console),
    )


def environment(settings: Settings, door: Door) -> dict[str, str]:
    """The machine's environment without any setting of ours but the site's own."""
    ours = {setting.name for setting in SETTINGS}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return rest | door.told | {"PUMPHANDLE_ADDRESS": settings.address}


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken(door: Door, address: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, door.port))
        except OSError:
            remedy = f"Stop what uses it, or set {door.port_setting}."
            raise Refused(f"Port {door.port} for the {door.name} is taken. {remedy}") from None


def _wait_for(door: Door, address: str, sites: list[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((address, door.port)) == 0:
                return
        if any(site.poll() is not None for site in sites):
            raise Refused("A site did not start; what it said stands above.")
        time.sleep(0.1)
    raise Refused(f"The {door.name} does not answer on port {door.port} after {PATIENCE:.0f} seconds.")
