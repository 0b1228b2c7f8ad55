//! Files that hold secrets, by name and path.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::secrets::name_index::Index;
use crate::text_search::last_part;

/// What a sensitive file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Variables for a program: `.env`.
    Variables,
    /// A private key, or a store of such keys.
    Key,
    /// Logins of a package manager or registry: `.npmrc`.
    RegistryLogin,
    /// Logins of a cloud or of one of its tools: `.aws/credentials`.
    CloudLogin,
    /// Other stored logins: `.netrc`.
    Login,
    /// State and variables of infrastructure as code: `*.tfstate`.
    Infrastructure,
    /// The settings of a program with its logins: `wp-config.php`.
    Settings,
    /// What somebody typed: `.bash_history`.
    History,
    /// The data of a database.
    Database,
}

/// How sure the name alone makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ByName {
    /// Files of this name are secret.
    Sure,
    /// Files of this name may be harmless: [`super::content`] decides.
    LookInside,
    /// Often nothing for an image; the content cannot tell.
    Suspicious,
}

/// Why a file is sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitive {
    /// What it is for.
    pub kind: Kind,
    /// How sure its name makes it.
    pub by_name: ByName,
    /// What it is, for a message: `variables of a program`.
    pub description: &'static str,
}

/// What a file of this path is, or `None` if its name is harmless. The path has `/`; letters may be of either case.
///
/// Templates (`.env.example`) and public keys (`id_rsa.pub`) are harmless.
#[must_use]
pub fn by_name(path: &str) -> Option<Sensitive> {
    let lower: Cow<'_, str> = if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        path.to_ascii_lowercase().into()
    } else {
        path.into()
    };
    let name = last_part(&lower);
    INDEX.find(&lower, name).filter(|_| !is_template(name))
}

/// Whether the name says that the file shows what another looks like: `.env.example`, `config.sample.json`.
#[must_use]
pub fn is_template(name: &str) -> bool {
    name.split(['.', '-', '_'])
        .skip(1)
        .any(|part| TEMPLATES.contains(&part.to_ascii_lowercase().as_str()))
}

const TEMPLATES: [&str; 11] = [
    "defaults", "dist", "example", "examples", "j2", "pub", "sample", "schema", "template", "tmpl",
    "tpl",
];

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for &(kind, by_name, description, patterns) in TABLE {
        for &pattern in patterns {
            let sensitive = Sensitive {
                kind,
                by_name,
                description,
            };
            index.add(pattern, sensitive);
        }
    }
    index
});

