import importlib.metadata
import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

import answers  # keeps what the SDK is answered
import server as servers
from operations import document, operations_of
from stories import DRIVEN
from versions import VERSIONS
from world import PRESENT, World

VERSION = importlib.metadata.version("label-studio-sdk")


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request, tmp_path_factory):
    """Roster on each engine in turn, with the demo organization in it."""
    binary, directory = servers.binary(), tmp_path_factory.mktemp(request.param)
    url = servers.database() if request.param == "postgres" else None
    try:
        store = ["--db", url] if url else ["--data", str(directory / "data")]
        running = servers.Server(binary, store, directory)
        running.issued = {}
        yield running
        running.stop()
    finally:
        if url:
            servers.drop(url)


class Record:
    """What this run drove: methods, and operations by the credentials they were driven with."""

    def __init__(self):
        self.methods, self.operations, self.document = set(), defaultdict(set), {}

    def add(self, world, methods) -> None:
        self.document = document(world.server.url)
        self.methods |= methods
        for operation in operations_of(world.server.url, world.requests):
            self.operations[operation].add(world.credential)

    def save(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        known = {
            "driven": sorted(self.methods),
            "absent": sorted({m for m in DRIVEN if m not in PRESENT}),
            "operations": {operation: sorted(by) for operation, by in sorted(self.operations.items())},
        }
        (directory / f"sdk-{VERSION}.json").write_text(json.dumps(known, indent=1) + "\n")
        (directory / "document.json").write_text(json.dumps(self.document, indent=1) + "\n")


def pytest_configure(config):
    config.record = Record()


def pytest_sessionfinish(session, exitstatus):
    # A record of part of the stories would claim that the others are not driven.
    if exitstatus == 0 and os.environ.get("CONFORMANCE_RECORD"):
        session.config.record.save(Path(os.environ["CONFORMANCE_RECORD"]))


def pytest_generate_tests(metafunc):
    if "credential" in metafunc.fixturenames:
        metafunc.parametrize("credential", VERSIONS[VERSION], scope="session")
    if "asynchronous" in metafunc.fixturenames:
        metafunc.parametrize("asynchronous", [False, True], ids=["sync", "async"], scope="session")


@pytest.fixture
def world(server, credential, asynchronous):
    made = World(server, credential, asynchronous)
    yield made
    made.close()
