//! Plans, builds, measures and judges the container images of a monorepo.
//!
//! A command gathers facts about the project, a pure analysis turns them into findings or a plan, an effect carries
//! the plan out, a report shows the verdict. The modules are floors of one house; arrows only point down
//! (`docs/architecture.md`, held by `tests/layers.rs`):
//!
//! | floor | modules |
//! |---|---|
//! | 5 | [`cli`], [`commands`], [`environment`] |
//! | 4 | [`process`], [`atomic_file`], [`advisories`], [`trivy`], [`git`], [`engine`], [`cosign`], [`trail`], [`progress`], [`http`], [`distribution`], [`packages`] |
//! | 3 | [`project`], [`bake`], [`image`], [`context`], [`caching`], [`lint`], [`formatter`], [`scan`], [`trust`], [`audit`], [`release`], [`trial`], [`tags`], [`deploy`], [`retention`] |
//! | 2 | [`dockerfile`], [`shell`], [`dockerignore`], [`hcl`], [`secrets`], [`version`], [`yaml`] |
//! | 1 | [`source`], [`mapped_text`], [`parallel`], [`finding`], [`edit`], [`rule`], [`report`], [`size`], [`quantity`], [`date`], [`timestamp`], [`base64`], [`error`] |

pub mod adoption;
pub mod advisories;
pub mod atomic_file;
pub mod audit;
pub mod bake;
pub mod base64;
pub mod caching;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod context;
pub mod cosign;
pub mod date;
pub mod deploy;
pub mod distribution;
pub mod dockerfile;
pub mod dockerignore;
pub mod edit;
pub mod engine;
pub mod environment;
pub mod error;
pub mod expression;
pub mod finding;
pub mod formatter;
pub mod git;
pub mod hcl;
pub mod http;
pub mod image;
pub mod lint;
pub mod mapped_text;
pub mod packages;
pub mod parallel;
pub mod process;
pub mod progress;
pub mod project;
pub mod quantity;
pub mod release;
pub mod report;
pub mod retention;
pub mod rule;
pub mod scan;
pub mod scorecard;
pub mod secrets;
pub mod shell;
pub mod size;
pub mod source;
pub mod tags;
pub mod text_search;
pub mod timestamp;
pub mod trail;
pub mod trial;
pub mod trivy;
pub mod trust;
pub mod version;
pub mod yaml;

pub use cli::main;
