use crate::date::Date;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image that was made more than 90 days ago. Times before the year 2000 are those of reproducible builds, and say nothing.
    ///
    /// ## Why it is bad
    /// Fixes of the base image and of its packages are not in it, whether somebody knows of a flaw or not.
    ///
    /// ## Example
    /// ```text image
    /// CREATED 2020-01-01T00:00:00Z
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// CREATED 2024-05-30T00:00:00Z
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 4.4
    pub(super) static RULE = Rule {
        code: "DX5602",
        name: "old-image",
        aliases: &["CIS-DI-0004"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "the image was made long ago",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let subject = image.subject;
    let created = subject.config.created.as_deref();
    let Some((today, created)) = subject.today.zip(created.and_then(day)) else {
        return;
    };
    let age = today.unix_days() - created.unix_days();
    if created.year >= 2000 && age > i64::from(subject.oldest_days) {
        findings
            .setting(&[], format!("the image was made {age} days ago"))
            .help(format!(
                "build it anew, on a newer base, at least every {} days",
                subject.oldest_days
            ))
            .property("days", age);
    }
}

/// The day of an RFC 3339 time, as it is written there.
fn day(time: &str) -> Option<Date> {
    time.get(..10)?.parse().ok()
}
