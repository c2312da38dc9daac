"""postfix.py ALONE DIR FILE|FOLDER...: the half of ci/postfix that speaks SMTP and compares.

Runs inside the namespaces that ci/postfix made, with its Postfix in DIR. Starts it, hands it every
message, receives what comes out on the other side, and compares. Messages are told apart by their
recipient, so that none has to be changed.

What arrives must be, behind Postfix's trace fields, the octets that septet wrote, and must say by
Python's own email package what the message said that septet read. What Postfix does to a message on
its way in (a missing empty line behind the header, say) is so no concern of the comparison.
"""

import email
import email.header
import email.policy
import fcntl
import os
import quopri
import re
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time

DELIVERED = {}
FIELDS_THAT_CHANGE = {
    "content-transfer-encoding",
    "mime-version",
    # Their parameters are compared.
    "content-type",
    "content-disposition",
}


class Server(socketserver.StreamRequestHandler):
    """A server that takes anything, and offers nothing."""

    def handle(self):
        say = self.wfile.write
        say(b"220 sink ESMTP\r\n")
        number = None
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                match = re.search(rb"<(\d+)@", line)
                number = int(match[1]) if match else None  # a bounce
            elif word == b"DATA":
                say(b"354 go on\r\n")
                octets = self.data()
                if number is not None:
                    DELIVERED[number] = octets
            elif word == b"QUIT":
                say(b"221 bye\r\n")
                return
            say(b"250 sink\r\n")

    def data(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS = 1, 0x8913, 0x8914
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def inject(number, message):
    """Hands the octets to Postfix as they are; smtplib would mend lone CRs."""
    lines = re.split(rb"\r?\n", message)
    if lines[-1] == b"":
        lines.pop()
    data = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    with socket.create_connection(("127.0.0.1", 25), 60) as connection:
        replies = connection.makefile("rb")

        def expect(code):
            while (line := replies.readline())[3:4] == b"-":
                pass
            if not line.startswith(code):
                raise OSError(f"message {number}: {line!r}")

        expect(b"220")
        for command, code in (
            (b"EHLO client.invalid", b"250"),
            (b"MAIL FROM:<sender@example.invalid> BODY=8BITMIME", b"250"),
            (b"RCPT TO:<%d@example.invalid>" % number, b"250"),
            (b"DATA", b"354"),
        ):
            connection.sendall(command + b"\r\n")
            expect(code)
        connection.sendall(data + b".\r\n")
        expect(b"250")
        connection.sendall(b"QUIT\r\n")


def lf(octets):
    return octets.replace(b"\r\n", b"\n")


def is_clean(octets):
    octets = octets.replace(b"\r\n", b"\n")
    return (
        max(octets, default=0) < 128
        and b"\0" not in octets
        and b"\r" not in octets
        and max(map(len, octets.split(b"\n"))) <= 998
    )


def words(value):
    """The octets that a field says, whatever the charset of its encoded-words is called."""
    value = re.sub(r"\r?\n", "", value)
    try:
        pieces = email.header.decode_header(value)
    except email.errors.HeaderParseError:
        pieces = [(value, None)]
    octets = (each if isinstance(each, bytes) else each.encode("latin-1") for each, _ in pieces)
    # Space between words, and quotes around them, are not what the field says.
    return re.sub(rb'[\s"]+', b"", b"".join(octets))


def parameter(value):
    """The octets of a parameter, of RFC 2231 too."""
    return (value[2] if isinstance(value, tuple) else value).encode("latin-1")


def says(octets):
    """What a message says: of each part type, parameters, other fields, decoded content."""
    result = []
    # Every octet is a character, so that the package has nothing to guess.
    message = email.message_from_string(octets.decode("latin-1"), policy=email.policy.compat32)
    for part in message.walk():
        params = [
            (key, parameter(value))
            for header in ("content-type", "content-disposition")
            for key, value in part.get_params(failobj=[], header=header)[1:]
            if key.lower() != "charset"
        ]
        fields = [
            (name.lower(), words(value))
            for name, value in part._headers
            if name.lower() not in FIELDS_THAT_CHANGE
        ]
        content = None
        if not part.is_multipart():
            content = part.get_payload(decode=True) or b""
            if part.get("Content-Transfer-Encoding", "").strip().lower() == "quoted-printable":
                # RFC 2045 section 6.7 (3): a decoder deletes it. Python's does not.
                raw = part.get_payload().encode("latin-1")
                content = quopri.decodestring(re.sub(rb"[ \t]+(?=\r?\n|\Z)", b"", raw))
            content = re.sub(rb"\r\n?|\n", b"\n", content)
        around = [
            re.sub(r"[^\x01-\x0c\x0e-\x7f]", "?", text or "")
            for text in (part.preamble, part.epilogue)
        ]
        kind = part.get_content_type().replace("message/global", "message/rfc822")
        result.append((kind, params, fields, content, around))
    return result


def same(before, after):
    """Whether both say the same: an added charset, a last line end aside."""
    before, after = says(before), says(after)
    if len(before) != len(after):
        return "other parts"
    for index, (old, new) in enumerate(zip(before, after)):
        for what, a, b in zip(("type", "parameters", "fields", "content", "around"), old, new):
            if what == "content" and a is not None and b is not None:
                a, b = a.rstrip(b"\n"), b.rstrip(b"\n")
            if a != b:
                return f"part {index}: {what}"
    return None


def files(names):
    for name in names:
        if os.path.isdir(name):
            for folder, _, inside in sorted(os.walk(name)):
                yield from (os.path.join(folder, each) for each in sorted(inside))
        else:
            yield name


def run(directory, messages):
    """Everything through Postfix."""
    server = Threads(("127.0.0.1", 26), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    subprocess.run(["postfix", "start"], check=True, stderr=subprocess.DEVNULL)
    for number, (_, octets) in enumerate(messages):
        inject(number, octets)
    idle = 0
    while len(DELIVERED) < len(messages) and idle < 10:
        time.sleep(0.5)
        idle = 0 if is_queued(directory) else idle + 1


def is_queued(directory):
    """Whether Postfix still has a message that it is working on."""
    queues = ("maildrop", "incoming", "active")
    return any(
        inside
        for queue in queues
        for _, _, inside in os.walk(os.path.join(directory, "queue", queue))
    )


def main():
    alone, directory, names = sys.argv[1] == "yes", sys.argv[2], sys.argv[3:]
    loopback_up()
    messages = []
    for name in files(names):
        with open(name, "rb") as file:
            octets = file.read()
        if octets.strip() and not name.endswith(".tsv"):
            messages.append((name, octets))
    run(directory, messages)

    seen = {}
    folder = os.path.join(directory, "seen")
    for name in sorted(os.listdir(folder)):
        if "." not in name:
            path = os.path.join(folder, name)
            with open(path, "rb") as a, open(path + ".out", "rb") as b, open(path + ".status") as c:
                read, written, status = a.read(), b.read(), int(c.read())
            number = re.search(rb"\bfor <(\d+)@example\.invalid>", read)
            if number:
                seen[int(number[1])] = (read, written, status)

    counts = dict.fromkeys(("arrived", "clean", "as written", "same content", "passed as it is"), 0)
    wrong = 0
    for number, (name, _) in enumerate(messages):
        if number not in DELIVERED or number not in seen:
            print(f"{name}: lost")
            wrong += 1
            continue
        counts["arrived"] += 1
        read, written, status = seen[number]
        arrived = DELIVERED[number]
        with open(os.path.join(folder, f"{number}.delivered"), "wb") as file:
            file.write(arrived)
        passed = status == 1
        counts["passed as it is"] += passed
        clean = is_clean(arrived)
        counts["clean"] += clean
        # Behind the Received field of the second round.
        is_written = lf(arrived).rstrip(b"\n").endswith(lf(written).rstrip(b"\n"))
        counts["as written"] += is_written
        difference = same(lf(read), lf(behind_trace(arrived)))
        counts["same content"] += difference is None
        notes = []
        if not clean:
            notes.append("not clean")
        if not is_written:
            notes.append("changed by Postfix")
        if difference:
            notes.append(f"content differs, {difference}")
        if passed:
            notes.append("passed as it is")
        if notes:
            print(f"{name}: {'; '.join(notes)}")
        wrong += bool(notes) and not passed
    print(f"{len(messages)} messages: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if wrong and not alone else 0


def behind_trace(arrived):
    """Without the Received field that Postfix put before it when it came back from the filter."""
    return re.sub(rb"\AReceived:[^\n]*\n(?:[ \t][^\n]*\n)*", b"", arrived)


if __name__ == "__main__":
    sys.exit(main())
