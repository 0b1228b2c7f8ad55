//! A kustomization whose `images` say by which digest each image is run
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::source::{Source, Span, line_end, line_start};
use crate::yaml::{Node, Value, parse};

/// The file with these digests, by the images' full names; all else in it stays as it is. Without a file, a component
/// that says nothing else.
///
/// # Errors
/// What is there is no kustomization, or names an image in a way that a digest cannot be put into.
pub fn with_digests(there: Option<&Source>, digests: &BTreeMap<String, String>) -> Result<String> {
    let Some(source) = there.filter(|source| !source.text().trim().is_empty()) else {
        let mut text =
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n".to_owned();
        for (name, digest) in digests {
            text.push_str(&item("  ", name, digest));
        }
        return Ok(text);
    };
    let root = parse(source).map_err(|error| {
        Error::usage("the file is no YAML")
            .because(error.message)
            .at(source.location(error.span))
    })?;
    let kind = root.get("kind").and_then(Node::as_str);
    if !matches!(kind, Some("Kustomization" | "Component")) {
        return Err(Error::usage("the file is no kustomization")
            .because("its `kind` is neither Kustomization nor Component")
            .at(source.location(root.get("kind").map_or(root.span, |node| node.span))));
    }
    let mut edits: Vec<(Span, String)> = Vec::new();
    let mut added = String::new();
    let images = root.entry("images");
    let indent = images.map_or("  ".to_owned(), |entry| indent_of(source, &entry.value));
    for (name, digest) in digests {
        let items = images.map_or(&[][..], |entry| entry.value.items());
        let same = |item: &&Node| item.get("name").and_then(Node::as_str) == Some(name);
        match items.iter().find(same) {
            Some(item) => edits.push(edit(source, item, name, digest)?),
            None => added.push_str(&self::item(&indent, name, digest)),
        }
    }
    if !added.is_empty() {
        edits.push(appended(
            source,
            images.map(|entry| (&entry.key, &entry.value)),
            added,
        )?);
    }
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = source.text().to_owned();
    for (span, replacement) in edits {
        text.replace_range(span.start..span.end, &replacement);
    }
    Ok(text)
}

fn item(indent: &str, name: &str, digest: &str) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}- name: {name}");
    let _ = writeln!(text, "{indent}  digest: {digest}");
    text
}

/// The digest of one that is listed: exchanged, or put in the place of its tag.
fn edit(source: &Source, item: &Node, name: &str, digest: &str) -> Result<(Span, String)> {
    if let Some(node) = item.get("digest") {
        return Ok((node.span, digest.to_owned()));
    }
    if let Some(entry) = item.entry("newTag") {
        let span = Span::new(entry.key.span.start, entry.value.span.end);
        return Ok((span, format!("digest: {digest}")));
    }
    Err(Error::usage(format!(
        "{name} is listed without a digest and without a tag"
    ))
    .help("add `digest:` to it")
    .at(source.location(item.span)))
}

/// Further items at the end of the list.
fn appended(
    source: &Source,
    images: Option<(&Node, &Node)>,
    added: String,
) -> Result<(Span, String)> {
    let text = source.text();
    let Some((key, value)) = images else {
        let end = text.len();
        let line_break = if text.ends_with('\n') { "" } else { "\n" };
        return Ok((Span::new(end, end), format!("{line_break}images:\n{added}")));
    };
    if value.items().is_empty() {
        let is_nothing = value.is_null() || matches!(value.value, Value::Sequence(_));
        if !is_nothing {
            return Err(Error::usage("`images` must be a list").at(source.location(value.span)));
        }
        // `images: []` becomes a list below its key.
        let from = key.span.end;
        let until = value.span.end.max(from);
        let rest = line_end(text, until);
        let comment = text.get(until..rest).unwrap_or_default().trim_end();
        return Ok((
            Span::new(from, rest),
            format!(":{comment}\n{}", added.trim_end_matches('\n')),
        ));
    }
    if text
        .get(value.span.start..)
        .is_some_and(|text| text.starts_with('['))
    {
        return Err(Error::usage("`images` is written in brackets")
            .help("write one item below the other, so that a digest can be added")
            .at(source.location(value.span)));
    }
    let end = line_end(text, value.span.end);
    Ok((
        Span::new(end, end),
        format!("\n{}", added.trim_end_matches('\n')),
    ))
}

