//! What one key of the manifest is: its kind of value, what holds without it, what it is for.

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `1`: the version of the manifest's language.
    Version,
    /// A text that is not empty.
    Text,
    /// A name as bake allows it: letters, digits, `_` and `-`.
    Name,
    /// A [`Kind::Name`] in lower case that starts with a letter: it begins variables and image names.
    Prefix,
    /// A registry with an optional port.
    Host,
    /// The path of an image below its registry, in lower case.
    ImagePath,
    /// A [`Kind::ImagePath`] in which `{name}` stands for the image's name.
    ImageTemplate,
    /// The name of an environment variable.
    Variable,
    /// A text in which `{name}` stands for the image's name.
    Template,
    /// The full name of a label, or the short name of one the OCI defines.
    Label,
    /// A relative path inside the repository, with `/`.
    Path,
    /// A [`Kind::Path`] in which `*`, `?` and `**` are wildcards.
    Glob,
    /// A path as a URL has it, from `/`.
    UrlPath,
    /// A size such as `"150 MB"`.
    Size,
    /// A [`Kind::Size`], or a percentage such as `"5 %"`.
    SizeOrShare,
    /// A TCP port, 1 to 65535.
    Port,
    /// A whole number from 1 on.
    Count,
    /// A whole number from 1 to 100.
    Percent,
    /// What a process ends with: 0 to 255.
    ExitCode,
    /// A JSON pointer (RFC 6901) to a part of a JSON text: empty, or `/` before each step.
    Pointer,
    /// `os/architecture[/variant]`.
    Platform,
    /// A date such as `2027-06-30`.
    Date,
    /// A time span such as `"24 hours"`.
    Period,
    /// A whole number from 0 on.
    CountFromZero,
    /// `sha256:…`.
    Digest,
    /// Tags, with `*` and `?`, or a regular expression between slashes.
    TagPattern,
    /// `true` or `false`.
    Switch,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A text, whole number or switch, which becomes a text.
    Scalar,
    /// A list of values that differ from each other.
    List(&'static Kind),
    /// A table with these keys.
    Table(&'static [Key]),
    /// `[[name]]`: any number of tables with these keys.
    Tables(&'static [Key]),
    /// `[name]`, or `[[name]]` for several.
    OneOrMore(&'static [Key]),
    /// A table whose keys are up to the user: what a key is called in messages, what a key may be, what a value is.
    Map(&'static str, &'static Kind, &'static Kind),
    /// A table that is handed on as it is.
    Opaque,
    /// Any value that JSON has, too, handed on as it is.
    Json,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) presence: Presence,
    /// One or more sentences for the reference page and the schema.
    pub(crate) doc: &'static str,
}

/// What holds where the key is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It must be written.
    Required,
    /// It may be left out, and then there is none.
    Optional,
    /// It may be left out, and then this TOML value holds.
    Default(&'static str),
}

/// One row of the table.
pub(crate) const fn key(
    name: &'static str,
    kind: Kind,
    presence: Presence,
    doc: &'static str,
) -> Key {
    Key {
        name,
        kind,
        presence,
        doc,
    }
}
