//! `septet wire`: what messages need of their transport, and the form they take in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Exit;
use super::coding;
use super::input::{Inputs, Job, Message};
use super::out::{self, Look, Out};
use super::progress::Running;
use super::select::Where;
use crate::convert::stuffing::{Stuffer, Unstuffer};
use crate::convert::transport::{self, Gauge, Needs, Obstacle, Offer, Utf8Field};
use crate::mailbox::{Error, Source};
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// Show what messages need on the wire: SIZE, BODY, SMTPUTF8
///
/// Gives the parameters of MAIL FROM as the octets of each message ask for them, whatever its labels
/// say: SIZE as RFC 1870 counts it, BODY=7BIT, 8BITMIME or BINARYMIME, SMTPUTF8. With --ehlo, whether
/// a server takes it as it is, and if not, what would make it fit; then the exit status is 1. The
/// addresses of the envelope are not looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet wire message.eml            what it needs
  septet wire --ehlo mx.txt queue/   whether a server takes what waits for it
  septet wire --stuff message.eml    what follows DATA, to the dot at its end")]
pub(crate) struct Wire {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// Whether they fit the server that gave this reply to EHLO; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    ehlo: Option<PathBuf>,

    /// One JSON object a message, on a line (schema septet.wire/1)
    #[arg(short, long)]
    json: bool,

    /// Write FILE, a message, as it follows DATA: line ends CRLF, leading dots doubled, a dot at the
    /// end
    #[arg(long, group = "filter", conflicts_with_all = FILTER_CONFLICTS)]
    stuff: bool,

    /// Read FILE in that form and write the message
    #[arg(long, group = "filter", conflicts_with_all = FILTER_CONFLICTS)]
    unstuff: bool,
}

/// What has no meaning for a filter.
const FILTER_CONFLICTS: [&str; 5] = ["json", "ehlo", "files_from", "message", "conditions"];

/// LIMIT: octets of a reply to EHLO that are read.
const REPLY: u64 = 1 << 20;

impl Wire {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        if self.stuff || self.unstuff {
            return self.filter(out);
        }
        let server = match self.ehlo.as_deref().map(Server::read).transpose() {
            Ok(server) => server,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Trouble;
            }
        };
        let mut job = WireJob { json: self.json, server, out, gauge: Gauge::default(), count: 0 };
        self.wanted.run(&self.inputs, false, &mut job)
    }

    fn filter(&self, out: &mut Out) -> Exit {
        let Ok(file) = self.inputs.only() else {
            out::complain("--stuff and --unstuff take one FILE");
            return Exit::Usage;
        };
        let result = if self.stuff { stuff(file, out) } else { unstuff(file, out) };
        coding::ended(file, result, out)
    }
}

fn stuff(file: Option<&Path>, out: &mut Out) -> io::Result<()> {
    let (mut stuffer, mut data) = (Stuffer::default(), Vec::new());
    coding::pieces(coding::open(file)?, |piece| {
        data.clear();
        stuffer.stuff(piece, &mut data);
        out.octets(&data)
    })?;
    data.clear();
    let stuffed = stuffer.finish(&mut data);
    out.octets(&data)?;
    // One kind of line end is how the message was stored; several may change what it says.
    let kinds = [
        (stuffed.crlf, "CRLF"),
        (stuffed.lone_lf, "LF without CR"),
        (stuffed.bare_cr, "CR without LF"),
    ];
    let found = kinds.iter().filter(|(count, _)| *count > 0);
    let found: Vec<_> = found.map(|(count, kind)| format!("{count} {kind}")).collect();
    if found.len() > 1 {
        out::complain(&format!(
            "{}: line ends differ ({}), now all CRLF",
            name(file),
            found.join(", ")
        ));
    }
    Ok(())
}

