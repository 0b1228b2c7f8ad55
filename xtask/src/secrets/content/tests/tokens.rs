//! Tokens that are known by their form.

use super::*;
use crate::secrets::content::token::{checksum, has_checksum, match_body};
use crate::secrets::content::tokens::TOKENS;

#[test]
fn tokens_are_found_as_their_grammar_says() {
    let mut random = random();
    for token in TOKENS {
        for start in token.starts {
            for (body, longest) in token
                .bodies
                .iter()
                .flat_map(|body| [(body, false), (body, true)])
            {
                let mut text = token_of(&mut random, start, body, longest);
                if std::ptr::fn_addr_eq(token.check, has_checksum as fn(&[u8]) -> bool) {
                    let at = text.len() - 6;
                    let digits = checksum(&text.as_bytes()[4..at]);
                    text.replace_range(at.., std::str::from_utf8(&digits).unwrap());
                }
                for around in [
                    ("", ""),
                    ("\"", "\","),
                    ("x = ", "\n"),
                    ("a\\n", " b"),
                    ("%3D", "&"),
                ] {
                    let text_around = format!("{}{text}{}", around.0, around.1);
                    let found = scan(Format::Text, text_around.as_bytes()).matches;
                    assert_eq!(
                        found.len(),
                        1,
                        "{} in {text_around}: {found:?}",
                        token.rule.id
                    );
                    assert_eq!(
                        found[0].span,
                        Span::new(around.0.len(), around.0.len() + text.len())
                    );
                    assert_eq!(found[0].rule.id, token.rule.id, "{text}");
                    assert!(found[0].redacted.starts_with(&start[..start.len().min(4)]));
                }
                // Part of a longer word, cut short, or a placeholder.
                assert!(
                    !ids(Format::Text, &format!("a{text}")).contains(&token.rule.id),
                    "{text}"
                );
                if !longest && token.bodies.len() == 1 {
                    assert!(
                        !ids(Format::Text, &text[..text.len() - 1]).contains(&token.rule.id),
                        "{text}"
                    );
                }
                let repeated = format!("{start}{}", "x".repeat(text.len() - start.len()));
                finds_nothing(Format::Text, &repeated);
            }
        }
    }
}

#[test]
fn a_wrong_checksum_is_no_token() {
    // Random characters of a token that GitHub showed when it announced the format, with the checksum it had.
    let random = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
    assert_eq!(&checksum(random.as_bytes()), b"0mLq17");
    for start in ["ghp_", "npm_"] {
        assert_eq!(
            ids(Format::Text, &format!("{start}{random}0mLq17")).len(),
            1
        );
        finds_nothing(Format::Text, &format!("{start}{random}0mLq18"));
    }
}

#[test]
fn the_example_keys_of_aws_are_no_secrets() {
    let start = "AKIA";
    finds_nothing(Format::Text, &format!("{start}IOSFODNN7EXAMPLE"));
    finds_nothing(
        Format::Variables,
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    let key = random().text(Class::Base64, 40);
    for format in [Format::Text, Format::Variables] {
        finds(
            format,
            &format!("aws_secret_access_key = {key}\n"),
            &key,
            "aws-secret-access-key",
        );
    }
    finds(
        Format::Text,
        &format!("{{\"secretAccessKey\": \"{key}\"}}"),
        &key,
        "aws-secret-access-key",
    );
}

#[test]
fn tokens_known_by_what_is_inside_them() {
    let mut random = random();
    let (left, right) = (
        random.text(Class::Alphanumeric, 74),
        random.text(Class::Alphanumeric, 74),
    );
    let middle = ["T3Blbk", "FJ"].concat();
    for key in [
        format!("sk-proj-{left}{middle}{right}"),
        format!("sk-{}{middle}{}", &left[..20], &right[..20]),
    ] {
        finds(Format::Text, &format!("key: '{key}'"), &key, "openai-key");
    }
    finds_nothing(Format::Text, &format!("sk-{}{middle}", &left[..20]));
    finds_nothing(Format::Text, &format!("risk-{middle}{right}"));

    let bot = format!("987654321:AA{}", random.text(Class::Base64Url, 33));
    finds(
        Format::Text,
        &format!("t = \"{bot}\""),
        &bot,
        "telegram-bot-token",
    );
    finds(
        Format::Text,
        &format!("https://api.telegram.org/bot{bot}/getMe"),
        &bot,
        "telegram-bot-token",
    );
    finds_nothing(Format::Text, &bot[5..]);
    finds_nothing(Format::Text, &format!("{bot}x"));

    let number = random.text(Class::Hex, 40).to_lowercase();
    let key = pem("PRIVATE KEY", "", &[0x30, 0x82], "\\n");
    let account = format!(
        "{{\"type\": \"service_account\", \"private_key_id\": \"{number}\", \"private_key\": \"{key}\\n\"}}"
    );
    assert_eq!(ids(Format::Text, &account), ["google-service-account"]);
    finds_nothing(
        Format::Text,
        &format!("{{\"private_key_id\": \"{number}\"}}"),
    );

    let d = random.text(Class::Base64Url, 43);
    finds(
        Format::Text,
        &format!("{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{d}\",\"d\": \"{d}\"}}"),
        &d,
        "private-json-web-key",
    );
    finds_nothing(
        Format::Text,
        &format!("{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{d}\"}}"),
    );
}

#[test]
fn a_body_ends_where_no_token_goes_on() {
    let body = [
        Part::Run(Class::Hex, 2, 4),
        Part::Text("-"),
        Part::Run(Class::Digit, 1, 2),
    ];
    for (text, length) in [
        ("ab-1", Some(4)),
        ("abcd-12 ", Some(7)),
        ("abcd-12-", Some(7)),
        ("a-1", None),
        ("abcde-1", None),
        ("abcd-123", None),
        ("abcd-12_", None),
        ("abcd", None),
    ] {
        assert_eq!(match_body(&body, text.as_bytes()), length, "{text}");
    }
}
