//! Every key of a scorecard's file, once, as the manifest's.

use super::goal::Comparison;
use super::reading::Take;
use crate::project::manifest::Presence::{Default, Optional, Required};
use crate::project::manifest::{Key, Kind, key};

use super::card::Unit;

/// The keys at the top.
pub(crate) const FILE: &[Key] = &[
    key(
        "schema_version",
        Kind::Version,
        Required,
        "The version of this file's language.",
    ),
    key("title", Kind::Text, Required, "What the page is about."),
    key(
        "commands",
        Kind::Tables(COMMAND),
        Optional,
        "What is run to measure; each once, however many rows use it.",
    ),
    key(
        "groups",
        Kind::Tables(GROUP),
        Required,
        "The rows, under their headings.",
    ),
];

const COMMAND: &[Key] = &[
    key("name", Kind::Name, Required, "What evidence calls it."),
    key(
        "xtask",
        Kind::Text,
        Optional,
        "A command of this tool: what stands behind `cargo xtask`.",
    ),
    key("cargo", Kind::Text, Optional, "What stands behind `cargo`."),
    key(
        "program",
        Kind::Text,
        Optional,
        "A program with its arguments. Quotes keep words together; no shell reads them.",
    ),
    key(
        "limit",
        Kind::Period,
        Default("\"10 minutes\""),
        "How long it may take before it is ended.",
    ),
    key(
        "after",
        Kind::List(&Kind::Name),
        Default("[]"),
        "Commands that must be run before it, whether or not a row needs them.",
    ),
    key(
        "fails_with",
        Kind::List(&Kind::ExitCode),
        Optional,
        "Exit codes that say that something does not hold. Unset: 1 and 4 of this tool, 101 of cargo, 1 of a program. What \
         is neither 0 nor one of them shows nothing.",
    ),
];

const GROUP: &[Key] = &[
    key("name", Kind::Text, Required, "The heading."),
    key("rows", Kind::Tables(ROW), Required, "The goals below it."),
];

const ROW: &[Key] = &[
    key(
        "id",
        Kind::Name,
        Required,
        "What files and command lines call it.",
    ),
    key(
        "text",
        Kind::Text,
        Required,
        "The goal as the specification words it.",
    ),
    key(
        "source",
        Kind::Text,
        Required,
        "Where the specification says so.",
    ),
    key(
        "goal",
        Kind::Text,
        Required,
        "What has to be seen for it to hold.",
    ),
    key(
        "docs",
        Kind::List(&Kind::Path),
        Default("[]"),
        "Pages that tell more.",
    ),
    key(
        "evidence",
        Kind::Tables(EVIDENCE),
        Required,
        "What shows whether it holds. Of several the worst counts.",
    ),
];

const EVIDENCE: &[Key] = &[
    key(
        "command",
        Kind::Name,
        Optional,
        "The command that shows it.",
    ),
    key(
        "proves",
        Kind::Text,
        Optional,
        "What is shown where the command exits with 0, or where its verdicts hold; with `value`, what the number is about. It \
         stands on the page.",
    ),
    key(
        "value",
        Kind::Pointer,
        Optional,
        "Where the number is in the JSON that the command prints: a JSON pointer in which `*` stands for every element.",
    ),
    key(
        "verdict",
        Kind::Pointer,
        Optional,
        "Where a word is that tells whether something holds, instead of a number.",
    ),
    key(
        "part",
        Kind::Pointer,
        Optional,
        "Where the name of each element is. Its `*` stand for the same as those of `value`.",
    ),
    key(
        "where",
        Kind::Map("<pointer>", &Kind::Pointer, &Kind::Json),
        Optional,
        "Only elements that have this value there, or one of a list.",
    ),
    key(
        "unless",
        Kind::Map("<pointer>", &Kind::Pointer, &Kind::Json),
        Optional,
        "Only elements that do not have this value there, nor one of a list.",
    ),
    key(
        "take",
        Kind::Choice(&Take::NAMES),
        Default("\"each\""),
        "Which number is held to the goal. `each`: all of them.",
    ),
    key(
        "unit",
        Kind::Choice(&Unit::NAMES),
        Optional,
        "What the number counts.",
    ),
    key(
        Comparison::AtMost.key(),
        Kind::Text,
        Optional,
        "The goal, in its unit.",
    ),
    key(
        Comparison::AtLeast.key(),
        Kind::Text,
        Optional,
        "The goal, in its unit.",
    ),
    key(
        Comparison::Below.key(),
        Kind::Text,
        Optional,
        "The goal, in its unit.",
    ),
    key(
        Comparison::Above.key(),
        Kind::Text,
        Optional,
        "The goal, in its unit.",
    ),
    key(
        Comparison::Equals.key(),
        Kind::Text,
        Optional,
        "The goal, in its unit.",
    ),
    key(
        "limit",
        Kind::Pointer,
        Optional,
        "Where an element's own limit is. One that has none is held to the goal; one that needs it is told.",
    ),
    key("reason", Kind::Pointer, Optional, "Where it is told why."),
    key(
        "pass",
        Kind::List(&Kind::Text),
        Optional,
        "Words that mean that it holds.",
    ),
    key(
        "fail",
        Kind::List(&Kind::Text),
        Optional,
        "Words that mean that it does not.",
    ),
    key(
        "skip",
        Kind::List(&Kind::Text),
        Optional,
        "Words that mean that it does not apply.",
    ),
    key(
        "document",
        Kind::Path,
        Optional,
        "A page that describes it. It shows nothing by itself.",
    ),
    key("says", Kind::Text, Optional, "What the page says."),
    key(
        "not_measured",
        Kind::Text,
        Optional,
        "Why nobody can measure it here.",
    ),
    key("needs", Kind::Text, Optional, "What it would need."),
];
