//! The commands that write, each with a repository in which it has something to write.

use crate::repository::{Files, Repository};

/// Makes the same key pair again and again.
const COSIGN: &str = "\
#!/bin/sh
case $1 in
version) echo '{\"gitVersion\":\"v3.1.1\"}' ;;
generate-key-pair) echo private >\"$3.key\"; echo public >\"$3.pub\" ;;
esac
";

/// Says what it is.
const DOCKER: &str = "\
#!/bin/sh
case $1 in
version) echo '{\"Client\":{\"Version\":\"28.5.2\"},\"Server\":{\"Version\":\"28.5.2\",\"Os\":\"linux\",\"Arch\":\"amd64\"}}' ;;
info) echo '{\"ClientInfo\":{\"Plugins\":[{\"Name\":\"buildx\",\"Version\":\"v0.29.1\"}]}}' ;;
esac
";

fn digest(version: u32) -> String {
    format!("sha256:{version:064}")
}

/// A command that writes.
pub(crate) struct Case {
    pub(crate) arguments: &'static [&'static str],
    /// The repository that it finds.
    pub(crate) prepare: fn() -> Repository,
    /// What must be there once it has run to its end, after it was stopped before or not.
    pub(crate) holds: Holds,
    /// What who comes when all is done is told, with exit code 2; where that is no error, nothing.
    pub(crate) done: Option<&'static str>,
}

/// What a run to the end comes to.
pub(crate) enum Holds {
    /// The files are byte for byte those of a run that nothing disturbed.
    Same,
    /// The files differ from run to run (times stand in them); this looks at them.
    Checked(fn(&Repository)),
}

/// All of them.
pub(crate) const CASES: [Case; 12] = [
    Case {
        arguments: &["docker-bake", "--write"],
        prepare: || {
            let repository = Repository::new();
            repository.write("docker/docker-bake.hcl", "# of an earlier time\n");
            repository
        },
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-lint", "--fix", "--unsafe", "--fail-on=error"],
        prepare: Repository::new,
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-lint", "--format-files"],
        prepare: Repository::new,
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-lint", "--write-baseline=docker/baseline.json"],
        prepare: || {
            let repository = Repository::new();
            repository.write("docker/baseline.json", "{}\n");
            repository
        },
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-deploy", "--write"],
        prepare: Repository::new,
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-ci", "--write"],
        prepare: Repository::new,
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-new", "shelf", "--like=web", "--write"],
        prepare: || {
            let repository = Repository::new();
            repository.ok(&["docker-bake", "--write"]);
            repository.ok(&["docker-deploy", "--write"]);
            repository.ok(&["docker-ci", "--write"]);
            repository
        },
        holds: Holds::Same,
        done: Some("there is a `shelf` already"),
    },
    Case {
        arguments: &["docker-sign", "--generate-key", "docker/cosign"],
        prepare: || {
            let repository = Repository::new();
            repository.program("cosign", COSIGN);
            repository
        },
        holds: Holds::Same,
        done: Some("a key is never replaced"),
    },
    Case {
        arguments: &[
            "docker-rollback",
            "web",
            "--write-images=k8s/live/images/kustomization.yaml",
            "--apply",
            "--engine=system",
        ],
        prepare: || {
            let repository = Repository::new();
            repository.program("docker", DOCKER);
            for version in [1, 2] {
                let digest = digest(version);
                let reference = format!("registry.example.org/acme/shop-web:{version}");
                let of = ["--reference", &reference, "--digest", &digest];
                let record = ["docker-audit", "record", "deploy", "--image=web"];
                repository.ok(&[&record[..], &of].concat());
            }
            repository
        },
        holds: Holds::Checked(|repository| {
            repository.ok(&["docker-audit", "verify"]);
            let trail = repository.read("trail/trail.jsonl");
            assert_eq!(
                trail.matches("\"action\":\"rollback\"").count(),
                1,
                "{trail}"
            );
            let images = repository.read("k8s/live/images/kustomization.yaml");
            assert!(images.contains(&digest(1)), "{images}");
            // Who has nothing to record leaves what a killed run left beside the trail to the next one who has.
            repository.ok(&["docker-audit", "record", "deploy", "--image=stock"]);
        }),
        done: Some("it was rolled back from"),
    },
    Case {
        arguments: &["docker-hooks", "install"],
        prepare: || {
            let repository = Repository::new();
            repository.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n");
            repository
        },
        holds: Holds::Same,
        done: None,
    },
    Case {
        arguments: &["docker-audit", "record", "deploy", "--image=web"],
        prepare: || {
            let repository = Repository::new();
            repository.ok(&["docker-audit", "record", "deploy", "--image=stock"]);
            repository
        },
        holds: Holds::Checked(|repository| {
            repository.ok(&["docker-audit", "verify"]);
            let trail = repository.read("trail/trail.jsonl");
            assert!(
                trail.contains("\"stock\"") && trail.contains("\"web\""),
                "{trail}"
            );
        }),
        done: None,
    },
    Case {
        arguments: &[
            "docker-audit",
            "export",
            "--format=csv",
            "--output=trail.csv",
        ],
        prepare: || {
            let repository = Repository::new();
            for image in ["web", "stock"] {
                repository.ok(&["docker-audit", "record", "deploy", "--image", image]);
            }
            repository.write("trail.csv", "old\n");
            repository
        },
        holds: Holds::Same,
        done: None,
    },
];

impl Case {
    pub(crate) fn name(&self) -> String {
        self.arguments.join(" ")
    }

    /// Whether a text says that there is nothing left to be done.
    pub(crate) fn says_done(&self, text: &str) -> bool {
        self.done.is_some_and(|done| text.contains(done))
    }

    /// Every file is as it was before, or as it must become: never half.
    pub(crate) fn assert_nothing_half(
        &self,
        now: &Files,
        before: &Files,
        after: &Files,
        when: &str,
    ) {
        if let Holds::Checked(_) = self.holds {
            return;
        }
        for (path, bytes) in now {
            if crate::repository::is_beside(path) {
                continue;
            }
            let is_whole = [before, after]
                .iter()
                .any(|files| files.get(path) == Some(bytes));
            let text = String::from_utf8_lossy(bytes);
            assert!(
                is_whole,
                "{}, {when}: {path} is neither old nor new: {text}",
                self.name()
            );
        }
        for path in before.keys().filter(|path| after.contains_key(*path)) {
            assert!(
                now.contains_key(path),
                "{}, {when}: {path} is gone",
                self.name()
            );
        }
    }

    /// The command runs to its end, and all is as if nothing had happened.
    pub(crate) fn assert_next_run_works(&self, repository: &Repository, after: &Files, when: &str) {
        let output = repository.run(self.arguments);
        let said = crate::repository::said(&output);
        assert!(
            output.success() || output.code == Some(2) && self.says_done(&said),
            "{}, {when}: the next run: {said}",
            self.name()
        );
        let now = repository.files();
        match self.holds {
            Holds::Same => {
                crate::repository::assert_same(&now, after, &format!("{}, {when}", self.name()));
            }
            Holds::Checked(check) => check(repository),
        }
        let now = repository.files();
        let left = now.keys().find(|path| crate::repository::is_beside(path));
        assert!(left.is_none(), "{}, {when}: {left:?} is left", self.name());
    }
}