/// What stands before the dash of the first item.
fn indent_of(source: &Source, images: &Node) -> String {
    let Some(first) = images.items().first() else {
        return "  ".to_owned();
    };
    let text = source.text();
    let start = line_start(text, first.span.start);
    let before = text.get(start..first.span.start).unwrap_or_default();
    before.chars().take_while(|c| *c == ' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests() -> BTreeMap<String, String> {
        BTreeMap::from([
            ("ghcr.io/acme/api".to_owned(), "sha256:aa".to_owned()),
            ("ghcr.io/acme/web".to_owned(), "sha256:bb".to_owned()),
        ])
    }

    fn written(text: &str) -> String {
        with_digests(Some(&Source::new("k.yaml", text)), &digests()).unwrap()
    }

    #[test]
    fn a_file_that_is_not_there_is_a_component() {
        insta::assert_snapshot!(with_digests(None, &digests()).unwrap(), @r"
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        images:
          - name: ghcr.io/acme/api
            digest: sha256:aa
          - name: ghcr.io/acme/web
            digest: sha256:bb
        ");
    }

    #[test]
    fn digests_are_exchanged_where_they_stand() {
        insta::assert_snapshot!(written("# kept\nkind: Kustomization\nimages:\n- name: ghcr.io/acme/web\n  digest: \"sha256:00\" # last\n- name: other\n  newTag: v1\nreplicas: []\n"), @r"
        # kept
        kind: Kustomization
        images:
        - name: ghcr.io/acme/web
          digest: sha256:bb # last
        - name: other
          newTag: v1
        - name: ghcr.io/acme/api
          digest: sha256:aa
        replicas: []
        ");
        insta::assert_snapshot!(written("kind: Component\nimages:\n    - name: ghcr.io/acme/web\n      newTag: v1\n    - digest: sha256:00\n      name: ghcr.io/acme/api"), @r"
        kind: Component
        images:
            - name: ghcr.io/acme/web
              digest: sha256:bb
            - digest: sha256:aa
              name: ghcr.io/acme/api
        ");
    }

    #[test]
    fn a_list_is_begun_where_there_is_none() {
        let expected = "kind: Component\nimages:\n  - name: ghcr.io/acme/api\n    digest: sha256:aa\n  - name: ghcr.io/acme/web\n    digest: sha256:bb\n";
        for text in [
            "kind: Component\nimages: []\n",
            "kind: Component\nimages:\n",
            "kind: Component\n",
            "kind: Component",
        ] {
            assert_eq!(written(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_meant() {
        for text in [
            "kind: Component\nimages: [] # none yet\nreplicas: []\n",
            "kind: Component\nimages:\n  - name: ghcr.io/acme/api\n    digest: sha256:00\n\n# end\n",
        ] {
            let written = written(text);
            let source = Source::new("k.yaml", written.clone());
            let root = parse(&source).unwrap_or_else(|error| panic!("{error:?}: {written}"));
            let images = root.get("images").unwrap().items();
            assert_eq!(images.len(), 2, "{written}");
            assert_eq!(with_digests(Some(&source), &digests()).unwrap(), written);
        }
    }

    #[test]
    fn what_cannot_be_edited_is_told_with_its_place() {
        for (text, expected) in [
            (
                "kind: Deployment\n",
                "k.yaml:1:7: the file is no kustomization",
            ),
            ("images: [\n", "no YAML"),
            (
                "kind: Component\nimages: x\n",
                "k.yaml:2:9: `images` must be a list",
            ),
            (
                "kind: Component\nimages: [{name: a, digest: b}]\n",
                "in brackets",
            ),
            (
                "kind: Component\nimages:\n  - name: ghcr.io/acme/api\n",
                "without a digest",
            ),
        ] {
            let error = with_digests(Some(&Source::new("k.yaml", text)), &digests()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
