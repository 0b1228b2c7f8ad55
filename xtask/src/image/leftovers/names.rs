//! What a file's name says, where it lies.

use super::Category;
use super::place::{Area, Place, is_shared_library};

/// Names of what people read about a package, without an ending.
const READ_BY_PEOPLE: [&[u8]; 10] = [
    b"readme",
    b"changelog",
    b"changes",
    b"history",
    b"contributing",
    b"code_of_conduct",
    b"news",
    b"security",
    b"release-notes",
    b"upgrading",
];

/// The category of a file for its name.
pub(super) fn category(place: &Place<'_>) -> Option<Category> {
    anywhere(place).or_else(|| match place.area {
        Area::Node(_) | Area::NodeModules => node(place.name),
        Area::Python(_) => python(place.name),
        Area::Application => application(place.name),
        Area::System => system(place.name),
    })
}

fn anywhere(place: &Place<'_>) -> Option<Category> {
    let name = place.name;
    if name.starts_with(b".")
        && let Some(category) = hidden(name)
    {
        return Some(category);
    }
    let (stem, ending) = parted(name);
    match ending {
        b"gem" if place.parent == b"cache" => Some(Category::PackageCaches),
        b"map" if is_mapped(parted(stem).1) => Some(Category::SourceMaps),
        b"pyi" => Some(Category::Types),
        b"log" if is_of_package_manager(stem) => Some(Category::Logs),
        b"swp" if name.starts_with(b".") => Some(Category::ProjectFiles),
        _ if matches!(name, b"Thumbs.db" | b"desktop.ini") => Some(Category::ProjectFiles),
        _ => None,
    }
}

fn hidden(name: &[u8]) -> Option<Category> {
    Some(match name {
        // Where work trees and submodules have theirs.
        b".git" => Category::VersionControl,
        b".eslintcache" | b".stylelintcache" => Category::BuildCaches,
        b".bash_history"
        | b".python_history"
        | b".node_repl_history"
        | b".wget-hsts"
        | b".lesshst" => Category::Logs,
        b".DS_Store" => Category::ProjectFiles,
        _ => return None,
    })
}

/// Whether a map goes with a file of this ending.
fn is_mapped(ending: &[u8]) -> bool {
    matches!(
        ending,
        b"js" | b"mjs" | b"cjs" | b"jsx" | b"css" | b"ts" | b"mts" | b"cts" | b"tsx"
    )
}

fn is_of_package_manager(stem: &[u8]) -> bool {
    matches!(
        stem,
        b"npm-debug"
            | b"yarn-debug"
            | b"yarn-error"
            | b"pnpm-debug"
            | b".pnpm-debug"
            | b"lerna-debug"
    )
}

fn node(name: &[u8]) -> Option<Category> {
    let (stem, ending) = parted(name);
    match ending {
        _ if is_test(stem, ending) => Some(Category::Tests),
        b"ts" | b"mts" | b"cts" | b"tsx" | b"flow" | b"tsbuildinfo" => Some(Category::Types),
        b"md" | b"markdown" | b"mkd" => Some(Category::Documentation),
        _ if is_read_by_people(stem, ending) => Some(Category::Documentation),
        b"h" | b"hh" | b"hpp" | b"c" | b"cc" | b"cpp" | b"cxx" | b"gyp" | b"gypi" | b"o" | b"a"
        | b"mk" | b"cmake" => Some(Category::BuildInputs),
        _ if matches!(name, b"Makefile" | b"CMakeLists.txt") => Some(Category::BuildInputs),
        _ if is_project_file(name) => Some(Category::ProjectFiles),
        _ => None,
    }
}

/// What a package's developers had around its sources.
fn is_project_file(name: &[u8]) -> bool {
    matches!(
        name,
        b".editorconfig"
            | b".gitattributes"
            | b".gitignore"
            | b".gitmodules"
            | b".npmignore"
            | b".travis.yml"
            | b".jshintrc"
            | b".nycrc"
            | b".eslintignore"
            | b".prettierignore"
    ) || name.starts_with(b".eslintrc")
        || name.starts_with(b".prettierrc")
}

fn python(name: &[u8]) -> Option<Category> {
    let (stem, ending) = parted(name);
    match ending {
        b"h" | b"hh" | b"hpp" | b"c" | b"cc" | b"cpp" | b"cxx" | b"cu" | b"cuh" | b"pyx"
        | b"pxd" | b"f90" | b"o" | b"a" => Some(Category::BuildInputs),
        _ if name == b"conftest.py" => Some(Category::Tests),
        _ if is_read_by_people(stem, ending) => Some(Category::Documentation),
        _ => None,
    }
}

fn application(name: &[u8]) -> Option<Category> {
    let (stem, ending) = parted(name);
    let is_declaration = matches!(ending, b"ts" | b"mts" | b"cts") && parted(stem).1 == b"d";
    if is_test(stem, ending) || ending == b"rb" && stem.ends_with(b"_spec") {
        Some(Category::Tests)
    } else if is_declaration || ending == b"tsbuildinfo" {
        Some(Category::Types)
    } else if name.len() > 1 && name.ends_with(b"~") {
        Some(Category::ProjectFiles)
    } else {
        None
    }
}

fn system(name: &[u8]) -> Option<Category> {
    match parted(name).1 {
        b"a" | b"la" | b"o" => Some(Category::BuildInputs),
        _ if (name.starts_with(b"libapt-") || name.starts_with(b"libapk."))
            && is_shared_library(name) =>
        {
            Some(Category::PackageManagers)
        }
        _ => None,
    }
}

fn is_test(stem: &[u8], ending: &[u8]) -> bool {
    matches!(
        ending,
        b"js" | b"mjs" | b"cjs" | b"jsx" | b"ts" | b"mts" | b"cts" | b"tsx"
    ) && {
        let (rest, kind) = parted(stem);
        !rest.is_empty() && matches!(kind, b"test" | b"spec")
    }
}

fn is_read_by_people(stem: &[u8], ending: &[u8]) -> bool {
    matches!(
        ending,
        b"" | b"md" | b"markdown" | b"txt" | b"rst" | b"adoc" | b"html"
    ) && READ_BY_PEOPLE
        .iter()
        .any(|name| stem.eq_ignore_ascii_case(name))
}

/// Whether a file is a license, or names those who have rights in what is there: `LICENSE`, `MIT-LICENSE.txt`,
/// `copyright`.
pub(super) fn is_license(name: &[u8]) -> bool {
    let holds = |word: &[u8]| {
        name.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
    };
    let starts = |word: &[u8]| {
        name.get(..word.len())
            .is_some_and(|part| part.eq_ignore_ascii_case(word))
    };
    let is_text = matches!(
        parted(name).1,
        b"" | b"md"
            | b"markdown"
            | b"txt"
            | b"rst"
            | b"html"
            | b"MIT"
            | b"BSD"
            | b"APACHE"
            | b"APACHE2"
            | b"GPL"
            | b"gz"
    );
    is_text
        && (holds(b"license")
            || holds(b"licence")
            || starts(b"copying")
            || starts(b"copyright")
            || starts(b"notice")
            || starts(b"thirdpartynotice"))
}

/// A name as stem and ending; what starts with its only dot has no ending.
fn parted(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => (&name[..dot], &name[dot + 1..]),
        _ => (name, b""),
    }
}
