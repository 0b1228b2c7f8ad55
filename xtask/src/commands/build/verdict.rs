//! What `docker-build` says at the end: every image with its measures, and whether it meets its budget.

use std::fmt::Write as _;

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::project::budget::{self, Judgment};
use crate::report::table::{Alignment, Table};
use crate::size::Bytes;

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// The whole result.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Verdict {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Which stage of every service was built.
    pub stage: String,
    /// The engine that built.
    pub engine: EngineUsed,
    /// Whether the images stand on a stand-in for their base image: their sizes say nothing of the real one.
    pub stand_in: bool,
    /// Whether every image that has a budget is within it; `None` if one could not be measured.
    pub within_budget: Option<bool>,
    /// One entry per image: the base first, services by name.
    pub images: Vec<ImageVerdict>,
    /// Steps of all images, shared ones counted once.
    pub cache: CacheUse,
    /// From the start of the build to its end, without measuring.
    pub seconds: f64,
    /// Exceptions of the manifest that no longer hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expired_exceptions: Vec<String>,
    /// What is wrong, for the formats that know findings only.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// The engine that built.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EngineUsed {
    /// `system` or `private`.
    pub kind: &'static str,
    /// Of the server.
    pub version: String,
    /// `containerd` or `graph-driver`.
    pub store: &'static str,
}

/// How much of the build came from the cache.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct CacheUse {
    /// Steps of the Dockerfiles.
    pub steps: usize,
    /// Of those, the ones that were not run again.
    pub steps_cached: usize,
    /// The second by the first; 1 if there were none.
    pub hit_rate: f64,
}

/// One image for one platform.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ImageVerdict {
    /// The service, or the base.
    pub name: String,
    /// The target of the bake file.
    pub target: String,
    /// The Dockerfile, from the root.
    pub(super) dockerfile: String,
    /// The first tag.
    pub tag: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// The image's manifest digest (image ID on the graph-driver store); `None` if it was not kept anywhere.
    pub digest: Option<String>,
    /// Bytes of all regular files of all layers; `None` if not measured.
    pub unpacked_bytes: Option<u64>,
    /// Bytes of the compressed layers; `None` if not measured.
    pub compressed_bytes: Option<u64>,
    /// Whether `compressed_bytes` was computed here (gzip, level 6) instead of read off stored blobs.
    pub compressed_is_estimate: bool,
    /// The limit on `unpacked_bytes` that holds, exceptions included; `None` if there is none.
    pub budget_bytes: Option<u64>,
    /// The limit on `compressed_bytes` that holds; `None` if there is none.
    pub compressed_budget_bytes: Option<u64>,
    /// `None` if there is a budget and no measure.
    pub within_budget: Option<bool>,
    /// The reason of the exception the budget comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Steps of the Dockerfiles this image needs.
    pub steps: usize,
    /// Of those, the ones that were not run again.
    pub steps_cached: usize,
    /// From the first step of this target to its last; steps of several targets run at the same time.
    pub seconds: f64,
    /// Every measure, held against its limits.
    #[serde(rename = "measures")]
    pub judgments: Vec<Judgment>,
}

impl ImageVerdict {
    /// What is left of the unpacked budget; negative if it is broken.
    #[must_use]
    pub(super) fn headroom_bytes(&self) -> Option<i128> {
        Some(i128::from(self.budget_bytes?) - i128::from(self.unpacked_bytes?))
    }
}

impl Verdict {
    /// For people: the table, then one line that sums up.
    #[must_use]
    pub(super) fn terminal(&self) -> String {
        format!("\n{}\n{}\n", self.table().plain(), self.summary())
    }

    /// For a job summary or a comment.
    #[must_use]
    pub(super) fn markdown(&self) -> String {
        format!(
            "### Images\n\n{}\n{}\n",
            self.table().markdown(),
            self.summary()
        )
    }

    /// For programs.
    #[must_use]
    pub(super) fn json(&self) -> String {
        // Plain data with string keys cannot fail to serialize.
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .unwrap_or_default()
    }

    /// Whether nothing is wrong: budgets are kept to, and no exception has outlived itself.
    #[must_use]
    pub(super) fn is_clean(&self) -> bool {
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        self.within_budget == Some(true) && !self.findings.iter().any(is_error)
    }

