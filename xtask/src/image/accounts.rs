//! The accounts of an image: `passwd(5)`, `group(5)` and `shadow(5)`.
//!
//! Of passwords only the kind is kept: neither hashes nor passwords leave the layer.

use super::filesystem::Filesystem;

/// Most bytes of such a file that are read.
const MAX_BYTES: u64 = 1 << 20;
const PASSWD: &str = "etc/passwd";
const GROUP: &str = "etc/group";
const SHADOW: &str = "etc/shadow";
/// The BSD counterpart of `shadow`.
const MASTER: &str = "etc/master.passwd";

/// What a password field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// Nothing: anybody may log in.
    Empty,
    /// `*`, `!`, `!!` or a hash behind `!`: nobody logs in with a password.
    Locked,
    /// `x`: it stands in `shadow`.
    Elsewhere,
    /// A hash.
    Set,
}

/// A line of `passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its first group.
    pub gid: u32,
    /// Its home.
    pub home: String,
    /// What a login starts; empty is `/bin/sh`.
    pub shell: String,
    /// What the password field of `passwd` holds.
    pub password: Password,
}

/// A line of `group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its number.
    pub gid: u32,
}

/// A line that no program understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Which file.
    pub file: &'static str,
    /// Which line, from 1.
    pub line: usize,
    /// Why.
    pub why: &'static str,
}

/// All accounts of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// `passwd`, in its order; `None` if there is no such file.
    pub users: Option<Vec<User>>,
    /// `group`, in its order; `None` if there is no such file.
    pub groups: Option<Vec<Group>>,
    /// Name and password of `shadow`, or of what BSD has.
    pub shadow: Vec<(String, Password)>,
    /// What is wrong.
    pub malformed: Vec<Malformed>,
    /// The layers that wrote `passwd`, `group` and `shadow` last.
    layers: [Option<usize>; 3],
}

/// How many bytes of the file at `path` are worth keeping at most; `None` if it lists no accounts.
#[must_use]
pub fn wanted(path: &[u8]) -> Option<u64> {
    [PASSWD, GROUP, SHADOW, MASTER]
        .iter()
        .any(|file| file.as_bytes() == path)
        .then_some(MAX_BYTES)
}

/// What is kept of such a file's text: passwords become a mark of their kind.
#[must_use]
pub fn kept(path: &[u8], text: &[u8]) -> Vec<u8> {
    if path == GROUP.as_bytes() {
        // A group's password is used by nobody, and may be one.
        return redacted(text, |_| b"x");
    }
    redacted(text, |field| match Password::of(field) {
        Password::Empty => b"",
        Password::Locked => b"!",
        Password::Elsewhere => b"x",
        Password::Set => b"$",
    })
}

fn redacted(text: &[u8], mark: impl Fn(&[u8]) -> &'static [u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (line, end): (&[u8], &[u8]) = match line.strip_suffix(b"\n") {
            Some(line) => (line, b"\n"),
            None => (line, b""),
        };
        for (at, field) in line.split(|byte| *byte == b':').enumerate() {
            if at > 0 {
                kept.push(b':');
            }
            kept.extend_from_slice(if at == 1 { mark(field) } else { field });
        }
        kept.extend_from_slice(end);
    }
    kept
}

impl Password {
    fn of(field: &[u8]) -> Self {
        match field {
            b"" => Self::Empty,
            b"x" => Self::Elsewhere,
            [b'!' | b'*', ..] => Self::Locked,
            _ => Self::Set,
        }
    }
}

