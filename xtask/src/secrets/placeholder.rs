//! What stands where a secret will be, and how random a value is.

/// What is found in placeholders of any kind, also of tokens.
const PARTS_OF_TOKENS: [&str; 10] = [
    "example",
    "xxxx",
    "****",
    "....",
    "placeholder",
    "redacted",
    "your",
    "0000000",
    "1234567",
    "abcdefg",
];

/// What is found in placeholders that somebody wrote for a reader.
const PARTS: [&str; 22] = [
    "<", "${", "$(", "#{", "{{", "}}", "%(", "change", "replace", "insert", "sample", "dummy",
    "fake", "mock", "notreal", "not-real", "not_real", "todo", "fixme", "foobar", "lorem", "…",
];

/// What refers to a secret kept elsewhere, or is a secret that is encrypted.
const STARTS: [&str; 18] = [
    "$",
    "@",
    "%",
    "[",
    "{",
    "enc[",
    "enc(",
    "vault:",
    "op://",
    "arn:",
    "ref+",
    "secretref",
    "env:",
    "ssm:",
    "file:",
    "process.env",
    "os.environ",
    "my-",
];

/// Values that are no secret even where one is due: they say what belongs there, or are everybody's.
const WHOLE: [&str; 36] = [
    "abc",
    "admin",
    "bar",
    "baz",
    "default",
    "disabled",
    "foo",
    "guest",
    "key",
    "mysecret",
    "mypassword",
    "mysql",
    "n/a",
    "nil",
    "none",
    "null",
    "optional",
    "pass",
    "passwd",
    "password",
    "postgres",
    "pw",
    "required",
    "root",
    "secret",
    "string",
    "test",
    "testing",
    "tbd",
    "token",
    "undefined",
    "unset",
    "user",
    "value",
    "xxx",
    "x-oauth-basic",
];

/// Whether a token is one for documentation: `AKIA…EXAMPLE`, `ghp_xxxxxxxx`.
pub(super) fn is_placeholder_token(token: &[u8]) -> bool {
    let lower = token.to_ascii_lowercase();
    PARTS_OF_TOKENS
        .iter()
        .any(|part| contains(&lower, part.as_bytes()))
        || distinct(token) < 8.min(token.len() / 2)
}

/// Whether a value only says what belongs there, or where it comes from: `changeme`, `<token>`, `${TOKEN}`.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.is_empty()
        || distinct(&lower) < 3
        || WHOLE.iter().any(|whole| lower == whole.as_bytes())
        || STARTS
            .iter()
            .any(|start| lower.starts_with(start.as_bytes()))
        || PARTS
            .iter()
            .chain(&PARTS_OF_TOKENS)
            .any(|part| contains(&lower, part.as_bytes()))
}

/// Whether a value says that it is one for tests or for readers: `test1234`, `somepassword`.
pub(super) fn is_for_show(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [&b"test"[..], b"password", b"secret"]
        .iter()
        .any(|word| contains(&lower, word))
}

/// Bits of each byte, by how often each occurs in the value (Shannon); 0 for nothing, at most 8.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / length;
            -share * share.log2()
        })
        .sum()
}

/// Whether nobody would write the value as a word or an identifier: letters and digits mixed, much entropy.
pub(super) fn looks_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    let has_text = value.iter().all(u8::is_ascii_graphic);
    if !has_text || digits < 2 || letters < 2 || value.len() < 16 {
        return false;
    }
    // 16 digits can carry 4 bits at most, and a random value of this length carries somewhat less.
    let enough = if is_hex { 3.0 } else { 3.5 };
    let has_capitals = value.iter().any(u8::is_ascii_uppercase);
    let has_small = value.iter().any(u8::is_ascii_lowercase);
    // Of 62 digits, 0.62 change their kind; of 36, 0.40.
    let (times, of) = if has_capitals && has_small {
        (2, 5)
    } else {
        (1, 5)
    };
    entropy(value) >= enough && changes(value) * of >= value.len() * times
}

/// How often a digit, a small letter and a capital stand next to another of these kinds: seldom in names such as
/// `sha256-of-content`, often in keys.
fn changes(value: &[u8]) -> usize {
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|pair| {
            let (left, right) = (class(&pair[0]), class(&pair[1]));
            left != right && left < 3 && right < 3
        })
        .count()
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count()
}

/// Whether `part` is somewhere in `bytes`.
pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_values() {
        for value in [
            "",
            "xxx",
            "changeme",
            "CHANGE_ME",
            "<your token>",
            "${TOKEN}",
            "$TOKEN",
            "{{ token }}",
            "your-api-key",
            "example-password",
            "aaaaaaaa",
            "1234567890",
            "ENC[AES256_GCM,data:Zm9v]",
            "op://vault/item/field",
            "password",
            "process.env.TOKEN",
            "********",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in [
            "hunter2",
            "s3cr3t!pass",
            "k3yboard-c4t",
            "correct horse battery",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(entropy(b"").abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9);
        assert!((entropy(b"abab") - 1.0).abs() < 1e-9);
        assert!((entropy(b"0123456789abcdef") - 4.0).abs() < 1e-9);
    }

    #[test]
    fn identifiers_and_words_are_not_random() {
        for value in [
            "access_token_has_expired",
            "user.password.reset.title",
            "base64UrlEncodedSha256",
            "/api/v1/tokens/refresh",
            "2024-01-01T00:00:00Z",
            "aaaaaaaaaaaaaaaaaaaa1111",
            "short1A",
        ] {
            assert!(!looks_random(value.as_bytes()), "{value}");
        }
        for value in ["q7Rk2pX9vB4nM1sT8wZ3", "9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(looks_random(value.as_bytes()), "{value}");
        }
    }
}
