import importlib.metadata
import json
import os
from collections import defaultdict
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

import answers  # keeps what the SDK is answered
import server as servers
from operations import document, operations_of
from stories import DRIVEN
from versions import VERSIONS
from world import PRESENT, World

VERSION = importlib.metadata.version("label-studio-sdk")


@pytest.fixture(scope="session")
def engines(tmp_path_factory):
    """Roster on an engine, with the demo organization in it. It is started once: pytest
    goes back and forth between the engines, for the sake of the other parameters. Most of
    the time would go by while the SDK reads lists of everybody, were there more people."""
    with ExitStack() as running:
        start = lambda engine: servers.serving(engine, tmp_path_factory.mktemp(engine), people=300)
        yield cache(lambda engine: running.enter_context(start(engine)))


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request, engines):
    return engines(request.param)


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
