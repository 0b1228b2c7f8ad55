//! What is known of the vulnerabilities of images, as `OpenVEX` 0.2.0.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scan::exemption::Statement;
use crate::timestamp::Timestamp;

/// One statement: a vulnerability in packages of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The vulnerability, by the name it is best known by.
    pub id: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// One line about it.
    pub title: String,
    /// The image, as a package URL.
    pub image: String,
    /// The package, as a package URL.
    pub package: String,
    /// What is known.
    pub statement: Statement,
    /// Why, or what is to be done.
    pub words: String,
}

/// The document: statements in a fixed order, and a name that follows from them.
#[must_use]
pub fn openvex(author: &str, time: Timestamp, said: &[Said]) -> String {
    let mut said: Vec<&Said> = said.iter().collect();
    said.sort_by_key(|one| (&one.image, &one.package, &one.id));
    let statements: Vec<Value> = said.iter().map(|one| statement(one)).collect();
    let mut hash = Sha256::new();
    hash.update(author);
    hash.update(Value::from(statements.clone()).to_string());
    let hash = hash.finalize();
    let name = hash[..16]
        .iter()
        .fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("https://openvex.dev/docs/public/vex-{name}"),
        "author": author,
        "timestamp": time,
        "version": 1,
        "tooling": concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        "statements": statements,
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn statement(said: &Said) -> Value {
    let mut vulnerability = json!({ "name": said.id });
    if !said.title.is_empty() {
        vulnerability["description"] = json!(said.title);
    }
    if !said.aliases.is_empty() {
        vulnerability["aliases"] = json!(said.aliases);
    }
    let mut statement = json!({
        "vulnerability": vulnerability,
        "products": [{ "@id": said.image, "subcomponents": [{ "@id": said.package }] }],
    });
    match said.statement {
        Statement::NotAffected => {
            statement["status"] = json!("not_affected");
            statement["impact_statement"] = json!(said.words);
        }
        Statement::Fixed => {
            statement["status"] = json!("fixed");
            statement["status_notes"] = json!(said.words);
        }
        Statement::UnderInvestigation => {
            statement["status"] = json!("under_investigation");
            statement["status_notes"] = json!(said.words);
        }
        // To accept a risk is no statement that there is none.
        Statement::Accepted | Statement::Affected => {
            statement["status"] = json!("affected");
            statement["action_statement"] = json!(said.words);
        }
    }
    statement
}
