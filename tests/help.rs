//! What septet says about itself: helps, the manual, completions, the version.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn septet(arguments: &[&str]) -> Output {
    let run =
        Command::new(env!("CARGO_BIN_EXE_septet")).args(arguments).env("LC_ALL", "C").output();
    run.expect("septet runs")
}

fn stdout(arguments: &[&str]) -> String {
    let output = septet(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The lines of a help behind `title:`, up to an empty one.
fn block<'h>(help: &'h str, title: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|line| line.strip_suffix(':') != Some(title)).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// The commands below one, by its help.
fn below(command: &[String]) -> Vec<Vec<String>> {
    let arguments: Vec<_> = command.iter().map(String::as_str).chain(["-h"]).collect();
    let help = stdout(&arguments);
    let names = block(&help, "Commands").into_iter().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty()).then(|| name.to_owned())
    });
    names.map(|name| command.iter().cloned().chain([name]).collect()).collect()
}

/// Every command, and those inside commands.
fn commands() -> Vec<Vec<String>> {
    let first = below(&[]);
    let inner = first.iter().flat_map(|command| below(command));
    first.iter().cloned().chain(inner).collect()
}

fn help(command: &[String], option: &str) -> String {
    let arguments: Vec<_> = command.iter().map(String::as_str).chain([option]).collect();
    stdout(&arguments)
}

/// The example lines of a help, without what is said of them.
fn examples(help: &str) -> Vec<String> {
    let lines = block(help, "Examples").into_iter();
    lines.map(|line| line.trim().split("  ").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn helps_fit_and_have_examples() {
    let commands = commands();
    assert!(commands.len() >= 18, "{commands:?}");
    for command in commands.into_iter().chain([Vec::new()]) {
        let [long, short] = ["--help", "-h"].map(|option| help(&command, option));
        for line in long.lines().chain(short.lines()) {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
        assert!(short.lines().count() <= long.lines().count(), "{command:?}");
        let examples = examples(&long);
        assert!(examples.len() >= 2, "{command:?}: {examples:?}");
        for example in examples {
            assert!(example.contains("septet "), "{command:?}: {example}");
            assert!(example.len() <= 71, "too long for a page of the manual: {example}");
        }
    }
}

/// Whether there is such a program; that there is none is said.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped, there is no {program}");
    }
    found
}

#[test]
fn the_version_is_a_line_or_says_what_is_in_it() {
    let line = format!("septet {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stdout(&["-V"]), line);
    let long = stdout(&["--version"]);
    assert!(long.starts_with(line.trim_end()), "{long}");
    for what in ["features: cli", "zstd", "vectors:", std::env::consts::ARCH] {
        assert!(long.contains(what), "{what}: {long}");
    }
    assert!(long.lines().all(|line| line.len() <= 80));
}

/// The sections of every page, in their order; others may stand between.
const SECTIONS: &[&str] = &[
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "EXIT STATUS",
    "ENVIRONMENT",
    "EXAMPLES",
    "SEE ALSO",
];

/// Every page, by the name of its file.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let arguments = ["man", "-o", folder.to_str().expect("UTF-8")];
    assert_eq!(stdout(&arguments), "");
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
    let read = |file: fs::DirEntry| fs::read_to_string(file.path()).expect("UTF-8");
    files.map(|file| (file.file_name().into_string().expect("UTF-8"), read(file))).collect()
}

#[test]
fn there_is_a_page_for_each_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut found = pages(folder.path());
    found.sort();
    let names: Vec<_> = found.iter().map(|(name, _)| name.clone()).collect();
    let mut expected: Vec<_> =
        below(&[]).iter().map(|command| format!("septet-{}.1", command[0])).collect();
    expected.push("septet.1".to_owned());
    expected.sort();
    assert_eq!(names, expected);
    for (name, page) in &found {
        let mut titles = page.lines().filter_map(|line| line.strip_prefix(".SH "));
        for section in SECTIONS {
            assert!(titles.any(|title| title.trim_matches('"') == *section), "{name}: {section}");
        }
        assert!(page.is_ascii(), "{name}");
        let command = name.strip_prefix("septet-").and_then(|name| name.strip_suffix(".1"));
        let alone = stdout(&["man"].into_iter().chain(command).collect::<Vec<_>>());
        assert_eq!(alone, *page, "{name}");
    }
    // A second time, over the first.
    let mut again = pages(folder.path());
    again.sort();
    assert_eq!(again, found);
}

