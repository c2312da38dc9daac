//! The choices that concern a header: which field or parameter counts, and how far it is understood.
//!
//! May use: base, header, transfer.

use super::{Choices, Place, eol_of, is_mime, overlap};
use crate::base::{Span, chars};
use crate::header::names::{Name, marked_mime};
use crate::transfer::Coding;
use crate::views::altered::{Edit, Octets};
use crate::views::choice::Choice;
use crate::views::fields::Line;
use crate::views::mend;

impl<'a, O: Octets + ?Sized> Choices<'a, O> {
    pub(super) fn other_field(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        let Some(name) = line.name.filter(|&name| is_mime(name)) else { return };
        // Who does not take the first takes the last.
        if self.fields.named(name).last().is_some_and(|last| last.span == line.span) {
            let edits = self.fields.hide(name, Some(line));
            self.add_own(place, Choice::OtherField, edits);
        }
    }

    pub(super) fn field_unseen(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        if line.name.is_some_and(is_mime) {
            let edit = Edit::blank(line.name_at, b'X');
            self.add_own(place, Choice::FieldUnseen, vec![edit]);
        }
    }

    /// A line that is no field: the header ends with it, or it is one but for its name.
    pub(super) fn junk(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        let (span, octets) = (line.span, self.fields.octets(line.span));
        if let Some((name, len)) = mend::field_name(octets) {
            let edit = Edit::new(Span::new(span.start, span.start + len as u64), name);
            self.add_own(place, Choice::MendedName, vec![edit]);
        }
        if self.is_first(Choice::HeaderEnds, place.part.index(), b"") {
            let edit = Edit::new(Span::new(span.start, span.start), eol_of(&place.part));
            self.add_own(place, Choice::HeaderEnds, vec![edit]);
        }
    }

    /// A field whose name is one of MIME but for marks around it.
    pub(super) fn marked_name(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        let name = self.fields.octets(line.name_at);
        if let Some(core) = marked_mime(name) {
            let edit = Edit::new(line.name_at, &name[core]);
            self.add_own(place, Choice::MendedName, vec![edit]);
        }
    }

    /// The delimiter that ends the header is a line in it like others, so what follows may be as well.
    pub(super) fn header_goes_on(&mut self, place: Place<'a>) {
        let part = place.part.parent().map_or(place.part.index(), |parent| parent.index());
        let at = place.span.start;
        let edit = Edit::new(Span::new(at, at + 1), b"X");
        self.add(place, Choice::HeaderGoesOn, part, vec![edit]);
    }

    pub(super) fn cut_at_nul(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        if line.name.is_some_and(is_mime) && line.body.start <= place.span.start {
            let edit = Edit::new(Span::new(place.span.start, line.body.end), b"");
            self.add_own(place, Choice::CutAtNul, vec![edit]);
        }
    }

    /// Of parameters with the same name the last counts, if that is what was found.
    pub(super) fn other_param(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let Some(chosen) = params.iter().find(|param| overlap(param.span, place.span)) else {
            return;
        };
        let is_name = matches!(&chosen.name[..], b"name" | b"filename");
        let same = || params.iter().filter(|it| it.name == chosen.name);
        if same().any(|it| it.span.start > chosen.span.start) {
            return;
        }
        let others = same().filter(|it| it.span != chosen.span);
        let edits = others.map(|param| Edit::blank(param.span, b' ')).collect();
        let choice = if is_name { Choice::OtherName } else { Choice::OtherParameter };
        self.add_own(place, choice, edits);
    }

    /// `boundary` counts, where `boundary*` does for us.
    pub(super) fn plain_boundary(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let extended = params.iter().filter(|it| it.name == b"boundary" && it.is_extended);
        let edits = extended.map(|param| Edit::blank(param.span, b' ')).collect();
        self.add_own(place, Choice::OtherParameter, edits);
    }

    /// Each of the file names of a part in turn.
    pub(super) fn other_names(&mut self, place: Place<'a>) {
        let mut given = Vec::new();
        for (field, name) in
            [(Name::ContentDisposition, &b"filename"[..]), (Name::ContentType, b"name")]
        {
            let Some(line) = self.fields.named(field).next() else { continue };
            let params = self.fields.params(line, self.limits);
            for is_extended in [true, false] {
                let form =
                    params.iter().filter(|it| it.name == name && it.is_extended == is_extended);
                let form: Vec<Span> = form.map(|param| param.span).collect();
                given.extend((!form.is_empty()).then_some(form));
            }
        }
        // The first is the one that counts.
        for chosen in 1..given.len() {
            let others = given.iter().enumerate().filter(|&(i, _)| i != chosen);
            let edits = others.flat_map(|(_, form)| form).map(|&span| Edit::blank(span, b' '));
            self.add_own(place, Choice::OtherName, edits.collect());
        }
    }

