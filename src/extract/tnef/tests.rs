//! TNEFs that are written here, whole, cut and broken.

use super::*;
use crate::extract::tests::{Collected, file};
use proptest::prelude::*;

/// What stands before the attributes.
fn begun() -> Vec<u8> {
    [&SIGNATURE.to_le_bytes()[..], &[1, 0]].concat()
}

fn attribute(level: u8, id: u32, value: &[u8]) -> Vec<u8> {
    let sum = value.iter().fold(0u16, |sum, &c| sum.wrapping_add(u16::from(c)));
    let length = value.len() as u32;
    [&[level][..], &id.to_le_bytes(), &length.to_le_bytes(), value, &sum.to_le_bytes()].concat()
}

fn padded(octets: &[u8]) -> Vec<u8> {
    let mut padded = octets.to_vec();
    padded.resize(octets.len().next_multiple_of(4), 0);
    padded
}

/// A property with one value that says how long it is.
fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
    let length = value.len() as u32;
    let head = [kind.to_le_bytes(), id.to_le_bytes()].concat();
    [&head[..], &1u32.to_le_bytes(), &length.to_le_bytes(), &padded(value)].concat()
}

fn properties(properties: &[Vec<u8>]) -> Vec<u8> {
    [&(properties.len() as u32).to_le_bytes()[..], &properties.concat()].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// Properties of all other shapes: they must be stepped over.
fn others() -> Vec<Vec<u8>> {
    let named =
        |kind: u16, name: &[u8]| [&kind.to_le_bytes()[..], &[0x01, 0x80], &[7; 16], name].concat();
    vec![
        vec![0x0B, 0, 0x01, 0x0E, 1, 0, 0, 0],
        vec![0x40, 0, 0x07, 0x30, 1, 2, 3, 4, 5, 6, 7, 8],
        // Several numbers.
        vec![0x03, 0x10, 0x02, 0x0E, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0],
        // Several texts, one of them empty.
        [&[0x1E, 0x10, 0x03, 0x0E, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0][..], b"ab\0\0"].concat(),
        // Named by a number, and by a text.
        [named(3, &[0, 0, 0, 0, 9, 0, 0, 0]), vec![1, 0, 0, 0]].concat(),
        [named(3, &[1, 0, 0, 0, 6, 0, 0, 0, b'a', 0, b'b', 0, 0, 0, 0, 0]), vec![1, 0, 0, 0]]
            .concat(),
    ]
}

fn attachment(title: &str, data: &[u8], props: Vec<Vec<u8>>) -> Vec<u8> {
    [
        attribute(2, ATTACHMENT_BEGINS, &[0; 14]),
        attribute(2, ATTACHMENT_TITLE, &[title.as_bytes(), b"\0"].concat()),
        attribute(2, ATTACHMENT_DATA, data),
        attribute(2, ATTACHMENT_PROPS, &properties(&props)),
    ]
    .concat()
}

fn found(tnef: &[u8], cut: usize) -> Vec<(Vec<u8>, Found)> {
    let mut files = Collected::default();
    let mut reader = Tnef::default();
    for piece in tnef.chunks(cut) {
        reader.feed(piece, &mut files).expect("collected");
    }
    reader.finish(&mut files).expect("collected");
    files.files
}

/// A whole one with all that matters.
fn whole() -> (Vec<u8>, Vec<(Vec<u8>, Found)>) {
    let long = property(0x1F, LONG_NAME, &wide("Größe ½.txt"));
    // In windows-1251, which the code page says.
    let short = property(0x1E, LONG_NAME, b"\xCF\xF0.txt\0");
    let inner = [&[9; OBJECT_ID][..], b"inner tnef"].concat();
    let object = [property(0x1F, DISPLAY_NAME, &wide("Fwd: hello")), property(0x0D, DATA, &inner)];
    let bodies = [
        property(0x1F, TEXT_BODY, b"h\0i\0"),
        property(0x0102, HTML_BODY, b"<p>hi"),
        property(0x0102, RTF_BODY, b"LZFu."),
    ];
    let tnef = [
        begun(),
        attribute(1, CODE_PAGE, &[0xE3, 4, 0, 0, 0, 0, 0, 0]),
        attribute(1, BODY, b"hello"),
        attribute(1, 0x0007_8008, b"IPM.Note\0"),
        attribute(1, MESSAGE_PROPS, &properties(&[others(), bodies.to_vec(), others()].concat())),
        attachment("GROSSE~1.TXT", b"one", [others(), vec![long], others()].concat()),
        attachment("x", b"", vec![short]),
        attachment("title.bin", b"two", others()),
        attribute(2, ATTACHMENT_BEGINS, &[0; 14]),
        attribute(2, ATTACHMENT_PROPS, &properties(&object)),
    ];
    let files = [
        file("body.txt", b"hello", true),
        file("body.txt", b"\xFF\xFEh\0i\0", true),
        file("body.html", b"<p>hi", true),
        file("body.rtf.lzfu", b"LZFu.", true),
        file("Größe ½.txt", b"one", true),
        file("Пр.txt", b"", true),
        file("title.bin", b"two", true),
        file("Fwd: hello", b"inner tnef", true),
    ];
    (tnef.concat(), files.to_vec())
}

#[test]
fn finds_all_files_at_any_cut() {
    let (tnef, expected) = whole();
    for cut in [1, 2, 3, 5, 64, tnef.len()] {
        assert_eq!(found(&tnef, cut), expected, "cut {cut}");
    }
}

#[test]
fn broken_ones_give_what_they_have() {
    let name = property(0x1E, LONG_NAME, b"a\0");
    let good = [begun(), attachment("a", b"data", vec![])].concat();
    let mut bad_sum = good.clone();
    let at = memchr::memmem::find(&good, b"data").expect("the data");
    bad_sum[at] = b'D';
    let cut_value = [
        begun(),
        attribute(2, ATTACHMENT_BEGINS, &[]),
        attribute(2, ATTACHMENT_PROPS, &properties(&[name, property(0x0102, DATA, b"data")])[..34]),
    ];
    let unknown_type = [
        begun(),
        attribute(2, ATTACHMENT_PROPS, &[[1, 0, 0, 0, 0x77, 0, 1, 0], [0xFF; 8]].concat()),
        attachment("a", b"data", vec![]),
    ];
    let cases: &[(&str, &[u8], &[(Vec<u8>, Found)])] = &[
        ("good", &good, &[file("a", b"data", true)]),
        ("empty", b"", &[]),
        ("no tnef", b"hello, this is no TNEF", &[]),
        ("a bad sum", &bad_sum, &[file("a", b"Data", false)]),
        ("cut in the data", &good[..at + 2], &[file("a", b"da", false)]),
        ("cut before the sum", &good[..at + 4], &[file("a", b"data", false)]),
        ("a value is cut", &cut_value.concat(), &[file("a", b"da", false)]),
        ("an unknown type", &unknown_type.concat(), &[file("a", b"data", true)]),
        (
            "data twice",
            &[good.clone(), attribute(2, ATTACHMENT_DATA, b"more")].concat(),
            &[file("a", b"data", true), file("a", b"more", true)],
        ),
    ];
    for &(name, tnef, expected) in cases {
        for cut in [1, 3, 1000] {
            assert_eq!(found(tnef, cut), expected, "{name}, cut {cut}");
        }
    }
}

#[test]
fn long_names_are_cut() {
    let tnef = [begun(), attachment(&"a".repeat(100_000), b"data", vec![])].concat();
    assert_eq!(found(&tnef, 999), [file(&"a".repeat(NAME), b"data", true)]);
}

proptest! {
    /// Whatever is changed, nothing fails, and the cut does not show.
    #[test]
    fn any_octets_give_the_same_at_any_cut(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
        cut in 1usize..100,
    ) {
        let (mut tnef, _) = whole();
        for (at, octet) in changes {
            let at = at.index(tnef.len());
            tnef[at] = octet;
        }
        tnef.truncate(length.index(tnef.len()) + 1);
        prop_assert_eq!(found(&tnef, cut), found(&tnef, tnef.len()));
    }
}