fn unstuff(file: Option<&Path>, out: &mut Out) -> io::Result<()> {
    let (mut unstuffer, mut message) = (Unstuffer::default(), Vec::new());
    coding::pieces(coding::open(file)?, |piece| {
        message.clear();
        unstuffer.unstuff(piece, &mut message);
        out.octets(&message)
    })?;
    let found = unstuffer.finish();
    if !found.is_ended {
        out::complain(&format!(
            "{}: the line with a dot that ends the data is missing",
            name(file)
        ));
    }
    if found.behind > 0 {
        let behind = found.behind;
        out::complain(&format!(
            "{}: behind the end of the data, left out: {behind} octets",
            name(file)
        ));
    }
    Ok(())
}

fn name(file: Option<&Path>) -> String {
    file.map_or("-".into(), Path::to_string_lossy).into_owned()
}

/// The next server on the way.
struct Server {
    name: String,
    offer: Offer,
}

impl Server {
    fn read(path: &Path) -> Result<Server, Error> {
        let name = path.to_string_lossy().into_owned();
        let mut reply = Vec::new();
        let read = match Source::of(path).path() {
            None => io::stdin().take(REPLY).read_to_end(&mut reply),
            Some(path) => {
                File::open(path).and_then(|file| file.take(REPLY).read_to_end(&mut reply))
            }
        };
        read.map_err(|error| Error::io(&name, error))?;
        Ok(Server { offer: Offer::parse(&reply), name })
    }

    /// What this message meets there.
    fn judge(&self, needs: &Needs) -> Verdict {
        let obstacles = needs.fits(&self.offer).err().unwrap_or_default();
        Verdict { remedy: transport::remedy(&obstacles, &self.offer), obstacles }
    }
}

struct Verdict {
    obstacles: Vec<Obstacle>,
    remedy: Option<&'static str>,
}

impl Verdict {
    fn fits(&self) -> bool {
        self.obstacles.is_empty()
    }
}

struct WireJob<'a> {
    json: bool,
    server: Option<Server>,
    out: &'a mut Out,
    gauge: Gauge,
    count: u64,
}

impl Visitor for WireJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        self.gauge.token(at, kind, octets)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.gauge.headed(structure, part)
    }
}

impl Job for WireJob<'_> {
    fn begin(&mut self, _: &str, _: u64) {
        self.gauge = Gauge::default();
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        self.count += 1;
        let needs = self.gauge.finish(message.structure);
        let verdict = self.server.as_ref().map(|server| server.judge(&needs));
        if self.json {
            self.out.json(&JsonWire::new(message, &needs, verdict.as_ref()))?;
        } else {
            self.print(message, &needs, verdict.as_ref())?;
        }
        Ok(if verdict.is_some_and(|verdict| !verdict.fits()) { Exit::No } else { Exit::Done })
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn running(&self) -> Running {
        if self.json { Running::Piped } else { Running::Shown }
    }
}

