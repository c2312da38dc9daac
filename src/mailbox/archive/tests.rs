//! Archives that other crates wrote, read from a file and from a pipe.

use std::fs;
use std::io::Write;
use std::path::Path;

use ::zip::CompressionMethod;
use ::zip::write::SimpleFileOptions;
use proptest::prelude::*;

use super::super::{Error, Format, Input, Meter, Source};
use super::*;

const MESSAGE: &[u8] = b"Subject: one\n\nText.\n";
const MBOX: &[u8] = b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nText.\n\n";

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

fn zstd(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).expect("begun");
    encoder.include_checksum(true).expect("a checksum");
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

fn xz(octets: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).expect("begun");
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

fn bzip2(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

const CODINGS: [(&str, fn(&[u8]) -> Vec<u8>); 4] =
    [("gzip", gzip), ("zstd", zstd), ("xz", xz), ("bzip2", bzip2)];

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for &(path, octets) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(octets.len() as u64);
        // As it stands: the crate refuses names that lead out of a folder.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        builder.append(&header, octets).expect("written");
    }
    builder.into_inner().expect("written")
}

fn zip(members: &[(&str, &[u8], CompressionMethod)], large: bool) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for &(path, octets, method) in members {
        let options = SimpleFileOptions::default().compression_method(method).large_file(large);
        writer.start_file(path, options).expect("begun");
        writer.write_all(octets).expect("written");
    }
    writer.finish().expect("written").into_inner()
}

/// A zip archive with sizes behind the octets.
fn zip_streamed(members: &[(&str, &[u8], CompressionMethod)], large: bool) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    for &(path, octets, method) in members {
        let options = SimpleFileOptions::default().compression_method(method).large_file(large);
        writer.start_file(path, options).expect("begun");
        writer.write_all(octets).expect("written");
    }
    writer.finish().expect("written").into_inner()
}

/// An input as a test wants to see it, or an error.
type Seen = Result<(String, Format, Vec<u8>), String>;

fn see(input: Result<Input<'_>, Error>, seen: &mut Vec<Seen>) -> ControlFlow<()> {
    seen.push(match input {
        Ok(mut input) => {
            let mut octets = Vec::new();
            input.octets.read_to_end(&mut octets).expect("an input never fails");
            Ok((input.name, input.format, octets))
        }
        Err(error) => Err(error.to_string()),
    });
    ControlFlow::Continue(())
}

/// What is found in these octets if they come through a pipe called `a`.
fn piped(mut octets: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    let thing = Thing::new("a".to_owned(), Origin::Named);
    let mut each = |input: Result<Input<'_>, Error>| see(input, &mut seen);
    let _ = Visit { meter: &Meter::default(), each: &mut each }.look(&thing, None, &mut octets);
    seen
}

/// What is found if they are the file `a`.
fn in_file(octets: &[u8]) -> Vec<Seen> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    fs::write(&path, octets).expect("written");
    let mut seen = Vec::new();
    let _ = Source::File(path.clone()).visit(&Meter::default(), &mut |input| see(input, &mut seen));
    let short = |name: &str| name.replace(&path.display().to_string(), "a");
    seen.into_iter()
        .map(|it| match it {
            Ok((name, format, octets)) => Ok((short(&name), format, octets)),
            Err(text) => Err(short(&text)),
        })
        .collect()
}

/// The same from a file and through a pipe.
fn either(octets: &[u8]) -> Vec<Seen> {
    let seen = in_file(octets);
    assert_eq!(piped(octets), seen);
    seen
}

fn message(name: &str) -> Seen {
    Ok((name.to_owned(), Format::Message, MESSAGE.to_vec()))
}

fn failure(text: &str) -> Seen {
    Err(text.to_owned())
}

#[test]
fn compressed_files() {
    for (name, encode) in CODINGS {
        let expected = Ok(("a".to_owned(), Format::Mbox, [MBOX, MBOX].concat()));
        assert_eq!(
            either(&encode(&[MBOX, MBOX].concat())),
            std::slice::from_ref(&expected),
            "{name}"
        );
        let two = [encode(MBOX), encode(MBOX)].concat();
        assert_eq!(either(&two), [expected], "{name}: two of them");
        assert_eq!(either(&encode(b"")), [Ok(("a".to_owned(), Format::Empty, Vec::new()))]);
    }
    let padded = [&xz(MESSAGE)[..], &[0; 8], &xz(b"more"), &[0; 4]].concat();
    assert_eq!(
        either(&padded),
        [Ok(("a".to_owned(), Format::Message, [MESSAGE, b"more"].concat()))]
    );
}

