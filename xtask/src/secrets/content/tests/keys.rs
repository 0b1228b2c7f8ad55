//! Private keys, and what is none.

use super::*;

#[test]
fn private_keys_are_found_and_public_ones_not() {
    let sequence: &[u8] = &[0x30, 0x82, 0x04, 0xa3];
    let open = b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none";
    let locked = b"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt";
    for (label, headers, start, id) in [
        ("PRIVATE KEY", "", sequence, "private-key"),
        ("RSA PRIVATE KEY", "", sequence, "private-key"),
        ("EC PRIVATE KEY", "", sequence, "private-key"),
        ("OPENSSH PRIVATE KEY", "", &open[..], "private-key"),
        (
            "OPENSSH PRIVATE KEY",
            "",
            &locked[..],
            "encrypted-private-key",
        ),
        (
            "ENCRYPTED PRIVATE KEY",
            "",
            sequence,
            "encrypted-private-key",
        ),
        (
            "RSA PRIVATE KEY",
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n\n",
            &[0x99, 0x01],
            "encrypted-private-key",
        ),
        (
            "PGP PRIVATE KEY BLOCK",
            "Version: GnuPG v2\n\n",
            &[0x95, 0x01],
            "pgp-private-key",
        ),
    ] {
        for newline in ["\n", "\r\n", "\\n", "\\n\" +\n  \"", "\n    "] {
            let headers = headers.replace('\n', newline);
            let key = pem(label, &headers, start, newline);
            finds(Format::Text, &format!("k = \"{key}\";\n"), &key, id);
        }
        let key = pem(label, headers, start, "\n");
        let binary = format!("\0ELF{key}\0");
        let outcome = scan(Format::Text, binary.as_bytes());
        assert!(outcome.is_binary);
        assert_eq!(outcome.matches.len(), 1, "{label}");
    }
    for label in [
        "PUBLIC KEY",
        "CERTIFICATE",
        "RSA PUBLIC KEY",
        "PGP PUBLIC KEY BLOCK",
        "DH PARAMETERS",
    ] {
        finds_nothing(Format::Text, &pem(label, "", sequence, "\n"));
    }
    // Programs that read keys have the marker alone; documentation has no key behind it.
    for text in [
        "if line == \"-----BEGIN RSA PRIVATE KEY-----\" {",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ] {
        finds_nothing(Format::Text, text);
    }
    finds_nothing(Format::Text, &pem("PRIVATE KEY", "", b"not ASN.1", "\n"));
}

#[test]
fn keys_of_putty_say_themselves_whether_they_are_locked() {
    for (encryption, id) in [
        ("none", "private-key"),
        ("aes256-cbc", "encrypted-private-key"),
    ] {
        let key = format!(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {encryption}\nComment: c\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\nAAAA\n"
        );
        assert_eq!(ids(Format::Text, &key), [id]);
    }
    finds_nothing(
        Format::Text,
        "PuTTY-User-Key-File-3: the first line of a key",
    );
}
