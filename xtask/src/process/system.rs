//! Real processes.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::{Channel, Command, Interrupt, Output, Runner};
use crate::error::{Error, Result};

/// Spawns real processes.
#[derive(Clone, Debug, Default)]
pub struct System {
    interrupt: Interrupt,
}

/// How long an interrupted child may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

impl System {
    /// Passes on `interrupt` to the child that runs at that moment.
    #[must_use]
    pub fn new(interrupt: Interrupt) -> Self {
        Self { interrupt }
    }

    /// Whether someone asked to stop what this command is part of.
    fn check(&self, command: &Command) -> Result<()> {
        if command.despite_interrupt {
            return Ok(());
        }
        self.interrupt.check()
    }

    /// Passes an interrupt on to the child's process group, and ends it for good if that does not help in time. Ends it
    /// at once after `limit`, and says that it did.
    fn pass_on_interrupt(
        &self,
        handle: &duct::Handle,
        command: &Command,
        finished: &AtomicBool,
    ) -> bool {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = |signal| {
            for pid in handle.pids() {
                if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                    // It may have ended in between: nothing to do then.
                    let _ = kill_process_group(pid, signal);
                }
            }
        };
        let begin = Instant::now();
        let mut asked: Option<Instant> = None;
        while !finished.load(Ordering::Relaxed) {
            if self.interrupt.is_set() && !command.despite_interrupt {
                let since = *asked.get_or_insert_with(|| {
                    signal(Signal::INT);
                    Instant::now()
                });
                if since.elapsed() >= GRACE {
                    signal(Signal::KILL);
                    return false;
                }
            }
            if command.limit.is_some_and(|limit| begin.elapsed() >= limit) {
                signal(Signal::KILL);
                return true;
            }
            // Until then, or until the child has ended.
            std::thread::park_timeout(POLL);
        }
        false
    }

    fn supervise<T: Send>(
        &self,
        handle: &duct::Handle,
        command: &Command,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<(T, Option<i32>)> {
        let finished = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watch = scope.spawn(|| self.pass_on_interrupt(handle, command, &finished));
            let result = work();
            if result.is_err() {
                // Whoever consumes the output gave up; the child must not be left behind.
                let _ = handle.kill();
            }
            let ended = handle.wait();
            finished.store(true, Ordering::Relaxed);
            watch.thread().unpark();
            let took_too_long = watch.join().unwrap_or_default();
            let value = result?;
            self.check(command)?;
            if let Some(limit) = command.limit.filter(|_| took_too_long) {
                return Err(Error::missing(format!(
                    "`{}` did not end within {} s",
                    command.display(),
                    limit.as_secs_f64()
                )));
            }
            let ended =
                ended.map_err(|e| Error::failed("failed to wait for a child").because(e))?;
            Ok((value, ended.status.code()))
        })
    }
}

