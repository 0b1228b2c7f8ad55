//! The inventory of an image against what the package managers themselves say about the same files.
//!
//! Each comparison is skipped where its tool is not there. Python is asked about the folder that `INVENTORY_PYTHON`
//! names, else about its own packages; npm about the project in `INVENTORY_NODE`, else about this checkout.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use xtask::image::filesystem::Filesystem;
use xtask::image::inventory::{Manager, Package, packages, wanted};
use xtask::image::layer::{Detail, LayerContents};
use xtask::process::{Command, Runner, System};

/// The output of a tool; `None` if it is not there or fails.
fn answer(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let program = which::which(program).ok()?;
    let command = Command::new(program.to_str()?)
        .args(arguments)
        .dir(folder.to_str()?);
    let output = System::default().run(&command).ok()?;
    output
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn place(name: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test asks what to compare on")]
    std::env::var_os(name).map(PathBuf::from)
}

/// A layer of files of this machine, of which those have content that inventories read.
struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn add(&mut self, path: &Path) {
        let name = path.strip_prefix("/").unwrap();
        let data = std::fs::symlink_metadata(path).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        if data.is_symlink() {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            let target = std::fs::read_link(path).unwrap();
            self.0.append_link(&mut header, name, target).unwrap();
        } else if data.is_file() {
            let is_read = wanted(name.as_os_str().as_encoded_bytes()).is_some();
            let content = if is_read {
                std::fs::read(path).unwrap()
            } else {
                Vec::new()
            };
            header.set_size(content.len() as u64);
            self.0.append_data(&mut header, name, &content[..]).unwrap();
        }
    }

    fn add_all(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                self.add_all(&entry.path());
            } else {
                self.add(&entry.path());
            }
        }
    }

    fn image(self) -> Image {
        let bytes = self.0.into_inner().unwrap();
        let (_, contents) = LayerContents::read(&mut &bytes[..], Detail::Entries).unwrap();
        let filesystem = Filesystem::of(vec![Arc::new(contents.unwrap())]);
        let packages = packages(&filesystem);
        let mut owners = BTreeMap::new();
        for (index, package) in packages.iter().enumerate() {
            for file in &package.files {
                let path = filesystem.path(&filesystem.files()[*file]);
                assert_eq!(owners.insert(format!("/{path}"), index), None, "{path}");
            }
        }
        Image {
            files: filesystem.files().len(),
            packages,
            owners,
        }
    }
}

struct Image {
    files: usize,
    packages: Vec<Package>,
    owners: BTreeMap<String, usize>,
}

impl Image {
    fn owner(&self, path: &str) -> Option<&Package> {
        self.owners.get(path).map(|owner| &self.packages[*owner])
    }

    fn of(&self, manager: Manager) -> impl Iterator<Item = &Package> {
        let of = move |package: &&Package| package.manager == manager;
        self.packages.iter().filter(of)
    }
}

/// Name, version and files.
type Distribution = (String, String, Vec<String>);

/// Where a path lies, with links on the way followed.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let folder = path.parent()?.canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

#[test]
fn dpkg_says_the_same() {
    let root = Path::new("/");
    let format = "${binary:Package}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t\
                  ${source:Version}\t${db:Status-Status}\n";
    let Some(shown) = answer("dpkg-query", &["-W", "-f", format], root) else {
        eprintln!("skipped: no dpkg-query");
        return;
    };
    let mut expected = BTreeSet::new();
    let mut names: Vec<(&str, &str)> = Vec::new();
    for line in shown.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[
            full,
            name,
            version,
            architecture,
            source,
            source_version,
            "installed",
        ] = &fields[..]
        else {
            continue;
        };
        expected.insert([name, version, architecture, source, source_version].map(str::to_owned));
        names.push((full, name));
    }
    let arguments: Vec<&str> = ["-L"]
        .into_iter()
        .chain(names.iter().map(|(full, _)| *full))
        .collect();
    let listed = answer("dpkg-query", &arguments, root).unwrap();
    let mut owners: BTreeMap<PathBuf, BTreeSet<&str>> = BTreeMap::new();
    for (list, (_, name)) in listed.split("\n\n").zip(&names) {
        let mut paths: Vec<&str> = Vec::new();
        for line in list.lines() {
            if line.starts_with('/') {
                paths.push(line);
            } else if let Some(("diverted by", to)) = line
                .split_once(" to: ")
                .map(|(by, to)| (by.get(..11).unwrap_or_default(), to))
            {
                *paths.last_mut().unwrap() = to;
            }
        }
        for path in paths.into_iter().filter_map(real) {
            if path.symlink_metadata().is_ok_and(|data| data.is_file()) {
                owners.entry(path).or_default().insert(name);
            }
        }
    }
    let mut layer = Layer::new();
    for link in ["/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin"].map(Path::new) {
        if link.is_symlink() {
            layer.add(link);
        }
    }
    layer.add_all(Path::new("/var/lib/dpkg"));
    for path in owners.keys() {
        layer.add(path);
    }
    let image = layer.image();
    let found: BTreeSet<[String; 5]> = image
        .of(Manager::Dpkg)
        .map(|package| {
            let source = package.source.clone().unwrap();
            [
                package.name.clone(),
                package.version.clone(),
                package.architecture.clone().unwrap(),
                source.name,
                source.version,
            ]
        })
        .collect();
    assert_eq!(found, expected);
    for (path, names) in &owners {
        let Some(path) = path.to_str() else { continue };
        let owner = image.owner(path).map(|package| &*package.name);
        let is_one = owner.is_some_and(|owner| names.contains(owner));
        assert!(is_one, "{path}: {owner:?}, not one of {names:?}");
    }
    eprintln!("{} packages, {} files", found.len(), owners.len());
}

