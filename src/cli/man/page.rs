//! A page of the manual, as roff, made from the definition of a command.
//!
//! What stands behind the options in a help is taken apart: the examples and the exit status become
//! sections, and the rest belongs to the description. What a page adds of its own are the environment
//! and the pages to see also. The octets are ASCII: other characters are named by their numbers, and
//! those that roff would make typographical ones are given by their names, so that examples can be
//! copied from the page.
//!
//! Deliberately not here: the renderer that clap has for pages (clap_mangen). It sets examples and
//! lists as running text.

use std::collections::BTreeMap;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use roff::{Inline, Roff, bold, italic, roman};

/// How every page begins, of whatever version.
pub(super) const MADE_BY: &str = ".\\\" Made by septet man";

/// What every command heeds.
const NO_COLOR: (&str, &str) =
    ("NO_COLOR", "If it is set and not empty, there are no colours but with `--color always`.");
const TMPDIR: (&str, &str) = (
    "TMPDIR",
    "The folder for temporary files, such as what comes from a pipe, must be read again and is too \
     large to be kept in memory. Without it, `/tmp`.",
);
const TZ: (&str, &str) = ("TZ", "The time zone of `--local`. Without it, that of the system.");

/// The exit status from here on is the same for all commands.
const COMMON_STATUS: u8 = 64;

/// The name of the page of a command, or of septet itself.
pub(super) fn name(command: Option<&str>) -> String {
    command.map_or_else(|| "septet".to_owned(), |command| format!("septet-{command}"))
}

/// The page of a command, or of `septet` itself, whose definition is complete.
pub(super) fn page(septet: &Command, command: Option<&str>) -> String {
    let defined = command.and_then(|it| septet.find_subcommand(it)).unwrap_or(septet);
    let name = name(command);
    let help = AfterHelp::of(defined);
    let mut page = Page(Roff::new());
    let version = format!("septet {}", env!("CARGO_PKG_VERSION"));
    // The third is a date, of which nothing is known that would be the same in the next build.
    page.0.control("TH", [&*name.to_uppercase(), "1", "\"\"", &version, "User Commands"]);
    // Neither hyphens nor wide blanks where a name or a command may be copied.
    page.0.control("nh", []).control("ad", ["l"]);
    page.section("NAME").text(&format!("{name} - {}", begin_lower(&about(defined))));
    page.section("SYNOPSIS").synopsis(defined);
    page.section("DESCRIPTION").description(defined, &help.rest);
    if command.is_none() {
        page.section("COMMANDS").commands(defined);
    }
    page.arguments(defined);
    if command.is_some() {
        page.parts_of(defined);
    }
    let mut statuses = help.statuses(&AfterHelp::of(septet));
    statuses.retain(|&status, _| status != 1 || reads_mail(command));
    page.section("EXIT STATUS").statuses(statuses);
    page.section("ENVIRONMENT").terms(environment(command));
    let parts = defined.get_subcommands().filter(|_| command.is_some()).map(AfterHelp::of);
    let examples = help.examples.iter().cloned().chain(parts.flat_map(|part| part.examples));
    page.section("EXAMPLES").examples(examples);
    page.section("SEE ALSO").see_also(septet, command);
    format!("{MADE_BY}, version {}\n{}", env!("CARGO_PKG_VERSION"), plain(&page.0.render()))
}

