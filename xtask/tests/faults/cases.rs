//! The commands that write, each with a repository in which it has something to write.

use crate::repository::{Files, Repository};

/// A command that writes.
pub(crate) struct Case {
    pub(crate) arguments: &'static [&'static str],
    /// The repository that it finds.
    pub(crate) prepare: fn() -> Repository,
    /// What must be there once it has run to its end, after it was stopped before or not.
    pub(crate) holds: Holds,
}

/// What a run to the end comes to.
pub(crate) enum Holds {
    /// The files are byte for byte those of a run that nothing disturbed.
    Same,
    /// The files differ from run to run (times stand in them); this looks at them.
    Checked(fn(&Repository)),
}

/// All of them.
pub(crate) const CASES: [Case; 9] = [
    Case {
        arguments: &["docker-bake", "--write"],
        prepare: || {
            let repository = Repository::new();
            repository.write("docker/docker-bake.hcl", "# of an earlier time\n");
            repository
        },
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-lint", "--fix", "--unsafe", "--fail-on=error"],
        prepare: Repository::new,
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-lint", "--format-files"],
        prepare: Repository::new,
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-lint", "--write-baseline=docker/baseline.json"],
        prepare: || {
            let repository = Repository::new();
            repository.write("docker/baseline.json", "{}\n");
            repository
        },
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-deploy", "--write"],
        prepare: Repository::new,
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-ci", "--write"],
        prepare: Repository::new,
        holds: Holds::Same,
    },
    Case {
        arguments: &["docker-hooks", "install"],
        prepare: || {
            let repository = Repository::new();
            repository.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n");
            repository
        },
        holds: Holds::Same,
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
    },
];

impl Case {
    pub(crate) fn name(&self) -> String {
        self.arguments.join(" ")
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
            output.success(),
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
        let left = now.keys().find(|path| crate::repository::is_beside(path));
        assert!(left.is_none(), "{}, {when}: {left:?} is left", self.name());
    }
}
