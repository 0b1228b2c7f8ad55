//! From the text of a file to its tests.

use super::fields::Fields;
use super::file::{
    CommandTest, ContentTest, ExistenceTest, LicenseTest, MetadataTest, Pair, PairValue,
    RunOptions, TestFile, Who,
};
use super::permissions;
use crate::error::{Error, Result};
use crate::source::Source;
use crate::yaml::{Node, parse};

/// The version of the format that is read.
const VERSION: &str = "2.0.0";

const FILE: &[&str] = &[
    "schemaVersion",
    "globalEnvVars",
    "commandTests",
    "fileExistenceTests",
    "fileContentTests",
    "metadataTest",
    "licenseTests",
    "containerRunOptions",
];

const COMMAND: &[&str] = &[
    "name",
    "setup",
    "teardown",
    "envVars",
    "exitCode",
    "command",
    "args",
    "expectedOutput",
    "excludedOutput",
    "expectedError",
    "excludedError",
];

const EXISTENCE: &[&str] = &[
    "name",
    "path",
    "shouldExist",
    "permissions",
    "uid",
    "gid",
    "isExecutableBy",
];

const METADATA: &[&str] = &[
    "envVars",
    "unboundEnvVars",
    "labels",
    "entrypoint",
    "cmd",
    "exposedPorts",
    "unexposedPorts",
    "volumes",
    "unmountedVolumes",
    "workdir",
    "user",
];

const RUN: &[&str] = &[
    "user",
    "privileged",
    "allocateTty",
    "envFile",
    "envVars",
    "capabilities",
    "bindMounts",
    "network",
];

/// Reads a file of YAML, or of JSON, which is YAML, too.
///
/// # Errors
/// It is no YAML, is of another version, has keys or values that mean nothing, or no test; all mistakes at once.
pub fn read(source: &Source) -> Result<TestFile> {
    let root = parse(source).map_err(|error| {
        Error::usage("the file is no YAML")
            .because(error.message)
            .at(source.location(error.span))
    })?;
    let mut fields = Fields {
        source,
        errors: Vec::new(),
    };
    version(&mut fields, &root);
    // With another version, every key would be a mistake.
    Error::all(std::mem::take(&mut fields.errors))?;
    fields.mapping(&root, "the file", FILE);
    let variables = fields.variables(root.get("globalEnvVars"), "`globalEnvVars`");
    let file = TestFile {
        source: source.clone(),
        variables,
        run: run_options(&mut fields, &root),
        commands: each(&mut fields, &root, "commandTests", command),
        existence: each(&mut fields, &root, "fileExistenceTests", existence),
        contents: each(&mut fields, &root, "fileContentTests", content),
        metadata: metadata(&mut fields, &root),
        licenses: each(&mut fields, &root, "licenseTests", license),
    };
    let has_tests = file.has_commands()
        || file.metadata.is_some()
        || !file.existence.is_empty()
        || !file.contents.is_empty()
        || !file.licenses.is_empty();
    if !has_tests && fields.errors.is_empty() {
        fields.wrong_with_help(
            root.span,
            "the file has no test",
            "add `commandTests`, `fileExistenceTests`, `fileContentTests`, `metadataTest` or `licenseTests`".to_owned(),
        );
    }
    Error::all(fields.errors)?;
    Ok(file)
}

fn version(fields: &mut Fields<'_>, root: &Node) {
    let Some(version) = root.get("schemaVersion") else {
        fields.wrong_with_help(
            root.span,
            "the file does not say its `schemaVersion`",
            format!("begin it with `schemaVersion: {VERSION}`"),
        );
        return;
    };
    match version.as_str() {
        Some(VERSION) => {}
        Some("1.0.0") => fields.wrong_with_help(
            version.span,
            "files of version 1.0.0 are not read",
            format!(
                "write `schemaVersion: {VERSION}`, split each `command` list into `command` and `args`, and name the \
                 expectations of files `expectedContents` and `excludedContents`"
            ),
        ),
        _ => fields.wrong_with_help(
            version.span,
            "the version of the file is not known",
            format!("write `schemaVersion: {VERSION}`"),
        ),
    }
}

