//! Just enough shell to tell the simple commands of a script apart: quotes, separators, redirections, comments.

/// A word without its quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Where in `text` the first variable or command substitution stands: what follows is known at run time only.
    pub(super) unknown_from: Option<usize>,
}

/// The simple commands of a script, each as its words, without redirections.
pub(super) fn commands(script: &str) -> Vec<Vec<Word>> {
    let mut splitter = Splitter::default();
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(escaped) => splitter.word().text.push(escaped),
            },
            '\'' => {
                let quoted: String = chars.by_ref().take_while(|&c| c != '\'').collect();
                splitter.word().text.push_str(&quoted);
            }
            '"' => {
                splitter.word();
                while let Some(c) = chars.next().filter(|&c| c != '"') {
                    let c = match c {
                        '\\' => match chars.next() {
                            Some('\n') | None => continue,
                            Some(escaped) => {
                                if !matches!(escaped, '"' | '$' | '`' | '\\') {
                                    splitter.word().text.push('\\');
                                }
                                escaped
                            }
                        },
                        '$' | '`' => {
                            splitter.unknown();
                            c
                        }
                        c => c,
                    };
                    splitter.word().text.push(c);
                }
            }
            '$' => {
                splitter.unknown();
                splitter.word().text.push('$');
                // The inside of `${…}` and `$(…)` belongs to the word.
                let close = match chars.peek() {
                    Some('{') => '}',
                    Some('(') => ')',
                    _ => continue,
                };
                let open = if close == '}' { '{' } else { '(' };
                let mut depth = 0_usize;
                for c in chars.by_ref() {
                    splitter.word().text.push(c);
                    if c == open {
                        depth += 1;
                    } else if c == close {
                        depth -= 1;
                        if depth == 0 {
                            break;
                        }
                    }
                }
            }
            '`' => {
                splitter.unknown();
                for c in chars.by_ref().take_while(|&c| c != '`') {
                    splitter.word().text.push(c);
                }
            }
            '#' if splitter.current.is_none() => {
                while chars.peek().is_some_and(|&c| c != '\n') {
                    chars.next();
                }
            }
            '>' | '<' => {
                splitter.redirect();
                while chars
                    .peek()
                    .is_some_and(|c| matches!(c, '>' | '<' | '&' | '|' | '-'))
                {
                    chars.next();
                }
            }
            ';' | '&' | '|' | '(' | ')' | '\n' => splitter.end_command(),
            c if c.is_whitespace() => splitter.end_word(),
            c => splitter.word().text.push(c),
        }
    }
    splitter.end_command();
    splitter.commands
}

#[derive(Default)]
struct Splitter {
    commands: Vec<Vec<Word>>,
    command: Vec<Word>,
    current: Option<Word>,
    /// The next word is a redirection's file.
    redirected: bool,
}

impl Splitter {
    fn word(&mut self) -> &mut Word {
        self.current.get_or_insert_default()
    }

    fn unknown(&mut self) {
        let word = self.word();
        word.unknown_from.get_or_insert(word.text.len());
    }

    fn end_word(&mut self) {
        if let Some(word) = self.current.take()
            && !std::mem::take(&mut self.redirected)
        {
            self.command.push(word);
        }
    }

    fn redirect(&mut self) {
        // Digits right before it are a file descriptor.
        if self
            .current
            .as_ref()
            .is_some_and(|word| word.text.bytes().all(|b| b.is_ascii_digit()))
        {
            self.current = None;
        }
        self.end_word();
        self.redirected = true;
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirected = false;
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(script: &str) -> Vec<String> {
        commands(script)
            .iter()
            .map(|command| {
                let words: Vec<_> = command.iter().map(|word| word.text.as_str()).collect();
                words.join("|")
            })
            .collect()
    }

    #[test]
    fn simple_commands() {
        assert_eq!(
            split("a 'b c'&&d \"e\\\"f\" || (g;h) # i && j\nk\\\nl"),
            ["a|b c", "d|e\"f", "g", "h", "kl"]
        );
        assert_eq!(split("a 2>&1 >/dev/null b <<E c"), ["a|b|c"]);
        assert_eq!(
            split("a $(b; c) ${d:-e f} `g;h` i"),
            ["a|$(b; c)|${d:-e f}|g;h|i"]
        );
        assert_eq!(split("'open \" $( ` "), ["open \" $( ` "]);
    }

    #[test]
    fn the_unknown_part_of_a_word_is_marked() {
        let words = &commands("a=$B 'x$y' \"p$q\" c")[0];
        let unknown: Vec<_> = words.iter().map(|word| word.unknown_from).collect();
        assert_eq!(unknown, [Some(2), None, Some(1), None]);
    }
}
