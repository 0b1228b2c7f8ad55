use super::*;

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.into(),
    }
}

#[test]
fn limits_are_waited_for_and_refusals_count() {
    let patience = Patience::default();
    let judge = |status, headers: &[(&str, &str)], body: &str| match patience.judge(
        &Ok(response(status, headers, body)),
        0,
        1_000,
    ) {
        Step::Done => None,
        Step::Again(time, _) => Some(time.as_millis()),
    };
    for (status, headers, body, expected) in [
        (200, &[][..], "", None),
        (404, &[], "", None),
        (403, &[], r#"{"message":"Must have admin rights"}"#, None),
        (403, &[("Retry-After", "3")], "", Some(3_000)),
        (
            403,
            &[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1042"),
            ],
            "",
            Some(43_000),
        ),
        (
            403,
            &[],
            "You have exceeded a secondary rate limit",
            Some(60_000),
        ),
        (429, &[("retry-after", "7")], "", Some(7_000)),
        (429, &[], "", Some(60_000)),
        (500, &[], "", Some(250)),
        (503, &[("retry-after", "2")], "", Some(2_000)),
        (501, &[], "", None),
    ] {
        assert_eq!(
            judge(status, headers, body),
            expected,
            "{status} {headers:?} {body}"
        );
    }
    let broken: Answer = Err("connection reset".to_owned());
    assert_ne!(patience.judge(&broken, 3, 0), Step::Done);
    assert_eq!(patience.judge(&broken, 4, 0), Step::Done);
}

#[test]
fn lists_go_on_where_the_link_says() {
    let link = |text: &str| {
        response(200, &[("Link", text)], "")
            .next()
            .map(str::to_owned)
    };
    assert_eq!(
        link(r#"<https://x/?page=1>; rel="prev", <https://x/?page=3>; rel="next""#).as_deref(),
        Some("https://x/?page=3")
    );
    assert_eq!(
        link(r#"</v2/a/tags/list?last=b>; rel="next""#).as_deref(),
        Some("/v2/a/tags/list?last=b")
    );
    for text in [
        "",
        "<",
        r#"<https://x>; rel="last""#,
        r#"https://x; rel="next""#,
    ] {
        assert_eq!(link(text), None);
    }
}

#[test]
fn what_a_server_says_is_told_on_one_line() {
    for (body, expected) in [
        ("", "HTTP 400"),
        ("{\"message\":\"no\\nway\"}", "HTTP 400: noway"),
        (
            r#"{"errors":[{"code":"UNSUPPORTED","message":"not so"}]}"#,
            "HTTP 400: not so",
        ),
        (r#"{"errors":[]}"#, "HTTP 400"),
    ] {
        assert_eq!(response(400, &[], body).complaint(), expected);
    }
}