/// The first pattern that matches counts, whole names before endings before others.
#[rustfmt::skip]
const TABLE: &[(Kind, ByName, &str, &[&str])] = &[
    (Kind::Variables, ByName::LookInside, "variables of a program", &[
        ".env", ".env.*", ".env-*", "*.env", ".envrc", ".flaskenv", ".dev.vars",
    ]),
    (Kind::Key, ByName::Sure, "a private key of SSH", &[
        "id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "ssh_host_*_key", "*.ppk",
    ]),
    (Kind::Key, ByName::Sure, "the key of an application", &["config/master.key", "config/credentials/*.key", ".rails_master_key", "*.jwk"]),
    (Kind::Key, ByName::LookInside, "a key or certificate", &["*.pem", "*.key", "*.pk8", "*.der", "*.asc", "*.gpg"]),
    (Kind::Key, ByName::Sure, "a store of private keys", &[
        "*.p12", "*.pfx", "*.jks", "*.keystore", "*.bcfks", "private-keys-v1.d/", "secring.gpg",
    ]),
    (Kind::Key, ByName::Sure, "a store of passwords", &[
        "*.kdb", "*.kdbx", "*.agilekeychain", "*.keychain", "*.keychain-db", "*.psafe3", "*.1pux", ".password-store/", "*.keyring", "logins.json",
        "key3.db", "key4.db",
    ]),
    (Kind::Key, ByName::Sure, "a private key of age", &["keys.txt.age", ".config/sops/age/keys.txt", "age.key", "age-key.txt", "*.agekey"]),
    (Kind::Key, ByName::LookInside, "settings of a VPN, with its key", &["*.ovpn", "wg*.conf", "*.mobileconfig"]),
    (Kind::RegistryLogin, ByName::LookInside, "settings of npm or Yarn, with logins", &[".npmrc", "_npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml"]),
    (Kind::RegistryLogin, ByName::LookInside, "settings of pip, with logins", &["pip.conf", "pip.ini", ".pydistutils.cfg", "uv.toml"]),
    (Kind::RegistryLogin, ByName::Sure, "logins of PyPI", &[".pypirc", ".config/pypoetry/auth.toml", ".poetry/auth.toml"]),
    (Kind::RegistryLogin, ByName::LookInside, "logins of container registries", &[
        ".docker/config.json", ".docker/*/config.json", ".dockercfg", ".dockerconfigjson", "containers/auth.json", ".config/helm/registry/config.json",
    ]),
    (Kind::RegistryLogin, ByName::Sure, "logins of a package registry", &[
        ".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml", ".bundle/config", ".terraformrc", "credentials.tfrc.json", ".m2/settings-security.xml",
        ".sbt/.credentials", ".ivy2/.credentials", ".hex/hex.config", ".nuget/nuget/nuget.config",
    ]),
    (Kind::RegistryLogin, ByName::LookInside, "settings of a package manager, with logins", &[
        "nuget.config", "gradle.properties", ".m2/settings.xml", ".condarc", ".composer/auth.json", "composer/auth.json",
    ]),
    (Kind::CloudLogin, ByName::Sure, "logins of a cloud", &[
        ".aws/credentials", ".aws/sso/cache/", ".aws/cli/cache/", ".boto", ".s3cfg", ".config/gcloud/", "application_default_credentials.json", "gcloud/credentials.db",
        ".azure/", "azureprofile.json", "accesstokens.json", ".config/gh/hosts.yml", ".config/glab-cli/config.yml", ".config/hub", ".config/doctl/config.yaml",
        ".config/rclone/rclone.conf", "rclone.conf", ".oci/config", ".bluemix/config.json", ".config/hcloud/cli.toml", ".fly/config.yml", ".config/heroku/", ".kaggle/kaggle.json",
        ".databrickscfg", ".snowsql/config", ".dbt/profiles.yml", ".vault-token", ".config/op/config", ".pulumi/credentials.json", ".vercel/auth.json", ".wrangler/config/default.toml",
        ".huggingface/token", ".cache/huggingface/token", "publishsettings", "*.publishsettings", "*.cscfg",
    ]),
    (Kind::CloudLogin, ByName::LookInside, "logins of a cloud", &[
        "credentials.json", "credentials.xml", "credentials.csv", "*accesskeys.csv", "service-account*.json", "service_account*.json", "serviceaccount*.json",
        "*-service-account.json", "*_service_account.json", "client_secret*.json", "gcp-key*.json", "gcloud-*.json", "*firebase-adminsdk*.json", "storageaccountkeys*.json",
    ]),
    (Kind::CloudLogin, ByName::LookInside, "logins of Kubernetes", &[".kube/config", "kubeconfig", "kubeconfig.*", "*.kubeconfig", "*-kubeconfig.yaml", "k3s.yaml", "kubernetes/admin.conf"]),
    (Kind::Login, ByName::Sure, "stored logins", &[
        ".netrc", "_netrc", ".git-credentials", ".config/git/credentials", ".pgpass", "pgpass.conf", ".mylogin.cnf", ".htpasswd", "htpasswd", ".htdigest", ".authinfo",
        ".authinfo.gpg", ".fetchmailrc", ".msmtprc", ".smbcredentials", ".davfs2/secrets", ".wgetrc", ".curlrc", "proftpdpasswd", "filezilla.xml", "recentservers.xml", "sitemanager.xml",
        ".remote-sync.json", ".ftpconfig", "sftp-config.json", ".ftppass", ".esmtprc", "*.rdp", ".dbeaver-data-sources.xml", "etc/shadow", "etc/gshadow",
        "password.txt", "passwords.txt", "passwords.csv",
    ]),
    (Kind::Login, ByName::LookInside, "settings of a client, with logins", &[".my.cnf", "my.cnf", ".mongorc.js", ".vscode/sftp.json", ".influx/config"]),
    (Kind::RegistryLogin, ByName::LookInside, "logins of a package manager", &["auth.json"]),
    (Kind::Infrastructure, ByName::Sure, "the state of Terraform, with every secret it manages", &[
        "*.tfstate", "*.tfstate.backup", "*.tfstate.*.backup", "terraform.tfstate.d/",
    ]),
    (Kind::Login, ByName::LookInside, "stored logins", &["credentials"]),
    (Kind::Infrastructure, ByName::LookInside, "variables of infrastructure", &[
        "*.tfvars", "*.tfvars.json", "vault.yml", "vault.yaml", "group_vars/*.yml", "host_vars/*.yml", "pulumi.*.yaml", "cloud-init.yaml", "user-data",
    ]),
    (Kind::Infrastructure, ByName::Sure, "a password of Ansible's vault", &[".vault_pass", ".vault_pass.txt", ".vault-pass", ".vault-password", "vault_password_file"]),
    (Kind::Settings, ByName::LookInside, "settings with secrets", &[
        "secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml", "secrets.env", "secrets.properties", "secret.yml", "secret.yaml", "secret.json", "*.secret", "*.secrets",
        "*.secrets.yaml", "*.secrets.yml", "*-secret.yaml", "*-secret.yml", "database.yml", "wp-config.php", "local_settings.py", "localsettings.php", "configuration.php", "parameters.yml",
        "appsettings.json", "appsettings.*.json", "web.config", "connectionstrings.config", "local.settings.json", "application.properties", "application-*.properties", "application.yml",
        "application-*.yml", "secret_token.rb", "carrierwave.rb", "omniauth.rb", "config.inc.php", "settings.local.php", ".streamlit/secrets.toml",
    ]),
    (Kind::History, ByName::Sure, "what was typed into a shell or client", &[
        ".ash_history", ".bash_history", ".sh_history", ".zsh_history", ".zhistory", ".histfile", ".history", "fish_history", ".mysql_history", ".psql_history", ".sqlite_history",
        ".rediscli_history", ".dbshell", ".node_repl_history", ".python_history", ".irb_history", ".pry_history", ".lesshst", ".viminfo", "consolehost_history.txt",
    ]),
    (Kind::Database, ByName::Suspicious, "the data of a database", &[
        "*.sql.gz", "*.sql.bz2", "*.sql.xz", "*.sql.zst", "*.sql.zip", "*.dump", "*.pgdump", "*.sqlite", "*.sqlite3", "*.sqlitedb", "*.db", "*.mdf", "*.ldf", "*.sdf", "*.rdb", "*.bak",
        "*.bson", "*.frm", "*.ibd", "*.mdb", "*.accdb", "dump.sql", "backup.sql", "*-dump.sql", "*_dump.sql", "*-backup.sql", "*_backup.sql",
    ]),
    (Kind::Settings, ByName::Suspicious, "recorded traffic or memory", &["*.pcap", "*.pcapng", "*.har", "*.heapsnapshot", "*.hprof", "*.mdmp", "*.dmp"]),
];

