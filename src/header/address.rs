//! Address lists (RFC 5322 §3.4, §4.4), read as RFC 7103 §7.1 has it where they are broken.
//!
//! Never fails and loses no address: a list is cut at its separators, and of each piece the
//! addresses are taken, whatever stands around them; what holds none is an entry without an
//! address. All structure is found before anything is decoded, and decoded text is never parsed
//! again. Time is linear in the input. Groups do not nest (A016), nor do comments count that nest
//! over 64 levels (A017).
//!
//! Does not judge addresses: no DNS, no IDNA, no case folding; an address stands as it was written,
//! without the white space and comments that RFC 5322 §4.4 allows around dots. Text in an angle
//! bracket is taken for the address even if it is none (A011), a URI too. `<>` alone names nobody
//! and gives no entry.
//!
//! May use: base, and the words and lexical pieces of this room.

mod display;
mod lexer;
pub(crate) mod plain;
mod roles;

use std::ops::Range;

pub(super) use self::display::append_displayed;
pub use self::display::display;
pub(super) use self::lexer::{Kind, Token};
use self::lexer::{Lexer, Mode, is_too_deep};
use self::roles::Roled;
pub(super) use self::roles::{Role, roles};
use super::lex::unquote;
use super::words::{Place, decode_untrimmed, push_literal};
use super::{Context, Text, unfold_into};
use crate::base::chars::{is_atext, trim};
use crate::base::{Rule, Shifted, Sink, Span};

/// LIMIT: octets of a group's name that are kept, as each of its members bears it.
const GROUP_NAME: usize = 256;

/// LIMIT: unquoted commas that one display name may have (A014).
const COMMAS: usize = 4;

/// One entry of an address list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The display name, decoded; without one, the comment behind a bare address.
    pub name: Option<String>,
    /// The addr-spec, never decoded; `None` if it cannot be read.
    pub address: Option<String>,
    /// The name of the group it stands in; an empty group is one entry with neither name nor
    /// address.
    pub group: Option<String>,
    /// Whether octets that are no text were replaced in any of these.
    pub lossy: bool,
}

/// The addresses of a field body, in order.
pub fn parse<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Vec<Address> {
    match plain::survey(raw) {
        Some(summary) => plain::parse(raw, summary, context, sink),
        None => parse_odd(raw, context, sink),
    }
}

/// The same for a body that is not plain.
pub(crate) fn parse_odd<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Vec<Address> {
    parse_slowly(raw, context, sink, None)
}

/// The same for all that is not plain; to `roles` it tells what it takes for what.
fn parse_slowly<S: Sink>(
    raw: &[u8],
    context: &Context,
    sink: &mut S,
    roles: Option<&mut Vec<Roled>>,
) -> Vec<Address> {
    let mut lexer = Lexer::new(raw, 0..raw.len(), Mode::List);
    let mut parser = Parser {
        raw,
        context,
        sink,
        roles,
        tokens: Vec::new(),
        spec: Vec::new(),
        piece: Piece::default(),
        commas: 0,
        comment: None,
        group: None,
        group_ended: false,
        out: Vec::new(),
    };
    while let Some(token) = lexer.next(parser.sink) {
        parser.token(token);
    }
    parser.end();
    parser.only_brackets();
    parser.out
}

struct Parser<'a, S> {
    raw: &'a [u8],
    context: &'a Context,
    sink: &'a mut S,
    /// Where to write down what is what, if anybody asks.
    roles: Option<&'a mut Vec<Roled>>,
    /// The entry that is being read, without its comments. It may hold commas that could belong to
    /// a display name.
    tokens: Vec<Token>,
    /// Kept for the tokens of angle brackets.
    spec: Vec<Token>,
    /// What is behind the last of these commas.
    piece: Piece,
    commas: usize,
    /// Its last comment.
    comment: Option<Token>,
    group: Option<Group>,
    /// A group has ended and its comma has not come yet.
    group_ended: bool,
    out: Vec<Address>,
}

/// What is known of a piece between two separators, so that nobody has to look again.
#[derive(Clone, Copy, Default)]
struct Piece {
    /// Its first token.
    start: usize,
    /// Whether there is more in it than words.
    special: bool,
    /// Whether there is an `@` or an angle bracket.
    addressed: bool,
}

