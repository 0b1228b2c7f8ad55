//! Many short texts, looked for in one pass.
//!
//! Of each text the rarest three bytes are taken, letters of either case alike. A table of 16 KiB, which stays in the
//! processor's first cache, says for the hash of three bytes whether any text may be there. One step does not wait for
//! the one before, as those of an automaton do. A few texts are looked for one by one, which vector instructions do faster.

use memchr::memmem::Finder;

/// A text to find.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    /// The text, of three bytes at least.
    pub text: &'static str,
    /// Whether letters of either case match.
    pub any_case: bool,
}

/// How many bytes of a text the table knows.
pub(super) const GRAM: usize = 3;

const HASH_BITS: u32 = 14;

/// So many texts are looked for one by one.
const FEW: usize = 4;

/// Texts to look for.
pub(super) struct Anchors {
    /// What [`Anchors::find`] numbers.
    texts: Vec<Anchor>,
    /// By hash: the bucket, or 0.
    table: Box<[u8; 1 << HASH_BITS]>,
    /// Which anchors may be there, with the distance of the three bytes from the anchor's start.
    buckets: Vec<Vec<(usize, usize)>>,
    /// By anchor, if there are few of them.
    finders: Vec<Finder<'static>>,
}

impl Anchors {
    /// `anchors` are at most 255, or share hashes.
    pub(super) fn new(anchors: Vec<Anchor>) -> Self {
        let mut table = Box::new([0u8; 1 << HASH_BITS]);
        let mut buckets = vec![Vec::new()];
        for (index, anchor) in anchors.iter().enumerate() {
            let distance = rarest(anchor.text.as_bytes());
            let Some([a, b, c]) = anchor.text.as_bytes().get(distance..distance + GRAM) else {
                continue;
            };
            let slot = &mut table[hash(u32::from_le_bytes([0, *a, *b, *c]))];
            if *slot == 0 {
                if let Ok(new) = u8::try_from(buckets.len()) {
                    buckets.push(Vec::new());
                    *slot = new;
                } else {
                    *slot = u8::MAX;
                }
            }
            buckets[usize::from(*slot)].push((index, distance));
        }
        let are_few = anchors.len() <= FEW && anchors.iter().all(|anchor| !anchor.any_case);
        let finders = anchors.iter().filter(|_| are_few);
        Self {
            finders: finders.map(|anchor| Finder::new(anchor.text)).collect(),
            texts: anchors,
            table,
            buckets,
        }
    }

    /// Calls `found` with the anchor's number, its start, and where its three bytes are, for each anchor whose three
    /// bytes start in `from..to`; in the order of these.
    pub(super) fn find(
        &self,
        bytes: &[u8],
        from: usize,
        to: usize,
        mut found: impl FnMut(usize, usize, usize),
    ) {
        if !self.finders.is_empty() {
            return self.find_few(bytes, from, to, found);
        }
        let end = (to + GRAM - 1).min(bytes.len());
        let Some(searched) = bytes.get(from..end) else {
            return;
        };
        // One load of four bytes is faster than three loads; the last gram has no fourth byte.
        for (at, four) in searched.windows(4).enumerate() {
            let gram = u32::from_le_bytes([four[0], four[1], four[2], four[3]]) << 8;
            let bucket = self.table[hash(gram)];
            if bucket != 0 {
                self.verify(bucket, bytes, from + at, &mut found);
            }
        }
        if let [.., a, b, c] = *searched {
            let bucket = self.table[hash(u32::from_le_bytes([0, a, b, c]))];
            if bucket != 0 {
                self.verify(bucket, bytes, end - GRAM, &mut found);
            }
        }
    }

