//! A service of a fleet that is tried: it answers over HTTP, asks its peers, keeps items in memory, and misbehaves as the
//! variable `MODE` says. One static program without anything else, so that its image is made in a moment.
//!
//! `member probe` is its health check.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static DRAINING: AtomicBool = AtomicBool::new(false);
static SULKING: AtomicBool = AtomicBool::new(false);
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
static ITEMS: Mutex<Option<HashSet<String>>> = Mutex::new(None);

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(code: i32) -> !;
}

extern "C" fn on_term(_: i32) {
    if mode() == "abrupt" {
        unsafe { _exit(0) }
    }
    DRAINING.store(true, Ordering::SeqCst);
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn mode() -> String {
    variable("MODE")
}

/// `PEERS=http://risk:8080,http://store:8080`
fn peers() -> Vec<(String, u16)> {
    let peers = variable("PEERS");
    let urls = peers.split(',').filter_map(|url| url.strip_prefix("http://"));
    urls.filter_map(|address| {
        let (host, port) = address.split_once(':')?;
        Some((host.to_owned(), port.parse().ok()?))
    })
    .collect()
}

/// Asks the engine's resolver; a static program has no other.
fn resolve(name: &str) -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
    let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.len() as u8];
    question.extend(name.bytes());
    question.extend([0, 0, 1, 0, 1]);
    socket.send_to(&question, "127.0.0.11:53").ok()?;
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer).ok()?;
    if answer[7] == 0 {
        return None;
    }
    let end = &answer[length - 4..length];
    Some(Ipv4Addr::new(end[0], end[1], end[2], end[3]))
}

fn is_there(host: &str, port: u16) -> bool {
    let connect = |address| TcpStream::connect_timeout(&SocketAddr::from((address, port)), Duration::from_millis(500));
    resolve(host).is_some_and(|address| connect(address).is_ok())
}

fn health() -> (u16, String) {
    let mode = mode();
    let checks: Vec<(String, bool)> = peers()
        .into_iter()
        .map(|(host, port)| {
            let there = is_there(&host, port) || mode == "hides";
            (host, there)
        })
        .collect();
    let all = checks.iter().all(|(_, there)| *there);
    if !all && mode == "sulks" && READY.load(Ordering::SeqCst) {
        SULKING.store(true, Ordering::SeqCst);
    }
    if all {
        READY.store(true, Ordering::SeqCst);
    }
    let sulking = SULKING.load(Ordering::SeqCst);
    let word = |good| if good { "healthy" } else { "unhealthy" };
    let checks: Vec<String> = checks
        .iter()
        .map(|(host, there)| format!("{{\"name\":\"{host}\",\"status\":\"{}\"}}", word(*there && !sulking)))
        .collect();
    let status = match mode.as_str() {
        "never" => 503,
        "falls" if !all => 503,
        _ => 200,
    };
    (status, format!("{{\"checks\":[{}]}}", checks.join(",")))
}

static READY: AtomicBool = AtomicBool::new(false);

fn answer(mut stream: TcpStream) {
    let now = UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 => request.extend(&buffer[..length]),
            _ => break,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let item = path.strip_prefix("/items/").unwrap_or_default().to_owned();
    let (status, body) = if path == "/health" {
        health()
    } else {
        std::thread::sleep(Duration::from_millis(variable("SLEEP_MS").parse().unwrap_or(0)));
        let mut items = ITEMS.lock().unwrap();
        let items = items.get_or_insert_default();
        match method {
            "POST" => {
                items.insert(item.clone());
                (201, format!("{{\"id\":\"{item}\"}}"))
            }
            _ if item.is_empty() || items.contains(&item) => (200, format!("{{\"id\":\"{item}\"}}")),
            _ => (404, "{}".to_owned()),
        }
    };
    // One that has too much to do hangs up.
    if mode() != "fragile" || now <= 4 {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }
    UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
}

fn probe() -> ! {
    let ask = || -> Option<bool> {
        let mut stream = TcpStream::connect("127.0.0.1:8080").ok()?;
        stream.write_all(b"GET /health HTTP/1.1\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer.starts_with("HTTP/1.1 200"))
    };
    let good = ask().unwrap_or(false);
    println!("{}", if good { "well" } else { "not well" });
    std::process::exit(i32::from(!good));
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("probe") {
        probe();
    }
    unsafe { signal(15, on_term) };
    let listener = TcpListener::bind("0.0.0.0:8080").unwrap();
    println!("listening");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    loop {
        std::thread::sleep(Duration::from_millis(50));
        if mode() == "dies" {
            let all = peers().iter().all(|(host, port)| is_there(host, *port));
            if READY.load(Ordering::SeqCst) && !all {
                println!("a peer is gone");
                std::process::exit(1);
            }
        }
        if DRAINING.load(Ordering::SeqCst) {
            // Nobody is sent here any more; what is under way is answered.
            std::thread::sleep(Duration::from_millis(300));
            while UNDER_WAY.load(Ordering::SeqCst) > 0 {
                std::thread::sleep(Duration::from_millis(10));
            }
            return;
        }
    }
}