impl Runner for System {
    fn run(&self, command: &Command) -> Result<Output> {
        if command.limit.is_some() {
            let mut stdout = Vec::new();
            let output = self.stream(command, &mut |out| {
                out.read_to_end(&mut stdout)
                    .map(drop)
                    .map_err(|e| Error::failed("failed to read what a child prints").because(e))
            })?;
            return Ok(Output { stdout, ..output });
        }
        self.interrupt.watch();
        let shell = xshell::Shell::new()
            .map_err(|e| Error::usage("failed to find the current directory").because(e))?;
        if let Some(directory) = &command.directory {
            shell.change_dir(directory);
        }
        let mut cmd = shell.cmd(&command.program).args(&command.arguments);
        for (name, value) in &command.variables {
            cmd = cmd.env(name, value);
        }
        let output = cmd
            .stdin(&command.input)
            .quiet()
            .ignore_status()
            .output()
            .map_err(|e| cannot_start(command, &e))?;
        self.check(command)?;
        Ok(Output {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn lines(&self, command: &Command, on_line: &mut dyn FnMut(Channel, &str)) -> Result<Output> {
        self.interrupt.watch();
        let (out, out_end) = pipe()?;
        let (err, err_end) = pipe()?;
        let handle = expression(command)
            .stdout_file(out_end)
            .stderr_file(err_end)
            .start()
            .map_err(|e| cannot_start(command, &e))?;
        let (sender, receiver) = std::sync::mpsc::sync_channel::<(Channel, String)>(1024);
        let readers = [(Channel::Stdout, out), (Channel::Stderr, err)].map(|(channel, pipe)| {
            let sender = sender.clone();
            std::thread::spawn(move || send_lines(channel, pipe, &sender))
        });
        drop(sender);
        let (readers_ended, code) = self.supervise(&handle, command, || {
            for (channel, line) in receiver {
                on_line(channel, &line);
            }
            Ok(readers.map(std::thread::JoinHandle::join))
        })?;
        if let Some(panic) = readers_ended.into_iter().find_map(Result::err) {
            std::panic::resume_unwind(panic);
        }
        Ok(Output {
            code,
            ..Output::default()
        })
    }

    fn stream(
        &self,
        command: &Command,
        consume: &mut dyn FnMut(&mut dyn Read) -> Result<()>,
    ) -> Result<Output> {
        self.interrupt.watch();
        let (mut out, out_end) = pipe()?;
        let (mut err, err_end) = pipe()?;
        let handle = expression(command)
            .stdout_file(out_end)
            .stderr_file(err_end)
            .start()
            .map_err(|e| cannot_start(command, &e))?;
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before an error is all there is to show.
            let _ = err.read_to_end(&mut bytes);
            bytes
        });
        let ((), code) = self.supervise(&handle, command, || consume(&mut out))?;
        Ok(Output {
            code,
            stdout: Vec::new(),
            stderr: errors.join().unwrap_or_default(),
        })
    }

    fn detach(&self, command: &Command, log: &Utf8Path) -> Result<u32> {
        self.interrupt.watch();
        let failed = |e: std::io::Error| Error::usage(format!("failed to write {log}")).because(e);
        let file = std::fs::File::create(log).map_err(failed)?;
        let same = file.try_clone().map_err(failed)?;
        // `setsid` makes the child the leader of a new session, which no Ctrl-C of this terminal reaches.
        let mut detached = Command::new("setsid")
            .arg(&command.program)
            .args(&command.arguments);
        detached.variables.clone_from(&command.variables);
        detached.directory.clone_from(&command.directory);
        let mut expression = duct::cmd(&detached.program, &detached.arguments)
            .unchecked()
            .stdin_null()
            .stdout_file(file)
            .stderr_file(same);
        for (name, value) in &detached.variables {
            expression = expression.env(name, value);
        }
        if let Some(directory) = &detached.directory {
            expression = expression.dir(directory);
        }
        let handle = expression.start().map_err(|e| cannot_start(command, &e))?;
        Ok(handle.pids().first().copied().unwrap_or_default())
    }
}

fn pipe() -> Result<(std::io::PipeReader, std::io::PipeWriter)> {
    std::io::pipe().map_err(|e| Error::failed("failed to open a pipe").because(e))
}

/// Longer lines are cut: a step that prints gigabytes without a line break must not fill the memory.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

fn send_lines(
    channel: Channel,
    pipe: std::io::PipeReader,
    sender: &std::sync::mpsc::SyncSender<(Channel, String)>,
) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader)
        .take(MAX_LINE_BYTES)
        .read_until(b'\n', &mut line)
    {
        while line.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            line.pop();
        }
        if sender
            .send((channel, String::from_utf8_lossy(&line).into_owned()))
            .is_err()
        {
            return;
        }
        line.clear();
    }
}

fn cannot_start(command: &Command, error: &dyn std::fmt::Display) -> Error {
    let program = command.program.to_string_lossy();
    Error::missing(format!("failed to start `{program}`"))
        .because(error)
        .help(format!("check that `{program}` is installed and executable; `cargo xtask docker-doctor` lists what is missing"))
}

