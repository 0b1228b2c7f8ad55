//! Which names mean an image of this project.

use std::collections::HashMap;

use super::image_name::ImageName;
use super::model::ImageDefinition;

/// The images and stages of a project by what they are called, so that one is found without a look at all others.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnImages {
    /// By domain and path, the place of the image that is called so.
    images: HashMap<(String, String), usize>,
    /// By domain and path, the place of the image and of its stage.
    stages: HashMap<(String, String), (usize, usize)>,
}

impl OwnImages {
    /// `name` tells what an image is called, in full.
    pub(super) fn new(
        images: &[ImageDefinition],
        name: impl Fn(&ImageDefinition) -> String,
    ) -> Self {
        let mut own = Self::default();
        for (place, image) in images.iter().enumerate() {
            let Some(ImageName { domain, path, .. }) = ImageName::parse(&name(image)) else {
                continue;
            };
            // Of several stages of one name it is the last.
            for (index, stage) in image.dockerfile.stages.iter().enumerate().rev() {
                if let Some(stage) = &stage.name {
                    let path = format!("{path}-{}", stage.value.to_lowercase());
                    let stages = own.stages.entry((domain.clone(), path));
                    stages.or_insert((place, index));
                }
            }
            own.images.entry((domain, path)).or_insert(place);
        }
        own
    }

    /// The place of the image that a reference means, and that of the stage if it means one. The tag does not matter;
    /// only a digest means what was pushed once.
    pub(super) fn find(&self, reference: &str) -> Option<(usize, Option<usize>)> {
        let name = ImageName::parse(reference).filter(|name| name.digest.is_none())?;
        let key = (name.domain, name.path);
        if let Some(place) = self.images.get(&key) {
            return Some((*place, None));
        }
        let (place, stage) = *self.stages.get(&key)?;
        Some((place, Some(stage)))
    }
}
