//! Modes as Go prints them (`io/fs`, `FileMode.String`), which is how tests write permissions.

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
}

impl Nature {
    /// With its article.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
        }
    }
}

/// `-rwxr-xr-x`; a folder's begins with `d`, a link's with `L`; setuid, setgid and sticky stand in front as `u`, `g`
/// and `t` and take the place of the dash.
pub(super) fn written(nature: Nature, mode: u16) -> String {
    let mut text = match nature {
        Nature::File => String::new(),
        Nature::Folder => "d".to_owned(),
        Nature::Link => "L".to_owned(),
    };
    for (bit, letter) in [(0o4000, 'u'), (0o2000, 'g'), (0o1000, 't')] {
        if mode & bit != 0 {
            text.push(letter);
        }
    }
    if text.is_empty() {
        text.push('-');
    }
    for (index, letter) in "rwxrwxrwx".chars().enumerate() {
        let is_set = mode & (0o400 >> index) != 0;
        text.push(if is_set { letter } else { '-' });
    }
    text
}

/// Whether a text is one that [`written`] can write.
pub(super) fn is_written(text: &str) -> bool {
    // Letters of other kinds of files: Go has them, an image's layers hardly do.
    let Some((front, bits)) = text
        .len()
        .checked_sub(9)
        .and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let front_fits =
        front == "-" || (!front.is_empty() && front.chars().all(|c| "dalTLDpSugct?".contains(c)));
    front_fits
        && bits
            .chars()
            .zip("rwxrwxrwx".chars())
            .all(|(written, letter)| written == letter || written == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_go_writes_them() {
        for (nature, mode, expected) in [
            (Nature::File, 0o644, "-rw-r--r--"),
            (Nature::File, 0o4755, "urwxr-xr-x"),
            (Nature::Folder, 0o755, "drwxr-xr-x"),
            (Nature::Folder, 0o1777, "dtrwxrwxrwx"),
            (Nature::Link, 0o777, "Lrwxrwxrwx"),
            (Nature::File, 0, "----------"),
        ] {
            assert_eq!(written(nature, mode), expected);
            assert!(is_written(expected), "{expected}");
        }
        for text in ["-rwsr-xr-x", "rw-r--r--", "0644", "drwxrwxrwt", "", "é"] {
            assert!(!is_written(text), "{text}");
        }
    }
}