/// The items of a list that could be read.
fn each<T>(
    fields: &mut Fields<'_>,
    root: &Node,
    key: &str,
    one: fn(&mut Fields<'_>, &Node) -> Option<T>,
) -> Vec<T> {
    let items = fields.list(root.get(key), &format!("`{key}`"));
    items.iter().filter_map(|item| one(fields, item)).collect()
}

fn command(fields: &mut Fields<'_>, node: &Node) -> Option<CommandTest> {
    let what = "a test of a command";
    if !fields.mapping(node, what, COMMAND) {
        return None;
    }
    let name = fields.required_text(node, "name", what);
    let program = fields.required_text(node, "command", what);
    let mut words = Vec::from_iter(program.map(|program| program.value));
    words.extend(fields.plain_texts(node.get("args"), "`args`"));
    let setup = steps(fields, node, "setup");
    // Read to find mistakes; there is nothing left to be torn down once a container is gone.
    steps(fields, node, "teardown");
    Some(CommandTest {
        name: name?,
        setup,
        variables: fields.variables(node.get("envVars"), "`envVars`"),
        command: words,
        output: fields.expected(node, "expectedOutput", "excludedOutput"),
        error: fields.expected(node, "expectedError", "excludedError"),
        exit_code: fields.number(node, "exitCode").unwrap_or(0),
    })
}

fn steps(fields: &mut Fields<'_>, node: &Node, key: &str) -> Vec<Vec<String>> {
    let mut steps = Vec::new();
    for item in fields.list(node.get(key), &format!("`{key}`")) {
        let step = fields.plain_texts(Some(item), &format!("a step of `{key}`"));
        if step.is_empty() {
            fields.wrong(item.span, format!("a step of `{key}` has no command"));
        }
        steps.push(step);
    }
    steps
}

fn existence(fields: &mut Fields<'_>, node: &Node) -> Option<ExistenceTest> {
    let what = "a test of a file's existence";
    if !fields.mapping(node, what, EXISTENCE) {
        return None;
    }
    let name = fields.required_text(node, "name", what);
    let path = fields.required_text(node, "path", what);
    let should_exist = fields.switch(node, "shouldExist", true);
    let permissions = fields.optional_text(node, "permissions");
    if let Some(text) = &permissions
        && !permissions::is_written(&text.value)
    {
        fields.wrong_with_help(
            text.span,
            &format!("`{}` are no permissions", text.value),
            "write them as `-rw-r--r--`; a folder's begin with `d`, a link's with `L`, and setuid, setgid and sticky \
             stand in front as `u`, `g` and `t`: `urwxr-xr-x`, `dtrwxrwxrwx`"
                .to_owned(),
        );
    }
    let executable_by = fields
        .optional_text(node, "isExecutableBy")
        .and_then(|text| {
            let who = [Who::Owner, Who::Group, Who::Other, Who::Any]
                .into_iter()
                .find(|who| who.word() == text.value);
            if who.is_none() {
                let message = format!("`{}` is none of owner, group, other and any", text.value);
                fields.wrong(text.span, message);
            }
            who
        });
    let uid = owner(fields, node, "uid");
    let gid = owner(fields, node, "gid");
    if !should_exist {
        for key in ["permissions", "uid", "gid", "isExecutableBy"] {
            if let Some(entry) = node.entry(key) {
                let message = format!("`{key}` says nothing of a file that must not be there");
                fields.wrong(entry.key.span, message);
            }
        }
    }
    Some(ExistenceTest {
        name: name?,
        path: path?.value,
        should_exist,
        permissions: permissions.map(|text| text.value),
        uid,
        gid,
        executable_by,
    })
}

/// −1 is how the format says that it does not matter.
fn owner(fields: &mut Fields<'_>, node: &Node, key: &str) -> Option<u32> {
    if node.get(key).and_then(Node::as_str) == Some("-1") {
        return None;
    }
    fields.number(node, key)
}

fn content(fields: &mut Fields<'_>, node: &Node) -> Option<ContentTest> {
    let what = "a test of a file's content";
    let keys = ["name", "path", "expectedContents", "excludedContents"];
    if !fields.mapping(node, what, &keys) {
        return None;
    }
    let name = fields.required_text(node, "name", what);
    let path = fields.required_text(node, "path", what);
    let contents = fields.expected(node, "expectedContents", "excludedContents");
    Some(ContentTest {
        name: name?,
        path: path?.value,
        contents,
    })
}

fn license(fields: &mut Fields<'_>, node: &Node) -> Option<LicenseTest> {
    if !fields.mapping(node, "a test of licenses", &["debian", "files"]) {
        return None;
    }
    let debian = fields.switch(node, "debian", false);
    let files = fields.plain_texts(node.get("files"), "`files`");
    if !debian && files.is_empty() {
        fields.wrong(node.span, "the test of licenses names no files");
    }
    Some(LicenseTest {
        place: node.span,
        debian,
        files,
    })
}

fn metadata(fields: &mut Fields<'_>, root: &Node) -> Option<MetadataTest> {
    let node = root.get("metadataTest").filter(|node| !node.is_null())?;
    if !fields.mapping(node, "`metadataTest`", METADATA) {
        return None;
    }
    let unset = fields.list(node.get("unboundEnvVars"), "`unboundEnvVars`");
    let mut unset_variables = Vec::new();
    for item in unset {
        // The format takes a value here, too, and does not look at it.
        let what = "an item of `unboundEnvVars`";
        if fields.mapping(item, what, &["key", "value", "isRegex"]) {
            unset_variables.extend(fields.required_text(item, "key", what));
        }
    }
    let is_empty = node.entries().iter().all(|entry| entry.value.is_null());
    let mut written = |key: &str| {
        let value = node.get(key).filter(|value| !value.is_null())?;
        Some(fields.plain_texts(Some(value), &format!("`{key}`")))
    };
    let (entrypoint, command) = (written("entrypoint"), written("cmd"));
    let mut list = |key: &str| fields.plain_texts(node.get(key), &format!("`{key}`"));
    let (ports, closed_ports) = (list("exposedPorts"), list("unexposedPorts"));
    let (volumes, absent_volumes) = (list("volumes"), list("unmountedVolumes"));
    let test = MetadataTest {
        place: node.span,
        variables: pairs(fields, node, "envVars"),
        unset_variables: unset_variables.into_iter().map(|text| text.value).collect(),
        labels: pairs(fields, node, "labels"),
        entrypoint,
        command,
        ports,
        closed_ports,
        volumes,
        absent_volumes,
        folder: fields.optional_text(node, "workdir").map(|text| text.value),
        user: fields.optional_text(node, "user").map(|text| text.value),
    };
    (!is_empty).then_some(test)
}

fn pairs(fields: &mut Fields<'_>, node: &Node, key: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for item in fields.list(node.get(key), &format!("`{key}`")) {
        let what = format!("an item of `{key}`");
        if !fields.mapping(item, &what, &["key", "value", "isRegex"]) {
            continue;
        }
        let name = fields.required_text(item, "key", &what);
        let value = match item.get("value") {
            Some(value) => fields.text(value, "`value`"),
            None => None,
        };
        let is_pattern = fields.switch(item, "isRegex", false);
        let Some(name) = name else { continue };
        let value = value.unwrap_or_else(|| super::file::Text::new(String::new(), item.span));
        let value = if is_pattern {
            let Some(pattern) = fields.pattern(&value) else {
                continue;
            };
            PairValue::Matching(pattern)
        } else {
            PairValue::Exactly(value.value)
        };
        pairs.push(Pair {
            key: name.value,
            value,
        });
    }
    pairs
}

fn run_options(fields: &mut Fields<'_>, root: &Node) -> RunOptions {
    let Some(node) = root
        .get("containerRunOptions")
        .filter(|node| !node.is_null())
    else {
        return RunOptions::default();
    };
    if !fields.mapping(node, "`containerRunOptions`", RUN) {
        return RunOptions::default();
    }
    RunOptions {
        user: fields.optional_text(node, "user").map(|text| text.value),
        privileged: fields.switch(node, "privileged", false),
        terminal: fields.switch(node, "allocateTty", false),
        variables_file: fields.optional_text(node, "envFile"),
        variables: fields.texts(node.get("envVars"), "`envVars`"),
        capabilities: fields.plain_texts(node.get("capabilities"), "`capabilities`"),
        mounts: fields.plain_texts(node.get("bindMounts"), "`bindMounts`"),
        network: fields.optional_text(node, "network").map(|text| text.value),
    }
}
