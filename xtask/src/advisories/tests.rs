use super::*;
use crate::image::inventory::Manager;

struct Place {
    _dir: tempfile::TempDir,
    data: Utf8PathBuf,
    cache: Utf8PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        std::fs::create_dir(root.join("data")).unwrap();
        Self {
            _dir: dir,
            data: root.join("data"),
            cache: root.join("cache/deep"),
        }
    }

    fn put(&self, id: &str) {
        let text = format!(
            r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}, "versions": ["1.0.0"]}}]}}"#
        );
        std::fs::write(self.data.join(format!("{id}.json")), text).unwrap();
    }

    fn open(&self) -> Advisories {
        Advisories::open(&self.data, &self.cache).unwrap()
    }

    fn index(&self) -> Utf8PathBuf {
        let mut files = self
            .cache
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().into_path());
        let index = files.next().unwrap();
        assert_eq!(files.next(), None, "only the index is left");
        index
    }
}

fn ids(advisories: &mut Advisories) -> Vec<String> {
    let package = Package {
        manager: Manager::Npm,
        name: "a".to_owned(),
        version: "1.0.0".to_owned(),
        architecture: None,
        source: None,
        license: None,
        record: String::new(),
        files: Vec::new(),
    };
    let matches = advisories.vulnerabilities(&[package], None).unwrap();
    matches
        .vulnerabilities
        .into_iter()
        .map(|one| one.id)
        .collect()
}

#[test]
fn the_index_is_made_once_and_again_when_the_data_changes() {
    let place = Place::new();
    place.put("A");
    let mut first = place.open();
    assert!(first.was_built());
    assert_eq!(ids(&mut first), ["A"]);
    let mut second = place.open();
    assert!(!second.was_built());
    assert_eq!(ids(&mut second), ["A"]);
    place.put("B");
    let mut third = place.open();
    assert!(third.was_built());
    assert_eq!(ids(&mut third), ["A", "B"]);
    place.index();
}

#[test]
fn a_damaged_index_is_made_anew_wherever_it_is_damaged() {
    let place = Place::new();
    place.put("A");
    place.open();
    let good = std::fs::read(place.index()).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        std::fs::write(place.index(), bytes).unwrap();
        assert_eq!(ids(&mut place.open()), ["A"], "byte {at}");
    }
    std::fs::write(place.index(), &good[..good.len() / 2]).unwrap();
    assert!(place.open().was_built());
}

#[test]
fn a_folder_without_records_knows_nothing_and_a_missing_one_is_an_error() {
    let place = Place::new();
    let mut empty = place.open();
    assert_eq!(ids(&mut empty), Vec::<String>::new());
    assert_eq!(empty.ages(), []);
    let error = Advisories::open(&place.data.join("none"), &place.cache).unwrap_err();
    assert_eq!(error.exit(), crate::error::Exit::Missing);
    assert!(error.helps()[0].contains("--update-db"), "{error}");
}

#[test]
fn folders_have_indexes_of_their_own() {
    let (one, other) = (Place::new(), Place::new());
    one.put("A");
    other.put("B");
    let mut a = Advisories::open(&one.data, &one.cache).unwrap();
    let mut b = Advisories::open(&other.data, &one.cache).unwrap();
    assert_eq!(
        (ids(&mut a), ids(&mut b)),
        (vec!["A".to_owned()], vec!["B".to_owned()])
    );
    assert!(!Advisories::open(&one.data, &one.cache).unwrap().was_built());
}

#[test]
fn a_cache_that_cannot_be_written_is_told() {
    let place = Place::new();
    std::fs::create_dir_all(place.cache.parent().unwrap()).unwrap();
    std::fs::write(&place.cache, "a file").unwrap();
    let error = Advisories::open(&place.data, &place.cache).unwrap_err();
    assert!(
        error.message().contains("failed to write the index"),
        "{error}"
    );
}
