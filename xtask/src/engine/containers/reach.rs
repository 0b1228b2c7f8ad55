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
                    Error::missing("the private engine's network cannot be entered")
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
