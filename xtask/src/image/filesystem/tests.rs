use proptest::prelude::*;

use super::*;
use crate::image::layer::Detail;

/// Members by path: `""` a folder's slash at the end, `-> x` a link, `= x` a hard link, else a file's text.
fn layer(members: &[(&str, &str)]) -> Arc<LayerContents> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        if path.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
            builder.append_data(&mut header, path, &[][..]).unwrap();
        } else if let Some(target) = text.strip_prefix("-> ") {
            header.set_entry_type(tar::EntryType::Symlink);
            builder.append_link(&mut header, path, target).unwrap();
        } else if let Some(target) = text.strip_prefix("= ") {
            header.set_entry_type(tar::EntryType::Link);
            builder.append_link(&mut header, path, target).unwrap();
        } else {
            header.set_size(text.len() as u64);
            builder
                .append_data(&mut header, path, text.as_bytes())
                .unwrap();
        }
    }
    let tar = builder.into_inner().unwrap();
    let (_, contents) = LayerContents::read(&mut &tar[..], Detail::Entries).unwrap();
    Arc::new(contents.unwrap())
}

fn visible(filesystem: &Filesystem) -> Vec<String> {
    filesystem
        .visible()
        .map(|(node, _)| filesystem.node_path(node))
        .collect()
}

fn hidden(filesystem: &Filesystem) -> Vec<String> {
    let show = |hidden: &Hidden| {
        let file = &filesystem.files()[hidden.file];
        let path = filesystem.path(file);
        format!(
            "{path} {} {}>{} {:?}",
            file.size.0, file.layer, hidden.by_layer, hidden.cause
        )
    };
    let mut hidden: Vec<String> = filesystem.hidden().iter().map(show).collect();
    hidden.sort();
    hidden
}

#[test]
fn each_way_of_hiding_is_told() {
    let filesystem = Filesystem::of(vec![
        layer(&[
            ("a/removed", "12345"),
            ("a/replaced", "1234"),
            ("a/chmod", "123"),
            ("a/moved", "12"),
            ("b/x/in-folder", "1"),
            ("b/y", "1"),
            ("opaque/gone", "123456"),
            ("opaque/again", "1234567"),
            ("kept", "k"),
            ("file", "f"),
            ("folder/inside", "i"),
        ]),
        layer(&[
            ("a/.wh.removed", ""),
            ("a/replaced", "abcde"),
            ("a/chmod", "123"),
            ("a/.wh.moved", ""),
            ("c/moved", "12"),
            (".wh.b", ""),
            ("opaque/again", "1234567"),
            // Wherever it stands in its layer, it is about lower layers only.
            ("opaque/.wh..wh..opq", ""),
            ("file/now-a-folder", "n"),
            ("folder", "now a file"),
        ]),
    ]);
    assert_eq!(
        hidden(&filesystem),
        [
            "a/chmod 3 0>1 MetadataOnly",
            "a/moved 2 0>1 Moved",
            "a/removed 5 0>1 Removed",
            "a/replaced 4 0>1 Replaced",
            "b/x/in-folder 1 0>1 Removed",
            "b/y 1 0>1 Removed",
            "file 1 0>1 Replaced",
            "folder/inside 1 0>1 Replaced",
            "opaque/again 7 0>1 MetadataOnly",
            "opaque/gone 6 0>1 Removed",
        ]
    );
    assert_eq!(
        visible(&filesystem),
        [
            "a/chmod",
            "a/replaced",
            "c/moved",
            "file/now-a-folder",
            "folder",
            "kept",
            "opaque/again"
        ]
    );
    let all: u64 = filesystem.files().iter().map(|file| file.size.0).sum();
    assert_eq!(
        filesystem.visible_bytes().0 + filesystem.hidden_bytes().0,
        all
    );
}

/// dive counts the removal of a folder as 0 bytes of waste.
#[test]
fn a_removed_folder_wastes_all_that_was_in_it() {
    let filesystem = Filesystem::of(vec![
        layer(&[
            ("var/cache/apk/a", "0123456789"),
            ("var/cache/apk/b/c", "01234"),
        ]),
        layer(&[("var/cache/.wh.apk", "")]),
    ]);
    assert_eq!(filesystem.hidden_bytes(), Bytes(15));
    assert_eq!(filesystem.visible_bytes(), Bytes(0));
}

