//! Images read where containerd keeps them: it has every blob as a file named by its digest, so that of a new image the
//! layers are read that are new. `docker save` writes all of them, and an archive to begin with.

use camino::{Utf8Path, Utf8PathBuf};

use super::cache::{Image, LayerCache};
use crate::engine::{Engine, ImageStore};
use crate::image::accounting::{self, Reading};
use crate::image::layer::Detail;

/// Where a containerd keeps blobs, below its own folder.
const CONTENT: &str = "io.containerd.content.v1.content";
/// The folder of the containerd that a distribution or Docker's packages start.
const SYSTEM: &str = "/var/lib/containerd";

/// What the image is made of that a build called so, its layers measured; `None` if it cannot be read here, and the
/// engine is to be asked. Whose store it is does not matter, as the content of every blob is verified.
pub(super) fn read(engine: &Engine, digest: &str, cache: &mut LayerCache) -> Option<Image> {
    if engine.store != ImageStore::Containerd {
        return None;
    }
    folders(engine).find_map(|store| read_from(&store, digest, cache))
}

/// The stores that the engine may use: that of a containerd of its own, and the machine's.
fn folders(engine: &Engine) -> impl Iterator<Item = Utf8PathBuf> {
    let own = engine.data.iter();
    own.map(|data| data.join("containerd/daemon"))
        .chain([Utf8PathBuf::from(SYSTEM)])
        .map(|containerd| containerd.join(CONTENT))
}

fn read_from(store: &Utf8Path, digest: &str, cache: &mut LayerCache) -> Option<Image> {
    let known = cache.by_digest();
    let reading = Reading {
        known: &known,
        detail: Detail::Sizes,
    };
    let images = accounting::read_stored(store, digest, reading, None).ok()?;
    // Of several platforms the engine says which is its own.
    let [image] = <[_; 1]>::try_from(images).ok()?;
    let platform = image.config.platform();
    let diff_ids = image.config.rootfs.diff_ids;
    cache.extend(image.layers);
    Some(Image {
        id: digest.to_owned(),
        platform,
        diff_ids,
    })
}
