//! Mail as mailing lists have it: two dozen fields and more, replies that quote, patches whose lines
//! begin with hyphens, in all the codings that their subscribers use; some with a signature beside
//! them or with a footer that the list put behind the text.

use super::Message;
use super::fields;
use super::random::Random;
use super::text::{self, Language};

const LIST: &str = "devel.lists.example.org";

/// Messages of some 6 KB.
pub(crate) fn messages(count: usize) -> Vec<Vec<u8>> {
    let random = &mut super::random(7);
    (0..count).map(|_| message(random)).collect()
}

fn message(random: &mut Random) -> Vec<u8> {
    let mut message = Message::new();
    for _ in 0..random.within(1..5) {
        message.field("Received", &fields::received(random));
    }
    message.fields(random);
    list_fields(random, &mut message);
    let language = random.pick(&[&Language::English, &Language::English, &Language::French]);
    let content = if random.once_in(4) { patch(random) } else { reply(random, *language) };
    let is_ascii = content.is_ascii();
    let coding = match (is_ascii, random.below(4)) {
        (true, 0..=2) => "7bit",
        (false, 0..=2) => "8bit",
        (_, 3) => "base64",
        _ => "quoted-printable",
    };
    match random.below(6) {
        0 => signed(random, &mut message, &content, coding),
        1 => with_footer(random, &mut message, &content, coding),
        _ => message.text(&content, "plain", coding),
    }
    message.0
}

/// What a list adds to a header, and what filters on the way do.
fn list_fields(random: &mut Random, message: &mut Message) {
    message.field("User-Agent", " Mutt/2.2.12 (2026-01-05)");
    message.field("X-Spam-Status", " No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED,\r\n\tDKIM_VALID,SPF_PASS autolearn=ham version=4.0.1");
    message.field("X-BeenThere", &format!(" {LIST}"));
    message.field("Precedence", " list");
    message.field("List-Id", &format!(" Development <{LIST}>"));
    let commands = [("List-Help", "help"), ("List-Subscribe", "join"), ("List-Post", "post")];
    for (name, command) in commands {
        message.field(name, &format!(" <mailto:{command}@{LIST}?subject={command}>"));
    }
    message.field("Errors-To", &format!(" bounces+{}@{LIST}", random.hex(6)));
}

/// Paragraphs, some of them quoted from others.
fn reply(random: &mut Random, language: Language) -> String {
    let mut content = text::words(random, language, 6) + " wrote:\r\n";
    for _ in 0..random.within(2..8) {
        let octets = random.within(100..600);
        let paragraph = text::lines(random, language, octets);
        let mark = random.pick(&["", "> ", "> > "]);
        for line in paragraph.lines() {
            content.push_str(mark);
            content.push_str(line);
            content.push_str("\r\n");
        }
    }
    content + "-- \r\nAnn Lee, Example Ltd.\r\n"
}

/// A patch as `git format-patch` writes it.
fn patch(random: &mut Random) -> String {
    let mut content = text::lines(random, Language::English, 300) + "---\r\n";
    for _ in 0..random.within(1..5) {
        let file = format!("src/{}.c", random.hex(5));
        content.push_str(&format!("--- a/{file}\r\n+++ b/{file}\r\n@@ -10,7 +10,9 @@\r\n"));
        for _ in 0..random.within(8..40) {
            content.push_str(random.pick(&[" ", " ", "-", "+", "--"]));
            content.push_str(&text::words(random, Language::English, 7));
            content.push_str("\r\n");
        }
    }
    content + "-- \r\n2.47.1\r\n"
}

fn signed(random: &mut Random, message: &mut Message, content: &str, coding: &str) {
    let boundary = message.multipart(random, "signed");
    message.delimiter(&boundary);
    message.text(content, "plain", coding);
    message.delimiter(&boundary);
    message.field("Content-Type", " application/pgp-signature; name=\"signature.asc\"");
    message.field("Content-Description", " OpenPGP digital signature");
    message.line("");
    message.line("-----BEGIN PGP SIGNATURE-----\r\n");
    message.line(text::base64(&random.octets(420), "\r\n").trim_end());
    message.line("-----END PGP SIGNATURE-----");
    message.close_delimiter(&boundary);
}

fn with_footer(random: &mut Random, message: &mut Message, content: &str, coding: &str) {
    let boundary = message.multipart(random, "mixed");
    message.delimiter(&boundary);
    message.text(content, "plain", coding);
    message.delimiter(&boundary);
    let footer = format!("{}\r\n{LIST}\r\n", "_".repeat(47));
    message.text(&footer, "plain", "7bit");
    message.close_delimiter(&boundary);
}
