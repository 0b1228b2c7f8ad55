use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::cache::installs::manifest_install;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `COPY .` from the build context that is followed, in the same stage, by the first installation from a manifest: `npm ci`,
    /// `yarn install`, `pip install -r`, `go mod download`, `bundle install`, …
    ///
    /// ## Why it is bad
    /// Every change of any file makes the installation run again. With the manifests copied first, it runs again only when they change.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2151",
        name: "sources-copied-before-install",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "all sources are copied before the dependencies are installed",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let mut copied: Option<Span> = None;
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            if let Some(copy) = step.copy().filter(|copy| copy.flag("from").is_none()) {
                let all = copy
                    .sources
                    .iter()
                    .find(|source| matches!(source.value.as_str(), "." | "./" | "*"));
                copied = copied.or(all.map(|source| source.span));
                continue;
            }
            let Some(run) = step.run() else {
                continue;
            };
            let Some(install) = step.invocations().iter().find_map(manifest_install) else {
                continue;
            };
            // Dependencies that are there already, or a cache mount, make the repetition cheap.
            let is_cached = run.mounts.iter().any(|mount| mount.mount_type() == "cache");
            if let Some(span) = copied
                && !is_cached
            {
                diagnostics
                    .report(
                        span,
                        format!(
                            "every change of a source makes `{}` below run again",
                            install.command
                        ),
                    )
                    .help(format!(
                        "copy {} and install, then copy the rest",
                        install.manifests
                    ));
            }
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn manifests_come_first() {
        assert_eq!(
            found(
                &RULE,
                "FROM a\nCOPY . /app/\nRUN cd /app && pip install --no-cache-dir -r requirements.txt\n"
            ),
            "2:6 every change of a source makes `pip install -r` below run again"
        );
        for lines in [
            "COPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build",
            "COPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm prune && npm ci --omit=dev",
            "COPY . .\nRUN npm run build",
            "COPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci",
            "COPY --from=b . .\nRUN npm ci",
            "COPY . .\nRUN pip install flask",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a\n{lines}\n")), "", "{lines}");
        }
    }
}
