use super::tests::image;

#[test]
fn what_a_step_overwrites_itself_is_nowhere() {
    for (text, expected) in [
        (
            "FROM scratch\nCOPY app/package.json other/package.json /srv/",
            "other/package.json",
        ),
        (
            "FROM scratch\nCOPY */package.json /srv/",
            "other/package.json",
        ),
        (
            "FROM scratch\nCOPY app other /srv/",
            "app/.env other/dist/index.js other/package.json",
        ),
        // The same file at two places; one of them is overwritten.
        (
            "FROM scratch\nCOPY app app/dist /srv/\nCOPY other/dist /srv/dist/",
            "app/.env app/dist/index.js app/package.json other/dist/index.js",
        ),
        (
            "FROM scratch\nCOPY app /a\nCOPY other /b\nFROM scratch\nCOPY --from=0 /b /a /srv/",
            "app/.env app/dist/index.js app/package.json",
        ),
        // In which order they came to where they are taken from says nothing.
        (
            "FROM scratch\nCOPY tool.sh /b/z\nCOPY README.md /b/a\nFROM scratch\nCOPY --from=0 /*/* e",
            "tool.sh",
        ),
        (
            "FROM scratch\nCOPY app /a\nCOPY other /b\nFROM scratch\nCOPY --from=0 /*/dist /srv/",
            "other/dist/index.js",
        ),
    ] {
        assert_eq!(image(text), expected, "{text}");
    }
}

#[test]
fn a_file_goes_into_the_folder_that_is_there_or_becomes_what_is_named() {
    for (text, expected) in [
        // A base of which nothing is known: `/srv` may be a folder there.
        (
            "FROM x\nCOPY tool.sh /srv\nCOPY README.md /srv\nFROM scratch\nCOPY --from=0 /srv /",
            "README.md | perhaps tool.sh",
        ),
        (
            "FROM x\nCOPY tool.sh /srv\nFROM scratch\nCOPY --from=0 /srv/tool.sh /",
            " | perhaps tool.sh",
        ),
        (
            "FROM x\nWORKDIR /srv\nCOPY tool.sh /srv\nFROM scratch\nCOPY --from=0 /srv/tool.sh /",
            "tool.sh",
        ),
        (
            "FROM x\nCOPY app /srv/app\nCOPY tool.sh /srv\nFROM scratch\nCOPY --from=0 /srv/tool.sh /",
            "tool.sh",
        ),
        // Nothing is there, unless a program made it.
        (
            "FROM scratch\nCOPY tool.sh /srv\nCOPY README.md /srv",
            "README.md tool.sh | hidden tool.sh",
        ),
        (
            "FROM scratch\nRUN make\nCOPY tool.sh /srv\nCOPY README.md /srv",
            "README.md tool.sh",
        ),
        (
            "FROM scratch\nWORKDIR /srv/x\nRUN rm /srv\nCOPY tool.sh /srv\nCOPY README.md /srv",
            "README.md tool.sh | hidden tool.sh",
        ),
        // One of the sources makes it a folder, or it is one.
        (
            "FROM x\nCOPY app/package.json other /srv\n",
            "other/dist/index.js other/package.json | perhaps app/package.json",
        ),
        // `--link` does not look.
        (
            "FROM scratch\nCOPY app /srv\nCOPY --link tool.sh /srv",
            "app/.env app/dist/index.js app/package.json tool.sh \
             | hidden app/.env app/dist/index.js app/package.json",
        ),
        (
            "FROM scratch\nCOPY tool.sh /srv\nCOPY --link README.md /srv/",
            "README.md tool.sh | hidden tool.sh",
        ),
        // What one source of a step makes counts for the next.
        ("FROM scratch\nCOPY *.md *.sh /srv\n", "tool.sh"),
    ] {
        assert_eq!(image(text), expected, "{text}");
    }
}

/// As the reference of `COPY` describes it: the folders of a source are made below the destination, from `/./` on where
/// there is one, and patterns are those of ignore files. The engine of the oracles has no such frontend.
#[test]
fn parents_keep_the_folders_of_their_sources() {
    for (copy, at, expected) in [
        (
            "app/dist/index.js",
            "/srv/app/dist/index.js",
            "app/dist/index.js",
        ),
        ("app/dist/index.js", "/srv/index.js", ""),
        (
            "app/./dist/index.js",
            "/srv/dist/index.js",
            "app/dist/index.js",
        ),
        ("app/./dist/index.js", "/srv/app", ""),
        ("./app/./dist", "/srv/dist", "app/dist/index.js"),
        (
            "*/package.json",
            "/srv",
            "app/package.json other/package.json",
        ),
        (
            "app/package.json other/package.json",
            "/srv",
            "app/package.json other/package.json",
        ),
        (
            "app/package.json other/package.json",
            "/srv/other",
            "other/package.json",
        ),
        // Of two that end up at one place the later stays.
        (
            "app/./package.json other/./package.json",
            "/srv",
            "other/package.json",
        ),
        (
            "**/index.js",
            "/srv",
            "app/dist/index.js other/dist/index.js",
        ),
        ("*/./dist", "/srv/dist", "other/dist/index.js"),
        (
            "--exclude=app/.env app tool.sh",
            "/srv",
            "app/dist/index.js app/package.json tool.sh",
        ),
        ("app app/dist", "/srv/app/dist", "app/dist/index.js"),
    ] {
        let text = format!(
            "FROM scratch\nCOPY --parents {copy} /srv/\nFROM scratch\nCOPY --from=0 {at} /"
        );
        assert_eq!(image(&text), expected, "{copy} {at}");
    }
}