#[cfg(test)]
mod tests {
    use super::{ByName, INDEX, Kind, TABLE, by_name, last_part};
    use proptest::prelude::*;

    #[test]
    fn names_of_sensitive_files() {
        for (path, kind, sure) in [
            (".env", Kind::Variables, ByName::LookInside),
            (
                "apps/api/.env.production",
                Kind::Variables,
                ByName::LookInside,
            ),
            ("prod.env", Kind::Variables, ByName::LookInside),
            (".npmrc", Kind::RegistryLogin, ByName::LookInside),
            ("a/.yarnrc.yml", Kind::RegistryLogin, ByName::LookInside),
            ("home/me/.ssh/id_ed25519", Kind::Key, ByName::Sure),
            ("tls/server.KEY", Kind::Key, ByName::LookInside),
            ("release.keystore", Kind::Key, ByName::Sure),
            ("etc/ssh/ssh_host_rsa_key", Kind::Key, ByName::Sure),
            ("root/.aws/credentials", Kind::CloudLogin, ByName::Sure),
            (
                "service-account-prod.json",
                Kind::CloudLogin,
                ByName::LookInside,
            ),
            (
                "root/.docker/config.json",
                Kind::RegistryLogin,
                ByName::LookInside,
            ),
            (
                "root/.config/gcloud/legacy/x/adc.json",
                Kind::CloudLogin,
                ByName::Sure,
            ),
            ("root/.kube/config", Kind::CloudLogin, ByName::LookInside),
            (".netrc", Kind::Login, ByName::Sure),
            (
                "infra/terraform.tfstate",
                Kind::Infrastructure,
                ByName::Sure,
            ),
            (
                "infra/prod.auto.tfvars",
                Kind::Infrastructure,
                ByName::LookInside,
            ),
            ("wp-config.php", Kind::Settings, ByName::LookInside),
            ("root/.bash_history", Kind::History, ByName::Sure),
            ("backup/all.sql.gz", Kind::Database, ByName::Suspicious),
        ] {
            let found = by_name(path).map(|found| (found.kind, found.by_name));
            assert_eq!(found, Some((kind, sure)), "{path}");
        }
    }

