#!/usr/bin/env python3
"""Writes seeds for the fuzzer: `fuzz/seeds.py FOLDER` makes a folder for each target in FOLDER, with
inputs cut from `testdata`. The first four octets of each say how it is read (see src/input.rs).

Fields are cut out in the simplest way there is; a seed that is no field does no harm."""

import base64
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 16 << 10

# Which fields are seeds of which target, beside those that get every field or message.
FIELDS = {
    "auth": rb"authentication-results|arc-.*|received-spf",
    "addresses": rb"from|to|cc|bcc|reply-to|sender|return-path",
    "dates": rb"date|resent-date",
    "dkim": rb"dkim-signature|arc-message-signature",
    "ids": rb"message-id|references|in-reply-to|content-id",
    "params": rb"content-type|content-disposition",
    "received": rb"received",
    "words": rb"subject|comments|from|to|content-description",
}
MESSAGES = [
    "convert", "diff", "join", "lint", "mbox", "record", "structure", "trace", "views", "walk",
    "wire",
]
BODIES = ["charset", "inline", "text", "transfer"]
CONDITIONS = [
    b"from~alice", b"to=a@b.example", b"subject~x", b"id=1@example", b"header:Received~by",
    b"date>=2020", b"!date<2021-03", b"date=2020-05-17", b"date>2020-05-17T08:00:00+02:00",
    b"size>1MiB", b"size<=20k", b"attachment", b"attachment=image/*", b"attachment~.pdf",
]
NAMES = [
    b"../../etc/passwd", b"C:\\CON.txt", b"a.txt:evil.exe", b"x::$DATA", b"..", b"-rf", b" a. ",
    "rechnung\u202efdp.exe".encode(), "e\u0301.txt".encode(), b"a" * 300 + b".pdf", b"a\0b\r\nc",
]


def pick(choice, text):
    """The octets in the form that the targets take."""
    return bytes([choice, 0, 1, 6]) + text


def changed(text):
    """The message, and what a relay could make of it, for `diff`."""
    relayed = b"Received: from a by b; 1 Jan 2024 00:00:00 +0000\n" + text
    for other in (relayed, text + b"--\nlist\n", re.sub(rb"(?m)^To:", b"Reply-To: list\n\\g<0>", text)):
        yield text + b"\0\0\n" + other


def fields(text):
    """The bodies of the fields of anything that looks like a header, with their names."""
    return re.findall(rb"(?mi)^([!-9;-~]+):((?:.*\n)(?:[ \t].*\n)*)", text)


def whole_fields(text):
    """The same with their names, as they stand."""
    return [name + b":" + body for name, body in fields(text)]


def main(folder):
    count = 0

    def seed(target, name, octets):
        nonlocal count
        below = folder / target
        below.mkdir(parents=True, exist_ok=True)
        (below / name).write_bytes(octets)
        count += 1

    for path in sorted(p for p in (ROOT / "testdata").rglob("*") if p.is_file()):
        name = str(path.relative_to(ROOT / "testdata")).replace("/", "-")
        text = path.read_bytes()[:LARGEST]
        if "archives" in path.parts:
            seed("archives", name, pick(0, text))
        for choice in (0, 1):
            for target in MESSAGES:
                seed(target, f"{name}-{choice}", pick(choice, text))
        for at, both in enumerate(changed(text)):
            seed("diff", f"{name}-changed-{at}", pick(0, both))
        said = [whole for whole in whole_fields(text) if re.match(FIELDS["auth"], whole.lower())]
        if said:
            seed("auth", name, pick(0, b"".join(said)))
        seed("select", name, pick(0, b"\t".join(CONDITIONS) + b"\n" + text))
        for at, body in enumerate(re.split(rb"\r?\n\r?\n", text)[1:]):
            for target in BODIES:
                seed(target, f"{name}-{at}", pick(at % 80, body))
            compact = re.sub(rb"\s", b"", body)
            if re.fullmatch(rb"(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?", compact):
                seed("tnef", f"{name}-{at}", pick(0, base64.b64decode(compact)))
        for at, (field, body) in enumerate(fields(text)):
            seed("header", f"{name}-{at}", pick(0, field + b":" + body))
            seed("write", f"{name}-{at}", pick(at % 8, field + b":" + body))
            for target, names in FIELDS.items():
                if re.fullmatch(names, field.lower()):
                    seed(target, f"{name}-{at}", pick(0, body))
    for at, hostile in enumerate(NAMES):
        seed("names", f"{at}", pick(0, hostile))
    print(f"{count} seeds in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
