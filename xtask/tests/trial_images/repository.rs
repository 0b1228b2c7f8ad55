//! A repository with the images of `testdata/trial`, built for real.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Command, Output};

use crate::support::scratch::Scratch;
use crate::support::static_program::static_program;
use crate::support::{self, Machine};

pub(crate) struct Repository {
    _scratch: Scratch,
    pub(crate) root: Utf8PathBuf,
}

impl Repository {
    /// With some of the images, or all, built.
    pub(crate) fn of_images(machine: &Machine, some: Option<&[&str]>) -> Self {
        let repository = Self::unbuilt(some);
        Machine::lend_to(&repository.root);
        let program = include_str!("../../testdata/trial/service.rs");
        static_program(&repository.root, "service", program);
        let output = repository.xtask(&["docker-build", "--offline", machine.choice()]);
        assert!(
            output.success(),
            "{}\n{}",
            output.text(),
            output.error_text()
        );
        repository
    }

    /// As [`Repository::of_images`], without anything built.
    pub(crate) fn unbuilt(some: Option<&[&str]>) -> Self {
        let scratch = Scratch::new();
        let root = scratch.path.clone();
        let data = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/trial");
        let copy = |from: &str, to: &str| {
            let to = root.join(to);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(data.join(from), to).unwrap();
        };
        for file in ["package.json", "state/.keep"] {
            copy(file, file);
        }
        let names: Vec<String> = data
            .join("images")
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_owned())
            .filter(|name| some.is_none_or(|some| some.contains(&name.as_str())))
            .collect();
        for name in &names {
            let file = format!("images/{name}/Dockerfile");
            copy(&file, &file);
        }
        let manifest = std::fs::read_to_string(data.join("docker.toml")).unwrap();
        let manifest: Vec<&str> = manifest
            .split_inclusive("\n\n")
            .filter(|part| {
                let image = part
                    .split("[test.images.")
                    .nth(1)
                    .and_then(|rest| rest.split(']').next());
                image.is_none_or(|image| names.iter().any(|name| name == image))
            })
            .collect();
        std::fs::create_dir_all(root.join("docker")).unwrap();
        std::fs::write(root.join("docker/docker.toml"), manifest.concat()).unwrap();
        Self {
            _scratch: scratch,
            root,
        }
    }

    pub(crate) fn xtask(&self, arguments: &[&str]) -> Output {
        support::run(&self.command(arguments))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        support::xtask(&self.root, arguments)
    }

    pub(crate) fn images(&self) -> Vec<String> {
        let entries = self.root.join("images").read_dir_utf8().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect()
    }

    /// What the first line of an image's Dockerfile says it is caught as.
    pub(crate) fn caught_as(&self, image: &str) -> BTreeSet<String> {
        let file = self.root.join("images").join(image).join("Dockerfile");
        let text = std::fs::read_to_string(file).unwrap();
        let names = text
            .lines()
            .next()
            .unwrap()
            .strip_prefix("# Caught as: ")
            .unwrap();
        let names = names.split(", ").filter(|name| *name != "nothing");
        names.map(str::to_owned).collect()
    }

    /// Containers, networks and volumes in the engine that trials of this repository made.
    pub(crate) fn left_behind(&self) -> Vec<String> {
        let folder = self
            .root
            .join("target/docker-test")
            .canonicalize_utf8()
            .unwrap();
        let filter = format!("label=dev.xtask-docker.folder={folder}");
        let lists: [&[&str]; 3] = [&["ps", "--all"], &["network", "ls"], &["volume", "ls"]];
        lists
            .iter()
            .flat_map(|list| {
                let mut arguments = list.to_vec();
                arguments.extend(["--quiet", "--filter", &filter]);
                let found = support::ask(&arguments).unwrap();
                found
                    .lines()
                    .map(|id| format!("{} {id}", list[0]))
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}
