//! The table of rules: the one registry that the parser, the linter, the reports and the documentation
//! share.
//!
//! An id is a letter for the family and three digits; it is never reused. Families: A addresses, B
//! boundaries, C charsets, D limits, E transfer encodings, F file names, H header, I inline codings, L
//! lines, M mailboxes, N what a transport takes, P parameters, S signatures, T types and structure, W
//! encoded-words, X content that deceives. Why a rule matters and what to do about it stands in `advice`.
//!
//! May use: nothing of this crate but the other half of the table.

use super::advice;
use super::finding::{Fix, Severity};

/// What is known of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// The rule itself.
    pub rule: Rule,
    /// Its id, such as `B030`.
    pub id: &'static str,
    /// Its name, such as `no-close-delimiter`.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it can be mended.
    pub fix: Fix,
    /// RFC and section, or `-` where none speaks of it.
    pub rfc: &'static str,
    /// What is odd, and what was made of it: one sentence.
    pub what: &'static str,
    /// Why it matters: one sentence.
    pub why: &'static str,
    /// What to do about it: one sentence.
    pub remedy: &'static str,
}

macro_rules! rules {
    ($($id:ident $name:literal $severity:ident $fix:ident $rfc:literal $what:literal;)*) => {
        /// One kind of oddness; `RULES` says what each is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Rule {
            $(#[doc = concat!($name, ": ", $what)] $id,)*
        }

        /// All rules, in the order of their ids.
        pub const RULES: &[RuleInfo] = &[$(RuleInfo {
            rule: Rule::$id,
            id: stringify!($id),
            name: $name,
            severity: Severity::$severity,
            fix: Fix::$fix,
            rfc: $rfc,
            what: $what,
            why: advice::of(Rule::$id).0,
            remedy: advice::of(Rule::$id).1,
        },)*];
    };
}

