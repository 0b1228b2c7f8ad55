//! What services and resolvers answer: any bytes are an answer or none, and an answer that is whole stays the same
//! whatever follows it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::trial::fleet::{Composition, dns, health};
use xtask::trial::http::{self, Kind};

fuzz_target!(|data: &[u8]| {
    for kind in [Kind::Request, Kind::Answer, Kind::AnswerToHead] {
        if let Ok(Some(whole)) = http::read(kind, data, false) {
            let more = [data, b"more"].concat();
            assert_eq!(http::read(kind, &more, false), Ok(Some(whole)));
        }
        let _ = http::read(kind, data, true);
    }
    let chunked = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", data].concat();
    let _ = http::read(Kind::Answer, &chunked, true);
    if let [high, low, ..] = data {
        let _ = dns::addresses(u16::from_be_bytes([*high, *low]), data);
    }
    let _ = health::checks(data);
    let _ = Composition::read(data);
});
