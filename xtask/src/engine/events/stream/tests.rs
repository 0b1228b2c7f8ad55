use super::*;

fn vertex(fields: &str) -> String {
    format!(r#"{{"vertexes":[{{"digest":"sha256:aa",{fields}}}]}}"#)
}

fn told(lines: &[&str]) -> Vec<String> {
    let mut stream = Stream::new(["api", "base"]);
    let mut events: Vec<BuildEvent> = lines.iter().flat_map(|l| stream.feed(l)).collect();
    events.extend(stream.finish());
    events.iter().map(short).collect()
}

fn short(event: &BuildEvent) -> String {
    let v = |v: &Vertex| format!("{} {}", v.target.as_deref().unwrap_or("-"), v.place());
    match event {
        BuildEvent::Announced(x) => format!("announced {}", v(x)),
        BuildEvent::Started(x, _) => format!("started {}", v(x)),
        BuildEvent::Cached(x, _) => format!("cached {}", v(x)),
        BuildEvent::Completed {
            vertex, duration, ..
        } => format!("completed {} {duration:?}", v(vertex)),
        BuildEvent::Failed { vertex, error, .. } => format!("failed {}: {error}", v(vertex)),
        BuildEvent::Canceled(x, _) => format!("canceled {}", v(x)),
        BuildEvent::Log {
            vertex,
            channel,
            text,
        } => format!("log {} {channel:?} {text:?}", v(vertex)),
        BuildEvent::Transfer {
            what,
            current,
            total,
            ..
        } => format!("transfer {what} {current}/{total}"),
        BuildEvent::Warning(w) => format!(
            "warning {:?} {:?} {:?} {}",
            w.target, w.file, w.lines, w.text
        ),
        BuildEvent::Excerpt(e) => format!("excerpt {} {:?}", e.file, e.lines),
        BuildEvent::Error { target, text } => format!("error {target:?} {text}"),
        BuildEvent::Message(text) => format!("message {text}"),
    }
}

const NAME: &str = r#""name":"[api build 1/2] RUN x""#;

#[test]
fn every_change_is_told_once() {
    let announced = vertex(NAME);
    let started = vertex(&format!(r#"{NAME},"started":"2026-01-01T00:00:00Z""#));
    let paused = vertex(&format!(
        r#"{NAME},"started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:01Z""#
    ));
    let again = vertex(&format!(r#"{NAME},"started":"2026-01-01T00:00:05Z""#));
    let done = vertex(&format!(
        r#"{NAME},"started":"2026-01-01T00:00:05Z","completed":"2026-01-01T00:00:07.5Z""#
    ));
    insta::assert_snapshot!(
        told(&[&announced, &announced, &started, &started, &paused, &paused, &again, &done, &done]).join("\n"),
        @r"
    announced api build 1/2
    started api build 1/2
    completed api build 1/2 1s
    started api build 1/2
    completed api build 1/2 3.5s
    "
    );
}

#[test]
fn a_cached_step_never_starts() {
    let line = vertex(&format!(
        r#"{NAME},"cached":true,"started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:00Z""#
    ));
    assert_eq!(
        told(&[&line, &line]),
        ["announced api build 1/2", "cached api build 1/2"]
    );
}

#[test]
fn a_failed_step_is_told_from_a_stopped_one() {
    let failed = vertex(&format!(
        r#"{NAME},"error":"process \"x\" did not complete successfully: exit code: 3""#
    ));
    let stopped = vertex(&format!(
        r#"{NAME},"error":"process \"x\" did not complete successfully: exit code: 137: context canceled: context canceled""#
    ));
    assert!(told(&[&failed, &failed])[1].starts_with("failed api build 1/2: process"));
    assert_eq!(told(&[&failed, &failed]).len(), 2);
    assert_eq!(told(&[&stopped])[1], "canceled api build 1/2");
}

#[test]
fn logs_warnings_and_transfers_find_their_vertex() {
    insta::assert_snapshot!(
        told(&[
            &vertex(NAME),
            r#"{"logs":[{"vertex":"sha256:aa","stream":2,"data":"bGluZSAwCg=="},{"vertex":"sha256:bb","stream":1,"data":"YQ=="}]}"#,
            r#"{"warnings":[{"vertex":"sha256:aa","short":"YQ==","detail":["Yg=="],"url":"https://x","sourceInfo":{"filename":"Dockerfile"},"range":[{"start":{"line":4},"end":{"line":5}}]}]}"#,
            r#"{"statuses":[{"id":"transferring context:","vertex":"sha256:aa","current":5,"total":-1}]}"#,
        ]).join("\n"),
        @r#"
    announced api build 1/2
    log api build 1/2 Stderr "line 0\n"
    log -  Stdout "a"
    warning Some("api") Some("Dockerfile") Some((4, 5)) a
    transfer transferring context: 5/0
    "#
    );
}

#[test]
fn plain_lines_are_kept() {
    insta::assert_snapshot!(
        told(&[
            "WARNING: something",
            "",
            "Dockerfile:2",
            "--------------------",
            "   1 |     FROM scratch",
            "   2 | >>> RUNN x",
            "--------------------",
            "ERROR: target api: failed to solve: process \"x\": exit code: 3",
            "ERROR: unable to prepare context: path \"nope\" not found",
            "Dockerfile:3",
        ]).join("\n"),
        @r#"
    message WARNING: something
    excerpt Dockerfile (2, 2)
    error Some("api") failed to solve: process "x": exit code: 3
    error None unable to prepare context: path "nope" not found
    message Dockerfile:3
    "#
    );
}

#[test]
fn a_truncated_line_is_a_message() {
    let mut line = vertex(NAME);
    line.truncate(line.len() - 5);
    let told = told(&[&line, &vertex(NAME)]);
    assert!(
        told[0].starts_with("message unreadable progress line (EOF"),
        "{told:?}"
    );
    assert_eq!(told[1], "announced api build 1/2");
}

proptest::proptest! {
    #[test]
    fn any_line_is_survived(line in "\\{?(\"(vertexes|logs|statuses)\":\\[)?\\PC{0,60}") {
        let mut stream = Stream::default();
        let _ = stream.feed(&line);
        let _ = stream.finish();
    }
}
