//! A place of ours in a network of the engine: a container that only waits, in whose network this process connects,
//! asks for names and listens as any container there would.

use super::session::serial;
use super::{Container, Reach, Session};
use crate::error::{Error, Result};

/// What its images are called, one for each outpost: one that several shared would be taken from under the others by
/// the first that is done. It holds one program of some 130 bytes.
pub(super) const REPOSITORY: &str = "xtask-docker-pause";

/// Where programs are put in memory.
const BASE: u64 = 0x40_0000;

/// The size of the two headers before the code.
const HEADERS: u64 = 64 + 56;

/// The place. It goes with the value.
pub struct Outpost<'a> {
    session: &'a Session<'a>,
    // Before the image: fields are dropped in this order, and an image that is used cannot be removed.
    container: Container<'a>,
    _image: Image<'a>,
    reach: Reach,
}

impl Session<'_> {
    /// Takes a place in a network, under these names, too.
    ///
    /// # Errors
    /// The engine has another kind of processor than the two that are known, or its containers are not on this machine.
    pub fn outpost(&self, network: &str, aliases: &[&str]) -> Result<Outpost<'_>> {
        let platform = &self.engine().platform;
        let program = program(platform).ok_or_else(|| {
            Error::missing(format!("nothing is known that waits on {platform}"))
                .help("use an engine for linux/amd64 or linux/arm64")
        })?;
        let archive = archive(&program).map_err(|e| {
            Error::failed("failed to write the image of a waiting container").because(e)
        })?;
        let mut arguments = vec![
            "import".to_owned(),
            "--change=ENTRYPOINT [\"/pause\"]".to_owned(),
        ];
        let labels = self.labels();
        arguments.extend(
            labels
                .iter()
                .map(|label| label.replacen("--label=", "--change=LABEL ", 1)),
        );
        let image = Image {
            session: self,
            name: format!("{REPOSITORY}:{}.{}", self.name(), serial()),
        };
        arguments.extend(["-".to_owned(), image.name.clone()]);
        let import = self
            .engine()
            .command()
            .args(arguments)
            .input(archive)
            // The engine would go on without its client, and make what nobody knows of.
            .despite_interrupt()
            .within(std::time::Duration::from_mins(2));
        self.means().runner.run(&import)?.checked(&import)?;
        let mut options = vec![
            format!("--network={network}"),
            "--cap-drop=ALL".to_owned(),
            "--read-only".to_owned(),
            "--security-opt=no-new-privileges".to_owned(),
            "--user=65534:65534".to_owned(),
        ];
        options.extend(
            aliases
                .iter()
                .map(|alias| format!("--network-alias={alias}")),
        );
        let container = self.start(&options, &image.name, &[])?;
        let pid = container.state()?.pid;
        let reach = Reach::into_container(pid, container.id())?;
        Ok(Outpost {
            session: self,
            container,
            _image: image,
            reach,
        })
    }
}

impl Outpost<'_> {
    /// Takes a place in another network, too, under the same names.
    ///
    /// # Errors
    /// What the engine says.
    pub fn join(&self, network: &str, aliases: &[&str]) -> Result<()> {
        let mut arguments = vec!["network".to_owned(), "connect".to_owned()];
        arguments.extend(aliases.iter().map(|alias| format!("--alias={alias}")));
        arguments.extend([network.to_owned(), self.container.id().to_owned()]);
        self.session.ok(&arguments).map(drop)
    }

    /// How connections are made, names asked for and ports opened there.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }
}

/// The image of one outpost, removed with it.
struct Image<'a> {
    session: &'a Session<'a>,
    name: String,
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        // What stays is removed by the next trial of this folder.
        let _ = self.session.put_in_order(["image", "rm", &self.name]);
    }
}

/// A program for Linux (ELF, 64 bits) that waits for ever and needs no file beside it.
fn program(platform: &str) -> Option<Vec<u8>> {
    let (machine, code): (u16, &[u8]) = match platform {
        // mov eax, 34 (pause); syscall; jump back
        "linux/amd64" => (62, &[0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]),
        // mov x0..x3, 0; mov x8, 73 (ppoll); svc 0; branch back
        "linux/arm64" => (
            183,
            &[
                0, 0, 0x80, 0xd2, 1, 0, 0x80, 0xd2, 2, 0, 0x80, 0xd2, 3, 0, 0x80, 0xd2, 0x28, 9,
                0x80, 0xd2, 1, 0, 0, 0xd4, 0xfa, 0xff, 0xff, 0x17,
            ],
        ),
        _ => return None,
    };
    // The ELF header, then one program header: load all of the file, readable and executable.
    let size = HEADERS + u64::try_from(code.len()).ok()?;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(2_u16.to_le_bytes());
    file.extend(machine.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    for place in [BASE + HEADERS, 64, 0] {
        file.extend(place.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for number in [64_u16, 56, 1, 0, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    file.extend(1_u32.to_le_bytes());
    file.extend(5_u32.to_le_bytes());
    for number in [0, BASE, BASE, size, size, 0x1000] {
        file.extend(number.to_le_bytes());
    }
    file.extend(code);
    Some(file)
}

fn archive(program: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o555);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, "pause", program)?;
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_as_long_as_its_headers_say() {
        for (platform, length) in [("linux/amd64", 129), ("linux/arm64", 148)] {
            let program = program(platform).unwrap();
            assert_eq!(program.len(), length);
            let size = u64::from_le_bytes(program[96..104].try_into().unwrap());
            assert_eq!(size, length as u64, "{platform}");
        }
        assert_eq!(program("windows/amd64"), None);
    }
}
