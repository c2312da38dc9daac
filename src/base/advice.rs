//! The other half of the table of rules: why each matters, and what to do about it, one sentence each.
//!
//! A rule without advice does not compile.
//!
//! May use: nothing of this crate but the rules.

use super::rules::Rule;

macro_rules! advice {
    ($($id:ident $why:literal $remedy:literal;)*) => {
        /// Why `rule` matters, and what to do about it.
        pub(super) const fn of(rule: Rule) -> (&'static str, &'static str) {
            match rule {
                $(Rule::$id => ($why, $remedy),)*
            }
        }
    };
}

advice! {
    A010 "Most programs show the name alone, so a reader takes the sender for somebody else."
        "Show the address beside the name, and trust the address only.";
    A011 "Programs take different addresses out of such a list, so a reply or a check may go to the wrong one."
        "Have the sender's program write addresses as RFC 5322 has it.";
    A012 "Nobody can tell which of the authors sent the message, and policies that look at From alone pick one."
        "Add a Sender field with the one who sent it.";
    A013 "Routes have not been used for decades; some programs take the first host of one for the address."
        "Write the address without the route.";
    A014 "Some programs cut the name in two and report one half as an address."
        "Put the display name in quotes.";
    A015 "Some programs send to what stands behind the first @, which may be another host."
        "Use another local part; be careful with rules that cut addresses at the first @.";
    A016 "Groups do not nest, and programs differ on who is in which."
        "Write the groups one after the other.";
    A017 "Nobody nests comments so deep by hand; it wears out programs that recurse."
        "Leave the comment out.";
    A018 "Programs differ on where it ends, and so on which addresses there are."
        "Close it, or have the sender's program do so.";
    A019 "Sender is the one mailbox that is told about trouble; programs take the first, the last or none."
        "Keep one address in Sender, and put the authors into From.";
    A020 "Replies go nowhere, and many servers refuse a message without an author."
        "Put an address into From.";
    A021 "Servers need not take it, and some cut it off."
        "Use a shorter address.";
    A022 "No such domain can exist in the DNS, so the address reaches nobody."
        "Correct the domain.";
    A023 "A server without SMTPUTF8 gives the message back, and there is no form in ASCII for the local part."
        "Offer an address in ASCII as well; `septet wire` tells what the message needs.";
    A024 "Each server completes it with its own domain, so it means somebody else everywhere."
        "Write the whole address.";
    B001 "Some programs guess the boundary and show parts that others do not."
        "Add the parameter; --guess-boundary shows what a guess would find.";
    B002 "Some programs take every line that begins with two hyphens for a delimiter, others none."
        "Name the boundary that the delimiters have.";
    B010 "Some programs compare only the first 70 or 80 characters, and take lines for delimiters that are none."
        "Use a boundary of at most 70 characters.";
    B011 "Programs differ on whether the space, or the character, belongs to the boundary, and so on the parts."
        "Use letters and digits only.";
    B013 "Programs differ on which of the two counts, so each shows other parts."
        "Give the boundary once, without RFC 2231.";
    B014 "A program that keeps the backslash finds no delimiter, and shows no parts."
        "Leave the backslash out.";
    B020 "A program that compares by prefix ends the inner multipart too early or takes its delimiters for the outer ones."
        "Use boundaries of which none begins with another.";
    B021 "Programs that compare by prefix begin a part here, which others show as text."
        "Look at both readings before the message is trusted; only white space may follow a boundary.";
    B023 "Programs that skip white space begin a part here, which others show as text."
        "Look at both readings before the message is trusted.";
    B024 "Programs build different trees when inner and outer delimiters are the same."
        "Give each multipart a boundary of its own.";
    B030 "The end may have been lost on the way, and some programs leave out the last part."
        "Check that the message is complete; else add the close delimiter.";
    B031 "Some programs show the part behind the close delimiter, so a scanner and a reader may see different things."
        "Look at what stands there before the message is trusted.";
    B032 "Some programs lose the parts behind it, as they wait for the inner close delimiter."
        "Add the close delimiter of the inner multipart.";
    B033 "Nobody sees it there, though some programs find and open it."
        "Look at what stands there before the message is trusted.";
    B034 "Some programs show an empty part there."
        "Remove the line, or make it a close delimiter.";
    B035 "A program that guesses or compares loosely finds parts here, where others show nothing."
        "Check the boundary against the delimiters.";
    B036 "Its parts are lost, or were never there."
        "Get the message once more.";
    B037 "A program that looks for the boundary anywhere in a line, or forgives hyphens, shows other parts."
        "Look at both readings before the message is trusted.";
    B038 "Programs that know no MIME show it, and some tools write it to a file."
        "Put what is to be read into a part.";
    C010 "The same octets are markup to one program and harmless ASCII to another."
        "Use UTF-8; do not let programs guess UTF-7.";
    C011 "Each reader sees other characters."
        "Name the charset in the Content-Type.";
    C012 "Each program falls back on another charset, so readers see other characters."
        "Name the charset that the text is in.";
    C013 "Something of the text is lost, or the charset is another."
        "Check the charset that is named, and whether the text was cut off.";
    C014 "Programs that believe the label show two or three wrong characters for each that is not ASCII."
        "Label it as utf-8.";
    C015 "Strict programs do not know the name and fall back on another charset."
        "Use the name that IANA calls the preferred one for MIME, such as utf-8.";
    D001 "Something may be hidden below, and other programs give up earlier."
        "Raise --max-depth to look into it.";
    D002 "What comes after is not told apart, and other programs give up earlier."
        "Raise --max-parts to look into it.";
    D003 "The fields behind the limit are not looked at."
        "Raise --max-fields to read them.";
    D004 "What stands behind the limit is not looked at."
        "Raise --max-field to read it.";
    D005 "What stands behind the limit is not looked at."
        "Raise --max-field, which raises this limit too, to read it.";
    D010 "Scanners stop at 20 to 100 levels and let pass what they have not seen."
        "Treat it as hostile: no honest program nests so deep.";
    D014 "A parameter that counts, such as a boundary or a name, may stand behind the limit."
        "Raise --max-params to read them.";
    D015 "What stands behind the limit is shown encoded."
        "Treat it as hostile: no honest subject has so many.";
    D016 "There is more that is odd than is shown."
        "Mend what is shown, and look again.";
    D017 "What some program shows of the message is perhaps not among the readings that are listed."
        "Treat the message as hostile: ordinary mail has no more than a few other readings.";
    E010 "Some programs guess the coding and decode, so a scanner and a reader may see different things."
        "Name the coding that the body has, or none.";
    E011 "Programs that know the standard codings only show the encoded text."
        "Use base64 instead.";
    E012 "Half of all programs do not know the coding then, and show encoded text."
        "Leave only the name of the coding.";
    E020 "A program that believes the label decodes the delimiters and finds no parts."
        "Label it 7bit, 8bit or binary, or leave the field out.";
    E021 "Half of all programs show a message there, the others an encoded file."
        "Leave the inner message as it is, and encode its parts where needed.";
    E022 "A gateway that believes the label sends octets where they may not go."
        "Label the container as high as the highest of its parts.";
    E030 "Programs skip, stop at, or refuse such characters, and so decode other octets."
        "Encode the body anew.";
    E031 "Programs that stop at the padding do not see what follows it, which others decode."
        "Look at what follows before the message is trusted; encode the body anew.";
    E032 "Some programs drop the last octets, or all."
        "Add the padding, and check that the message is complete.";
    E033 "The data was cut off: something is lost."
        "Get the message once more.";
    E034 "A footer was added to encoded text; many programs decode it to junk."
        "Have the mailing list's program add footers as parts of their own.";
    E035 "Strict programs refuse or cut the line."
        "Encode the body anew.";
    E042 "Programs leave it, drop it or stop there."
        "Encode the body anew; an equals sign is =3D.";
    E043 "It was added on the way, or meant to be there and is lost now."
        "Encode white space at the end of a line as =20.";
    E045 "Some programs drop such octets, and some transports clear their highest bit."
        "Encode the body anew, as `septet convert` does.";
    E046 "Strict programs refuse or cut the line."
        "Encode the body anew.";
    E047 "Strict programs leave the escape as it is."
        "Write hexadecimal digits in upper case.";
    E050 "A server for 7 bits refuses the message or clears the highest bits."
        "Label it 8bit, or convert it: `septet convert`.";
    E051 "Programs that look for base64 themselves show a file where others show letters."
        "Label the body with the coding that it has.";
    E060 "The file is damaged, or the line is none of its data."
        "Get the file in another way.";
    E061 "The file may be cut off."
        "Check that the message is complete.";
    F001 "A program that believes the name writes outside of its folder."
        "Use the last component only, as `septet extract` does.";
    F002 "A control character cuts the name off, or does something to a terminal."
        "Replace such characters, as `septet extract` does.";
    F003 "The extension that a reader sees is not the one that the system goes by."
        "Show the name with such characters escaped, and look at the type of the content.";
    F004 "On Windows the name opens a device, and no file."
        "Put something before the name, as `septet extract` does.";
    F005 "The file cannot be written under this name, and what is cut off may be the extension."
        "Use a shorter name.";
    F006 "The second file replaces the first when both are saved."
        "Number the files, as `septet extract` does.";
    F007 "The extension that a filter sees is not the one that Windows goes by."
        "Drop dots and spaces at the end, as `septet extract` does.";
    F008 "Each program makes up another name, and filters that go by names see none."
        "Name the attachment.";
    H001 "Mail is sorted by its Date, and many servers refuse or complete a message without one."
        "Have the sender's program add it.";
    H002 "Nobody is named as the author; many servers refuse the message."
        "Have the sender's program add it.";
    H003 "Replies cannot be threaded, and duplicates not found."
        "Have the sender's program add it.";
    H004 "Some servers add a field of their own, which may show who was meant to stay hidden."
        "Add To, if need be with an empty group such as `undisclosed-recipients:;`.";
    H005 "Everybody who gets the message sees who was meant to stay hidden."
        "Have the sender's program remove the field before it sends.";
    H010 "Programs take the first, the last or all of them, so each reads another message."
        "Look at all of them before the message is trusted, and keep one.";
    H011 "Programs show the first, the last or all of them, so each names somebody else."
        "Look at all of them before the message is trusted, and write one list.";
    H012 "Nobody can tell who resent the message, or when."
        "Have the program that resends add both fields.";
    H013 "It was there before the message was delivered, so whoever sent it may have written it."
        "Believe only the one on top, which the last server added.";
    H014 "The message goes in circles, and servers refuse it sooner or later."
        "Look at the Received fields for hosts that come again.";
    H015 "A clock on the way is wrong, or somebody wrote the fields below."
        "Believe only the fields that your own servers added.";
    H021 "Some programs do not see the field, others do: a filter may miss it."
        "Remove the white space.";
    H022 "Some programs end the header at this line and show the rest as text."
        "Remove the line, or make it a field or a continuation.";
    H023 "Some programs take the line for the end of the header."
        "Remove the line.";
    H024 "Some programs take all of the header for text."
        "Remove the white space, or the line.";
    H025 "Some programs skip the line and read a header, so they see another message."
        "Look at both readings before the message is trusted.";
    H026 "Some programs end the header at this line."
        "Remove the line.";
    H027 "Some programs take all of the message for text, or do not see the first field."
        "Remove the three octets.";
    H028 "Some programs lose the first part, or all of them."
        "Add an empty line behind the header.";
    H029 "Programs differ on where the text begins."
        "Add an empty line behind the header.";
    H030 "Some programs end the field there, so they read another value."
        "Treat it as hostile: no honest program writes a NUL into a header.";
    H031 "Each program reads them in another charset, and servers without SMTPUTF8 refuse or damage them."
        "Encode them: `septet convert` or `septet lint --fix`.";
    H032 "Nothing breaks, but old programs cut the line when they show it."
        "Fold the field before white space.";
    H034 "Some programs refuse the message, others drop the field."
        "Leave the field out.";
    H035 "Replies cannot be threaded, and some servers refuse the message."
        "Have the sender's program write `<unique@domain>`.";
    H036 "The message cannot be threaded by it."
        "Have the sender's program write the Message-ID of the message that is answered.";
    H037 "Programs that pass over the empty line see other fields, and so other parts."
        "Have the sender's program write the header in one piece.";
    H040 "The message is sorted to the wrong place, or refused."
        "Have the sender's program write dates as RFC 5322 has it.";
    H041 "Programs read such a date differently, some by hours or not at all."
        "Have the sender's program write dates as RFC 5322 has it.";
    H042 "The message stays on top of every list that is sorted by date, as spam wants it."
        "Go by the date of arrival; set the sender's clock.";
    H043 "The message waited long, or was sent with a wrong date and is sorted far below where it is looked for."
        "Go by the date of arrival; set the sender's clock.";
    H044 "The hop is shown without what cannot be read, so its delay may be missing."
        "Read the field itself, which `septet trace` shows as it stands.";
    H045 "What the server found out is known only to who reads the field."
        "Read the field itself, which `septet trace` shows as it stands.";
    H046 "A program that looks for the name anywhere in the line decodes, or names, the part otherwise."
        "Take the marks away, or remove the field.";
    I001 "Some programs show an attachment here, others text, so a filter may not see the file."
        "`septet extract` writes such files; send attachments as parts.";
    L002 "Programs that take it for a line end see other lines, other fields or other delimiters."
        "Look at both readings before the message is trusted; no message may hold it.";
    L003 "Programs that know one kind of line end only see lines run together."
        "Give all lines the same end: `septet lint --fix`.";
    L004 "A server that takes it for the end reads what follows as commands and as another message, of anybody's name."
        "Refuse the message: only an attack is written so.";
    L005 "Most programs see one single line."
        "Give all lines an end that mail knows: `septet convert`.";
    L006 "A program that sends without doubling leading dots cuts the message off here."
        "Send with a program that doubles leading dots, or `septet wire --stuff`.";
    L007 "Mailboxes and servers add one, which breaks strict body signatures; or the message was cut off."
        "Check that the message is complete.";
    L010 "Servers cut, break or refuse the line."
        "Encode the body or fold the field: `septet convert`.";
    L011 "Some programs end the text there, some servers drop the octet."
        "Encode the body: `septet convert`.";
    M001 "It is no field; a program that knows no mboxes may take all of the header for text."
        "Remove the line when the message leaves the mbox.";
    M002 "A program that reads the mbox loosely begins a message here."
        "Quote the line with `>`, as `septet copy` does.";
    M003 "A program that does not believe Content-Length begins a message here."
        "Write the mbox anew with `septet copy`.";
    M004 "A program that asks for the empty line reads on, and joins two messages."
        "Write the mbox anew with `septet copy`.";
    M005 "A program that asks for the date reads on, and joins two messages."
        "Write the mbox anew with `septet copy`.";
    M006 "A program that reads the mbox loosely begins a message here, and cuts this one off."
        "Quote the line with `>`, as `septet copy` does.";
    M007 "A program that believes it reads on into the next message, or stops too early."
        "Remove the field when the message leaves its mbox.";
    N001 "The server refuses the message, or clears the highest bits."
        "`septet convert --to 7bit` encodes the body.";
    N002 "The server refuses the message, or breaks its lines."
        "`septet convert --to 7bit` or `--to 8bit` encodes the body.";
    N003 "The server refuses the message."
        "`septet convert` encodes what can be; a local part has no other form.";
    N004 "A server that goes by labels refuses the message, though its octets may pass."
        "`septet convert --to 7bit` mends the label.";
    P020 "Programs take the first or the last, and so see other parts, charsets or names."
        "Look at both before the message is trusted, and keep one.";
    P021 "Programs take the first or the last, so a filter may see another name than the reader."
        "Go by every name that is given, and keep one.";
    P022 "Programs differ on which name counts, so a filter may see another one than the reader."
        "Go by every name that is given, and keep one.";
    P030 "Some programs do not see the parameter."
        "Put a semicolon before it.";
    P031 "Some programs cut the value at the first such character."
        "Put the value in quotes.";
    P032 "Some programs ignore the rest of the field, or all of it."
        "Leave out what is no parameter.";
    P033 "Programs differ on where the value ends, and on which parameters follow."
        "Close the quote.";
    P041 "Programs drop the value, or what follows the gap."
        "Number the sections from 0 on, without a gap.";
    P042 "Programs differ on whether the value is decoded."
        "Write charset, two single quotes and the value, without double quotes.";
    P043 "Programs differ on what the value is then."
        "Write a percent sign as %25.";
    P044 "Readers see another name, or none."
        "Use utf-8 instead.";
    P045 "Programs that take it read another value."
        "Number the sections from 0 on.";
    P046 "Half of all programs show the encoded-word as it is, so names differ."
        "Encode the value as RFC 2231 has it.";
    S010 "No transport for 7 bits can take it and keep the signature."
        "Have the signing program encode the part first.";
    S011 "The signature breaks where the white space is removed."
        "Have the signing program encode such lines.";
    S012 "Programs cannot tell what is signed, or take an unsigned part for signed."
        "Trust the signature only if it covers what is shown.";
    S013 "A program cannot tell how to check the signature before it has read all of it."
        "Have the signing program write both parameters.";
    S014 "Programs differ on whether there is a signature at all."
        "Have the signing program write the type of the signature into protocol.";
    S015 "Programs cannot tell what is encrypted, and may show text that is not as if it were."
        "Look at each part by itself.";
    S016 "Programs differ on whether they try to decrypt it."
        "Have the encrypting program write the type of the first part into protocol.";
    S020 "Checkers differ on whether the signature counts."
        "Have the signing program write the tags as RFC 6376 has it.";
    S021 "Anybody may add text, and the signature still holds."
        "Sign without l=, and do not show what stands behind the octets that are signed.";
    S022 "The signature counts for nothing."
        "Have the signing program write all tags that RFC 6376 requires.";
    S023 "A checker that minds the time takes the message for unsigned."
        "Look at what held the message up.";
    S024 "SHA-1 can be broken, so the signature counts for nothing."
        "Sign with rsa-sha256 or ed25519-sha256.";
    S025 "Anybody may change the author, and the signature still holds."
        "Have the signing program list from in h=.";
    S026 "Who checks the chain stops there, and what earlier servers found out is lost."
        "Find the server that wrote or dropped a field of the set.";
    S027 "Whether the further signatures hold is not said."
        "Treat the message as hostile: honest mail has a few signatures.";
    T001 "Strict programs do not read the message as MIME: they show delimiters and encoded text."
        "Add `MIME-Version: 1.0`: `septet lint --fix`.";
    T002 "Some programs do not read the message as MIME then."
        "Write `MIME-Version: 1.0`.";
    T010 "Programs read it as text, as a file, or as what they guess."
        "Write type, slash, subtype and parameters.";
    T011 "Nobody knows what to do with it, so it is offered as a file."
        "Use a registered type, such as application/octet-stream.";
    T013 "Programs read it as text, as a file, or as what they guess."
        "Leave the field out, or write a type.";
    T014 "Programs show the last alternative they know, so readers of HTML get the plain text."
        "Order the alternatives from the plainest to the richest.";
    T015 "Programs show the first part, or none."
        "Write the Content-ID of the root into start, in angle brackets.";
    T016 "Strict programs cannot choose how to show it."
        "Have the sender's program add the type of the root.";
    T017 "Programs that go by the one or the other handle it as another report, or none."
        "Have the reporting program write the subtype of the second part.";
    T018 "Programs do not find the part for machines, so a bounce is not counted."
        "Have the reporting program write two or three parts.";
    T020 "Filters see only pieces, of which none shows what the whole is."
        "Do not put such messages together before they have been looked at; refuse them where nobody needs them.";
    T021 "A reader is led to a place that nobody has checked."
        "Do not fetch it by itself.";
    T022 "Nobody can put the message together."
        "Have the sender's program send the message whole.";
    T023 "The pieces cannot be put together when one was encoded on the way."
        "Have the sender's program send the message whole.";
    T024 "Nobody can tell where the content lies."
        "Have the sender's program attach the content.";
    T030 "A link to the id shows the one in some programs and the other in others."
        "Give each part an id of its own.";
    T031 "Links to it find nothing in some programs."
        "Have the sender's program write `<unique@domain>`.";
    T032 "Some programs show it inside the text instead."
        "Write inline or attachment.";
    T033 "Programs ignore the value, or the whole field."
        "Leave the parameter out.";
    T034 "Some programs reflow the text all the same, and join its lines."
        "Leave the parameter out.";
    T035 "A program must decrypt or verify it on trial to know what it is."
        "Have the sender's program add smime-type.";
    W010 "Some programs decode it all the same, so readers see other text."
        "Have the sender's program write encoded-words as RFC 2047 has it.";
    W011 "Programs that decode each word by itself show two wrong characters."
        "Have the sender's program cut between characters.";
    W012 "Strict programs show it as it stands."
        "Put white space around it.";
    W013 "Readers see the encoded text."
        "Use utf-8 instead.";
    W014 "Strict programs show it as it stands."
        "Have the sender's program split it into several.";
    W015 "Strict programs show it as it stands."
        "Encode the space.";
    W016 "A program that decodes it shows or uses another address than the one that mail goes to."
        "Never decode inside addresses; refuse the message if it asks for trust.";
    W017 "Strict programs show it as it stands."
        "Leave out the quotes around it.";
    W018 "Programs show another text, or the encoded-word as it stands."
        "Have the sender's program encode it anew.";
    W019 "Programs that decode it all the same read another value."
        "Have the sender's program write plain ASCII.";
    W020 "Programs that do not escape them break the line, begin another field, or do something to a terminal."
        "Never write decoded text into a header or to a terminal as it is.";
    W021 "What the reader sees is not what stands there."
        "Show such characters escaped.";
    W022 "Nothing breaks in most programs; strict ones do not decode the line."
        "Fold the field between its encoded-words.";
    X001 "What the reader sees is not what stands there."
        "Show such characters escaped.";
    X002 "An answer goes to somebody else than who is shown as the author."
        "Look at the address before answering.";
    X003 "Somebody else than the author sent it: a list, a service, or anybody."
        "Trust From only as far as a signature of its own domain covers it.";
    X004 "What SPF vouches for is the Return-Path, not the author that is shown."
        "Trust From only as far as a signature of its own domain covers it.";
    X005 "The program that wrote the message is not where the author is said to be; services and many good programs do so too."
        "Compare with other mail of the same author.";
    X006 "Some letters are others than they seem, so that the name passes filters and is taken for one that is known."
        "Go by the address.";
    X007 "Most programs show the name alone, so a reader takes the sender for that site."
        "Go by the address.";
    X008 "A reader takes it for another domain."
        "Go by the A-labels (xn--).";
    X010 "Filters that look for a name or an extension do not find it."
        "Go by what the file begins with.";
    X011 "Systems that hide the last extension show a document, and run a program."
        "Do not open it; refuse such names.";
    X012 "To open it is to run it."
        "Do not open it; refuse such names where nobody needs them.";
    X013 "Some programs open it by the type, others by the name, so a filter may look at something else than what is opened."
        "Go by what the file begins with.";
    X014 "What is opened is not what was announced."
        "Go by what the file begins with.";
    X015 "To open it may be to run it."
        "Do not open it; refuse such files where nobody needs them.";
    X016 "No filter can look into it, and the reader has the password from the text."
        "Do not open it unless it was announced in another way.";
    X017 "Filters that unpack only one level do not see what is inside."
        "Unpack all levels before the content is trusted.";
    X018 "To open it is to run it."
        "Do not open it; refuse such archives where nobody needs them.";
    X020 "A reader believes the text and goes elsewhere."
        "Go by where the link leads.";
    X021 "Who counts clicks, or checks links, sits in between; or a redirector is abused."
        "Look at where it ends before it is trusted.";
    X022 "A program that does not forbid it runs it when the link is followed, or at once."
        "Never follow such links; show HTML without them.";
    X023 "A whole page can stand there, which no filter of hosts sees."
        "Never follow such links; show HTML without them.";
    X024 "A reader takes what stands before the `@` for the host."
        "Go by what stands behind the last `@`.";
    X025 "A reader takes it for another host."
        "Go by the A-labels (xn--).";
    X026 "It has no name that anybody could know or vouch for, and some forms pass filters."
        "Do not follow it.";
    X027 "Who sent it learns that it was read, when and where; and what is shown can be changed later."
        "Show HTML without what is elsewhere.";
    X028 "What a reader types in goes to wherever the form says."
        "Type nothing into mail.";
    X029 "A program that does not forbid it runs it; files of HTML are opened by browsers, which do not."
        "Show HTML without scripts.";
    X030 "Another page is shown as if it were the message."
        "Show HTML without them.";
    X031 "The reader ends at a page that no link names."
        "Show HTML without them.";
    X032 "Programs that read text, such as filters, see other words than a reader; previews are often made so."
        "Look at both texts.";
    X033 "Filters that do not decode do not see it; some programs encode everything."
        "Decode before looking for anything.";
    X034 "Filters that do not decode do not see the word; no program writes so without a reason."
        "Decode before looking for anything.";
    X040 "Programs that do not know header protection show what anybody may have changed on the way."
        "Go by the protected one if its signature holds.";
}
