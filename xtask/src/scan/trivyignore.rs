//! `.trivyignore` and `.trivyignore.yaml`: what Trivy is told to leave out.
//!
//! Trivy drops entries whose day has passed without a word, and never says that one is of no use; here both are told.
//! <https://trivy.dev/docs/latest/configuration/filtering/>

use super::exemption::{Exemption, Statement, Voice};
use super::purl::PackageUrl;
use crate::date::Date;
use crate::error::{Error, Result};
use crate::source::{Source, Span};
use crate::yaml::{self, Node};

/// Reads either of the two, which differ in the ending of their name.
///
/// # Errors
/// A day that is none, or YAML that is not what Trivy reads, with its place.
pub fn parse(source: &Source) -> Result<Vec<Exemption>> {
    let path = source.path();
    let is_yaml = path
        .extension()
        .is_some_and(|ending| matches!(ending, "yaml" | "yml"));
    if is_yaml {
        structured(source)
    } else {
        plain(source)
    }
}

fn exemption(source: &Source, span: Span, id: &str) -> Exemption {
    Exemption {
        ids: vec![id.to_owned()],
        statement: Statement::Accepted,
        voice: Voice::Trivy,
        location: source.location(span),
        package: None,
        purls: Vec::new(),
        paths: Vec::new(),
        images: Vec::new(),
        image_purls: Vec::new(),
        reason: None,
        owner: None,
        expires: None,
    }
}

fn day(source: &Source, span: Span, text: &str) -> Result<Date> {
    text.parse().map_err(|why: String| {
        Error::usage("the day of an entry cannot be read")
            .because(why)
            .at(source.location(span))
    })
}

/// A name on each line, with `exp:DAY` behind it where it ends, and comments from `#`.
fn plain(source: &Source) -> Result<Vec<Exemption>> {
    let text = source.text();
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let mut comment: Option<String> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let here = start;
        start += line.len();
        let (entry, remark) = match line.split_once('#') {
            Some((entry, remark)) => (entry, Some(remark.trim().to_owned())),
            None => (line, None),
        };
        let mut words = entry.split_whitespace();
        let Some(id) = words.next() else {
            // A comment on lines of its own is about what follows; a blank line ends that.
            comment = remark.filter(|remark| !remark.is_empty());
            continue;
        };
        let place = |word: &str| {
            let at = here + entry.find(word).unwrap_or_default();
            Span::new(at, at + word.len())
        };
        let mut one = exemption(source, place(id), id);
        one.reason = remark.or_else(|| comment.clone());
        for word in words {
            if let Some(text) = word.strip_prefix("exp:") {
                match day(source, place(word), text) {
                    Ok(day) => one.expires = Some(day),
                    Err(error) => errors.push(error),
                }
            }
        }
        found.push(one);
    }
    Error::all(errors)?;
    Ok(found)
}

fn structured(source: &Source) -> Result<Vec<Exemption>> {
    let wrong = |node: &Node, message: &str| {
        Error::usage(message)
            .help("it has lists of `id`, `paths`, `purls`, `expired_at` and `statement`")
            .at(source.location(node.span))
    };
    let root = yaml::parse(source).map_err(|error| {
        Error::usage(format!("the file is no YAML: {}", error.message))
            .at(source.location(error.span))
    })?;
    if root.is_null() {
        return Ok(Vec::new());
    }
    if root.entries().is_empty() {
        return Err(wrong(&root, "expected a mapping with `vulnerabilities`"));
    }
    let Some(list) = root.get("vulnerabilities").filter(|list| !list.is_null()) else {
        return Ok(Vec::new());
    };
    if list.items().is_empty() && list.as_str().is_some() {
        return Err(wrong(list, "`vulnerabilities` must be a list"));
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for item in list.items() {
        let Some(id) = item.get("id").filter(|id| id.text().is_some()) else {
            errors.push(wrong(item, "an entry has no `id`"));
            continue;
        };
        let mut one = exemption(source, id.span, id.text().unwrap_or_default());
        let texts = |key: &str| -> Vec<&Node> {
            item.get(key)
                .into_iter()
                .flat_map(Node::one_or_many)
                .collect()
        };
        one.paths = texts("paths")
            .into_iter()
            .filter_map(|path| Some(path.text()?.to_owned()))
            .collect();
        for purl in texts("purls") {
            match PackageUrl::parse(purl.text().unwrap_or_default()) {
                Some(purl) => one.purls.push(purl),
                None => errors.push(wrong(purl, "this is no package URL")),
            }
        }
        one.reason = item
            .get("statement")
            .and_then(|text| Some(text.text()?.to_owned()));
        if let Some(node) = item.get("expired_at").filter(|node| !node.is_null()) {
            // As a date or as a moment: the day decides.
            let text = node.text().unwrap_or_default();
            match day(source, node.span, text.get(..10).unwrap_or(text)) {
                Ok(day) => one.expires = Some(day),
                Err(error) => errors.push(error),
            }
        }
        found.push(one);
    }
    Error::all(errors)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, text: &str) -> Result<Vec<Exemption>> {
        parse(&Source::new(path, text))
    }

    #[test]
    fn lines_have_a_name_a_day_and_a_reason() {
        let text = "# accepted by security\nCVE-2027-1 exp:2027-06-30\n\n  GHSA-1  # not reachable\n#\nAVD-DS-0002\n";
        let found = read(".trivyignore", text).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| {
                let place = one.location.source.line_column(one.location.span.start);
                (
                    one.ids[0].as_str(),
                    one.expires.map(|day| day.to_string()),
                    one.reason.as_deref(),
                    place.line,
                    place.column,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    "CVE-2027-1",
                    Some("2027-06-30".to_owned()),
                    Some("accepted by security"),
                    2,
                    1
                ),
                ("GHSA-1", None, Some("not reachable"), 4, 3),
                ("AVD-DS-0002", None, None, 6, 1),
            ]
        );
        let error = read(".trivyignore", "CVE-1 exp:30.6.2027\n").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(".trivyignore:1:7: the day of an entry cannot be read"),
            "{error}"
        );
    }

    #[test]
    fn yaml_has_lists_of_entries() {
        let text = "vulnerabilities:\n  - id: CVE-2027-1\n    paths: [\"app/**\"]\n    purls:\n      - pkg:npm/braces@3.0.2\n    expired_at: 2027-06-30\n    statement: not reachable\n  - id: CVE-2027-2\nsecrets:\n  - id: aws\n";
        let found = read(".trivyignore.yaml", text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].paths, ["app/**"]);
        assert_eq!(found[0].purls[0].name, "braces");
        assert_eq!(found[0].expires.unwrap().to_string(), "2027-06-30");
        assert_eq!(found[1].expires, None);
        assert!(read("a.yaml", "").unwrap().is_empty());
        for (text, expected) in [
            (
                "vulnerabilities: 3\n",
                "a.yaml:1:18: `vulnerabilities` must be a list",
            ),
            ("- id: CVE-1\n", "expected a mapping"),
            (
                "vulnerabilities:\n  - paths: [a]\n",
                "a.yaml:2:5: an entry has no `id`",
            ),
            (
                "vulnerabilities:\n  - id: CVE-1\n    expired_at: soon\n",
                "a.yaml:3:17: the day of an entry cannot be read",
            ),
            (
                "vulnerabilities:\n  - id: CVE-1\n    purls: [braces]\n",
                "a.yaml:3:13: this is no package URL",
            ),
            ("a: [\n", "the file is no YAML"),
        ] {
            let error = read("a.yaml", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}\n{expected}");
        }
    }
}
