//! Images written down, for the rules' examples and tests.
//!
//! Lines in the order of the history: instructions as in a Dockerfile, each followed by the files of its layer as
//! `ls -ln` has them (`-rwsr-xr-x 0 0 usr/bin/passwd`), with `-> target`, a size, `+capabilities`, or the loader of a program
//! (`+loader /lib/ld.so`) behind the path.
//! `| text` is a line of the last file's content, `! 3 github-token` a secret in its third line. What stands above `---`
//! is the base image's. `CREATED` says when. `\n` in a `RUN` is a line break.

use std::sync::Arc;

use super::{FoundSecret, OLDEST_DAYS, Purpose, Subject, findings};
use crate::date::Date;
use crate::finding::Finding;
use crate::image::attribution::{Evidence, Origin};
use crate::image::config::{HealthConfig, HistoryEntry, ImageConfig};
use crate::image::filesystem::Filesystem;
use crate::image::inventory;
use crate::image::layer::{Detail, LayerContents};
use crate::secrets::content;

/// The day of every test.
const TODAY: &str = "2024-06-01";

/// An image.
#[derive(Debug)]
pub(super) struct Sample {
    config: ImageConfig,
    layers: Vec<Arc<LayerContents>>,
    origins: Vec<Origin>,
    steps: Vec<Origin>,
    secrets: Vec<FoundSecret>,
}

#[derive(Debug, Default)]
struct Member {
    mode: u32,
    kind: u8,
    owner: (u64, u64),
    path: String,
    link: String,
    content: Vec<u8>,
    has_capabilities: bool,
}

impl Sample {
    /// # Panics
    /// If a line cannot be understood.
    pub(super) fn of(text: &str) -> Self {
        let mut sample = Self {
            config: ImageConfig::default(),
            layers: Vec::new(),
            origins: Vec::new(),
            steps: Vec::new(),
            secrets: Vec::new(),
        };
        let base_ends = text.lines().position(|line| line == "---");
        let mut members: Vec<Member> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let is_base = base_ends.is_some_and(|end| index < end);
            if let Some(content) = line.strip_prefix("| ").or_else(|| line.strip_prefix('|')) {
                let last = members.last_mut().unwrap();
                last.content.extend_from_slice(content.as_bytes());
                last.content.push(b'\n');
            } else if let Some(secret) = line.strip_prefix("! ") {
                let (at, rule) = secret.split_once(' ').unwrap();
                let known = content::rules();
                let rule = known.iter().find(|known| known.id == rule);
                sample.secrets.push(FoundSecret {
                    layer: sample.layers.len(),
                    path: members.last().unwrap().path.clone(),
                    line: at.parse().unwrap(),
                    rule: rule.unwrap_or_else(|| panic!("no rule {secret}")),
                    redacted: "gh…, 40 characters".to_owned(),
                });
            } else if let Some(member) = Member::parse(line) {
                members.push(member);
            } else if line != "---" {
                sample.close_layer(&mut members);
                sample.instruction(line, index + 1, is_base);
            }
        }
        sample.close_layer(&mut members);
        sample
    }

    fn close_layer(&mut self, members: &mut Vec<Member>) {
        if members.is_empty() {
            return;
        }
        let tar = tar_of(&std::mem::take(members));
        let (_, contents) = LayerContents::read(&mut tar.as_slice(), Detail::Inspected).unwrap();
        self.layers.push(Arc::new(contents.unwrap()));
        self.origins
            .push(self.steps.last().cloned().unwrap_or_default());
        if let Some(entry) = self.config.history.last_mut() {
            entry.empty_layer = false;
        }
    }

    fn instruction(&mut self, line: &str, number: usize, is_base: bool) {
        let (keyword, text) = line.split_once(' ').unwrap_or((line, ""));
        let text = text.replace("\\n", "\n");
        let config = &mut self.config.config;
        let words = || match serde_json::from_str::<Vec<String>>(&text) {
            Ok(words) => words,
            Err(_) => ["/bin/sh", "-c", &text].map(str::to_owned).to_vec(),
        };
        match keyword {
            "CREATED" => {
                self.config.created = Some(text);
                return;
            }
            "USER" => config.user.clone_from(&text),
            "WORKDIR" => config.working_dir.clone_from(&text),
            "STOPSIGNAL" => config.stop_signal = Some(text.clone()),
            "ENV" => {
                let name = text.split('=').next().unwrap().to_owned() + "=";
                config.env.retain(|known| !known.starts_with(&name));
                config.env.push(text.clone());
            }
            "LABEL" => {
                let (name, value) = text.split_once('=').unwrap();
                config.labels.insert(name.to_owned(), value.to_owned());
            }
            "EXPOSE" => {
                config
                    .exposed_ports
                    .insert(format!("{text}/tcp"), serde_json::json!({}));
            }
            "VOLUME" => {
                config.volumes.insert(text.clone(), serde_json::json!({}));
            }
            "CMD" => config.cmd = words(),
            "ENTRYPOINT" => config.entrypoint = words(),
            "HEALTHCHECK" => {
                let probe = match text.strip_prefix("CMD ") {
                    None => vec!["NONE".to_owned()],
                    Some(command) => match serde_json::from_str::<Vec<String>>(command) {
                        Ok(words) => std::iter::once("CMD".to_owned()).chain(words).collect(),
                        Err(_) => vec!["CMD-SHELL".to_owned(), command.to_owned()],
                    },
                };
                config.healthcheck = Some(HealthConfig {
                    test: probe,
                    ..HealthConfig::default()
                });
            }
            "FROM" | "RUN" | "COPY" | "ADD" | "ARG" => {}
            _ => panic!("what is `{line}`?"),
        }
        let shell = if keyword == "RUN" && !text.starts_with('|') {
            "/bin/sh -c "
        } else {
            ""
        };
        self.config.history.push(HistoryEntry {
            created_by: format!("{keyword} {shell}{text} # buildkit"),
            empty_layer: true,
        });
        self.steps.push(Origin {
            evidence: Evidence::Dockerfile,
            instruction: line.to_owned(),
            dockerfile: (!is_base).then(|| "Dockerfile".to_owned()),
            line: (!is_base).then_some(number),
            end_line: (!is_base).then_some(number),
            is_base: Some(is_base),
        });
    }

    /// What all rules find.
    pub(super) fn findings(&self, reference: Option<&str>, purpose: Purpose) -> Vec<Finding> {
        let filesystem = Filesystem::of(self.layers.clone());
        let packages = inventory::packages(&filesystem);
        findings(&Subject {
            name: "sample",
            reference,
            purpose,
            config: &self.config,
            filesystem: &filesystem,
            packages: &packages,
            origins: &self.origins,
            steps: &self.steps,
            secrets: &self.secrets,
            today: TODAY.parse::<Date>().ok(),
            oldest_days: OLDEST_DAYS,
        })
    }
}

