//! A lock file: one process at a time works in a directory.

use std::fs::File;
use std::time::Duration;

use camino::Utf8Path;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Held until dropped; the system releases it when the process dies, so it is never stale.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held for its lock, never read")] File);

/// How often a waiting process looks again.
const POLL: Duration = Duration::from_millis(50);

impl Lock {
    /// Takes the lock, waiting up to `patience` for another process. `on_wait` is called once if it has to wait.
    ///
    /// # Errors
    /// If the file cannot be made, or the other process keeps it for longer.
    pub fn take(file: &Utf8Path, patience: Duration, on_wait: &dyn Fn()) -> Result<Self> {
        let failed = |e: std::io::Error| Error::usage(format!("failed to lock {file}")).because(e);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let handle = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(file)
            .map_err(failed)?;
        let mut waited = Duration::ZERO;
        loop {
            match flock(&handle, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self(handle)),
                Err(Errno::WOULDBLOCK) if waited < patience => {
                    if waited.is_zero() {
                        on_wait();
                    }
                    std::thread::sleep(POLL);
                    waited += POLL;
                }
                Err(Errno::WOULDBLOCK) => {
                    return Err(Error::failed(format!(
                        "another process has held {file} for more than {} s",
                        patience.as_secs()
                    ))
                    .help(format!(
                        "wait for it, or end it: `fuser {file}` tells which it is"
                    )));
                }
                Err(Errno::INTR) => {}
                Err(e) => return Err(failed(e.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;

    #[test]
    fn the_second_waits_for_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let file = Utf8PathBuf::from_path_buf(directory.path().join("x/lock")).unwrap();
        let first = Lock::take(&file, Duration::ZERO, &|| ()).unwrap();
        let refused = Lock::take(&file, Duration::ZERO, &|| ()).unwrap_err();
        assert!(refused.to_string().contains("another process"), "{refused}");
        let waiting = std::thread::spawn(move || {
            let waited = std::cell::Cell::new(false);
            Lock::take(&file, Duration::from_secs(20), &|| waited.set(true)).unwrap();
            waited.get()
        });
        std::thread::sleep(Duration::from_millis(200));
        drop(first);
        assert!(waiting.join().unwrap());
    }
}
