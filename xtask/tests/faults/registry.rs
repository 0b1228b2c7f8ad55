//! A registry that is down, fails, breaks off or says nothing, in the middle of a push.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use xtask::engine::private::PrivateEngine;

use crate::own_engine::{MANIFEST, OwnEngine, start_in};
use crate::repository::said;
use crate::support::within;

/// What a registry does with requests.
#[derive(Clone, Copy, Debug)]
enum Mood {
    /// It has an error of its own.
    Fails,
    /// It promises more than it sends.
    BreaksOff,
    /// It takes the request, and never answers.
    Silent,
}

/// A registry of this mood where the engine's builds find it; its address. It lives as long as the tests.
fn serve(own: &OwnEngine, mood: Mood) -> String {
    let engine = PrivateEngine::new(own.engine());
    let network = engine.network_namespace().unwrap().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        sender
            .send(listener.local_addr().unwrap().to_string())
            .unwrap();
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream, mood));
        }
    });
    receiver.recv().unwrap()
}

fn answer(mut stream: TcpStream, mood: Mood) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request);
    let text = match mood {
        Mood::Fails => {
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        Mood::BreaksOff => {
            "HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{\"cut"
        }
        Mood::Silent => {
            // Until the other side gives up.
            let _ = stream.read(&mut request);
            return;
        }
    };
    let _ = stream.write_all(text.as_bytes());
}

fn with_registry(own: &OwnEngine, host: &str) {
    own.repository.write(
        "docker/docker.toml",
        &MANIFEST.replace("registry.invalid", host),
    );
}

const PUSH: [&str; 3] = ["docker-build", "--push", "--engine=private"];

/// Nothing was pushed, nothing else is told, and what was built is there for the next run.
pub(crate) fn a_registry_that_fails_is_told_and_nothing_counts_as_pushed(own: &OwnEngine) {
    // Nobody listens there.
    let mut hosts = vec!["127.0.0.1:1".to_owned()];
    hosts.extend([Mood::Fails, Mood::BreaksOff].map(|mood| serve(own, mood)));
    for host in &hosts {
        with_registry(own, host);
        let output = own.repository.run(&PUSH);
        assert_eq!(output.code, Some(4), "{host}: {}", said(&output));
        assert!(
            output.error_text().contains(host.as_str()),
            "{host}: {}",
            said(&output)
        );
    }
    let host = serve(own, Mood::Silent);
    with_registry(own, &host);
    let (mut child, log) = start_in(&own.repository, &PUSH, "push.log");
    std::thread::sleep(Duration::from_secs(3));
    assert!(
        child.try_wait().unwrap().is_none(),
        "{}",
        std::fs::read_to_string(&log).unwrap()
    );
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let status = within(Duration::from_secs(30), "the push ends", || {
        child.try_wait().unwrap()
    });
    assert_eq!(
        status.code(),
        Some(130),
        "{}",
        std::fs::read_to_string(&log).unwrap()
    );

    let trail =
        std::fs::read_to_string(own.repository.root.join("trail/trail.jsonl")).unwrap_or_default();
    assert!(!trail.contains("\"action\":\"push\""), "{trail}");
    own.repository.write("docker/docker.toml", MANIFEST);
    own.assert_builds();
}
