//! `cargo xtask docker-lint --lsp` as an editor speaks to it.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as an editor runs it"
)]
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// What is judged in these tests: rules with a safe fix, one with an unsafe one, and the linter's own.
const ONLY: &str = "--only=DL3000,DL3003,DL3004,DX9001";

const PATIENCE: Duration = Duration::from_mins(1);

/// The program, and an editor's end of the conversation.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// What the program said while an answer was waited for.
    told: Vec<Value>,
    requests: u32,
    folder: tempfile::TempDir,
}

impl Editor {
    /// Starts the program in a folder with some files, and opens the folder.
    fn start(files: &[(&str, &str)], capabilities: &Value) -> Self {
        let mut editor = Self::spawn(files);
        let root = editor.uri("");
        let params = json!({ "processId": null, "rootUri": root, "capabilities": capabilities });
        let answer = editor.ask("initialize", &params);
        assert_eq!(answer["serverInfo"]["name"], "docker-lint", "{answer}");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn spawn(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write(folder.path(), path, text);
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["docker-lint", "--lsp", ONLY])
            // It is not where it stands that counts, but what is open.
            .current_dir(std::env::temp_dir())
            .env("HOME", folder.path().join("home"))
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            messages,
            told: Vec::new(),
            requests: 0,
            folder,
        }
    }

    fn uri(&self, path: &str) -> String {
        let folder = self.folder.path().to_str().unwrap();
        format!("file://{folder}/{path}")
            .trim_end_matches('/')
            .to_owned()
    }

    fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The answer to a request, or the error.
    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.messages.recv_timeout(PATIENCE).unwrap();
            if message["id"] == id && message.get("method").is_none() {
                return match message.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(message["result"].take()),
                };
            }
            self.told.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.answer(method, params).unwrap()
    }

    /// The next message of a method, in order.
    fn next(&mut self, method: &str) -> Value {
        if let Some(at) = self.told.iter().position(|told| told["method"] == method) {
            return self.told.remove(at)["params"].take();
        }
        loop {
            let mut message = self.messages.recv_timeout(PATIENCE).unwrap();
            if message["method"] == method {
                return message["params"].take();
            }
            self.told.push(message);
        }
    }

    fn open(&mut self, path: &str, text: &str) {
        let document = json!({
            "uri": self.uri(path), "languageId": "dockerfile", "version": 1, "text": text,
        });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn change(&mut self, path: &str, version: u32, changes: &Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &params);
    }

    /// The next diagnostics of a file.
    fn shown(&mut self, path: &str) -> Vec<Value> {
        let uri = self.uri(path);
        loop {
            let params = self.next("textDocument/publishDiagnostics");
            if params["uri"] == uri.as_str() {
                return params["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// As [`Editor::shown`]: `line:from-to code`.
    fn diagnostics(&mut self, path: &str) -> Vec<String> {
        self.shown(path).iter().map(place).collect()
    }

    fn actions(&mut self, path: &str, range: &Value, only: &[&str]) -> Vec<Value> {
        let document = json!({ "uri": self.uri(path) });
        let context = json!({ "diagnostics": [], "only": only });
        let params = json!({ "textDocument": document, "range": range, "context": context });
        let answer = self.ask("textDocument/codeAction", &params);
        answer.as_array().unwrap().clone()
    }

    /// The exit code after input has ended.
    fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut header = String::new();
    output
        .read_line(&mut header)
        .ok()
        .filter(|read| *read > 0)?;
    let length = header.strip_prefix("Content-Length: ").unwrap();
    let mut body = vec![0; length.trim().parse::<usize>().unwrap()];
    output.read_line(&mut header).ok()?;
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}

fn range(line: u32, start: u32, end: u32) -> Value {
    json!({
        "start": { "line": line, "character": start },
        "end": { "line": line, "character": end },
    })
}

fn place(diagnostic: &Value) -> String {
    let at = |pointer: &str| diagnostic.pointer(pointer).unwrap().clone();
    assert_eq!(diagnostic["source"], "docker-lint");
    format!(
        "{}:{}-{} {}",
        at("/range/start/line"),
        at("/range/start/character"),
        at("/range/end/character"),
        diagnostic["code"].as_str().unwrap()
    )
}

/// Makes edits in an ASCII text, the last one first.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        before + usize::try_from(place["character"].as_u64().unwrap()).unwrap()
    };
    let mut result = text.to_owned();
    for edit in edits.as_array().unwrap().iter().rev() {
        let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
        result.replace_range(
            offset(start)..offset(end),
            edit["newText"].as_str().unwrap(),
        );
    }
    result
}

fn titles(actions: &[Value]) -> Vec<&str> {
    let titles = actions.iter().map(|action| action["title"].as_str());
    titles.map(Option::unwrap).collect()
}

#[test]
fn findings_come_and_go_while_somebody_types() {
    let mut editor = Editor::start(&[], &json!({}));
    editor.open("Dockerfile", "FROM alpine:3.20\nWORKDIR app\n");
    assert_eq!(editor.diagnostics("Dockerfile"), ["1:8-11 DL3000"]);
    let inserted = json!([{ "range": range(1, 8, 8), "text": "/" }]);
    editor.change("Dockerfile", 2, &inserted);
    assert_eq!(editor.diagnostics("Dockerfile"), [] as [&str; 0]);
    let whole = json!([{ "text": "FROM alpine:3.20\n\nWORKDIR b\n" }]);
    editor.change("Dockerfile", 3, &whole);
    assert_eq!(editor.diagnostics("Dockerfile"), ["2:8-9 DL3000"]);
    let uri = editor.uri("Dockerfile");
    let closed = json!({ "textDocument": { "uri": uri } });
    editor.tell("textDocument/didClose", &closed);
    assert_eq!(editor.diagnostics("Dockerfile"), [] as [&str; 0]);
    assert_eq!(editor.ask("shutdown", &Value::Null), Value::Null);
    editor.tell("exit", &Value::Null);
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn columns_are_counted_as_the_editor_wants() {
    let utf8 = json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } });
    for (capabilities, expected) in [(json!({}), "1:18-22 DL3004"), (utf8, "1:21-25 DL3004")] {
        let mut editor = Editor::start(&[], &capabilities);
        editor.open("Dockerfile", "FROM a:1\nRUN echo \"é😀\" && sudo ls\n");
        assert_eq!(editor.diagnostics("Dockerfile"), [expected]);
    }
}

