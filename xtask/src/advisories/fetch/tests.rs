use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;
use crate::process::{Interrupt, Reply, Scripted, System};

/// A web server on this machine that answers each path with what it was told, and keeps what it was asked.
struct Server {
    url: String,
    files: Arc<Mutex<Vec<(String, Page)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Page {
    bytes: Vec<u8>,
    tag: String,
    /// After how many bytes the line breaks.
    breaks_after: Option<usize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "http://{}/{{ecosystem}}/all.zip",
            listener.local_addr().unwrap()
        );
        let (files, asked) = (Arc::default(), Arc::default());
        let server = Self {
            url,
            files: Arc::clone(&files),
            asked: Arc::clone(&asked),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // Whoever hangs up is not served.
                let _ = serve(&stream.unwrap(), &files, &asked);
            }
        });
        server
    }

    fn put(&self, path: &str, bytes: &[u8], tag: &str, breaks_after: Option<usize>) {
        let page = Page {
            bytes: bytes.to_vec(),
            tag: tag.to_owned(),
            breaks_after,
        };
        let mut files = self.files.lock().unwrap();
        files.retain(|(known, _)| known != path);
        files.push((path.to_owned(), page));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(
    mut stream: &TcpStream,
    files: &Mutex<Vec<(String, Page)>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = String::new();
    let mut reader = BufReader::new(stream);
    while reader.read_line(&mut request)? > 2 {}
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let header = |name: &str| {
        let line = request
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.map(str::to_owned)
    };
    let (range, condition) = (header("Range"), header("If-None-Match"));
    let mut note = path.clone();
    for (name, value) in [
        ("range", &range),
        ("unless", &condition),
        ("if-range", &header("If-Range")),
    ] {
        if let Some(value) = value {
            note = format!("{note} {name} {value}");
        }
    }
    asked.lock().unwrap().push(note);
    let found = files
        .lock()
        .unwrap()
        .iter()
        .find(|(known, _)| *known == path)
        .map(|(_, page)| page.clone());
    let Some(page) = found else {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    };
    if condition.as_deref() == Some(&page.tag) {
        let head = format!(
            "HTTP/1.1 304 Not Modified\r\nETag: {}\r\nConnection: close\r\n\r\n",
            page.tag
        );
        return stream.write_all(head.as_bytes());
    }
    let total = page.bytes.len();
    let start = range
        .filter(|_| header("If-Range").as_deref() == Some(&page.tag))
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse::<usize>()
                .ok()
        });
    let status = match start {
        Some(start) => format!(
            "206 Partial Content\r\nContent-Range: bytes {start}-{}/{total}",
            total - 1
        ),
        None => "200 OK".to_owned(),
    };
    let body = &page.bytes[start.unwrap_or(0)..];
    let head = format!(
        "HTTP/1.1 {status}\r\nETag: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.tag,
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body[..page.breaks_after.unwrap_or(body.len()).min(body.len())])
}

fn zip(id: &str) -> Vec<u8> {
    let mut zip = crate::scan::zip::tests::zip_file::ZipFile::new(Vec::new());
    // What compresses badly, so that there is a middle to break off in.
    let noise: Vec<String> = (0..4000_u32)
        .map(|it| format!("{:x}", it.wrapping_mul(2_654_435_761)))
        .collect();
    let noise = noise.concat();
    let text = format!(
        r#"{{"id": "{id}", "details": "{noise}", "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}, "versions": ["1.0.0"]}}]}}"#
    );
    zip.add(&format!("{id}.json"), text.as_bytes()).unwrap();
    zip.finish().unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn data(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.0.path().join("data")).unwrap()
    }

    fn npm_files(&self) -> Vec<String> {
        let entries = self.data().join("npm").read_dir_utf8().unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect();
        names.sort();
        names
    }
}

fn system() -> Option<System> {
    let system = System::new(Interrupt::default());
    if system.run(&Command::new("curl").arg("--version")).is_err() {
        println!("skipped: there is no curl");
        return None;
    }
    Some(system)
}

fn only(result: Result<Vec<(Ecosystem, Result<Outcome>)>>) -> Result<Outcome> {
    let mut outcomes = result.unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0).1
}

#[test]
fn what_is_fetched_is_used_and_fetched_again_only_if_it_changed() {
    let Some(system) = system() else { return };
    let (server, folder) = (Server::start(), Folder::new());
    server.put("/npm/all.zip", &zip("A"), "\"one\"", None);
    let update = |now| {
        only(update(
            &system,
            &folder.data(),
            &server.url,
            &[Ecosystem::Npm],
            now,
        ))
    };
    let Outcome::New(first) = update(1000).unwrap() else {
        panic!("it is new")
    };
    assert_eq!((first.fetched, first.bytes), (1000, zip("A").len() as u64));
    assert_eq!(first.sha256.len(), 64);
    assert_eq!(folder.npm_files(), ["all.zip", "fetched.json"]);
    let advisories =
        || super::super::Advisories::open(&folder.data(), &folder.data().join(".cache")).unwrap();
    assert_eq!(advisories().summary().releases["npm"].fetched, Some(1000));

    let Outcome::Unchanged(second) = update(2000).unwrap() else {
        panic!("nothing changed")
    };
    assert_eq!((second.fetched, &second.sha256), (2000, &first.sha256));
    assert_eq!(advisories().summary().releases["npm"].fetched, Some(2000));

    server.put("/npm/all.zip", &zip("B"), "\"two\"", None);
    let Outcome::New(third) = update(3000).unwrap() else {
        panic!("it is new")
    };
    assert_ne!(third.sha256, first.sha256);
    assert_eq!(folder.npm_files(), ["all.zip", "fetched.json"]);
    assert_eq!(
        server.asked(),
        [
            "/npm/all.zip",
            "/npm/all.zip unless \"one\"",
            "/npm/all.zip unless \"one\""
        ]
    );
}

