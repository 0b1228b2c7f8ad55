//! What the editor can do.

use serde_json::{Value, json};

use super::positions::Encoding;

/// What counts of its capabilities.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// Hovers may be Markdown.
    pub(super) markdown: bool,
    /// Edits may name the version they are made for.
    pub(super) versioned_edits: bool,
    /// It watches files if asked to.
    pub(super) watches: bool,
}

impl Client {
    /// Reads `capabilities` of `initialize`.
    pub(super) fn read(capabilities: &Value) -> Self {
        let at = |pointer: &str| capabilities.pointer(pointer);
        let lists = |pointer: &str, word: &str| {
            at(pointer)
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|item| item == word))
        };
        let is_set = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or_default();
        Self {
            encoding: if lists("/general/positionEncodings", "utf-8") {
                Encoding::Utf8
            } else {
                Encoding::Utf16
            },
            markdown: lists("/textDocument/hover/contentFormat", "markdown"),
            versioned_edits: is_set("/workspace/workspaceEdit/documentChanges"),
            watches: is_set("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }

    /// The answer to `initialize`.
    pub(super) fn offer(self) -> Value {
        json!({
            "capabilities": {
                "positionEncoding": self.encoding.name(),
                "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
                "hoverProvider": true,
                "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
                "documentFormattingProvider": true,
            },
            "serverInfo": { "name": "docker-lint", "version": env!("CARGO_PKG_VERSION") },
        })
    }

    /// Asks it to tell when files change that findings hang on.
    pub(super) fn watched_files() -> Value {
        const PATTERNS: [&str; 10] = [
            "**/docker.toml",
            "**/.hadolint.{yaml,yml}",
            "**/{Dockerfile,Containerfile}",
            "**/{Dockerfile,Containerfile}.*",
            "**/*.{Dockerfile,dockerfile}",
            "**/{.dockerignore,.containerignore}",
            "**/*.{dockerignore,containerignore}",
            "**/package.json",
            "**/{package-lock.json,yarn.lock,pnpm-lock.yaml}",
            "**/{.nvmrc,.node-version}",
        ];
        let watchers: Vec<Value> = PATTERNS
            .iter()
            .map(|pattern| json!({ "globPattern": pattern }))
            .collect();
        json!({
            "registrations": [{
                "id": "files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            }],
        })
    }
}