    fn table(&self) -> Table {
        use Alignment::{Left, Right};
        let several_platforms = self
            .images
            .iter()
            .any(|image| image.platform != self.images[0].platform);
        let mut table = Table::new(&[
            ("IMAGE", Left),
            ("UNPACKED", Right),
            ("BUDGET", Right),
            ("HEADROOM", Right),
            ("COMPRESSED", Right),
            ("CACHED", Right),
            ("TIME", Right),
            ("DIGEST", Left),
            ("", Left),
        ]);
        for image in &self.images {
            table.row([
                if several_platforms {
                    format!("{} ({})", image.name, image.platform)
                } else {
                    image.name.clone()
                },
                size(image.unpacked_bytes),
                size(image.budget_bytes),
                headroom(image),
                if image.compressed_is_estimate && image.compressed_bytes.is_some() {
                    format!("~{}", size(image.compressed_bytes))
                } else {
                    size(image.compressed_bytes)
                },
                format!("{}/{}", image.steps_cached, image.steps),
                format!("{:.1} s", image.seconds),
                image
                    .digest
                    .as_deref()
                    .map(short_digest)
                    .unwrap_or_default(),
                mark(image),
            ]);
        }
        table
    }

    fn summary(&self) -> String {
        let count = self.images.len();
        let plural = if count == 1 { "image" } else { "images" };
        let over = self
            .images
            .iter()
            .filter(|i| i.within_budget == Some(false))
            .count();
        let unknown = self
            .images
            .iter()
            .filter(|i| i.within_budget.is_none())
            .count();
        let budgeted = self
            .images
            .iter()
            .any(|i| i.budget_bytes.is_some() || i.compressed_budget_bytes.is_some());
        let judgment = match (over, unknown) {
            (0, 0) if budgeted => "all within budget".to_owned(),
            (0, 0) => "no budgets to hold".to_owned(),
            (0, unknown) => format!("{unknown} not measured"),
            (over, 0) => format!("{over} over budget"),
            (over, unknown) => format!("{over} over budget, {unknown} not measured"),
        };
        let mut text = format!(
            "{count} {plural}, {judgment}; {} of {} steps cached ({:.0} %); built in {:.1} s",
            self.cache.steps_cached,
            self.cache.steps,
            self.cache.hit_rate * 100.0,
            self.seconds,
        );
        // Writing to a string cannot fail.
        for image in self.images.iter().filter(|image| image.exception.is_some()) {
            let why = image.exception.as_deref().unwrap_or_default();
            let _ = write!(text, "\nexception for {}: {why}", image.name);
        }
        for expired in &self.expired_exceptions {
            let _ = write!(text, "\nexpired: {expired}");
        }
        for finding in &self.findings {
            match finding.code.as_ref() {
                "B004" => {
                    let _ = write!(text, "\nwarning: {}", finding.message);
                }
                "B005" => {
                    let _ = write!(text, "\nunused: {}", finding.message);
                }
                _ => {}
            }
        }
        if self.stand_in {
            text.push_str("\nbuilt on a stand-in for the base image: sizes on the real one differ, and --push is refused");
        }
        text
    }
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| Bytes(bytes).to_string())
}

fn headroom(image: &ImageVerdict) -> String {
    image.headroom_bytes().map_or_else(
        || "-".to_owned(),
        |bytes| {
            let size = Bytes(u64::try_from(bytes.unsigned_abs()).unwrap_or(u64::MAX));
            if bytes < 0 {
                format!("-{size}")
            } else {
                size.to_string()
            }
        },
    )
}

fn mark(image: &ImageVerdict) -> String {
    let is_above_soft = |one: &Judgment| one.verdict == budget::Verdict::AboveSoft;
    match (image.within_budget, image.exception.is_some()) {
        (Some(false), _) => "over budget",
        (None, _) => "not measured",
        (Some(true), _) if image.judgments.iter().any(is_above_soft) => "above soft limit",
        (Some(true), true) => "exception",
        (Some(true), false) => "",
    }
    .to_owned()
}