    /// Parameters that are odd are lost, if they matter.
    pub(super) fn params_unseen(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let matters =
            |name: &[u8]| matches!(name, b"boundary" | b"charset" | b"name" | b"filename");
        let odd = params.iter().filter(|it| matters(&it.name) && overlap(it.span, place.span));
        let edits: Vec<Edit> = odd.map(|param| Edit::blank(param.span, b' ')).collect();
        if !edits.is_empty() {
            self.add_own(place, Choice::ParameterUnseen, edits);
        }
    }

    /// A value that should be quoted ends before what needs quotes.
    pub(super) fn param_cut(&mut self, place: Place<'a>) {
        if self.mime_line(place.span).is_none() {
            return;
        }
        let value = self.fields.octets(place.span);
        let token = value.iter().take_while(|&&c| chars::is_token(c)).count();
        if token > 0 && token < value.len() {
            let edit = Edit::new(Span::new(place.span.start + token as u64, place.span.end), b"");
            self.add_own(place, Choice::ParameterCut, vec![edit]);
        }
    }

    /// A file name ends at the NUL that is written in it as `%00`.
    pub(super) fn name_cut_at_nul(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let Some(param) = params.iter().find(|it| it.is_extended && overlap(it.span, place.span))
        else {
            return;
        };
        let octets = self.fields.octets(param.span);
        if let Some(at) = memchr::memmem::find(octets, b"%00") {
            let end = param.span.end - u64::from(octets.ends_with(b"\""));
            let edit = Edit::new(Span::new(param.span.start + at as u64, end), b"");
            self.add_own(place, Choice::CutAtNul, vec![edit]);
        }
    }

    /// An inner multipart that names the boundary of an outer one has no parts.
    pub(super) fn outer_boundary(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.named(Name::ContentType).next() else { return };
        let params = self.fields.params(line, self.limits);
        let named = params.iter().filter(|param| param.name == b"boundary");
        let edits = named.map(|param| Edit::blank(param.span, b' ')).collect();
        let boundary = place.part.boundary();
        if let Some(outer) = self.with_boundary(place.part.parent(), &boundary) {
            self.add(place, Choice::OuterBoundary, outer.index(), edits);
        }
    }

    pub(super) fn mended_type(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let body = self.fields.octets(line.body);
        let (mended, span) = (mend::content_type(body), line.body);
        let unseen = Edit::blank(line.name_at, b'X');
        if let Some(mended) = mended {
            self.add_own(place, Choice::MendedType, vec![Edit::new(span, mended)]);
        }
        self.add_own(place, Choice::FieldUnseen, vec![unseen]);
    }

    pub(super) fn message_inside(&mut self, place: Place<'a>) {
        if let Some(line) = self.mime_line(place.span) {
            let edit = Edit::new(line.body, b" message/rfc822");
            self.add_own(place, Choice::MessageInside, vec![edit]);
        }
    }

    pub(super) fn coding(&mut self, place: Place<'a>, choice: Choice, body: &[u8]) {
        let first = self.fields.named(Name::ContentTransferEncoding).next().map(|line| line.body);
        if let Some(span) = first {
            self.add_own(place, choice, vec![Edit::new(span, body)]);
        }
    }

    /// Where several codings are named, each of the others.
    pub(super) fn other_codings(&mut self, place: Place<'a>) {
        let first = self.fields.named(Name::ContentTransferEncoding).next();
        let body = first.map(|line| self.fields.octets(line.body).to_ascii_lowercase());
        let named = |name: &[u8]| {
            body.as_ref().is_some_and(|body| memchr::memmem::find(body, name).is_some())
        };
        let coding = place.part.coding();
        if coding != Coding::Base64 && named(b"base64") {
            self.coding(place, Choice::Base64, b" base64");
        }
        if coding != Coding::QuotedPrintable && named(b"quoted-printable") {
            self.coding(place, Choice::QuotedPrintable, b" quoted-printable");
        }
    }

    /// Base64 that is not labelled as such.
    pub(super) fn labelled(&mut self, place: Place<'a>) {
        let mut edits = self.fields.hide(Name::ContentTransferEncoding, None);
        let field = [b"Content-Transfer-Encoding: base64", eol_of(&place.part)].concat();
        edits.push(Edit::new(Span::new(place.header.start, place.header.start), field));
        self.add_own(place, Choice::Base64, edits);
    }

    pub(super) fn undecoded(&mut self, place: Place<'a>) {
        if !place.part.coding().is_identity() {
            let edits = self.fields.hide(Name::ContentTransferEncoding, None);
            self.add_own(place, Choice::Undecoded, edits);
        }
    }

    /// The MIME field in which something was found.
    pub(super) fn mime_line(&self, span: Span) -> Option<&Line> {
        self.fields.line(span.start).filter(|line| line.name.is_some_and(is_mime))
    }
}
