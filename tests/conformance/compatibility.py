"""Makes docs/compatibility.md of what was driven: compatibility.py RECORDS PAGE [write].

Says what is wrong, and ends with 1, when the page is not what the records say."""

import json
import re
import sys
import textwrap
from fnmatch import fnmatchcase
from pathlib import Path

from versions import VERSIONS

HERE = Path(__file__).parent
VENDOR = HERE.parents[1] / "internal/lsapi/testdata/vendor"
WORDS = {"same": "same", "extended": "extended", "differs": "**differs**", "own": "Roster's own", "newer": "newer"}


def bare(path: str) -> str:
    """A path without its slash and the names of its parameters, which servers choose."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def upstream() -> dict:
    """The original's operations: (method, bare path) to (path, statuses that are no error, parameters)."""
    found = {}
    for path, methods in json.loads((VENDOR / "openapi.json").read_text())["paths"].items():
        for method, operation in methods.items():
            query = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
            found[method.upper(), bare(path)] = (path, {s for s in operation["responses"] if s < "300"}, query)
    return found


def places() -> dict:
    """Where answers differ on purpose, with the reason."""
    return dict(line.split(" | ", 1) for line in lines(VENDOR / "differences.txt"))


def served(openapi: dict) -> dict:
    return {
        (method.upper(), bare(path)): (path, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }


def written() -> dict:
    """The differences that people wrote down."""
    found = {}
    for line in lines(HERE / "differences.txt"):
        head, text = line.split(" | ", 1)
        method, path, verdict = head.split(" ")
        assert verdict in ("extended", "differs", "newer"), line
        found[method, path] = (verdict, text)
    return found


def wrapped(*paragraphs: str) -> list[str]:
    """Paragraphs as lines that fit, with an empty one after each."""
    out = []
    for text in paragraphs:
        out += textwrap.wrap(" ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False) + [""]
    return out


class Page:
    def __init__(self, directory: Path):
        self.openapi = json.loads((directory / "document.json").read_text())
        self.records = {v: json.loads((directory / f"sdk-{v}.json").read_text()) for v in VERSIONS}
        self.upstream, self.served, self.written = upstream(), served(self.openapi), written()
        self.held, self.places = json.loads((directory / "vendor.json").read_text()), places()
        self.rows, self.wrong = [], []

    def compare(self) -> None:
        for key in sorted(set(self.upstream) | set(self.served), key=lambda key: (key[1], key[0])):
            self.rows.append(self.row(key))
        self.wrong += [f"differences.txt: {m} {p} is no operation" for m, p in self.written if (m, p) not in {*self.upstream, *self.served}]

    def row(self, key) -> tuple:
        verdict, text = self.written.get(key, ("same", ""))
        if key not in self.served:
            if verdict != "differs":
                self.wrong.append(f"{key[0]} {key[1]} is not served, and differences.txt does not say why")
            return ("Not served", key, self.upstream[key][0], verdict, text, "")
        path, operation = self.served[key]
        notes = [text] if text else []
        if key not in self.upstream:
            if "/roster/" in path or path == "/api/schema":
                verdict = "own"
            elif verdict != "newer":
                self.wrong.append(f"{key[0]} {key[1]} is not in the description, and differences.txt does not say that it is newer")
        else:
            path, statuses, theirs = self.upstream[key]
            ours = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
            if more := ours - theirs:
                verdict = "extended" if verdict == "same" else verdict
                notes.append("Also takes " + ", ".join(f"`{name}`" for name in sorted(more)))
            if less := theirs - ours:
                verdict = "differs"
                notes.append("Passes over " + ", ".join(f"`{name}`" for name in sorted(less)))
            if not statuses & set(operation["responses"]):
                self.wrong.append(f"{key[0]} {key[1]} does not answer {', '.join(statuses)}")
            if reasons := self.answers(f"{key[0]} {path}"):
                verdict = "differs"
                notes += reasons
        return (operation["tags"][0], key, path, verdict, ". ".join(notes), self.driven(f"{key[0]} {self.served[key][0]}"))

    def answers(self, operation: str) -> list[str]:
        """Why answers of an operation were not as described. Without one that was held against the description it is nothing."""
        held = self.held.get(operation, {"answers": 0, "differences": []})
        if not held["answers"]:
            self.wrong.append(f"{operation} has no answer that was held against the description")
        reasons = [reason for pattern, reason in self.places.items() if any(fnmatchcase(place, pattern) for place in held["differences"])]
        return list(dict.fromkeys(reasons))

    def driven(self, operation: str) -> str:
        parts = []
        for version, record in self.records.items():
            if by := record["operations"].get(operation):
                parts.append(version if len(by) == len(VERSIONS[version]) else f"{version} ({', '.join(by)})")
        return ", ".join(parts) or "golden exchanges"

    def text(self) -> str:
        counts = {verdict: sum(row[3] == verdict for row in self.rows) for verdict in WORDS}
        out = [
            "# Compatibility with Label Studio Enterprise",
            "",
            *wrapped(
                "Written by `make compatibility` from what `make conformance` drove; do not edit. A test fails when it is stale.",
                f"""For who has scripts, notebooks or an identity provider that speak to Label Studio Enterprise and wonders what
                changes with the base URL. Of the {len(self.upstream)} published operations that concern people, roles, access, who did
                what, and the tasks they are given: {counts['same']} are the same, {counts['extended']} take or do more, and
                {counts['differs']} differ in the way that is said. {counts['newer']} are newer than the description this is held
                against; {counts['own']} are Roster's own.""",
                """The original is the
                [published description](https://github.com/HumanSignal/label-studio-client-generator) of 21 August 2026. Every
                recorded exchange, and every answer that the SDK got here, was held against it, field by field: *same* is said of an
                operation where all of them were valid, and its parameters and statuses are the original's. What differs on purpose
                says why. The SDK's answers are checked on SQLite and on PostgreSQL, by its synchronous and its asynchronous client.
                *Driven by* names the versions of `label-studio-sdk` with a method for the operation; *golden exchanges* are
                recorded requests and answers that the Go tests replay.""",
                """Identity providers: SCIM is held against [scim2-tester](https://pypi.org/project/scim2-tester/), and against the
                requests that Okta and Microsoft Entra publish ([SCIM, as Roster speaks it](../internal/scim/README.md)). How all
                of it is tested: [ADR 18](adr/0018-conformance.md).""",
            ),
            "| `label-studio-sdk` | credentials |",
            "|---|---|",
            *(f"| {version} | {'; '.join(credentials)} |" for version, credentials in VERSIONS.items()),
            "",
        ]
        for family in [tag["name"] for tag in self.openapi["tags"]] + ["Not served"]:
            out += self.family(family)
        return "\n".join(out + self.methods()) + "\n"

    def family(self, name: str) -> list[str]:
        rows = [row for row in self.rows if row[0] == name]
        if not rows:
            return []
        table = [f"## {name}", "", "| operation | | how | driven by |", "|---|---|---|---|"]
        for _, (method, _), path, verdict, text, driven in rows:
            table.append(f"| `{method} {path}` | {WORDS[verdict]} | {text} | {driven} |")
        return table + [""]

    def methods(self) -> list[str]:
        names = sorted({m for r in self.records.values() for m in r["driven"] + r["absent"]})
        mark = {True: "driven", False: "not in this version"}
        return [
            "## Methods of the SDK",
            "",
            *wrapped(
                """Two defects of older versions, which the original meets too: `tokens.blacklist` of 2.0.4 raises an `ApiError` with
                status 204 after it has done its work, and 2.0.17 does not exchange a personal access token that comes in
                `X-API-Key`.""",
            ),
            f"| method | {' | '.join(VERSIONS)} |",
            "|---" * (len(VERSIONS) + 1) + "|",
            *(f"| `{name}` | {' | '.join(mark[name in r['driven']] for r in self.records.values())} |" for name in names),
        ]


def main(directory: str, target: str, *write: str) -> int:
    page, path = Page(Path(directory)), Path(target)
    page.compare()
    text = page.text()
    if page.wrong:
        print("\n".join(page.wrong), file=sys.stderr)
        return 1
    if write:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        print(f"{target} is not what was driven: run make compatibility, and read the difference", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
