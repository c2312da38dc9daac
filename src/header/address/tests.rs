//! What address lists mean: tables by kind of mail, and laws.

use proptest::prelude::*;

use super::*;
use Rule::*;

/// `group`, `name`, `address`; `-` for none.
type Row = (&'static str, &'static str, &'static str);

fn read(raw: &[u8]) -> (Vec<Address>, Vec<(Rule, Span)>) {
    let mut findings = Vec::new();
    let addresses = parse(raw, &Context::for_tests(), &mut findings);
    // Findings must not change what is read.
    assert_eq!(parse(raw, &Context::for_tests(), &mut ()), addresses);
    (addresses, findings)
}

#[track_caller]
fn check(cases: &[(&str, &[Row], &[Rule])]) {
    for &(raw, expected, rules) in cases {
        let (addresses, findings) = read(raw.as_bytes());
        let found: Vec<Rule> = findings.iter().map(|&(rule, _)| rule).collect();
        let rows: Vec<[&str; 3]> = addresses
            .iter()
            .map(|a| [&a.group, &a.name, &a.address].map(|text| text.as_deref().unwrap_or("-")))
            .collect();
        let expected: Vec<[&str; 3]> = expected.iter().map(|&(g, n, a)| [g, n, a]).collect();
        assert_eq!((rows, found.as_slice()), (expected, rules), "{raw}");
    }
}

#[test]
fn reads_mailboxes() {
    check(&[
        ("joe@x.com", &[("-", "-", "joe@x.com")], &[]),
        ("<joe@x.com>", &[("-", "-", "joe@x.com")], &[]),
        ("Joe Q. Blow <joe@x.com>", &[("-", "Joe Q. Blow", "joe@x.com")], &[]),
        ("Joe\r\n \tBlow<joe@x.com>", &[("-", "Joe Blow", "joe@x.com")], &[]),
        ("\"Blow, \\\"Joe\\\"\" <joe@x.com>", &[("-", "Blow, \"Joe\"", "joe@x.com")], &[]),
        ("\"Joe\r\n Blow\" Jr. <joe@x.com>", &[("-", "Joe Blow Jr.", "joe@x.com")], &[]),
        ("\"  Joe\" <joe@x.com>", &[("-", "  Joe", "joe@x.com")], &[]),
        ("\"\" <joe@x.com>", &[("-", "-", "joe@x.com")], &[]),
        ("a@x, B <b@x>,, c@x,", &[("-", "-", "a@x"), ("-", "B", "b@x"), ("-", "-", "c@x")], &[]),
        ("joe@[IPv6:::1]", &[("-", "-", "joe@[IPv6:::1]")], &[]),
        ("\"a b\"@x, \"a\\!\\\"\"@x", &[("-", "-", "\"a b\"@x"), ("-", "-", "\"a!\\\"\"@x")], &[]),
        ("joe@x.com <joe@X.com>", &[("-", "joe@x.com", "joe@X.com")], &[]),
        ("J\u{F6} <j\u{F6}@b\u{FC}>", &[("-", "J\u{F6}", "j\u{F6}@b\u{FC}")], &[H031, H031]),
        ("", &[], &[]),
        (" , ,", &[], &[]),
    ]);
}

#[test]
fn reads_comments() {
    check(&[
        ("joe@x.com (Joe (J.) Blow)", &[("-", "Joe (J.) Blow", "joe@x.com")], &[]),
        ("(Joe) joe@x.com", &[("-", "Joe", "joe@x.com")], &[]),
        ("j(a)@(b)x(c)", &[("-", "c", "j@x")], &[]),
        ("(Joe) <j(a)@x> ", &[("-", "Joe", "j@x")], &[]),
        ("Joe (J.) Blow <joe@x.com> (home)", &[("-", "Joe Blow (home)", "joe@x.com")], &[]),
        ("joe@x (a \\) =?utf-8?q?=C3=A9?=)", &[("-", "a ) \u{E9}", "joe@x")], &[]),
        ("(nobody)", &[], &[]),
    ]);
    let deep = ["(".repeat(65), ")".repeat(65), "a@x".to_owned()].concat();
    let (addresses, findings) = read(deep.as_bytes());
    assert_eq!((addresses[0].name.as_deref(), findings[0].0), (None, A017));
}

#[test]
fn reads_groups() {
    check(&[
        ("g: A <a@x>, b@x;", &[("g", "A", "a@x"), ("g", "-", "b@x")], &[]),
        ("\"a g\" (c):a@x;, b@x", &[("a g", "-", "a@x"), ("-", "-", "b@x")], &[]),
        ("undisclosed recipients:;", &[("undisclosed recipients", "-", "-")], &[]),
        ("none: (nobody) ;, b@x", &[("none", "-", "-"), ("-", "-", "b@x")], &[]),
        ("a: a@x; b: b@x;", &[("a", "-", "a@x"), ("b", "-", "b@x")], &[A011]),
        ("g: h: a@x;;", &[("g", "-", "a@x")], &[A016, A011]),
        ("g: a@x, h: b@x", &[("g", "-", "a@x"), ("g", "-", "b@x")], &[A016, A011]),
        ("a@x; b@x", &[("-", "-", "a@x"), ("-", "-", "b@x")], &[A011]),
        ("mailto:joe@x.com", &[("-", "-", "joe@x.com")], &[A011]),
        ("a@x: b@x", &[("-", "-", "a@x:"), ("-", "-", "b@x")], &[A011, A011]),
        (":a@x", &[("-", "-", "a@x")], &[A011]),
    ]);
    let (addresses, findings) =
        read(["\u{E9}".repeat(300).as_str(), "x: a@x;"].concat().as_bytes());
    assert_eq!(addresses[0].group, Some("\u{E9}".repeat(128)));
    assert_eq!(findings.last().map(|f| f.0), Some(A011));
}

#[test]
fn reads_obsolete_forms() {
    check(&[
        ("joe . blow @ x . com", &[("-", "-", "joe.blow@x.com")], &[]),
        ("<joe @ x\r\n .com>", &[("-", "-", "joe@x.com")], &[]),
        ("\"a b\" . c@x", &[("-", "-", "\"a b\".c@x")], &[]),
        ("Joe <@a,@b:joe@x>", &[("-", "Joe", "joe@x")], &[A013]),
        ("<@[1:2]:joe@x>, a@x", &[("-", "-", "joe@x"), ("-", "-", "a@x")], &[A013]),
    ]);
}

#[test]
fn reads_what_is_broken() {
    check(&[
        // RFC 7103 §7.1.2 to §7.1.7.
        ("<<<joe@x>>>", &[("-", "-", "joe@x")], &[A011]),
        ("<joe@x", &[("-", "-", "joe@x")], &[A018]),
        ("joe@x>", &[("-", "-", "joe@x")], &[A011]),
        ("(Joe <joe@x>", &[("-", "Joe", "joe@x")], &[A018]),
        ("Joe) <joe@x>", &[("-", "Joe)", "joe@x")], &[]),
        ("<a@x, b@x>", &[("-", "-", "a@x"), ("-", "-", "b@x")], &[A018, A011]),
        ("\"Joe <joe@x>", &[("-", "Joe", "joe@x")], &[A018]),
        ("joe", &[("-", "-", "joe")], &[A011]),
        ("joe (Joe Blow)", &[("-", "Joe Blow", "joe")], &[A011]),
        ("Joe Blow", &[("-", "Joe Blow", "-")], &[A011]),
        // As the archives of Mailman 2 have it.
        ("joe at x.com (Joe Blow)", &[("-", "joe at x.com (Joe Blow)", "-")], &[A011]),
        // Names and addresses without what should part them.
        ("Joe Blow joe@x", &[("-", "Joe Blow", "joe@x")], &[A011]),
        ("joe@x Joe Blow", &[("-", "Joe Blow", "joe@x")], &[A011]),
        ("<joe@x> Joe", &[("-", "Joe", "joe@x")], &[A011]),
        ("a@x b@x", &[("-", "-", "a@x"), ("-", "-", "b@x")], &[A011]),
        ("A <a@x> B <b@x>", &[("-", "A", "a@x"), ("-", "B", "b@x")], &[A011]),
        ("A <a@x> b@x", &[("-", "A", "a@x"), ("-", "-", "b@x")], &[A011]),
        ("Joe <joe@x, Ann <ann@x>", &[("-", "Joe", "joe@x"), ("-", "Ann", "ann@x")], &[A018]),
        // Addresses that are none.
        ("a..b@x, a@x.", &[("-", "-", "a..b@x"), ("-", "-", "a@x.")], &[A011, A011]),
        ("a@b@c", &[("-", "-", "a@b@c")], &[A011]),
        ("joe@", &[("-", "joe@", "-")], &[A011]),
        ("@x", &[("-", "@x", "-")], &[A011]),
        ("<joe>", &[("-", "-", "joe")], &[A011]),
        ("Joe <not one>", &[("-", "Joe", "not one")], &[A011]),
        ("<joe blow@x>", &[("-", "-", "\"joe blow\"@x")], &[A011]),
        ("<http://x/?a=b>", &[("-", "-", "http://x/?a=b")], &[A011]),
        ("a@[1.2", &[("-", "-", "a@[1.2")], &[A018, A011]),
        ("Daemon <>", &[("-", "Daemon", "-")], &[A011]),
        ("<>", &[], &[]),
        (" > ", &[("-", ">", "-")], &[A011, A011]),
    ]);
}

#[test]
fn keeps_unquoted_commas_in_names() {
    check(&[
        ("Blow, Joe <joe@x>", &[("-", "Blow, Joe", "joe@x")], &[A014]),
        (
            "a@x, Blow, Joe, Jr. <b@x>",
            &[("-", "-", "a@x"), ("-", "Blow, Joe, Jr.", "b@x")],
            &[A014],
        ),
        ("joe, ann@x", &[("-", "-", "joe"), ("-", "-", "ann@x")], &[A011]),
        ("joe, <ann@x>", &[("-", "-", "joe"), ("-", "-", "ann@x")], &[A011]),
        ("joe, \"Ann\" <ann@x>", &[("-", "-", "joe"), ("-", "Ann", "ann@x")], &[A011]),
        ("joe (J), Ann <ann@x>", &[("-", "J", "joe"), ("-", "Ann", "ann@x")], &[A011]),
        ("Joe <joe@x>, Ann <ann@x>", &[("-", "Joe", "joe@x"), ("-", "Ann", "ann@x")], &[]),
    ]);
}

#[test]
fn decodes_after_parsing() {
    check(&[
        ("=?utf-8?q?J=C3=B6?= Blow <j@x>", &[("-", "J\u{F6} Blow", "j@x")], &[]),
        ("=?utf-8?q?a?= \"=?utf-8?q?b?=\" <j@x>", &[("-", "ab", "j@x")], &[W017]),
        ("=?utf-8?q?a=40b=3E=2C_=3C?= <j@x>", &[("-", "a@b>, <", "j@x")], &[A010]),
        ("=?utf-8?q?Blow,_Joe_(J)?= <j@x>", &[("-", "Blow, Joe (J)", "j@x")], &[]),
        ("=?utf-8?q?joe@x?=", &[("-", "joe@x", "-")], &[A011]),
        ("=?utf-8?q?joe?=", &[("-", "joe", "-")], &[A011]),
        ("=?utf-8?q?joe?=@x", &[("-", "-", "=?utf-8?q?joe?=@x")], &[W016]),
        ("<=?utf-8?q?joe=40x?=>", &[("-", "-", "=?utf-8?q?joe=40x?=")], &[A011, W016]),
        ("=?utf-8?q?g?=: a@x;", &[("g", "-", "a@x")], &[]),
        (
            "=?utf-8?q?a<b@x>?= <j@x>",
            &[("-", "=?utf-8?q?a", "b@x"), ("-", "?=", "j@x")],
            &[A011, W010],
        ),
    ]);
}

#[test]
fn warns_of_posing() {
    check(&[
        ("\"a@bank\" <b@x>", &[("-", "a@bank", "b@x")], &[A010]),
        ("\"<b@x>\" <b@x>", &[("-", "<b@x>", "b@x")], &[]),
        ("\"at @ home\" <b@x>", &[("-", "at @ home", "b@x")], &[]),
        ("\"a@bank x\"@y", &[("-", "-", "\"a@bank x\"@y")], &[A015]),
    ]);
}

#[test]
fn spans_count_from_the_start_of_the_body() {
    let spans = |raw: &[u8]| -> Vec<(Rule, u64, u64)> {
        read(raw).1.iter().map(|&(rule, span)| (rule, span.start, span.end)).collect()
    };
    assert_eq!(spans(b" x=?utf-8?q?a?= <j@x>"), [(W012, 2, 15)]);
    assert_eq!(spans(b" \"=?utf-8?q?a?=\" <j@x>"), [(W017, 2, 15)]);
    assert_eq!(spans(b" j@x (=?x-no?q?a?=)"), [(W013, 5, 19)]);
    assert_eq!(spans(b" Blow, Joe <j@x>"), [(A014, 1, 10)]);
    assert_eq!(spans(b"\xE9 <j@x>"), [(H031, 0, 1)]);
}

proptest! {
    #[test]
    fn any_octets_are_read(raw in "[<>()\\[\\]\"\\\\,;:@. a=?qQ\r\n\u{E9}]{0,60}") {
        let (_, findings) = read(raw.as_bytes());
        for (rule, span) in findings {
            prop_assert!(span.start <= span.end && span.end <= raw.len() as u64, "{rule:?}");
        }
    }

    #[test]
    fn no_address_is_lost(
        list in proptest::collection::vec(("[a-z ]{0,8}", "[a-z0-9.]{0,5}[a-z]@[a-z]{1,6}"), 0..8)
    ) {
        let raw: Vec<String> = list.iter().map(|(name, addr)| format!("\"{name}\" <{addr}>")).collect();
        let (found, _) = read(raw.join(",\r\n ").as_bytes());
        let found: Vec<_> = found.into_iter().filter_map(|a| a.address).collect();
        let sent: Vec<_> = list.into_iter().map(|(_, addr)| addr).collect();
        prop_assert_eq!(found, sent);
    }

    #[test]
    fn quoted_names_come_back(name in "[!-~\u{A1}-\u{2FF}][ -~\u{A1}-\u{2FF}]{0,20}") {
        prop_assume!(!name.contains("=?"));
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        let (found, _) = read(format!("\"{quoted}\" <j@x>").as_bytes());
        prop_assert_eq!(found[0].name.as_deref(), Some(name.as_str()));
    }
}

#[test]
fn lists_are_written_so_that_no_name_poses_as_an_address() {
    let cases: &[(&str, &str)] = &[
        ("Joe (J) <joe@x>, ann@x", "Joe (J) <joe@x>, ann@x"),
        ("=?utf-8?q?a=40b=2Ec=2C?= <d@e>", "\"a@b.c,\" <d@e>"),
        ("g: A <a@x>, b@x;, c@x", "g: A <a@x>, b@x;, c@x"),
        ("none:;", "none:;"),
        ("=?utf-8?q?x?=@y", "=?utf-8?q?x?=@y"),
    ];
    for &(raw, expected) in cases {
        let list = parse(raw.as_bytes(), &Context::for_tests(), &mut ());
        assert_eq!(display(&list), expected, "{raw}");
    }
}

/// What was replaced in a group's name is not there any more where the name is cut.
#[test]
fn a_cut_group_name_is_lossy_only_if_that_shows() {
    for (long, lossy) in [(10, true), (300, false)] {
        let raw = format!("{} =?utf-8?q?=FF?=: a@b.example;", "a".repeat(long));
        let (all, _) = read(raw.as_bytes());
        assert_eq!(all[0].lossy, lossy, "{raw}");
    }
}

/// As text, a switch to another character set is nothing; as an address it stays what it is.
#[test]
fn an_address_is_never_empty() {
    let (all, _) = read(b"<\x1b$B>");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].address.as_deref(), Some("\u{1b}$B"));
}
