"""pumphandle serve: the public site and the console, each a process of its own with its own database role."""

import multiprocessing
import signal
import socket
import time
from multiprocessing.process import BaseProcess
from types import FrameType

import uvicorn

from pumphandle.cli.opening import House, now, opened
from pumphandle.cli.screen import OUT
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import Refused


def serve() -> None:
    """Serve both sites until stopped with Ctrl-C."""
    with opened() as house:
        settings = house.settings
        doors = {"public site": settings.public_port, "console": settings.console_port}
        for door, port in doors.items():
            _refuse_taken(door, settings.address, port)
        start = multiprocessing.get_context("spawn")
        processes: list[BaseProcess] = [
            start.Process(target=_public, args=(house,), daemon=True),
            start.Process(target=_console, args=(house,), daemon=True),
        ]
        for process in processes:
            process.start()
        try:
            for door, port in doors.items():
                _wait_for(settings.address, port, processes)
                OUT.print(f"{door:<12} http://{settings.address}:{port}/")
            OUT.print("Stop with Ctrl-C.")
            signal.signal(signal.SIGTERM, _stop)
            while all(process.is_alive() for process in processes):
                time.sleep(0.5)
        except KeyboardInterrupt:
            OUT.print("Stopped.")
        finally:
            for process in processes:
                process.terminate()
                process.join(10)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken(door: str, address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            setting = "PUMPHANDLE_PUBLIC_PORT" if door == "public site" else "PUMPHANDLE_CONSOLE_PORT"
            raise Refused(f"Port {port} for the {door} is taken. Stop what uses it, or set {setting}.") from None


def _wait_for(address: str, port: int, processes: list[BaseProcess]) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        if not all(process.is_alive() for process in processes):
            raise Refused("A site did not start; what it said stands above.")
        time.sleep(0.1)
    raise Refused(f"Nothing answers on port {port} after 30 seconds.")


def _public(house: House) -> None:
    from pumphandle.web.public.app import create_app  # the console's process must not even load it, nor the other way

    settings = house.settings
    app = create_app(database=Database(house.public_url, largest=8), clock=now)
    uvicorn.run(app, host=settings.address, port=settings.public_port, log_level="warning", access_log=False)


def _console(house: House) -> None:
    from pumphandle.web.console.app import create_app

    settings = house.settings
    app = create_app(
        database=Database(house.console_url, largest=8),
        home=settings.home,
        clock=now,
        secure_cookies=settings.secure_cookies,
    )
    uvicorn.run(app, host=settings.address, port=settings.console_port, log_level="warning", access_log=False)
