//! A layer's entries as bytes, to be kept between runs.

/// Raised when the form changes: what an older version wrote is read anew from the image.
pub const VERSION: u8 = 1;
