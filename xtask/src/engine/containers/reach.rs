//! Talking to what listens in containers.

use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::private::PrivateEngine;
use crate::engine::{Engine, EngineKind};
use crate::error::{Error, Result};

/// How connections are made to addresses of containers.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The network namespace in which the engine's networks are; none where it is ours.
    network: Option<Arc<OwnedFd>>,
}

impl Reach {
    /// To the containers of an engine. A private one has its networks in a namespace of its own.
    ///
    /// # Errors
    /// The private engine does not run, or its namespace may not be entered.
    pub fn to(engine: &Engine, private: &PrivateEngine) -> Result<Self> {
        let network = match engine.kind {
            EngineKind::System => None,
            EngineKind::Private => private.network_namespace()?.map(Arc::new),
        };
        Ok(Self { network })
    }

    /// To where a container's own processes are: its names and its `localhost`. `pid` is its first process.
    ///
    /// # Errors
    /// Its processes are not on this machine, or its namespace may not be entered.
    pub fn into_container(pid: u32, id: &str) -> Result<Self> {
        let elsewhere = || {
            Error::missing("the processes of the engine's containers are not on this machine")
                .help("run it on the machine of the engine, as root or as the engine's user")
        };
        // A number of another machine, or of another namespace, is another process here.
        let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup"))
            .map_err(|e| elsewhere().because(e))?;
        if pid == 0 || !groups.contains(id) {
            return Err(elsewhere());
        }
        let file = format!("/proc/{pid}/ns/net");
        let opened = std::fs::File::open(&file).map_err(|e| {
            Error::missing(format!("failed to open {file}, the network of a container"))
                .because(e)
                .help("run it as root, or as the engine's user")
        })?;
        Ok(Self {
            network: Some(Arc::new(opened.into())),
        })
    }

    /// Runs `work` on a thread whose connections start where the containers are. All of `work`'s own threads do so too.
    ///
    /// # Errors
    /// The namespace cannot be entered, or what `work` says.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let Some(network) = &self.network else {
            return work();
        };
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
                move_into_link_name_space(
                    std::os::fd::AsFd::as_fd(network.as_ref()),
                    Some(LinkNameSpaceType::Network),
                )
                .map_err(|e| {
                    Error::missing("the network of the engine or of a container cannot be entered")
                        .because(std::io::Error::from(e))
                })?;
                work()
            });
            thread
                .join()
                .unwrap_or_else(|_| Err(Error::failed("a thread of the trial ended unexpectedly")))
        })
    }

    /// Connects to a port of a container.
    ///
    /// # Errors
    /// Nothing listens there, or not in time.
    pub fn connect(&self, address: IpAddr, port: u16, limit: Duration) -> Result<TcpStream> {
        let to = SocketAddr::new(address, port);
        self.within(|| {
            TcpStream::connect_timeout(&to, limit)
                .map_err(|e| Error::failed(format!("nothing answers at {to}")).because(e))
        })
    }
}
