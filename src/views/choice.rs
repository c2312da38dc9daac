//! The choices that programs make otherwise than we do.
//!
//! May use: nothing.

macro_rules! choices {
    ($($(#[$doc:meta])* $id:ident $name:literal $why:literal;)*) => {
        /// The one choice that a view makes otherwise than the primary reading.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Choice {
            $(#[doc = $why] $id,)*
        }

        impl Choice {
            /// All of them.
            pub const ALL: &'static [Choice] = &[$(Choice::$id,)*];

            /// Its name, such as `other-field`.
            pub const fn name(self) -> &'static str {
                match self { $(Choice::$id => $name,)* }
            }

            /// What the programs do that read so, in a few words.
            pub const fn why(self) -> &'static str {
                match self { $(Choice::$id => $why,)* }
            }
        }
    };
}

choices! {
    OtherField "other-field" "another of the fields with this name counts";
    FieldUnseen "field-unseen" "the field is not understood, as if it were not there";
    OtherParameter "other-parameter" "another of the parameters with this name counts";
    ParameterUnseen "parameter-unseen" "the parameter is not understood, as if it were not there";
    ParameterCut "parameter-cut" "the parameter ends before its first special character";
    OtherName "other-name" "another of the file names counts";
    CutAtNul "cut-at-nul" "the field, or the file name, ends at the NUL";
    MendedType "mended-type" "the Content-Type is read as what it was probably meant to be";
    MessageInside "message-inside" "the part is taken for a whole message";
    GuessedBoundary "guessed-boundary" "the first line that looks like a delimiter names the boundary";
    EmptyBoundary "empty-boundary" "the empty boundary counts: a line `--` is a delimiter";
    OuterBoundary "outer-boundary" "the delimiters are those of the outer multipart";
    PrefixDelimiter "prefix-delimiter" "a line that begins as a delimiter does is one";
    IndentedDelimiter "indented-delimiter" "a delimiter may stand behind white space";
    OtherHyphens "other-hyphens" "a delimiter may begin with one hyphen, or three, or none";
    NeverClosed "never-closed" "parts go on behind the close delimiter";
    PartAround "part-around" "what stands before the first delimiter, or behind the last, is a part";
    CrEndsLines "cr-ends-lines" "a CR alone ends a line";
    HeaderEnds "header-ends" "the header ends where a line is no field";
    HeaderGoesOn "header-goes-on" "the header goes on behind the line that looks like a delimiter";
    MendedName "mended-name" "what is no MIME field is one but for its name, or without a colon";
    BehindCrs "behind-crs" "two CRs in the header begin a message of its own, or a file";
    EmptyLinesSkipped "empty-lines-skipped" "an empty line at its start does not end the header";
    Undecoded "undecoded" "the transfer encoding is not understood: nothing is decoded";
    Base64 "base64" "the transfer encoding is taken for base64";
    UrlSafe "url-safe" "`-` and `_` stand for two characters of base64";
    QuotedPrintable "quoted-printable" "the transfer encoding is taken for quoted-printable";
    DecodedFirst "decoded-first" "the multipart is decoded before its parts are looked for";
    StopAtPadding "stop-at-padding" "base64 data ends with its first padding";
    PaddingSkipped "padding-skipped" "padding does not end base64 data";
    FileInText "file-in-text" "an encoded file in the text is an attachment";
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Choice::ALL.iter().map(|choice| choice.name()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(Choice::ALL.iter().all(|choice| !choice.why().ends_with('.')));
    }
}
