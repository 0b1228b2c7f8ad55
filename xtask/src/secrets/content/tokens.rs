//! Tokens of services that have a start of their own, as the services' documentation gives their form.

use super::token::Class::{Alphanumeric, Base32, Base64, Base64Url, Capital, Digit, Hex, Small};
use super::token::Part::{Run, Text};
use super::token::{Part, Token, any, has_checksum};
use super::{Certainty, Rule};

const fn token(
    id: &'static str,
    description: &'static str,
    starts: &'static [&'static str],
    bodies: &'static [&'static [Part]],
) -> Token {
    Token {
        rule: Rule {
            id,
            description,
            certainty: Certainty::Certain,
            by_name: false,
        },
        starts,
        bodies,
        check: any,
    }
}

impl Token {
    const fn checked(mut self, check: fn(&[u8]) -> bool) -> Self {
        self.check = check;
        self
    }

    const fn certainty(mut self, certainty: Certainty) -> Self {
        self.rule.certainty = certainty;
        self
    }
}

#[rustfmt::skip]
pub(super) static TOKENS: &[Token] = &[
    token("age-secret-key", "a private key of age", &["AGE-SECRET-KEY-1"], &[&[Run(Capital, 58, 58)]]),
    token("anthropic-key", "an API key of Anthropic", &["sk-ant-"], &[&[Run(Base64Url, 80, 200)]]),
    token("atlassian-token", "an API token of Atlassian", &["ATATT3xFfGF0"], &[
        &[Run(Base64Url, 100, 300), Text("="), Run(Hex, 8, 8)], &[Run(Base64Url, 170, 300)],
    ]),
    // The ID alone opens nothing, but where it is, its key is not far.
    token("aws-access-key-id", "an access key ID of AWS", &["AKIA", "ASIA", "ABIA", "ACCA"], &[&[Run(Base32, 16, 16)]])
        .certainty(Certainty::Likely),
    token("azure-storage-key", "a key of an Azure account", &["AccountKey=", "SharedAccessKey="], &[
        &[Run(Base64, 86, 86), Text("==")], &[Run(Base64, 43, 43), Text("=")],
    ]),
    token("cargo-token", "a token of crates.io", &["cio"], &[&[Run(Alphanumeric, 32, 32)]]),
    token("databricks-token", "a token of Databricks", &["dapi"], &[&[Run(Hex, 32, 32), Text("-"), Run(Digit, 1, 1)], &[Run(Hex, 32, 32)]]),
    token("digitalocean-token", "a token of DigitalOcean", &["dop_v1_", "doo_v1_", "dor_v1_"], &[&[Run(Hex, 64, 64)]]),
    token("discord-webhook", "a webhook of Discord", &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], &[
        &[Run(Digit, 17, 20), Text("/"), Run(Base64Url, 60, 80)],
    ]),
    token("docker-hub-token", "a token of Docker Hub", &["dckr_pat_", "dckr_oat_"], &[&[Run(Base64Url, 27, 64)]]),
    token("doppler-token", "a token of Doppler", &["dp.pt.", "dp.sa.", "dp.ct."], &[&[Run(Alphanumeric, 40, 44)]]),
    token("figma-token", "a token of Figma", &["figd_"], &[&[Run(Base64Url, 38, 60)]]),
    token("github-token", "a token of GitHub", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], &[&[Run(Alphanumeric, 36, 36)]])
        .checked(has_checksum),
    token("github-refresh-token", "a refresh token of GitHub", &["ghr_"], &[&[Run(Alphanumeric, 76, 76)]]),
    // `ghs_APPID_JWT`, since 2026.
    token("github-installation-token", "a token of a GitHub app", &["ghs_"], &[
        &[Run(Digit, 1, 12), Text("_eyJ"), Run(Base64Url, 10, 600), Text("."), Run(Base64Url, 10, 2000), Text("."), Run(Base64Url, 20, 1000)],
    ]),
    token("github-fine-grained-token", "a token of GitHub", &["github_pat_"], &[
        &[Run(Alphanumeric, 22, 22), Text("_"), Run(Alphanumeric, 59, 59)],
    ]),
    token("gitlab-token", "a token of GitLab", &["glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glimt-", "gloas-", "glffct-", "glagent-"], &[
        &[Run(Base64Url, 27, 300), Text("."), Run(Small, 2, 2), Text("."), Run(Small, 9, 9)],
        &[Run(Base64Url, 27, 300), Text("."), Run(Small, 9, 9)],
        &[Run(Base64Url, 20, 80)],
    ]),
    // Keys for browsers are in every page; only its restrictions say what a key opens.
    token("google-api-key", "an API key of Google", &["AIza"], &[&[Run(Base64Url, 35, 35)]]).certainty(Certainty::Likely),
    token("google-oauth-secret", "a client secret of Google", &["GOCSPX-"], &[&[Run(Base64Url, 28, 28)]]),
    token("grafana-token", "a token of Grafana", &["glsa_", "glc_eyJ"], &[
        &[Run(Alphanumeric, 32, 32), Text("_"), Run(Hex, 8, 8)], &[Run(Base64, 60, 400)],
    ]),
    token("groq-key", "an API key of Groq", &["gsk_"], &[&[Run(Alphanumeric, 52, 52)]]),
    token("heroku-token", "a token of Heroku", &["HRKU-AA"], &[&[Run(Base64Url, 58, 58)]]),
    token("hugging-face-token", "a token of Hugging Face", &["hf_"], &[&[Run(Alphanumeric, 34, 40)]]),
    token("linear-key", "an API key of Linear", &["lin_api_", "lin_oauth_"], &[&[Run(Alphanumeric, 40, 64)]]),
    token("netlify-token", "a token of Netlify", &["nfp_"], &[&[Run(Alphanumeric, 36, 40)]]),
    token("new-relic-key", "a key of New Relic", &["NRAK-"], &[&[Run(Capital, 27, 27)]]),
    token("notion-token", "a token of Notion", &["ntn_"], &[&[Run(Alphanumeric, 44, 50)]]),
    token("npm-token", "a token of npm", &["npm_"], &[&[Run(Alphanumeric, 36, 36)]]).checked(has_checksum),
    token("nuget-key", "an API key of NuGet", &["oy2"], &[&[Run(Small, 43, 43)]]),
    token("planetscale-token", "a token of PlanetScale", &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], &[&[Run(Base64Url, 32, 64)]]),
    token("postman-key", "an API key of Postman", &["PMAK-"], &[&[Run(Hex, 24, 24), Text("-"), Run(Hex, 34, 34)]]),
    token("pulumi-token", "a token of Pulumi", &["pul-"], &[&[Run(Hex, 40, 40)]]),
    // The start is that of a macaroon for `pypi.org` or `test.pypi.org`.
    token("pypi-token", "a token of PyPI", &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], &[&[Run(Base64Url, 50, 1000)]]),
    token("rubygems-key", "an API key of RubyGems", &["rubygems_"], &[&[Run(Hex, 48, 48)]]),
    token("sendgrid-key", "an API key of SendGrid", &["SG."], &[&[Run(Base64Url, 22, 22), Text("."), Run(Base64Url, 43, 43)]]),
    token("sentry-token", "a token of Sentry", &["sntrys_eyJ", "sntryu_"], &[
        &[Run(Hex, 64, 64)], &[Run(Base64, 80, 500), Text("_"), Run(Base64, 43, 43)],
        &[Run(Base64, 80, 500), Text("=_"), Run(Base64, 43, 43)], &[Run(Base64, 80, 500), Text("==_"), Run(Base64, 43, 43)],
    ]),
    token("shopify-token", "a token of Shopify", &["shpat_", "shpca_", "shppa_", "shpss_"], &[&[Run(Hex, 32, 32)]]),
    token("slack-token", "a token of Slack", &["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-", "xoxe-", "xoxc-", "xoxd-"], &[
        &[Run(Digit, 1, 14), Text("-"), Run(Base64Url, 20, 250)],
    ]),
    token("slack-app-token", "a token of a Slack app", &["xapp-"], &[
        &[Run(Digit, 1, 1), Text("-"), Run(Capital, 9, 13), Text("-"), Run(Digit, 8, 14), Text("-"), Run(Hex, 64, 64)],
    ]),
    token("slack-webhook", "a webhook of Slack", &["hooks.slack.com/services/T"], &[
        &[Run(Capital, 8, 12), Text("/B"), Run(Capital, 8, 12), Text("/"), Run(Alphanumeric, 20, 28)],
    ]),
    token("square-token", "a token of Square", &["sq0csp-", "sq0atp-"], &[&[Run(Base64Url, 22, 43)]]),
    token("stripe-key", "a key of Stripe", &["sk_live_", "rk_live_"], &[&[Run(Alphanumeric, 16, 247)]]),
    token("stripe-webhook-secret", "a webhook secret of Stripe", &["whsec_"], &[&[Run(Base64, 32, 64)]]),
    token("supabase-token", "a token of Supabase", &["sbp_", "sb_secret_"], &[&[Run(Hex, 40, 40)], &[Run(Base64Url, 31, 50)]]),
    token("vault-token", "a token of HashiCorp Vault", &["hvs.", "hvb.", "hvr."], &[&[Run(Base64Url, 24, 300)]]),
    token("xai-key", "an API key of xAI", &["xai-"], &[&[Run(Alphanumeric, 80, 80)]]),
];
