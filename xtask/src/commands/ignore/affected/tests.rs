use std::num::NonZeroUsize;

use super::*;
use crate::context::DiskFolders;
use crate::dockerfile::parse;
use crate::process::System;
use crate::report::Format;
use crate::source::Source;

/// A repository on the disk with git.
struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.git(&["init", "-q"]);
        repository.git(&["add", "-A"]);
        repository.git(&["commit", "-qm", "c"]);
        repository
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.dir.path()).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        crate::git::tests::run_in(self.root(), arguments);
    }

    fn answer(&self, words: &[&str], format: Format) -> Result<String> {
        let dockerfiles: Vec<_> = ["a/Dockerfile", "b/Dockerfile"]
            .map(|path| parse(&Source::read(self.root(), Utf8Path::new(path)).unwrap()))
            .into();
        let surroundings = Surroundings::gather(None, dockerfiles, None);
        let contexts = surroundings
            .dockerfiles
            .keys()
            .map(|path| (path.clone(), "".into()));
        let contexts = BuildContexts::gather(
            &DiskFolders::new(self.root()),
            &contexts.collect(),
            surroundings.recipes(),
            NonZeroUsize::MIN,
        );
        let targets: Vec<Target> = contexts
            .recipes
            .values()
            .map(|recipe| Target {
                name: recipe.dockerfile.parent().unwrap().to_string(),
                dockerfile: recipe.dockerfile.clone(),
                stages: vec![recipe.stages.len() - 1],
            })
            .collect();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let facts = Facts {
            root: self.root(),
            repository: self.root(),
            current_dir: self.root(),
            targets: &targets,
            contexts: &contexts,
            surroundings: &surroundings,
            project: None,
            manifest: None,
        };
        Answer::of(&words, &facts, &System::default())?.render(format, false)
    }

    fn table(&self, words: &[&str]) -> String {
        self.answer(words, Format::Terminal).unwrap()
    }
}

fn repository() -> Repository {
    Repository::new(&[
        (
            "a/Dockerfile",
            "FROM node:20-alpine AS build\nARG V=1\nCOPY package.json /\nRUN npm ci\nCOPY a/src /src\nRUN npm run build\n\nFROM scratch\nCOPY --from=build /dist /dist\n",
        ),
        ("b/Dockerfile", "FROM scratch\nCOPY . /\n"),
        (".dockerignore", "docs\n.git\n"),
        ("package.json", "{}"),
        ("a/src/x.js", ""),
        ("docs/d.md", ""),
        ("README.md", ""),
    ])
}

#[test]
fn files_that_are_named_count_as_edited() {
    let repository = repository();
    insta::assert_snapshot!(repository.table(&["package.json"]), @r#"
    2 of 2 images are built again for 1 changed file

    image  stage  first step           place           steps  why
    a      build  COPY package.json /  a/Dockerfile:3      5  takes package.json (if the outcome differs)
    b      0      COPY . /             b/Dockerfile:2      1  takes package.json
    "#);
    insta::assert_snapshot!(repository.table(&["a/src"]), @r#"
    2 of 2 images are built again for 1 changed file

    image  stage  first step       place           steps  why
    a      build  COPY a/src /src  a/Dockerfile:5      3  takes a/src/x.js (if the outcome differs)
    b      0      COPY . /         b/Dockerfile:2      1  takes a/src/x.js
    "#);
    insta::assert_snapshot!(repository.table(&["docs/d.md"]), @"0 of 2 images are built again for 1 changed file");
    insta::assert_snapshot!(repository.table(&["a/Dockerfile", "gone"]), @r#"
    2 of 2 images are built again for 2 changed files

    image  stage  first step                    place           steps  why
    a      build  FROM node:20-alpine AS build  a/Dockerfile:1      7  its text or its variables may differ from before (if the outcome differs)
    b      0      COPY . /                      b/Dockerfile:2      1  takes a/Dockerfile and 1 more
    "#);
    for (word, expected) in [
        ("gone", "is no file, and git knows no commit"),
        ("/etc/passwd", "is not in the repository"),
    ] {
        let error = repository.answer(&[word], Format::Terminal).unwrap_err();
        assert!(error.message().contains(expected), "{error}");
    }
}

#[test]
fn a_commit_is_compared_with_the_work_tree() {
    let repository = repository();
    insta::assert_snapshot!(without_hash(&repository.table(&["HEAD"])), @"0 of 2 images are built again for 0 changed files");
    let dockerfile = std::fs::read_to_string(repository.root().join("a/Dockerfile")).unwrap();
    repository.write("a/Dockerfile", &dockerfile.replace("V=1", "V=2"));
    repository.write(
        ".dockerignore",
        "README.md\n**/Dockerfile\n.dockerignore\n.git\n",
    );
    insta::assert_snapshot!(without_hash(&repository.table(&["HEAD"])), @r#"
    2 of 2 images are built again for 2 changed files

    image  stage  first step  place           steps  why
    a      build  RUN npm ci  a/Dockerfile:4      4  its text or its variables differ from before (if the outcome differs)
    b      0      COPY . /    b/Dockerfile:2      1  takes .dockerignore and 4 more
    "#);
    repository.git(&["commit", "-qam", "c"]);
    let table = |word: &str| without_hash(&repository.table(&[word]));
    assert_eq!(table("HEAD~1..HEAD"), table("HEAD~1"));
}

fn without_hash(text: &str) -> String {
    let head = text.find(" since ").unwrap();
    let end = head + text[head..].find('\n').unwrap();
    format!("{}{}", &text[..head], &text[end..])
}

#[test]
fn the_answer_is_data_too() {
    let repository = repository();
    insta::assert_snapshot!(repository.answer(&["README.md"], Format::Json).unwrap(), @r#"
    {
      "schema_version": 1,
      "base": null,
      "head": null,
      "changed": 1,
      "images": [
        {
          "name": "b",
          "dockerfile": "b/Dockerfile",
          "certain": true,
          "reason": "takes README.md",
          "steps": [
            {
              "dockerfile": "b/Dockerfile",
              "stage": "0",
              "step": 1,
              "file": "b/Dockerfile",
              "line": 2,
              "text": "COPY . /",
              "executed": true,
              "certain": true,
              "because": [
                {
                  "kind": "files",
                  "files": [
                    "README.md"
                  ],
                  "count": 1,
                  "certain": true
                }
              ]
            }
          ]
        }
      ],
      "unaffected": [
        "a"
      ]
    }
    "#);
    insta::assert_snapshot!(repository.answer(&["README.md"], Format::Markdown).unwrap(), @r#"
    1 of 2 images are built again for 1 changed file

    | image | stage | first step | place | steps | why |
    | --- | --- | --- | --- | ---: | --- |
    | b | 0 | COPY . / | b/Dockerfile:2 | 1 | takes README.md |
    "#);
    assert!(repository.answer(&["README.md"], Format::Sarif).is_err());
}
