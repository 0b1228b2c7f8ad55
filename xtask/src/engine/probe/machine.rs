//! The same without a start of a program.

use super::{InfoAnswer, Probe, Server, ServerAnswer, probe};
use crate::engine::api::Api;
use crate::engine::client::{Client, Record};
use crate::engine::select::Machine;
use crate::error::Result;
use crate::parallel;
use crate::process::Runner;

/// As [`probe`], with no start of a program where that can be: the daemon is asked at its socket, and the client said
/// of itself what it is in an earlier run.
///
/// # Errors
/// As [`probe`].
pub(in crate::engine) fn probe_machine(runner: &dyn Runner, machine: &Machine) -> Result<Probe> {
    let record = machine.record();
    let known = record.as_ref().and_then(Record::client);
    if let (Some(client), Some(api)) = (known, &machine.api)
        && let Some(server) = ask_daemon(api)
    {
        let (server, unreachable) = match server {
            Ok(server) => (Some(server), None),
            Err(why) => (None, Some(why)),
        };
        return Ok(Probe {
            client: Some(client.version),
            server,
            unreachable,
            buildx: client.buildx,
            buildx_program: client.buildx_program,
            compose: client.compose,
        });
    }
    let probe = probe(runner, &machine.command())?;
    if let (Some(record), Some(version)) = (record, &probe.client) {
        record.keep(Client {
            version: version.clone(),
            buildx: probe.buildx.clone(),
            buildx_program: probe.buildx_program.clone(),
            compose: probe.compose.clone(),
        });
    }
    Ok(probe)
}

/// What the daemon says, or that there is none, in the client's words. `None` if it is the client's to find out what is
/// wrong.
fn ask_daemon(api: &Api) -> Option<std::result::Result<Server, String>> {
    let (info, version) = parallel::both(|| api.get("/info"), || api.get("/version"));
    let version = match version {
        Ok(version) => version,
        Err(error) => {
            use std::io::ErrorKind::{ConnectionRefused, NotFound};
            let host = api.host();
            let why = format!(
                "Cannot connect to the Docker daemon at {host}. Is the docker daemon running?"
            );
            return matches!(error.kind(), ConnectionRefused | NotFound).then_some(Err(why));
        }
    };
    let version: ServerAnswer = version.json()?;
    let info: InfoAnswer = info.ok()?.json()?;
    Some(Ok(info.server(version)))
}

#[cfg(test)]
mod tests {
    use super::super::Lack;
    use super::super::tests::{BOTH, INFO};
    use super::*;
    use crate::process::{Reply, Scripted};

    /// A machine with a client, which keeps what it said below `folder`.
    fn machine(folder: &camino::Utf8Path, api: Api) -> Machine {
        use std::os::unix::fs::PermissionsExt as _;
        let program = |path: &str| {
            let file = folder.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        program("bin/docker");
        program("config/cli-plugins/docker-buildx");
        Machine {
            variables: Vec::new(),
            api: Some(api),
            search_path: Some(folder.join("bin").into_string()),
            config: Some(folder.join("config")),
            client: Some(folder.join("client.json")),
        }
    }

    #[test]
    fn who_was_asked_before_is_asked_again_without_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let root = camino::Utf8Path::from_path(folder.path()).unwrap();
        let versions: serde_json::Value = serde_json::from_str(BOTH).unwrap();
        let (daemon, api) = crate::engine::api::tests::daemon(&[
            ("/version", &versions["Server"].to_string()),
            ("/info", INFO),
        ]);
        let machine = machine(root, api);
        let plugin = root.join("config/cli-plugins/docker-buildx");
        let mut info: serde_json::Value = serde_json::from_str(INFO).unwrap();
        let plugins = info["ClientInfo"]["Plugins"].as_array_mut().unwrap();
        let buildx = plugins.iter_mut().find(|plugin| plugin["Name"] == "buildx");
        buildx.unwrap()["Path"] = plugin.as_str().into();
        let client = Scripted::default()
            .on("docker version", Reply::ok(BOTH))
            .on("docker info", Reply::ok(info.to_string()));
        let first = probe_machine(&client, &machine).unwrap();
        assert_eq!(first.buildx_program, Some(plugin));
        let nobody = Scripted::default();
        assert_eq!(probe_machine(&nobody, &machine).unwrap(), first);
        // Nobody listens any more: the client would say the same.
        drop(daemon);
        let gone = probe_machine(&nobody, &machine).unwrap();
        let [Lack::Daemon(why)] = &gone.lacks()[..] else {
            panic!("{gone:?}")
        };
        assert!(
            why.starts_with("Cannot connect to the Docker daemon at unix:///"),
            "{why}"
        );
        // Another client is asked.
        std::fs::write(root.join("bin/docker"), "other").unwrap();
        probe_machine(&client, &machine).unwrap();
        assert_eq!(client.asked().len(), 4);
    }
}