/// dive counts every version of a file as waste, the visible one included, and comes to more than there is.
#[test]
fn waste_is_never_more_than_the_image() {
    let versions: Vec<_> = ["1111", "2222", "3333"]
        .map(|text| layer(&[("f", text)]))
        .into();
    let filesystem = Filesystem::of(versions);
    assert_eq!(filesystem.hidden_bytes(), Bytes(8));
    assert_eq!(filesystem.visible_bytes(), Bytes(4));
}

#[test]
fn a_file_lives_as_long_as_one_of_its_names() {
    let base = || layer(&[("a", "1234"), ("b", "= a")]);
    let one_left = Filesystem::of(vec![base(), layer(&[(".wh.a", "")])]);
    assert_eq!(visible(&one_left), ["b"]);
    assert_eq!(one_left.hidden_bytes(), Bytes(0));
    let none_left = Filesystem::of(vec![base(), layer(&[(".wh.a", "")]), layer(&[("b", "x")])]);
    assert_eq!(hidden(&none_left), ["a 4 0>2 Replaced"]);
    // A link of a layer to a file of a lower one, and links to nothing and in circles.
    let odd = Filesystem::of(vec![
        layer(&[
            ("a", "1234"),
            ("x", "= y"),
            ("y", "= x"),
            ("self", "= self"),
        ]),
        layer(&[("c", "= a"), (".wh.a", "")]),
    ]);
    assert_eq!(hidden(&odd), ["a 4 0>1 Removed"]);
}

#[test]
fn folders_behind_links_are_the_folders_they_link_to() {
    let filesystem = Filesystem::of(vec![
        layer(&[
            ("usr/lib/a", "1"),
            ("lib", "-> usr/lib"),
            ("loop", "-> loop"),
            ("abs", "-> /usr"),
        ]),
        layer(&[
            ("lib/b", "22"),
            ("lib/.wh.a", ""),
            ("abs/lib/c", "333"),
            ("loop/d", "4444"),
        ]),
    ]);
    assert_eq!(visible(&filesystem), ["loop/d", "usr/lib/b", "usr/lib/c"]);
    assert_eq!(hidden(&filesystem), ["usr/lib/a 1 0>1 Removed"]);
}

/// What a simple model says: a map from path to file, layer after layer.
fn modeled(layers: &[Vec<(String, Option<u8>)>]) -> std::collections::BTreeMap<String, u8> {
    let mut files = std::collections::BTreeMap::new();
    for layer in layers {
        for (path, content) in layer.iter().filter(|(_, content)| content.is_none()) {
            let _ = content;
            files.retain(|other: &String, _| {
                other != path && !other.starts_with(&format!("{path}/"))
            });
        }
        for (path, content) in layer {
            let Some(content) = content else { continue };
            files.retain(|other: &String, _| {
                !other.starts_with(&format!("{path}/")) && !path.starts_with(&format!("{other}/"))
            });
            files.insert(path.clone(), *content);
        }
    }
    files
}

proptest! {
    #[test]
    fn what_is_visible_is_what_a_simple_model_says(
        layers in proptest::collection::vec(
            proptest::collection::vec(("[ab](/[ab]){0,3}", proptest::option::of(1u8..4)), 0..8),
            1..5,
        )
    ) {
        let made: Vec<_> = layers
            .iter()
            .map(|members| {
                let members: Vec<(String, String)> = members
                    .iter()
                    .map(|(path, content)| match content {
                        Some(size) => (path.clone(), "x".repeat(usize::from(*size))),
                        None => match path.rsplit_once('/') {
                            Some((folder, name)) => (format!("{folder}/.wh.{name}"), String::new()),
                            None => (format!(".wh.{path}"), String::new()),
                        },
                    })
                    .collect();
                let members: Vec<_> = members.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                layer(&members)
            })
            .collect();
        let filesystem = Filesystem::of(made);
        let seen: std::collections::BTreeMap<String, u8> = filesystem
            .visible()
            .map(|(node, file)| (filesystem.node_path(node), u8::try_from(file.size.0).unwrap()))
            .collect();
        prop_assert_eq!(seen, modeled(&layers));
        let all: u64 = filesystem.files().iter().map(|file| file.size.0).sum();
        prop_assert_eq!(filesystem.visible_bytes().0 + filesystem.hidden_bytes().0, all);
    }
}
