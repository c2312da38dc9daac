//! `septet lint`: what is wrong or ambiguous about messages, where, why, and what to do.

mod human;
mod json;
mod place;
mod sarif;
mod snippet;

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;

use self::place::Octets;
use self::sarif::Before;
use super::Exit;
use super::convert::Convert;
use super::input::{Inputs, Job, Message};
use super::out::{self, Out};
use super::progress::Running;
use super::select::Where;
use crate::base::Severity;
use crate::header::names::Name;
use crate::header::{Context, Field};
use crate::lint::{self, Linter, Rules, Transport};
use crate::mailbox::{Input, Source, Spool};
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// Show what is wrong or ambiguous: where, why, and what to do
///
/// Looks at each message as the other commands read it, and says what is against the RFCs, what other
/// programs read otherwise, and what a transport does not take; with the place in the message and the
/// remedy. docs/rules.md has all rules; --explain shows one. Odd mail alone does not change the exit
/// status: --fail-on does.
#[derive(Debug, clap::Args)]
#[command(
    name = "lint",
    after_help = "\
Examples:
  septet lint message.eml               what is odd, marked in the message
  septet lint --ignore H,W022 ~/Maildir
  septet lint --for 7bit --fail-on error queue/*.eml
  septet lint --format sarif --select B,E031 samples/ >findings.sarif
  septet lint --explain B030            what a rule is about
  septet lint --fix <in.eml >out.eml    mended, as far as can be done blindly

Exit status: 0 done; 1 done, and there are findings as --fail-on has it; 2
something could not be read or written; 64 wrong usage."
)]
pub(crate) struct Lint {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// One JSON object a message, on a line (schema septet.lint/1)
    #[arg(short, long, conflicts_with = "format")]
    json: bool,

    /// What is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,

    /// Only these rules: ids, beginnings of ids such as B or B03, or names; commas between them
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,

    /// Not these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Also what this transport does not take
    #[arg(long = "for", value_enum, value_name = "TRANSPORT")]
    transport: Option<For>,

    /// Exit with 1 if there is a finding so severe, or more
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,

    /// Mend what can be mended without a change to what a reader sees, and write the messages instead of
    /// the findings: labels, MIME-Version, line ends, raw UTF-8 and long lines in headers; nothing that
    /// is signed
    #[arg(long, conflicts_with_all = REPORTS)]
    fix: bool,

    /// With --fix: write to this folder, each file at the place it has in its own
    #[arg(short, long, value_name = "DIR", requires = "fix", conflicts_with = "in_place")]
    output: Option<PathBuf>,

    /// With --fix: replace the files, each in one step
    #[arg(short, long, requires = "fix")]
    in_place: bool,

    /// Say what these rules are about, with examples, and read nothing
    #[arg(long, value_name = "RULES", value_delimiter = ',', conflicts_with_all = READS)]
    explain: Vec<String>,

    /// List the rules, and read nothing
    #[arg(long, conflicts_with_all = READS)]
    list: bool,
}

/// What has no meaning where messages are written.
const REPORTS: [&str; 6] = ["json", "format", "select", "ignore", "transport", "fail_on"];

/// What has no meaning where nothing is read.
const READS: [&str; 8] =
    ["files", "files_from", "json", "format", "transport", "conditions", "message", "fix"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One object a message, on a line
    Json,
    /// SARIF 2.1.0, one document
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum For {
    /// SMTP without extensions
    #[value(name = "7bit")]
    SevenBit,
    /// With 8BITMIME
    #[value(name = "8bitmime")]
    EightBitMime,
    /// With 8BITMIME and SMTPUTF8
    #[value(name = "smtputf8")]
    SmtpUtf8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    #[default]
    Never,
}

impl FailOn {
    fn minds(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Note => true,
            FailOn::Never => false,
        }
    }
}

impl Lint {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let rules = match self.rules() {
            Ok(rules) => rules,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Usage;
            }
        };
        if self.fix {
            let (inputs, wanted) = (self.inputs.clone(), self.wanted.clone());
            return Convert::mending(inputs, wanted, self.output.clone(), self.in_place).run(out);
        }
        if self.list {
            return written(out.text(&lint::list(&rules)));
        }
        if !self.explain.is_empty() {
            return self.explain(out);
        }
        let format = if self.json { Format::Json } else { self.format };
        let report = match format {
            Format::Text => Report::Text(human::Summary::default()),
            Format::Json => Report::Json(json::Writer::new()),
            Format::Sarif => Report::Sarif(sarif::Sarif::default()),
        };
        let transport = self.transport.map(|transport| match transport {
            For::SevenBit => Transport::SevenBit,
            For::EightBitMime => Transport::EightBitMime,
            For::SmtpUtf8 => Transport::SmtpUtf8,
        });
        let mut job = LintJob {
            rules,
            fail_on: self.fail_on,
            context: Context {
                limits: self.inputs.limits(),
                fallback: self.inputs.fallback_charset(),
            },
            linter: Linter::new(transport),
            report,
            spool: (format != Format::Json).then(Spool::default),
            is_begun: false,
            before: Before::default(),
            out,
        };
        if job.begin_report().is_err() {
            return Exit::Trouble;
        }
        let exit = self.wanted.run(&self.inputs, true, &mut job);
        match job.end_report() {
            Ok(()) => exit,
            Err(_) => exit.max(Exit::Trouble),
        }
    }

    fn rules(&self) -> Result<Rules, lint::UnknownRule> {
        let selected = match self.select.is_empty() {
            true => Rules::default(),
            false => Rules::of(&self.select)?,
        };
        Ok(selected.without(&Rules::of(&self.ignore)?))
    }

    fn explain(&self, out: &mut Out) -> Exit {
        let rules = match Rules::of(&self.explain) {
            Ok(rules) => rules,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Usage;
            }
        };
        let texts: Vec<_> = rules.iter().map(lint::explain).collect();
        written(out.text(&texts.join("\n")))
    }
}

/// What was printed, or could not be: who ends the run says that.
fn written(result: io::Result<()>) -> Exit {
    if result.is_ok() { Exit::Done } else { Exit::Trouble }
}

/// How findings are reported.
enum Report {
    Text(human::Summary),
    Json(json::Writer),
    Sarif(sarif::Sarif),
}

struct LintJob<'a> {
    rules: Rules,
    fail_on: FailOn,
    context: Context,
    linter: Linter,
    report: Report,
    /// The octets of the message, unless nobody asks for them.
    spool: Option<Spool>,
    is_begun: bool,
    /// What was counted of the file that the messages lie in.
    before: Before,
    out: &'a mut Out,
}

impl Visitor for LintJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        // The line that an mbox puts before the message is none of its octets.
        let is_own = at.decoded == 0 && (kind != Kind::FromLine || self.is_begun);
        if let Some(spool) = self.spool.as_mut().filter(|_| is_own) {
            self.is_begun = true;
            spool.push(octets)?;
        }
        self.linter.token(at, kind, octets)
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        self.linter.field(at, name, field)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.linter.headed(structure, part)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.linter.content(part, octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        self.linter.leave(structure, part)
    }
}

impl Job for LintJob<'_> {
    fn source(&mut self, _: &Source, input: &Input<'_>) {
        if let Some(spool) = &mut self.spool {
            spool.source(input);
        }
        self.before = Before::default();
    }

    fn begin(&mut self, _: &str, _: u64) {
        self.linter.begin(&self.context);
        if let Some(spool) = &mut self.spool {
            spool.begin();
        }
        self.is_begun = false;
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        let mut findings = self.linter.finish(message.structure);
        findings.retain(|finding| self.rules.have(finding.rule));
        let is_bad = findings.iter().any(|f| self.fail_on.minds(f.rule.info().severity));
        let octets = self.spool.as_ref().filter(|_| !findings.is_empty());
        let octets =
            octets.map(|spool| Octets::new(spool, message.offset, message.structure.length()));
        match (&mut self.report, octets) {
            (Report::Json(writer), _) => writer.print(message, &findings, self.out)?,
            (Report::Text(summary), octets) => {
                summary.count(&findings);
                if let Some(octets) = octets {
                    human::print(message, &findings, octets, self.out)?;
                }
            }
            (Report::Sarif(sarif), Some(octets)) => {
                if octets.spool.lies_in_file() {
                    self.before.count_to(message.offset, octets.spool)?;
                }
                sarif.message(message, &findings, octets, self.before, self.out)?;
            }
            (Report::Sarif(_), None) => {}
        }
        Ok(if is_bad { Exit::No } else { Exit::Done })
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn running(&self) -> Running {
        match self.report {
            Report::Text(_) => Running::Shown,
            Report::Json(_) | Report::Sarif(_) => Running::Piped,
        }
    }
}

impl LintJob<'_> {
    fn begin_report(&mut self) -> io::Result<()> {
        match &mut self.report {
            Report::Sarif(sarif) => sarif.begin(self.out),
            Report::Text(_) | Report::Json(_) => Ok(()),
        }
    }

    fn end_report(&mut self) -> io::Result<()> {
        match &self.report {
            Report::Text(summary) => summary.print(self.out),
            Report::Sarif(sarif) => sarif.end(self.out),
            Report::Json(_) => Ok(()),
        }
    }
}

impl Before {
    /// Counts the lines up to `offset`.
    fn count_to(&mut self, offset: u64, file: &Spool) -> io::Result<()> {
        let mut window = vec![0; 64 * 1024];
        while self.octets < offset {
            let room = (offset - self.octets).min(window.len() as u64) as usize;
            let len = file.read_at(0, self.octets, &mut window[..room])?;
            self.lines += memchr::memchr_iter(b'\n', &window[..len]).count() as u64;
            self.octets += len as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_that_fail() {
        let cases = [
            (FailOn::Error, [false, false, true]),
            (FailOn::Warning, [false, true, true]),
            (FailOn::Note, [true, true, true]),
            (FailOn::Never, [false, false, false]),
        ];
        for (fail_on, expected) in cases {
            let minds =
                [Severity::Note, Severity::Warning, Severity::Error].map(|s| fail_on.minds(s));
            assert_eq!(minds, expected, "{fail_on:?}");
        }
    }
}
