//! Builders beyond this machine: buildx's own, made as the manifest says.

use crate::engine::{Engine, Means};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::manifest::{Builder, Node};

/// Makes sure that buildx knows the builder. One that it knows already is used as it is.
pub(super) fn ensure(
    project: &Project,
    name: &str,
    means: Means<'_>,
    engine: &Engine,
) -> Result<()> {
    let inspect = engine.command().args(["buildx", "inspect", name]);
    if means.runner.run(&inspect)?.success() {
        return Ok(());
    }
    let Some(builder) = project.manifest.builders.get(name) else {
        return Err(
            Error::usage(format!("there is no builder `{name}`")).help(format!(
                "declare it as [builders.{name}] in {}, or choose one of `docker buildx ls`",
                project.manifest.path()
            )),
        );
    };
    (means.note)(&format!(
        "creating the builder {name} ({})",
        builder.driver.name()
    ));
    let none = [Node {
        platforms: Vec::new(),
        endpoint: None,
        options: [].into(),
    }];
    let nodes = if builder.nodes.is_empty() {
        &none[..]
    } else {
        &builder.nodes[..]
    };
    for (index, node) in nodes.iter().enumerate() {
        let command = create(engine.command(), name, builder, node, index);
        means
            .runner
            .run(&command)?
            .checked(&command)
            .map_err(|error| {
                Error::missing(format!("failed to create the builder `{name}`")).because(error)
            })?;
    }
    Ok(())
}

fn create(
    docker: crate::process::Command,
    name: &str,
    builder: &Builder,
    node: &Node,
    index: usize,
) -> crate::process::Command {
    let mut command = docker
        .args([
            "buildx",
            "create",
            "--name",
            name,
            "--driver",
            builder.driver.name(),
        ])
        .args(["--node", &format!("{name}-{index}")]);
    if index > 0 {
        command = command.arg("--append");
    }
    if !node.platforms.is_empty() {
        command = command.args(["--platform", &node.platforms.join(",")]);
    }
    for (key, value) in builder.options.iter().chain(&node.options) {
        command = command.args(["--driver-opt", &format!("{key}={value}")]);
    }
    match &node.endpoint {
        Some(endpoint) => command.arg(endpoint),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Command;
    use crate::project::manifest::Driver;

    #[test]
    fn every_node_is_one_call_with_its_platforms() {
        let node = Node {
            platforms: vec!["linux/arm64".to_owned()],
            endpoint: Some("tcp://arm:1234".to_owned()),
            options: [("cacert".to_owned(), "/c.pem".to_owned())].into(),
        };
        let builder = Builder {
            driver: Driver::Remote,
            nodes: vec![],
            options: [].into(),
        };
        insta::assert_snapshot!(
            create(Command::new("docker"), "farm", &builder, &node, 1).display(),
            @"docker buildx create --name farm --driver remote --node farm-1 --append --platform linux/arm64 --driver-opt cacert=/c.pem tcp://arm:1234"
        );
    }
}
