//! Names that are taken, links that wait, folders that cannot be written to.

use super::*;
use std::fs;

fn place() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::open(&place.path().join("a/out")).expect("made and opened");
    (place, folder)
}

fn draft(folder: &Folder, octets: &[u8]) -> Draft {
    let mut draft = folder.begin().expect("begun");
    draft.write_all(octets).expect("written");
    draft
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn drafts_are_kept_or_vanish() {
    let (place, folder) = place();
    let out = place.path().join("a/out");
    let mut kept = draft(&folder, b"one");
    drop(draft(&folder, b"two"));
    let unfinished = names(&out);
    assert!(unfinished.len() == 1 && unfinished[0].starts_with(UNFINISHED), "{unfinished:?}");
    assert_eq!(kept.keep("x").expect("kept"), Kept::New);
    assert!(kept.keep("y").is_err(), "it has a name");
    drop(kept);
    assert_eq!(names(&out), ["x"]);
    assert_eq!(fs::read(out.join("x")).expect("a file"), b"one");
}

/// More of them than files may be open (`ulimit -n` is 1024 as a rule, and 256 on some systems).
#[test]
fn closed_drafts_hold_no_files() {
    let (place, folder) = place();
    let out = place.path().join("a/out");
    let closed = |number: u32| {
        let mut draft = draft(&folder, number.to_string().as_bytes());
        draft.close().expect("closed");
        draft
    };
    let mut drafts: Vec<Draft> = (0..3000).map(closed).collect();
    assert!(drafts[0].write_all(b"more").is_err(), "it is closed");
    assert_eq!(drafts[2999].keep("last").expect("kept"), Kept::New);
    drafts[2998].close().expect("closed before");
    assert_eq!(drafts[2998].replace("last").expect("replaced"), Kept::New);
    drop(drafts);
    assert_eq!(names(&out), ["last"]);
    assert_eq!(fs::read(out.join("last")).expect("a file"), b"2998");
}

#[test]
fn what_is_there_stays() {
    let (place, folder) = place();
    let out = place.path().join("a/out");
    fs::write(out.join("x"), "old").expect("a file");
    fs::create_dir(out.join("d")).expect("a folder");
    let mut new = draft(&folder, b"new");
    for name in ["x", "d"] {
        assert_eq!(new.keep(name).expect("asked"), Kept::Exists, "{name}");
    }
    assert_eq!(new.replace("d").expect("asked"), Kept::Exists);
    assert_eq!(fs::read(out.join("x")).expect("a file"), b"old");
    assert_eq!(new.replace("x").expect("replaced"), Kept::New);
    assert_eq!(fs::read(out.join("x")).expect("a file"), b"new");
}

#[test]
fn names_are_one_component() {
    let (place, folder) = place();
    let mut new = draft(&folder, b"new");
    for name in ["", ".", "..", "../x", "/x", "a/b", "a\\b", "a\0b"] {
        assert!(new.keep(name).is_err() && new.replace(name).is_err(), "{name:?}");
    }
    drop(new);
    assert_eq!(names(&place.path().join("a/out")), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (place, folder) = place();
    let out = place.path().join("a/out");
    let outside = place.path().join("outside");
    fs::write(&outside, "outside").expect("a file");
    symlink(&outside, out.join("link")).expect("a link");
    symlink(place.path().join("nothing"), out.join("dangling")).expect("a link");
    symlink(place.path(), out.join("folder")).expect("a link");
    for name in ["link", "dangling", "folder"] {
        let mut new = draft(&folder, b"new");
        assert_eq!(new.keep(name).expect("asked"), Kept::Exists, "{name}");
        assert_eq!(new.replace(name).expect("asked"), Kept::New, "{name}");
        let found = fs::symlink_metadata(out.join(name)).expect("a file");
        assert!(found.is_file(), "the link itself was replaced: {name}");
    }
    assert_eq!(fs::read(&outside).expect("a file"), b"outside");
    assert_eq!(names(place.path()), ["a", "outside"]);
}

#[cfg(unix)]
#[test]
fn the_folder_is_the_one_that_was_opened() {
    let (place, folder) = place();
    let (out, moved) = (place.path().join("a/out"), place.path().join("moved"));
    let mut new = draft(&folder, b"new");
    fs::rename(&out, &moved).expect("renamed");
    std::os::unix::fs::symlink("/nonexistent", &out).expect("a link");
    assert_eq!(new.keep("x").expect("kept"), Kept::New);
    assert_eq!(names(&moved), ["x"]);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;
    let (place, folder) = place();
    let mut new = draft(&folder, b"#!/bin/sh\n");
    new.keep("run.sh").expect("kept");
    let found = fs::metadata(place.path().join("a/out/run.sh")).expect("a file");
    assert_eq!(found.permissions().mode() & 0o7777 & !0o600, 0);
}

/// What is done where the system knows no exclusive rename and no links.
#[cfg(unix)]
#[test]
fn a_name_may_be_reserved_first() {
    let (place, folder) = place();
    let out = place.path().join("a/out");
    let mut one = draft(&folder, b"one");
    one.flush().expect("written");
    folder.0.rename_reserved(&one.temporary, "x").expect("renamed");
    one.kept = true;
    let two = draft(&folder, b"two");
    let error = folder.0.rename_reserved(&two.temporary, "x").expect_err("taken");
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    let error = folder.0.rename_reserved("nothing", "y").expect_err("not there");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    drop(two);
    assert_eq!(names(&out), ["x"]);
    assert_eq!(fs::read(out.join("x")).expect("a file"), b"one");
}

#[test]
fn a_folder_that_is_none() {
    let (place, _) = place();
    fs::write(place.path().join("file"), "").expect("a file");
    assert!(Folder::open(&place.path().join("file")).is_err());
    assert!(Folder::open(&place.path().join("file/below")).is_err());
}
