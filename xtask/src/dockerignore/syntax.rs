//! What `BuildKit` checks before it uses a pattern: whether Go's `path/filepath.Match` could read it.

/// Whether the brackets and escapes of a pattern are complete.
pub(super) fn is_valid(pattern: &str) -> bool {
    if !pattern.contains(['[', '\\']) {
        return true;
    }
    let characters: Vec<char> = pattern.chars().collect();
    let mut rest = characters.as_slice();
    while !rest.is_empty() {
        let stars = rest.iter().take_while(|c| **c == '*').count();
        let (chunk, behind) = rest[stars..].split_at(chunk_end(&rest[stars..]));
        if !is_valid_chunk(chunk) {
            return false;
        }
        rest = behind;
    }
    true
}

/// Up to the next star that no bracket is open before.
fn chunk_end(pattern: &[char]) -> usize {
    let mut in_range = false;
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            '\\' if at + 1 < pattern.len() => at += 1,
            '[' => in_range = true,
            ']' => in_range = false,
            '*' if !in_range => return at,
            _ => {}
        }
        at += 1;
    }
    pattern.len()
}

fn is_valid_chunk(chunk: &[char]) -> bool {
    let mut at = 0;
    while at < chunk.len() {
        match chunk[at] {
            '[' => match class_end(chunk, at + 1) {
                Some(end) => at = end,
                None => return false,
            },
            '\\' if at + 1 == chunk.len() => return false,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    true
}

/// Behind the `]` of a class whose first character is at `at`: an optional `^`, then at least one character or range.
fn class_end(chunk: &[char], mut at: usize) -> Option<usize> {
    if chunk.get(at) == Some(&'^') {
        at += 1;
    }
    let mut ranges = 0;
    loop {
        if ranges > 0 && chunk.get(at) == Some(&']') {
            return Some(at + 1);
        }
        at = class_character(chunk, at)?;
        if chunk[at] == '-' {
            at = class_character(chunk, at + 1)?;
        }
        ranges += 1;
    }
}

/// Behind one character of a class. Something has to follow it.
fn class_character(chunk: &[char], mut at: usize) -> Option<usize> {
    match chunk.get(at)? {
        '-' | ']' => return None,
        '\\' => at += 1,
        _ => {}
    }
    (at + 1 < chunk.len()).then_some(at + 1)
}