    fn find_few(
        &self,
        bytes: &[u8],
        from: usize,
        to: usize,
        mut found: impl FnMut(usize, usize, usize),
    ) {
        let mut hits = Vec::new();
        for (index, (anchor, finder)) in self.texts.iter().zip(&self.finders).enumerate() {
            let distance = rarest(anchor.text.as_bytes());
            let first = from.saturating_sub(distance);
            let end = (to + anchor.text.len()).saturating_sub(distance + 1);
            let searched = bytes.get(first..end.min(bytes.len())).unwrap_or_default();
            let starts = finder.find_iter(searched).map(|at| first + at);
            let starts = starts.filter(|start| start + distance >= from);
            hits.extend(starts.map(|start| (start + distance, index, start)));
        }
        hits.sort_unstable();
        for (gram, index, start) in hits {
            found(index, start, gram);
        }
    }

    #[inline(never)]
    fn verify(
        &self,
        bucket: u8,
        bytes: &[u8],
        gram: usize,
        found: &mut impl FnMut(usize, usize, usize),
    ) {
        for &(index, distance) in &self.buckets[usize::from(bucket)] {
            let anchor = self.texts[index];
            let text = anchor.text.as_bytes();
            let Some(start) = gram.checked_sub(distance) else {
                continue;
            };
            // Most are told by their first byte; a call to compare memory takes longer than that.
            let is_there = bytes.get(start..start + text.len()).is_some_and(|bytes| {
                bytes[0] | 0x20 == text[0] | 0x20
                    && if anchor.any_case {
                        bytes.eq_ignore_ascii_case(text)
                    } else {
                        bytes == text
                    }
            });
            if is_there {
                found(index, start, gram);
            }
        }
    }
}

/// Of three bytes in the upper part of `gram`, the first lowest.
#[inline]
fn hash(gram: u32) -> usize {
    // Bit 5 sets capitals and small letters apart.
    let folded = gram | 0x2020_2000;
    (folded.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

/// Where the three bytes start that are rarest in source text.
fn rarest(text: &[u8]) -> usize {
    /// Letters of English, from the most frequent on.
    const FREQUENT: &[u8] = b"etaoinsrhldcumfpgwybvkxjqz";
    let commonness = |byte: &u8| {
        let folded = byte.to_ascii_lowercase();
        match FREQUENT.iter().position(|&letter| letter == folded) {
            Some(rank) => 26 - rank,
            None if matches!(byte, b'-' | b'_' | b'/' | b'.' | b'=' | b':') => 12,
            None => 6,
        }
    };
    (0..(text.len() + 1).saturating_sub(GRAM))
        .min_by_key(|&at| text[at..at + GRAM].iter().map(commonness).sum::<usize>())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Anchors};
    use proptest::prelude::*;

    const TEXTS: [(&str, bool); 6] = [
        ("abc", false),
        ("bca", false),
        ("-----BEGIN ", false),
        ("token", true),
        ("://", false),
        ("_key", true),
    ];

    /// How many of the texts are looked for by the table, and how many one by one.
    const ALL: usize = TEXTS.len();
    const SOME: usize = 3;

    fn found(texts: &[(&'static str, bool)], bytes: &[u8], cut: usize) -> Vec<(usize, usize)> {
        let anchor = |&(text, any_case)| Anchor { text, any_case };
        let anchors = Anchors::new(texts.iter().map(anchor).collect());
        let mut found = Vec::new();
        let cut = cut.min(bytes.len());
        for (from, to) in [(0, cut), (cut, bytes.len())] {
            anchors.find(bytes, from, to, |index, start, _| {
                found.push((start, index));
            });
        }
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn the_table_finds_what_a_search_for_each_text_finds(
            parts in prop::collection::vec("abc|bca|[abc]|ToKeN|_KEY|-----BEGIN |:/|/", 0..20),
            cut in 0usize..80,
        ) {
            let text = parts.concat();
            let lower = text.to_ascii_lowercase();
            for texts in [&TEXTS[..ALL], &TEXTS[..SOME]] {
                let mut expected = Vec::new();
                for (index, (anchor, any_case)) in texts.iter().enumerate() {
                    let text = if *any_case { &lower } else { &text };
                    expected.extend(
                        (0..text.len())
                            .filter(|&at| text[at..].starts_with(anchor))
                            .map(|at| (at, index)),
                    );
                }
                expected.sort_unstable();
                prop_assert_eq!(found(texts, text.as_bytes(), cut), expected);
            }
        }
    }
}
