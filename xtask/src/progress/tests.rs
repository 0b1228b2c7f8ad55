use std::sync::{Arc, Mutex};

use indicatif::{ProgressDrawTarget, TermLike};

use super::*;
use crate::engine::events::{Collector, LogStore, Stream};

const COLD: &str = include_str!("../../tests/fixtures/events/cold.jsonl");
const WARM: &str = include_str!("../../tests/fixtures/events/warm.jsonl");
const FAILS: &str = include_str!("../../tests/fixtures/events/fails.jsonl");

#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn targets(names: &[&str]) -> Vec<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

fn play(display: &mut dyn Progress, names: &[&str], stream: &str) {
    let mut collector = Collector::new(names.iter().copied(), LogStore::in_memory());
    let mut reader = Stream::new(names.iter().copied());
    for event in stream.lines().flat_map(|line| reader.feed(line)) {
        collector.apply(&event);
        display.event(&event, collector.tally());
    }
    display.finish(&collector.finish().unwrap());
}

fn shown_as(style: Style, names: &[&str], stream: &str) -> String {
    let out = Written::default();
    let mut display = display(style, Color::None, &targets(names), Box::new(out.clone()));
    play(&mut *display, names, stream);
    out.text()
}

const ALL: [&str; 4] = ["base", "builder", "a", "b"];

#[test]
fn plain_lines_name_each_piece_of_work_once() {
    insta::assert_snapshot!(shown_as(Style::Plain, &ALL, COLD), @r#"
    base       1/4  0.0s      COPY busybox /bin/busybox
    base       2/4  0.4s      RUN ["/bin/busybox","--install","-s","/bin"]
    base       3/4  0.0s      WORKDIR /app
    base       4/4  0.4s      RUN rm -f /bin/vi
    builder    4/4  0.4s      RUN echo deps > deps
    a          6/8  0.1s      COPY src ./src
    b          7/8  0.5s      RUN --mount=type=cache,target=/c cat src && echo built-b > out
    a          7/8  0.5s      RUN --mount=type=cache,target=/c cat src && echo built-a > out
    b          8/8  0.0s      COPY --from=build /app/out ./out
    a          8/8  0.0s      COPY --from=build /app/out ./out
    "#);
}

#[test]
fn plain_lines_say_what_was_cached() {
    let text = shown_as(Style::Plain, &ALL, WARM);
    assert_eq!(text.lines().count(), 11);
    assert!(
        text.lines().all(|line| line.contains("  cached  ")),
        "{text}"
    );
}

#[test]
fn a_failure_shows_its_log_and_its_lines() {
    insta::assert_snapshot!(shown_as(Style::Quiet, &["bad", "base"], FAILS), @r#"
    bad: step build 2/4 failed: RUN echo "to stdout" && echo "to stderr" >&2 && exit 3
      | to stdout
      | to stderr
    Dockerfile:8
       7 |         echo second
       8 | >>> RUN echo "to stdout" && \
       9 | >>>     echo "to stderr" >&2 && \
      10 | >>>     # a comment
      11 | >>>     exit 3
      12 |     RUN echo never
    process "/bin/sh -c echo \"to stdout\" &&     echo \"to stderr\" >&2 &&     exit 3" did not complete successfully: exit code: 3
    "#);
    let plain = shown_as(Style::Plain, &["bad", "base"], FAILS);
    assert!(
        plain.contains(" failed    RUN echo \"to stdout\" && echo"),
        "{plain}"
    );
    assert!(plain.contains("warning: bad: FromAsCasing"), "{plain}");
    assert!(plain.ends_with("exit code: 3\n"));
}

#[test]
fn quiet_is_silent_about_success() {
    assert_eq!(shown_as(Style::Quiet, &ALL, COLD), "");
}

#[test]
fn json_lines_are_json() {
    let text = shown_as(Style::Json, &["bad", "base"], FAILS);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let states: Vec<&str> = lines
        .iter()
        .filter(|l| {
            l["event"] == "step" && l["target"] == "bad" && l["stage"] == "build" && l["index"] == 2
        })
        .map(|l| l["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["announced", "started", "failed"]);
    for event in ["log", "warning", "excerpt", "error"] {
        assert!(lines.iter().any(|l| l["event"] == event), "{event}");
    }
}

/// A terminal that keeps every line it was told.
#[derive(Clone, Debug, Default)]
struct Terminal(Written);

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        80
    }
    fn height(&self) -> u16 {
        40
    }
    fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }
    fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }
    fn write_line(&self, text: &str) -> std::io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }
    fn write_str(&self, text: &str) -> std::io::Result<()> {
        self.0.clone().write_all(text.as_bytes())
    }
    fn clear_line(&self) -> std::io::Result<()> {
        self.write_str("\n")
    }
    fn flush(&self) -> std::io::Result<()> {
        Ok(())
    }
}

fn bars(names: &[&str], stream: &str) -> (String, String) {
    let (terminal, out) = (Terminal::default(), Written::default());
    let draw = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
    let mut display = Bars::new(&targets(names), Color::None, draw, Box::new(out.clone()));
    play(&mut display, names, stream);
    drop(display);
    (terminal.0.text(), out.text())
}

/// The last line that was drawn for each target.
fn last_lines(drawn: &str, names: &[&str]) -> String {
    let width = names.iter().map(|name| name.len()).max().unwrap();
    let last = |name: &&str| {
        // indicatif pads each line to the width of the terminal instead of breaking it.
        let at = drawn.rfind(&format!("{name:<width$} ")).unwrap();
        drawn[at..]
            .chars()
            .take(80)
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    names.iter().map(last).collect::<Vec<_>>().join("\n")
}

#[test]
fn bars_end_in_a_line_per_target() {
    let (drawn, out) = bars(&ALL, COLD);
    insta::assert_snapshot!(last_lines(&drawn, &ALL), @r"
    base     4 steps     1.6s
    builder  4 steps     1.0s
    a        8 steps     1.9s
    b        8 steps     1.9s
    ");
    assert_eq!(out, "");
    let (drawn, _) = bars(&ALL, WARM);
    insta::assert_snapshot!(last_lines(&drawn, &ALL), @r"
    base     4 steps     0.3s  all cached
    builder  4 steps     0.0s  all cached
    a        8 steps     0.3s  all cached
    b        8 steps     0.3s  all cached
    ");
}

#[test]
fn bars_leave_the_reason_of_a_failure() {
    let (drawn, out) = bars(&["bad", "base"], FAILS);
    insta::assert_snapshot!(last_lines(&drawn, &["bad", "base"]), @r"
    bad   8 steps     1.2s  failed
    base  4 steps     0.2s  all cached
    ");
    assert!(
        out.starts_with("bad: step build 2/4 failed: RUN echo"),
        "{out}"
    );
    assert!(drawn.contains("warning: bad: FromAsCasing"));
}

#[test]
fn texts_are_cut_at_characters() {
    assert_eq!(shortened("RUN  a \n b", 20), "RUN a b");
    assert_eq!(shortened("ééééé", 5), "ééééé");
    assert_eq!(shortened("ééééé", 4), "ééé…");
    assert_eq!(last_state("1%\r2%\r"), "2%");
    assert_eq!(last_state("\x1b[31mred"), "[31mred");
    assert_eq!(
        [
            shown(Duration::from_millis(449)),
            shown(Duration::from_secs(125))
        ],
        ["0.4s", "2m05s"]
    );
}