/// As groff sets them for 80 columns: no warnings, no line too long, and the examples as they stand in
/// the helps.
#[test]
fn pages_are_set_as_they_should_be() {
    if !has("groff") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, _) in pages(folder.path()) {
        let output = Command::new("groff")
            .args(["-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=78n"])
            .arg(folder.path().join(&name))
            .output()
            .expect("groff runs");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
        let command = name.strip_prefix("septet-").and_then(|name| name.strip_suffix(".1"));
        let command: Vec<_> = command.into_iter().map(str::to_owned).collect();
        for example in examples(&help(&command, "--help")) {
            let is_there = text.lines().any(|line| line.trim() == example);
            assert!(is_there, "{name}: {example}\n{text}");
        }
    }
}

/// Whether a shell takes its script for one.
#[test]
fn shells_accept_their_scripts() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let path = folder.path().join(shell);
        let script = stdout(&["completions", shell]);
        fs::write(&path, &script).expect("written");
        if has(shell) {
            let output = Command::new(shell).arg("-n").arg(&path).output().expect("the shell runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
        }
    }
    for shell in ["powershell", "elvish"] {
        assert!(stdout(&["completions", shell]).contains("guess-boundary"), "{shell}");
    }
}

/// What bash offers for the last of these words.
fn completed(script: &Path, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let program = format!(
        ". \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD={last}; \
         _septet_words septet \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"; complete -p septet >&2",
        last - 1
    );
    let run = Command::new("bash").args(["-c", &program]).arg(script).args(words).output();
    let output = run.expect("bash runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "complete -o bashdefault -o default -F _septet_words septet\n", "{words:?}");
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    if !has("bash") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("septet");
    fs::write(&script, stdout(&["completions", "bash"])).expect("written");
    let cases: &[(&[&str], &[&str])] = &[
        (&["septet", "dec"], &["decode"]),
        (&["septet", "co"], &["convert", "copy", "coding", "completions"]),
        (&["septet", "tree", "--vi"], &["--views"]),
        (&["septet", "lint", "--fail-on", "w"], &["warning"]),
        (&["septet", "coding", "encode", "quo"], &["quoted-printable"]),
        (&["septet", "completions", "z"], &["zsh"]),
        (&["septet", "man", "tr"], &["tree", "trace"]),
        (&["septet", "--col"], &["--color"]),
        (&["septet", "tree", "--color", "al"], &["always"]),
        // Files, which bash finds itself where there is nothing else.
        (&["septet", "tree", ""], &[""]),
        (&["septet", "tree", "a.eml", ""], &[""]),
        (&["septet", "coding", ""], &["encode", "decode"]),
        (&["septet", "lint", "--for", ""], &["7bit", "8bitmime", "smtputf8"]),
    ];
    for (words, expected) in cases {
        assert_eq!(completed(&script, words), *expected, "{words:?}");
    }
}

#[cfg(unix)]
mod run {
    //! The examples, as they stand in the helps.

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Programs that examples pipe into and that wait for a person, or may not be here.
    const STUBS: &[&str] = &["less", "man"];

    /// Where the answer of an example may be no.
    const ASKING: &[&str] = &["--fail-on", "--ehlo"];

    /// A message from Alice, with a PDF as part 2.
    fn message() -> String {
        let text = fs::read_to_string("testdata/report.eml").expect("a fixture");
        text.replace("ana@example.org", "alice@example.org")
    }

    /// Everything that the examples name.
    fn furnish(home: &Path) {
        let message = message();
        let mbox: String = (1..=12)
            .map(|n| format!("From alice@example.org Tue Mar  3 08:14:{n:02} 2026\n{message}\n"))
            .collect();
        let folders = [
            ".config/fish/completions",
            ".local/share/bash-completion/completions",
            ".local/share/man/man1",
            ".zfunc",
            "Maildir/cur",
            "Maildir/new",
            "Maildir/tmp",
            "archive",
            "in",
            "out",
            "photos",
            "queue",
            "samples",
        ];
        folders.iter().for_each(|name| fs::create_dir_all(home.join(name)).expect("a folder"));
        let messages = [
            "Maildir/cur/0.a:2,S",
            "archive/a.eml",
            "in/a.eml",
            "in.eml",
            "m.eml",
            "message.eml",
            "out/1.eml",
            "queue/a.eml",
            "received.eml",
            "samples/a.eml",
            "sent.eml",
            "suspicious.eml",
        ];
        messages.iter().for_each(|name| fs::write(home.join(name), &message).expect("written"));
        // What is in a file is told by its octets, not by its name.
        for name in ["a.mbox", "archive.mbox", "in.mbox"] {
            fs::write(home.join(name), &mbox).expect("written");
        }
        for n in 1..=3 {
            let fragment = fs::read(format!("testdata/partial/{n}.eml")).expect("a fixture");
            fs::write(home.join(format!("{n}.eml")), &fragment).expect("written");
            fs::write(home.join(format!("Maildir/cur/{n}.a:2,")), &fragment).expect("written");
        }
        let fixtures = [
            ("testdata/archives/takeout.zip", "takeout.zip"),
            ("testdata/archives/maildir.tar.gz", "archive.tar.gz"),
            ("testdata/archives/two.mbox.zst", "in.mbox.zst"),
            ("testdata/wire/eight.ehlo", "mx.txt"),
        ];
        for (from, to) in fixtures {
            fs::copy(from, home.join(to)).expect("a fixture");
        }
        let others = [
            ("letter.qp", "caf=C3=A9\n"),
            ("letter.txt", "caf\u{e9}\n"),
            ("mail.log", "Subject: =?utf-8?q?caf=C3=A9?=\n"),
            ("old.mbox.gz", &mbox),
            ("photo.b64", "AAEC\n"),
            ("photo.jpg", "no photo\n"),
            ("photos/a.jpg", "no photo\n"),
        ];
        others.iter().for_each(|(name, text)| fs::write(home.join(name), text).expect("written"));
        let data = format!("{}\0", "a".repeat(1023));
        let uuencode = Command::new(env!("CARGO_BIN_EXE_septet"))
            .args(["coding", "encode", "uuencode"])
            .arg({
                // A tar that ends at once: two empty blocks.
                fs::write(home.join("empty.tar"), data.replace('a', "\0")).expect("written");
                home.join("empty.tar")
            })
            .output()
            .expect("septet runs");
        fs::write(home.join("photos.uu"), uuencode.stdout).expect("written");
    }

    /// A folder with the programs of [`STUBS`] that only read what they are given.
    fn stubs(folder: &Path) {
        for name in STUBS {
            let path = folder.join(name);
            fs::write(&path, "#!/bin/sh\nexec cat\n").expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        }
    }

    #[test]
    fn examples_work() {
        let programs = tempfile::tempdir().expect("a folder");
        stubs(programs.path());
        let septet = Path::new(env!("CARGO_BIN_EXE_septet")).parent().expect("a folder");
        let (programs, septet) = (programs.path().display(), septet.display());
        let path = format!("{programs}:{septet}:{}", std::env::var("PATH").unwrap_or_default());
        let has_jq = Command::new("jq").arg("--version").output().is_ok();
        for command in commands().into_iter().chain([Vec::new()]) {
            for example in examples(&help(&command, "--help")) {
                if example.contains("jq") && !has_jq {
                    println!("skipped, there is no jq: {example}");
                    continue;
                }
                let home = tempfile::tempdir().expect("a folder");
                furnish(home.path());
                let mut run = Command::new("bash");
                run.args(["-o", "pipefail", "-c", &example]).current_dir(&home);
                let output = run.env("HOME", home.path()).env("PATH", &path).output();
                let output = output.expect("bash runs");
                let said = String::from_utf8_lossy(&output.stderr);
                let is_asking = ASKING.iter().any(|option| example.contains(option));
                let status = output.status.code();
                assert!(status == Some(0) || is_asking && status == Some(1), "{example}\n{said}");
            }
        }
    }
}
