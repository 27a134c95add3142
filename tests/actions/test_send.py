"""Packages arrive where an authority receives them: real servers on this machine, failures tried again, each once."""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncssh
import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from pumphandle.actions import send
from pumphandle.delivery.retries import JITTER, PAUSES, pause
from pumphandle.store.at_rest import beside
from pumphandle.store.cluster import DEEDS, Cluster
from pumphandle.store.engine import Database
from pumphandle.store.receivers import places
from pumphandle.store.receivers.places import NotReceived, Secrets
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.places import AreaCode
from tests.actions.conftest import BY, House

D1, D2 = AreaCode("D1"), AreaCode("D2")
DAY = date(2020, 6, 1)
AT = datetime(2020, 6, 1, 19, tzinfo=UTC)


@dataclass
class SshServer:
    """A council's SFTP server: one folder, one user, keys only."""

    root: Path
    client_key: Path
    port: int = 0
    host_key: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> None:
        ready = threading.Event()

        async def serve() -> None:
            key = asyncssh.generate_private_key("ssh-ed25519")
            self.host_key = key.export_public_key().decode().strip()
            root = str(self.root).encode()
            server = await asyncssh.listen(
                "127.0.0.1",
                0,
                server_host_keys=[key],
                authorized_client_keys=str(self.client_key.with_suffix(".pub")),
                sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
            )
            self.port = server.get_port()
            ready.set()
            await self._stopped.wait()
            server.close()
            await server.wait_closed()

        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(serve()), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)
        self._loop.close()

    def address(self, **change: str) -> dict[str, str]:
        said = {"host": "127.0.0.1", "port": str(self.port), "user": "pumphandle", "path": "/"}
        return said | {"host_key": self.host_key} | change


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[SshServer]:
    root = tmp_path / "council"
    root.mkdir()
    server = SshServer(root, Secrets(tmp_path / "keys").ssh_key())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def delivered(house: House, line: Callable[..., str]) -> House:
    house.put(DAY, line(1, DAY), line(2, DAY, area="C"))
    return house


def choose(house: House, authority: AreaCode, name: str, kind: str, address: dict[str, str]) -> int:
    return send.choose_receiver(
        house.premises.database, authority, name, kind=kind, address=address, by=BY, at=AT - timedelta(hours=2)
    )


def send_all(house: House, at: datetime = AT) -> send.Sent:
    premises = house.premises
    secrets = Secrets(house.home / "keys")
    return send.send_due(premises.database, premises.deliveries, secrets, chance=lambda: 0.5, by=BY, at=lambda: at)


def sealed(house: House, authority: str) -> bytes:
    return beside(house.premises.deliveries).read(f"{authority}/{DAY}.tar.age")


