"""witness.py SEPTET FOLDER...: the half of ci/witness that reads and compares.

Each FOLDER holds mail as it was unpacked. Python reads files that begin with a `From ` line by
mailbox.mbox, folders with a `cur` by mailbox.Maildir, other files by email (policy compat32);
septet reads the folder as it is. What both say of a message is compared, and every difference must
fall into a class of CLASSES. Whether it does is decided by the octets of the message, and where
possible by computing what septet should have said, so that a new mistake falls into no class. Such
a difference is printed, and fails the run.
"""

import base64
import collections
import datetime
import email
import email.header
import email.utils
import hashlib
import json
import mailbox
import multiprocessing
import os
import quopri
import re
import subprocess
import sys

# So many of each class are printed with SHOW=n; of what is in no class, 20.
SHOW = int(os.environ.get("SHOW", "0"))


# What Python says


def tasks(folder):
    """Pieces of work: lists of (reader, path)."""
    files = []
    for directory, inside, names in os.walk(folder):
        inside.sort()
        if os.path.basename(directory) in ("cur", "new", "tmp"):
            continue
        if "cur" in inside:
            yield [(maildir, directory)]
        for name in sorted(names):
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                is_mbox = file.read(5) == b"From "
            if is_mbox:
                yield [(mbox, path)]
            else:
                files.append((single, path))
    for at in range(0, len(files), 100):
        yield files[at : at + 100]


class Message:
    """One message: where it stands in `path`, its octets, and what Python made of them."""

    def __init__(self, path, number, parsed, octets, toc=None):
        self.path = path
        self.number = number
        self.parsed = parsed
        self.from_line = re.match(rb"From .*\n", octets)
        self.start = len(self.from_line[0]) if self.from_line else 0
        self.octets = octets[self.start :]
        self.end = None
        if toc:
            with open(path, "rb") as file:
                file.seek(toc[0])
                self.start = toc[0] + len(file.readline())
            self.end = toc[1]

    def raw(self, name):
        return raw(self.parsed, name)


def raw(part, name):
    """The values of a field as they stand, octets over 127 as surrogates, folds without line ends."""
    return [re.sub(r"\r?\n", "", value) for key, value in part._headers if key.lower() == name]


def first(part, name):
    return "".join(raw(part, name)[:1])


def single(path):
    with open(path, "rb") as file:
        parsed = email.message_from_binary_file(file)
    with open(path, "rb") as file:
        yield Message(path, 1, parsed, file.read())


def maildir(directory):
    for name in ("new", "tmp"):
        os.makedirs(os.path.join(directory, name), exist_ok=True)
    box = mailbox.Maildir(directory, create=False)
    for key in box.iterkeys():
        path = os.path.join(directory, box._lookup(key))
        yield Message(path, 1, box.get_message(key), box.get_bytes(key))


def mbox(path):
    box = mailbox.mbox(path, create=False)
    for number, key in enumerate(box.iterkeys(), 1):
        octets = box.get_bytes(key)
        try:
            parsed = box.get_message(key)
        except UnicodeDecodeError:  # it cannot read a `From ` line with octets over 127
            parsed = email.message_from_bytes(octets)
        yield Message(path, number, parsed, octets, box._toc[key])


def text(value):
    """A field as text: encoded-words decoded, octets over 127 as UTF-8 or windows-1252."""
    try:
        pieces = email.header.decode_header(value)
    except email.errors.HeaderParseError:
        pieces = [(value, None)]
    return "".join(decoded(octets_of(piece), charset) for piece, charset in pieces)


def octets_of(piece):
    if isinstance(piece, str):
        return piece.encode("ascii", "surrogateescape")
    # What decode_header makes of a surrogate beside an encoded-word.
    return re.sub(rb"\\udc([89a-f][0-9a-f])", lambda m: bytes.fromhex(m[1].decode()), piece)


def decoded(octets, charset):
    charset = {"iso-8859-1": "windows-1252", "gb2312": "gb18030"}.get(charset, charset)
    for name in (charset, "utf-8", "windows-1252"):
        try:
            return octets.decode(name)
        except (LookupError, UnicodeDecodeError, TypeError):
            pass
    # windows-1252 has five octets that Python does not know.
    unknown = b"\x81\x8d\x8f\x90\x9d"
    return "".join(chr(c) if c in unknown else decoded(bytes([c]), None) for c in octets)


def plain(value):
    """White space is what folds made of it."""
    return None if value is None else " ".join(value.split())


