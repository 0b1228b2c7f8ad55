//! A second bake file for one run, merged over the generated one.

use std::collections::BTreeMap;

use super::plan::{Plan, Target};
use crate::hcl::{Block, Expression, Item, quote, write};
use crate::project::ImageName;

impl Plan {
    /// Replaces images from outside and adds labels. `images` maps a reference such as `node:20.18.0-alpine` to what
    /// stands in for it, such as `docker-image://stand-in`. Every target whose stages need the image gets the
    /// replacement, under the one key BuildKit finds.
    #[must_use]
    pub fn overlay(
        &self,
        images: &BTreeMap<String, String>,
        labels: &BTreeMap<String, String>,
    ) -> String {
        let by_key: BTreeMap<String, &String> = images
            .iter()
            .map(|(reference, replacement)| {
                let key = ImageName::parse(reference).map(|name| name.context_key());
                (key.unwrap_or_else(|| reference.clone()), replacement)
            })
            .collect();
        let mut items = vec![Item::Comment(
            "For one run; made by `cargo xtask docker-build`.".to_owned(),
        )];
        for target in &self.targets {
            let replaced = replaced(target, &by_key);
            let labels = labels
                .iter()
                .map(|(name, text)| (name.clone(), Expression::text(text)))
                .collect();
            let block = Block::new("target", &target.name)
                .with_some("contexts", Expression::Map(replaced))
                .with_some("labels", Expression::Map(labels));
            if !block.body.is_empty() {
                items.extend([Item::Blank, Item::Block(block)]);
            }
        }
        write(&items)
    }
}

impl Plan {
    /// Pushes targets by their digest, without a tag: what is built for one platform, to be put together with that of
    /// others. Whatever their tags are, they lose them: a name with a tag cannot be pushed so.
    #[must_use]
    pub fn by_digest<'t>(&self, targets: impl IntoIterator<Item = &'t Target>) -> String {
        let prefix = self.variable_prefix();
        let mut items = vec![Item::Comment(
            "For one run; made by `cargo xtask docker-build --push-by-digest`.".to_owned(),
        )];
        for target in targets {
            let output = format!(
                "\"type=image,name=${{join(\"/\", compact([{prefix}_REGISTRY, {prefix}_NAMESPACE, {}]))}},push-by-digest=true,name-canonical=true,push=true\"",
                quote(&target.repository)
            );
            let block = Block::new("target", &target.name)
                .with("tags", Expression::List(Vec::new()))
                .with("output", Expression::List(vec![Expression::raw(output)]));
            items.extend([Item::Blank, Item::Block(block)]);
        }
        write(&items)
    }
}

fn replaced(target: &Target, by_key: &BTreeMap<String, &String>) -> Vec<(String, Expression)> {
    target
        .external_images
        .iter()
        .filter_map(|key| Some((key.clone(), Expression::text(*by_key.get(key)?))))
        .collect()
}