def test_to_a_folder_and_to_an_ssh_server(delivered: House, ssh: SshServer, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    choose(delivered, D1, "folder", "folder", {"path": str(folder)})
    choose(delivered, D2, "council", "sftp", ssh.address())
    send.try_receiver(delivered.premises.database, D2, "council", Secrets(tmp_path / "keys"), by=BY, at=AT)
    assert (ssh.root / send.SELF_TEST).read_bytes().startswith(b"age-encryption.org/v1")
    delivered.run(DAY)
    assert send_all(delivered) == send.Sent(sent=2, failed=0, dead=0)
    assert (folder / f"D1-{DAY}.tar.age").read_bytes() == sealed(delivered, "D1")
    assert (ssh.root / f"D2-{DAY}.tar.age").read_bytes() == sealed(delivered, "D2")
    assert not [path for path in (*folder.iterdir(), *ssh.root.iterdir()) if path.name.endswith(".part")]
    assert send_all(delivered) == send.Sent(0, 0, 0), "each once"


def test_to_a_bucket(delivered: House, tmp_path: Path) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    secret = {"aws_access_key_id": "council", "aws_secret_access_key": "hush", "region_name": "us-east-1"}
    try:
        s3: Any = boto3.client("s3", endpoint_url=endpoint, **secret)
        s3.create_bucket(Bucket="north")
        address = {"endpoint": endpoint, "bucket": "north", "access_key": "council", "region": "us-east-1"}
        choose(delivered, D1, "bucket", "bucket", {**address, "prefix": "in"})
        delivered.run(DAY)
        assert send_all(delivered).failed == 1, "its secret is not there yet"
        kept = delivered.home / "keys" / "receivers" / "D1-bucket.secret"
        kept.parent.mkdir()
        kept.write_text("hush\n")
        assert send_all(delivered, AT + timedelta(minutes=2)).sent == 1
        body = s3.get_object(Bucket="north", Key=f"in/D1-{DAY}.tar.age")["Body"]
        assert body.read() == sealed(delivered, "D1")
        body.close()
        s3.close()
    finally:
        server.stop()


def test_a_server_that_shows_another_key_gets_nothing(delivered: House, ssh: SshServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    choose(delivered, D1, "council", "sftp", ssh.address(host_key=other))
    delivered.run(DAY)
    assert send_all(delivered) == send.Sent(sent=0, failed=1, dead=0)
    assert list(ssh.root.iterdir()) == []


def test_what_nobody_takes_becomes_a_dead_letter_and_goes_out_when_the_address_is_mended(
    delivered: House, tmp_path: Path
) -> None:
    choose(delivered, D1, "folder", "folder", {"path": str(tmp_path / "nowhere")})
    delivered.run(DAY)
    at = AT
    outcomes: list[send.Sent] = []
    while not outcomes or outcomes[-1].dead == 0:
        outcomes.append(send_all(delivered, at))
        at += timedelta(hours=6)
        assert len(outcomes) <= len(PAUSES) + 1
    assert [one.failed for one in outcomes] == [1] * len(PAUSES) + [0]
    dead = send.dead_letters(delivered.premises.database, by=BY)
    assert [(one.authority, one.receiver, one.fault) for one in dead] == [("D1", "folder", "folder_FileNotFoundError")]
    (tmp_path / "right").mkdir()
    assert choose(delivered, D1, "folder", "folder", {"path": str(tmp_path / "right")}) == 1
    assert send_all(delivered, at).sent == 1
    assert (tmp_path / "right" / f"D1-{DAY}.tar.age").exists()


def test_pauses_grow_and_differ_by_chance() -> None:
    middle = [pause(failures, 0.5) for failures in range(1, len(PAUSES) + 1)]
    assert middle == list(PAUSES) == sorted(PAUSES)
    low, high = pause(1, 0.0), pause(1, 0.999_999)
    assert low is not None and high is not None
    assert (low / PAUSES[0], round(high / PAUSES[0], 3)) == (1 - JITTER, 1 + JITTER)
    assert pause(len(PAUSES) + 1, 0.5) is None


def test_an_address_that_says_too_little_or_a_secret_is_refused(house: House, tmp_path: Path) -> None:
    for kind, address in (("folder", {}), ("pigeon", {"path": "x"}), ("folder", {"path": "x", "password": "y"})):
        with pytest.raises(NotUnderstood):
            choose(house, D1, "one", kind, address)
    with pytest.raises(NotFound):
        send.try_receiver(house.premises.database, D1, "none", Secrets(tmp_path), by=BY, at=AT)
    with pytest.raises(NotReceived, match="no_secret"):
        Secrets(tmp_path).bucket_secret("D1", "none")


MANY: Final = 200


def send_and_die(url: str, home: Path, die_at: int) -> None:
    """In a process of its own: dies of SIGKILL at its n-th touch of the database or the disk."""
    touches = 0

    def watched(owner: Any, name: str) -> None:
        whole = getattr(owner, name)

        def before(*given: Any, **named: Any) -> Any:
            nonlocal touches
            touches += 1
            if touches == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(*given, **named)

        setattr(owner, name, before)

    for owner, name in (
        (psycopg.Connection, "execute"),
        (psycopg.Cursor, "execute"),
        (psycopg.Connection, "commit"),
        (Path, "write_bytes"),
        (Path, "replace"),
        (places, "put"),
    ):
        watched(owner, name)
    database = Database(url)
    send.send_due(database, home / "deliveries", Secrets(home / "keys"), chance=lambda: 0.5, by=BY, at=lambda: AT)
    database.close()
    (home / "touches").write_text(str(touches))


def wait_for_the_dead(house: House) -> None:
    """Until the server has noticed that the killed sender is gone: its last letter stays locked so long."""
    for _ in range(200):
        with house.premises.database.transaction() as tx:
            free = tx.execute("select from identified.outbox where state = 'waiting' for update skip locked").fetchall()
            waits = tx.execute("select from identified.outbox where state = 'waiting'").fetchall()
        if len(free) == len(waits):
            return
        time.sleep(0.02)
    raise AssertionError("a killed sender still holds its letter")


def test_killed_senders_and_two_at_once_deliver_each_package_once(
    delivered: House, cluster: Cluster, tmp_path: Path, kills: int
) -> None:
    """After every kill the outbox is finished by two runners at once; each receiver holds each package, once, whole."""
    _kill_senders(delivered, cluster, tmp_path, kills)


@pytest.mark.heavy
def test_two_hundred_killed_senders_deliver_each_package_once(
    delivered: House, cluster: Cluster, tmp_path: Path
) -> None:
    """As many as the issue asks for: every touch of database and disk is died at, over and over."""
    _kill_senders(delivered, cluster, tmp_path, MANY)


def _kill_senders(delivered: House, cluster: Cluster, tmp_path: Path, kills: int) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.actions.test_send"])
    folders = {name: tmp_path / name for name in ("one", "two", "three")}
    for name, folder in folders.items():
        folder.mkdir()
        for authority in (D1, D2):
            choose(delivered, authority, name, "folder", {"path": str(folder)})
    delivered.run(DAY)
    with delivered.premises.database.transaction() as tx:
        row = tx.execute("select current_database()").fetchone()
    assert row is not None
    url = cluster.url(DEEDS, database=str(row[0]))

    def run(die_at: int) -> int | None:
        child = context.Process(target=send_and_die, args=(url, delivered.home, die_at))
        child.start()
        child.join(60)
        return child.exitcode

    assert run(-1) == 0
    total = int((delivered.home / "touches").read_text())
    for number in range(kills):
        with delivered.premises.database.transaction() as tx:
            tx.execute("update identified.outbox set state = 'waiting', attempts = 0, sent_at = null")
        for folder in folders.values():
            for path in folder.iterdir():
                path.unlink()
        assert run(1 + number % total) == -signal.SIGKILL, number
        wait_for_the_dead(delivered)
        both = [threading.Thread(target=send_all, args=(delivered,)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join(30)
        with delivered.premises.database.transaction() as tx:
            left = tx.execute("select state, attempts, count(*) from identified.outbox group by 1, 2").fetchall()
        assert left == [("sent", 1, 6)], number
        for folder in folders.values():
            held = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".part")}
            assert held == {f"{code}-{DAY}.tar.age": sealed(delivered, code) for code in ("D1", "D2")}, number
