use std::collections::BTreeSet;

use super::*;

fn assert_all(expected: Option<Category>, paths: &[&str]) {
    for path in paths {
        assert_eq!(category(path), expected, "{path}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn each_category_has_its_files() {
    use Category::*;
    let cases: &[(Category, &[&str])] = &[
        (
            VersionControl,
            &[
                "app/.git/HEAD",
                "app/node_modules/a/.git",
                "srv/.svn/x",
                "a/.git/hooks/LICENSE",
            ],
        ),
        (
            PackageCaches,
            &[
                "var/cache/apk/APKINDEX.tar.gz",
                "var/lib/apt/lists/debian_dists_bookworm_InRelease",
                "var/cache/apt/pkgcache.bin",
                "var/cache/apt/archives/a.deb",
                "var/cache/dnf/x",
                "var/cache/yum/x",
                "root/.npm/_cacache/content-v2/x",
                "root/.npm/_logs/x.log",
                "usr/local/share/.cache/yarn/v6/x",
                "app/.pnpm-store/v3/x",
                "root/.local/share/pnpm/store/v3/x",
                "root/.cache/pip/http/x",
                "root/.cache/uv/x",
                "usr/local/bundle/cache/rails-1.gem",
                "go/pkg/mod/cache/download/x",
                "usr/local/cargo/registry/src/x.rs",
                "home/node/.cargo/registry/x",
                "root/.composer/cache/x",
                "root/.cache/composer/x",
                "var/lib/dpkg/status-old",
            ],
        ),
        (
            BuildCaches,
            &[
                "root/.cache/go-build/00/x",
                "app/node_modules/.cache/babel/x",
                "app/.nx/cache/x",
                "app/.next/cache/webpack/x.pack",
                "app/.mypy_cache/x",
                "app/.eslintcache",
            ],
        ),
        (
            Logs,
            &[
                "var/log/apt/history.log",
                "tmp/x",
                "var/tmp/x",
                "app/npm-debug.log",
                "root/.bash_history",
                "tmp/LICENSE",
            ],
        ),
        (
            PackageManagers,
            &[
                "usr/local/lib/node_modules/npm/lib/cli.js",
                "usr/local/lib/node_modules/npm/LICENSE",
                "usr/lib/node_modules/corepack/dist/x.js",
                "opt/yarn-v1.22.22/lib/cli.js",
                "sbin/apk",
                "usr/bin/apt-get",
                "usr/lib/x86_64-linux-gnu/libapt-pkg.so.6.0.0",
                "lib/libapk.so.2.14.0",
                "usr/local/lib/python3.12/site-packages/pip/_internal/x.py",
                "usr/local/lib/python3.12/site-packages/pip-24.0.dist-info/RECORD",
                "usr/local/lib/python3.12/ensurepip/_bundled/pip.whl",
            ],
        ),
        (
            Tests,
            &[
                "app/node_modules/a/test/x.js",
                "app/node_modules/a/lib/__tests__/x.js",
                "app/node_modules/@s/a/spec/x.js",
                "app/node_modules/a/lib/x.test.js",
                "app/node_modules/a/lib/x.spec.ts",
                "app/node_modules/a/test/README.md",
                "app/src/x.spec.ts",
                "app/tests/x.py",
                "app/spec/x_spec.rb",
                "usr/src/app/test/x.js",
                "usr/lib/python3/dist-packages/numpy/core/tests/test_x.py",
                "opt/venv/lib/python3.12/site-packages/a/test/__pycache__/x.pyc",
                "opt/venv/lib/python3.12/site-packages/a/conftest.py",
                "usr/lib/python3.12/test/test_x.py",
            ],
        ),
        (
            SourceMaps,
            &[
                "app/dist/main.js.map",
                "app/node_modules/a/x.d.ts.map",
                "usr/share/nginx/html/a.css.map",
            ],
        ),
        (
            Types,
            &[
                "app/node_modules/a/index.d.ts",
                "app/node_modules/a/src/index.ts",
                "app/node_modules/a/x.js.flow",
                "app/dist/main.d.ts",
                "app/tsconfig.tsbuildinfo",
                "opt/venv/lib/python3.12/site-packages/a/x.pyi",
            ],
        ),
        (
            Documentation,
            &[
                "usr/share/doc/a/changelog.gz",
                "usr/share/man/man1/a.1.gz",
                "usr/share/info/a.info",
                "usr/local/share/man/man1/a.1",
                "app/node_modules/a/README",
                "app/node_modules/a/CHANGELOG.md",
                "app/node_modules/a/docs/api.html",
                "app/node_modules/a/examples/x.js",
                "usr/lib/python3/dist-packages/a/README.rst",
            ],
        ),
        (
            Bytecode,
            &[
                "app/__pycache__/x.cpython-312.pyc",
                "usr/lib/python3.12/__pycache__/ast.cpython-312.pyc",
            ],
        ),
        (
            BuildInputs,
            &[
                "usr/include/stdio.h",
                "usr/lib/x86_64-linux-gnu/libc.a",
                "usr/lib/x86_64-linux-gnu/crt1.o",
                "usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
                "usr/lib/x86_64-linux-gnu/pkgconfig/zlib.pc",
                "usr/lib/python3.12/config-3.12-x86_64-linux-gnu/Makefile",
                "usr/local/go/bin/go",
                "app/node_modules/a/binding.gyp",
                "app/node_modules/a/src/a.cc",
                "app/node_modules/a/build/Makefile",
                "app/node_modules/a/build/Release/obj.target/a/x",
                "opt/venv/lib/python3.12/site-packages/numpy/core/include/x.h",
            ],
        ),
        (
            Locales,
            &[
                "usr/share/locale/de/LC_MESSAGES/a.mo",
                "usr/share/i18n/charmaps/UTF-8.gz",
            ],
        ),
        (
            ProjectFiles,
            &[
                "app/.vscode/settings.json",
                "app/.DS_Store",
                "app/main.js~",
                "app/.main.js.swp",
                "app/node_modules/a/.eslintrc.json",
                "app/node_modules/a/.github/x.yml",
            ],
        ),
    ];
    let mut seen = BTreeSet::new();
    for (category, paths) in cases {
        seen.insert(*category);
        assert_all(Some(*category), paths);
    }
    assert_eq!(seen.len(), Category::ALL.len());
}

#[test]
fn what_a_container_may_need_is_none() {
    assert_all(
        None,
        &[
            "",
            "/",
            "usr/bin/test",
            "usr/bin/apterous",
            "sbin/apkfoo",
            "bin/busybox",
            "usr/lib/gcc/x86_64-pc-linux-gnu/13/libgcc_s.so.1",
            "usr/lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/locale/C.utf8/LC_CTYPE",
            "usr/share/zoneinfo/UTC",
            "usr/share/doc/a/copyright",
            "usr/share/common-licenses/GPL-3",
            "var/lib/dpkg/status",
            "lib/apk/db/installed",
            "etc/ssl/certs/ca-certificates.crt",
            "app/main.js",
            "app/spec/openapi.yaml",
            "app/src/main.ts",
            "app/README.md",
            "app/test",
            "app/test.js",
            "app/spec.js",
            "app/map",
            "app/data.map",
            "app/share/doc/x",
            "app/x.pyc",
            "app/.next/cache/fetch-cache/x",
            "app/.yarn/cache/a.zip",
            "root/.cache/ms-playwright/chromium/x",
            "app/node_modules/test/index.js",
            "app/node_modules/tests/index.js",
            "app/node_modules/test-package/index.js",
            "app/node_modules/@playwright/test/index.js",
            "app/node_modules/@s/docs/index.js",
            "app/node_modules/npm/index.js",
            "app/node_modules/yaml/dist/doc/Document.js",
            "app/node_modules/a/lib/spec/x.js",
            "app/node_modules/a/lib/changes.js",
            "app/node_modules/a/LICENSE",
            "app/node_modules/a/LICENSE.md",
            "app/node_modules/a/MIT-LICENSE.txt",
            "app/node_modules/a/test/LICENSE",
            "app/node_modules/a/package.json",
            "app/node_modules/a/index.js",
            "app/node_modules/a/build/Release/a.node",
            "opt/venv/lib/python3.12/site-packages/a-1.dist-info/METADATA",
            "opt/venv/lib/python3.12/site-packages/a-1.dist-info/licenses/LICENSE",
            "opt/venv/lib/python3.12/site-packages/django/test/utils.py",
            "opt/venv/lib/python3.12/site-packages/numpy/testing/x.py",
            "opt/venv/lib/python3.12/site-packages/a/x.py",
            "usr/lib/python3.12/unittest/case.py",
        ],
    );
}

#[test]
fn a_license_that_is_code_is_code() {
    assert_all(
        Some(Category::Types),
        &[
            "app/node_modules/a/license.d.ts",
            "app/node_modules/a/licenses.ts",
        ],
    );
}

#[test]
fn the_table_of_roots_can_be_searched() {
    for pair in place::ROOTS.windows(2) {
        assert!(pair[0].0 < pair[1].0, "{pair:?}");
        assert!(!pair[1].0.starts_with(pair[0].0), "{pair:?}");
    }
}

#[test]
fn names_and_advice_are_whole_and_their_own() {
    let names: BTreeSet<_> = Category::ALL.map(Category::name).into();
    let advice: BTreeSet<_> = Category::ALL.map(Category::advice).into();
    assert_eq!((names.len(), advice.len()), (13, 13));
    assert!(
        advice
            .iter()
            .all(|text| text.ends_with('.') && !text.contains("  "))
    );
    assert!(Category::ALL.is_sorted());
}

proptest::proptest! {
    #[test]
    fn any_path_is_judged(path in "([a-z@._~\u{e4}]{0,4}|node_modules|site-packages|test|lib|usr|/){0,12}") {
        let _ = category(&path);
    }

    #[test]
    fn what_lies_in_a_whole_lies_in_it_at_any_depth(path in "[a-z.]{1,4}(/[a-z.]{1,4}){0,3}") {
        proptest::prop_assert_eq!(
            category(&format!("app/.git/{path}")),
            Some(Category::VersionControl)
        );
    }
}