#[test]
fn two_levels_and_no_more() {
    for (name, encode) in CODINGS {
        assert_eq!(either(&encode(&gzip(MESSAGE))), [message("a")], "{name}");
        let text = "a: compressed or an archive, inside of two others; not read";
        assert_eq!(either(&encode(&gzip(&zstd(MESSAGE)))), [failure(text)], "{name}");
        let inner = encode(&tar(&[("c", MESSAGE)]));
        let archive = encode(&tar(&[("b", &inner), ("d", MESSAGE)]));
        assert_eq!(either(&archive), [message("a!b!c"), message("a!d")], "{name}");
        let inner = tar(&[("c", &encode(MESSAGE))]);
        let text = "a!b!c: compressed or an archive, inside of two others; not read";
        let zip = zip(&[("b", &inner, CompressionMethod::Deflated)], false);
        assert_eq!(either(&zip), [failure(text)], "{name}");
    }
}

/// The text of the one message, and the error behind it.
fn cut(seen: &[Seen]) -> (&[u8], Option<&str>) {
    match seen {
        [Ok((_, _, text))] => (text, None),
        [Ok((_, _, text)), Err(error)] => (text, Some(error)),
        [Err(error)] => (b"", Some(error)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_cut_off_is_read_as_far_as_it_goes() {
    let text: Vec<u8> =
        (0..8000u32).flat_map(|n| format!("X{n}: {}\n", n * 77).into_bytes()).collect();
    for (name, encode) in CODINGS {
        let whole = encode(&text);
        for len in (10..whole.len()).step_by(whole.len() / 10) {
            let seen = either(&whole[..len]);
            let (found, error) = cut(&seen);
            assert!(text.starts_with(found), "{name} {len}");
            assert_eq!(error, Some(&*format!("a: the {name} data ends early")), "{len}");
        }
        let seen = either(&whole[..whole.len() - 1]);
        assert!(cut(&seen).0.len() > text.len() / 2, "{name}");
    }
}

#[test]
fn what_stands_behind_gzip_data() {
    let whole = gzip(MESSAGE);
    for junk in [&b"\0\0\0\0"[..], b"junk"] {
        let seen = either(&[&whole[..], junk].concat());
        let at = whole.len();
        let text = format!("a: the gzip data ends at octet {at}, what follows is none");
        assert_eq!(seen, [message("a"), failure(&text)]);
    }
}

#[test]
fn damage_is_said_in_one_line() {
    for (name, encode) in CODINGS {
        let mut octets = encode(&[MBOX; 50].concat());
        let middle = octets.len() - 12;
        octets[middle] ^= 0x55;
        let seen = either(&octets);
        let said = format!("a: the {name} data is damaged");
        assert_eq!(cut(&seen).1, Some(said.as_str()), "{name}");
    }
}

#[test]
fn what_expands_without_end() {
    let expands = "expands to more than 1000 times its size; not read on";
    let seen = piped(&zstd(&vec![b'a'; 8 << 20]).repeat(10));
    let (found, error) = cut(&seen);
    assert_eq!(error, Some(&*format!("a: {expands}")));
    assert!((64 << 20..70 << 20).contains(&found.len()));
    // The inner level alone would stay below the limit.
    let inner = zstd(&vec![b'a'; 8 << 10]).repeat(9000);
    assert_eq!(cut(&piped(&inner)).1, None);
    assert_eq!(cut(&piped(&zstd(&inner))).1, Some(&*format!("a: {expands}")));
    // A member that expands is one error, the others are read.
    let large = vec![b'a'; 70 << 20];
    let members =
        [("b", &large[..], CompressionMethod::Zstd), ("c", MESSAGE, CompressionMethod::Stored)];
    let seen = in_file(&zip(&members, false));
    assert_eq!(seen[1..], [failure(&format!("a!b: {expands}")), message("a!c")]);
}

#[test]
fn windows() {
    let encode = |log| {
        let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).expect("begun");
        encoder.window_log(log).expect("a window");
        encoder.write_all(MESSAGE).expect("written");
        encoder.finish().expect("written")
    };
    assert_eq!(either(&encode(codec::WINDOW)), [message("a")]);
    let text = "data needs a window of more than 128 MiB";
    assert_eq!(either(&encode(codec::WINDOW + 1)), [failure(&format!("a: the zstd {text}"))]);
    let encode = |bits: u32| {
        let mut options = lzma_rust2::XzOptions::with_preset(0);
        options.lzma_options.dict_size = 1 << 16;
        let writer = lzma_rust2::XzWriter::new(Vec::new(), options);
        let mut writer = writer.expect("begun");
        writer.write_all(MESSAGE).expect("written");
        with_dictionary(writer.finish().expect("written"), bits)
    };
    assert_eq!(either(&encode(30)), [message("a")]);
    assert_eq!(either(&encode(31)), [failure(&format!("a: the xz {text}"))]);
}

/// An .xz stream whose first block says that it needs this dictionary: 30 is 2^27 (.xz file format
/// §5.3.1), behind the flags, the filter's id and the size of its properties.
fn with_dictionary(mut octets: Vec<u8>, bits: u32) -> Vec<u8> {
    let header = 12..12 + 4 * (usize::from(octets[12]) + 1);
    assert_eq!(octets[13..16], [0, 0x21, 1]);
    octets[16] = bits as u8;
    let mut crc = flate2::Crc::new();
    crc.update(&octets[header.start..header.end - 4]);
    octets[header.end - 4..header.end].copy_from_slice(&crc.sum().to_le_bytes());
    octets
}

#[test]
fn names_are_only_shown() {
    let names = ["../../etc/passwd", "/etc/passwd", "a\x1b[31m", "..", "b\\c"];
    let members: Vec<(&str, &[u8])> = names.iter().map(|&name| (name, MESSAGE)).collect();
    let expected: Vec<Seen> = names.iter().map(|name| message(&format!("a!{name}"))).collect();
    assert_eq!(either(&tar(&members)), expected);
    let members: Vec<_> =
        names.iter().map(|&name| (name, MESSAGE, CompressionMethod::Stored)).collect();
    assert_eq!(either(&zip(&members, false)), expected);
}

#[test]
fn zip_archives_from_files_and_pipes() {
    let methods = [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
        CompressionMethod::Zstd,
    ];
    let names = ["0", "1", "2", "3"];
    let members: Vec<_> =
        names.iter().zip(methods).map(|(&name, method)| (name, MESSAGE, method)).collect();
    let expected = names.map(|name| message(&format!("a!{name}")));
    for large in [false, true] {
        assert_eq!(either(&zip(&members, large)), expected);
        assert_eq!(in_file(&zip_streamed(&members, large)), expected);
        // Only deflate says itself where it ends.
        let deflated = [members[1], ("b", b"", methods[1]), ("c", MESSAGE, methods[1])];
        let seen = either(&zip_streamed(&deflated, large));
        assert_eq!((&seen[0], &seen[2]), (&message("a!1"), &message("a!c")));
        let seen = piped(&zip_streamed(&members, large));
        let text = "a!0: stored without its size in a zip archive that cannot be searched; \
                    septet reads it from a file";
        assert_eq!(seen, [failure(text)]);
    }
    assert_eq!(either(&zip(&[], false)), []);
}

#[test]
fn what_is_no_file_in_a_zip_archive() {
    let mut writer = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("folder/", options).expect("written");
    writer.add_symlink("folder/link", "/etc/passwd", options).expect("written");
    writer.start_file("folder/b", options).expect("begun");
    writer.write_all(MESSAGE).expect("written");
    let octets = writer.finish().expect("written").into_inner();
    assert_eq!(in_file(&octets), [message("a!folder/b")]);
    // On a pipe a link is a file like others, and its text is no mail.
    let seen = piped(&octets);
    assert_eq!(seen[0], Ok(("a!folder/link".into(), Format::Foreign, b"/etc/passwd".to_vec())));
    assert_eq!(seen[1], message("a!folder/b"));
}

/// Two stored members, and where the records of the second begin: its header and its record.
fn two_members() -> (Vec<u8>, usize, usize) {
    let octets = zip(
        &[("b", MESSAGE, CompressionMethod::Stored), ("c", MESSAGE, CompressionMethod::Stored)],
        false,
    );
    let local = memchr::memmem::rfind(&octets, b"PK\x03\x04").expect("a header");
    let central = memchr::memmem::rfind(&octets, b"PK\x01\x02").expect("a record");
    (octets, local, central)
}

#[test]
fn members_that_overlap() {
    let (mut octets, _, central) = two_members();
    // The second is said to begin inside of the first, or where that begins.
    for offset in [20u32, 0] {
        octets[central + 42..central + 46].copy_from_slice(&offset.to_le_bytes());
        let text = "a: a zip archive whose members overlap; not read";
        assert_eq!(in_file(&octets), [failure(text)]);
    }
}

#[test]
fn members_that_are_not_as_the_archive_says() {
    let set = |at: usize, value: u32| {
        let (mut octets, local, central) = two_members();
        for place in [local + 14 + at, central + 16 + at] {
            octets[place..place + 4].copy_from_slice(&value.to_le_bytes());
        }
        octets
    };
    let text = "a!c: damaged: its octets do not have the sum that the zip archive says";
    assert_eq!(either(&set(0, 7)), [message("a!b"), message("a!c"), failure(text)]);
    let text = "a!c: holds 20 octets, not the 21 that the zip archive says";
    assert_eq!(either(&set(8, 21)), [message("a!b"), message("a!c"), failure(text)]);
    let seen = either(&set(8, 19));
    assert_eq!(
        seen[1..],
        [failure("a!c: holds more than the 19 octets that the zip archive says")]
    );
}

#[test]
fn encrypted_members_are_named_and_the_others_read() {
    let (octets, ..) = two_members();
    let mut octets = octets;
    let central = memchr::memmem::find(&octets, b"PK\x01\x02").expect("a record");
    octets[6] |= 1;
    octets[central + 8] |= 1;
    assert_eq!(either(&octets), [failure("a!b: encrypted; not read"), message("a!c")]);
    octets[6] &= !1;
    octets[central + 8] &= !1;
    octets[8] = 9;
    octets[central + 10] = 9;
    let text = "a!b: compressed by a method that is not known here, 9";
    assert_eq!(either(&octets), [failure(text), message("a!c")]);
}

#[test]
fn a_zip_archive_that_was_cut_off() {
    let (octets, local, central) = two_members();
    assert_eq!(
        either(&octets[..local]),
        [message("a!b"), failure("a: the zip archive ends early")]
    );
    let seen = either(&octets[..local + 33]);
    assert_eq!(seen[0], message("a!b"));
    assert!(matches!(seen.last(), Some(Err(text)) if text.ends_with("ends early")), "{seen:?}");
    assert_eq!(either(&octets[..central]), [message("a!b"), message("a!c")]);
}

#[test]
fn a_member_that_came_from_a_pipe_is_a_file() {
    let (mut octets, _, central) = two_members();
    // Made by Unix; the mode of a FIFO.
    octets[central + 5] = 3;
    octets[central + 38..central + 42].copy_from_slice(&(0o010_600u32 << 16).to_le_bytes());
    assert_eq!(either(&octets), [message("a!b"), message("a!c")]);
}

/// APPNOTE §4.3.14 and §4.3.15: the end of the directory for large archives, and where it is.
#[test]
fn a_small_archive_may_have_the_end_of_a_large_one() {
    let (octets, _, _) = two_members();
    let (before, end) = octets.split_at(octets.len() - 22);
    let [size, start] = [12, 16]
        .map(|at| u64::from(u32::from_le_bytes(end[at..at + 4].try_into().expect("4 octets"))));
    let mut large = [before, b"PK\x06\x06"].concat();
    // Size of the record, versions, disks, members twice, size and start of the directory.
    large.extend(44u64.to_le_bytes());
    large.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    large.extend([2, 2, size, start].into_iter().flat_map(u64::to_le_bytes));
    large.extend(b"PK\x06\x07\0\0\0\0");
    large.extend((before.len() as u64).to_le_bytes());
    large.extend([1, 0, 0, 0]);
    large.extend(end);
    assert_eq!(either(&large), [message("a!b"), message("a!c")]);
}

#[test]
fn too_many_members_are_not_begun() {
    let (mut octets, ..) = two_members();
    let end = octets.len() - 22;
    octets[end + 8..end + 12].copy_from_slice(&[0xff, 0x7f, 0xff, 0x7f]);
    assert!(matches!(&in_file(&octets)[..], [Err(text)] if text.contains("directory")));
}

#[test]
fn of_a_maildir_in_an_archive_only_the_messages() {
    let uidlist = b"3 V1 N2\n1 :1700000000.M1.host\n".as_slice();
    let members = [
        ("M/dovecot-uidlist", uidlist),
        ("M/cur/1:2,S", b"no field here\n".as_slice()),
        ("M/tmp/1700000000.M1.host", MESSAGE),
        ("M/new/2", MESSAGE),
        ("page.html", b"<html>\nA: b\n"),
    ];
    let seen = either(&tar(&members));
    let found: Vec<_> = seen.iter().flatten().map(|it| (it.0.as_str(), it.1)).collect();
    let expected = [
        ("a!M/cur/1:2,S", Format::Message),
        ("a!M/new/2", Format::Message),
        ("a!page.html", Format::Foreign),
    ];
    assert_eq!(found, expected);
}

#[test]
fn flags_of_members() {
    let archive = gzip(&tar(&[("M/cur/1:2,FS", MESSAGE), ("x:2,S", MESSAGE)]));
    let mut found = Vec::new();
    let mut each = |input: Result<Input<'_>, Error>| {
        let flags = input.expect("readable").flags;
        found.push(flags.map(|flags| flags.letters().to_owned()));
        ControlFlow::Continue(())
    };
    let thing = Thing::new("a".to_owned(), Origin::Named);
    let mut octets = &archive[..];
    let _ = Visit { meter: &Meter::default(), each: &mut each }.look(&thing, None, &mut octets);
    assert_eq!(found, [Some("FS".to_owned()), None]);
}

#[test]
fn a_tar_archive_that_was_cut_off() {
    let archive = tar(&[("b", MESSAGE), ("c", MESSAGE)]);
    for octets in [&archive[..1500], &gzip(&archive[..1500])] {
        let seen = either(octets);
        assert_eq!(seen, [message("a!b"), failure("a: the tar archive ends early")]);
    }
    let seen = either(&archive[..1540]);
    let partial = Ok(("a!c".to_owned(), Format::Message, MESSAGE[..4].to_vec()));
    // Four octets of a message are none that could be told from something else.
    let partial =
        partial.map(|(name, _, text): (String, Format, Vec<u8>)| (name, Format::Foreign, text));
    assert_eq!(seen, [message("a!b"), partial, failure("a!c: the tar archive ends early")]);
}

/// All archives that the laws are tried on.
fn samples() -> Vec<Vec<u8>> {
    let members = [("b", MBOX), ("cur/c", MESSAGE)];
    let deflated = members.map(|(name, text)| (name, text, CompressionMethod::Deflated));
    let mut samples: Vec<_> = CODINGS.map(|(_, encode)| encode(&tar(&members))).to_vec();
    samples.extend([tar(&members), zip(&deflated, true), zip_streamed(&deflated, false)]);
    samples
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_archives_end(
        sample in 0..7usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut octets = samples().swap_remove(sample);
        for (at, value) in changes {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        prop_assert!(piped(&octets).len() < 10);
        prop_assert!(in_file(&octets).len() < 10);
    }
}

#[test]
fn an_emlx_file_is_a_message() {
    let text = |len: usize| [format!("{len}         \n").as_bytes(), MESSAGE, b"<plist/>"].concat();
    assert_eq!(either(&text(MESSAGE.len())), [message("a")]);
    let seen = either(&text(MESSAGE.len() + 100));
    assert_eq!(seen[1], failure("a: the .emlx file ends early"));
}

#[test]
fn a_meter_counts_what_is_compressed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    let octets = gzip(&[MBOX; 1000].concat());
    fs::write(&path, &octets).expect("written");
    let meter = Meter::default();
    let _ = Source::of(Path::new(&path)).visit(&meter, &mut |input| see(input, &mut Vec::new()));
    assert_eq!(meter.octets(), octets.len() as u64);
}
