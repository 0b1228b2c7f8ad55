//! Properties that do not fit into a header: long paths of GNU's and pax's.

use std::io;

use super::malformed;

/// What extensions say about the next member, or all that follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    /// Of a sparse file: its whole length.
    pub(super) real_size: Option<u64>,
    /// Whether it has capabilities, in the form that GNU tar, bsdtar and Go keep extended attributes in.
    pub(super) has_capabilities: bool,
}

impl Extensions {
    /// Adds the records of a pax extension: `<length> <key>=<value>\n`, where the length is that of the whole record.
    pub(super) fn read(&mut self, mut text: &[u8], offset: u64) -> io::Result<()> {
        let wrong = || malformed(offset, "a pax extension has a broken record");
        let mut sparse_name = None;
        while !text.is_empty() {
            let blank = text
                .iter()
                .position(|byte| *byte == b' ')
                .ok_or_else(wrong)?;
            let length = decimal(&text[..blank]).and_then(|length| usize::try_from(length).ok());
            let length = length.filter(|length| *length > blank + 1 && *length <= text.len());
            let length = length.ok_or_else(wrong)?;
            let record = text[blank + 1..length]
                .strip_suffix(b"\n")
                .ok_or_else(wrong)?;
            text = &text[length..];
            let equals = record
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(wrong)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            // An empty value takes back what a global extension said.
            let bytes = (!value.is_empty()).then(|| value.to_vec());
            let number = || match value {
                [] => Ok(None),
                _ => decimal(value).map(Some).ok_or_else(wrong),
            };
            match key {
                b"path" => self.path = bytes,
                b"linkpath" => self.link = bytes,
                b"size" => self.size = number()?,
                b"uid" => self.uid = number()?,
                b"gid" => self.gid = number()?,
                b"GNU.sparse.name" => sparse_name = bytes,
                b"SCHILY.xattr.security.capability" => self.has_capabilities = bytes.is_some(),
                b"GNU.sparse.realsize" | b"GNU.sparse.size" => self.real_size = number()?,
                _ => {}
            }
        }
        // The path beside it is made up, for programs that do not know sparse files.
        if sparse_name.is_some() {
            self.path = sparse_name;
        }
        Ok(())
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_one_after_the_other() {
        let mut found = Extensions::default();
        found
            .read(b"12 path=a/b\n16 size=1234567\n18 SCHILY.xattr=x\n", 0)
            .unwrap();
        assert_eq!(found.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(found.size, Some(1_234_567));
        found.read(b"8 path=\n", 0).unwrap();
        assert_eq!(found.path, None);
    }

    #[test]
    fn broken_records_are_errors() {
        for text in [
            &b"x"[..],
            b"5 a=b",
            b"99 path=a\n",
            b"9 path=ab",
            b"0 path=a\n",
            b"10 patha/\n",
            b"99999999999999999999 path=a\n",
            b"11 size=abc\n",
        ] {
            assert!(Extensions::default().read(text, 7).is_err(), "{text:?}");
        }
    }
}
