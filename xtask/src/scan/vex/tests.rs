use super::output::{Said, openvex};
use super::*;
use crate::scan::exemption::{Subject, deciding};
use crate::scan::samples::vulnerability;
use crate::scan::vulnerability::Level;

fn read(text: &str) -> Result<Vec<Exemption>> {
    parse(&Source::new("vex.json", text))
}

fn api() -> Subject {
    Subject {
        names: vec!["api".to_owned(), "ghcr.io/acme/shop-api:1".to_owned()],
        digests: vec!["sha256:aa".to_owned()],
    }
}

/// What a document decides about CVE-2027-1 of openssl in `api`.
fn decision(text: &str) -> Option<(Statement, Option<String>)> {
    let exemptions = read(text).unwrap();
    let found = vulnerability("CVE-2027-1", "openssl", Level::High);
    let today = "2027-01-15".parse().unwrap();
    let index = deciding(&exemptions, &found, &api(), today)?;
    Some((
        exemptions[index].statement,
        exemptions[index].reason.clone(),
    ))
}

fn openvex_of(statements: &str) -> String {
    format!(
        "{{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"timestamp\": \"2027-01-01T00:00:00Z\", \"statements\": [{statements}]}}"
    )
}

#[test]
fn a_statement_of_openvex_holds_for_its_products() {
    let not_affected = |products: &str| {
        openvex_of(&format!(
            "{{\"vulnerability\": {{\"name\": \"CVE-2027-1\"}}, \"products\": [{products}], \"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_present\"}}"
        ))
    };
    let yes = Some((
        Statement::NotAffected,
        Some("vulnerable_code_not_present".to_owned()),
    ));
    for (products, expected) in [
        ("{\"@id\": \"pkg:apk/alpine/openssl@3.3.2-r0\"}", &yes),
        ("{\"@id\": \"pkg:apk/alpine/openssl@3.3.1-r0\"}", &None),
        ("{\"@id\": \"pkg:oci/shop-api@sha256%3Aaa\"}", &yes),
        ("{\"@id\": \"pkg:oci/shop-web\"}", &None),
        (
            "{\"@id\": \"pkg:oci/shop-api\", \"subcomponents\": [{\"@id\": \"pkg:apk/alpine/openssl\"}]}",
            &yes,
        ),
        (
            "{\"@id\": \"pkg:oci/shop-api\", \"subcomponents\": [{\"@id\": \"pkg:apk/alpine/zlib\"}]}",
            &None,
        ),
        (
            "{\"@id\": \"https://shop.example\", \"identifiers\": {\"purl\": \"pkg:oci/shop-api\"}}",
            &yes,
        ),
        ("{\"@id\": \"https://shop.example\"}", &None),
    ] {
        assert_eq!(&decision(&not_affected(products)), expected, "{products}");
    }
}

#[test]
fn what_is_said_later_replaces_what_was_said_before() {
    let one = |status: &str, time: &str| {
        format!(
            "{{\"vulnerability\": \"CVE-2027-1\", \"products\": [{{\"@id\": \"pkg:apk/alpine/openssl\"}}], \"status\": \"{status}\", \"impact_statement\": \"i\", \"timestamp\": \"{time}\"}}"
        )
    };
    let (early, late) = ("2027-01-02T00:00:00Z", "2027-01-03T00:00:00Z");
    let text = openvex_of(&format!(
        "{}, {}",
        one("affected", late),
        one("not_affected", early)
    ));
    assert_eq!(decision(&text).unwrap().0, Statement::Affected);
    assert!(!Statement::Affected.exempts());
}

#[test]
fn cyclonedx_points_at_components() {
    let text = |reference: &str, state: &str| {
        format!(
            "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [{{\"bom-ref\": \"ssl\", \"purl\": \"pkg:apk/alpine/openssl@3.3.2-r0\"}}], \"vulnerabilities\": [{{\"id\": \"CVE-2027-1\", \"analysis\": {{\"state\": \"{state}\", \"detail\": \"d\"}}, \"affects\": [{{\"ref\": \"{reference}\"}}]}}]}}"
        )
    };
    for (reference, state, expected) in [
        ("ssl", "not_affected", Some(Statement::NotAffected)),
        (
            "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#ssl",
            "resolved",
            Some(Statement::Fixed),
        ),
        (
            "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Aapk%2Falpine%2Fopenssl",
            "false_positive",
            Some(Statement::NotAffected),
        ),
        (
            "pkg:apk/alpine/openssl",
            "exploitable",
            Some(Statement::Affected),
        ),
        ("other", "not_affected", None),
    ] {
        let found = decision(&text(reference, state)).map(|(statement, _)| statement);
        assert_eq!(found, expected, "{reference}");
    }
}

