//! What is proven by each kind of test.

use crate::trial::Property;

/// A command answers as it must.
pub static COMMAND: Property = Property {
    code: "DT3001",
    name: "command-test-failed",
    holds: "the command ends with the expected exit code and prints what is expected, and nothing that is excluded.",
    help: "run it by hand: `docker run --rm --entrypoint COMMAND IMAGE ARGS…`; the evidence has what it printed.",
};

/// A file is there, or is not, with the permissions and owners that are written.
pub static EXISTENCE: Property = Property {
    code: "DT3002",
    name: "file-existence-test-failed",
    holds: "the file is there or is not, as the test says, with its permissions and owners.",
    help: "look at the `COPY` or `RUN` that makes the file: `docker-size` tells which line brought it.",
};

/// A file's content is as it must be.
pub static CONTENT: Property = Property {
    code: "DT3003",
    name: "file-content-test-failed",
    holds: "the file has what is expected in it, and nothing that is excluded.",
    help: "look at the line of the Dockerfile that brings the file, or at the pattern.",
};

/// The image's configuration is as it must be.
pub static METADATA: Property = Property {
    code: "DT3004",
    name: "metadata-test-failed",
    holds: "variables, labels, entrypoint, command, ports, volumes, folder and user of the image are those of the test.",
    help: "compare with `docker image inspect`, and mend the Dockerfile or the test.",
};

/// No license of the image is one that is not allowed.
pub static LICENSE: Property = Property {
    code: "DT3005",
    name: "license-test-failed",
    holds: "every license file is there, and none names AGPL or WTFPL.",
    help: "leave the package out, or its license file out of the test.",
};

/// All of them, in the order in which a file's tests are made.
pub const PROPERTIES: &[&Property] = &[&COMMAND, &EXISTENCE, &CONTENT, &METADATA, &LICENSE];