/// `sha256:` and twelve digits, as Docker shows it.
pub(in crate::commands) fn short_digest(digest: &str) -> String {
    let (algorithm, hex) = digest.split_once(':').unwrap_or(("", digest));
    let short: String = hex.chars().take(12).collect();
    if algorithm.is_empty() {
        short
    } else {
        format!("{algorithm}:{short}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::budget::{Judged, Measures, findings, judge};
    use crate::project::manifest::Manifest;
    use crate::source::Source;

    /// 150 MB, a soft limit of 149.5 MB, and an exception for `e` that ends with 2027.
    fn manifest() -> Manifest {
        let text = "schema_version = 1\nproject.name = 'shop'\n[budget]\nunpacked = '150 MB'\n\
                    soft.unpacked = '149.5 MB'\n[[budget.exceptions]]\nimage = 'e'\nmeasure = 'unpacked'\n\
                    limit = '190 MB'\nreason = 'a catalog'\nexpires = 2027-12-31\n";
        Manifest::parse(&Source::new("docker/docker.toml", text)).unwrap()
    }

    fn image(name: &str, unpacked: Option<u64>) -> ImageVerdict {
        let measures = Measures::of_build(unpacked.map(|u| (Bytes(u), Bytes(u / 3))));
        let today = "2027-01-01".parse().unwrap();
        let judgments = judge(name, &measures, &manifest().budget, today);
        ImageVerdict {
            name: name.to_owned(),
            target: name.to_owned(),
            dockerfile: format!("apps/{name}/Dockerfile"),
            tag: format!("reg/{name}:dev"),
            platform: "linux/amd64".to_owned(),
            digest: Some("sha256:0123456789abcdef0123".to_owned()),
            unpacked_bytes: unpacked,
            compressed_bytes: unpacked.map(|u| u / 3),
            compressed_is_estimate: name == "b",
            budget_bytes: judgments[0].hard_bytes,
            compressed_budget_bytes: None,
            within_budget: budget::is_within(&judgments),
            exception: judgments[0].exception.as_ref().map(|e| e.reason.clone()),
            steps: 7,
            steps_cached: 6,
            seconds: 1.25,
            judgments,
        }
    }

    fn verdict(images: Vec<ImageVerdict>) -> Verdict {
        let judged = images.iter().map(|image| Judged {
            image: &image.name,
            platform: &image.platform,
            dockerfile: Some(&image.dockerfile),
            is_stand_in: false,
            judgments: &image.judgments,
        });
        let judged: Vec<_> = judged.collect();
        let findings = findings(&manifest(), &judged, "2027-01-01".parse().unwrap());
        Verdict {
            schema_version: SCHEMA_VERSION,
            stage: "production".to_owned(),
            engine: EngineUsed {
                kind: "private",
                version: "28.5.2".to_owned(),
                store: "containerd",
            },
            stand_in: false,
            within_budget: images
                .iter()
                .all(|image| image.within_budget == Some(true))
                .then_some(true),
            images,
            cache: CacheUse {
                steps: 14,
                steps_cached: 12,
                hit_rate: 12.0 / 14.0,
            },
            seconds: 2.5,
            expired_exceptions: Vec::new(),
            findings,
        }
    }

    #[test]
    fn the_table_shows_what_is_over_and_what_is_unknown() {
        let verdict = verdict(vec![
            image("a", Some(149_499_000)),
            image("b", Some(150_000_001)),
            image("c", None),
            image("d", Some(149_999_000)),
            image("e", Some(160_000_000)),
        ]);
        insta::assert_snapshot!(verdict.terminal(), @r"
        IMAGE  UNPACKED    BUDGET  HEADROOM  COMPRESSED  CACHED   TIME  DIGEST
        a      149.5 MB  150.0 MB  501.0 kB     49.8 MB     6/7  1.2 s  sha256:0123456789ab
        b      150.0 MB  150.0 MB      -1 B    ~50.0 MB     6/7  1.2 s  sha256:0123456789ab  over budget
        c             -  150.0 MB         -           -     6/7  1.2 s  sha256:0123456789ab  not measured
        d      150.0 MB  150.0 MB    1.0 kB     50.0 MB     6/7  1.2 s  sha256:0123456789ab  above soft limit
        e      160.0 MB  190.0 MB   30.0 MB     53.3 MB     6/7  1.2 s  sha256:0123456789ab  exception

        5 images, 1 over budget, 1 not measured; 12 of 14 steps cached (86 %); built in 2.5 s
        exception for e: a catalog
        warning: d: 150.0 MB unpacked is above the soft limit of 149.5 MB by 499.0 kB; 1.0 kB are left of the budget
        ");
        let codes: Vec<_> = verdict.findings.iter().map(|f| &f.code).collect();
        assert_eq!(codes, ["B001", "B002", "B004"]);
        assert!(!verdict.is_clean());
    }

    #[test]
    fn a_warning_is_clean_and_an_exception_nobody_needs_is_not() {
        let warned = verdict(vec![image("d", Some(149_999_000))]);
        assert!(warned.is_clean());
        let needless = verdict(vec![image("e", Some(1))]);
        assert_eq!(needless.within_budget, Some(true));
        assert!(!needless.is_clean());
        insta::assert_snapshot!(needless.terminal());
    }

    #[test]
    fn the_json_has_the_documented_fields() {
        let verdict = verdict(vec![image("a", Some(1))]);
        let json: serde_json::Value = serde_json::from_str(&verdict.json()).unwrap();
        assert_eq!(json["schema_version"], 1);
        for field in [
            "name",
            "target",
            "tag",
            "platform",
            "digest",
            "unpacked_bytes",
            "compressed_bytes",
            "budget_bytes",
            "within_budget",
            "steps",
            "steps_cached",
            "seconds",
            "measures",
        ] {
            assert!(json["images"][0].get(field).is_some(), "{field}");
        }
    }
}