    #[test]
    fn names_that_are_harmless() {
        for path in [
            "",
            "/",
            "environment",
            "src/env.ts",
            ".env.example",
            ".env.production.sample",
            ".env/readme",
            "example.env.template",
            "id_rsa.pub",
            "src/keys.rs",
            "tls/ca.crt",
            "config.json",
            "docker/config.json",
            "config",
            "secrets.rs",
            "secrets.example.yaml",
            "wp-config-sample.php",
            "monkey",
            "token",
            "dump.rs",
        ] {
            assert_eq!(by_name(path), None, "{path}");
        }
    }

    #[test]
    fn every_pattern_finds_a_file_of_its_own() {
        for (kind, sure, description, patterns) in TABLE {
            for pattern in *patterns {
                assert_eq!(pattern.to_ascii_lowercase(), **pattern);
                let path = pattern.replace('*', "7");
                let path = if path.ends_with('/') {
                    path + "x"
                } else {
                    path
                };
                let below = format!("a/b/{path}");
                for path in [path.to_uppercase(), path, below] {
                    let found = by_name(&path).unwrap_or_else(|| panic!("{path}"));
                    assert_eq!(
                        (found.kind, found.by_name, found.description),
                        (*kind, *sure, *description),
                        "{path}"
                    );
                }
            }
        }
        let rows: usize = TABLE.iter().map(|(.., patterns)| patterns.len()).sum();
        assert_eq!(INDEX.len(), rows);
    }

    #[test]
    fn the_index_leaves_no_pattern_out() {
        let patterns = TABLE.iter().flat_map(|(.., patterns)| *patterns);
        let mut matched = 0;
        for pattern in patterns {
            for inside in ["", "x", "a.b", "-"] {
                let written = pattern.replace('*', inside);
                for path in [
                    written.clone(),
                    format!("a/b.c/{written}"),
                    format!("/{written}"),
                    format!("{written}x"),
                    format!("x{written}"),
                    format!("{written}/f"),
                ] {
                    let name = last_part(&path);
                    let found = INDEX.find(&path, name);
                    assert_eq!(found, INDEX.find_one_by_one(&path, name), "{path}");
                    matched += usize::from(found.is_some());
                }
            }
        }
        assert!(matched > 2000, "{matched}");
    }

    proptest! {
        #[test]
        fn any_path_is_judged(path in "\\PC{0,40}", folder in "[a-z.]{1,8}") {
            let alone = by_name(&path);
            if alone.is_some() && !path.starts_with('/') {
                let below = by_name(&format!("{folder}/{path}"));
                prop_assert!(below.is_some());
            }
        }
    }
}
