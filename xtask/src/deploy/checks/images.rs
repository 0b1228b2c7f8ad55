//! Which build of an image is put to work.

use super::{Found, Manifests, help, rules};
use crate::deploy::image::{ImageField, UNPINNED};

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for container in &manifests.containers {
        let Some(written) = container.tree.get("image") else {
            continue;
        };
        let text = written.text().unwrap_or_default();
        let image = ImageField::of(text);
        let built = manifests
            .subject
            .built
            .and_then(|built| built.get(image.name));
        if let Some(digest) = image.digest() {
            if let Some(built) = built.filter(|built| built.as_str() != digest) {
                let message = format!(
                    "{} is of the image {digest}, and {built} was built",
                    container.title()
                );
                let finding = found.at(&rules::OTHER_DIGEST, &written.place, message);
                help(
                    finding,
                    "write the digests: `docker-deploy --write --images FILE`",
                );
            }
            continue;
        }
        let write = "write the digests of what was pushed: `docker-deploy --write --images FILE`";
        if image.tag() == Some(UNPINNED) && container.service.is_some() {
            let message = format!("nothing says which build {} is of", container.title());
            let finding = found.at(&rules::UNPINNED, &written.place, message);
            help(finding, write);
        } else if manifests.subject.digests {
            let message = format!(
                "{} is of `{}`, and `{}` wants images by digest",
                container.title(),
                text.escape_debug(),
                manifests.subject.environment
            );
            let finding = found.at(&rules::TAG, &written.place, message);
            let ours = container.service.is_some();
            help(
                finding,
                if ours {
                    write
                } else {
                    "write the image's digest"
                },
            );
        } else if image.tag().is_none_or(|tag| tag == "latest") {
            let message = format!(
                "{} is of `{}`, which is another image every day",
                container.title(),
                text.escape_debug()
            );
            let finding = found.at(&rules::MOVES, &written.place, message);
            help(
                finding,
                "name it by its digest, or by a tag that is never moved",
            );
        }
    }
}
