//! A small HTTP service for images that are made to be wrong in one way each. `FAULT` names the way; without it the
//! service is as it should be. Compiled on its own, without any library, for images that hold nothing else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn signal(number: i32, handler: usize) -> usize;
    fn chown(path: *const std::ffi::c_char, user: u32, group: u32) -> i32;
}

static STOPPING: AtomicBool = AtomicBool::new(false);
static OPEN: AtomicUsize = AtomicUsize::new(0);
static KEPT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

extern "C" fn stop(_: i32) {
    STOPPING.store(true, Ordering::SeqCst);
}

fn fault(name: &str) -> bool {
    std::env::var("FAULT").is_ok_and(|faults| faults.split(',').any(|fault| fault == name))
}

fn log(level: &str, message: &str) {
    if fault("text-logs") {
        println!("{level}: {message}");
    } else if fault("stderr-logs") {
        eprintln!("{{\"level\":\"{level}\",\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"{message}\"}}");
    } else {
        println!("{{\"level\":\"{level}\",\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"{message}\"}}");
    }
}

fn port() -> u16 {
    let text = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    match text.parse() {
        Ok(port) => port,
        Err(_) if fault("accepts-bad-configuration") => 8080,
        Err(_) if fault("unclear-configuration-error") => {
            println!("thread 'main' panicked");
            println!("  at service.rs:1");
            std::process::exit(78);
        }
        Err(error) => {
            log("fatal", &format!("PORT is no port: {error}"));
            std::process::exit(78);
        }
    }
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("probe") => std::process::exit(i32::from(!probe())),
        Some("true") => {}
        Some("crash") => {
            log("fatal", "made to crash");
            std::process::exit(1);
        }
        _ => serve(),
    }
}

/// Asks the service that runs beside it.
fn probe() -> bool {
    let ask = || -> std::io::Result<bool> {
        let limit = Some(Duration::from_secs(1));
        let mut stream = TcpStream::connect(("127.0.0.1", port()))?;
        stream.set_read_timeout(limit)?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

fn serve() {
    let port = port();
    if !fault("ignores-sigterm") {
        unsafe { signal(15, stop as *const () as usize) };
    }
    prepare();
    let listener = TcpListener::bind(("0.0.0.0", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    log("info", "listening");
    while !STOPPING.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((stream, _)) => {
                OPEN.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    let _ = answer(stream);
                    OPEN.fetch_sub(1, Ordering::SeqCst);
                });
            }
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    if fault("drops-requests") {
        std::process::exit(0);
    }
    let begin = Instant::now();
    while OPEN.load(Ordering::SeqCst) > 0 && begin.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(10));
    }
    log("info", "stopped");
    std::process::exit(if fault("unclean-exit") { 3 } else { 0 });
}

/// What goes wrong at the start.
fn prepare() {
    if fault("slow-start") {
        std::thread::sleep(Duration::from_secs(8));
    }
    if fault("writes-quietly") {
        let _ = std::fs::write("/state/quiet", "x");
    }
    if fault("needs-writable-root") {
        if let Err(error) = std::fs::write("/state/needed", "x") {
            log("fatal", &format!("cannot write: {error}"));
            std::process::exit(1);
        }
    }
    if fault("needs-capability") {
        std::fs::write("/tmp/file", "x").unwrap();
        if unsafe { chown(c"/tmp/file".as_ptr(), 1234, 1234) } != 0 {
            log("fatal", "cannot give a file away");
            std::process::exit(1);
        }
    }
    if fault("many-threads") {
        for _ in 0..60 {
            let started = std::thread::Builder::new().spawn(|| std::thread::sleep(Duration::from_secs(3600)));
            if started.is_err() {
                log("fatal", "no more threads");
                std::process::exit(1);
            }
        }
    }
    for (name, megabytes) in [("over-memory", 60), ("needs-memory", 150)] {
        if fault(name) {
            KEPT.lock().unwrap().push((0..megabytes << 20).map(|byte: usize| byte as u8).collect());
        }
    }
    if fault("zombies") {
        for _ in 0..3 {
            // Nobody waits for it.
            let _ = std::process::Command::new("/service").arg("true").spawn();
        }
    }
    if fault("pid-file") {
        if std::fs::File::options().write(true).create_new(true).open("/data/pid").is_err() {
            log("fatal", "there is a pid file already");
            std::process::exit(1);
        }
    }
    if fault("needs-network") {
        let routes = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
        if routes.lines().count() < 2 {
            log("fatal", "there is no network");
            std::process::exit(1);
        }
    }
}

/// One request on a connection, the body read before it is answered.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && request.len() < 65536 {
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    if fault("leaks-memory") {
        KEPT.lock().unwrap().push((0..60_000_u32).map(|byte| byte as u8).collect());
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, text) = match path {
        "/health" => {
            if fault("slow-health") {
                std::thread::sleep(Duration::from_millis(1300));
            }
            let checks = "[{\"name\":\"disk\",\"status\":\"healthy\"}]";
            ("200 OK", format!("{{\"status\":\"healthy\",\"checks\":{checks}}}"))
        }
        "/metrics" if fault("broken-metrics") => ("200 OK", "# TYPE requests counter\nrequests{ 1\n".to_owned()),
        "/metrics" => ("200 OK", "# TYPE requests counter\nrequests 1\n".to_owned()),
        _ => ("404 Not Found", String::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}
