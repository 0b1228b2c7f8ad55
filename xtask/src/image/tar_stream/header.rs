//! One block of 512 bytes that says what follows it.

/// The unit of the format.
pub(super) const BLOCK_BYTES: usize = 512;
/// In the blocks behind the header of a sparse file: whether there is one more.
pub(super) const SPARSE_IS_EXTENDED: usize = 504;

/// What a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    #[default]
    File,
    /// Another name of a file that came before it in the same archive.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A folder.
    Directory,
    /// A named pipe.
    Fifo,
    /// GNU: the content is the path of the next member.
    GnuLongName,
    /// GNU: the content is what the next member links to.
    GnuLongLink,
    /// pax: the content are properties of the next member.
    Pax,
    /// pax: the content are properties of all members from here on.
    PaxGlobal,
    /// Something else, by its letter: volumes, multi-part files.
    Other(u8),
}

/// What a header says.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) is_gnu_sparse: bool,
    /// Of a sparse file: its whole length.
    pub(super) real_size: u64,
    /// Of a sparse file: whether its map goes on behind the header.
    pub(super) is_extended: bool,
}

impl Header {
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(block: &[u8; BLOCK_BYTES]) -> Result<Self, &'static str> {
        if !checksum_holds(block) {
            return Err("the checksum of a header does not match");
        }
        let letter = block[156];
        let is_gnu = &block[257..265] == b"ustar  \0";
        let is_ustar = &block[257..263] == b"ustar\0";
        let mut path = text(&block[..100]);
        if is_ustar {
            // The `star` dialect keeps times behind a shorter prefix.
            let end = if &block[508..] == b"tar\0" { 476 } else { 500 };
            let prefix = text(&block[345..end]);
            if !prefix.is_empty() {
                path = [prefix.as_slice(), b"/", &path].concat();
            }
        }
        let is_gnu_sparse = letter == b'S' && is_gnu;
        let kind = match letter {
            b'0' | 0 | b'7' => Kind::File,
            b'S' if is_gnu => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharacterDevice,
            b'4' => Kind::BlockDevice,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            b'L' => Kind::GnuLongName,
            b'K' => Kind::GnuLongLink,
            b'x' => Kind::Pax,
            b'g' => Kind::PaxGlobal,
            other => Kind::Other(other),
        };
        Ok(Self {
            path,
            link: text(&block[157..257]),
            kind,
            size: number(&block[124..136]).ok_or("the size of a member is no number")?,
            // Only what permissions need: the rest of the number is the type of the file, if anything.
            mode: number(&block[100..108])
                .map_or(0, |mode| u32::try_from(mode & 0o7777).unwrap_or(0)),
            uid: number(&block[108..116]).unwrap_or(0),
            gid: number(&block[116..124]).unwrap_or(0),
            is_gnu_sparse,
            real_size: if is_gnu_sparse {
                number(&block[483..495]).ok_or("the length of a sparse file is no number")?
            } else {
                0
            },
            is_extended: is_gnu_sparse && block[482] != 0,
        })
    }
}

fn checksum_holds(block: &[u8; BLOCK_BYTES]) -> bool {
    let Some(written) = number(&block[148..156]) else {
        return false;
    };
    let of = |byte: &dyn Fn(u8) -> i64| -> i64 {
        let fields = block[..148].iter().chain(&block[156..]);
        fields.map(|b| byte(*b)).sum::<i64>() + 8 * i64::from(b' ')
    };
    let written = i64::try_from(written).unwrap_or(-1);
    // Old writers added up signed bytes.
    written == of(&i64::from) || written == of(&|b| i64::from(b.cast_signed()))
}

/// Up to the first zero.
fn text(field: &[u8]) -> Vec<u8> {
    let end = field.iter().position(|byte| *byte == 0);
    field[..end.unwrap_or(field.len())].to_vec()
}

/// Octal digits, or base 256 if the first bit is set. `None` if it is neither, or negative.
fn number(field: &[u8]) -> Option<u64> {
    let first = *field.first()?;
    if first & 0x80 != 0 {
        if first & 0x40 != 0 {
            return None;
        }
        return field.iter().enumerate().try_fold(0u64, |sum, (at, byte)| {
            let byte = if at == 0 { byte & 0x3f } else { *byte };
            sum.checked_mul(256)?.checked_add(u64::from(byte))
        });
    }
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let digits = field.split(is_blank).find(|part| !part.is_empty());
    digits.unwrap_or(b"0").iter().try_fold(0u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        sum.checked_mul(8)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"    644 ", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"77777777777\0", Some(0o77_777_777_777)),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Some(1 << 33)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"0000648\0", None),
            (b"-000644\0", None),
            (b"", None),
        ] {
            assert_eq!(number(field), expected, "{field:?}");
        }
    }
}
