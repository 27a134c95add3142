"""No test leaves this machine; loopback and local sockets stay open."""

import socket
from pathlib import Path

import pytest


def test_no_address_elsewhere_can_be_reached() -> None:
    with socket.socket() as plug, pytest.raises(AssertionError, match="this machine only"):
        plug.connect(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as plug, pytest.raises(AssertionError, match="this machine only"):
        plug.sendto(b"x", ("192.0.2.1", 53))


def test_no_name_elsewhere_can_be_looked_up() -> None:
    with pytest.raises(AssertionError, match="this machine only"):
        socket.create_connection(("example.org", 80))


def test_loopback_and_local_sockets_stay_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        with socket.socket(socket.AF_UNIX) as plug:
            plug.connect(str(tmp_path / "s"))
