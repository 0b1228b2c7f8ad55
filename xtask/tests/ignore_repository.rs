//! `docker-ignore` in a repository: ranges of commits that are not checked out, contexts that steps take from by name.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says by its panic what is wrong"
)]

mod support;

use serde_json::Value;
use support::scratch::Scratch;

/// A repository, with git.
struct Repository(Scratch);

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self(Scratch::new());
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit();
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        support::git(&self.0.path, arguments)
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "c"]);
    }

    fn ask(&self, folder: &str, arguments: &[&str]) -> String {
        let arguments = [&["-q", "docker-ignore"], arguments].concat();
        let command = support::xtask(&self.0.path.join(folder), &arguments);
        support::run(&command).checked(&command).unwrap().text()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ask("", &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// The images that a range builds again, each with its steps.
    fn affected(&self, range: &str) -> Vec<(String, Vec<String>)> {
        let answer = self.json(&["--affected", range]);
        let images = answer["images"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        images
            .map(|image| {
                let steps = image["steps"].as_array().unwrap().iter();
                let steps = steps.map(|step| text(&step["text"])).collect();
                (text(&image["name"]), steps)
            })
            .collect()
    }
}

fn told(images: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    images
        .iter()
        .map(|(name, steps)| ((*name).to_owned(), owned(steps)))
        .collect()
}

#[test]
fn a_range_may_end_with_a_commit_that_is_not_checked_out() {
    let repository = Repository::new(&[
        ("a/Dockerfile", "FROM scratch\nCOPY a/x /\n"),
        ("b/Dockerfile", "FROM scratch\nCOPY b /b\n"),
        (".dockerignore", "**/*.md\n"),
        ("a/x", "1"),
        ("b/y", "1"),
        ("b/y.md", "1"),
    ]);
    repository.git(&["checkout", "-qb", "side"]);
    // What the Dockerfiles and ignore files of the end say counts, not those of the work tree.
    repository.write("a/Dockerfile", "FROM scratch\nCOPY a /a\n");
    repository.commit();
    repository.write("a/new", "1");
    repository.commit();
    repository.write(".dockerignore", "");
    repository.commit();
    repository.git(&["checkout", "-q", "main"]);
    repository.write("b/y", "2");
    repository.commit();

    assert_eq!(
        repository.affected("side~2..side~1"),
        told(&[("a/Dockerfile", &["COPY a /a"])])
    );
    assert_eq!(
        repository.affected("side~1..side"),
        told(&[("b/Dockerfile", &["COPY b /b"])])
    );
    // Backwards.
    assert_eq!(
        repository.affected("side~1..side~2"),
        told(&[("a/Dockerfile", &["COPY a /a"])])
    );
    // What `main` did in the meantime is not what `side` did.
    let names = |range: &str| {
        let images = repository.affected(range).into_iter();
        images.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names("main...side~1"), ["a/Dockerfile"]);
    assert_eq!(names("main..side~1"), ["a/Dockerfile", "b/Dockerfile"]);

    let commit = |name: &str| repository.git(&["rev-parse", name]);
    let answer = repository.json(&["--affected", "main...side"]);
    assert_eq!(answer["base"], commit("main~1").as_str());
    assert_eq!(answer["head"], commit("side").as_str());
    let text = repository.ask("b", &["--affected", "main...side"]);
    let sides = format!(
        "since {}, up to {}\n",
        &commit("main~1")[..12],
        &commit("side")[..12]
    );
    assert!(text.contains(&sides), "{text}");
    // A work tree that differs from its commit is not what the range ends with.
    repository.write("a/Dockerfile", "FROM scratch\nCOPY a/none /\n");
    assert_eq!(names("HEAD~1..HEAD"), ["b/Dockerfile"]);
    assert_eq!(
        repository.json(&["--affected", "HEAD"])["head"],
        Value::Null
    );
    assert_eq!(
        repository.git(&["status", "--porcelain"]).trim(),
        "M a/Dockerfile"
    );
}

#[test]
fn steps_that_run_for_nothing_are_told_if_asked_for() {
    let repository = Repository::new(&[
        (
            "Dockerfile",
            "FROM scratch AS build\nCOPY a /a\nCOPY notes /notes\nFROM scratch\nCOPY --from=build /a /a\n",
        ),
        ("a", "1"),
        ("notes", "1"),
    ]);
    let answer = repository.json(&["--affected", "notes"]);
    assert_eq!(answer["images"], serde_json::json!([]));
    assert_eq!(answer["idle"], Value::Null);
    let answer = repository.json(&["--affected", "notes", "--all"]);
    assert_eq!(answer["images"], serde_json::json!([]));
    assert_eq!(answer["idle"][0]["name"], "Dockerfile");
    assert_eq!(answer["idle"][0]["steps"][0]["text"], "COPY notes /notes");
    let text = repository.ask("", &["--affected", "notes", "--all"]);
    assert!(text.contains("COPY notes /notes"), "{text}");
    let text = repository.ask("", &["--affected", "a", "--all"]);
    assert!(text.ends_with("no step runs again for nothing"), "{text}");
}

#[test]
fn named_contexts_are_walked_judged_and_listed() {
    let repository = Repository::new(&[
        (
            "compose.yaml",
            "services:\n  api:\n    build:\n      context: api\n      additional_contexts:\n        lib: ./lib\n        node: docker-image://node\n",
        ),
        (
            "api/Dockerfile",
            "FROM scratch AS build\nCOPY --from=lib src /src\nCOPY main /\nFROM scratch\nCOPY --from=build /src /src\n",
        ),
        ("api/main", "1"),
        ("lib/.dockerignore", "**/*.md\n"),
        ("lib/src/x", "123"),
        ("lib/src/x.md", "1"),
        ("lib/src/.env", "PASSWORD=hunter2hunter2\n"),
        ("lib/other/y", "1"),
    ]);
    let listed = repository.json(&["--list"]);
    assert_eq!(listed["paths"], serde_json::json!(["main"]));
    assert_eq!(
        listed["named_contexts"],
        serde_json::json!({ "lib": ["src", "src/.env", "src/x"] })
    );
    let text = repository.ask("", &["--list"]);
    assert_eq!(text, "main\n\nnamed context lib:\nsrc\nsrc/.env\nsrc/x");

    let command = support::xtask(
        &repository.0.path,
        &["-q", "docker-ignore", "--format", "json"],
    );
    let output = support::run(&command);
    let answer: Value = serde_json::from_str(&output.text()).unwrap();
    let image = &answer["images"][0];
    assert_eq!(image["in_image"]["files"], 2, "{image}");
    let context = answer["contexts"].as_array().unwrap();
    let lib = context.iter().find(|context| context["context"] == "lib");
    let lib = lib.unwrap();
    assert_eq!(lib["named"], true);
    assert_eq!(lib["ignore_file"], "lib/.dockerignore");
    assert_eq!(lib["unused"]["files"], 2, "{lib}");
    let secret = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| {
            let message = finding["message"].as_str().unwrap();
            message.starts_with("`lib/src/.env`")
        });
    let secret = secret.unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(secret["path"], "api/Dockerfile");
    assert!(
        secret["message"]
            .as_str()
            .unwrap()
            .contains("stays in the image")
    );

    let names = |path: &str| repository.affected(path).len();
    assert_eq!(names("lib/src/x"), 1);
    assert_eq!(names("lib/src/x.md"), 0);
    assert_eq!(names("lib/other/y"), 0);
    let text = repository.ask("", &["--explain", "lib/src/x.md"]);
    assert!(
        text.contains("lib/.dockerignore") && text.contains("**/*.md"),
        "{text}"
    );
}
