//! The answer as a table and as data.

use std::fmt::Write as _;

use serde::Serialize;

use super::metadata::{Metadata, Named};
use crate::bake::TargetKind;
use crate::commands::json::json;
use crate::error::Result;
use crate::report::table::{Alignment, Table};
use crate::tags::Pairs;

/// The whole of `--format json`.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    schema_version: u32,
    /// GitHub's name of the event.
    event: &'a str,
    #[serde(rename = "ref")]
    reference: &'a str,
    commit: &'a str,
    /// Whether what is built differs from the commit.
    dirty: bool,
    /// The version of all images; `null` where they have several, or none.
    pub(super) version: Option<&'a str>,
    pub(super) targets: Vec<TargetAnswer<'a>>,
    /// What rules could not do.
    notes: &'a [String],
}

#[derive(Serialize)]
pub(super) struct TargetAnswer<'a> {
    image: &'a str,
    /// The target of the bake file.
    pub(super) target: &'a str,
    pub(super) kind: TargetKind,
    version: Option<&'a str>,
    pub(super) tags: Vec<TagAnswer<'a>>,
    /// Names with tags.
    pub(super) references: &'a [String],
    pub(super) labels: &'a Pairs,
    pub(super) annotations: &'a [String],
}

#[derive(Serialize)]
pub(super) struct TagAnswer<'a> {
    pub(super) name: &'a str,
    /// The rules that made it.
    because: &'a [String],
}

impl<'a> Answer<'a> {
    pub(super) fn of(metadata: &'a Metadata) -> Self {
        let occasion = &metadata.occasion;
        Self {
            schema_version: 1,
            event: &occasion.event,
            reference: &occasion.reference,
            commit: &occasion.commit,
            dirty: occasion.is_dirty,
            version: metadata.version(),
            targets: metadata.targets.iter().map(TargetAnswer::of).collect(),
            notes: &metadata.notes,
        }
    }

    /// The images that run: what people and registries see.
    pub(super) fn production(&self) -> impl Iterator<Item = &TargetAnswer<'a>> {
        self.targets
            .iter()
            .filter(|target| target.kind == TargetKind::Production)
    }

    pub(super) fn json(&self) -> Result<String> {
        json(self)
    }

    pub(super) fn terminal(&self) -> String {
        self.text(Table::plain)
    }

    pub(super) fn markdown(&self) -> String {
        self.text(Table::markdown)
    }

    /// Images that have the same tags share their lines.
    fn text(&self, write: fn(&Table) -> String) -> String {
        let short = self.commit.get(..12).unwrap_or(self.commit);
        let dirty = if self.dirty { ", with changes" } else { "" };
        let mut text = format!("{} of {} at {short}{dirty}\n", self.event, self.reference);
        let mut groups: Vec<(Vec<&str>, &TargetAnswer<'_>)> = Vec::new();
        for target in self.production() {
            let same = groups
                .iter_mut()
                .find(|(_, first)| first.is_tagged_like(target));
            match same {
                Some((images, _)) => images.push(target.image),
                None => groups.push((vec![target.image], target)),
            }
        }
        for (images, target) in &groups {
            // Writing to a string does not fail.
            let _ = writeln!(text, "\n{}", images.join(", "));
            if target.tags.is_empty() {
                text.push_str("no tag\n");
                continue;
            }
            let mut table = Table::new(&[("tag", Alignment::Left), ("by", Alignment::Left)]);
            for tag in &target.tags {
                table.row([tag.name.to_owned(), tag.because.join("; ")]);
            }
            text.push_str(&write(&table));
        }
        text
    }
}

impl<'a> TargetAnswer<'a> {
    fn of(named: &'a Named) -> Self {
        Self {
            image: &named.image,
            target: &named.metadata.target,
            kind: named.kind,
            version: named.generated.version.as_deref(),
            tags: named
                .generated
                .tags
                .iter()
                .map(|tag| TagAnswer {
                    name: &tag.name,
                    because: &tag.because,
                })
                .collect(),
            references: &named.metadata.references,
            labels: &named.metadata.labels,
            annotations: &named.metadata.annotations,
        }
    }

    fn is_tagged_like(&self, other: &Self) -> bool {
        let names = |target: &Self| {
            target
                .tags
                .iter()
                .map(|tag| tag.name.to_owned())
                .collect::<Vec<_>>()
        };
        names(self) == names(other)
    }
}
