//! Values that are secret by their names.

use super::*;

#[test]
fn values_of_variables_in_files_of_variables() {
    for (text, secret) in [
        ("API_TOKEN=abc1", "abc1"),
        ("export DB_PASSWORD='correct horse'", "correct horse"),
        ("DB_PASSWORD=hunter # the old one", "hunter"),
        ("db_password: s3cret\r\n", "s3cret"),
        ("\u{feff}SESSION_SECRET=\"a$b1\"\n", "a$b1"),
        ("CACHE_KEY=k3yboard-c4t", "k3yboard-c4t"),
    ] {
        finds(Format::Variables, text, secret, "secret-in-settings");
    }
    for text in [
        "PORT=3000",
        "API_TOKEN=",
        "API_TOKEN=\"\"",
        "# API_TOKEN=abc1",
        "API_TOKEN=${OTHER}",
        "API_TOKEN=changeme",
        "API_TOKEN=<your token>",
        "DB_PASSWORD_FILE=/run/secrets/db",
        "PUBLIC_KEY=abc1",
        "TOKEN_TTL=3600",
        "MAX_TOKENS=4096",
        "MAX_TOKEN=4096",
        "USE_TOKEN=true",
        "AUTH_SERVER=https://login.corp.io",
        "SSH_KEY=./id.pem",
        "CACHE_KEY=users",
        "PASSWORD_HASH=1f2e3d",
        "TOKEN == abc1",
    ] {
        finds_nothing(Format::Variables, text);
    }
    finds(
        Format::Settings,
        "password = hunter2",
        "hunter2",
        "secret-in-settings",
    );
    finds_nothing(Format::Settings, "login.password=Passwort");
    finds_nothing(Format::Settings, "login.password=Your password, please");
}

#[test]
fn values_in_source_code_must_look_random() {
    let value = random().text(Class::Alphanumeric, 32);
    for text in [
        format!("const apiKey = \"{value}\";"),
        format!("  \"client_secret\": \"{value}\","),
        format!("let token: &str = \"{value}\";"),
        format!("env['API_TOKEN'] = '{value}'"),
        format!("define('AUTH_KEY', '{value}');"),
        format!("<apiKey>{value}</apiKey>"),
        format!("export NPM_TOKEN={value}\n"),
        format!("  api_key: {value} # of the test system\n"),
        format!("run --api-key={value}\n"),
        format!("ENV API_KEY={value}\n"),
        format!("a ||= 1; @secret ||= '{value}'"),
    ] {
        finds(Format::Text, &text, &value, "secret-in-text");
    }
    for text in [
        format!("const apiKey = test_{value};"),
        format!("if token == \"{value}\" {{"),
        format!("Token::Secret({value})"),
        format!("token_hash = \"{value}\""),
        format!("publicKeyToken=\"{value}\""),
        format!("mockToken = \"{value}\""),
        format!("checksum = \"{value}\""),
        format!("token = \"test{value}\""),
        format!("return call(token, {value})"),
        "const token = getToken();".to_owned(),
        "secret: 'access_token_has_expired_please_retry'".to_owned(),
        "token = base64_url_safe_no_pad_decoder2".to_owned(),
        "password: string;".to_owned(),
        "tokenId = \"3f1c0b52-9a77-4e21-b7d4-5f60a1c2d3e4\"".to_owned(),
        "session_token = \"3f1c0b52-9a77-4e21-b7d4-5f60a1c2d3e4\"".to_owned(),
        "secret = \"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""
            .to_owned(),
    ] {
        finds_nothing(Format::Text, &text);
    }
    finds(
        Format::Text,
        "password: \"S3cr3t!Horse\"",
        "S3cr3t!Horse",
        "password-in-text",
    );
    for text in [
        "password: \"hunter\"",
        "password: \"Test1234!\"",
        "password = S3cr3t!Horse",
        "passwordLabel = \"Your 1st password\"",
    ] {
        finds_nothing(Format::Text, text);
    }
}

#[test]
fn values_of_one_service_are_named() {
    let mut random = random();
    let token = random.text(Class::Hex, 32).to_lowercase();
    finds(
        Format::Text,
        &format!("TWILIO_AUTH_TOKEN={token}"),
        &token,
        "twilio-auth-token",
    );
    let bot = format!(
        "{}.{}.{}",
        encoded(b"1034567891234567890").trim_end_matches('='),
        random.text(Class::Base64Url, 6),
        random.text(Class::Base64Url, 38)
    );
    finds(
        Format::Text,
        &format!("discordToken: \"{bot}\""),
        &bot,
        "discord-bot-token",
    );
    finds(
        Format::Variables,
        &format!("TOKEN={bot}"),
        &bot,
        "discord-bot-token",
    );
    let text =
        "machine git.corp.io login me password hunter2\nmachine b login me\n  password\n  x1y2\n";
    assert_eq!(
        ids(Format::Netrc, text),
        ["netrc-password", "netrc-password"]
    );
    finds_nothing(Format::Text, text);
    finds_nothing(Format::Netrc, "machine a login b password <password>");
}