struct Group {
    name: Text,
    members: usize,
}

impl<S: Sink> Parser<'_, S> {
    fn report(&mut self, rule: Rule, range: Range<usize>) {
        self.sink.report(rule, range.into());
    }

    fn note(&mut self, role: Role, tokens: &[Token]) {
        if let Some(roles) = &mut self.roles {
            roles.push(Roled { role, tokens: tokens.to_vec() });
        }
    }

    fn token(&mut self, token: Token) {
        if token.kind == Kind::Comment {
            self.note(Role::Comment, &[token]);
        }
        match token.kind {
            Kind::Comma => self.comma(token),
            Kind::Semicolon => self.semicolon(token),
            Kind::Colon => self.colon(token),
            Kind::Comment if is_too_deep(&self.raw[token.start..token.end]) => {
                self.report(Rule::A017, token.start..token.end);
            }
            Kind::Comment => self.comment = Some(token),
            _ => self.push(token),
        }
    }

    fn push(&mut self, token: Token) {
        if std::mem::take(&mut self.group_ended) {
            self.report(Rule::A011, token.start..token.end);
        }
        self.piece.special |= token.kind != Kind::Atom;
        self.piece.addressed |= matches!(token.kind, Kind::At | Kind::Angle);
        self.tokens.push(token);
    }

    /// Ends the entry, unless it could be a display name of which more is to come.
    fn comma(&mut self, comma: Token) {
        self.group_ended = false;
        let words = self.tokens.len() > self.piece.start && !self.piece.special;
        if words && self.comment.is_none() && self.commas < COMMAS {
            self.commas += 1;
            self.tokens.push(comma);
            self.piece = Piece { start: self.tokens.len(), ..Piece::default() };
        } else {
            self.end_entry();
        }
    }

    /// Ends a group. QUIRK: Outlook users write semicolons for commas.
    fn semicolon(&mut self, semicolon: Token) {
        self.end_entry();
        if self.group.is_some() {
            self.end_group();
        } else {
            self.report(Rule::A011, semicolon.start..semicolon.end);
        }
    }

    /// Begins a group, if there is a name for it.
    fn colon(&mut self, colon: Token) {
        if self.piece.addressed {
            return self.push(Token { kind: Kind::Atom, ..colon });
        }
        let name = self.tokens.split_off(self.piece.start);
        self.end_entry();
        let odd = match (name.as_slice(), &self.group) {
            ([], _) => Rule::A011,
            // QUIRK: a URI where an address should stand.
            ([one], _) if self.is_mailto(one) => Rule::A011,
            (_, Some(_)) => Rule::A016,
            (_, None) => return self.begin_group(&name),
        };
        let start = name.first().map_or(colon.start, |t| t.start);
        self.report(odd, start..colon.end);
    }

    fn begin_group(&mut self, tokens: &[Token]) {
        let mut name = self.phrase(tokens).unwrap_or_default();
        if name.text.len() > GROUP_NAME {
            let end = (0..=GROUP_NAME).rev().find(|&end| name.text.is_char_boundary(end));
            name.text.truncate(end.unwrap_or(0));
            name.lossy &= name.text.contains('\u{FFFD}');
            self.report(Rule::A011, range(tokens));
        }
        self.group = Some(Group { name, members: 0 });
    }

    fn is_mailto(&self, token: &Token) -> bool {
        self.raw[token.start..token.end].eq_ignore_ascii_case(b"mailto")
    }

    fn end_group(&mut self) {
        self.group_ended = true;
        if self.group.as_ref().is_some_and(|group| group.members == 0) {
            self.emit(None, None);
        }
        self.group = None;
    }

    /// A field of nothing but angle brackets that enclose nothing holds no address; its text is all
    /// there is to show. `<>` alone is the empty path (RFC 5321 §4.5.5).
    fn only_brackets(&mut self) {
        let text = trim(self.raw);
        let brackets = text.iter().all(|c| matches!(c, b'<' | b'>'));
        if self.out.is_empty() && brackets && !matches!(text, b"" | b"<>") {
            self.report(Rule::A011, 0..self.raw.len());
            let name = Text { text: String::from_utf8_lossy(text).into_owned(), lossy: false };
            self.emit(Some(name), None);
        }
    }

    fn end(&mut self) {
        self.end_entry();
        if self.group.is_some() {
            self.report(Rule::A011, self.raw.len()..self.raw.len());
            self.end_group();
        }
    }

    /// The entry is complete: decides whether its commas were separators after all.
    ///
    /// QUIRK: `Blow, Joe <joe@x>` is one address if nothing before the bracket says otherwise: no
    /// address, no quoted string, no comment.
    fn end_entry(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        let comment = self.comment.take();
        let commas = std::mem::take(&mut self.commas);
        self.piece = Piece::default();
        let mut pieces = tokens.split(|t| t.kind == Kind::Comma);
        let last = pieces.next_back().unwrap_or_default();
        let before_angle = last.iter().take_while(|t| t.kind != Kind::Angle);
        let name = before_angle.clone().count();
        if commas > 0 && (1..last.len()).contains(&name) && before_angle.clone().all(is_atom) {
            self.report(Rule::A014, range(&tokens[..tokens.len() - last.len() + name]));
            self.entry(&tokens, comment);
        } else {
            for piece in pieces {
                self.entry(piece, None);
            }
            self.entry(last, comment);
        }
        self.tokens = tokens;
        self.tokens.clear();
    }

    fn entry(&mut self, tokens: &[Token], comment: Option<Token>) {
        if tokens.iter().any(|t| t.kind == Kind::Angle) {
            self.angles(tokens, comment);
        } else if !tokens.is_empty() {
            self.bare(tokens, comment);
        }
    }

    /// `name <address>`; perhaps several of them without separators, perhaps more text behind.
    fn angles(&mut self, tokens: &[Token], comment: Option<Token>) {
        let end = tokens.iter().rposition(|t| t.kind == Kind::Angle).map_or(0, |i| i + 1);
        let (tokens, tail) = tokens.split_at(end);
        let mut pieces = tokens.split_inclusive(|t| t.kind == Kind::Angle);
        let last = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            self.report(Rule::A011, range(piece));
            self.angle(piece, &[], None);
        }
        let more = tail.iter().any(|t| t.kind == Kind::At);
        self.angle(last, if more { &[] } else { tail }, comment);
        if more {
            self.bare(tail, None);
        }
        if !tail.is_empty() {
            self.report(Rule::A011, range(tail));
        }
    }

    /// One `name <address>`, for which `tail` and `comment` could stand in as the name.
    fn angle(&mut self, piece: &[Token], tail: &[Token], comment: Option<Token>) {
        let Some((angle, phrase)) = piece.split_last() else { return };
        let name = self.name([phrase, tail], comment);
        let spec = self.inside(*angle);
        let route = self.route(&spec);
        if route < spec.len() {
            self.mailbox(name, &spec[route..]);
        } else if name.is_some() {
            // `<>` names nobody: fine in a Return-Path (RFC 5321 §4.5.5), not behind a name.
            self.report(Rule::A011, angle.start..angle.end);
            self.emit(name, None);
        }
        self.spec = spec;
    }

    /// The tokens that an angle bracket holds, without comments.
    fn inside(&mut self, angle: Token) -> Vec<Token> {
        let mut spec = std::mem::take(&mut self.spec);
        let mut lexer = Lexer::new(self.raw, angle.inner(), Mode::AddrSpec);
        let tokens = std::iter::from_fn(|| lexer.next(self.sink));
        spec.clear();
        spec.extend(tokens);
        for comment in spec.iter().filter(|t| t.kind == Kind::Comment) {
            self.note(Role::Comment, &[*comment]);
        }
        spec.retain(|t| t.kind != Kind::Comment);
        spec
    }

    /// How many tokens of an angle bracket are a source route (RFC 5322 §4.4).
    fn route(&mut self, spec: &[Token]) -> usize {
        let begins = spec.first().is_some_and(|t| matches!(t.kind, Kind::At | Kind::Comma));
        let colon = spec.iter().position(|t| t.kind == Kind::Colon);
        let Some(colon) = colon.filter(|_| begins) else { return 0 };
        self.report(Rule::A013, range(&spec[..=colon]));
        colon + 1
    }

    /// Text without angle brackets: the addresses in it, each with the words before it for a name;
    /// or no address at all, then all of it is a name.
    fn bare(&mut self, tokens: &[Token], comment: Option<Token>) {
        let raw = self.raw;
        let mut found: Option<(&[Token], &[Token])> = None;
        let mut words = 0;
        let mut end = 0;
        for unit in tokens.chunk_by(|a, b| is_glued(raw, a, b)) {
            let start = end;
            end += unit.len();
            if is_addr_spec(unit) {
                if let Some((name, unit)) = found.replace((&tokens[words..start], unit)) {
                    let name = self.name([name, &[]], None);
                    self.mailbox(name, unit);
                }
                words = end;
            }
        }
        let is_local = found.is_none() && is_local_part(raw, tokens);
        if !is_local && found.is_none_or(|(_, unit)| unit.len() < tokens.len()) {
            self.report(Rule::A011, range(tokens));
        }
        let behind = &tokens[words..];
        if let Some((name, unit)) = found {
            let name = self.name([name, behind], comment);
            self.mailbox(name, unit);
        } else if is_local {
            // QUIRK: mail between users of one machine names them without any domain.
            let name = self.name([&[], &[]], comment);
            self.mailbox(name, tokens);
        } else if let Some(name) = self.name([tokens, &[]], comment) {
            self.emit(Some(name), None);
        }
    }

    /// An address with its name.
    fn mailbox(&mut self, name: Option<Text>, spec: &[Token]) {
        let address = self.address(spec);
        if let Some(name) = name.as_ref().filter(|_| S::LISTENING)
            && poses_as_address(&name.text, &address.text)
        {
            self.report(Rule::A010, range(spec));
        }
        self.emit(name, Some(address));
    }

    fn emit(&mut self, name: Option<Text>, address: Option<Text>) {
        let group = self.group.as_mut().map(|group| {
            group.members += 1;
            group.name.clone()
        });
        let lossy = [&name, &address, &group].into_iter().flatten().any(|text| text.lossy);
        let [name, address, group] = [name, address, group].map(|text| text.map(|t| t.text));
        self.out.push(Address { name, address, group, lossy });
    }

    /// The first of these phrases that is a name, with the comment behind it in parentheses; without
    /// a phrase, the comment is the name.
    fn name(&mut self, phrases: [&[Token]; 2], comment: Option<Token>) -> Option<Text> {
        let [first, second] = phrases;
        let phrase = self.phrase(first).or_else(|| self.phrase(second));
        match (phrase, self.comment_text(comment)) {
            (Some(phrase), Some(comment)) => Some(Text {
                text: format!("{} ({})", phrase.text, comment.text),
                lossy: phrase.lossy || comment.lossy,
            }),
            (phrase, comment) => phrase.or(comment),
        }
    }

    /// The text of a phrase (RFC 5322 §3.2.5): quoted strings without their quotes, one space where
    /// there was white space, encoded-words decoded, those that only quotes part being neighbours.
    fn phrase(&mut self, tokens: &[Token]) -> Option<Text> {
        self.note(Role::Phrase, tokens);
        let text = match tokens {
            [] => return None,
            [quoted] if quoted.kind == Kind::Quoted && !self.has_pairs(quoted) => {
                self.decode(quoted.inner(), Place::Quoted)
            }
            _ if self.is_plain(tokens) => self.decode(range(tokens), Place::Text),
            _ => {
                let mut octets = Vec::new();
                let mut place = Place::Text;
                for (i, token) in tokens.iter().enumerate() {
                    if token.spaced && i > 0 {
                        octets.push(b' ');
                    }
                    let start = octets.len();
                    self.push_content(token, &mut octets);
                    let word = memchr::memmem::find(&octets[start..], b"=?").is_some();
                    if word && token.kind == Kind::Quoted {
                        place = Place::Quoted;
                    }
                }
                self.decode_copy(&octets, range(tokens), place)
            }
        };
        (!text.text.trim().is_empty()).then_some(text)
    }

    /// Whether a phrase can be read as it stands in the field.
    fn is_plain(&self, tokens: &[Token]) -> bool {
        let gap = |pair: &[Token]| &self.raw[pair[0].end..pair[1].start];
        tokens.iter().all(|t| t.kind != Kind::Quoted)
            && tokens.windows(2).all(|pair| matches!(gap(pair), b"" | b" "))
    }

    fn has_pairs(&self, token: &Token) -> bool {
        memchr::memchr(b'\\', &self.raw[token.start..token.end]).is_some()
    }

    /// Appends a token, a quoted string by what it means.
    fn push_content(&self, token: &Token, octets: &mut Vec<u8>) {
        if token.kind == Kind::Quoted {
            let mut unfolded = Vec::new();
            unfold_into(&self.raw[token.inner()], &mut unfolded);
            unquote(&unfolded, octets);
        } else {
            octets.extend_from_slice(&self.raw[token.start..token.end]);
        }
    }

    fn comment_text(&mut self, comment: Option<Token>) -> Option<Text> {
        let comment = comment?;
        let mut octets = Vec::new();
        let mut unfolded = Vec::new();
        unfold_into(&self.raw[comment.inner()], &mut unfolded);
        unquote(&unfolded, &mut octets);
        let text = self.decode_copy(trim(&octets), comment.start..comment.end, Place::Text);
        (!text.text.is_empty()).then_some(text)
    }

    fn decode(&mut self, range: Range<usize>, place: Place) -> Text {
        let mut sink = Shifted::new(self.sink, range.start as u64);
        decode_untrimmed(&self.raw[range], place, self.context, &mut sink)
    }

    /// Decodes a copy of what stands at `range`.
    fn decode_copy(&mut self, octets: &[u8], range: Range<usize>, place: Place) -> Text {
        let mut sink = Pinned { sink: self.sink, span: range.into() };
        decode_untrimmed(octets, place, self.context, &mut sink)
    }

    /// The text of an addr-spec.
    fn address(&mut self, spec: &[Token]) -> Text {
        self.note(Role::AddrSpec, spec);
        self.report_address(spec);
        let mut text = Text::default();
        let whole = &self.raw[range(spec)];
        let contiguous = spec.windows(2).all(|pair| pair[0].end == pair[1].start);
        let replaced = if contiguous && memchr::memchr(b'\\', whole).is_none() {
            push_literal(whole, self.context, &mut text.text)
        } else {
            push_literal(&self.join(spec), self.context, &mut text.text)
        };
        text.lossy = replaced > 0;
        // QUIRK: octets that only switch between character sets (ISO-2022) would be no address at all.
        if text.text.is_empty() {
            text.text = String::from_utf8_lossy(whole).into_owned();
        }
        text
    }

    /// The octets of an addr-spec without white space around dots, and without quoted-pairs that
    /// quote nothing. White space inside an unquoted local part asks for quotes (RFC 5322 §3.4.1).
    fn join(&self, spec: &[Token]) -> Vec<u8> {
        let raw = self.raw;
        let local = spec.iter().rposition(|t| t.kind == Kind::At).unwrap_or(0);
        let quotes = spec[..local].iter().all(is_atom)
            && spec[..local].windows(2).any(|pair| !is_glued(raw, &pair[0], &pair[1]));
        let mut octets = Vec::new();
        let mut before = None;
        for (i, token) in spec.iter().enumerate() {
            if before.is_some_and(|before| !is_glued(raw, before, token)) {
                octets.push(b' ');
            }
            if quotes && (i == 0 || i == local) {
                octets.push(b'"');
            }
            if token.kind == Kind::Quoted {
                self.push_quoted(token, &mut octets);
            } else {
                octets.extend_from_slice(&raw[token.start..token.end]);
            }
            before = Some(token);
        }
        octets
    }

    fn push_quoted(&self, token: &Token, octets: &mut Vec<u8>) {
        let mut content = Vec::new();
        self.push_content(token, &mut content);
        octets.push(b'"');
        for c in content {
            if matches!(c, b'"' | b'\\') {
                octets.push(b'\\');
            }
            octets.push(c);
        }
        octets.push(b'"');
    }

    fn report_address(&mut self, spec: &[Token]) {
        if !S::LISTENING {
            return;
        }
        let whole = &self.raw[range(spec)];
        let local = spec.iter().take_while(|t| t.kind != Kind::At);
        let quoted_at = |t: &Token| {
            t.kind == Kind::Quoted && memchr::memchr(b'@', &self.raw[t.start..t.end]).is_some()
        };
        let word = memchr::memmem::find(whole, b"=?");
        let word = word.and_then(|at| memchr::memmem::find(&whole[at + 2..], b"?="));
        let odd = [
            (Rule::A011, !self.is_valid(spec)),
            (Rule::A015, local.into_iter().any(quoted_at)),
            (Rule::W016, word.is_some()),
            (Rule::H031, !whole.is_ascii()),
            (Rule::H030, memchr::memchr(0, whole).is_some()),
        ];
        for (rule, _) in odd.into_iter().filter(|&(_, odd)| odd) {
            self.report(rule, range(spec));
        }
    }

    /// Whether this is an addr-spec, obsolete forms included (RFC 5322 §3.4.1, §4.4, RFC 6532 §3.2).
    fn is_valid(&self, spec: &[Token]) -> bool {
        let mut parts = spec.splitn(2, |t| t.kind == Kind::At);
        let (Some(local), Some(domain)) = (parts.next(), parts.next()) else { return false };
        let literal = matches!(domain, [one] if one.kind == Kind::Literal);
        self.is_dotted(local) && (literal || domain.iter().all(is_atom) && self.is_dotted(domain))
    }

    /// Whether these are words with one dot between each two.
    fn is_dotted(&self, tokens: &[Token]) -> bool {
        let mut dot = true;
        let mut before = Kind::At;
        for token in tokens {
            let text = &self.raw[token.start..token.end];
            let before = std::mem::replace(&mut before, token.kind);
            // Encoded-words may have cut an atom in two.
            let goes_on = !token.spaced && is_atom(token) && before == Kind::Atom;
            if !dot && !goes_on && !text.starts_with(b".") {
                return false;
            }
            match token.kind {
                Kind::Quoted => dot = false,
                Kind::Atom => {
                    for &c in text {
                        if !(if c == b'.' { !dot } else { c >= 0x80 || is_atext(c) }) {
                            return false;
                        }
                        dot = c == b'.';
                    }
                }
                _ => return false,
            }
        }
        !dot
    }
}

