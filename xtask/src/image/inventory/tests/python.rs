use super::*;

const METADATA: &[u8] =
    b"Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\nLicense: MIT\n\nName: x\n";

#[test]
fn a_wheel_lists_its_files() {
    let record = b"foo/__init__.py,sha256=x,1\n\"foo/a,b.py\",,\n../../../bin/foo,,\n\
        /etc/foo,,\nFoo.Bar-1.0.dist-info/RECORD,,\ngone.py,,\n";
    let site = "opt/lib/python3/site-packages";
    let paths: Vec<String> = [
        "foo/__init__.py",
        "foo/__pycache__/__init__.cpython-312.pyc",
        "foo/__pycache__/__init__.cpython-312.opt-1.pyc",
        "foo/__pycache__/stray.cpython-312.pyc",
        "foo/a,b.py",
        "foo/unlisted.py",
        "Foo.Bar-1.0.dist-info/INSTALLER",
        "Foo.Bar-1.0.dist-info/licenses/LICENSE",
    ]
    .map(|path| format!("{site}/{path}"))
    .into();
    let metadata = format!("{site}/Foo.Bar-1.0.dist-info/METADATA");
    let list = format!("{site}/Foo.Bar-1.0.dist-info/RECORD");
    let mut files: Vec<(&str, &[u8])> = vec![
        ("opt/bin/foo", b"1"),
        ("etc/foo", b"1"),
        (&metadata, METADATA),
        (&list, record),
    ];
    files.extend(paths.iter().map(|path| (&**path, &b"1"[..])));
    let image = filesystem(&[&files]);
    let [package] = &packages(&image)[..] else {
        panic!("one package");
    };
    assert_eq!(
        (&*package.name, package.license.as_deref(), &*package.record),
        ("foo-bar", Some("MIT"), &*metadata)
    );
    let owned = |path: &str| {
        let file = image
            .file_at(image.node_at(path.as_bytes()).unwrap())
            .unwrap();
        package.files.contains(&file)
    };
    for (path, _) in files {
        let is_own = !path.contains("stray") && !path.contains("unlisted");
        assert_eq!(owned(path), is_own, "{path}");
    }
}

#[test]
fn programs_are_found_where_pip_moves_them() {
    let metadata = b"Name: a\nVersion: 1\n";
    let list = b"../../bin/a,,\n../../bin/b,,\n";
    assert_eq!(
        told_of(&[
            ("x/bin/b", b"1"),
            ("x/y/z/a.dist-info/METADATA", metadata),
            ("x/y/z/a.dist-info/RECORD", list),
            ("x/y/z/bin/a", b"1"),
            ("x/y/z/bin/b", b"1"),
        ]),
        ["a 1: x/bin/b x/y/z/a.dist-info/METADATA x/y/z/a.dist-info/RECORD x/y/z/bin/a"]
    );
}

#[test]
fn an_older_package_lists_its_files_too_or_names_its_folders() {
    let info = b"Name: a\nVersion: 1\n";
    assert_eq!(
        told_of(&[
            ("s/a.egg-info/PKG-INFO", info),
            (
                "s/a.egg-info/installed-files.txt",
                b"../a/x.py\nPKG-INFO\r\n"
            ),
            ("s/a.egg-info/top_level.txt", b"a\n"),
            ("s/a/x.py", b"1"),
            ("s/a/y.py", b"1"),
        ]),
        [
            "a 1: s/a.egg-info/PKG-INFO s/a.egg-info/installed-files.txt \
          s/a.egg-info/top_level.txt s/a/x.py"
        ]
    );
    assert_eq!(
        told_of(&[
            ("s/a.egg-info/PKG-INFO", info),
            ("s/a.egg-info/top_level.txt", b"a\nb\n\n../c\n.\n"),
            ("s/a/x.py", b"1"),
            ("s/b.py", b"1"),
            ("s/other/x.py", b"1"),
            ("c/x.py", b"1"),
        ]),
        ["a 1: s/a.egg-info/PKG-INFO s/a.egg-info/top_level.txt s/a/x.py s/b.py"]
    );
    assert_eq!(
        told_of(&[("s/a-1.egg-info", info), ("s/a/x", b"1")]),
        ["a 1: s/a-1.egg-info"]
    );
    assert_eq!(
        told_of(&[
            ("s/a.egg/EGG-INFO/PKG-INFO", info),
            ("s/a.egg/a/x.py", b"1"),
            ("s/b/x.py", b"1"),
        ]),
        ["a 1: s/a.egg/EGG-INFO/PKG-INFO s/a.egg/a/x.py"]
    );
}

