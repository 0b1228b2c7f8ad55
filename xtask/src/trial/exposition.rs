//! Prometheus' text format, version 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>).
//!
//! Beyond its grammar, what a scrape would reject or silently mangle is a mistake, too: the same series twice, a family
//! in two places, a histogram without its `+Inf` bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The upper limit of a bucket, and how many are below it.
type Bucket = (f64, f64);

/// What a document has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// By name, as in the document.
    pub families: BTreeMap<String, Family>,
}

/// All samples of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Family {
    /// What `# TYPE` says.
    pub kind: Kind,
    /// Whether `# HELP` says something.
    pub has_help: bool,
    /// In the order of the document.
    pub samples: Vec<Sample>,
}

/// What a family measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// It does not say.
    #[default]
    Untyped,
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts in buckets.
    Histogram,
    /// Quantiles.
    Summary,
}

/// One value of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// With the suffix of a histogram or summary.
    pub name: String,
    /// Sorted by name.
    pub labels: BTreeMap<String, String>,
    /// May be infinite or NaN.
    pub value: f64,
    /// In milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// What is wrong, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// In a clause.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Reads a document.
///
/// # Errors
/// The first mistake.
pub fn parse(text: &str) -> Result<Metrics, Mistake> {
    let mut reader = Reader::default();
    let mut rest = text;
    while !rest.is_empty() {
        reader.line += 1;
        let Some((line, after)) = rest.split_once('\n') else {
            return Err(reader.mistake("the last line has no line break"));
        };
        reader.read(line)?;
        rest = after;
    }
    reader.check_histograms()?;
    Ok(reader.metrics)
}

#[derive(Default)]
struct Reader {
    line: usize,
    metrics: Metrics,
    /// The family of the line before.
    current: String,
    /// Families with samples, and the line of the first.
    sampled: BTreeMap<String, usize>,
    typed: BTreeSet<String>,
    series: BTreeSet<(String, Vec<(String, String)>)>,
}

