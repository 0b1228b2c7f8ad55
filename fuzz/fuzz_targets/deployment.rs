//! Whatever stands in a manifest of Kubernetes or a compose file: it is read, or refused with a place in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::deploy::{Object, compose};
use xtask::quantity;
use xtask::source::Source;

fuzz_target!(|text: &str| {
    let source = Source::new("all.yaml", text);
    if let Ok(objects) = Object::read(&source) {
        for object in objects {
            let place = object.place();
            assert!(text.get(place.span.start..place.span.end).is_some());
        }
    }
    if let Ok(services) = compose::read(&source) {
        for service in services {
            assert!(text.get(service.place.span.start..service.place.span.end).is_some());
        }
    }
    if let Some(amount) = quantity::bytes(text) {
        assert_eq!(quantity::bytes(&quantity::of_bytes(amount)), Some(amount));
    }
});
