"""The SDK sends a request again by itself when the answer is lost. Here the first answer is."""

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from label_studio_sdk import LabelStudio

from checks import explicit, refused


@contextmanager
def losing_the_first_answer(url: str):
    """The address of a proxy that hangs up instead of passing on the first answer,
    and a list of what it sent on."""
    sent = []

    class Proxy(BaseHTTPRequestHandler):
        def do_DELETE(self):
            upstream = http.client.HTTPConnection(urlsplit(url).netloc)
            upstream.request("DELETE", self.path, headers=dict(self.headers))
            answer = upstream.getresponse()
            body = answer.read()
            upstream.close()
            sent.append((self.path, answer.status, body))
            if len(sent) == 1:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}", sent
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def delete_through_proxy(server, project, **arguments):
    with losing_the_first_answer(server.url) as (url, sent):
        ls = LabelStudio(base_url=url, api_key=server.token)
        answer = ls.projects.members.bulk.with_raw_response.delete(project, **arguments)
    assert len(sent) == 2 and sent[0][:2] == sent[1][:2]
    return answer, sent


def operations(http, project) -> list[dict]:
    return http.get("/api/roster/operations/", params={"project": project, "kind": "unassign"}).json()["results"]


def test_without_a_key_the_lost_answer_is_given_again(server, ls, http, project, annotators):
    answer, sent = delete_through_proxy(server, project, all_=True)
    assert sent[0][2].strip() == b'{"unassignments":%d}' % len(annotators)
    assert answer.data.unassignments == len(annotators)
    assert answer.headers["idempotency-replayed"] == "true"
    (operation,) = operations(http, project)
    assert answer.headers["roster-operation"] == str(operation["id"])
    assert explicit(ls, project) == set()


def test_a_script_that_looks_in_between_removes_again(ls, http, project, annotators):
    assert ls.projects.members.bulk.delete(project, all_=True).unassignments == len(annotators)
    assert explicit(ls, project) == set()
    assert ls.projects.members.bulk.delete(project, all_=True).unassignments == 0
    assert sorted(op["changed"] for op in operations(http, project)) == [0, len(annotators)]


def test_with_a_key_the_lost_answer_is_given_again(server, ls, http, project, annotators):
    options = {"additional_headers": {"Idempotency-Key": f"off-board {project}"}}
    answer, sent = delete_through_proxy(server, project, all_=True, request_options=options)
    assert answer.data.unassignments == len(annotators)
    assert sent[0][2] == sent[1][2]
    assert answer.headers["idempotency-replayed"] == "true"
    (operation,) = operations(http, project)
    assert answer.headers["roster-operation"] == str(operation["id"])
    assert explicit(ls, project) == set()


def test_a_key_works_for_every_change_of_members(either, new_project, annotators):
    project = new_project()
    options = {"additional_headers": {"Idempotency-Key": f"assign {project}"}}
    calls = [
        either.projects.members.bulk.with_raw_response.post(
            project, all_=False, included=annotators, request_options=options
        )
        for _ in range(2)
    ]
    assert [call.data.assignments for call in calls] == [len(annotators)] * 2
    assert calls[0].headers["roster-operation"] == calls[1].headers["roster-operation"]
    assert [call.headers.get("idempotency-replayed") for call in calls] == [None, "true"]


def test_a_key_is_for_one_request(ls, project, annotators):
    options = {"additional_headers": {"Idempotency-Key": f"one request {project}"}}
    assert (
        ls.projects.members.bulk.delete(
            project, all_=False, included=annotators[:1], request_options=options
        ).unassignments
        == 1
    )
    with refused(422):
        ls.projects.members.bulk.delete(project, all_=True, request_options=options)
    with refused(400, "Idempotency-Key"):
        ls.projects.members.bulk.delete(
            project, all_=True, request_options={"additional_headers": {"Idempotency-Key": "x" * 256}}
        )
    assert explicit(ls, project) == set(annotators[1:])
