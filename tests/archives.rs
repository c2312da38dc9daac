//! Archives of mail that others wrote, as they lie: compressed tars of mboxes and of single messages.
//!
//! They are kept outside of the project; without them these tests pass, and say so.

mod common;

use std::ops::ControlFlow;

use common::corpus;
use septet::base::Limits;
use septet::charset::Charset;
use septet::mailbox::{Format, Meter, Source};
use septet::structure::Builder;
use septet::walk::Reader;

/// The archives, how many of their members hold mail, and how many messages these hold.
///
/// Counted with Python's `tarfile` behind `zstd -dc`: a member is an mbox if it begins with `From `
/// and a field comes behind; in it a message begins with each `From ` line that has a time and a
/// year and is followed by a field. One member of spamassassin is a table (CSV), no mail.
const ARCHIVES: &[(&str, u64, u64, u64)] = &[
    ("cypherpunks-maildir", 3726, 0, 3726),
    ("extropians-mbox.mboxes", 8, 0, 9728),
    ("linux-mips-lore.mboxes", 12, 0, 4799),
    ("osst-users-spam.mboxes", 10, 0, 1136),
    ("r-lists-pipermail.mboxes", 75, 0, 6711),
    ("spamassassin-public-corpus", 3771, 1, 3771),
];

#[test]
fn every_message_of_the_archives_is_found() {
    let Some(folder) = corpus("bulk") else { return };
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    for &(name, holders, foreign, expected) in ARCHIVES {
        let path = folder.join(format!("{name}.tar.zst"));
        let meter = Meter::default();
        let [mut found, mut others, mut messages] = [0; 3];
        let _ = Source::File(path.clone()).visit(&meter, &mut |input| {
            let input = input.expect("an archive that is whole");
            if input.format == Format::Foreign {
                others += 1;
                return ControlFlow::Continue(());
            }
            found += 1;
            let options = builder.walk_options(input.format.separator());
            let mut reader = Reader::new(input.octets, limits, options);
            while builder.read(&mut reader, &mut ()).expect("an input never fails").is_some() {
                messages += 1;
            }
            ControlFlow::Continue(())
        });
        assert_eq!((found, others, messages), (holders, foreign, expected), "{name}");
        assert_eq!(meter.octets(), path.metadata().expect("a file").len(), "{name}");
    }
}
