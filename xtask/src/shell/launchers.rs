//! Programs that only start another one: `sudo`, `env`, `sh -c`.

use crate::mapped_text::MappedText;
use crate::shell::unquoted::Unquoted;

/// A program whose words end in another command: its options that take a value of their own, and how many operands
/// stand before the command.
struct Launcher {
    name: &'static str,
    with_value: &'static [&'static str],
    operands: usize,
    assignments: bool,
}

const fn launcher(name: &'static str, with_value: &'static [&'static str]) -> Launcher {
    Launcher {
        name,
        with_value,
        operands: 0,
        assignments: false,
    }
}

const LAUNCHERS: &[Launcher] = &[
    Launcher {
        assignments: true,
        ..launcher(
            "sudo",
            &[
                "-u", "-g", "-h", "-p", "-C", "-D", "-R", "-r", "-T", "-t", "-U", "--user",
                "--group", "--host", "--prompt", "--chdir",
            ],
        )
    },
    launcher("doas", &["-u", "-C"]),
    Launcher {
        assignments: true,
        ..launcher(
            "env",
            &["-u", "--unset", "-C", "--chdir", "-S", "--split-string"],
        )
    },
    launcher("exec", &["-a"]),
    launcher("time", &["-f", "-o", "--format", "--output"]),
    launcher("nice", &["-n", "--adjustment"]),
    launcher("ionice", &["-c", "-n", "--class", "--classdata"]),
    launcher("nohup", &[]),
    launcher("eatmydata", &[]),
    launcher("fakeroot", &[]),
    launcher("linux32", &[]),
    launcher("linux64", &[]),
    launcher(
        "xvfb-run",
        &[
            "-e",
            "-f",
            "-n",
            "-p",
            "-s",
            "-w",
            "--server-num",
            "--server-args",
        ],
    ),
    launcher("setsid", &[]),
    launcher("builtin", &[]),
    launcher("command", &[]),
    launcher("busybox", &[]),
    launcher("stdbuf", &["-i", "-o", "-e"]),
    Launcher {
        operands: 1,
        ..launcher("timeout", &["-k", "-s", "--kill-after", "--signal"])
    },
    Launcher {
        operands: 1,
        ..launcher("gosu", &[])
    },
    Launcher {
        operands: 1,
        ..launcher("su-exec", &[])
    },
];

/// Where the command starts that a program starts. `None` if it is no such program, or starts nothing here.
pub(super) fn launched(words: &[Unquoted]) -> Option<usize> {
    let name = words.first()?.program()?;
    let launcher = LAUNCHERS.iter().find(|launcher| launcher.name == name)?;
    let mut operands = launcher.operands;
    let mut at = 1;
    loop {
        let word = words.get(at)?.text.as_str();
        if word == "--" {
            at += 1;
            break;
        }
        if launcher.with_value.contains(&word) {
            at += 2;
        } else if word.len() > 1 && word.starts_with('-') {
            // These only ask: `command -v git`, `sudo --list`.
            if name == "command" && word != "-p" {
                return None;
            }
            if name == "busybox" {
                return None;
            }
            at += 1;
        } else if launcher.assignments && is_assignment(word) {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            break;
        }
    }
    (at + operands < words.len()).then_some(at + operands)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// The shells that take a script as the value of `-c`.
pub(super) fn is_shell(program: &str) -> bool {
    matches!(
        program,
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "mksh" | "rbash"
    )
}

/// The words that hold a script a program runs, and that script. The words are places in `words`.
pub(super) fn script_words(words: &[Unquoted]) -> Option<(Vec<usize>, MappedText)> {
    let program = words.first()?.program()?;
    if program == "eval" {
        let mut text = MappedText::default();
        let indices: Vec<usize> = (1..words.len())
            .filter(|&index| index > 1 || words[index].text != "--")
            .collect();
        for &index in &indices {
            if !text.value.is_empty() {
                text.push_blank();
            }
            let word = words[index].mapped();
            text.append(&word, &(0..word.value.len()));
        }
        return (!text.value.is_empty()).then_some((indices, text));
    }
    let at = if is_shell(program) {
        shell_script(words)?
    } else if matches!(program, "su" | "runuser") {
        let option = |word: &Unquoted| {
            matches!(
                word.text.as_str(),
                "-c" | "--command" | "-lc" | "-session-command"
            )
        };
        words.iter().position(option)? + 1
    } else {
        return None;
    };
    let text = words.get(at)?.mapped();
    Some((vec![at], text))
}

/// The script of `sh -euo pipefail -c 'script' name`.
fn shell_script(words: &[Unquoted]) -> Option<usize> {
    let mut wants_script = false;
    let mut at = 1;
    loop {
        let text = words.get(at)?.text.as_str();
        if !text.starts_with(['-', '+']) || text.len() < 2 {
            return wants_script.then_some(at);
        }
        at += 1;
        if text == "--" {
            return wants_script.then_some(at);
        }
        if matches!(text, "--rcfile" | "--init-file") {
            at += 1;
        } else if !text.starts_with("--") {
            wants_script |= text.starts_with('-') && text.contains('c');
            at += text.matches(['o', 'O']).count();
        }
    }
}
