//! What the `docker` client and its plugins say of themselves, kept as long as their files stay as they are: to ask them
//! takes as long as three programs take to start.

use std::os::unix::fs::MetadataExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::atomic_file;

const SCHEMA_VERSION: u32 = 1;
/// Where the client looks for plugins behind its own configuration (docker/cli, `cli-plugins/manager`).
const FOLDERS: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
];
const PLUGINS: [&str; 2] = ["docker-buildx", "docker-compose"];

/// The client and its plugins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Client {
    /// Version of the client.
    pub(super) version: String,
    /// Version of the buildx plugin.
    pub(super) buildx: Option<String>,
    /// Where the buildx plugin lies.
    pub(super) buildx_program: Option<Utf8PathBuf>,
    /// Version of the compose plugin.
    pub(super) compose: Option<String>,
}

/// A file as it is; `None` if there is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct FileState {
    path: Utf8PathBuf,
    /// Device, inode, size, and when its contents and the rest changed last: seconds and nanoseconds.
    state: Option<(u64, u64, u64, [i64; 4])>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Document {
    schema_version: u32,
    files: Vec<FileState>,
    client: Client,
}

/// Where a client's answers are kept, and by which files they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    file: Utf8PathBuf,
    files: Vec<FileState>,
}

impl Record {
    /// For the `docker` that `search_path` finds, with the configuration folder `config`. `None` where there is none.
    pub(super) fn of(
        file: &Utf8Path,
        search_path: &str,
        config: Option<&Utf8Path>,
    ) -> Option<Self> {
        let docker = which::which_in("docker", Some(search_path), "/").ok()?;
        let docker = Utf8PathBuf::from_path_buf(docker).ok()?;
        let settings = config.map(|config| config.join("config.json"));
        let folders = extra_folders(settings.as_deref())
            .into_iter()
            .chain(config.map(|config| config.join("cli-plugins")))
            .chain(FOLDERS.map(Utf8PathBuf::from));
        let plugins: Vec<Utf8PathBuf> = folders
            .flat_map(|folder| PLUGINS.map(|plugin| folder.join(plugin)))
            .collect();
        let files = std::iter::once(docker).chain(settings).chain(plugins);
        Some(Self {
            file: file.to_owned(),
            files: files.map(FileState::of).collect(),
        })
    }

    /// What was kept, if no file has changed since.
    pub(super) fn client(&self) -> Option<Client> {
        let text = std::fs::read(&self.file).ok()?;
        let document: Document = serde_json::from_slice(&text).ok()?;
        let holds = document.schema_version == SCHEMA_VERSION && document.files == self.files;
        holds.then_some(document.client)
    }

    /// Keeps it. What cannot be written is asked again, and so is a client with a plugin that lies elsewhere.
    pub(super) fn keep(&self, client: Client) {
        let is_watched = |program: &Utf8PathBuf| {
            let mut files = self.files.iter();
            files.any(|file| file.path == *program && file.state.is_some())
        };
        if !client.buildx_program.as_ref().is_some_and(is_watched) {
            return;
        }
        let document = Document {
            schema_version: SCHEMA_VERSION,
            files: self.files.clone(),
            client,
        };
        if let Ok(text) = serde_json::to_string_pretty(&document) {
            let _ = atomic_file::write(&self.file, text + "\n");
        }
    }
}

impl FileState {
    fn of(path: Utf8PathBuf) -> Self {
        // Of what a link leads to.
        let state = path.metadata().ok().map(|about| {
            (
                about.dev(),
                about.ino(),
                about.size(),
                [
                    about.mtime(),
                    about.mtime_nsec(),
                    about.ctime(),
                    about.ctime_nsec(),
                ],
            )
        });
        Self { path, state }
    }
}

/// `cliPluginsExtraDirs` of the client's configuration.
fn extra_folders(settings: Option<&Utf8Path>) -> Vec<Utf8PathBuf> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Settings {
        cli_plugins_extra_dirs: Vec<Utf8PathBuf>,
    }
    let text = settings.and_then(|file| std::fs::read(file).ok());
    let settings: Option<Settings> = text.and_then(|text| serde_json::from_slice(&text).ok());
    settings.unwrap_or_default().cli_plugins_extra_dirs
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct Machine {
        _folder: tempfile::TempDir,
        root: Utf8PathBuf,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
            let machine = Self {
                _folder: folder,
                root,
            };
            machine.program("bin/docker");
            machine.program("config/cli-plugins/docker-buildx");
            machine
        }

        fn program(&self, path: &str) -> Utf8PathBuf {
            let file = self.root.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            file
        }

        fn record(&self) -> Option<Record> {
            let (file, path) = (self.root.join("kept/client.json"), self.root.join("bin"));
            Record::of(&file, path.as_str(), Some(&self.root.join("config")))
        }

        fn client(&self, program: &str) -> Client {
            Client {
                version: "28.5.2".to_owned(),
                buildx: Some("0.29.1".to_owned()),
                buildx_program: Some(self.root.join(program)),
                compose: None,
            }
        }
    }

    #[test]
    fn what_a_client_said_holds_until_one_of_its_files_changes() {
        let machine = Machine::new();
        let said = machine.client("config/cli-plugins/docker-buildx");
        let record = || machine.record().unwrap();
        assert_eq!(record().client(), None);
        let changes: [&dyn Fn(); 4] = [
            &|| drop(machine.program("bin/docker")),
            &|| drop(machine.program("config/cli-plugins/docker-buildx")),
            &|| drop(machine.program("config/cli-plugins/docker-compose")),
            &|| std::fs::write(machine.root.join("config/config.json"), "{}").unwrap(),
        ];
        for change in changes {
            record().keep(said.clone());
            assert_eq!(record().client(), Some(said.clone()));
            change();
            assert_eq!(record().client(), None);
        }
        record().keep(said);
        std::fs::write(machine.root.join("kept/client.json"), "{").unwrap();
        assert_eq!(record().client(), None);
    }

    #[test]
    fn a_plugin_in_a_place_that_is_not_watched_is_asked_again() {
        let machine = Machine::new();
        let elsewhere = machine.program("opt/docker-buildx");
        let record = || machine.record().unwrap();
        record().keep(machine.client("opt/docker-buildx"));
        assert_eq!(record().client(), None);
        // The configuration names the place, so that it is watched.
        let folder = elsewhere.parent().unwrap();
        let settings = serde_json::json!({ "cliPluginsExtraDirs": [folder] });
        std::fs::write(
            machine.root.join("config/config.json"),
            settings.to_string(),
        )
        .unwrap();
        record().keep(machine.client("opt/docker-buildx"));
        assert!(record().client().is_some());
    }

    #[test]
    fn without_a_client_there_is_no_record() {
        let machine = Machine::new();
        std::fs::remove_file(machine.root.join("bin/docker")).unwrap();
        assert_eq!(machine.record(), None);
    }
}
