"""What a story has: clients of the SDK that are watched, and plain HTTP to prepare things with."""

import inspect
import io
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from label_studio_sdk.core.api_error import ApiError

from recorder import TLS, Client, Requests, present

PRESENT = present()

# How a credential that `roster token create` prints is given to a client.
CREDENTIALS = {
    "legacy token": lambda token: {"api_key": token()},
    "personal access token": lambda token: {"api_key": token("--personal")},
    "X-API-Key, legacy": lambda token: {"api_key": (key := token()), "headers": {"X-API-Key": key}},
    "X-API-Key, personal": lambda token: {"api_key": (key := token("--personal")), "headers": {"X-API-Key": key}},
}


class World:
    """A running server as the owner reaches it with one credential, by one kind of client."""

    def __init__(self, server, credential: str, asynchronous: bool):
        self.server, self.credential, self.asynchronous = server, credential, asynchronous
        self.calls, self.requests, self.clients, self.keys = set(), Requests(), [], {}
        self.http = httpx.Client(base_url=server.url, headers={"Authorization": f"Token {server.token}"}, verify=TLS)
        self.me = self.http.get("/api/current-user/whoami").json()
        self.organization = self.me["active_organization"]
        self.owner = self.client(self.me["email"])

    def client(self, email: str) -> Client:
        """A client of somebody's, signed in by the credential of this world."""

        def token(*flags: str) -> str:
            # a second personal token is refused while the first one lives
            if (email, flags) not in self.server.issued:
                self.server.issued[email, flags] = self.server.token_of(email, *flags)
            self.keys[email] = self.server.issued[email, flags]
            return self.keys[email]

        options = CREDENTIALS[self.credential](token)
        made = Client(self.asynchronous, self.calls, self.requests, base_url=self.server.url, **options)
        self.clients.append(made)
        return made

    def __call__(self, name: str, *args, **kwargs):
        """Calls a method as the owner."""
        return self.owner.call(name, *args, **kwargs)

    def has(self, name: str) -> bool:
        """Whether this version of the SDK has the method. That it has not is in the record."""
        return name in PRESENT

    def takes(self, name: str, parameter: str) -> bool:
        return parameter in inspect.signature(PRESENT[name]).parameters

    def ask(self, method: str, path: str, **json) -> dict:
        answer = self.http.request(method, path, **({"json": json} if json else {}))
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json() if answer.content else {}

    def person(self, role: str = "AN") -> dict:
        email = f"c-{uuid4().hex[:12]}@example.com"
        made = self.ask("POST", "/api/users/", username=email, email=email, first_name="Casey", last_name=email[:8])
        self.ask("PATCH", f"/api/organizations/{self.organization}/memberships", user_id=made["id"], role=role)
        return made

    def people(self, count: int) -> list[int]:
        return [self.person()["id"] for _ in range(count)]

    def project(self, members=()) -> int:
        made = self.ask("POST", "/api/projects/", title=f"Conformance {uuid4().hex[:10]}")["id"]
        if members:
            self.ask("POST", f"/api/projects/{made}/members/bulk/", all=False, included=list(members))
        return made

    def explicit(self, project: int) -> set[int]:
        page = self.ask("GET", f"/api/projects/{project}/members/paginated/?implicit=false&page_size=1000")
        return {member["id"] for member in page["results"]}

    def close(self):
        for client in self.clients:
            client.close()
        self.http.close()


def rows(answer) -> list:
    """The items of an answer that is a list, a page or a pager, whichever a version makes of it."""
    return list(answer.results) if hasattr(answer, "results") else list(answer)


def value(item, name: str):
    """A field of an item, which some versions give as a model and some as a dictionary."""
    return item[name] if isinstance(item, dict) else getattr(item, name)


def refused(status: int):
    """The block ends in an ApiError with this status."""
    return pytest.raises(ApiError, match=f"status_code: {status}")


@contextmanager
def answered(status: int):
    """Some older versions read an empty answer as JSON and raise what went well."""
    try:
        yield
    except ApiError as error:
        assert error.status_code == status, error


def csv(text: str) -> tuple:
    return ("tags.csv", io.BytesIO(text.encode()), "text/csv")