def their_id(message):
    value = first(message.parsed, "message-id")
    bracketed = re.search(r"<([^<>]*)>", value)
    return re.sub(r"\s+", "", bracketed[1] if bracketed else value) or None


def their_addresses(message, name):
    pairs = email.utils.getaddresses(message.raw(name))
    return [(plain(text(n)) or None, a or None) for n, a in pairs if n or a]


def their_date(message):
    try:
        when = email.utils.parsedate_to_datetime(message.raw("date")[0])
    except (IndexError, TypeError, ValueError):
        return None
    return moment(when, when.utcoffset() is not None)


def moment(when, has_zone):
    offset = int(when.utcoffset().total_seconds()) if has_zone else None
    return when.replace(tzinfo=None).isoformat(), offset


def numbered(message, blocks=False):
    """(part number, part) in document order, as IMAP counts (RFC 3501 section 6.4.5); with the
    blocks that Python makes of a message/delivery-status, or without."""
    todo = [(message, "", True, 1)]
    while todo:
        part, prefix, is_root, number = todo.pop()
        dot = prefix + "." if prefix else ""
        is_multipart = part.get_content_maintype() == "multipart"
        if is_root:
            own = dot + ("0" if is_multipart else "1")
            below = prefix if is_multipart else own
        else:
            own = below = f"{dot}{number}"
        yield own, part
        inside = part.get_payload() if part.is_multipart() else []
        if is_status(part) and not blocks:
            inside = []
        is_message = part.get_content_maintype() == "message"
        for index, child in reversed(list(enumerate(inside, 1))):
            todo.append((child, below, is_message, index))


def is_status(part):
    return part.get_content_type() == "message/delivery-status"


def file_name(part):
    for field, name in (("content-disposition", "filename"), ("content-type", "name")):
        value = parameter(part, field, name)
        if isinstance(value, tuple):
            charset, _, value = value
            return plain(decoded(value.encode("latin-1"), charset))
        if value is not None:
            return plain(text(email.utils.unquote(value)))
    return None


def parameter(part, field, name):
    """As Message.get_param has it, but octets over 127 are not lost."""
    probe = email.message.Message()
    for value in raw(part, field)[:1]:
        probe[field] = value.encode("ascii", "surrogateescape").decode("latin-1")
    value = probe.get_param(name, None, field)
    if isinstance(value, str):
        value = value.encode("latin-1").decode("ascii", "surrogateescape")
    return value


def content(part):
    return part.get_payload(decode=True) or b""


def payload(part):
    return part._payload.encode("ascii", "surrogateescape")


def summed(octets):
    return len(octets), hashlib.sha256(octets).hexdigest()


# What septet says


def read_records(septet, folder):
    """The lines of septet by source, each with its offset."""
    command = [septet, "decode", "-q", "--digest", "--fields", "all", folder]
    records = collections.defaultdict(dict)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            record = json.loads(line)
            records[record["source"]][record["offset"]] = line
    if process.returncode != 0:
        sys.exit(f"witness: septet ended with {process.returncode}")
    return records


def our_addresses(record, name):
    pairs = [(plain(each["name"]) or None, each["address"]) for each in record[name]]
    return [pair for pair in pairs if any(pair)]


def our_date(record):
    date = record["date"]
    return date and moment(datetime.datetime.fromisoformat(date), not date.endswith("-00:00"))


# The comparison


def compare(record, message):
    """(aspect, ours, theirs, part of Python's) for everything that both say."""
    yield "id", record["id"], their_id(message), None
    subjects = [plain(text(value)) for value in message.raw("subject")[:1]]
    yield "subject", plain(record["subject"]), subjects[0] if subjects else None, None
    for name in ("from", "to", "cc"):
        yield name, our_addresses(record, name), their_addresses(message, name), None
    yield "date", our_date(record), their_date(message), None

    tree = [(each["part"], each["type"]) for each in record["parts"]]
    parts = list(numbered(message.parsed))
    full = numbered(message.parsed, blocks=True)
    yield "tree", tree, [(number, part.get_content_type()) for number, part in full], None
    if [kind for _, kind in tree] != [part.get_content_type() for _, part in parts]:
        return
    for ours, (_, part) in zip(record["parts"], parts):
        yield "charset", ours["charset"], part.get_content_charset(), part
        yield "file name", plain(ours["filename"]), file_name(part), part
        if not part.is_multipart():
            yield "content", (ours["size"], ours["sha256"]), summed(content(part)), part