/// The command for duct, in a process group of its own.
fn expression(command: &Command) -> duct::Expression {
    let mut expression = duct::cmd(&command.program, &command.arguments)
        .unchecked()
        .before_spawn(|child| {
            child.process_group(0);
            Ok(())
        });
    for (name, value) in &command.variables {
        expression = expression.env(name, value);
    }
    if let Some(directory) = &command.directory {
        expression = expression.dir(directory);
    }
    if command.input.is_empty() {
        expression.stdin_null()
    } else {
        expression.stdin_bytes(command.input.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_command_keeps_its_output_and_exit_code() {
        let command = Command::new("sh")
            .args(["-c", "cat; echo $X >&2; exit 3"])
            .input("in")
            .env("X", "y");
        let output = System::default().run(&command).unwrap();
        assert_eq!(
            (
                output.code,
                output.text().as_str(),
                output.error_text().as_str()
            ),
            (Some(3), "in", "y")
        );
        let error = output.checked(&command).unwrap_err();
        assert!(error.message().contains("exited with 3"), "{error}");
    }

    #[test]
    fn lines_come_from_both_outputs() {
        let mut seen = Vec::new();
        let command = Command::new("sh").args(["-c", "echo a; echo b >&2; printf c"]);
        let output = System::default()
            .lines(&command, &mut |c, l| seen.push((c, l.to_owned())))
            .unwrap();
        seen.sort_by(|a, b| a.1.cmp(&b.1));
        assert!(output.success());
        assert_eq!(
            seen,
            [
                (Channel::Stdout, "a".into()),
                (Channel::Stderr, "b".into()),
                (Channel::Stdout, "c".into())
            ]
        );
    }

    #[test]
    fn an_interrupt_is_passed_on_and_reported() {
        let interrupt = Interrupt::default();
        let system = System::new(interrupt.clone());
        // Where the tests run in the background the signal is ignored, and a shell cannot trap what it was told to
        // ignore. No child of the shell's own: one that dies of the signal can take the shell with it.
        let command = Command::new("env").args([
            "--default-signal=INT",
            "sh",
            "-c",
            "trap 'echo caught; exit 0' INT; echo ready; while :; do :; done",
        ]);
        let mut seen = Vec::new();
        let result = system.lines(&command, &mut |_, line| {
            seen.push(line.to_owned());
            interrupt.set();
        });
        assert_eq!(result.unwrap_err().exit(), crate::error::Exit::Interrupted);
        assert_eq!(seen, ["ready", "caught"]);
    }

    #[test]
    fn what_puts_things_in_order_runs_after_an_interrupt() {
        let interrupt = Interrupt::default();
        let system = System::new(interrupt.clone());
        interrupt.set();
        let command = Command::new("sh").args(["-c", "sleep 0.1; echo removed"]);
        for command in [command.clone(), command.within(Duration::from_mins(1))] {
            let error = system.run(&command).unwrap_err();
            assert_eq!(error.exit(), crate::error::Exit::Interrupted);
            let output = system.run(&command.despite_interrupt()).unwrap();
            assert_eq!(output.text(), "removed");
        }
    }

    #[test]
    fn who_takes_too_long_is_ended_with_all_it_started() {
        let limited = |script: &str, limit| {
            let command = Command::new("sh").args(["-c", script]).within(limit);
            System::default().run(&command)
        };
        let begin = Instant::now();
        // The sleeping child keeps the pipe open: it has to go, too.
        let error = limited("sleep 600 & wait", Duration::from_millis(100)).unwrap_err();
        assert!(begin.elapsed() < Duration::from_mins(1));
        assert_eq!(error.exit(), crate::error::Exit::Missing);
        insta::assert_snapshot!(error, @"`sh -c 'sleep 600 & wait'` did not end within 0.1 s");
        let output = limited("echo in time; echo why >&2; exit 3", Duration::from_mins(1)).unwrap();
        assert_eq!((output.code, output.text()), (Some(3), "in time".into()));
        assert_eq!(output.error_text(), "why");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = System::default()
            .run(&Command::new("no-such-program-here"))
            .unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Missing);
        assert!(error.to_string().contains("no-such-program-here"));
    }

    #[test]
    fn display_quotes_what_a_shell_would_split() {
        let command = Command::new("a").args(["b c", "d'e", "", "x=1"]);
        assert_eq!(command.display(), r"a 'b c' 'd'\''e' '' x=1");
    }
}