rules! {
    A010 "address-in-display-name" Warning None "5322 §3.4"
        "the display name looks like an address, and another one than that behind it";
    A011 "bad-address-syntax" Warning None "5322 §3.4"
        "an address list that the grammar does not allow; read as most programs do";
    A012 "several-authors-no-sender" Warning None "5322 §3.6.2"
        "From names several authors, and no Sender says who sent it";
    A013 "source-route" Note None "5322 §4.4"
        "an obsolete source route before an address; dropped";
    A014 "unquoted-comma" Warning None "5322 §3.4"
        "a comma in a display name that is not quoted; read as part of the name";
    A015 "at-in-local-part" Warning None "5322 §3.4.1"
        "a quoted local part with an `@` inside: easily taken for another address";
    A016 "nested-group" Error None "5322 §3.4"
        "a group inside a group; read as one group";
    A017 "comment-depth" Warning None "5322 §3.2.2"
        "comments nested deeper than 64 levels; skipped without being shown";
    A018 "unterminated" Error None "5322 §3.2"
        "a quoted string, comment, angle bracket or domain literal that is never closed";
    A019 "sender-not-one" Warning None "5322 §3.6.2"
        "Sender names nobody or several; it is one mailbox";
    A020 "no-author" Warning None "5322 §3.6.2"
        "From holds no address that can be read";
    A021 "local-part-too-long" Warning None "5321 §4.5.3.1.1"
        "a local part of more than 64 octets";
    A022 "domain-too-long" Warning None "5321 §4.5.3.1.2"
        "a domain of more than 255 octets, or with a label of more than 63";
    A023 "utf8-address" Note None "6531 §3.3"
        "an address that is not ASCII: only servers that offer SMTPUTF8 take it";
    A024 "address-without-domain" Note None "5322 §3.4.1"
        "an address without a domain";
    B001 "boundary-missing" Error None "2046 §5.1.1"
        "a multipart without a boundary parameter: its parts cannot be told apart, it is shown as one leaf";
    B002 "boundary-empty" Error None "2046 §5.1.1"
        "the boundary parameter is empty; treated as missing";
    B010 "boundary-too-long" Warning None "2046 §5.1.1"
        "a boundary of more than 70 characters";
    B011 "boundary-bad-syntax" Error None "2046 §5.1.1"
        "a boundary with characters that it must not have, or a space at its end (trimmed)";
    B013 "boundary-twice-coded" Error None "2231 §4"
        "both boundary and boundary* are given; the extended one is used";
    B014 "boundary-quoted-pair" Warning None "2045 §5.1"
        "a backslash in the quoted boundary, which some programs do not remove";
    B020 "boundary-prefix" Warning None "2046 §5.1.1"
        "one boundary begins with another that is open; compared whole here, by prefix elsewhere";
    B021 "boundary-line-junk" Error None "2046 §5.1.1"
        "a line that begins with a delimiter and goes on; some programs take it for one";
    B023 "boundary-indented" Warning None "2046 §5.1.1"
        "a delimiter with white space before it; some programs take it for one";
    B024 "boundary-reused" Warning None "2046 §5.1.1"
        "a multipart uses the boundary of one that encloses it; the innermost takes the delimiters";
    B030 "no-close-delimiter" Warning None "2046 §5.1.1"
        "the multipart is never closed";
    B031 "delimiter-in-epilogue" Error None "2046 §5.1.1"
        "a delimiter after the close delimiter; some programs show another part there";
    B032 "inner-not-closed" Warning None "2046 §5.1.2"
        "an outer delimiter stands where the inner multipart is still open, and closes it";
    B033 "content-in-preamble" Warning None "2046 §5.1.1"
        "the preamble or epilogue holds what looks like a part or an encoded file; readers ignore it";
    B034 "delimiter-at-end" Warning None "2046 §5.1.1"
        "a delimiter with nothing behind it; it opens no part";
    B035 "no-delimiter" Error None "2046 §5.1.1"
        "the boundary never stands at the start of a line: a multipart without parts";
    B036 "multipart-empty" Warning None "2046 §5.1.1"
        "a multipart with an empty body: it was cut off, or only its header was kept";
    B037 "boundary-hyphens" Warning None "2046 §5.1.1"
        "a delimiter with another number of hyphens before it; some programs take it for one";
    B038 "text-in-preamble" Note None "2046 §5.1.1"
        "a preamble that is no notice about MIME; readers do not show it";
    C010 "utf-7" Error None "2152 §1"
        "UTF-7 can hide markup from filters; decoded in plain text and words only";
    C011 "charset-undeclared" Note None "2046 §4.1.2"
        "text that is not ASCII, and no charset named that could hold it; read by the rule in docs/leniency.md";
    C012 "unknown-charset" Warning None "2046 §4.1.2"
        "a charset that nobody knows; read as if none were named";
    C013 "undecodable" Warning None "2046 §4.1.2"
        "octets that are no text in the charset used; shown as U+FFFD";
    C014 "charset-lies" Warning None "2046 §4.1.2"
        "declared as us-ascii or latin1, but valid UTF-8; read as UTF-8";
    C015 "charset-alias" Note None "2046 §4.1.2"
        "a charset by a name that is not registered for mail; read as what it means";
    D001 "depth-limit" Error None "-"
        "nested deeper than --max-depth; shown as one leaf";
    D002 "parts-limit" Error None "-"
        "more parts than --max-parts; the rest is shown as one leaf";
    D003 "fields-limit" Error None "-"
        "more header fields than --max-fields; the further ones are not read";
    D004 "field-limit" Error None "-"
        "a header field longer than --max-field; the rest of it is not read";
    D005 "header-limit" Error None "-"
        "a header block over 10 MiB; the rest of it is not read";
    D010 "nesting-deep" Warning None "-"
        "more than 100 levels of nesting; many programs give up before";
    D014 "param-limit" Error None "2045 §5.1"
        "more parameters than --max-params; the further ones are not read";
    D015 "words-limit" Error None "2047 §2"
        "more than 10,000 encoded-words in one field; the further ones are not decoded";
    D016 "findings-limit" Note None "-"
        "more than 1,000 findings; the further ones are not kept";
    D017 "views-limit" Warning None "-"
        "more other readings than are tried; the further ones are not shown";
    E010 "cte-unknown" Error None "2045 §6.4"
        "a transfer encoding that nobody knows; the octets are left as they are, the type is application/octet-stream";
    E011 "cte-not-standard" Warning None "2045 §6.3"
        "a transfer encoding that is no standard, uuencode; decoded";
    E012 "cte-syntax" Warning Safe "2045 §6.1"
        "more than the one token that Content-Transfer-Encoding may hold; the first is used";
    E020 "cte-on-multipart" Error Safe "2045 §6.4"
        "a multipart must not be encoded; the label is ignored";
    E021 "cte-on-message" Error None "2046 §5.2.1"
        "a message inside a message must not be encoded; decoded and walked";
    E022 "container-label-too-low" Warning Safe "2045 §6.4"
        "a multipart or message whose label says 7bit or 8bit, and that holds a part which is labelled higher";
    E030 "b64-garbage" Warning None "2045 §6.8"
        "characters outside the base64 alphabet; skipped";
    E031 "b64-data-after-pad" Error None "2045 §6.8"
        "base64 data goes on after its padding; decoded as well";
    E032 "b64-missing-padding" Warning None "2045 §6.8"
        "base64 data ends without its padding";
    E033 "b64-truncated" Warning None "2045 §6.8"
        "base64 data ends in the middle of an octet; the loose bits are dropped";
    E034 "b64-trailer" Warning None "2045 §6.8"
        "text after the end of the base64 data; not decoded";
    E035 "b64-long-line" Warning None "2045 §6.8"
        "a line of base64 over 76 characters";
    E042 "qp-bad-escape" Warning None "2045 §6.7"
        "an `=` that is followed neither by two hexadecimal digits nor by a line end; left as it is";
    E043 "qp-trailing-wsp" Note None "2045 §6.7"
        "white space at the end of a quoted-printable line; deleted";
    E045 "qp-raw-8bit" Warning None "2045 §6.7"
        "octets over 127 in quoted-printable; passed through";
    E046 "qp-long-line" Note None "2045 §6.7"
        "a line of quoted-printable over 76 characters";
    E047 "qp-lower-case" Note None "2045 §6.7"
        "a quoted-printable escape in lower case; decoded";
    E050 "8bit-in-7bit" Warning Safe "2045 §6.2"
        "octets over 127 in a body that is labelled 7bit";
    E051 "base64-unlabelled" Note None "2045 §6.8"
        "a body that begins like base64 and is not labelled so; shown as it stands";
    E060 "uu-bad-line" Warning None "-"
        "a line of uuencoded data that is too short, too long or holds other characters";
    E061 "uu-no-end" Warning None "-"
        "uuencoded data without its begin or end line";
    F001 "path-in-filename" Error None "2183 §2.3"
        "a file name with a path in it; only its last component may be used";
    F002 "control-in-filename" Error None "2183 §2.3"
        "control characters in a file name";
    F003 "bidi-in-filename" Error None "2183 §5"
        "characters that reverse or hide text in a file name";
    F004 "reserved-filename" Warning None "2183 §5"
        "a file name that Windows has for a device";
    F005 "filename-too-long" Note None "2183 §2.3"
        "a file name of more than 255 octets, which no file system takes";
    F006 "filename-collision" Note None "2183 §2.3"
        "another part has the same file name, letter case apart";
    F007 "filename-end" Warning None "2183 §5"
        "a file name that ends with a dot or a space, which Windows drops";
    F008 "attachment-without-name" Note None "2183 §2.3"
        "an attachment without a file name";
    H001 "no-date" Warning None "5322 §3.6"
        "the header has no Date";
    H002 "no-from" Warning None "5322 §3.6"
        "the header has no From";
    H003 "no-message-id" Note None "5322 §3.6.4"
        "the header has no Message-ID";
    H004 "no-recipient" Note None "5322 §3.6.3"
        "the header has neither To nor Cc nor Bcc";
    H005 "bcc-shown" Note None "5322 §3.6.3"
        "a Bcc with addresses in a message that has been on its way";
    H010 "dup-singleton-header" Error None "5322 §3.6"
        "a field that may stand only once stands again; the first counts";
    H011 "dup-address-header" Error None "5322 §3.6"
        "an address field that may stand only once stands again; read as one list (RFC 7103 §7.5.1)";
    H012 "resent-incomplete" Warning None "5322 §3.6.6"
        "resent fields without a Resent-From or without a Resent-Date";
    H013 "return-path-misplaced" Note None "7103 §7.5.3"
        "a Return-Path that stands twice, or below other fields than those of the trace";
    H014 "too-many-hops" Warning None "5321 §6.3"
        "more than 100 Received fields, as a mail loop makes them";
    H015 "received-order" Note None "5321 §4.4"
        "a Received field that is more than an hour younger than the one above it";
    H021 "space-before-colon" Warning Safe "5322 §4.5"
        "white space between field name and colon; some programs do not see the field";
    H022 "non-header-line" Error None "5322 §2.2"
        "a line in the header that is no field; skipped";
    H023 "wsp-only-line" Warning None "5322 §4.2"
        "a continuation line of nothing but white space";
    H024 "indented-first-line" Warning None "5322 §2.2"
        "the header begins with a continuation line; skipped";
    H025 "leading-blank-line" Error None "5322 §2.1"
        "the message begins with an empty line, so all of it is body";
    H026 "from-line-in-header" Warning None "5322 §2.2"
        "an mbox From_ line inside the header; skipped";
    H027 "bom" Warning None "5322 §2.2"
        "a UTF-8 byte order mark before the first field; skipped";
    H028 "header-ended-by-delimiter" Warning None "2046 §5.1"
        "a delimiter ends the header: the empty line is missing";
    H029 "header-not-ended" Error None "7103 §7.2"
        "the header goes over into text without an empty line";
    H030 "nul-in-header" Error None "5322 §4"
        "a NUL octet in the header";
    H031 "raw-8bit-header" Warning Safe "5322 §2.2"
        "octets over 127 in a header field: UTF-8 if valid, else the fallback charset";
    H032 "header-line-over-78" Note None "5322 §2.1.1"
        "a line of the header with more than 78 characters";
    H034 "empty-field" Note None "5322 §3.6"
        "a field that must say something is empty";
    H035 "bad-message-id" Warning None "5322 §3.6.4"
        "a Message-ID that is not one id in angle brackets, with an @";
    H036 "bad-reference" Note None "5322 §3.6.4"
        "an In-Reply-To or References without any message-id";
    H037 "fields-in-body" Warning None "2046 §5.1"
        "the body begins with a MIME field: an empty line stands too early; some programs read on in the header";
    H040 "bad-date" Error None "5322 §3.3"
        "a date that cannot be read";
    H041 "odd-date" Note None "5322 §3.3"
        "a date in an odd form: wrong weekday, impossible zone, or not as RFC 5322 has it";
    H042 "date-after-received" Warning None "5322 §3.6.1"
        "the Date is more than a day later than the time of arrival";
    H043 "date-long-before-received" Note None "5322 §3.6.1"
        "the Date is more than a week before the time of arrival";
    H044 "received-unread" Warning None "5321 §4.4"
        "a Received field that does not say who took the message, or when, or with text that belongs to no clause; shown as it stands";
    H045 "auth-results-unread" Warning None "8601 §2.2"
        "an Authentication-Results or Received-SPF field in which no result can be read; shown as it stands";
    H046 "mime-name-marked" Warning None "5322 §3.6.8"
        "a field whose name is one of MIME but for marks around it; it says nothing here";
    I001 "uuencode-in-text" Warning None "-"
        "a uuencoded file inside the text; some programs show it as an attachment";
    L002 "bare-cr" Error None "5322 §2.3"
        "a CR without LF; data here, a line end elsewhere";
    L003 "mixed-eol" Warning Safe "5322 §2.3"
        "some lines end with CRLF and some with LF";
    L004 "smuggled-end" Error None "5321 §4.1.1.4"
        "a line of a single dot between line ends that differ, or are no line ends: some servers take it for the end of the message";
    L005 "cr-only" Warning None "5322 §2.3"
        "lines end with a bare CR; read so";
    L006 "lone-dot" Note None "5321 §4.5.2"
        "a line of a single dot";
    L007 "no-final-line-end" Note None "5321 §4.1.1.4"
        "the last line has no line end";
    L010 "line-too-long" Error None "5322 §2.1.1"
        "a line of more than 998 octets";
    L011 "nul" Warning None "2045 §2.8"
        "a NUL octet in a body that is not labelled binary";
    M001 "from-line-first" Note None "4155 §2"
        "an mbox From_ line before the header";
    M002 "unquoted-from-line" Note None "4155 §2"
        "a line of text that an mbox would take for the start of the next message";
    M003 "from-line-counted" Note None "4155 §2"
        "a From_ line within the octets that a true Content-Length counts; read as text";
    M004 "from-line-bare" Warning None "4155 §2"
        "a From_ line without an empty line before it, but with a whole date and fields behind it; a message begins here";
    M005 "from-line-undated" Warning None "4155 §2"
        "a From_ line without a whole date, but with an empty line before it and fields behind it; a message begins here";
    M006 "from-line-no-header" Warning None "4155 §2"
        "a From_ line with a date, but no field behind it; read as text, where other programs begin a message";
    M007 "content-length-wrong" Note None "-"
        "Content-Length says another length than the body has";
    N001 "needs-8bitmime" Error None "6152 §3"
        "octets over 127 in a body, which the transport of --for does not take";
    N002 "needs-binarymime" Error None "3030 §3"
        "a NUL, a CR without LF or a line over 998 octets, which the transport of --for does not take";
    N003 "needs-smtputf8" Error None "6531 §3.2"
        "octets over 127 in a header, which the transport of --for does not take";
    N004 "label-too-high" Warning None "6152 §3"
        "a label that says 8bit or binary, which the transport of --for does not take, whatever the octets";
    P020 "dup-param" Error None "2045 §5.1"
        "a parameter is given twice; the first counts";
    P021 "dup-filename" Warning None "2183 §2.3"
        "the file name is given twice in one field; the first counts";
    P022 "filename-mismatch" Warning None "2183 §2.3"
        "the file names that this part gives differ; filename* before filename before name* before name";
    P030 "missing-semicolon" Warning None "2045 §5.1"
        "a parameter without the semicolon before it";
    P031 "unquoted-tspecials" Warning None "2045 §5.1"
        "a parameter value with special characters that is not quoted; read up to the semicolon";
    P032 "param-syntax" Warning None "2045 §5.1"
        "something among the parameters that is none; skipped";
    P033 "unclosed-quote" Warning None "2045 §5.1"
        "a quoted parameter value that is never closed; ends with the field";
    P041 "2231-gap" Warning None "2231 §3"
        "a section of a continued parameter is missing; the parts before it are used";
    P042 "2231-syntax" Warning None "2231 §4"
        "an extended parameter value without its two quotes, or quoted";
    P043 "2231-bad-pct" Warning None "2231 §4"
        "a percent sign without two hexadecimal digits; left as it is";
    P044 "param-unknown-charset" Warning None "2231 §4"
        "a parameter in a charset that nobody knows; UTF-8 if valid, else the fallback charset";
    P045 "2231-index" Error None "2231 §3"
        "a section number that is over 999, begins with zero, or stands twice; ignored";
    P046 "ew-in-param" Warning None "2047 §5"
        "an encoded-word in a parameter, where none may stand; decoded";
    S010 "signed-8bit" Error None "1847 §2.1"
        "octets over 127 inside a signed part: any conversion breaks the signature";
    S011 "signed-trailing-wsp" Warning None "3156 §5"
        "white space at the end of a line of a signed part; transports may remove it";
    S012 "signed-parts" Warning None "1847 §2.1"
        "a multipart/signed that does not have exactly two parts";
    S013 "signed-params" Warning None "1847 §2.1"
        "a multipart/signed without the parameters protocol and micalg";
    S014 "signed-protocol" Warning None "1847 §2.1"
        "the second part of a multipart/signed is of another type than its protocol says";
    S015 "encrypted-parts" Warning None "1847 §2.2"
        "a multipart/encrypted that does not have exactly two parts";
    S016 "encrypted-protocol" Warning None "1847 §2.2"
        "a multipart/encrypted without protocol, or whose first part is of another type";
    S020 "dkim-tag-list" Warning None "6376 §3.2"
        "a DKIM signature with something among its tags that is none, or a tag twice; the first counts";
    S021 "dkim-body-length" Warning None "6376 §8.2"
        "a DKIM signature of the first octets of the body only (l=): more may be added behind them";
    S022 "dkim-incomplete" Warning None "6376 §3.5"
        "a DKIM signature without a tag that it must have, or with a value that nobody can read";
    S023 "dkim-expired" Note None "6376 §3.5"
        "a DKIM signature that had expired when the message arrived";
    S024 "dkim-sha1" Warning None "8301 §3.1"
        "a DKIM signature made with SHA-1, which nobody may accept";
    S025 "dkim-from-unsigned" Warning None "6376 §5.4"
        "a DKIM signature that does not cover From";
    S026 "arc-set-broken" Warning None "8617 §4.2"
        "an ARC set without one of its three fields, with one twice, or without a number; or a set is missing";
    S027 "signatures-limit" Note None "-"
        "more than 16 signatures; the body hashes of the further ones are not computed";
    T001 "no-mime-version" Note Safe "2045 §4"
        "MIME fields, but no MIME-Version";
    T002 "bad-mime-version" Warning None "2045 §4"
        "MIME-Version is not 1.0; read as MIME all the same";
    T010 "bad-media-type" Error None "2045 §5.1"
        "a Content-Type that is not as it must be; read as far as it goes, else as text/plain";
    T011 "unknown-top-level-type" Note None "6838 §4.2.7"
        "a media type whose first half is none that is registered";
    T013 "empty-content-type" Warning None "2045 §5.1"
        "an empty Content-Type; treated as text/plain";
    T014 "alternative-order" Note None "2046 §5.1.4"
        "plain text behind HTML in a multipart/alternative: the last one is the one to be shown";
    T015 "related-start" Warning None "2387 §3.2"
        "the start of a multipart/related is the Content-ID of none of its parts";
    T016 "related-no-type" Note None "2387 §3.1"
        "a multipart/related that does not say the type of its root";
    T017 "report-type" Warning None "6522 §3"
        "the report-type of a multipart/report is not the subtype of its second part";
    T018 "report-parts" Warning None "6522 §3"
        "a multipart/report that has neither two nor three parts";
    T020 "message-partial" Warning None "2046 §5.2.2"
        "a fragment of a message; not put together here";
    T021 "external-body" Note None "2046 §5.2.3"
        "the content lies elsewhere; never fetched";
    T022 "partial-params" Warning None "2046 §5.2.2"
        "a message/partial without an id or a number";
    T023 "partial-encoded" Warning None "2046 §5.2.2.1"
        "a message/partial that is not labelled 7bit";
    T024 "access-type-missing" Warning None "2046 §5.2.3"
        "a message/external-body that does not say how its content is to be had";
    T030 "content-id-twice" Warning None "2045 §7"
        "two parts have the same Content-ID";
    T031 "bad-content-id" Note None "2045 §7"
        "a Content-ID that is no id in angle brackets, with an @";
    T032 "unknown-disposition" Note None "2183 §2.8"
        "a disposition that nobody knows; treated as attachment";
    T033 "disposition-params" Note None "2183 §2"
        "a size that is no number, or a date that cannot be read, in a Content-Disposition";
    T034 "flowed-not-plain" Note None "3676 §4"
        "format=flowed where the type is not text/plain; ignored";
    T035 "smime-type-missing" Note None "8551 §3.2.2"
        "an S/MIME part that does not say what it is";
    W010 "ew-syntax" Warning None "2047 §2"
        "what begins like an encoded-word and is none; shown as it stands";
    W011 "ew-split-char" Warning None "2047 §5"
        "a character is split over two encoded-words; joined";
    W012 "ew-no-separator" Warning None "2047 §5"
        "an encoded-word without white space around it; decoded all the same";
    W013 "ew-unknown-charset" Warning None "2047 §6.2"
        "an encoded-word in a charset that nobody knows; shown as it stands";
    W014 "ew-too-long" Warning None "2047 §2"
        "an encoded-word of more than 75 characters";
    W015 "ew-space-inside" Warning None "2047 §2"
        "white space inside an encoded-word; decoded all the same";
    W016 "ew-in-addr-spec" Error None "2047 §5"
        "an encoded-word inside an address; never decoded";
    W017 "ew-in-quotes" Warning None "2047 §5"
        "an encoded-word inside a quoted string; decoded all the same";
    W018 "ew-bad-data" Warning None "2047 §4"
        "an encoded-word whose base64 or Q data is broken; what can be read is shown";
    W019 "ew-in-structured" Warning None "2047 §5"
        "an encoded-word in a field where none may stand; left as it is";
    W020 "ew-control" Error None "2047 §5"
        "control characters come out of an encoded-word; shown escaped";
    W021 "ew-bidi" Warning None "2047 §5"
        "characters that reverse or hide text come out of an encoded-word";
    W022 "ew-line-too-long" Note None "2047 §2"
        "a line over 76 characters that holds an encoded-word";
    X001 "hidden-characters" Warning None "8265 §4.2"
        "characters that reverse or hide text, in a field as they are and not in an encoded-word";
    X002 "reply-to-elsewhere" Note None "5322 §3.6.2"
        "Reply-To leads to another site than that of From, and not to the list that it came by";
    X003 "sender-elsewhere" Note None "5322 §3.6.2"
        "Sender is of another site than From, and not of the list that it came by";
    X004 "return-path-elsewhere" Note None "5321 §4.4"
        "Return-Path is of another site than From, and not of the list that it came by";
    X005 "message-id-elsewhere" Note None "5322 §3.6.4"
        "Message-ID was made at another site than that of From";
    X006 "mixed-scripts-in-name" Warning None "-"
        "a display name with a word whose letters are of several scripts that look alike";
    X007 "host-in-display-name" Warning None "5322 §3.4"
        "the display name holds a host of another site than the address";
    X008 "lookalike-domain" Warning None "5890 §4.4"
        "the domain of an address mixes scripts that look alike, or looks like another in ASCII";
    X010 "mixed-scripts-in-filename" Warning None "2183 §5"
        "a file name with a word whose letters are of several scripts that look alike";
    X011 "double-extension" Warning None "2183 §5"
        "a file name with the extension of a document before that of a program";
    X012 "executable-name" Warning None "2046 §4.5.1"
        "a file that is called as programs are, or such as systems run without a warning";
    X013 "type-against-name" Note None "2046 §4.5.1"
        "a file whose declared type and whose name are of different kinds";
    X014 "octets-against-label" Warning None "2046 §4.5.1"
        "a file whose first octets are of another kind than its name, or its type where it has none";
    X015 "executable-octets" Warning None "2046 §4.5.1"
        "a file that begins as programs do, whatever it is called";
    X016 "encrypted-archive" Warning None "-"
        "an archive that is encrypted";
    X017 "nested-archive" Warning None "-"
        "an archive in an archive";
    X018 "executable-in-archive" Warning None "-"
        "an archive whose first file is called as programs are";
    X020 "link-text-elsewhere" Warning None "-"
        "a link whose text names a host or an address, and that leads to another site";
    X021 "link-through-another" Note None "-"
        "a link whose text names a host, and that leads to another which is told of the first";
    X022 "script-url" Warning None "-"
        "a URL that is a program (javascript:, vbscript:)";
    X023 "data-url" Warning None "2397 §2"
        "a link or frame whose content stands in the URL itself (data:)";
    X024 "user-in-url" Warning None "3986 §3.2.1"
        "a URL with a user before the host";
    X025 "lookalike-host" Warning None "5890 §4.4"
        "the host of a URL mixes scripts that look alike, or looks like another in ASCII";
    X026 "numeric-host" Warning None "3986 §3.2.2"
        "the host of a URL is a number";
    X027 "remote-content" Note None "-"
        "HTML that loads images, styles or the like from elsewhere";
    X028 "form" Warning None "-"
        "HTML with a form, which sends what is typed into it";
    X029 "script" Warning None "-"
        "HTML with a script, or with an attribute that is one (onclick and the like)";
    X030 "frame-or-object" Warning None "-"
        "HTML with a frame, an object or the like, which bring in other content";
    X031 "redirect" Warning None "-"
        "HTML that leads to another page by itself, or says what all its links are relative to";
    X032 "hidden-text" Note None "-"
        "HTML with a style that hides what it holds";
    X033 "base64-for-ascii" Note None "2045 §6.8"
        "text in base64 that could stand as it is";
    X034 "qp-escaped-letters" Warning None "2045 §6.7"
        "letters or digits in quoted-printable that need no escape and have one";
    X040 "protected-field-differs" Warning None "9788 §2"
        "a field that is protected with the content says otherwise than that in the header";
}

