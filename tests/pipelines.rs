//! Every command of docs/pipelines.md does what the page shows.
//!
//! A block that begins with three grave accents and `sh`, and behind that the tools that it needs
//! (commands, or modules of Python), is run by bash in the repository; the block `text` behind it is
//! what it prints. If a tool is missing, the block is skipped and that is said.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the page.
struct Block {
    line: usize,
    tools: Vec<String>,
    script: String,
    printed: String,
}

/// The blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: String = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut words = info.split(' ').map(str::to_owned);
        match words.next().as_deref() {
            Some("sh") => blocks.push(Block {
                line: number + 1,
                tools: words.collect(),
                script: text,
                printed: String::new(),
            }),
            Some("text") => blocks.last_mut().expect("a command before").printed = text,
            other => panic!("line {}: {other:?}", number + 1),
        }
    }
    blocks
}

fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn is_installed(tool: &str) -> bool {
    let shell = ["-c", "command -v -- \"$0\"", tool];
    works(Command::new("bash").args(shell))
        || works(Command::new("python3").args(["-c", &format!("import {tool}")]))
}

/// `septet` first, then what the caller has.
fn path() -> std::ffi::OsString {
    let septet = Path::new(env!("CARGO_BIN_EXE_septet")).parent().expect("a folder");
    let before = std::env::var_os("PATH").unwrap_or_default();
    let folders = [PathBuf::from(septet)].into_iter().chain(std::env::split_paths(&before));
    std::env::join_paths(folders).expect("a path")
}

#[test]
fn the_page_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/pipelines.md")).expect("the page");
    let blocks = blocks(&page);
    assert!(blocks.len() >= 10, "{} blocks", blocks.len());
    for Block { line, tools, script, printed } in blocks {
        if let Some(tool) = tools.iter().find(|tool| !is_installed(tool)) {
            println!("skipped: line {line} needs {tool}");
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(root)
            .env("PATH", path())
            .env("T", folder.path())
            .env("LC_ALL", "C.UTF-8")
            .output();
        let Ok(output) = output else {
            println!("skipped: no bash");
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "line {line}: {said}");
        let found = String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n");
        assert_eq!(found, printed, "line {line}: {said}");
    }
}
