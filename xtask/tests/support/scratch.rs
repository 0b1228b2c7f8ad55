//! A folder for the length of a test.

use camino::Utf8PathBuf;

/// A folder for the length of a test.
pub(crate) struct Scratch {
    _guard: tempfile::TempDir,
    pub(crate) path: Utf8PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        Self {
            _guard: guard,
            path,
        }
    }

    /// The folder of a case.
    pub(crate) fn folder(&self, number: usize) -> Utf8PathBuf {
        self.path.join(self.name(number))
    }

    /// No two runs share a name: what the engine has of a context it does not ask for again.
    pub(crate) fn name(&self, number: usize) -> String {
        let unique = self
            .path
            .file_name()
            .unwrap()
            .to_lowercase()
            .replace('.', "");
        format!("{unique}-c{number}")
    }
}