#[test]
fn the_rule_behind_a_finding_is_explained() {
    let markdown = json!({ "textDocument": { "hover": { "contentFormat": ["markdown"] } } });
    let mut editor = Editor::start(&[], &markdown);
    editor.open("Dockerfile", "FROM a:1\nWORKDIR app\n");
    let document = json!({ "uri": editor.uri("Dockerfile") });
    let at = |character: u32| {
        let position = json!({ "line": 1, "character": character });
        json!({ "textDocument": document, "position": position })
    };
    let hover = editor.ask("textDocument/hover", &at(9));
    assert_eq!(hover["range"], range(1, 8, 11));
    assert_eq!(hover["contents"]["kind"], "markdown");
    let page = hover["contents"]["value"].as_str().unwrap();
    assert!(
        page.starts_with("# DL3000: workdir-not-absolute\n"),
        "{page}"
    );
    assert_eq!(editor.ask("textDocument/hover", &at(2)), Value::Null);
}

#[test]
fn a_finding_is_mended_or_suppressed_where_it_stands() {
    const TEXT: &str =
        "FROM alpine:3.20\nWORKDIR app\n  RUN x \\\n  && sudo ls\nRUN cd /tmp && ls\n";
    let mut editor = Editor::start(&[], &json!({}));
    let uri = editor.uri("Dockerfile");
    editor.open("Dockerfile", TEXT);
    let result = |action: &Value| edited(TEXT, &action["edit"]["changes"][&uri]);

    let actions = editor.actions("Dockerfile", &range(1, 9, 9), &["quickfix"]);
    assert_eq!(
        titles(&actions),
        [
            "Write `/app` (DL3000)",
            "Ignore DL3000 (workdir-not-absolute) here"
        ]
    );
    assert_eq!(actions[0]["isPreferred"], true);
    assert_eq!(place(&actions[0]["diagnostics"][0]), "1:8-11 DL3000");
    assert_eq!(result(&actions[0]), TEXT.replace("app", "/app"));

    // The comment stands above the whole instruction, and has its effect.
    let actions = editor.actions("Dockerfile", &range(3, 5, 9), &[]);
    assert!(actions.is_empty(), "nothing was asked for: {actions:?}");
    let actions = editor.actions("Dockerfile", &range(3, 5, 9), &["quickfix"]);
    let ignored = result(&actions[1]);
    assert_eq!(
        ignored,
        TEXT.replace("  RUN x", "  # lint: allow(DL3004)\n  RUN x")
    );
    let first: Vec<String> = editor.diagnostics("Dockerfile");
    assert_eq!(first.len(), 3, "{first:?}");
    editor.change("Dockerfile", 2, &json!([{ "text": ignored }]));
    assert_eq!(
        editor.diagnostics("Dockerfile"),
        ["1:8-11 DL3000", "5:4-11 DL3003"]
    );

    // What has to be looked at is offered, and not preferred.
    let actions = editor.actions("Dockerfile", &range(5, 4, 4), &["quickfix"]);
    assert_eq!(actions[0]["title"], "Set it with `WORKDIR` (DL3003)");
    assert_eq!(actions[0].get("isPreferred"), None);
}

