//! Writing a database of Trivy's: a bbolt file (go.etcd.io/bbolt, version 2 of the format) of nested buckets.
#![allow(dead_code, reason = "every test binary takes its part of it")]

use std::collections::BTreeMap;

const PAGE: usize = 4096;
const HEADER: usize = 16;
const ELEMENT: usize = 16;
const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
const META: u16 = 0x04;
const FREELIST: u16 = 0x10;
const BUCKET: u32 = 1;

/// A bucket: values and further buckets by name.
#[derive(Default)]
pub(crate) struct Bucket(BTreeMap<Vec<u8>, Item>);

enum Item {
    Value(Vec<u8>),
    Bucket(Bucket),
}

impl Bucket {
    /// The bucket of that name, made if there is none.
    pub(crate) fn bucket(&mut self, name: &str) -> &mut Self {
        let item = self
            .0
            .entry(name.into())
            .or_insert_with(|| Item::Bucket(Self::default()));
        match item {
            Item::Bucket(bucket) => bucket,
            Item::Value(_) => panic!("{name} is a value"),
        }
    }

    pub(crate) fn put(&mut self, key: &str, value: &str) {
        self.0.insert(key.into(), Item::Value(value.into()));
    }

    /// The whole file.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut file = File {
            pages: vec![0; 3 * PAGE],
        };
        let root = file.bucket(self);
        let end = file.next_page();
        // An empty list of free pages.
        header(&mut file.pages[2 * PAGE..], 2, FREELIST, 0, 0);
        for meta in 0..2 {
            let page = &mut file.pages[meta * PAGE..(meta + 1) * PAGE];
            header(page, meta as u64, META, 0, 0);
            let mut fields = Vec::new();
            for number in [0xED0C_DAED_u32, 2, PAGE as u32, 0] {
                fields.extend_from_slice(&number.to_le_bytes());
            }
            // Root bucket with its sequence, list of free pages, end, transaction.
            for number in [root, 0, 2, end, meta as u64] {
                fields.extend_from_slice(&number.to_le_bytes());
            }
            let sum = fnv1a(&fields);
            fields.extend_from_slice(&sum.to_le_bytes());
            page[HEADER..HEADER + fields.len()].copy_from_slice(&fields);
        }
        file.pages
    }
}

struct File {
    pages: Vec<u8>,
}

impl File {
    fn next_page(&self) -> u64 {
        (self.pages.len() / PAGE) as u64
    }

    /// Writes a bucket below its root page, whose number is returned.
    fn bucket(&mut self, bucket: &Bucket) -> u64 {
        let elements: Vec<(&[u8], Vec<u8>, u32)> = bucket
            .0
            .iter()
            .map(|(key, item)| match item {
                Item::Value(value) => (&key[..], value.clone(), 0),
                Item::Bucket(inner) => {
                    let mut value = self.bucket(inner).to_le_bytes().to_vec();
                    value.extend_from_slice(&[0; 8]);
                    (&key[..], value, BUCKET)
                }
            })
            .collect();
        let mut level: Vec<(Vec<u8>, u64)> = Vec::new();
        for group in grouped(&elements, |(key, value, _)| {
            ELEMENT + key.len() + value.len()
        }) {
            level.push((
                group.first().map(|it| it.0.to_vec()).unwrap_or_default(),
                self.leaf(group),
            ));
        }
        if level.is_empty() {
            return self.leaf(&[]);
        }
        while level.len() > 1 {
            let groups: Vec<Vec<(Vec<u8>, u64)>> = grouped(&level, |(key, _)| ELEMENT + key.len())
                .map(<[_]>::to_vec)
                .collect();
            level = groups
                .iter()
                .map(|group| (group[0].0.clone(), self.branch(group)))
                .collect();
        }
        level[0].1
    }

    fn leaf(&mut self, elements: &[(&[u8], Vec<u8>, u32)]) -> u64 {
        let mut heads = Vec::new();
        let mut data = Vec::new();
        for (index, (key, value, flags)) in elements.iter().enumerate() {
            let from_head = (elements.len() - index) * ELEMENT + data.len();
            for number in [
                *flags,
                from_head as u32,
                key.len() as u32,
                value.len() as u32,
            ] {
                heads.extend_from_slice(&number.to_le_bytes());
            }
            data.extend_from_slice(key);
            data.extend_from_slice(value);
        }
        self.page(LEAF, elements.len(), &[heads, data].concat())
    }

    fn branch(&mut self, elements: &[(Vec<u8>, u64)]) -> u64 {
        let mut heads = Vec::new();
        let mut data = Vec::new();
        for (index, (key, page)) in elements.iter().enumerate() {
            let from_head = (elements.len() - index) * ELEMENT + data.len();
            for number in [from_head as u32, key.len() as u32] {
                heads.extend_from_slice(&number.to_le_bytes());
            }
            heads.extend_from_slice(&page.to_le_bytes());
            data.extend_from_slice(key);
        }
        self.page(BRANCH, elements.len(), &[heads, data].concat())
    }

    /// A page, with as many behind it as its content needs.
    fn page(&mut self, flags: u16, count: usize, body: &[u8]) -> u64 {
        let id = self.next_page();
        let pages = (HEADER + body.len()).div_ceil(PAGE);
        let start = self.pages.len();
        self.pages.resize(start + pages * PAGE, 0);
        header(&mut self.pages[start..], id, flags, count, pages - 1);
        self.pages[start + HEADER..start + HEADER + body.len()].copy_from_slice(body);
        id
    }
}

/// As many as fit into one page, one at least.
fn grouped<'t, T>(all: &'t [T], size: impl Fn(&T) -> usize + 't) -> impl Iterator<Item = &'t [T]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let mut used = HEADER;
        let fitting = rest.iter().take_while(|one| {
            used += size(one);
            used <= PAGE
        });
        let count = fitting.count().max(1).min(rest.len());
        let (group, behind) = rest.split_at(count);
        rest = behind;
        (!group.is_empty()).then_some(group)
    })
}

fn header(page: &mut [u8], id: u64, flags: u16, count: usize, overflow: usize) {
    page[..8].copy_from_slice(&id.to_le_bytes());
    page[8..10].copy_from_slice(&flags.to_le_bytes());
    page[10..12].copy_from_slice(&(count as u16).to_le_bytes());
    page[12..16].copy_from_slice(&(overflow as u32).to_le_bytes());
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
