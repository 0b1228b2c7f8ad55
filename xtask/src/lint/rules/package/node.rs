//! The package managers of Node.js.

use crate::lint::packages::{Call, Manager};

pub(super) const MANAGERS: &[Manager] = &[Manager::Npm, Manager::Yarn, Manager::Pnpm, Manager::Bun];

/// It installs what the project's `package.json` says.
pub(super) fn is_project_install(call: &Call<'_>) -> bool {
    if !call.operands.is_empty() || call.has_option(&["-g", "--global"]) {
        return false;
    }
    match call.manager {
        Manager::Npm => call.is_any(&["install", "i", "ci", "clean-install"]),
        Manager::Yarn => {
            let only_says = ["--version", "-v", "--help", "-h"];
            (call.verb.is_empty() || call.is("install")) && !call.has_option(&only_says)
        }
        Manager::Pnpm | Manager::Bun => call.is_any(&["install", "i"]),
        _ => false,
    }
}

/// Where it keeps what it has downloaded, for root.
pub(super) const fn cache(manager: Manager) -> &'static str {
    match manager {
        Manager::Yarn => "/usr/local/share/.cache/yarn",
        Manager::Pnpm => "/root/.local/share/pnpm/store",
        Manager::Bun => "/root/.bun/install/cache",
        _ => "/root/.npm",
    }
}
