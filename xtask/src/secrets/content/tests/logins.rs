//! Logins: in base64, headers, URLs and the files of npm.

use super::*;

#[test]
fn json_web_tokens_have_a_header_that_can_be_read() {
    let url = |bytes: &[u8]| {
        encoded(bytes)
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_")
    };
    let signature = random().text(Class::Base64Url, 43);
    let jwt = |header: &str, claims: &str| {
        format!(
            "{}.{}.{signature}",
            url(header.as_bytes()),
            url(claims.as_bytes())
        )
    };
    let token = jwt(
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"sub":"me","exp":1900000000}"#,
    );
    finds(
        Format::Text,
        &format!("curl -H 'X: {token}'"),
        &token,
        "json-web-token",
    );
    finds(
        Format::Variables,
        &format!("TOKEN={token}"),
        &token,
        "json-web-token",
    );
    for (header, claims) in [
        (r#"{"typ":"JWT","kid":"123456"}"#, r#"{"sub":"me"}"#),
        (
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"sub":"1234567890","name":"John Doe"}"#,
        ),
        (
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"role":"anon","iss":"supabase"}"#,
        ),
    ] {
        finds_nothing(Format::Text, &jwt(header, claims));
    }
    finds_nothing(Format::Text, &token[..token.len() - 43]);
    // A token that no window holds is found all the same.
    let long = jwt(
        r#"{"alg":"HS256","typ":"JWT"}"#,
        &format!(r#"{{"sub":"{}"}}"#, "me ".repeat(3000)),
    );
    assert_eq!(ids(Format::Text, &long), ["json-web-token"]);
}

#[test]
fn logins_in_base64_are_told_by_what_is_inside() {
    let login = encoded(b"deploy:k3yboard-c4t");
    finds(
        Format::Text,
        &format!("{{\"auths\": {{\"ghcr.io\": {{\n\t\"auth\" : \"{login}\"}}}}}}"),
        &login,
        "docker-registry-login",
    );
    finds_nothing(Format::Text, "{\"auth\": \"bm90IGEgbG9naW4=\"}");
    finds_nothing(
        Format::Text,
        &format!("{{\"auth\": \"{}\"}}", encoded(b"user:password")),
    );
    finds_nothing(Format::Text, "{\"auth\": {}, \"auth\": \"\"}");

    let key = encoded(pem("EC PRIVATE KEY", "", &[0x30, 0x77], "\n").as_bytes());
    finds(
        Format::Text,
        &format!("    client-key-data: {key}\n"),
        &key,
        "encoded-private-key",
    );
    let certificate = encoded(pem("CERTIFICATE", "", &[0x30, 0x77], "\n").as_bytes());
    finds_nothing(
        Format::Text,
        &format!("    client-certificate-data: {certificate}\n"),
    );

    let identifier = "3f1c0b52-9a77-4e21-b7d4-5f60a1c2d3e4";
    for (access, id) in [
        ("read-write", "nx-cloud-token"),
        ("read-only", "nx-cloud-read-token"),
    ] {
        let token = encoded(format!("{identifier}|{access}").as_bytes());
        finds(
            Format::Text,
            &format!("\"nxCloudAccessToken\": \"{token}\""),
            &token,
            id,
        );
        finds(Format::Text, &format!("x {token} y"), &token, id);
    }
    finds_nothing(
        Format::Text,
        &encoded(b"something else that is |read-write"),
    );
}

#[test]
fn logins_of_npm_registries() {
    let login = encoded(b"deploy:k3yboard-c4t");
    let password = encoded(b"k3yboard-c4t");
    for (text, secret) in [
        ("//r.io/:_authToken=0b1f-7c2d\n", "0b1f-7c2d"),
        ("_authToken = \"0b1f-7c2d\"", "0b1f-7c2d"),
        (&format!("_auth={login}"), login.as_str()),
        (&format!("//r.io/:_password={password}"), &password),
        ("  npmAuthToken: \"0b1f-7c2d\"", "0b1f-7c2d"),
        ("npmAuthIdent: deploy:k3yboard-c4t", "deploy:k3yboard-c4t"),
    ] {
        finds(Format::Text, text, secret, "npm-registry-login");
    }
    for text in [
        "//r.io/:_authToken=${NPM_TOKEN}",
        "//r.io/:_authToken=",
        "# //r.io/:_authToken=0b1f-7c2d",
        "npmAuthToken: ${TOKEN}",
        "self._auth = None",
        "_auth = make_auth(user)",
        "db_password=x",
        "npmAuthToken: <token>",
    ] {
        finds_nothing(Format::Text, text);
    }
}

#[test]
fn passwords_in_urls_and_connection_strings() {
    for (text, secret) in [
        ("git clone https://me:hunter2@git.corp.io/x", "hunter2"),
        (
            "postgres://app:s3cr3t%40x@db:5432/app?sslmode=on",
            "s3cr3t%40x",
        ),
        ("redis://:hunter2@cache:6379", "hunter2"),
        ("\"mongodb+srv://a:b@c@cluster.mongodb.net\"", "b@c"),
    ] {
        finds(Format::Text, text, secret, "password-in-url");
    }
    for text in [
        "https://$USER:$PASSWORD@host.io/",
        "https://user:password@host.io/",
        "https://user:<token>@host.io/",
        "https://me:hunter2@example.com/",
        "postgres://postgres:postgres@localhost",
        "http://host:8080/a@b",
        "ssh://git@github.com:22/x",
        "printf(\"http://%s:%s@%s\")",
        "https://x-access-token:${{ secrets.T }}@github.com",
        "https://a.b/c://d:e",
        "f(\"://a:b@c\")",
    ] {
        finds_nothing(Format::Text, text);
    }
    finds(
        Format::Text,
        "\"Server=db;User Id=sa;Password=hunter2;Encrypt=true\"",
        "hunter2",
        "password-in-connection-string",
    );
    finds_nothing(Format::Text, "\"Server=db;User Id=sa;Password={0};\"");

    let (login, bearer) = (
        encoded(b"me:hunter2"),
        random().text(Class::Alphanumeric, 32),
    );
    finds(
        Format::Text,
        &format!("authorization: Basic {login}"),
        &login,
        "authorization-header",
    );
    finds(
        Format::Text,
        &format!("-H 'Authorization: Bearer {bearer}'"),
        &bearer,
        "authorization-header",
    );
    finds_nothing(
        Format::Text,
        "Authorization: Bearer $TOKEN, Authorization: Basic <login>",
    );
}
