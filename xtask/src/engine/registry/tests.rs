use super::*;
use crate::error::Exit;
use crate::process::{Interrupt, Reply, Scripted};

const INDEX: &str = r#"{
  "schemaVersion": 2,
  "manifests": [{"digest": "sha256:aa", "size": 1}, {"digest": "sha256:bb"}]
}"#;

fn ask(reply: Reply) -> Result<Manifest> {
    let runner = Scripted::default().on("imagetools", reply);
    let client = Client {
        docker: Command::new("docker"),
        network: None,
    };
    let name = "docker.io/library/node:20";
    let answer = client.ask(&runner, "docker.io", name, Duration::from_secs(1));
    assert_eq!(
        runner.asked()[0].display(),
        "docker buildx imagetools inspect --raw -- docker.io/library/node:20"
    );
    answer
}

#[test]
fn the_digest_is_the_checksum_of_what_the_registry_says() {
    let index = ask(Reply::ok(INDEX)).unwrap();
    let sum = digest::of_bytes(INDEX.as_bytes());
    assert_eq!(index.digest, format!("sha256:{sum}"));
    assert_eq!(index.members, ["sha256:aa", "sha256:bb"]);
    let single = ask(Reply::ok(r#"{"schemaVersion":2,"config":{},"layers":[]}"#)).unwrap();
    assert_eq!(single.members, [""; 0]);
}

#[test]
fn each_refusal_says_what_to_do() {
    let told = |reply| {
        let error = ask(reply).unwrap_err();
        (error.exit(), error.to_string())
    };
    let failing = |text: &str| told(Reply::failure(1, format!("ERROR: {text}\n")));
    let (exit, text) = failing("docker.io/library/node:20: not found");
    assert_eq!(exit, Exit::Usage);
    insta::assert_snapshot!(text, @"docker.io has no image docker.io/library/node:20 (help: correct the name or the tag)");
    let (exit, text) = failing("failed to authorize: 401 Unauthorized");
    assert_eq!(exit, Exit::Usage);
    insta::assert_snapshot!(text, @"docker.io does not tell about docker.io/library/node:20: failed to authorize: 401 Unauthorized (help: correct the name, or log in: `docker login docker.io`)");
    let (exit, text) = failing("failed to do request: dial tcp: lookup docker.io: no such host");
    assert_eq!(exit, Exit::Missing);
    insta::assert_snapshot!(text, @"docker.io cannot be asked about docker.io/library/node:20: failed to do request: dial tcp: lookup docker.io: no such host (help: check the network and the registry, and run the command again)");
    for answer in ["", "not JSON", r#"{"schemaVersion":1}"#, "{}"] {
        let (exit, text) = told(Reply::ok(answer));
        assert_eq!(exit, Exit::Missing);
        assert!(text.contains("cannot be understood"), "{text}");
    }
}

const CLIENT: &str = r#"{"Client":{"Version":"28.5.2"},"Server":null}"#;
const PLUGINS: &str = r#"{"ClientInfo":{"Plugins":[{"Name":"buildx","Version":"v0.29.1"}]}}"#;

fn find(runner: &Scripted, choice: EngineChoice) -> (Result<Client>, Vec<String>) {
    let said = std::sync::Mutex::new(Vec::new());
    let interrupt = Interrupt::default();
    // Already asked to stop: a private engine that is to be started ends before it fetches anything.
    interrupt.set();
    let means = Means {
        runner,
        interrupt: &interrupt,
        note: &|line| said.lock().unwrap().push(line.to_owned()),
    };
    let directory = tempfile::tempdir().unwrap();
    let none = camino::Utf8Path::from_path(directory.path())
        .unwrap()
        .join("none");
    let client = Client::find(means, choice, &PrivateEngine::new(none));
    (client, said.into_inner().unwrap())
}

#[test]
fn a_client_with_buildx_is_enough() {
    let no_daemon = Reply {
        code: 1,
        stdout: CLIENT.into(),
        stderr: "Cannot connect to the Docker daemon".into(),
    };
    let runner = Scripted::default()
        .on("docker version", no_daemon.clone())
        .on("docker info", Reply::ok(PLUGINS));
    for choice in [EngineChoice::Auto, EngineChoice::System] {
        let (client, said) = find(&runner, choice);
        assert_eq!(client.unwrap().docker.display(), "docker");
        assert!(said.is_empty());
    }
    let bare = Scripted::default()
        .on("docker version", no_daemon)
        .on("docker info", Reply::ok("{}"));
    let (client, _) = find(&bare, EngineChoice::System);
    let error = client.unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    insta::assert_snapshot!(error.to_string(), @"no registry can be asked: the `docker` client has no buildx plugin (help: install a current buildx (package docker-buildx-plugin, or docker-buildx in Debian and Ubuntu)) (help: or leave out `--engine system`: the private engine's client is used then)");
    let (client, said) = find(&bare, EngineChoice::Auto);
    assert!(client.is_err(), "the script knows no packages");
    assert_eq!(
        said[0],
        "asking with the private engine, as the `docker` client has no buildx plugin"
    );
}
