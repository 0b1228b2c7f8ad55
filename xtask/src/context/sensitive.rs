//! Sensitive files among those that enter a build: by name, and by content.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::folders::{Folders, Kind};
use super::node_set::NodeSet;
use super::tree::{NodeId, Tree};
use crate::secrets::content::{Format, Match, Scanner};
use crate::secrets::holds_secret;
use crate::secrets::names::{ByName, Sensitive, by_name};

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file; what comes behind is not looked at.
    pub file: u64,
    /// Bytes of all files; files that come later are not looked at, unless their name is suspicious.
    pub total: u64,
}

impl Default for Limits {
    /// 4 MiB of a file, 1 GiB in all.
    fn default() -> Self {
        Self {
            file: 4 << 20,
            total: 1 << 30,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct SensitiveFiles {
    /// In the order of the tree.
    pub files: Vec<SensitiveFile>,
    /// How many bytes were read.
    pub bytes: u64,
    /// Files of which a part was not looked at: they are larger than the limit, or came after it.
    pub cut: Vec<NodeId>,
    /// Files that could not be read, with the reason.
    pub unreadable: Vec<(NodeId, String)>,
}

/// A file that should not be in an image.
#[derive(Clone, Debug)]
pub struct SensitiveFile {
    /// Which.
    pub node: NodeId,
    /// What its name says.
    pub by_name: Option<Sensitive>,
    /// What is in it.
    pub matches: Vec<Match>,
}

impl SensitiveFile {
    /// Whether it holds a secret, as far as anybody can tell: its name is enough, its content has the form of one, or
    /// both point to it.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        holds_secret(self.by_name, &self.matches)
    }

    /// What it holds, for a message: `variables of a program`, `a token of GitHub in line 3`.
    #[must_use]
    pub fn description(&self) -> String {
        let best = self.matches.iter().max_by_key(|found| {
            let certainty = found.rule.certainty;
            (certainty, std::cmp::Reverse(found.span.start))
        });
        match (best, self.by_name) {
            (Some(found), _) => format!("{} in line {}", found.rule.description, found.start.line),
            (None, Some(sensitive)) => sensitive.description.to_owned(),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// Looks through files, several at once. What is a secret by its name alone is not read. Links are not followed: what
/// they lead to enters by itself or not at all.
#[must_use]
pub fn sensitive_files(
    folders: &dyn Folders,
    tree: &Tree,
    among: &NodeSet,
    limits: Limits,
    threads: NonZeroUsize,
) -> SensitiveFiles {
    let mut files: Vec<(NodeId, Option<Sensitive>)> = among
        .iter()
        .filter(|node| tree.kind(*node) == Kind::File)
        .map(|node| (node, by_name(tree.path(node).as_str())))
        .collect();
    // Whose name is suspicious is read first: the limit is for the others.
    files.sort_by_key(|(node, sensitive)| (sensitive.is_none(), *node));
    let next = AtomicUsize::new(0);
    let read = AtomicU64::new(0);
    let work = || {
        let mut found = SensitiveFiles::default();
        let mut buffer = vec![0; 64 * 1024];
        while let Some((node, sensitive)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            look(
                folders,
                tree,
                (*node, *sensitive),
                limits,
                (&read, &mut buffer),
                &mut found,
            );
        }
        found
    };
    let mut all = work_together(threads, &work);
    all.bytes = read.into_inner();
    all.files.sort_by_key(|file| file.node);
    all.cut.sort_unstable();
    all.unreadable.sort();
    all
}

fn work_together(
    threads: NonZeroUsize,
    work: &(dyn Fn() -> SensitiveFiles + Sync),
) -> SensitiveFiles {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.get()).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(more) => {
                    all.files.extend(more.files);
                    all.cut.extend(more.cut);
                    all.unreadable.extend(more.unreadable);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// One file.
fn look(
    folders: &dyn Folders,
    tree: &Tree,
    (node, sensitive): (NodeId, Option<Sensitive>),
    limits: Limits,
    (total, buffer): (&AtomicU64, &mut [u8]),
    found: &mut SensitiveFiles,
) {
    let by_name = sensitive.map(|sensitive| sensitive.by_name);
    let is_known = matches!(by_name, Some(ByName::Sure | ByName::Suspicious));
    let mut matches = Vec::new();
    if !is_known && tree.bytes(node) > 0 {
        if sensitive.is_none() && total.load(Ordering::Relaxed) >= limits.total {
            found.cut.push(node);
            return;
        }
        let path = tree.path(node);
        match folders
            .read(&path)
            .and_then(|mut file| scan(&mut *file, path.as_str(), limits.file, buffer))
        {
            Ok((secrets, bytes, is_cut)) => {
                total.fetch_add(bytes, Ordering::Relaxed);
                matches = secrets;
                if is_cut {
                    found.cut.push(node);
                }
            }
            Err(error) => found.unreadable.push((node, error.to_string())),
        }
    }
    if sensitive.is_some() || !matches.is_empty() {
        found.files.push(SensitiveFile {
            node,
            by_name: sensitive,
            matches,
        });
    }
}

/// What a file holds, how much of it was read, and whether something is left.
fn scan(
    file: &mut dyn Read,
    path: &str,
    limit: u64,
    buffer: &mut [u8],
) -> std::io::Result<(Vec<Match>, u64, bool)> {
    let mut scanner = Scanner::new(Format::of(path));
    let mut bytes = 0;
    loop {
        let count = match file.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let left = usize::try_from(limit - bytes).unwrap_or(usize::MAX);
        scanner.feed(&buffer[..count.min(left)]);
        bytes += count.min(left) as u64;
        if count == 0 || count > left {
            return Ok((scanner.finish().matches, bytes, count > left));
        }
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::context::{MemoryFolders, View, Walk, admitted};

    fn told(folders: &MemoryFolders, limits: Limits, threads: usize) -> (Vec<String>, Vec<String>) {
        let views = [View {
            root: Utf8Path::new(""),
            patterns: None,
        }];
        let threads = NonZeroUsize::new(threads).unwrap();
        let tree = Walk {
            folders,
            views: &views,
            measure: true,
            threads,
        }
        .carry_out();
        let all = admitted(&tree, 0, &views[0]);
        let found = sensitive_files(folders, &tree, &all, limits, threads);
        let secrets = found.files.iter().filter(|file| file.is_secret());
        (
            secrets
                .map(|file| format!("{}: {}", tree.path(file.node), file.description()))
                .collect(),
            found
                .cut
                .iter()
                .map(|node| tree.path(*node).into_string())
                .collect(),
        )
    }

    #[test]
    fn names_and_contents_decide() {
        // Put together so that no scanner takes this file for a leak.
        let key = ["-----BEGIN OPENSSH PRIVATE", " KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END OPENSSH PRIVATE", " KEY-----\n"].concat();
        let folders = MemoryFolders::default()
            .with_text("a/.env", "PORT=3000\nAPI_TOKEN=q8Zk2mPw77Xc\n")
            .with_text("b/.env", "PORT=3000\n")
            .with_text("c/.env.example", "API_TOKEN=q8Zk2mPw77Xc\n")
            .with_text("id_rsa", "x")
            .with_text("notes.txt", &format!("hello\n{key}"))
            .with_text("x.pem", "-----BEGIN CERTIFICATE-----\n")
            .with_text("main.ts", "const token = readToken();\n");
        for threads in [1, 3] {
            let (found, cut) = told(&folders, Limits::default(), threads);
            let names: Vec<&str> = found
                .iter()
                .filter_map(|line| line.split(':').next())
                .collect();
            assert_eq!(names, ["id_rsa", "notes.txt", "a/.env"], "{found:?}");
            assert!(found[1].ends_with("in line 2"), "{found:?}");
            assert_eq!(cut, [""; 0]);
        }
    }

    #[test]
    fn limits_hold_and_are_told() {
        let filler = "x\n".repeat(1000);
        let folders = MemoryFolders::default()
            .with_text("a.txt", &filler)
            .with_text("b.txt", &filler)
            .with_text("z/.env", "API_TOKEN=q8Zk2mPw77Xc\n");
        let limits = Limits {
            file: 100,
            total: 110,
        };
        let (found, cut) = told(&folders, limits, 1);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(cut, ["a.txt", "b.txt"]);
    }
}