#[test]
fn csaf_joins_packages_and_products() {
    let text = r#"{"document": {"csaf_version": "2.0"}, "product_tree": {
      "branches": [{"branches": [
        {"product": {"product_id": "ssl", "product_identification_helper": {"purl": "pkg:apk/alpine/openssl"}}},
        {"product": {"product_id": "api", "product_identification_helper": {"purl": "pkg:oci/shop-api"}}},
        {"product": {"product_id": "web", "product_identification_helper": {"purl": "pkg:oci/shop-web"}}}]}],
      "relationships": [
        {"product_reference": "ssl", "relates_to_product_reference": "IMAGE", "full_product_name": {"product_id": "ssl:IMAGE"}}]},
      "vulnerabilities": [{"cve": "CVE-2027-1", "product_status": {"known_not_affected": ["ssl:IMAGE"]},
        "flags": [{"label": "component_not_present", "product_ids": ["ssl:IMAGE"]}]}]}"#;
    let expected = Some((
        Statement::NotAffected,
        Some("component_not_present".to_owned()),
    ));
    assert_eq!(decision(&text.replace("IMAGE", "api")), expected);
    assert_eq!(decision(&text.replace("IMAGE", "web")), None);
}

#[test]
fn what_is_no_vex_is_told() {
    for (text, expected) in [
        ("{", "vex.json:1:1: the VEX document cannot be read: EOF"),
        (
            "{}",
            "vex.json:1:1: the file is no VEX document that is known here",
        ),
        (
            "{\"@context\": \"https://openvex.dev/ns\"}",
            "no list of `statements`",
        ),
        (
            &openvex_of("{\"status\": \"fixed\"}"),
            "statement 1 of the VEX document names no vulnerability",
        ),
        (
            &openvex_of("{\"vulnerability\": \"CVE-1\", \"status\": \"good\"}"),
            "a `status` that is none of",
        ),
        (
            &openvex_of(
                "{\"vulnerability\": \"CVE-1\", \"status\": \"not_affected\", \"products\": [\"pkg:npm/x\"]}",
            ),
            "and not why",
        ),
        (
            &openvex_of("{\"vulnerability\": \"CVE-1\", \"status\": \"fixed\"}"),
            "names no product",
        ),
        (
            "{\"bomFormat\": \"CycloneDX\", \"vulnerabilities\": [{\"id\": \"CVE-1\", \"analysis\": {\"state\": \"good\"}}]}",
            "that CycloneDX does not know",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}\n{expected}");
    }
    let deep = "[".repeat(100_000);
    assert!(
        read(&deep)
            .unwrap_err()
            .to_string()
            .contains("recursion limit")
    );
}

#[test]
fn what_is_written_is_read_again_and_says_the_same() {
    let said = |id: &str, statement| Said {
        id: id.to_owned(),
        aliases: Vec::new(),
        title: "a weakness of openssl".to_owned(),
        image: "pkg:oci/shop-api@sha256%3Aaa".to_owned(),
        package: "pkg:apk/alpine/openssl@3.3.2-r0".to_owned(),
        statement,
        words: "not reachable".to_owned(),
    };
    let time = "2027-01-15T10:00:00Z".parse().unwrap();
    let all = [
        said("CVE-2027-2", Statement::Accepted),
        said("CVE-2027-1", Statement::NotAffected),
    ];
    let text = openvex("shop", time, &all);
    insta::assert_snapshot!(text);
    let found = read(&text).unwrap();
    let statements: Vec<_> = found
        .iter()
        .map(|one| (one.ids[0].as_str(), one.statement))
        .collect();
    assert_eq!(
        statements,
        [
            ("CVE-2027-1", Statement::NotAffected),
            ("CVE-2027-2", Statement::Affected)
        ]
    );
    assert_eq!(
        decision(&text).unwrap(),
        (Statement::NotAffected, Some("not reachable".to_owned()))
    );
    // The name does not depend on the order or the time.
    let mut turned = all.clone();
    turned.reverse();
    assert_eq!(text, openvex("shop", time, &turned));
}