impl Rule {
    /// The rule's entry in the table.
    pub const fn info(self) -> &'static RuleInfo {
        &RULES[self as usize]
    }

    /// The rule with this id or name, letter case apart.
    pub fn find(text: &str) -> Option<Rule> {
        let is_meant = |info: &&RuleInfo| {
            info.id.eq_ignore_ascii_case(text) || info.name.eq_ignore_ascii_case(text)
        };
        RULES.iter().find(is_meant).map(|info| info.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_well_named() {
        for pair in RULES.windows(2) {
            assert!(pair[0].id < pair[1].id, "{} before {}", pair[0].id, pair[1].id);
        }
        for (i, info) in RULES.iter().enumerate() {
            assert_eq!(info.rule as usize, i);
            let (family, digits) = info.id.split_at(1);
            assert!(family.chars().all(|c| c.is_ascii_uppercase()) && digits.len() == 3);
            assert!(digits.chars().all(|c| c.is_ascii_digit()), "{}", info.id);
            assert!(RULES.iter().filter(|other| other.name == info.name).count() == 1);
            assert!(!info.what.ends_with('.') && info.what.len() > 20, "{}", info.id);
            for text in [info.why, info.remedy] {
                assert!(text.ends_with('.') && text.len() > 15, "{}: {text}", info.id);
                let is_start = |c: char| c.is_uppercase() || c == '`';
                assert!(text.starts_with(is_start), "{}: {text}", info.id);
            }
            assert_eq!(Rule::find(&info.id.to_lowercase()), Some(info.rule));
            assert_eq!(Rule::find(info.name), Some(info.rule));
        }
    }
}