def work(task):
    """Compares some messages: counts by (aspect, class), and examples."""
    counts = collections.Counter()
    examples = []

    def note(aspect, message, ours, theirs, part=None):
        found = (name for name, test in CLASSES[aspect] if test(ours, theirs, message, part))
        name = next(found, None)
        counts[aspect, name] += 1
        examples.append((aspect, name, f"{message.path}:{message.number}", ours, theirs))

    for reader, path in task:
        # Of a Maildir, septet's sources are its files.
        left = {}
        for message in reader(path):
            if message.number == 1:
                left |= {(message.path, at): line for at, line in RECORDS[message.path].items()}
            counts["messages", "Python"] += 1
            line = left.pop((message.path, message.start), None)
            if line is None:
                note("messages", message, None, message.octets[:60])
                continue
            record = json.loads(line)
            if abs(record["length"] - len(message.octets)) > 2:
                note("messages", message, record["length"], len(message.octets))
                continue
            counts["messages", "compared"] += 1
            for aspect, ours, theirs, part in compare(record, message):
                if ours == theirs:
                    counts[aspect, "same"] += 1
                else:
                    note(aspect, message, ours, theirs, part)
        for source, at in left:
            counts["messages", None] += 1
            examples.append(("messages", None, f"{source} at {at}", "a message", None))
    return counts, [(*each[:3], repr(each[3])[:300], repr(each[4])[:300]) for each in examples]


# The classes


def field(name, pattern):
    """A test: whether a field of the message, unfolded, has `pattern`."""
    search = re.compile(pattern).search
    return lambda ours, theirs, message, part: any(map(search, message.raw(name)))


def of_part(name, pattern):
    search = re.compile(pattern, re.IGNORECASE).search
    return lambda ours, theirs, message, part: any(map(search, raw(part, name)))


def both(*tests):
    return lambda *what: all(test(*what) for test in tests)


def is_sentence(octets):
    """Whether what follows a line that begins with `From ` is no field."""
    return not re.match(rb"[!-9;-~]+[ \t]*:", octets)


def splits_at_sentence(ours, theirs, message, part):
    """Whether Python began or ended a message at a line that nobody wrote as a separator."""
    if message.end is None:
        return False
    if ours is None:
        return is_sentence(message.octets)
    with open(message.path, "rb") as file:
        file.seek(message.end)
        rest = file.read(10_000)
    line = re.match(rb"\s*From .*\n", rest)
    return line is not None and is_sentence(rest[line.end() :])


def is_no_mail(ours, theirs, message, part):
    return not message.parsed._headers or message.path.endswith(".csv")


def quoted_printable(octets):
    """RFC 2045 section 6.7: (3) white space at line ends goes, (5) soft line breaks; what is no
    escape stays, as the notes behind the rules advise."""
    octets = re.sub(rb"[ \t]+(?=\r?\n|\Z)", b"", octets)
    digits = lambda match: bytes.fromhex((match[1] or b"").decode())
    return re.sub(rb"=(?:\r?\n|\Z)|=([0-9A-Fa-f]{2})", digits, octets)


def without_space(octets):
    """Rule (3) alone: Python keeps the white space."""
    return quopri.decodestring(re.sub(rb"[ \t]+(?=\r?\n|\Z)", b"", octets))


def base64_lines(octets):
    """docs/leniency.md: what is foreign is skipped, up to the padding; behind it pure lines go on,
    and the first other line ends the data; a tail without padding is kept."""
    result, kept = b"", b""
    padded = False
    for line in octets.splitlines():
        if padded and re.search(rb"[^A-Za-z0-9+/=\s]", line):
            break
        for piece in re.findall(rb"[A-Za-z0-9+/]+|=+", re.sub(rb"[^A-Za-z0-9+/=]", b"", line)):
            if piece.startswith(b"="):
                padded = True
                result, kept = result + tail(kept), b""
            else:
                kept += piece
                whole = len(kept) // 4 * 4
                result, kept = result + base64.b64decode(kept[:whole]), kept[whole:]
    return result + tail(kept)


def tail(digits):
    return base64.b64decode(digits + b"=" * (-len(digits) % 4)) if len(digits) % 4 > 1 else b""


def same_content(decode, *changes):
    """A test: whether septet has what `decode` and changes of the payload give."""

    def test(ours, theirs, message, part):
        octets = payload(part)
        for change in changes:
            octets = change(octets, message)
        return summed(decode(octets)) == ours

    return test