impl WireJob<'_> {
    fn print(
        &mut self,
        message: &Message<'_>,
        needs: &Needs,
        verdict: Option<&Verdict>,
    ) -> io::Result<()> {
        if self.count > 1 {
            self.out.line("")?;
        }
        let number =
            if message.number > 1 { format!(" #{}", message.number) } else { String::new() };
        let source = self.out.paint(Look::Heading, &format!("{}{number}", message.source));
        self.out.line(&source)?;
        let utf8 = if needs.smtputf8 { " SMTPUTF8" } else { "" };
        let (size, body) = (needs.size, needs.body.name());
        self.out.line(&format!("  MAIL FROM:<…> SIZE={size} BODY={body}{utf8}"))?;
        self.out.line(&format!("  longest line: {} octets", needs.longest_line))?;
        if needs.smtputf8 {
            let fields = self.names(needs.utf8_fields.iter());
            let more = match needs.utf8_unlisted {
                0 => String::new(),
                count => format!(", {count} more"),
            };
            self.out.line(&format!("  SMTPUTF8 because of: {fields}{more}"))?;
        }
        match verdict {
            Some(verdict) => self.print_verdict(needs, verdict),
            None => Ok(()),
        }
    }

    fn print_verdict(&mut self, needs: &Needs, verdict: &Verdict) -> io::Result<()> {
        let name = self.server.as_ref().map_or("", |server| &server.name);
        let name = self.out.paint(Look::Plain, name);
        if verdict.fits() {
            return self.out.line(&format!("  fits {name}"));
        }
        self.out.line(&format!("  does not fit {name}:"))?;
        for obstacle in &verdict.obstacles {
            self.out.line(&format!("    {}", reason(obstacle)))?;
            if let Obstacle::NeedsUtf8 { mendable: false } = obstacle {
                let fields = needs.utf8_fields.iter().filter(|field| !field.mendable);
                let fields = match self.names(fields) {
                    fields if fields.is_empty() => "one that is not listed".to_owned(),
                    fields => fields,
                };
                self.out.line(&format!("    no form in ASCII: {fields}"))?;
            }
        }
        self.out.line(&match verdict.remedy {
            Some(remedy) => format!("    remedy: {remedy}"),
            None => "    no conversion makes it fit".to_owned(),
        })
    }

    /// `1 Subject, 1.2 Content-Disposition`
    fn names<'f>(&self, fields: impl Iterator<Item = &'f Utf8Field>) -> String {
        let name = |field: &Utf8Field| match &field.name {
            Some(name) => format!("{} {}", field.part, self.out.paint(Look::Name, name)),
            None => format!("{} (no field)", field.part),
        };
        fields.map(name).collect::<Vec<_>>().join(", ")
    }
}

/// What is in the way, in words.
fn reason(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::TooLarge { size, limit } => {
            format!("{size} octets, but no more than {limit} are taken")
        }
        Obstacle::NeedsEightBit => "octets over 127, but 8BITMIME is not offered".to_owned(),
        Obstacle::NeedsBinary => {
            "a NUL, a bare CR or LF, or a line over 998 octets, but BINARYMIME \
             with CHUNKING is not offered"
                .to_owned()
        }
        Obstacle::NeedsUtf8 { .. } => {
            "octets over 127 in a header, but SMTPUTF8 is not offered".to_owned()
        }
    }
}

#[derive(Serialize)]
struct JsonWire<'a> {
    schema: &'static str,
    source: &'a str,
    message: u64,
    size: u64,
    body: &'static str,
    smtputf8: bool,
    smtputf8_fields: Vec<JsonField<'a>>,
    smtputf8_unlisted: u64,
    longest_line: u64,
    fits: Option<bool>,
    obstacles: Option<Vec<JsonObstacle>>,
    remedy: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonField<'a> {
    part: &'a str,
    field: Option<&'a str>,
    mendable: bool,
}

#[derive(Serialize)]
struct JsonObstacle {
    needs: &'static str,
    message: String,
}

impl<'a> JsonWire<'a> {
    fn new(message: &Message<'a>, needs: &'a Needs, verdict: Option<&Verdict>) -> JsonWire<'a> {
        let fields = needs.utf8_fields.iter().map(|field| JsonField {
            part: &field.part,
            field: field.name.as_deref(),
            mendable: field.mendable,
        });
        JsonWire {
            schema: "septet.wire/1",
            source: message.source,
            message: message.number,
            size: needs.size,
            body: needs.body.name(),
            smtputf8: needs.smtputf8,
            smtputf8_fields: fields.collect(),
            smtputf8_unlisted: needs.utf8_unlisted,
            longest_line: needs.longest_line,
            fits: verdict.map(Verdict::fits),
            obstacles: verdict.map(|v| v.obstacles.iter().map(JsonObstacle::new).collect()),
            remedy: verdict.and_then(|verdict| verdict.remedy),
        }
    }
}

impl JsonObstacle {
    fn new(obstacle: &Obstacle) -> JsonObstacle {
        let needs = match obstacle {
            Obstacle::TooLarge { .. } => "SIZE",
            Obstacle::NeedsEightBit => "8BITMIME",
            Obstacle::NeedsBinary => "BINARYMIME",
            Obstacle::NeedsUtf8 { .. } => "SMTPUTF8",
        };
        JsonObstacle { needs, message: reason(obstacle) }
    }
}
