"""The built Roster, running on one of its engines with the demo organization in it."""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import pytest
from label_studio_sdk import LabelStudio

OWNER = "owner@example.com"
POSTGRES = "ROSTER_TEST_POSTGRES"
STARTS_WITHIN = STOPS_WITHIN = 60  # seconds


class Server:
    """A server that was started, and the command line on the same store."""

    def __init__(self, binary: str, store: list[str], directory: Path, people: int):
        self.binary, self.store = binary, store
        self.issued = {}  # tokens, by whose they are
        self.out, self.err = directory / "stdout", directory / "stderr"
        migrate = ["--migrate"] if "--db" in store else []
        self._run("demo", *store, *migrate, "--people", str(people))
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [binary, "serve", "--addr", "127.0.0.1:0", *store, *migrate, "--demo"], stdout=out, stderr=err
            )
        self.url = self._wait_until_healthy()
        self.token = self.token_of(OWNER)

    def _wait_until_healthy(self) -> str:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            said = re.search(r"http://[\d.]+:\d+", self.out.read_text())
            try:
                if said and httpx.get(said[0] + "/health").status_code == 200:
                    return said[0]
            except httpx.TransportError:
                pass
            time.sleep(0.02)  # between two polls
        self.process.kill()
        raise AssertionError(f"roster did not start:\n{self.out.read_text()}{self.err.read_text()}")

    def token_of(self, email: str, *flags: str) -> str:
        """The legacy token of a person, as `roster token create` prints it, or what the flags make of it."""
        return self._run("token", "create", *self.store, "--user", email, *flags)

    def _run(self, *command: str) -> str:
        done = subprocess.run([self.binary, *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(self, token: str | None = None, **options) -> LabelStudio:
        """The SDK signed in with a token; the owner's when none is given."""
        return LabelStudio(base_url=self.url, api_key=token or self.token, **options)

    def http(self, token: str | None = None) -> httpx.Client:
        """Plain HTTP signed in with a token, for what the SDK does not know of."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Token {token or self.token}"})

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOPS_WITHIN)
        finally:
            self.process.kill()
        log = self.err.read_text()
        assert status == 0, f"roster ended with {status} on SIGTERM:\n{log[-4000:]}"
        assert "panic" not in log, log[log.index("panic") - 1000 :][:4000]


@contextmanager
def serving(engine: str, directory: Path, people: int = 2000):
    """A server on an engine, with a store of its own that goes with it: a demo of so many people."""
    url = database() if engine == "postgres" else None
    try:
        running = Server(binary(), ["--db", url] if url else ["--data", str(directory / "data")], directory, people)
        yield running
        running.stop()
    finally:
        if url:
            drop(url)


def binary() -> str:
    path = os.environ.get("ROSTER_BIN")
    if not path:
        pytest.fail("ROSTER_BIN is not set: run the suite with make conformance")
    return path


def database() -> str:
    """Makes an empty database and returns its URL. Visibly skips, or fails where
    ROSTER_REQUIRE_POSTGRES asks for one, when there is no server to make it on."""
    server = os.environ.get(POSTGRES)
    if not server:
        stop = pytest.fail if os.environ.get("ROSTER_REQUIRE_POSTGRES") else pytest.skip
        stop(f"{POSTGRES} is not set: run the suite with make conformance")
    name = f"roster_sdk_{uuid4().hex}"
    psql(server, f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(server)._replace(path="/" + name))


def drop(url: str) -> None:
    name = urlsplit(url).path.removeprefix("/")
    psql(os.environ[POSTGRES], f"DROP DATABASE {name} WITH (FORCE)")


def psql(url: str, statement: str) -> None:
    # Where the server's programs are kept off PATH, so may psql be.
    places = [
        os.environ["PATH"],
        *map(str, Path("/").glob("usr/lib/postgresql/*/bin")),
        *map(str, Path("/").glob("usr/pgsql-*/bin")),
    ]
    found = shutil.which("psql", path=os.pathsep.join(places))
    assert found, "psql is needed to make a database: apt-get install postgresql-client"
    subprocess.run([found, "--no-psqlrc", "--quiet", url, "-c", statement], check=True)
