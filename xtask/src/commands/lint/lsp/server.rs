//! What the editor asks and tells, and what it is answered and told.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::actions::{self, FIX_ALL, QUICK_FIX};
use super::client::Client;
use super::diagnostics;
use super::documents::{Document, Documents};
use super::framing::{Frame, framed};
use super::hover;
use super::judging::{Judged, Workspace};
use super::messages::{self, Failure, Incoming};
use super::parameters::{
    AtPosition, DidChange, DidOpen, FoldersChanged, Identifier, InRange, Initialize, OfDocument,
};
use super::positions::Lines;
use super::uri;
use crate::cli::Common;
use crate::commands::lint::Arguments;
use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::formatter;
use crate::source::{Source, Span};

/// A conversation with an editor.
pub(super) struct Server<'a> {
    environment: &'a Environment,
    phase: Phase,
    client: Client,
    documents: Documents,
    workspace: Workspace<'a>,
    /// Folders with documents that changed since they were judged.
    changed: BTreeSet<Utf8PathBuf>,
    /// By folder.
    judged: BTreeMap<Utf8PathBuf, Judged>,
    /// What the editor shows, by folder and URI.
    shown: BTreeMap<Utf8PathBuf, BTreeMap<String, Shown>>,
    /// What was wrong with a folder's settings when the user was told.
    told: BTreeMap<Utf8PathBuf, String>,
}

/// A file's diagnostics, with the version they are for.
type Shown = (Option<i64>, Vec<Value>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Started,
    Initialized,
    ShutDown,
}

