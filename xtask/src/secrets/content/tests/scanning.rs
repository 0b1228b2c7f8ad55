//! What is told of a match, and that it does not depend on how bytes are fed.

use super::*;
use crate::secrets::content::tokens::TOKENS;
use proptest::prelude::*;

#[test]
fn a_match_tells_its_place_and_not_the_secret() {
    let text = format!(
        "# ä\nä: {}\n",
        ["npm_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat()
    );
    let outcome = scan(Format::Text, text.as_bytes());
    let [found] = &outcome.matches[..] else {
        panic!("{outcome:?}")
    };
    assert_eq!(found.start, LineColumn { line: 2, column: 4 });
    assert_eq!(
        found.to_string(),
        "2:4: a token of npm (npm_… 40 characters)"
    );
    assert!(!format!("{outcome:?}").contains("zQWB"));
    let mut scanner = Scanner::new(Format::Text);
    scanner.feed(text.as_bytes());
    assert!(!format!("{scanner:?}").contains("zQWB"));
}

#[test]
fn of_two_rules_for_one_secret_the_more_certain_tells() {
    let token = ["ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat();
    for text in [
        format!("GITHUB_TOKEN={token}"),
        format!("https://x:{token}@github.com/a/b"),
        format!("//npm.pkg.github.com/:_authToken={token}"),
    ] {
        assert_eq!(ids(Format::Variables, &text).len(), 1, "{text}");
    }
    assert_eq!(
        ids(Format::Variables, &format!("GITHUB_TOKEN={token}")),
        ["github-token"]
    );
}

#[test]
fn many_matches_are_cut_off_and_said_so() {
    let text = "API_TOKEN=abc1\n".repeat(MAX_MATCHES + 5);
    let outcome = scan(Format::Variables, text.as_bytes());
    assert_eq!(outcome.matches.len(), MAX_MATCHES);
    assert!(outcome.is_cut);
    assert_eq!(outcome.matches[MAX_MATCHES - 1].start.line, MAX_MATCHES);
}

#[test]
fn the_format_is_that_of_the_files_name() {
    for (path, format) in [
        (".env", Format::Variables),
        ("a/.env.local", Format::Variables),
        ("a/prod.env", Format::Variables),
        ("root/.aws/credentials", Format::Variables),
        ("k8s/secrets.yaml", Format::Variables),
        ("etc/my.cnf", Format::Settings),
        (".netrc", Format::Netrc),
        ("src/secrets.rs", Format::Text),
        ("", Format::Text),
    ] {
        assert_eq!(Format::of(path), format, "{path}");
    }
}

#[test]
fn rules_have_names_of_their_own() {
    let rules = rules();
    assert!(rules.len() >= 60, "{}", rules.len());
    for pair in rules.windows(2) {
        assert_ne!(pair[0].id, pair[1].id);
    }
    for rule in rules {
        assert!(
            rule.id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            rule.id
        );
        assert!(rule.description.starts_with('a'), "{}", rule.description);
    }
}

/// Text with secrets of several rules in it, and what makes rules think.
fn text_with_secrets() -> impl Strategy<Value = Vec<u8>> {
    let mut random = random();
    let mut parts: Vec<Vec<u8>> = TOKENS
        .iter()
        .map(|token| token_of(&mut random, token.starts[0], token.bodies[0], false).into_bytes())
        .collect();
    let key = pem("RSA PRIVATE KEY", "", &[0x30, 0x82], "\n");
    for text in [
        key.as_str(),
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "-----END ",
        "https://a:hunter2@b.io",
        "API_TOKEN=abc1",
        "token = \"",
        "\n",
        "ä",
        "\"auth\": \"",
        "_authToken=",
        "eyJhbGciOiJIUzI1NiJ9.eyJ",
        "T3BlbkFJ",
        "{\"kty\":\"d\":\"",
        "password",
        " = ",
        "PuTTY-User-Key-File-",
        "Authorization: Basic ",
        ";Pwd=",
        "\\n",
        "%3D",
        "987654321:AA",
        "fHJlYWQ",
        "LS0tLS1CRUdJTi",
        "\"private_key_id\": \"",
        ": &str = \"",
    ] {
        parts.push(text.as_bytes().to_vec());
    }
    let part = prop_oneof![
        4 => prop::sample::select(parts),
        2 => prop::collection::vec(any::<u8>(), 0..20),
        1 => "[a-zA-Z0-9 \n]{0,60}".prop_map(String::into_bytes),
        1 => (0usize..3000, any::<bool>()).prop_map(|(length, is_line)| vec![if is_line { b'x' } else { b'\n' }; length]),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn how_bytes_are_cut_makes_no_difference(
        text in text_with_secrets(),
        cuts in prop::collection::vec(1usize..6000, 0..30),
        format in prop::sample::select(vec![Format::Text, Format::Variables, Format::Settings, Format::Netrc]),
    ) {
        let whole = scan(format, &text);
        let mut scanner = Scanner::new(format);
        let mut rest = &text[..];
        for cut in cuts {
            let (chunk, after) = rest.split_at(cut.min(rest.len()));
            scanner.feed(chunk);
            rest = after;
        }
        scanner.feed(rest);
        prop_assert_eq!(scanner.finish(), whole);
    }

    #[test]
    fn matches_lie_in_the_text_in_order_and_show_nothing(text in text_with_secrets()) {
        let outcome = scan(Format::Variables, &text);
        let mut behind = 0;
        for found in &outcome.matches {
            prop_assert!(behind <= found.span.start && found.span.start < found.span.end);
            prop_assert!(found.span.end <= text.len());
            behind = found.span.end;
            let line = text[..found.span.start].split(|&byte| byte == b'\n').count();
            prop_assert_eq!(found.start.line, line);
            let shown = found.redacted.split('…').next().unwrap();
            prop_assert!(shown.len() <= 4);
            // What is shown is the same for every secret of the rule.
            let public = TOKENS.iter().filter(|token| token.rule.id == found.rule.id).flat_map(|token| token.starts);
            let is_public = shown.is_empty() || ["eyJ", "sk-"].contains(&shown)
                || public.into_iter().any(|start| start.starts_with(shown));
            prop_assert!(is_public, "{:?}", found);
        }
    }
}