def identity(octets):
    return octets


def with_bare_cr(decode, *changes):
    """A test: whether septet has what `decode` gives where Python did not make LF of every CR."""

    def test(ours, theirs, message, part):
        places = [each for _, each in numbered(message.parsed)]
        again = [each for _, each in numbered(email.message_from_bytes(message.octets))]
        if len(again) != len(places):
            return False
        octets = payload(again[next(i for i, each in enumerate(places) if each is part)])
        for change in changes:
            octets = change(octets, message)
        return b"\r" in octets and summed(decode(octets)) == ours

    return test


def without_mbox_end(octets, message):
    """Of a file that begins with a `From ` line the empty line at its end is the mailbox's."""
    return octets.removesuffix(b"\n") if message.from_line else octets


def with_last_line_end(octets, message):
    """Python takes the last line end off a part that no delimiter ends."""
    return octets + b"\n" if message.octets.endswith(octets + b"\n") else octets


def behind_empty_line(octets, message):
    """Up to there are lines that are no fields."""
    return octets.partition(b"\n\n")[2]


CODING = "content-transfer-encoding"
IS_QP = of_part(CODING, r"^\s*quoted-printable\s*$")
IS_BASE64 = of_part(CODING, r"^\s*base64\s*$")
HAS_PADDING_INSIDE = lambda ours, theirs, message, part: re.search(rb"=\s*\w", payload(part))
HAS_RAW = r"[\udc80-\udcff]"


def same_but(change):
    """A test of addresses: whether ours are Python's after `change` of both."""
    return lambda ours, theirs, *_: change(ours) == change(theirs)


def is_replaced(ours, *_):
    return "\N{REPLACEMENT CHARACTER}" in ours


def has_no_parts(ours, theirs, message, part):
    return part.get_content_maintype() == "multipart" and ours == (None, None)


def is_left_encoded(ours, theirs, message, part):
    return theirs == summed(payload(part).replace(b"\n", b""))


def is_empty(ours, theirs, *_):
    return ours is None and theirs == ""


def is_status_in_blocks(ours, theirs, message, part):
    without = [(n, p.get_content_type()) for n, p in numbered(message.parsed)]
    return ours == without and any(is_status(p) for _, p in numbered(message.parsed))


def is_leaf_without_boundary(ours, theirs, message, part):
    kind = message.parsed.get_content_maintype()
    return kind == "multipart" and not message.parsed.get_boundary() and ours[0][0] == "1"


def has_one_type(ours, theirs, message, part):
    return [kind for _, kind in ours] == [re.match(r"[\w-]+/[\w-]+", k)[0] for _, k in theirs]


def bare(value):
    """What is left of names and addresses without white space, quotes and parentheses."""
    return re.sub(r'[\s"()]+|[:;]+$', "", value or "")


def all_bare(pairs):
    return [tuple(map(bare, pair)) for pair in pairs]


def without_comments(pairs):
    return [(bare(re.sub(r"(?<=.)\(.*\)$", "", name or "")), bare(at)) for name, at in pairs]


def is_one_name(name):
    """A test: whether all of a field that has no address is a name."""

    def test(ours, theirs, message, part):
        return all_bare(ours) == [(bare(text(value)), "") for value in message.raw(name)]

    return test


def is_one_word(name):
    """A test: whether our address is a field that has none, without white space."""

    def test(ours, theirs, message, part):
        words = [re.sub(r"\s+|\(.*", "", value) for value in message.raw(name)]
        return [at for _, at in ours] == words

    return test


def are_in_brackets(name):
    """A test: whether our addresses are what stands in the angle brackets of a field."""

    def test(ours, theirs, message, part):
        found = [each for value in message.raw(name) for each in re.findall(r"<([^<>]*)>", value)]
        return [bare(at) for _, at in ours] == [bare(each) for each in found]

    return test


def addresses(name):
    return [
        ("comments and quotes in and behind names", same_but(without_comments)),
        ("several words without an address are a name", is_one_name(name)),
        ("what is in angle brackets is the address", are_in_brackets(name)),
        ("white space around dots goes", is_one_word(name)),
        ("scrambled (`x @end|ng |rom y`)", field(name, r"end(\||i)ng (\||f)rom |m@iii@g oii ")),
        ("octets over 127 in an address", field(name, HAS_RAW)),
        ("words without `<` beside an address: its name", field(name, r"@[\w.-]+ [\w.]+(,|$)")),
        ("words without `<` beside an address: its name", field(name, r"^[^<>,;:]* [^\s<>]+@\S+$")),
        ("several `@` or brackets in one word", field(name, r"[^\s,<>@]+@[^\s,<>@]+@|[\[\]]")),
    ]


