//! All images in one table, as HTML that needs no script.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::escape::{fragment, html};
use super::{BudgetLine, Page, Verdict};
use crate::image::analysis::{Analysis, LayerReport, Sizes};
use crate::size::Bytes;

/// What the bars of all images are drawn to.
struct Scale {
    bytes: u64,
}

impl Scale {
    fn of(page: &Page<'_>) -> Self {
        let limits = page
            .analyses
            .iter()
            .filter_map(|analysis| line(page, analysis, "unpacked"))
            .map(|line| line.limit);
        let sizes = page.analyses.iter().map(|a| a.sizes.unpacked_bytes);
        let largest = limits.chain(sizes).max().unwrap_or_default().max(1);
        Self {
            // Room for the mark of the largest limit.
            bytes: largest.saturating_add(largest / 50),
        }
    }

    /// In percent of the width.
    fn percent(&self, bytes: u64) -> f64 {
        (bytes as f64 / self.bytes as f64 * 100.0).min(100.0)
    }
}

fn line<'a>(page: &Page<'a>, analysis: &Analysis, measure: &str) -> Option<&'a BudgetLine> {
    let lines = page.budgets.get(&analysis.name)?;
    lines.iter().find(|line| line.measure == measure)
}

/// The worst of an image's budget lines; `None` if it has none.
fn verdict(page: &Page<'_>, analysis: &Analysis) -> Option<Verdict> {
    let lines = page.budgets.get(&analysis.name)?;
    lines.iter().map(BudgetLine::verdict).max()
}

pub(super) fn section(page: &Page<'_>, keys: &[String]) -> String {
    let scale = Scale::of(page);
    let rows: String = page
        .analyses
        .iter()
        .zip(keys)
        .map(|(analysis, key)| row(page, analysis, key, &scale))
        .collect();
    format!(
        "<section id=\"overview\" aria-labelledby=\"overview-title\">
<h2 id=\"overview-title\" tabindex=\"-1\">All images</h2>
{summary}
<div class=\"card\">
<table class=\"data overview\" role=\"table\">
<caption class=\"unseen\">Sizes of all images</caption>
<thead role=\"rowgroup\"><tr role=\"row\">\
<th scope=\"col\" role=\"columnheader\">Image</th>\
<th scope=\"col\" role=\"columnheader\">Composition</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Unpacked</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Budget</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Compressed</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Base</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Own</th>\
<th scope=\"col\" role=\"columnheader\" class=\"num\">Hidden</th>\
</tr></thead>
<tbody role=\"rowgroup\">
{rows}</tbody>
</table>
<ul class=\"legend\" aria-label=\"Legend\">{legend}</ul>
</div>
</section>",
        summary = summary(page),
        legend = legend(page),
    )
}

/// What the bars' colors and marks mean, of those that occur.
fn legend(page: &Page<'_>) -> String {
    let images = page.analyses;
    let lines = || images.iter().filter_map(|a| line(page, a, "unpacked"));
    let occurs = [
        (
            "base",
            "from the base image",
            images.iter().any(|a| a.sizes.base_bytes.is_some()),
        ),
        (
            "own",
            "own layers",
            images.iter().any(|a| a.sizes.base_bytes.is_some()),
        ),
        (
            "plain",
            "base and own not told apart",
            images.iter().any(|a| a.sizes.base_bytes.is_none()),
        ),
        (
            "hidden",
            "hidden by later layers",
            images.iter().any(|a| a.sizes.hidden_bytes != Some(0)),
        ),
        ("packed", "compressed", true),
        ("limit", "budget", lines().next().is_some()),
        (
            "soft",
            "warning",
            lines().any(|line| line.soft_limit.is_some()),
        ),
    ];
    let mut items = String::new();
    for (class, meaning, occurs) in occurs {
        if occurs {
            // Writing to a string does not fail.
            let _ = write!(
                items,
                "<li><span class=\"swatch {class}\"></span>{meaning}</li>"
            );
        }
    }
    items
}

/// A few numbers about all images together.
fn summary(page: &Page<'_>) -> String {
    let mut layers: HashMap<&str, &LayerReport> = HashMap::new();
    for layer in page.analyses.iter().flat_map(|a| &a.layers) {
        let known = layers.entry(&layer.diff_id).or_insert(layer);
        // An image may hide more of a shared layer than another: what all of them hide is of use to none.
        if layer.hidden_bytes < known.hidden_bytes {
            *known = layer;
        }
    }
    let of = |bytes: fn(&LayerReport) -> u64| layers.values().map(|layer| bytes(layer)).sum();
    let disk: u64 = of(|layer| layer.unpacked_bytes);
    let pull: u64 = of(|layer| layer.compressed_bytes);
    let all_known = page.analyses.iter().all(|a| a.sizes.hidden_bytes.is_some());
    let hidden = all_known.then(|| of(|layer| layer.hidden_bytes));
    let over = page
        .analyses
        .iter()
        .filter(|analysis| verdict(page, analysis) == Some(Verdict::Over))
        .count();
    let count = page.analyses.len();
    let judged = page.analyses.iter().any(|a| verdict(page, a).is_some());
    let fact = |value: &str, name: &str, class: &str| {
        format!("<li{class}><strong>{value}</strong><span>{name}</span></li>")
    };
    let mut facts = fact(
        &count.to_string(),
        if count == 1 { "image" } else { "images" },
        "",
    );
    facts += &fact(
        &Bytes(disk).to_string(),
        "on one disk, shared layers once",
        "",
    );
    facts += &fact(&Bytes(pull).to_string(), "to pull all of them", "");
    facts += &fact(
        &known(hidden),
        "of that on disk hidden",
        if hidden.is_some_and(|bytes| bytes > 0) {
            " class=\"warn\""
        } else {
            ""
        },
    );
    if judged && over == 0 {
        facts += &fact("✓", "all within budget", " class=\"good\"");
    } else if judged {
        facts += &fact(&over.to_string(), "over budget", " class=\"bad\"");
    }
    format!("<ul class=\"facts\" aria-label=\"Together\">{facts}</ul>")
}