impl Accounts {
    /// Reads the files that the layers' readers kept.
    #[must_use]
    pub fn of(filesystem: &Filesystem) -> Self {
        let mut accounts = Self::default();
        for (path, text) in filesystem.captured() {
            let layer = || filesystem.find(path.as_bytes()).map(|file| file.layer);
            let text = String::from_utf8_lossy(text);
            match path.as_str() {
                PASSWD => {
                    accounts.layers[0] = layer();
                    accounts.users = Some(accounts.read(PASSWD, 7, &text, user));
                }
                GROUP => {
                    accounts.layers[1] = layer();
                    accounts.groups = Some(accounts.read(GROUP, 4, &text, group));
                }
                SHADOW => {
                    accounts.layers[2] = layer();
                    let passwords = accounts.read(SHADOW, 2, &text, |fields| Ok(password(fields)));
                    accounts.shadow.extend(passwords);
                }
                MASTER => {
                    accounts.layers[2] = accounts.layers[2].or_else(layer);
                    let passwords = accounts.read(MASTER, 2, &text, |fields| Ok(password(fields)));
                    accounts.shadow.extend(passwords);
                }
                _ => {}
            }
        }
        accounts
    }

    /// The layer that wrote `passwd` last.
    #[must_use]
    pub const fn passwd_layer(&self) -> Option<usize> {
        self.layers[0]
    }

    /// The layer that wrote `group` last.
    #[must_use]
    pub const fn group_layer(&self) -> Option<usize> {
        self.layers[1]
    }

    /// The layer that wrote `shadow` last.
    #[must_use]
    pub const fn shadow_layer(&self) -> Option<usize> {
        self.layers[2]
    }

    /// The first user of a name, which is the one that counts.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users().find(|user| user.name == name)
    }

    /// All users.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter().flatten()
    }

    /// All groups.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().flatten()
    }

    fn read<T>(
        &mut self,
        file: &'static str,
        fields: usize,
        text: &str,
        parse: impl Fn(&[&str]) -> Result<T, &'static str>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for (at, line) in text.lines().enumerate() {
            // Comments, and lines that ask another service (`+`, `-name`), are no accounts.
            if line.trim().is_empty() || line.starts_with(['#', '+', '-']) {
                continue;
            }
            let parts: Vec<&str> = line.split(':').collect();
            let parsed = if parts.len() < fields {
                Err("it has too few fields")
            } else if parts[0].is_empty() {
                Err("it has no name")
            } else {
                parse(&parts)
            };
            match parsed {
                Ok(one) => found.push(one),
                Err(why) => self.malformed.push(Malformed {
                    file,
                    line: at + 1,
                    why,
                }),
            }
        }
        found
    }
}

fn user(fields: &[&str]) -> Result<User, &'static str> {
    Ok(User {
        name: fields[0].to_owned(),
        password: Password::of(fields[1].as_bytes()),
        uid: fields[2].parse().map_err(|_| "its uid is no number")?,
        gid: fields[3].parse().map_err(|_| "its gid is no number")?,
        home: fields[5].to_owned(),
        shell: fields[6].to_owned(),
    })
}

fn group(fields: &[&str]) -> Result<Group, &'static str> {
    Ok(Group {
        name: fields[0].to_owned(),
        gid: fields[2].parse().map_err(|_| "its gid is no number")?,
    })
}

fn password(fields: &[&str]) -> (String, Password) {
    (fields[0].to_owned(), Password::of(fields[1].as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashes_do_not_leave_the_layer() {
        let text = b"root:$6$salt$hash:1:0\nbin:*:1\nguest::1\nold:!$6$x:1\nshort";
        let kept = kept(b"etc/shadow", text);
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            "root:$:1:0\nbin:!:1\nguest::1\nold:!:1\nshort"
        );
        assert_eq!(super::kept(b"etc/group", b"a:secret:1:\n"), b"a:x:1:\n");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-z0-9:$!*+#\\n-]{0,80}") {
            let mut accounts = Accounts::default();
            let kept = String::from_utf8(kept(b"etc/passwd", text.as_bytes())).unwrap();
            prop_assert_eq!(kept.lines().count(), text.lines().count());
            let before = accounts.read(PASSWD, 7, &text, user);
            let after = accounts.read(PASSWD, 7, &kept, user);
            prop_assert_eq!(before, after);
        }
    }
}