/// As ASCII, and as it shall be copied from the page.
fn plain(roff: &str) -> String {
    let mut out = String::with_capacity(roff.len());
    for c in roff.chars() {
        match c {
            '~' => out.push_str("\\(ti"),
            '^' => out.push_str("\\(ha"),
            '`' => out.push_str("\\(ga"),
            c if c.is_ascii() => out.push(c),
            c => out.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    out
}

/// What a command is for, in a line.
fn about(command: &Command) -> String {
    command.get_about().map_or_else(String::new, ToString::to_string)
}

fn begin_lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// The variables that a command heeds, and how.
fn environment(command: Option<&str>) -> Vec<(&'static str, &'static str)> {
    match command {
        Some("trace") => vec![NO_COLOR, TMPDIR, TZ],
        _ if reads_mail(command) => vec![NO_COLOR, TMPDIR],
        _ => vec![NO_COLOR],
    }
}

/// Whether a command reads messages. Of those that do not, nobody asks for what may not be there.
fn reads_mail(command: Option<&str>) -> bool {
    !matches!(command, Some("coding" | "completions" | "man"))
}

/// The commands whose pages a reader of this one may want.
fn related(command: &str) -> &'static [&'static str] {
    match command {
        "show" => &["headers", "part", "tree"],
        "headers" => &["show", "trace", "tree"],
        "tree" => &["extract", "lint", "part", "show"],
        "part" => &["extract", "tree"],
        "extract" => &["decode", "join", "part", "tree"],
        "decode" => &["copy", "extract", "headers"],
        "convert" => &["diff", "lint", "wire"],
        "copy" => &["convert", "decode"],
        "wire" => &["convert", "lint"],
        "lint" => &["convert", "tree", "wire"],
        "trace" => &["diff", "headers"],
        "diff" => &["convert", "trace"],
        "join" => &["extract", "tree"],
        "coding" => &["headers", "part"],
        _ => &[],
    }
}

/// What stands behind the options in a help.
#[derive(Default)]
struct AfterHelp {
    /// Command, and what is said of it.
    examples: Vec<(String, String)>,
    /// Exit status, and what it means.
    statuses: BTreeMap<u8, String>,
    /// The other paragraphs.
    rest: Vec<String>,
}

impl AfterHelp {
    fn of(command: &Command) -> AfterHelp {
        let text = command.get_after_help().map_or_else(String::new, ToString::to_string);
        let mut all = AfterHelp::default();
        for paragraph in text.split("\n\n") {
            if let Some(lines) = paragraph.strip_prefix("Examples:\n") {
                all.examples = lines.lines().map(example).collect();
            } else if let Some(text) = paragraph.strip_prefix("Exit status: ") {
                all.statuses = statuses(text);
            } else if !paragraph.is_empty() {
                all.rest.push(paragraph.to_owned());
            }
        }
        all
    }

    /// The statuses of this command; where it says nothing of them, those of septet.
    fn statuses(&self, septet: &AfterHelp) -> BTreeMap<u8, String> {
        let mut all = septet.statuses.clone();
        all.retain(|&status, _| self.statuses.is_empty() || status >= COMMON_STATUS);
        all.extend(self.statuses.clone());
        all
    }
}

/// `  septet tree a.eml    what is in it`: what is said of it stands behind two blanks.
fn example(line: &str) -> (String, String) {
    let line = line.trim();
    let (command, said) = line.split_once("  ").unwrap_or((line, ""));
    (command.to_owned(), said.trim().to_owned())
}

/// `0 done; 1 done, and the answer is no; 64 wrong usage.`
fn statuses(text: &str) -> BTreeMap<u8, String> {
    let text = text.replace('\n', " ");
    let items = text.trim_end_matches('.').split("; ");
    let item = |item: &str| {
        let (status, meaning) = item.split_once(' ')?;
        Some((status.parse().ok()?, meaning.to_owned()))
    };
    items.filter_map(item).collect()
}

/// The page as far as it is written.
struct Page(Roff);

impl Page {
    fn section(&mut self, title: &str) -> &mut Page {
        self.0.control("SH", [title]);
        self
    }

    fn text(&mut self, text: &str) {
        self.0.text(inlines(text));
    }

    /// One line for each form of the command.
    fn synopsis(&mut self, command: &Command) {
        let parts: Vec<_> = command.get_subcommands().collect();
        let is_group = command.get_name() != "septet" && !parts.is_empty();
        let forms = if is_group { parts } else { vec![command] };
        for (at, form) in forms.into_iter().enumerate() {
            if at > 0 {
                self.0.control("br", []);
            }
            self.usage(form);
        }
    }

    fn usage(&mut self, command: &Command) {
        let usage = command.clone().render_usage().to_string();
        let lines = usage.trim_start_matches("Usage:").lines().map(str::trim);
        for (at, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            if at > 0 {
                self.0.control("br", []);
            }
            self.0.text(usage_inlines(line));
        }
    }

    fn description(&mut self, command: &Command, rest: &[String]) {
        let text = command.get_long_about().map_or_else(|| about(command), ToString::to_string);
        // The first paragraph is what NAME says.
        let text = text.split_once("\n\n").map_or(&*text, |(_, rest)| rest);
        let paragraphs = text.split("\n\n").chain(rest.iter().map(String::as_str));
        for (at, paragraph) in paragraphs.enumerate() {
            if at > 0 {
                self.0.control("PP", []);
            }
            self.paragraph(paragraph);
        }
    }

    /// Running text, or a list of terms whose explanations are indented.
    fn paragraph(&mut self, paragraph: &str) {
        if !is_list(paragraph) {
            return self.text(&paragraph.lines().collect::<Vec<_>>().join(" "));
        }
        self.0.control("RS", []);
        self.0.control("PD", ["0"]);
        for line in paragraph.lines() {
            if !line.starts_with("  ") {
                self.0.control("TP", []);
                self.0.text([bold(line)]);
            } else {
                self.text(line.trim());
            }
        }
        self.0.control("PD", []);
        self.0.control("RE", []);
    }

    /// The pages of the commands, and what they are for.
    fn commands(&mut self, septet: &Command) {
        for command in septet.get_subcommands() {
            self.0.control("TP", []);
            self.0.text(reference(&name(Some(command.get_name()))));
            self.text(&about(command));
        }
    }

    /// The commands inside a command, with their arguments.
    fn parts_of(&mut self, command: &Command) {
        for part in command.get_subcommands() {
            let title = part.get_bin_name().unwrap_or_else(|| part.get_name());
            self.section(&title.to_uppercase()).description(part, &[]);
            for argument in part.get_positionals().chain(options(part)) {
                // The others stand with the options of the command.
                if !argument.is_global_set() && argument.get_id() != "help" {
                    self.argument(argument);
                }
            }
        }
    }

    /// The sections of the arguments: what has no option before it, the options, and those under a
    /// heading.
    fn arguments(&mut self, command: &Command) {
        let positionals: Vec<_> = command.get_positionals().collect();
        if !positionals.is_empty() {
            self.section("ARGUMENTS");
        }
        positionals.into_iter().for_each(|argument| self.argument(argument));
        let mut headings = vec![None];
        for option in options(command) {
            if !headings.contains(&option.get_help_heading()) {
                headings.push(option.get_help_heading());
            }
        }
        for heading in headings {
            self.section(&heading.unwrap_or("Options").to_uppercase());
            let options = options(command).into_iter();
            options
                .filter(|option| option.get_help_heading() == heading)
                .for_each(|option| self.argument(option));
        }
    }

    fn argument(&mut self, argument: &Arg) {
        self.0.control("TP", []);
        self.0.text(names(argument));
        let help = argument.get_long_help().or_else(|| argument.get_help());
        let help = help.map_or_else(String::new, ToString::to_string);
        let mut paragraphs = help.split("\n\n");
        self.paragraph(&format!("{}{}", paragraphs.next().unwrap_or(""), brackets(argument)));
        for paragraph in paragraphs {
            // Before a list, IP would be a paragraph without text.
            self.0.control(if is_list(paragraph) { "sp" } else { "IP" }, []);
            self.paragraph(paragraph);
        }
        self.values(argument);
    }

    /// The values that an argument has to be one of, if something is said of them.
    fn values(&mut self, argument: &Arg) {
        let values = shown_values(argument);
        if values.iter().all(|value| value.get_help().is_none()) {
            return;
        }
        self.0.control("RS", []);
        self.0.control("PD", ["0"]);
        for value in values {
            self.0.control("TP", []);
            self.0.text([bold(value.get_name())]);
            self.text(&value.get_help().map_or_else(String::new, ToString::to_string));
        }
        self.0.control("PD", []);
        self.0.control("RE", []);
    }

    fn statuses(&mut self, statuses: BTreeMap<u8, String>) {
        for (status, meaning) in statuses {
            self.0.control("TP", []);
            self.0.text([bold(status.to_string())]);
            self.text(&begin_upper(&meaning));
        }
    }

    fn terms(&mut self, terms: Vec<(&str, &str)>) {
        for (term, text) in terms {
            self.0.control("TP", []);
            self.0.text([bold(term)]);
            self.text(text);
        }
    }

    /// Each on a line that is not filled, and what it does below it.
    fn examples(&mut self, examples: impl Iterator<Item = (String, String)>) {
        for (at, (command, said)) in examples.enumerate() {
            if at > 0 {
                self.0.control("PP", []);
            }
            self.0.control("nf", []).text([bold(command)]).control("fi", []);
            if !said.is_empty() {
                self.0.control("RS", ["4"]);
                self.text(&said);
                self.0.control("RE", []);
            }
        }
    }

    fn see_also(&mut self, septet: &Command, command: Option<&str>) {
        let names: Vec<_> = match command {
            None => septet.get_subcommands().map(|one| name(Some(one.get_name()))).collect(),
            Some(command) => {
                let others = related(command).iter().map(|other| name(Some(other)));
                [name(None)].into_iter().chain(others).collect()
            }
        };
        let mut line = Vec::new();
        for name in names {
            if !line.is_empty() {
                line.push(roman(", "));
            }
            line.extend(reference(&name));
        }
        self.0.text(line);
    }
}

/// Whether a paragraph is a list of terms and explanations.
fn is_list(paragraph: &str) -> bool {
    paragraph.lines().any(|line| line.starts_with("  "))
}

fn begin_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// The options of a command in the order of its help.
fn options(command: &Command) -> Vec<&Arg> {
    let is_shown = |it: &&Arg| !it.is_positional() && !it.is_hide_set();
    let mut options: Vec<_> = command.get_arguments().filter(is_shown).collect();
    options.sort_by_key(|option| option.get_display_order());
    options
}

/// `-m, --message N`.
fn names(argument: &Arg) -> Vec<Inline> {
    let short = |c: char| format!("-{c}");
    let shorts = argument.get_short().into_iter();
    let aliases = argument.get_visible_short_aliases().unwrap_or_default();
    let long = argument.get_long().map(|long| format!("--{long}"));
    let mut line = Vec::new();
    for name in shorts.chain(aliases).map(short).chain(long) {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.push(bold(name));
    }
    let values = argument.get_value_names().unwrap_or_default();
    if values.is_empty() || !argument.get_action().takes_values() {
        return line;
    }
    let names = values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ");
    let count = argument.get_num_args().unwrap_or_default();
    let (before, after) = match (argument.is_positional(), count.min_values()) {
        (true, _) if count.max_values() > 1 => ("", "..."),
        (true, _) => ("", ""),
        (false, 0) if argument.is_require_equals_set() => ("[=", "]"),
        (false, 0) => (" [", "]"),
        (false, _) => (" ", ""),
    };
    line.extend([roman(before), italic(names), roman(after)]);
    line
}

/// ` [default: 7bit] [possible values: 7bit, 8bit]`; values of which something is said become a list.
fn brackets(argument: &Arg) -> String {
    let mut line = String::new();
    let is_told = argument.get_action().takes_values() && !argument.is_hide_default_value_set();
    if let ([value], true) = (argument.get_default_values(), is_told) {
        line.push_str(&format!(" [default: {}]", value.to_string_lossy()));
    }
    let values = shown_values(argument);
    if !values.is_empty() && values.iter().all(|value| value.get_help().is_none()) {
        let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        line.push_str(&format!(" [possible values: {}]", names.join(", ")));
    }
    line
}

/// The values that an argument has to be one of.
fn shown_values(argument: &Arg) -> Vec<PossibleValue> {
    if !argument.get_action().takes_values() || argument.is_hide_possible_values_set() {
        return Vec::new();
    }
    let mut values = argument.get_possible_values();
    values.retain(|value| !value.is_hide_set());
    values
}

/// `septet-tree(1)`.
fn reference(name: &str) -> [Inline; 2] {
    [bold(name), roman("(1)")]
}

/// Running text; what stands between grave accents is bold.
fn inlines(text: &str) -> Vec<Inline> {
    let pieces: Vec<_> = text.split('`').collect();
    if pieces.len() % 2 == 0 {
        return vec![roman(text)];
    }
    let inline = |(at, piece): (usize, &str)| match (at % 2, piece) {
        (_, "") => None,
        (0, _) => Some(roman(piece)),
        _ => Some(bold(piece)),
    };
    pieces.into_iter().enumerate().filter_map(inline).collect()
}

/// `septet tree [OPTIONS] [FILE]...`: what is to be typed is bold, what stands for something else is
/// italic.
fn usage_inlines(usage: &str) -> Vec<Inline> {
    let mut line = Vec::new();
    for word in usage.split(' ') {
        if !line.is_empty() {
            line.push(roman(" "));
        }
        let word = word.replace(['<', '>'], "");
        let is_typed = word.starts_with(|c: char| c == '-' || c.is_ascii_lowercase());
        if is_typed {
            line.push(bold(word));
            continue;
        }
        let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let (before, after) = word.split_once(core).unwrap_or((&word, ""));
        line.extend([roman(before), italic(core), roman(after)]);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helps_are_taken_apart() {
        let septet = Command::new("septet").after_help(
            "Examples:\n  septet a  b\n\nExit status: 0 done; 1 done, and\nno; 64 usage; 130 ended.",
        );
        let one = Command::new("one").after_help(
            "Examples:\n  septet one 'a b'    what it\n  septet one\n\n\
             Flags: S is\nO.\n\nExit status: 0 whatever; 2 trouble.\n\nThe end.",
        );
        let help = AfterHelp::of(&one);
        let pair = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        let examples = [("septet one 'a b'", "what it"), ("septet one", "")].map(pair);
        assert_eq!(help.examples, examples);
        assert_eq!(help.rest, ["Flags: S is\nO.", "The end."]);
        let common = AfterHelp::of(&septet);
        let told = |all: BTreeMap<u8, String>| {
            all.into_iter().map(|(status, text)| format!("{status} {text}")).collect::<Vec<_>>()
        };
        assert_eq!(
            told(help.statuses(&common)),
            ["0 whatever", "2 trouble", "64 usage", "130 ended"]
        );
        let none = AfterHelp::of(&Command::new("none"));
        let expected = ["0 done", "1 done, and no", "64 usage", "130 ended"];
        assert_eq!(told(none.statuses(&common)), expected);
    }

    #[test]
    fn what_is_copied_from_a_page_is_what_was_meant() {
        let mut page = Page(Roff::new());
        page.text("a~b ^c 'd' -e \u{2026}\\ `f`");
        let text = plain(&page.0.render());
        let line = text.lines().last().expect("a line");
        let expected = "a\\(tib \\(hac \\*(Aqd\\*(Aq \\-e \\[u2026]\\\\ \\fBf\\fR";
        assert_eq!(line, expected);
        assert_eq!(inlines("an ` alone"), [roman("an ` alone")]);
    }

    #[test]
    fn usages_say_what_is_typed() {
        let cases: &[(&str, &str)] = &[
            ("septet tree [OPTIONS] [FILE]...", "*septet* *tree* [_OPTIONS_] [_FILE_]..."),
            ("septet copy --output <TARGET>", "*septet* *copy* *--output* _TARGET_"),
        ];
        for &(usage, expected) in cases {
            let shown: String = usage_inlines(usage)
                .into_iter()
                .map(|inline| match inline {
                    Inline::Bold(text) => format!("*{text}*"),
                    Inline::Italic(text) => format!("_{text}_"),
                    Inline::Roman(text) => text,
                    Inline::LineBreak => "\n".to_owned(),
                })
                .collect();
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn related_pages_are_there() {
        let septet = crate::cli::definition();
        for command in septet.get_subcommands() {
            for other in related(command.get_name()) {
                assert!(septet.find_subcommand(other).is_some(), "{other}");
                assert_ne!(*other, command.get_name());
            }
        }
    }
}