#[test]
fn a_folder_that_several_name_is_nobodys() {
    assert_eq!(
        told_of(&[
            ("s/a.egg-info/PKG-INFO", b"Name: a\nVersion: 1\n"),
            ("s/a.egg-info/top_level.txt", b"google\n"),
            ("s/b.egg-info/PKG-INFO", b"Name: b\nVersion: 1\n"),
            ("s/b.egg-info/top_level.txt", b"google\nb\n"),
            ("s/google/x.py", b"1"),
            ("s/b/x.py", b"1"),
        ]),
        [
            "a 1: s/a.egg-info/PKG-INFO s/a.egg-info/top_level.txt",
            "b 1: s/b.egg-info/PKG-INFO s/b.egg-info/top_level.txt s/b/x.py"
        ]
    );
}

#[test]
fn an_inner_package_keeps_its_files() {
    let outer = b"a/x.py,,\na/_vendor/b/y.py,,\na/_vendor/b.dist-info/METADATA,,\n";
    assert_eq!(
        told_of(&[
            ("s/a.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
            ("s/a.dist-info/RECORD", outer),
            ("s/a/_vendor/b.dist-info/METADATA", b"Name: b\nVersion: 2\n"),
            ("s/a/_vendor/b.dist-info/RECORD", b"b/y.py,,\n"),
            ("s/a/_vendor/b/y.py", b"1"),
            ("s/a/x.py", b"1"),
        ]),
        [
            "a 1: s/a.dist-info/METADATA s/a.dist-info/RECORD s/a/x.py",
            "b 2: s/a/_vendor/b.dist-info/METADATA s/a/_vendor/b.dist-info/RECORD \
             s/a/_vendor/b/y.py"
        ]
    );
}

#[test]
fn what_a_distribution_packed_is_its_own() {
    let status = b"Package: python3-a\nStatus: install ok installed\nVersion: 1-1\n";
    assert_eq!(
        told_of(&[
            ("var/lib/dpkg/status", status),
            (
                "var/lib/dpkg/info/python3-a.list",
                b"/usr/lib/python3/dist-packages/a.py\n/usr/lib/python3/dist-packages/a.egg-info\n"
            ),
            ("usr/lib/python3/dist-packages/a.py", b"1"),
            (
                "usr/lib/python3/dist-packages/a.egg-info",
                b"Name: a\nVersion: 1\n"
            ),
            (
                "usr/lib/python3/dist-packages/__pycache__/a.cpython-311.pyc",
                b"1"
            ),
        ]),
        ["python3-a 1-1: usr/lib/python3/dist-packages/a.py \
          usr/lib/python3/dist-packages/a.egg-info \
          usr/lib/python3/dist-packages/__pycache__/a.cpython-311.pyc"]
    );
}

#[test]
fn a_python_package_keeps_the_modules_of_node_that_it_lists() {
    let manifest = br#"{"name":"n","version":"1"}"#;
    assert_eq!(
        told_of(&[
            ("s/a.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
            ("s/a.dist-info/RECORD", b"a/node_modules/n/x.js,,\n"),
            ("s/a/node_modules/n/package.json", manifest),
            ("s/a/node_modules/n/x.js", b"1"),
        ]),
        [
            "n 1: s/a/node_modules/n/package.json",
            "a 1: s/a.dist-info/METADATA s/a.dist-info/RECORD s/a/node_modules/n/x.js",
        ]
    );
}

#[test]
fn lists_may_say_anything() {
    let list = b"../../../../../../../../etc/passwd,,\n,,\n\"\n/,,\n..,,\n\xff\xfe,,\n\"a\"\"";
    assert_eq!(
        told_of(&[
            ("etc/passwd", b"x"),
            ("s/a.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
            ("s/a.dist-info/RECORD", list),
        ]),
        ["a 1: etc/passwd s/a.dist-info/METADATA s/a.dist-info/RECORD"]
    );
}