CLASSES = {
    "messages": [
        ("a sentence is no separator", splits_at_sentence),
        ("no mail", is_no_mail),
    ],
    "id": [
        ("comments are no part of an id", field("message-id", r"\(")),
        ("an id ends where the next begins", field("message-id", r"<[^>]*<")),
        ("prose is no id", field("message-id", r"^\s*[^<>@]*\s[^<>@]*$")),
    ],
    "subject": [
        ("octets that declare nothing: a guess", field("subject", HAS_RAW)),
        ("broken characters become U+FFFD", both(is_replaced, field("subject", r"=\?"))),
    ],
    "from": addresses("from"),
    "to": addresses("to"),
    "cc": addresses("cc"),
    "date": [
        ("an offset that cannot be is unknown", field("date", r"[+-](\d\d[6-9]\d|[2-9]\d{3})\b")),
        ("an offset of one digit is hours", field("date", r" [+-]\d\s*$")),
        ("junk or quotes at the zone", field("date", r'\d{4};\s*$|"[A-Z]+"\s*$')),
        ("a zone that is a TZ variable", field("date", r"[A-Z]{3}[+-]?\d(BST)?\s*$|GMT0BST\s*$")),
        ("AM and PM", field("date", r"\d [AP]M\b")),
        ("a zone in words is unknown", field("date", r"GMT Daylight Time\s*$|:\d\d 0\s*$")),
        ("an order that Python cannot read", lambda ours, theirs, *_: theirs is None and ours),
    ],
    "tree": [
        ("message/delivery-status is a leaf", is_status_in_blocks),
        ("a multipart without boundary is a leaf", is_leaf_without_boundary),
        ("a type ends where it cannot go on", has_one_type),
    ],
    "charset": [
        ("quotes with a backslash or `=` before them", of_part("content-type", r'charset="?[=\\]+"')),
    ],
    "file name": [("an empty name is none", is_empty)],
    "content": [
        ("a multipart without delimiters", has_no_parts),
        ("the end of an mbox", same_content(identity, without_mbox_end)),
        ("white space at ends of lines", both(IS_QP, same_content(without_space))),
        ("white space at ends of lines", both(IS_QP, same_content(without_space, without_mbox_end))),
        ("what is no escape stays", both(IS_QP, same_content(quoted_printable))),
        ("data behind padding", both(IS_BASE64, HAS_PADDING_INSIDE, same_content(base64_lines))),
        ("a blank behind `base64`", both(of_part(CODING, r"\s$"), same_content(base64_lines))),
        ("base64 that Python gives up", both(IS_BASE64, is_left_encoded, same_content(base64_lines))),
        ("a bare CR is data", with_bare_cr(identity, without_mbox_end)),
        ("a bare CR is data", both(IS_QP, with_bare_cr(quoted_printable))),
        ("the last line end", same_content(identity, with_last_line_end)),
        ("no empty line behind a header", same_content(identity, behind_empty_line)),
    ],
}


def main():
    global RECORDS
    septet, folders = sys.argv[1], sys.argv[2:]
    counts, examples = collections.Counter(), collections.defaultdict(list)
    for folder in folders:
        RECORDS = collections.defaultdict(dict, read_records(septet, folder))
        counts["messages", "septet"] += sum(map(len, RECORDS.values()))
        with multiprocessing.Pool() as pool:
            for some, shown in pool.imap_unordered(work, tasks(folder)):
                counts += some
                for aspect, name, *rest in shown:
                    if len(examples[aspect, name]) < (SHOW if name else max(SHOW, 20)):
                        examples[aspect, name].append(rest)
    wrong = 0
    for aspect in CLASSES:
        rows = [(name, count) for (of, name), count in counts.items() if of == aspect]
        for name, count in sorted(rows, key=lambda row: (row[0] is None, -row[1])):
            print(f"{aspect:10} {count:7} {name or 'IN NO CLASS'}")
            wrong += count if name is None else 0
            for where, ours, theirs in sorted(examples[aspect, name]):
                print(f"    {where}\n      septet {ours}\n      Python {theirs}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