#[test]
fn a_broken_line_leaves_what_was_there_and_is_gone_on_with() {
    let Some(system) = system() else { return };
    let (server, folder) = (Server::start(), Folder::new());
    let update = || {
        only(update(
            &system,
            &folder.data(),
            &server.url,
            &[Ecosystem::Npm],
            1,
        ))
    };
    server.put("/npm/all.zip", &zip("A"), "\"one\"", None);
    update().unwrap();
    let before = std::fs::read(folder.data().join("npm/all.zip")).unwrap();
    server.put("/npm/all.zip", &zip("B"), "\"two\"", Some(500));
    let error = update().unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    assert!(error.to_string().contains("transfer closed"), "{error}");
    assert_eq!(
        std::fs::read(folder.data().join("npm/all.zip")).unwrap(),
        before
    );
    server.asked();
    server.put("/npm/all.zip", &zip("B"), "\"two\"", None);
    update().unwrap();
    assert_eq!(
        server.asked(),
        ["/npm/all.zip range bytes=500- if-range \"two\""]
    );
    assert_eq!(
        std::fs::read(folder.data().join("npm/all.zip")).unwrap(),
        zip("B")
    );
    assert_eq!(folder.npm_files(), ["all.zip", "fetched.json"]);
}

#[test]
fn another_file_is_not_put_behind_what_was_cut_off() {
    let Some(system) = system() else { return };
    let (server, folder) = (Server::start(), Folder::new());
    let update = || {
        only(update(
            &system,
            &folder.data(),
            &server.url,
            &[Ecosystem::Npm],
            1,
        ))
    };
    server.put("/npm/all.zip", &zip("A"), "\"one\"", Some(500));
    update().unwrap_err();
    server.put("/npm/all.zip", &zip("B"), "\"two\"", None);
    update().unwrap();
    assert_eq!(
        std::fs::read(folder.data().join("npm/all.zip")).unwrap(),
        zip("B")
    );
}

#[test]
fn one_that_fails_does_not_keep_the_others_from_coming() {
    let Some(system) = system() else { return };
    let (server, folder) = (Server::start(), Folder::new());
    server.put("/npm/all.zip", b"<html>Sign in</html>", "\"one\"", None);
    server.put("/crates.io/all.zip", &zip("A"), "\"one\"", None);
    let all = [Ecosystem::Npm, Ecosystem::Go, Ecosystem::CratesIo];
    let outcomes = update(&system, &folder.data(), &server.url, &all, 1).unwrap();
    let error = outcomes[0].1.as_ref().unwrap_err();
    assert_eq!(error.causes(), ["it is no ZIP file, or its end is missing"]);
    assert_eq!(folder.npm_files(), [""; 0]);
    let error = outcomes[1].1.as_ref().unwrap_err();
    assert!(error.causes()[0].contains("404"), "{error}");
    assert!(outcomes[2].1.is_ok());
}

#[test]
fn no_network_is_told_with_what_to_do_and_without_the_password() {
    let Some(system) = system() else { return };
    let folder = Folder::new();
    // Nobody listens there.
    let url = "http://user:secret@127.0.0.1:9/{ecosystem}/all.zip?token=secret";
    let error = only(update(&system, &folder.data(), url, &[Ecosystem::Npm], 1)).unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    assert_eq!(
        error.message(),
        "failed to fetch the advisories of npm from http://127.0.0.1:9/npm/all.zip"
    );
    assert!(error.helps()[0].contains("by hand"));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn the_password_stands_in_no_argument() {
    let runner = Scripted::default().on("--version", Reply::ok("curl 8")).on(
        "--config",
        Reply::failure(6, "curl: (6) Could not resolve host: example.com"),
    );
    let folder = Folder::new();
    let url = "https://user:secret@example.com/osv/{ecosystem}";
    let error = only(update(&runner, &folder.data(), url, &[Ecosystem::Npm], 1)).unwrap_err();
    assert_eq!(error.causes(), ["(6) Could not resolve host: example.com"]);
    for command in runner.asked() {
        assert!(
            !command.display().contains("secret"),
            "{}",
            command.display()
        );
    }
}

#[test]
fn bad_addresses_and_a_machine_without_programs_are_told() {
    let folder = Folder::new();
    for url in [
        "",
        "ftp://example.com/{ecosystem}",
        "file:///{ecosystem}",
        "https://example.com/{ecosystem} b",
        "https://e.com/{ecosystem}\"",
        "https://e.com/all.zip",
    ] {
        let error = update(&Scripted::default(), &folder.data(), url, &[], 1).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage, "{url}");
    }
}
