//! Asking for the addresses of a name (RFC 1035, section 4), as a container asks its engine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Records of type A.
    V4,
    /// Records of type AAAA (RFC 3596).
    V6,
}

impl Family {
    const fn number(self) -> u16 {
        match self {
            Self::V4 => 1,
            Self::V6 => 28,
        }
    }
}

/// The class of the Internet.
const INTERNET: u16 = 1;

/// "Recursion desired".
const RECURSION: u16 = 0x0100;

/// A question for the addresses of `name`; `None` if it is no name that DNS can carry.
#[must_use]
pub fn question(id: u16, name: &str, family: Family) -> Option<Vec<u8>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() || name.len() > 253 {
        return None;
    }
    let mut message = Vec::with_capacity(name.len() + 18);
    for number in [id, RECURSION, 1, 0, 0, 0] {
        message.extend(number.to_be_bytes());
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok();
        message.push(length.filter(|length| (1..=63).contains(length))?);
        message.extend(label.bytes());
    }
    message.push(0);
    message.extend(family.number().to_be_bytes());
    message.extend(INTERNET.to_be_bytes());
    Some(message)
}

/// The addresses in the answer to the question of this number; none where the name is not known. `None` if it is not
/// that answer, or broken.
#[must_use]
pub fn addresses(id: u16, message: &[u8]) -> Option<Vec<IpAddr>> {
    let word = |at: usize| -> Option<u16> {
        Some(u16::from_be_bytes([
            *message.get(at)?,
            *message.get(at + 1)?,
        ]))
    };
    let (flags, questions, answers) = (word(2)?, word(4)?, word(6)?);
    if word(0)? != id || flags & 0x8000 == 0 {
        return None;
    }
    let mut at = 12;
    for _ in 0..questions {
        at = after_name(message, at)? + 4;
    }
    let mut found = Vec::new();
    for _ in 0..answers {
        at = after_name(message, at)?;
        let (kind, length) = (word(at)?, usize::from(word(at + 8)?));
        let data = message.get(at + 10..at + 10 + length)?;
        if kind == Family::V4.number() {
            found.push(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?)));
        } else if kind == Family::V6.number() {
            found.push(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?)));
        }
        at += 10 + length;
    }
    Some(found)
}

/// Where what follows a name begins. A name ends with an empty label or a pointer.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = *message.get(at)?;
        match length {
            0 => return Some(at + 1),
            1..=63 => at += usize::from(length) + 1,
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As an engine answers: the question again, then records whose name points to it.
    fn answer(question: &[u8], records: &[IpAddr]) -> Vec<u8> {
        let mut message = question.to_vec();
        message[2] |= 0x80;
        message[7] = u8::try_from(records.len()).unwrap();
        for record in records {
            let (kind, data) = match record {
                IpAddr::V4(address) => (1_u16, address.octets().to_vec()),
                IpAddr::V6(address) => (28, address.octets().to_vec()),
            };
            message.extend([0xc0, 12]);
            message.extend(kind.to_be_bytes());
            message.extend([0, 1, 0, 0, 2, 88]);
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(data);
        }
        message
    }

    #[test]
    fn what_dns_cannot_carry_is_no_question() {
        let long = "a".repeat(64);
        for name in ["", ".", "a..b", &long, &"a.".repeat(128)] {
            assert_eq!(question(1, name, Family::V4), None, "{name}");
        }
        assert_eq!(
            question(0x0102, "db.", Family::V4).unwrap(),
            b"\x01\x02\x01\0\0\x01\0\0\0\0\0\0\x02db\0\0\x01\0\x01"
        );
    }

    #[test]
    fn an_unknown_name_has_no_addresses_and_a_strange_answer_is_none() {
        let asked = question(7, "nobody", Family::V4).unwrap();
        let mut unknown = answer(&asked, &[]);
        unknown[3] |= 3;
        assert_eq!(addresses(7, &unknown), Some(Vec::new()));
        assert_eq!(addresses(8, &unknown), None);
        assert_eq!(addresses(7, &asked), None, "a question is no answer");
    }

    proptest! {
        #[test]
        fn every_address_is_read(
            name in "[a-z][a-z0-9-]{0,20}(\\.[a-z]{1,9}){0,3}",
            v4 in proptest::collection::vec(any::<[u8; 4]>(), 0..5),
            v6 in proptest::collection::vec(any::<[u8; 16]>(), 0..3),
        ) {
            let records: Vec<IpAddr> = v4.into_iter().map(IpAddr::from).chain(v6.into_iter().map(IpAddr::from)).collect();
            let asked = question(9, &name, Family::V4).unwrap();
            let whole = answer(&asked, &records);
            prop_assert_eq!(addresses(9, &whole), Some(records.clone()));
            for length in 0..whole.len() {
                prop_assert!(addresses(9, &whole[..length]) != Some(records.clone()) || records.is_empty());
            }
        }

        #[test]
        fn no_message_is_too_odd(message in proptest::collection::vec(any::<u8>(), 0..200)) {
            let id = u16::from_be_bytes([message.first().copied().unwrap_or(0), message.get(1).copied().unwrap_or(0)]);
            let _ = addresses(id, &message);
        }
    }
}