#[test]
fn all_that_is_safe_is_mended_at_once() {
    const TEXT: &str = "FROM alpine:3.20\nWORKDIR app\nRUN cd /tmp && ls\nRUN sudo ls\n";
    let versioned = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut editor = Editor::start(&[], &versioned);
    editor.open("Dockerfile", TEXT);
    editor.open("other.Dockerfile", "FROM alpine:3.20\nWORKDIR app\n");
    let actions = editor.actions("Dockerfile", &range(0, 0, 0), &["source.fixAll"]);
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert_eq!(actions[0]["kind"], "source.fixAll");
    let changes = actions[0]["edit"]["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "of this document alone: {changes:?}");
    let expected = json!({ "uri": editor.uri("Dockerfile"), "version": 1 });
    assert_eq!(changes[0]["textDocument"], expected);
    let mended = "FROM alpine:3.20\nWORKDIR /app\nRUN cd /tmp && ls\nRUN ls\n";
    assert_eq!(edited(TEXT, &changes[0]["edits"]), mended);
    let again = editor.actions("Dockerfile", &range(0, 0, 0), &["source.fixAll"]);
    assert_eq!(again, actions);
    // Lines that stay the same are not touched.
    assert_eq!(changes[0]["edits"].as_array().unwrap().len(), 2);

    editor.change("Dockerfile", 2, &json!([{ "text": mended }]));
    let actions = editor.actions("Dockerfile", &range(0, 0, 0), &["source"]);
    assert!(actions.is_empty(), "{actions:?}");
}

#[test]
fn a_document_is_laid_out_unless_it_is_broken() {
    let mut editor = Editor::start(&[], &json!({}));
    let uri = editor.uri("Dockerfile");
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let params = json!({ "textDocument": { "uri": uri }, "options": options });
    let text = "from a:1\nRUN x \\\n && y\n\n\n\nUSER b  \n";
    editor.open("Dockerfile", text);
    let edits = editor.ask("textDocument/formatting", &params);
    let laid_out = "FROM a:1\nRUN x \\\n    && y\n\nUSER b\n";
    assert_eq!(edited(text, &edits), laid_out);
    editor.change("Dockerfile", 2, &json!([{ "text": laid_out }]));
    assert_eq!(editor.ask("textDocument/formatting", &params), json!([]));
    let broken = json!([{ "text": "from a:1\nnonsense\n" }]);
    editor.change("Dockerfile", 3, &broken);
    assert_eq!(editor.ask("textDocument/formatting", &params), Value::Null);
}

#[test]
fn the_repositorys_settings_count_and_broken_ones_are_told() {
    let files = [
        (".hadolint.yaml", "override:\n  style: [DL3000]\n"),
        (
            "docker/docker.toml",
            "schema_version = 1\n[project]\nname = \"shop\"\n[lint]\nexclude = [\"vendor/**\"]\n",
        ),
    ];
    let mut editor = Editor::start(&files, &json!({}));
    let text = "FROM a:1\nWORKDIR app\nRUN sudo ls\n";
    editor.open("Dockerfile", text);
    let shown = editor.shown("Dockerfile");
    let severities: Vec<&Value> = shown.iter().map(|shown| &shown["severity"]).collect();
    assert_eq!(severities, [4, 1], "{shown:?}");
    editor.open("vendor/Dockerfile", text);
    assert_eq!(editor.diagnostics("vendor/Dockerfile"), [] as [&str; 0]);

    write(
        editor.folder.path(),
        ".hadolint.yaml",
        "ignored: DL3000: [\n",
    );
    editor.tell("workspace/didChangeWatchedFiles", &json!({ "changes": [] }));
    let message = editor.next("window/showMessage");
    assert_eq!(message["type"], 1);
    let said = message["message"].as_str().unwrap();
    assert!(said.contains(".hadolint.yaml:1:"), "{said}");
    assert_eq!(editor.diagnostics("Dockerfile"), [] as [&str; 0]);

    write(editor.folder.path(), ".hadolint.yaml", "");
    let uri = editor.uri("Dockerfile");
    let saved = json!({ "textDocument": { "uri": uri } });
    editor.tell("textDocument/didSave", &saved);
    assert_eq!(
        editor.diagnostics("Dockerfile"),
        ["1:8-11 DL3000", "2:4-8 DL3004"]
    );
    assert!(
        editor
            .told
            .iter()
            .all(|told| told["method"] != "window/showMessage")
    );
}

#[test]
fn what_is_known_is_not_shown() {
    let manifest =
        "schema_version = 1\n[project]\nname = \"shop\"\n[lint]\nbaseline = \"known.json\"\n";
    let text = "FROM a:1\nWORKDIR app\n";
    let files = [("docker/docker.toml", manifest), ("Dockerfile", text)];
    let mut editor = Editor::start(&files, &json!({}));
    let status = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([
            "docker-lint",
            "--quiet",
            "--write-baseline=known.json",
            ONLY,
        ])
        .arg("Dockerfile")
        .current_dir(editor.folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    editor.open("Dockerfile", &text.replace("FROM", "# moved\nFROM"));
    assert_eq!(editor.diagnostics("Dockerfile"), [] as [&str; 0]);
    let new = json!([{ "text": format!("{text}RUN sudo ls\n") }]);
    editor.change("Dockerfile", 2, &new);
    assert_eq!(editor.diagnostics("Dockerfile"), ["2:4-8 DL3004"]);
}

#[test]
fn files_are_watched_where_the_editor_can() {
    let dynamic = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let mut editor = Editor::start(&[], &json!({ "workspace": dynamic }));
    let asked = editor.next("client/registerCapability");
    let options = &asked["registrations"][0]["registerOptions"];
    assert_eq!(options["watchers"][0]["globPattern"], "**/docker.toml");
}

#[test]
fn nothing_that_is_sent_ends_the_conversation() {
    let mut editor = Editor::spawn(&[]);
    let code = |answer: Result<Value, Value>| answer.unwrap_err()["code"].as_i64().unwrap();
    let empty = json!({});
    assert_eq!(code(editor.answer("textDocument/hover", &empty)), -32002);
    assert_eq!(code(editor.answer("initialize", &json!([]))), -32602);
    editor.ask("initialize", &json!({ "capabilities": null }));
    assert_eq!(code(editor.answer("initialize", &empty)), -32600);
    assert_eq!(code(editor.answer("unknown/method", &empty)), -32601);
    assert_eq!(code(editor.answer("textDocument/hover", &empty)), -32602);

    for (bytes, answered) in [
        (&b"Content-Length: 3\r\n\r\n{\xff}"[..], -32700),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 2\r\n\r\n{}", -32600),
        (b"Content-Length: x\r\n\r\n", -32700),
        (b"no header\r\n\r\n", -32700),
    ] {
        editor.raw(bytes);
        let message = editor.messages.recv_timeout(PATIENCE).unwrap();
        assert_eq!(message["error"]["code"], answered, "{message}");
        assert_eq!(message["id"], Value::Null);
    }

    editor.tell("$/cancelRequest", &json!({ "id": 1 }));
    editor.tell("textDocument/didOpen", &json!({ "textDocument": 1 }));
    editor.tell("textDocument/didClose", &Value::Null);
    editor.change("never-opened", 1, &json!([{ "text": "x" }]));
    editor.open("Dockerfile", "FROM a:1\nWORKDIR é\n");
    let far = json!([{ "range": range(4_000_000_000, 7, 9), "text": "RUN sudo x\n" }]);
    editor.change("Dockerfile", 2, &far);
    editor.change("Dockerfile", 3, &json!("nonsense"));
    // Both changes may have been waiting when the first was judged.
    let mut found = editor.diagnostics("Dockerfile");
    if found.len() == 1 {
        found = editor.diagnostics("Dockerfile");
    }
    assert_eq!(found, ["1:8-9 DL3000", "2:4-8 DL3004"]);

    editor.ask("shutdown", &Value::Null);
    assert_eq!(code(editor.answer("textDocument/hover", &empty)), -32600);
    assert_eq!(editor.end(), Some(0));
    // Who goes without a word is no good end.
    assert_eq!(Editor::start(&[], &json!({})).end(), Some(1));
}
