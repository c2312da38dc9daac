//! The code pages of DOS, and us-ascii: octets under 128 are ASCII, the others stand in a table.
//!
//! The tables are those of `oem_cp`; the single-octet charsets of the Encoding Standard (cp866 among
//! them) are not here.
//!
//! LIMIT: IBM draws pictures for the controls, and cp864 an Arabic percent sign for `%`; in mail
//! these octets are the ASCII ones.
//!
//! May use: base.

use encoding_rs::Encoding;
use oem_cp::code_table as tables;
use oem_cp::code_table_type::TableType::{self, Complete, Incomplete};

use super::output::Output;

/// A single-octet charset.
pub(super) struct Page {
    /// The number that names it in a label; 367 is IBM's for us-ascii.
    pub(super) number: u32,
    pub(super) name: &'static str,
    high: TableType,
}

pub(super) static ASCII: Page = page(367, "us-ascii", Incomplete(&[None; 128]));

pub(super) static PAGES: [Page; 16] = [
    page(437, "cp437", Complete(&tables::DECODING_TABLE_CP437)),
    page(720, "cp720", Complete(&tables::DECODING_TABLE_CP720)),
    page(737, "cp737", Complete(&tables::DECODING_TABLE_CP737)),
    page(775, "cp775", Complete(&tables::DECODING_TABLE_CP775)),
    page(850, "cp850", Complete(&tables::DECODING_TABLE_CP850)),
    page(852, "cp852", Complete(&tables::DECODING_TABLE_CP852)),
    page(855, "cp855", Complete(&tables::DECODING_TABLE_CP855)),
    page(857, "cp857", Incomplete(&tables::DECODING_TABLE_CP857)),
    page(858, "cp858", Complete(&tables::DECODING_TABLE_CP858)),
    page(860, "cp860", Complete(&tables::DECODING_TABLE_CP860)),
    page(861, "cp861", Complete(&tables::DECODING_TABLE_CP861)),
    page(862, "cp862", Complete(&tables::DECODING_TABLE_CP862)),
    page(863, "cp863", Complete(&tables::DECODING_TABLE_CP863)),
    page(864, "cp864", Incomplete(&tables::DECODING_TABLE_CP864)),
    page(865, "cp865", Complete(&tables::DECODING_TABLE_CP865)),
    page(869, "cp869", Complete(&tables::DECODING_TABLE_CP869)),
];

const fn page(number: u32, name: &'static str, high: TableType) -> Page {
    Page { number, name, high }
}

impl PartialEq for Page {
    fn eq(&self, other: &Page) -> bool {
        self.number == other.number
    }
}

impl Eq for Page {}

impl Page {
    pub(super) fn decode(&self, mut src: &[u8], out: &mut Output<'_>) {
        while let Some((&first, rest)) = src.split_first() {
            if first.is_ascii() {
                let (ascii, rest) = src.split_at(Encoding::ascii_valid_up_to(src));
                out.push_str(str::from_utf8(ascii).unwrap_or_default());
                src = rest;
            } else {
                out.push_or_replace(self.char(first));
                src = rest;
            }
        }
    }

    fn char(&self, octet: u8) -> Option<char> {
        let row = usize::from(octet & 0x7F);
        match self.high {
            Complete(table) => table.get(row).copied(),
            Incomplete(table) => table.get(row).copied().flatten(),
        }
    }
}
