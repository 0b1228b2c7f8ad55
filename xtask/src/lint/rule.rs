//! What a rule is.

use std::cell::OnceCell;
use std::ops::Deref;

use crate::lint::build_context::{BuildContext, CopySource, copy_sources};
use crate::lint::diagnostics::Diagnostics;
use crate::lint::model::{Model, Step};
use crate::lint::options::Options;
use crate::lint::shell_text::ShellText;
use crate::lint::surroundings::Surroundings;
use crate::rule::About;
pub use crate::rule::{Category, Fixability};

/// One rule: what it is called, what it means, how it is checked.
#[derive(Debug)]
pub struct Rule {
    /// What it is called and what it means.
    pub about: About,
    /// What it does.
    pub check: Check,
}

impl Deref for Rule {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

/// Looks at one Dockerfile.
pub(super) type DockerfileCheck = fn(&Subject<'_>, &mut Diagnostics<'_>);

/// How a rule is checked.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Once for each Dockerfile.
    Dockerfile(DockerfileCheck),
    /// Once for a run that knows its repository: workflows, compose files, `.dockerignore`.
    Repository(fn(&Surroundings, &Options, &mut Diagnostics<'_>)),
    /// By the linter itself (syntax errors, suppressions, an external tool).
    Built,
    /// Not by the linter: on an image that is built.
    Image,
    /// Not by the linter: on what puts images to work.
    Deployment,
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The Dockerfile.
    pub model: &'a Model,
    /// What is around it.
    pub surroundings: &'a Surroundings,
    /// What the configuration says.
    pub options: &'a Options,
    shell_text: OnceCell<ShellText<'a>>,
    build_context: OnceCell<Option<BuildContext<'a>>>,
    copy_sources: OnceCell<Vec<(Step<'a>, Vec<CopySource>)>>,
}

impl<'a> Subject<'a> {
    /// A Dockerfile with what is around it.
    #[must_use]
    pub const fn new(
        model: &'a Model,
        surroundings: &'a Surroundings,
        options: &'a Options,
    ) -> Self {
        Self {
            model,
            surroundings,
            options,
            shell_text: OnceCell::new(),
            build_context: OnceCell::new(),
            copy_sources: OnceCell::new(),
        }
    }

    /// Its build context; `None` where no files are known.
    pub(super) fn build_context(&self) -> Option<&BuildContext<'a>> {
        self.build_context
            .get_or_init(|| BuildContext::of(self.model, self.surroundings))
            .as_ref()
    }

    /// What each `COPY` and `ADD` takes from the build context, as far as it is known, in order; those that take
    /// nothing are left out.
    pub(super) fn copy_sources(&self) -> &[(Step<'a>, Vec<CopySource>)] {
        self.copy_sources.get_or_init(|| {
            let steps = self.model.steps().map(|step| (step, copy_sources(step)));
            steps.filter(|(_, sources)| !sources.is_empty()).collect()
        })
    }

    /// Its shell text.
    pub(super) fn shell_text(&self) -> &ShellText<'a> {
        self.shell_text.get_or_init(|| ShellText::of(self.model))
    }
}

/// Declares a rule: the doc comment is its page.
///
/// ```ignore
/// declare! {
///     /// ## What it does
///     /// …
///     pub(super) static IMAGE_WITHOUT_TAG = Rule {
///         code: "DL3006", name: "image-without-tag", aliases: &[], severity: Severity::Warning, enabled: true,
///         category: Category::Reproducibility, summary: "the base image has no tag", fix: Fixability::None,
///         check: Check::Dockerfile(check),
///     };
/// }
/// ```
macro_rules! declare {
    ($(#[doc = $line:expr])* $visibility:vis static $name:ident = Rule {
        code: $code:expr, name: $rule_name:expr, aliases: $aliases:expr, severity: $severity:expr,
        enabled: $enabled:expr, category: $category:expr, summary: $summary:expr, fix: $fix:expr,
        check: $check:expr $(,)?
    };) => {
        $visibility static $name: $crate::lint::Rule = $crate::lint::Rule {
            about: $crate::rule::About {
                code: $code,
                name: $rule_name,
                aliases: $aliases,
                severity: $severity,
                enabled: $enabled,
                category: $category,
                summary: $summary,
                fix: $fix,
                documentation: &[$($line),*],
            },
            check: $check,
        };
    };
}
pub(super) use declare;
