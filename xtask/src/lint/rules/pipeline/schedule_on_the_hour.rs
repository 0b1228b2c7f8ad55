use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports a `cron` whose minute is 0, in a workflow that builds, scans or deletes images.
    ///
    /// ## Why it is bad
    /// GitHub starts scheduled runs late, or not at all, when many are due: at the start of every hour.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   schedule:
    ///     - cron: '0 2 * * 0'
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   schedule:
    ///     - cron: '23 2 * * 0'
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    /// ```
    ///
    /// ## References
    /// - <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule>
    pub(super) static RULE = Rule {
        code: "DW5004",
        name: "schedule-on-the-hour",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "a schedule starts when everybody else's does",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if !workflow.is_about_images() {
            continue;
        }
        let schedules = workflow.event("schedule").map_or(&[][..], Node::items);
        for cron in schedules.iter().filter_map(|schedule| schedule.get("cron")) {
            let minute = cron
                .as_str()
                .and_then(|text| text.split_whitespace().next());
            if minute.is_some_and(|minute| matches!(minute, "0" | "00")) {
                diagnostics
                    .report_in(
                        &workflow.source,
                        cron.content_span(),
                        "at the start of an hour, scheduled runs wait longest",
                    )
                    .help("choose another minute");
            }
        }
    }
}