fn row(page: &Page<'_>, analysis: &Analysis, key: &str, scale: &Scale) -> String {
    let sizes = &analysis.sizes;
    let budget = line(page, analysis, "unpacked");
    let estimate = if sizes.compressed_is_estimate {
        "<abbr title=\"estimate: gzip at level 6\">≈</abbr> "
    } else {
        ""
    };
    let cell = |label: &str, content: &str| {
        let class = if label == "Budget" {
            "num budget"
        } else {
            "num"
        };
        format!("<td role=\"cell\" class=\"{class}\" data-label=\"{label}\">{content}</td>")
    };
    format!(
        "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><a href=\"#{link}\">{name}</a>\
<span class=\"sub\">{platform}</span></th>\
<td role=\"cell\" class=\"drawn\" data-label=\"Composition\">{bar}</td>{unpacked}{headroom}{compressed}{base}{own}{hidden}</tr>\n",
        link = fragment(key),
        name = html(key),
        platform = html(&analysis.platform),
        bar = bar(sizes, parts(analysis), budget, scale),
        unpacked = cell("Unpacked", &Bytes(sizes.unpacked_bytes).to_string()),
        headroom = cell("Budget", &headroom(page, analysis)),
        compressed = cell(
            "Compressed",
            &format!("{estimate}{}", Bytes(sizes.compressed_bytes))
        ),
        base = cell("Base", &known(sizes.base_bytes)),
        own = cell("Own", &known(sizes.own_bytes)),
        hidden = cell("Hidden", &known(sizes.hidden_bytes)),
    )
}

fn known(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "<span class=\"sub\">unknown</span>".to_owned(),
        |bytes| Bytes(bytes).to_string(),
    )
}

/// How far the tightest of an image's measures is from its limit.
fn headroom(page: &Page<'_>, analysis: &Analysis) -> String {
    let lines = page.budgets.get(&analysis.name).into_iter().flatten();
    let Some(line) = lines.max_by(|a, b| {
        let used = |line: &BudgetLine| line.bytes as f64 / line.limit.max(1) as f64;
        used(a).total_cmp(&used(b))
    }) else {
        return "<span class=\"sub\">none</span>".to_owned();
    };
    let left = Bytes(line.limit.abs_diff(line.bytes));
    let (class, text) = match line.verdict() {
        Verdict::Within => ("good", format!("✓ {left} left")),
        Verdict::Near => ("warn", format!("! {left} left")),
        Verdict::Over => ("bad", format!("✗ {left} over")),
    };
    format!(
        "<span class=\"verdict {class}\">{text}</span><span class=\"sub\">of {limit} {measure}</span>",
        limit = Bytes(line.limit),
        measure = html(&line.measure),
    )
}

/// What the unpacked bytes consist of, with the class each part is drawn in.
fn parts(analysis: &Analysis) -> Vec<(&'static str, &'static str, u64)> {
    let of = |is_base: bool| -> u64 {
        let layers = analysis.layers.iter();
        layers
            .filter(|layer| layer.origin.is_base == Some(is_base))
            .map(|layer| layer.unpacked_bytes.saturating_sub(layer.hidden_bytes))
            .sum()
    };
    let sizes = &analysis.sizes;
    let hidden = sizes.hidden_bytes.unwrap_or_default();
    let told_apart = sizes.base_bytes.is_some();
    let mut parts = if told_apart {
        vec![
            ("base", "from the base", of(true)),
            ("own", "own", of(false)),
        ]
    } else {
        vec![(
            "plain",
            "visible",
            sizes.unpacked_bytes.saturating_sub(hidden),
        )]
    };
    parts.push(("hidden", "hidden", hidden));
    parts.retain(|(_, _, bytes)| *bytes > 0);
    parts
}

fn bar(
    sizes: &Sizes,
    parts: Vec<(&'static str, &'static str, u64)>,
    budget: Option<&BudgetLine>,
    scale: &Scale,
) -> String {
    let mut drawn = String::new();
    let mut words = Vec::new();
    let mut from = 0;
    for (class, word, bytes) in parts {
        let _ = write!(
            drawn,
            "<rect class=\"{class}\" x=\"{:.3}%\" y=\"3\" width=\"{:.3}%\" height=\"16\"></rect>",
            scale.percent(from),
            scale.percent(bytes),
        );
        words.push(format!("{} {word}", Bytes(bytes)));
        from = from.saturating_add(bytes);
    }
    let _ = write!(
        drawn,
        "<rect class=\"packed\" x=\"0\" y=\"22\" width=\"{:.3}%\" height=\"5\"></rect>",
        scale.percent(sizes.compressed_bytes),
    );
    words.push(format!("{} compressed", Bytes(sizes.compressed_bytes)));
    if let Some(budget) = budget {
        let mut mark = |class: &str, bytes: u64| {
            let x = scale.percent(bytes);
            let _ = write!(
                drawn,
                "<line class=\"{class}\" x1=\"{x:.3}%\" x2=\"{x:.3}%\" y1=\"0\" y2=\"22\"></line>"
            );
        };
        if let Some(soft) = budget.soft_limit {
            mark("soft", soft);
        }
        mark("limit", budget.limit);
        words.push(format!("budget {}", Bytes(budget.limit)));
    }
    format!(
        "<svg class=\"bar\" role=\"img\" aria-label=\"{}\" height=\"28\">{drawn}</svg>",
        words.join(", ")
    )
}