impl Member {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let shown = words.next()?;
        let kind = shown.bytes().next()?;
        if shown.len() != 10 || !matches!(kind, b'-' | b'd' | b'l') {
            return None;
        }
        let mut mode = 0;
        for (at, letter) in shown[1..].chars().enumerate() {
            let bit = 0o400 >> at;
            let special = 0o4000 >> (at / 3);
            mode |= match letter {
                '-' => 0,
                's' | 't' => bit | special,
                'S' | 'T' => special,
                _ => bit,
            };
        }
        let mut member = Self {
            mode,
            kind,
            owner: (words.next()?.parse().ok()?, words.next()?.parse().ok()?),
            path: words.next()?.to_owned(),
            ..Self::default()
        };
        match (words.next(), words.next()) {
            (Some("->"), Some(target)) => target.clone_into(&mut member.link),
            (Some("+loader"), Some(loader)) => member.content = program(loader),
            (Some("+capabilities"), None) => member.has_capabilities = true,
            (Some(size), None) => member.content = vec![b'x'; size.parse().unwrap()],
            _ => {}
        }
        Some(member)
    }
}

/// An ELF file of 64 bits with nothing but the name of its loader.
fn program(loader: &str) -> Vec<u8> {
    let mut bytes = vec![0; 120];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    let mut put = |at: usize, value: u16| bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    let length = u16::try_from(loader.len() + 1).unwrap();
    // Type, machine, version, program headers: where, how large each, how many.
    for (at, value) in [
        (16, 2),
        (18, 62),
        (20, 1),
        (32, 64),
        (52, 64),
        (54, 56),
        (56, 1),
    ] {
        put(at, value);
    }
    // PT_INTERP, readable; offset and sizes.
    for (at, value) in [
        (64, 3),
        (68, 4),
        (72, 120),
        (80, 120),
        (96, length),
        (104, length),
        (112, 1),
    ] {
        put(at, value);
    }
    bytes.extend_from_slice(loader.as_bytes());
    bytes.push(0);
    bytes
}

fn tar_of(members: &[Member]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for member in members {
        if member.has_capabilities {
            let capabilities: &[u8] = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
            tar.append_pax_extensions([("SCHILY.xattr.security.capability", capabilities)])
                .unwrap();
        }
        let mut header = tar::Header::new_ustar();
        header.set_mode(member.mode);
        header.set_uid(member.owner.0);
        header.set_gid(member.owner.1);
        header.set_size(member.content.len() as u64);
        header.set_entry_type(match member.kind {
            b'd' => tar::EntryType::Directory,
            b'l' => tar::EntryType::Symlink,
            _ => tar::EntryType::Regular,
        });
        if member.kind == b'l' {
            tar.append_link(&mut header, &member.path, &member.link)
                .unwrap();
        } else {
            tar.append_data(&mut header, &member.path, member.content.as_slice())
                .unwrap();
        }
    }
    tar.into_inner().unwrap()
}

/// The findings of one code, a line each: the line of the instruction, `base`, or `-`, and the message.
pub(super) fn found(code: &str, text: &str) -> String {
    found_as(None, code, text)
}

/// As [`found`], of an image with a reference.
pub(super) fn found_as(reference: Option<&str>, code: &str, text: &str) -> String {
    let findings = Sample::of(text).findings(reference, Purpose::Production);
    let of_code = findings.iter().filter(|finding| finding.code == code);
    of_code.map(shown).collect::<Vec<_>>().join("\n")
}

fn shown(finding: &Finding) -> String {
    let place = match (
        finding.details().properties.get("line"),
        finding.details().properties["actor"].as_str(),
    ) {
        (Some(line), _) => line.to_string(),
        (None, Some("base")) => "base".to_owned(),
        _ => "-".to_owned(),
    };
    format!("{place}: {}", finding.message)
}