impl<'a> Server<'a> {
    pub(super) fn new(
        arguments: &'a Arguments,
        common: &'a Common,
        environment: &'a Environment,
    ) -> Self {
        Self {
            environment,
            phase: Phase::Started,
            client: Client::default(),
            documents: Documents::default(),
            workspace: Workspace::new(arguments, common, environment),
            changed: BTreeSet::new(),
            judged: BTreeMap::new(),
            shown: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// Takes a message; the exit code if it was the last one.
    ///
    /// # Errors
    /// Nothing can be written any more.
    pub(super) fn receive(&mut self, frame: &Frame) -> Result<Option<Exit>> {
        let incoming = match frame {
            Frame::Body(body) => Incoming::read(body),
            Frame::Malformed(why) => Err((Value::Null, Failure::parse(why.as_str()))),
        };
        match incoming {
            Err((id, failure)) => self.send(&messages::response(&id, Err(failure)))?,
            Ok(Incoming::Response) => {}
            Ok(Incoming::Request { id, method, params }) => {
                let result = self.request(&method, params)?;
                self.send(&messages::response(&id, result))?;
            }
            Ok(Incoming::Notification { method, params }) => {
                if method == "exit" {
                    return Ok(Some(self.gone()));
                }
                if self.phase == Phase::Initialized {
                    self.notification(&method, params)?;
                }
            }
        }
        Ok(None)
    }

    /// The exit code when the editor is gone: whether it said good-bye.
    pub(super) fn gone(&self) -> Exit {
        if self.phase == Phase::ShutDown {
            Exit::Clean
        } else {
            Exit::Findings
        }
    }

    /// Judges what changed, and tells what was found.
    ///
    /// # Errors
    /// Nothing can be written any more.
    pub(super) fn settle(&mut self) -> Result<()> {
        for folder in std::mem::take(&mut self.changed) {
            let documents = in_folder(&self.documents, &self.workspace, &folder);
            let judged = if documents.is_empty() {
                Ok(Judged::default())
            } else {
                self.workspace.judge(&folder, &documents)
            };
            let mut diagnostics: BTreeMap<String, Shown> = documents
                .iter()
                .map(|document| (document.uri.clone(), (Some(document.version), Vec::new())))
                .collect();
            match judged {
                Ok(judged) => {
                    diagnostics.extend(diagnostics::by_uri(&judged, self.client.encoding));
                    self.judged.insert(folder.clone(), judged);
                    self.told.remove(&folder);
                }
                Err(error) => {
                    self.judged.remove(&folder);
                    self.complain(&folder, &error)?;
                }
            }
            self.publish(&folder, diagnostics)?;
        }
        Ok(())
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Result<Value, Failure>> {
        match (self.phase, method) {
            (Phase::Started, "initialize") => return Ok(self.initialize(params)),
            (Phase::Started, _) => return Ok(Err(Failure::not_initialized())),
            (Phase::ShutDown, _) => {
                return Ok(Err(Failure::invalid_request("the server is shut down")));
            }
            (Phase::Initialized, "initialize") => {
                let failure = Failure::invalid_request("`initialize` comes once");
                return Ok(Err(failure));
            }
            (Phase::Initialized, "shutdown") => {
                self.phase = Phase::ShutDown;
                return Ok(Ok(Value::Null));
            }
            (Phase::Initialized, _) => {}
        }
        // Answers are about the text as it is now.
        self.settle()?;
        Ok(match method {
            "textDocument/hover" => messages::params(params).map(|params| self.hover(&params)),
            "textDocument/codeAction" => {
                messages::params(params).map(|params| self.code_actions(&params))
            }
            "textDocument/formatting" => {
                messages::params(params).map(|params| self.format(&params))
            }
            _ => Err(Failure::method_not_found(method)),
        })
    }

    /// What cannot be understood is passed over: nobody waits for an answer.
    fn notification(&mut self, method: &str, params: Value) -> Result<()> {
        match method {
            "initialized" if self.client.watches => {
                let watched = Client::watched_files();
                self.send(&messages::request(
                    "watch",
                    "client/registerCapability",
                    &watched,
                ))?;
            }
            "textDocument/didOpen" => {
                if let Ok(DidOpen { text_document }) = messages::params(params)
                    && self.documents.open(text_document).is_some()
                {
                    self.all_changed();
                }
            }
            "textDocument/didChange" => {
                if let Ok(params) = messages::params(params) {
                    self.change(params);
                }
            }
            "textDocument/didClose" => {
                if let Ok(OfDocument { text_document }) = messages::params(params) {
                    self.close(&text_document.uri);
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Ok(FoldersChanged { event }) = messages::params(params) {
                    self.all_changed();
                    let removed = paths(&event.removed);
                    self.workspace
                        .folders
                        .retain(|folder| !removed.contains(folder));
                    self.workspace.folders.extend(paths(&event.added));
                    self.all_changed();
                }
            }
            "textDocument/didSave"
            | "workspace/didChangeWatchedFiles"
            | "workspace/didChangeConfiguration" => self.all_changed(),
            _ => {}
        }
        Ok(())
    }

    fn initialize(&mut self, params: Value) -> Result<Value, Failure> {
        let params: Initialize = messages::params(params)?;
        self.client = Client::read(&params.capabilities);
        let folders = paths(&params.workspace_folders.unwrap_or_default());
        let root = params.root_uri.as_deref().and_then(uri::path);
        let root = root.or_else(|| {
            let path = Utf8PathBuf::from(params.root_path?);
            path.is_absolute().then_some(path)
        });
        self.workspace.folders = if folders.is_empty() {
            root.into_iter().collect()
        } else {
            folders
        };
        self.phase = Phase::Initialized;
        Ok(self.client.offer())
    }

    fn change(&mut self, params: DidChange) {
        let document = self.documents.change(
            &params.text_document.uri,
            params.text_document.version,
            params.content_changes,
            self.client.encoding,
        );
        if let Some(document) = document {
            self.changed.insert(self.workspace.folder(document));
        }
    }

    fn close(&mut self, uri: &str) {
        if let Some(document) = self.documents.close(uri) {
            self.changed.insert(self.workspace.folder(&document));
            self.all_changed();
        }
    }

    /// What lies on disk is read again, and everything judged again.
    fn all_changed(&mut self) {
        self.workspace.forget();
        for document in self.documents.iter() {
            self.changed.insert(self.workspace.folder(document));
        }
    }

    fn hover(&self, params: &AtPosition) -> Value {
        let Some((document, _, findings)) = self.findings(&params.text_document.uri) else {
            return Value::Null;
        };
        let lines = Lines::new(&document.text, self.client.encoding);
        hover::at(params.position, &findings, &lines, self.client)
    }

    fn code_actions(&mut self, params: &InRange) -> Value {
        let Some((document, judged, findings)) = self.findings(&params.text_document.uri) else {
            return json!([]);
        };
        let lines = Lines::new(&document.text, self.client.encoding);
        let mut list = Vec::new();
        if params.context.wants(QUICK_FIX)
            && let Some(span) = lines.span(params.range)
            && let Some(path) = judged.names.path(&document.uri)
        {
            let source = Source::new(path, document.text.as_str());
            let here: Vec<&Finding> = findings
                .iter()
                .copied()
                .filter(|finding| touches(finding, span))
                .collect();
            list = actions::quick_fixes(&source, &here, &judged.names, self.client);
        }
        let mendable = findings.iter().any(|finding| finding.fix.is_some());
        if params.context.wants(FIX_ALL) && mendable {
            list.extend(self.fix_all(&params.text_document.uri));
        }
        list.into()
    }

    fn fix_all(&mut self, uri: &str) -> Option<Value> {
        let folder = self.workspace.folder(self.documents.get(uri)?);
        let judged = self.judged.get_mut(&folder)?;
        if let Some(known) = judged.mended.get(uri) {
            return known.clone();
        }
        let documents = in_folder(&self.documents, &self.workspace, &folder);
        let changes = self.workspace.mend(&folder, &documents, uri).ok()?;
        let action = actions::fix_all(&changes, &judged.names, self.client);
        judged.mended.insert(uri.to_owned(), action.clone());
        action
    }

    /// The edits that lay a document out; `null` while it has syntax errors, which are told elsewhere.
    fn format(&self, params: &OfDocument) -> Value {
        let Some(document) = self.documents.get(&params.text_document.uri) else {
            return Value::Null;
        };
        let source = Source::new("", document.text.as_str());
        let Ok(text) = formatter::format(&parse(&source)) else {
            return Value::Null;
        };
        let edits = actions::differences(&source, &text);
        actions::text_edits(&edits.iter().collect::<Vec<_>>(), self.client.encoding)
    }

    /// An open document with what was found in it.
    fn findings(&self, uri: &str) -> Option<(&Document, &Judged, Vec<&Finding>)> {
        let document = self.documents.get(uri)?;
        let judged = self.judged.get(&self.workspace.folder(document))?;
        let path = judged.names.path(uri)?;
        let findings = judged
            .findings
            .iter()
            .filter(|finding| finding.path() == Some(path))
            .collect();
        Some((document, judged, findings))
    }

    /// Tells the user once what is wrong with the settings.
    fn complain(&mut self, folder: &Utf8Path, error: &Error) -> Result<()> {
        let text = format!("docker-lint: {error}");
        if self.told.get(folder) == Some(&text) {
            return Ok(());
        }
        let message = json!({ "type": 1, "message": text });
        self.told.insert(folder.to_owned(), text);
        self.send(&messages::notification("window/showMessage", &message))
    }

    /// Tells what differs from what the editor shows.
    fn publish(&mut self, folder: &Utf8Path, new: BTreeMap<String, Shown>) -> Result<()> {
        let mut old = self.shown.remove(folder).unwrap_or_default();
        let mut told = Vec::new();
        for (uri, shown) in &new {
            if old.remove(uri).as_ref() != Some(shown) {
                told.push((uri.clone(), shown.clone()));
            }
        }
        // Of these there is nothing to say any more.
        let gone = old.into_keys().map(|uri| (uri, (None, Vec::new())));
        for (uri, (version, diagnostics)) in told.into_iter().chain(gone) {
            let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
            if let Some(version) = version {
                params["version"] = json!(version);
            }
            self.send(&messages::notification(
                "textDocument/publishDiagnostics",
                &params,
            ))?;
        }
        self.shown.insert(folder.to_owned(), new);
        Ok(())
    }

    fn send(&self, message: &Value) -> Result<()> {
        self.environment.print(&framed(message))
    }
}

/// The documents for which the settings of a folder hold.
fn in_folder<'d>(
    documents: &'d Documents,
    workspace: &Workspace<'_>,
    folder: &Utf8Path,
) -> Vec<&'d Document> {
    documents
        .iter()
        .filter(|document| workspace.folder(document) == folder)
        .collect()
}

fn paths(folders: &[Identifier]) -> Vec<Utf8PathBuf> {
    folders
        .iter()
        .filter_map(|folder| uri::path(&folder.uri))
        .collect()
}

/// Whether a finding stands in a span, or at one of its ends.
fn touches(finding: &Finding, span: Span) -> bool {
    finding
        .location
        .as_ref()
        .is_some_and(|at| at.span.start <= span.end && span.start <= at.span.end)
}
