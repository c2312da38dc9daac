//! The table of the examples.
//!
//! May use: the rest of the examples.

use super::{Example, Octets, Rule};

examples! {
    A010 b"From: \"president@example.com\" <x@evil.example>\n"
        b"From: \"The President\" <president@example.com>\n";
    A011 b"To: a@example.org b@example.org\n"
        b"To: a@example.org, b@example.org\n";
    A012 b"From: a@example.org, b@example.org\n"
        b"From: a@example.org, b@example.org\nSender: a@example.org\n";
    A013 b"To: <@relay.example:a@example.org>\n"
        b"To: <a@example.org>\n";
    A014 b"To: Doe, Jane <jane@example.org>\n"
        b"To: \"Doe, Jane\" <jane@example.org>\n";
    A015 b"To: \"a@example.net\"@example.org\n"
        b"To: a@example.org\n";
    A016 b"To: one: two: a@example.org;;\n"
        b"To: one: a@example.org;\n";
    A017 (b"To: ", b"(", 70, b" a@example.org\n")
        b"To: a@example.org (a (nested) comment)\n";
    A018 b"To: \"Jane <jane@example.org>\n"
        b"To: \"Jane\" <jane@example.org>\n";
    A019 b"Sender: a@example.org, b@example.org\n"
        b"Sender: a@example.org\n";
    A020 b"From: nobody in particular\n"
        b"From: Somebody <a@example.org>\n";
    A021 (b"To: ", b"a", 65, b"@example.org\n")
        (b"To: ", b"a", 64, b"@example.org\n");
    A022 (b"To: a@", b"b", 64, b".example\n")
        (b"To: a@", b"b", 63, b".example\n");
    A023 b"To: j\xc3\xb6rg@example.org\n"
        b"To: joerg@example.org\n";
    A024 b"To: root\n"
        b"To: root@example.org\n";
    B001 b"Content-Type: multipart/mixed\n\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B002 b"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nHello.\n----\n"
        b"Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\nHello.\n--b--\n";
    B010 (b"Content-Type: multipart/mixed; boundary=", b"b", 71, b"\n\nHello.\n")
        (b"Content-Type: multipart/mixed; boundary=", b"b", 70, b"\n\nHello.\n");
    B011 b"Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=\"b b\"\n\n--b b\n\nHello.\n--b b--\n";
    B013 b"Content-Type: multipart/mixed; boundary=a; boundary*=us-ascii''b\n\n--b\n\nHello.\n\
          --b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B014 b"Content-Type: multipart/mixed; boundary=\"\\b\"\n\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\nHello.\n--b--\n";
    B020 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=b2\n\n--b2\n\nHello.\n--b2--\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=c\n\n--c\n\nHello.\n--c--\n--b--\n";
    B021 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b and more\n\n\
          Hidden?\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--c and more\n\nText.\n\
          --b--\n";
    B023 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n --b\n\nHidden?\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n --c\n\nText.\n--b--\n";
    B024 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=c\n\n--c\n\nHello.\n--c--\n--b--\n";
    B030 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B031 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n--b\n\nHidden?\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\nAn epilogue.\n";
    B032 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=c\n\n--c\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: multipart/mixed; boundary=c\n\n--c\n\nHello.\n--c--\n--b--\n";
    B033 b"Content-Type: multipart/mixed; boundary=b\n\nContent-Type: text/html\n\n\
          <p>Hidden?</p>\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\nThis is a message in several parts.\n\
          --b\n\nHello.\n--b--\n";
    B034 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B035 b"Content-Type: multipart/mixed; boundary=b\n\n--c\n\nHello.\n--c--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B036 b"Content-Type: multipart/mixed; boundary=b\n\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    B037 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n-b\n\nMore.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n\nMore.\n--b--\n";
    B038 b"Content-Type: multipart/mixed; boundary=b\n\nPay the bill.\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\nThis is a multi-part message in MIME format.\n\
          --b\n\nHello.\n--b--\n";
    C010 b"Content-Type: text/html; charset=utf-7\n\n+ADw-b+AD4-Hello\n"
        b"Content-Type: text/html; charset=utf-8\n\n<b>Hello\n";
    C011 b"Subject: x\n\nGr\xfc\xdfe\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n";
    C012 b"Content-Type: text/plain; charset=klingon-1\n\nGr\xfc\xdfe\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n";
    C013 b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe\n"
        b"Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9fe\n";
    C014 b"Content-Type: text/plain; charset=iso-8859-1\n\nGr\xc3\xbc\xc3\x9fe\n"
        b"Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9fe\n";
    C015 b"Content-Type: text/plain; charset=utf8\n\nHello.\n"
        b"Content-Type: text/plain; charset=utf-8\n\nHello.\n";
    D001 (b"", b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\n", 1002, b"Hello.\n")
        b"Content-Type: message/rfc822\n\nSubject: x\n\nHello.\n";
    D002 (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\n", 100001, b"--b--\n")
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    D003 (b"", b"X-Note: 1\n", 10001, b"\nHello.\n")
        b"X-Note: 1\n\nHello.\n";
    D004 (b"X-Note: ", b"a", 1048576, b"\n\nHello.\n")
        b"X-Note: a\n\nHello.\n";
    D005 (b"", b"X-Note: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
          \x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
          \x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
          \x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 1, b"\n")
        b"X-Note: a\n\nHello.\n";
    D010 (b"", b"Content-Type: message/rfc822\n\n", 102, b"Hello.\n")
        b"Content-Type: message/rfc822\n\nSubject: x\n\nHello.\n";
    D014 (b"Content-Type: text/plain", b"; a=1", 129, b"\n")
        b"Content-Type: text/plain; a=1\n";
    D015 (b"Subject:", b" =?utf-8?q?a?=\n", 10001, b" b\n")
        b"Subject: =?utf-8?q?a?=\n";
    D016 (b"From:", b" a b@example.org,", 2000, b" c@example.org\n")
        b"From: a@example.org\n";
    D017 (b"Content-Type: multipart/mixed; boundary=b\n\n",
        b"--b\nContent-Type: text/a\nContent-Type: text/b\n\nHello.\n", 300, b"--b--\n")
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    E010 b"Content-Transfer-Encoding: base-64\n\nSGVsbG8u\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\n";
    E011 b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T\n`\nend\n"
        b"Content-Transfer-Encoding: base64\n\nQ2F0\n";
    E012 b"Content-Transfer-Encoding: base64; really\n\nSGVsbG8u\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\n";
    E020 b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n\
          --b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 7bit\n\n--b\n\
          \nHello.\n--b--\n";
    E021 b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
          U3ViamVjdDogeAoKSGVsbG8uCg==\n"
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: x\n\n\
          Hello.\n";
    E022 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
          Gr\xc3\xbc\xc3\x9fe\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\n\
          Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
          Gr\xc3\xbc\xc3\x9fe\n--b--\n";
    E030 b"Content-Transfer-Encoding: base64\n\nSGVs!!bG8u\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\n";
    E031 b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\nSGVsbG8u\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\nSGVsbG8=\n";
    E032 b"Content-Transfer-Encoding: base64\n\nSGVsbG8\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n";
    E033 b"Content-Transfer-Encoding: base64\n\nSGVsbG8uS\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\n";
    E034 b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n_____\n\
          The list's footer: https://lists.example\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n";
    E035 (b"Content-Transfer-Encoding: base64\n\n", b"SGVs", 20, b"bG8u\n")
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8u\n";
    E042 b"Content-Transfer-Encoding: quoted-printable\n\n1 + 1 = 2\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n1 + 1 =3D 2\n";
    E043 b"Content-Transfer-Encoding: quoted-printable\n\nHello. \n"
        b"Content-Transfer-Encoding: quoted-printable\n\nHello.=20\n";
    E045 b"Content-Type: text/plain; charset=iso-8859-1\n\
          Content-Transfer-Encoding: quoted-printable\n\nGr\xfc=DFe\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n\
          Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n";
    E046 (b"Content-Transfer-Encoding: quoted-printable\n\n", b"abcd", 20, b"\n")
        (b"Content-Transfer-Encoding: quoted-printable\n\n", b"abcd", 19, b"\n");
    E047 b"Content-Transfer-Encoding: quoted-printable\n\n1 + 1 =3d 2\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n1 + 1 =3D 2\n";
    E050 b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 7bit\n\n\
          Gr\xfc\xdfe\n"
        b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n\
          Gr\xfc\xdfe\n";
    E051 b"Content-Type: application/octet-stream\n\nUlZKTEMxUUFZTE9BRC0wMQ==\n"
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n\
          UlZKTEMxUUFZTE9BRC0wMQ==\n";
    E060 b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T0V%T0V%T0V%T\n`\n\
          end\n"
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T\n`\nend\n";
    E061 b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T\n"
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T\n`\nend\n";
    F001 b"Content-Disposition: attachment; filename=\"../../a.txt\"\n"
        b"Content-Disposition: attachment; filename=\"a.txt\"\n";
    F002 b"Content-Disposition: attachment; filename*=us-ascii''a%00.txt\n"
        b"Content-Disposition: attachment; filename*=us-ascii''a%20.txt\n";
    F003 b"Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEtxt.exe\n"
        b"Content-Disposition: attachment; filename*=utf-8''a%C3%A4.txt\n";
    F004 b"Content-Disposition: attachment; filename=\"con.txt\"\n"
        b"Content-Disposition: attachment; filename=\"control.txt\"\n";
    F005 (b"Content-Disposition: attachment; filename=\"", b"a", 256, b"\"\n")
        (b"Content-Disposition: attachment; filename=\"", b"a", 255, b"\"\n");
    F006 b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Disposition: attachment; filename=a.txt\n\nOne.\n--b\n\
          Content-Disposition: attachment; filename=A.TXT\n\nTwo.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\
          Content-Disposition: attachment; filename=a.txt\n\nOne.\n--b\n\
          Content-Disposition: attachment; filename=b.txt\n\nTwo.\n--b--\n";
    F007 b"Content-Disposition: attachment; filename=\"a.exe.\"\n"
        b"Content-Disposition: attachment; filename=\"a.exe\"\n";
    F008 b"Content-Disposition: attachment\n"
        b"Content-Disposition: attachment; filename=a.txt\n";
    H001 b"From: a@example.org\n"
        b"From: a@example.org\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n";
    H002 b"Date: Mon, 1 Jan 2024 10:00:00 +0000\n"
        b"From: a@example.org\n";
    H003 b"From: a@example.org\n"
        b"Message-ID: <1@example.org>\n";
    H004 b"From: a@example.org\n"
        b"To: undisclosed-recipients:;\n";
    H005 b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\nBcc: a@example.org\n"
        b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\nCc: a@example.org\n";
    H010 b"Subject: one\nSubject: another\n"
        b"Subject: one\n";
    H011 b"From: a@example.org\nFrom: b@example.org\n"
        b"From: a@example.org\n";
    H012 b"Resent-To: a@example.org\n"
        b"Resent-From: b@example.org\nResent-Date: Mon, 1 Jan 2024 10:00:00 +0000\n\
          Resent-To: a@example.org\n";
    H013 b"From: a@example.org\nReturn-Path: <a@example.org>\n"
        b"Return-Path: <a@example.org>\nFrom: a@example.org\n";
    H014 (b"", b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n", 101, b"Subject: x\n")
        b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n";
    H015 b"Received: from b by c; Mon, 1 Jan 2024 10:00:00 +0000\n\
          Received: from a by b; Mon, 1 Jan 2024 12:00:00 +0000\n"
        b"Received: from b by c; Mon, 1 Jan 2024 10:00:05 +0000\n\
          Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n";
    H021 b"Subject : x\n"
        b"Subject: x\n";
    H022 b"Subject: x\nthis is no field\nFrom: a@example.org\n"
        b"Subject: x\n this is more of the subject\nFrom: a@example.org\n";
    H023 b"Subject: x\n \n y\n"
        b"Subject: x\n y\n";
    H024 b" Subject: x\nFrom: a@example.org\n"
        b"Subject: x\nFrom: a@example.org\n";
    H025 b"\nSubject: x\n\nHello.\n"
        b"Subject: x\n\nHello.\n";
    H026 b"Subject: x\nFrom a@example.org Mon Jan  1 10:00:00 2024\nFrom: a@example.org\n\n\
          Hello.\n"
        b"Subject: x\nFrom: a@example.org\n\nHello.\n";
    H027 b"\xef\xbb\xbfSubject: x\n"
        b"Subject: x\n";
    H028 b"Content-Type: multipart/mixed; boundary=b\n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n";
    H029 b"Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: x\n\
          Hello, this is the text.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: x\n\n\
          Hello, this is the text.\n--b--\n";
    H030 b"Subject: a\x00b\n"
        b"Subject: a b\n";
    H031 b"Subject: Gr\xc3\xbc\xc3\x9fe\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n";
    H032 (b"Subject: ", b"a ", 40, b"b\n")
        (b"Subject: ", b"a ", 30, b"b\n");
    H034 b"To:\n"
        b"To: a@example.org\n";
    H035 b"Message-ID: 1@example.org\n"
        b"Message-ID: <1@example.org>\n";
    H036 b"In-Reply-To: your message of Monday\n"
        b"In-Reply-To: <1@example.org>\n";
    H037 b"MIME-Version: 1.0\n\nContent-Type: text/html\n\n<p>Hello.\n"
        b"MIME-Version: 1.0\nContent-Type: text/html\n\n<p>Hello.\n";
    H040 b"Date: yesterday\n"
        b"Date: Mon, 1 Jan 2024 10:00:00 +0000\n";
    H041 b"Date: Tue, 1 Jan 2024 10:00:00 +0000\n"
        b"Date: Mon, 1 Jan 2024 10:00:00 +0000\n";
    H042 b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n\
          Date: Thu, 1 Jan 2026 10:00:00 +0000\n"
        b"Received: from a by b; Mon, 1 Jan 2024 10:00:05 +0000\n\
          Date: Mon, 1 Jan 2024 10:00:00 +0000\n";
    H043 b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n\
          Date: Sun, 1 Jan 2023 10:00:00 +0000\n"
        b"Received: from a by b; Mon, 1 Jan 2024 10:00:05 +0000\n\
          Date: Mon, 1 Jan 2024 10:00:00 +0000\n";
    H044 b"Received: (qmail 7 invoked by uid 0)\n"
        b"Received: from a.example by b.example; Mon, 1 Jan 2024 10:00:00 +0000\n";
    H045 b"Authentication-Results: mx.example; what is this\n"
        b"Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@example.org\n";
    H046 b"\"Content-Type\": text/html\n\n<b>Hello.\n"
        b"Content-Type: text/html\n\n<b>Hello.\n";
    I001 b"Subject: x\n\nbegin 644 a.txt\n#0V%T\n`\nend\n"
        b"Subject: x\n\nLet us begin here, and end there.\n";
    L002 b"Subject: x\n\nHello\rthere.\n"
        b"Subject: x\n\nHello\r\nthere.\n";
    L003 b"Subject: x\r\n\r\nHello.\n"
        b"Subject: x\r\n\r\nHello.\r\n";
    L004 b"Subject: x\r\n\r\nHello.\n.\r\nMAIL FROM:<b@example.org>\r\n"
        b"Subject: x\r\n\r\nHello.\r\n\r\nMAIL FROM:<b@example.org>\r\n";
    L005 b"Subject: x\r\rHello.\r"
        b"Subject: x\n\nHello.\n";
    L006 b"Subject: x\n\nHello.\n.\nMore.\n"
        b"Subject: x\n\nHello.\n..\nMore.\n";
    L007 b"Subject: x\n\nHello."
        b"Subject: x\n\nHello.\n";
    L010 (b"Subject: x\n\n", b"a", 999, b"\n")
        (b"Subject: x\n\n", b"a", 998, b"\n");
    L011 b"Subject: x\n\na\x00b\n"
        b"Subject: x\n\na b\n";
    M001 b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n"
        b"Subject: x\n\nHello.\n";
    M002 b"Subject: x\n\nHello.\n\nFrom a@example.org Mon Jan  1 10:00:00 2024\nSubject: y\n\n\
          Hello.\n"
        b"Subject: x\n\nHello.\n\n>From a@example.org Mon Jan  1 10:00:00 2024\nSubject: y\n\n\
          Hello.\n";
    M003 b"From a@example.org Mon Jan  1 10:00:00 2024\nContent-Length: 89\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\nTo: a@example.org\n\n\
          Hello.\n"
        b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\nTo: a@example.org\n\n\
          Hello.\n";
    M004 b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\nTo: a@example.org\n\n\
          Hello.\n"
        b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\nTo: a@example.org\n\n\
          Hello.\n";
    M005 b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org\nSubject: y\nTo: a@example.org\n\nHello.\n"
        b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\nTo: a@example.org\n\n\
          Hello.\n";
    M006 b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nand no field.\n"
        b"From a@example.org Mon Jan  1 10:00:00 2024\nSubject: x\n\nHello.\n\n\
          From b@example.org Mon Jan  1 11:00:00 2024\nSubject: y\n\nHello.\n";
    M007 b"Content-Length: 100\n\nHello.\n"
        b"Content-Length: 7\n\nHello.\n";
    N001 b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
          Gr\xc3\xbc\xc3\x9fe\n"
        b"Content-Type: text/plain; charset=utf-8\n\
          Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe\n";
    N002 b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: binary\n\n\
          a\x00b\n"
        b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\nYQBi\n";
    N003 b"Subject: Gr\xc3\xbc\xc3\x9fe\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n";
    N004 b"Content-Transfer-Encoding: 8bit\n\nHello.\n"
        b"Content-Transfer-Encoding: 7bit\n\nHello.\n";
    P020 b"Content-Type: text/plain; charset=utf-8; charset=utf-7\n"
        b"Content-Type: text/plain; charset=utf-8\n";
    P021 b"Content-Disposition: attachment; filename=a.txt; filename=a.exe\n"
        b"Content-Disposition: attachment; filename=a.txt\n";
    P022 b"Content-Type: text/plain; name=a.txt\n\
          Content-Disposition: attachment; filename=a.exe\n"
        b"Content-Type: text/plain; name=a.txt\n\
          Content-Disposition: attachment; filename=a.txt\n";
    P030 b"Content-Type: text/plain charset=utf-8\n"
        b"Content-Type: text/plain; charset=utf-8\n";
    P031 b"Content-Disposition: attachment; filename=a b.txt\n"
        b"Content-Disposition: attachment; filename=\"a b.txt\"\n";
    P032 b"Content-Type: text/plain; this is nothing; charset=utf-8\n"
        b"Content-Type: text/plain; charset=utf-8\n";
    P033 b"Content-Disposition: attachment; filename=\"a.txt\n"
        b"Content-Disposition: attachment; filename=\"a.txt\"\n";
    P041 b"Content-Disposition: attachment; filename*0=a; filename*2=b\n"
        b"Content-Disposition: attachment; filename*0=a; filename*1=b\n";
    P042 b"Content-Disposition: attachment; filename*=a%20b\n"
        b"Content-Disposition: attachment; filename*=us-ascii''a%20b\n";
    P043 b"Content-Disposition: attachment; filename*=us-ascii''100%\n"
        b"Content-Disposition: attachment; filename*=us-ascii''100%25\n";
    P044 b"Content-Disposition: attachment; filename*=klingon-1''%fc\n"
        b"Content-Disposition: attachment; filename*=iso-8859-1''%fc\n";
    P045 b"Content-Disposition: attachment; filename*00=a; filename*1=b\n"
        b"Content-Disposition: attachment; filename*0=a; filename*1=b\n";
    P046 b"Content-Disposition: attachment; filename=\"=?utf-8?q?a?=\"\n"
        b"Content-Disposition: attachment; filename*=utf-8''a\n";
    S010 b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
          Gr\xc3\xbc\xc3\x9fe\n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n"
        b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\nContent-Type: text/plain; charset=utf-8\n\
          Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe\n--b\n\
          Content-Type: application/pgp-signature\n\n(here)\n--b--\n";
    S011 b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello. \n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n"
        b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n";
    S012 b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b--\n"
        b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n";
    S013 b"Content-Type: multipart/signed; boundary=b\n\n--b\n\nHello.\n--b\n\
          Content-Type: application/pgp-signature\n\n(here)\n--b--\n"
        b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n";
    S014 b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b\nContent-Type: text/plain\n\n(here)\n--b--\n"
        b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\n\
          \n--b\n\nHello.\n--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n";
    S015 b"Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n\
          \n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n"
        b"Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n\
          \n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\
          Content-Type: application/octet-stream\n\n(here)\n--b--\n";
    S016 b"Content-Type: multipart/encrypted; boundary=b\n\n--b\n\
          Content-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\
          Content-Type: application/octet-stream\n\n(here)\n--b--\n"
        b"Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n\
          \n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\n\
          Content-Type: application/octet-stream\n\n(here)\n--b--\n";
    S020 b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; bh=YQ==; b=YQ==; d=example.net\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; bh=YQ==; b=YQ==\n";
    S021 b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; l=10; bh=YQ==; b=YQ==\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; bh=YQ==; b=YQ==\n";
    S022 b"DKIM-Signature: v=1; a=rsa-sha256; s=x; h=from; bh=YQ==; b=YQ==\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; bh=ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=; b=YQ==\n";
    S023 b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n\
          DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; x=1600000000; bh=YQ==; b=YQ==\n"
        b"Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0000\n\
          DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; x=1800000000; bh=YQ==; b=YQ==\n";
    S024 b"DKIM-Signature: v=1; a=rsa-sha1; d=example.org; s=x; h=from; bh=YQ==; b=YQ==\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from; bh=YQ==; b=YQ==\n";
    S025 b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=to:subject; bh=YQ==; b=YQ==\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from:to; bh=YQ==; b=YQ==\n";
    S026 b"ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=example.org; s=a; b=YQ==\n"
        b"Subject: without ARC\n";
    S027 (b"", b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=a; h=from; bh=YQ==; b=YQ==\n", 17, b"")
        (b"", b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=a; h=from; bh=YQ==; b=YQ==\n", 2, b"");
    T001 b"Content-Type: text/html\n\n<p>Hello.</p>\n"
        b"MIME-Version: 1.0\nContent-Type: text/html\n\n<p>Hello.</p>\n";
    T002 b"MIME-Version: 2.0\n"
        b"MIME-Version: 1.0\n";
    T010 b"Content-Type: text\n"
        b"Content-Type: text/plain\n";
    T011 b"Content-Type: document/word\n"
        b"Content-Type: application/msword\n";
    T013 b"Content-Type:\n"
        b"Content-Type: text/plain\n";
    T014 b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n\
          <p>Hello.</p>\n--b\nContent-Type: text/plain\n\nHello.\n--b--\n"
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
          Hello.\n--b\nContent-Type: text/html\n\n<p>Hello.</p>\n--b--\n";
    T015 b"Content-Type: multipart/related; boundary=b; type=\"text/html\"; start=\"<2@example.org>\"\n\
          \n--b\nContent-Type: text/html\nContent-ID: <1@example.org>\n\n<p>Hello.</p>\n\
          --b--\n"
        b"Content-Type: multipart/related; boundary=b; type=\"text/html\"; start=\"<1@example.org>\"\n\
          \n--b\nContent-Type: text/html\nContent-ID: <1@example.org>\n\n<p>Hello.</p>\n\
          --b--\n";
    T016 b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n\
          <p>Hello.</p>\n--b--\n"
        b"Content-Type: multipart/related; boundary=b; type=\"text/html\"\n\n--b\n\
          Content-Type: text/html\n\n<p>Hello.</p>\n--b--\n";
    T017 b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\n\
          It was lost.\n--b\nContent-Type: text/plain\n\nReally.\n--b--\n"
        b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\n\
          It was lost.\n--b\nContent-Type: message/delivery-status\n\n\
          Reporting-MTA: dns; example.org\n--b--\n";
    T018 b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\n\
          It was lost.\n--b--\n"
        b"Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\n\
          It was lost.\n--b\nContent-Type: message/delivery-status\n\n\
          Reporting-MTA: dns; example.org\n--b--\n";
    T020 b"Content-Type: message/partial; id=\"1@example.org\"; number=1; total=2\n"
        b"Content-Type: text/plain\n";
    T021 b"Content-Type: message/external-body; access-type=URL; URL=\"https://example.org/\"\n"
        b"Content-Type: text/plain\n";
    T022 b"Content-Type: message/partial; number=1\n"
        b"Content-Type: message/partial; id=\"1@example.org\"; number=1; total=2\n";
    T023 b"Content-Type: message/partial; id=\"1@example.org\"; number=1\n\
          Content-Transfer-Encoding: 8bit\n"
        b"Content-Type: message/partial; id=\"1@example.org\"; number=1\n";
    T024 b"Content-Type: message/external-body\n"
        b"Content-Type: message/external-body; access-type=URL; URL=\"https://example.org/\"\n";
    T030 b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-ID: <1@example.org>\n\n\
          One.\n--b\nContent-ID: <1@example.org>\n\nTwo.\n--b--\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-ID: <1@example.org>\n\n\
          One.\n--b\nContent-ID: <2@example.org>\n\nTwo.\n--b--\n";
    T031 b"Content-ID: picture1\n"
        b"Content-ID: <picture1@example.org>\n";
    T032 b"Content-Disposition: secret\n"
        b"Content-Disposition: inline\n";
    T033 b"Content-Disposition: attachment; filename=a; size=large\n"
        b"Content-Disposition: attachment; filename=a; size=10\n";
    T034 b"Content-Type: text/html; format=flowed\n"
        b"Content-Type: text/plain; format=flowed\n";
    T035 b"Content-Type: application/pkcs7-mime; name=smime.p7m\n"
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n";
    W010 b"Subject: =?utf-8?x?a?=\n"
        b"Subject: =?utf-8?q?a?=\n";
    W011 b"Subject: =?utf-8?q?=C3?= =?utf-8?q?=BC?=\n"
        b"Subject: =?utf-8?q?=C3=BC?= =?utf-8?q?=C3=BC?=\n";
    W012 b"Subject: a=?utf-8?q?b?=\n"
        b"Subject: a =?utf-8?q?b?=\n";
    W013 b"Subject: =?klingon-1?q?a?=\n"
        b"Subject: =?utf-8?q?a?=\n";
    W014 (b"Subject: =?utf-8?q?", b"a", 64, b"?=\n")
        (b"Subject: =?utf-8?q?", b"a", 60, b"?=\n");
    W015 b"Subject: =?utf-8?q?a b?=\n"
        b"Subject: =?utf-8?q?a_b?=\n";
    W016 b"To: <=?utf-8?q?a?=@example.org>\n"
        b"To: =?utf-8?q?a?= <a@example.org>\n";
    W017 b"To: \"=?utf-8?q?a?=\" <a@example.org>\n"
        b"To: =?utf-8?q?a?= <a@example.org>\n";
    W018 b"Subject: =?utf-8?q?a=4?=\n"
        b"Subject: =?utf-8?q?a=41?=\n";
    W019 b"Message-ID: =?utf-8?q?=3C1=40example=2Eorg=3E?=\n"
        b"Message-ID: <1@example.org>\n";
    W020 b"Subject: =?utf-8?q?a=0D=0AFrom:_b?=\n"
        b"Subject: =?utf-8?q?a_b?=\n";
    W021 b"Subject: =?utf-8?q?a=E2=80=AEb?=\n"
        b"Subject: =?utf-8?q?a=C3=BCb?=\n";
    W022 b"Subject: =?utf-8?q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaa?= =?utf-8?q?aaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n"
        b"Subject: =?utf-8?q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n\
          \x20=?utf-8?q?aaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n";
    X001 b"Subject: Invoice \xe2\x80\xaetxt.exe\n"
        b"Subject: Invoice \xc3\xbc\n";
    X002 b"From: a@example.org\nReply-To: a@example.net\n"
        b"From: a@example.org\nReply-To: office@mail.example.org\n";
    X003 b"From: a@example.org\nSender: b@example.net\n"
        b"From: a@example.org\nSender: b@example.org\n";
    X004 b"Return-Path: <b@example.net>\nFrom: a@example.org\n"
        b"Return-Path: <bounces@mail.example.org>\nFrom: a@example.org\n";
    X005 b"From: a@example.org\nMessage-ID: <1@example.net>\n"
        b"From: a@example.org\nMessage-ID: <1@mail.example.org>\n";
    X006 b"From: =?utf-8?q?P=D0=B0ypal?= <a@example.org>\n"
        b"From: =?utf-8?q?B=C3=BCcher?= <a@example.org>\n";
    X007 b"From: \"www.bank.com\" <a@example.org>\n"
        b"From: \"www.example.org\" <a@example.org>\n";
    X008 b"From: a@xn--pypal-4ve.example\n"
        b"From: a@xn--bcher-kva.example\n";
    X010 b"Content-Disposition: attachment; filename*=utf-8''inv%D0%BEice.pdf\n"
        b"Content-Disposition: attachment; filename*=utf-8''B%C3%BCcher.pdf\n";
    X011 b"Content-Disposition: attachment; filename=\"invoice.pdf.exe\"\n"
        b"Content-Disposition: attachment; filename=\"invoice.2024.pdf\"\n";
    X012 b"Content-Disposition: attachment; filename=\"invoice.js\"\n"
        b"Content-Disposition: attachment; filename=\"invoice.pdf\"\n";
    X013 b"Content-Type: image/png; name=\"a.html\"\n"
        b"Content-Type: image/png; name=\"a.png\"\n";
    X014 b"Content-Disposition: attachment; filename=\"a.pdf\"\n\
          Content-Transfer-Encoding: base64\n\nUEsDBBQAAAAAAAAAAAAAAAAAAwAAAAMAAAAFAAAAYS50eHRhYmM=\n"
        b"Content-Disposition: attachment; filename=\"a.pdf\"\n\
          Content-Transfer-Encoding: base64\n\nJVBERi0xLjcKJWFiY2RlZmdoCg==\n";
    X015 b"Content-Disposition: attachment; filename=\"a.dat\"\n\
          Content-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA//8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n"
        b"Content-Disposition: attachment; filename=\"a.dat\"\n\
          Content-Transfer-Encoding: base64\n\nTVogYW5kIG1vcmUgdGV4dCB0aGF0IGlzIG5vIHByb2dyYW0sIHRob3VnaCBpdCBiZWdpbnMgc28sIGFzIGEgbGV0dGVyIG9mIHNvbWVib2R5IGNhbGxlZCBNIFouCg==\n";
    X016 b"Content-Disposition: attachment; filename=\"a.zip\"\n\
          Content-Transfer-Encoding: base64\n\nUEsDBBQAAQAAAAAAAAAAAAAAAwAAAAMAAAAFAAAAYS50eHRhYmM=\n"
        b"Content-Disposition: attachment; filename=\"a.zip\"\n\
          Content-Transfer-Encoding: base64\n\nUEsDBBQAAAAAAAAAAAAAAAAAAwAAAAMAAAAFAAAAYS50eHRhYmM=\n";
    X017 b"Content-Disposition: attachment; filename=\"a.rar.zip\"\n"
        b"Content-Disposition: attachment; filename=\"a.tar.gz\"\n";
    X018 b"Content-Disposition: attachment; filename=\"a.zip\"\n\
          Content-Transfer-Encoding: base64\n\nUEsDBBQAAAAAAAAAAAAAAAAAAwAAAAMAAAAEAAAAYS5qc2FiYw==\n"
        b"Content-Disposition: attachment; filename=\"a.zip\"\n\
          Content-Transfer-Encoding: base64\n\nUEsDBBQAAAAAAAAAAAAAAAAAAwAAAAMAAAAFAAAAYS50eHRhYmM=\n";
    X020 b"Content-Type: text/html\n\n\
          <a href=\"https://example.net/login\">www.bank.com</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://login.bank.com/\">www.bank.com</a>\n";
    X021 b"Content-Type: text/html\n\n\
          <a href=\"https://example.net/?to=www.bank.com\">www.bank.com</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://www.bank.com/\">www.bank.com</a>\n";
    X022 b"Content-Type: text/html\n\n\
          <a href=\"javascript:alert(1)\">a</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://example.org/\">a</a>\n";
    X023 b"Content-Type: text/html\n\n\
          <a href=\"data:text/html,x\">a</a>\n"
        b"Content-Type: text/html\n\n\
          <img src=\"data:image/gif;base64,R0lGODlh\">\n";
    X024 b"Content-Type: text/html\n\n\
          <a href=\"https://www.bank.com@example.net/\">a</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://example.net/@www.bank.com\">a</a>\n";
    X025 b"Content-Type: text/html\n\n\
          <a href=\"https://xn--pypal-4ve.example/\">a</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://xn--bcher-kva.example/\">a</a>\n";
    X026 b"Content-Type: text/html\n\n\
          <a href=\"http://192.0.2.1/\">a</a>\n"
        b"Content-Type: text/html\n\n\
          <a href=\"https://example.org/\">a</a>\n";
    X027 b"Content-Type: text/html\n\n\
          <img src=\"https://example.net/x.gif\">\n"
        b"Content-Type: text/html\n\n\
          <img src=\"cid:1@example.org\">\n";
    X028 b"Content-Type: text/html\n\n\
          <form action=\"https://example.net/\"><input></form>\n"
        b"Content-Type: text/html\n\n\
          <p>Form</p>\n";
    X029 b"Content-Type: text/html\n\n\
          <script>x()</script>\n"
        b"Content-Type: text/html\n\n\
          <!-- <script>x()</script> -->\n";
    X030 b"Content-Type: text/html\n\n\
          <iframe src=\"https://example.net/\"></iframe>\n"
        b"Content-Type: text/html\n\n\
          <p>Frame</p>\n";
    X031 b"Content-Type: text/html\n\n\
          <meta http-equiv=\"refresh\" content=\"0; url=https://example.net/\">\n"
        b"Content-Type: text/html\n\n\
          <meta http-equiv=\"Content-Type\" content=\"text/html\">\n";
    X032 b"Content-Type: text/html\n\n\
          <div style=\"display:none\">a</div>\n"
        b"Content-Type: text/html\n\n\
          <div style=\"display:block\">a</div>\n";
    X033 b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8uCg==\n"
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw7wK\n";
    X034 b"Content-Transfer-Encoding: quoted-printable\n\n=76=69=61gra\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n=46rom here=2E\n";
    X040 b"Subject: Pay A\nContent-Type: multipart/mixed; boundary=b\n\n--b\nSubject: Pay B\n\
          Content-Type: text/plain; hp=clear\n\nHello.\n--b--\n"
        b"Subject: Pay A\nContent-Type: multipart/mixed; boundary=b\n\n--b\nSubject: Pay A\n\
          Content-Type: text/plain; hp=clear\n\nHello.\n--b--\n";
}