impl Reader {
    fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            line: self.line,
            message: message.into(),
        }
    }

    fn read(&mut self, line: &str) -> Result<(), Mistake> {
        let line = line.trim_matches([' ', '\t']);
        if line.is_empty() {
            return Ok(());
        }
        match line.strip_prefix('#') {
            Some(comment) => self.comment(comment),
            None => self.sample(line),
        }
    }

    fn comment(&mut self, comment: &str) -> Result<(), Mistake> {
        let mut words = comment.trim_start_matches(BLANKS).splitn(2, BLANKS);
        let keyword = words.next().unwrap_or_default();
        if keyword != "HELP" && keyword != "TYPE" {
            return Ok(());
        }
        let rest = words.next().unwrap_or_default().trim_start_matches(BLANKS);
        let (name, said) = rest.split_once(BLANKS).unwrap_or((rest, ""));
        if !is_metric_name(name) {
            return Err(self.mistake(format!("`{name}` is no name of a metric")));
        }
        if keyword == "HELP" {
            if self
                .metrics
                .families
                .get(name)
                .is_some_and(|family| family.has_help)
            {
                return Err(self.mistake(format!("a second HELP for {name}")));
            }
            self.family(name)?.has_help = true;
            return Ok(());
        }
        let kind = match said.trim_matches(BLANKS).to_ascii_lowercase().as_str() {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            "summary" => Kind::Summary,
            "untyped" => Kind::Untyped,
            other => return Err(self.mistake(format!("`{other}` is no type of a metric"))),
        };
        if !self.typed.insert(name.to_owned()) {
            return Err(self.mistake(format!("a second TYPE for {name}")));
        }
        if self.sampled.contains_key(name) {
            return Err(self.mistake(format!("the TYPE of {name} comes after its first value")));
        }
        self.family(name)?.kind = kind;
        Ok(())
    }

    /// The family, which the lines before it must not have left already.
    fn family(&mut self, name: &str) -> Result<&mut Family, Mistake> {
        if self.current != name {
            if self.metrics.families.contains_key(name) {
                return Err(self.mistake(format!("the lines of {name} are in two places")));
            }
            name.clone_into(&mut self.current);
        }
        Ok(self.metrics.families.entry(name.to_owned()).or_default())
    }

    fn sample(&mut self, line: &str) -> Result<(), Mistake> {
        let end = line.find(|c| !is_name_character(c)).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        if !is_metric_name(name) {
            return Err(self.mistake("a line starts with no name of a metric"));
        }
        let rest = rest.trim_start_matches(BLANKS);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(inside) => self.labels(inside)?,
            None => (BTreeMap::new(), rest),
        };
        let mut words = rest.split(BLANKS).filter(|word| !word.is_empty());
        let value = words
            .next()
            .ok_or_else(|| self.mistake(format!("{name} has no value")))?;
        let value = number(value).ok_or_else(|| self.mistake(format!("`{value}` is no number")))?;
        let timestamp =
            match words.next() {
                None => None,
                Some(word) => Some(word.parse().map_err(|_| {
                    self.mistake(format!("`{word}` is no timestamp in milliseconds"))
                })?),
            };
        if let Some(word) = words.next() {
            return Err(self.mistake(format!("`{word}` is one word too many")));
        }
        for limit in ["le", "quantile"] {
            if let Some(value) = labels.get(limit)
                && self.is_part(name, limit)
                && number(value).is_none()
            {
                return Err(self.mistake(format!("`{limit}` must be a number, not \"{value}\"")));
            }
        }
        let key = (name.to_owned(), labels.clone().into_iter().collect());
        if !self.series.insert(key) {
            return Err(self.mistake(format!("{name} has the same labels twice")));
        }
        let family = self.family_of(name).to_owned();
        let line = self.line;
        self.sampled.entry(family.clone()).or_insert(line);
        self.family(&family)?.samples.push(Sample {
            name: name.to_owned(),
            labels,
            value,
            timestamp,
        });
        Ok(())
    }

    /// The name of the family that a sample belongs to: a histogram's or summary's without its suffix.
    fn family_of<'n>(&self, name: &'n str) -> &'n str {
        for (suffix, kinds) in [
            ("_bucket", &[Kind::Histogram][..]),
            ("_sum", &[Kind::Histogram, Kind::Summary]),
            ("_count", &[Kind::Histogram, Kind::Summary]),
        ] {
            if let Some(family) = name.strip_suffix(suffix)
                && self
                    .metrics
                    .families
                    .get(family)
                    .is_some_and(|known| kinds.contains(&known.kind))
            {
                return family;
            }
        }
        name
    }

    fn is_part(&self, name: &str, label: &str) -> bool {
        let kind = self
            .metrics
            .families
            .get(self.family_of(name))
            .map(|family| family.kind);
        matches!(
            (label, kind),
            ("le", Some(Kind::Histogram)) | ("quantile", Some(Kind::Summary))
        )
    }

    /// The labels up to the closing brace, and what follows it.
    fn labels<'t>(&self, text: &'t str) -> Result<(BTreeMap<String, String>, &'t str), Mistake> {
        let mut labels = BTreeMap::new();
        let mut rest = text.trim_start_matches(BLANKS);
        loop {
            if let Some(after) = rest.strip_prefix('}') {
                return Ok((labels, after));
            }
            let end = rest
                .find(|c| !is_name_character(c) || c == ':')
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(self.mistake("a label has no name"));
            }
            if name == "__name__" {
                return Err(self.mistake("`__name__` is no label of one's own"));
            }
            let quoted = after
                .trim_start_matches(BLANKS)
                .strip_prefix('=')
                .and_then(|after| after.trim_start_matches(BLANKS).strip_prefix('"'));
            let quoted = quoted
                .ok_or_else(|| self.mistake(format!("the label {name} has no value in quotes")))?;
            let (value, after) = unquoted(quoted).ok_or_else(|| {
                self.mistake(format!(
                    "the value of the label {name} does not end, or has a wrong escape"
                ))
            })?;
            if labels.insert(name.to_owned(), value).is_some() {
                return Err(self.mistake(format!("the label {name} is there twice")));
            }
            rest = after.trim_start_matches(BLANKS);
            rest = match rest.strip_prefix(',') {
                Some(after) => after.trim_start_matches(BLANKS),
                None if rest.starts_with('}') => rest,
                None => {
                    return Err(self.mistake(
                        "labels are not separated by commas, or their braces do not close",
                    ));
                }
            };
        }
    }

    /// Buckets are cumulative, and the last one is everything.
    fn check_histograms(&self) -> Result<(), Mistake> {
        for (name, family) in &self.metrics.families {
            if family.kind != Kind::Histogram {
                continue;
            }
            let mut buckets: BTreeMap<Vec<(&str, &str)>, Vec<Bucket>> = BTreeMap::new();
            for sample in family
                .samples
                .iter()
                .filter(|sample| sample.name.ends_with("_bucket"))
            {
                let limit = sample.labels.get("le").and_then(|limit| number(limit));
                let at = self.sampled.get(name).copied().unwrap_or_default();
                let Some(limit) = limit else {
                    return Err(Mistake {
                        line: at,
                        message: format!("a bucket of {name} has no `le`"),
                    });
                };
                let others = sample.labels.iter().filter(|(label, _)| *label != "le");
                let key = others
                    .map(|(label, value)| (label.as_str(), value.as_str()))
                    .collect();
                buckets.entry(key).or_default().push((limit, sample.value));
            }
            for mut series in buckets.into_values() {
                series.sort_by(|a, b| a.0.total_cmp(&b.0));
                let line = self.sampled.get(name).copied().unwrap_or_default();
                let ends = series
                    .last()
                    .is_some_and(|(limit, _)| *limit == f64::INFINITY);
                let grows = series.windows(2).all(|pair| pair[0].1 <= pair[1].1);
                if !ends {
                    return Err(Mistake {
                        line,
                        message: format!("{name} has no bucket with le=\"+Inf\""),
                    });
                }
                if !grows {
                    return Err(Mistake {
                        line,
                        message: format!("the buckets of {name} are not cumulative"),
                    });
                }
            }
        }
        Ok(())
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn is_metric_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(is_name_character)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The text up to the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                escaped @ ('\\' | '"') => value.push(escaped),
                _ => return None,
            },
            c => value.push(c),
        }
    }
    None
}

/// As Go's `ParseFloat` reads it, without hexadecimal digits and underscores.
fn number(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_signed_nan = value.is_nan() && text.len() > 3;
    // Too large for a double.
    let overflows = has_digit && value.is_infinite();
    (!is_signed_nan && !overflows).then_some(value)
}

#[cfg(test)]
#[path = "exposition/tests.rs"]
mod tests;