#[test]
fn python_says_the_same() {
    let script = "import importlib.metadata, json, os, re, site, sys
site = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else site.getsitepackages()[0])
out = []
for d in importlib.metadata.distributions(path=[site]):
    name = re.sub(r'[-_.]+', '-', d.metadata['Name']).lower()
    files = [os.path.normpath(os.path.join(site, str(f))) for f in d.files or []]
    out.append([name, d.version, [f for f in files if os.path.isfile(f) and not os.path.islink(f)]])
print(json.dumps([site, out]))";
    let place = place("INVENTORY_PYTHON");
    let arguments: Vec<&str> = ["-c", script]
        .into_iter()
        .chain(place.as_deref().map(|place| place.to_str().unwrap()))
        .collect();
    let Some(json) = answer("python3", &arguments, Path::new("/")) else {
        eprintln!("skipped: no python3");
        return;
    };
    let (site, distributions): (String, Vec<Distribution>) = serde_json::from_str(&json).unwrap();
    let mut layer = Layer::new();
    layer.add_all(Path::new(&site));
    let outside = distributions
        .iter()
        .flat_map(|(_, _, files)| files)
        .filter(|file| !Path::new(file).starts_with(&site));
    for file in outside.collect::<BTreeSet<_>>() {
        layer.add(Path::new(file));
    }
    let image = layer.image();
    let is_outer = |package: &&Package| {
        let record = format!("/{}", package.record);
        let below = record.strip_prefix(&format!("{site}/")).unwrap();
        below.split('/').count() <= 2
    };
    let found: BTreeSet<(&str, &str)> = image
        .of(Manager::Python)
        .filter(is_outer)
        .map(|package| (&*package.name, &*package.version))
        .collect();
    let expected: BTreeSet<(&str, &str)> = distributions
        .iter()
        .map(|(name, version, _)| (&**name, &**version))
        .collect();
    assert_eq!(found, expected);
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, _, files) in &distributions {
        for file in files {
            listed.entry(file).or_default().insert(name);
        }
    }
    for (file, names) in &listed {
        let owner = image.owner(file).unwrap_or_else(|| panic!("{file}"));
        let is_one = names.contains(&*owner.name) || !is_outer(&owner);
        assert!(is_one, "{file}: {}, not one of {names:?}", owner.name);
    }
    eprintln!(
        "{site}: {} packages, {} files listed, {} owned, {} in all",
        found.len(),
        listed.len(),
        image.owners.len(),
        image.files
    );
}

#[test]
fn npm_says_the_same() {
    #[derive(serde::Deserialize)]
    struct Node {
        name: Option<String>,
        version: Option<String>,
        location: String,
        path: String,
    }
    let project = place("INVENTORY_NODE")
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .canonicalize()
        .unwrap();
    let modules = project.join("node_modules");
    if !modules.is_dir() {
        eprintln!("skipped: no packages in {}", modules.display());
        return;
    }
    let Some(json) = answer("npm", &["query", "*"], &project) else {
        eprintln!("skipped: no npm");
        return;
    };
    let nodes: Vec<Node> = serde_json::from_str(&json).unwrap();
    let expected: BTreeSet<(String, String, String)> = nodes
        .into_iter()
        .filter(|node| node.location.starts_with("node_modules/"))
        .filter(|node| !Path::new(&node.path).is_symlink())
        .filter_map(|node| Some((node.path, node.name?, node.version?)))
        .collect();
    assert!(!expected.is_empty(), "{json}");
    let mut layer = Layer::new();
    layer.add_all(&modules);
    let image = layer.image();
    let found: BTreeSet<(String, String, String)> = image
        .of(Manager::Npm)
        .map(|package| {
            let path = format!("/{}", package.record.strip_suffix("/package.json").unwrap());
            (path, package.name.clone(), package.version.clone())
        })
        .collect();
    // What a package brings in a `node_modules` of its own that no lock file names is there all the same.
    let missing: Vec<_> = expected.difference(&found).collect();
    assert_eq!(missing, [].as_slice() as &[&(String, String, String)]);
    for (path, owner) in &image.owners {
        let package = &image.packages[*owner];
        let root = format!("/{}", package.record.strip_suffix("package.json").unwrap());
        assert!(path.starts_with(&root), "{path}");
        let below = &path[root.len()..];
        let inner = found.iter().find(|(inner, _, _)| {
            inner.len() > root.len() && path.starts_with(&format!("{inner}/"))
        });
        assert_eq!(inner, None, "{below} of {}", package.name);
    }
    eprintln!(
        "{} packages, {} of them known to npm, {} of {} files",
        found.len(),
        expected.len(),
        image.owners.len(),
        image.files
    );
}