/// From the first of some tokens to the last.
fn range(tokens: &[Token]) -> Range<usize> {
    match tokens {
        [first, .., last] => first.start..last.end,
        [one] => one.start..one.end,
        [] => 0..0,
    }
}

fn is_atom(token: &Token) -> bool {
    token.kind == Kind::Atom
}

/// Whether two neighbours belong to one addr-spec if any: nothing between them, or white space
/// around a dot or an `@` (RFC 5322 §4.4).
fn is_glued(raw: &[u8], before: &Token, token: &Token) -> bool {
    !token.spaced
        || before.kind == Kind::At
        || token.kind == Kind::At
        || raw[before.start..before.end].ends_with(b".")
        || raw[token.start..token.end].starts_with(b".")
}

/// Whether this is one word that could be a user's name; an encoded-word is a display name.
fn is_local_part(raw: &[u8], tokens: &[Token]) -> bool {
    let is_word = |token: &Token| {
        token.kind == Kind::Atom
            && !raw[token.start..].starts_with(b"=?")
            && raw[token.start..token.end].iter().all(|&c| c == b'.' || is_atext(c))
    };
    tokens.iter().all(is_word) && tokens.chunk_by(|a, b| is_glued(raw, a, b)).count() == 1
}

/// Whether there is something on both sides of an `@`.
fn is_addr_spec(unit: &[Token]) -> bool {
    let at = |t: Option<&Token>| t.is_some_and(|t| t.kind == Kind::At);
    unit.iter().any(|t| at(Some(t))) && !at(unit.first()) && !at(unit.last())
}

/// Whether some word of a name could be taken for an address, and for another one than `address`.
fn poses_as_address(name: &str, address: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let looks_so =
        |word: &str| word.split_once('@').is_some_and(|(l, d)| !l.is_empty() && !d.is_empty());
    name.contains('@')
        && name.split(ends).any(|word| looks_so(word) && !word.eq_ignore_ascii_case(address))
}

/// Reports all at one place: for what was read from a copy.
struct Pinned<'a, S> {
    sink: &'a mut S,
    span: Span,
}

impl<S: Sink> Sink for Pinned<'_, S> {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, _: Span) {
        self.sink.report(rule, self.span);
    }
}

#[cfg(test)]
mod tests;
