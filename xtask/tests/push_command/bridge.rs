//! BuildKit as buildx's `remote` driver wants it: a socket that speaks nothing else. The engine's own BuildKit stands
//! behind a request to its API; buildx refuses to push by digest through that, but not through this.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};

use camino::{Utf8Path, Utf8PathBuf};

/// Listens until the program ends.
pub(crate) struct Bridge {
    pub(crate) socket: Utf8PathBuf,
}

impl Bridge {
    /// From a socket in `folder` to the API of the engine at `engine`.
    pub(crate) fn open(folder: &Utf8Path, engine: &Utf8Path) -> Self {
        let socket = folder.join("buildkit.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let engine = engine.to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let engine = engine.clone();
                std::thread::spawn(move || serve(client, &engine));
            }
        });
        Self { socket }
    }
}

fn serve(client: UnixStream, engine: &Utf8Path) {
    let mut api = UnixStream::connect(engine).unwrap();
    let request =
        "POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    api.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if api.read(&mut byte).unwrap() == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let (from_client, to_api) = (client.try_clone().unwrap(), api.try_clone().unwrap());
    let up = std::thread::spawn(move || pass_on(from_client, to_api));
    pass_on(api, client);
    let _ = up.join();
}

fn pass_on(mut from: UnixStream, mut to: UnixStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
}
