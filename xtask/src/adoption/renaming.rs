//! One service's name and port put in place of another's, in every way that they are written.

/// From one service to another.
#[derive(Clone, Debug)]
pub struct Renaming {
    from: String,
    to: String,
    /// Names that one of the two may be a part of, and that stay as they are.
    others: Vec<String>,
    port: Option<(u16, u16)>,
}

/// Which letters may stand beside a word.
type Beside = fn(Option<char>, Option<char>) -> bool;

impl Renaming {
    /// `from` becomes `to`; both are names in kebab or snake case. Of the `others` nothing is replaced.
    pub fn new(from: &str, to: &str, others: impl IntoIterator<Item = String>) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            others: others
                .into_iter()
                .filter(|other| other.contains(from))
                .collect(),
            port: None,
        }
    }

    /// The same, with a port, where it stands as a number of its own.
    #[must_use]
    pub const fn with_port(mut self, from: u16, to: u16) -> Self {
        self.port = Some((from, to));
        self
    }

    /// A text with both replaced: `risk-check` also as `risk_check`, `RISK_CHECK`, `riskCheck` and `RiskCheck`. A single
    /// word may mean anything, and is replaced only as it is written.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let (from, to) = (words(&self.from), words(&self.to));
        let mut forms: Vec<(String, String, Beside)> = vec![
            (self.from.clone(), self.to.clone(), is_apart),
            (from.join("-"), to.join("-"), is_apart),
            (from.join("_"), to.join("_"), is_apart),
        ];
        if from.len() > 1 {
            let upper = |words: &[String]| words.join("_").to_uppercase();
            forms.push((upper(&from), upper(&to), is_apart));
            forms.push((camel(&from), camel(&to), is_apart_in_camel_case));
            forms.push((pascal(&from), pascal(&to), ends_a_word));
        }
        forms.dedup_by(|a, b| a.0 == b.0);
        let mut text = text.to_owned();
        for (index, (from, to, beside)) in forms.iter().enumerate() {
            // What an earlier form has put there is not looked at again: one name may be a part of the other.
            if !forms[..index].iter().any(|(earlier, _, _)| earlier == from) {
                text = self.replaced(&text, from, to, *beside);
            }
        }
        match self.port {
            Some((from, to)) => {
                let is_number = |before: Option<char>, after: Option<char>| {
                    let is_part =
                        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                    !is_part(before) && !is_part(after)
                };
                self.replaced(&text, &from.to_string(), &to.to_string(), is_number)
            }
            None => text,
        }
    }

    fn replaced(&self, text: &str, from: &str, to: &str, beside: Beside) -> String {
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for (start, found) in text.match_indices(from) {
            let end = start + found.len();
            let before = text[..start].chars().next_back();
            let after = text[end..].chars().next();
            if start < at || !beside(before, after) || self.is_of_another(text, start, end) {
                continue;
            }
            result.push_str(&text[at..start]);
            result.push_str(to);
            at = end;
        }
        result.push_str(&text[at..]);
        result
    }

    /// Whether the name is a part of another service's name there.
    fn is_of_another(&self, text: &str, start: usize, end: usize) -> bool {
        self.others.iter().any(|other| {
            other.match_indices(self.from.as_str()).any(|(offset, _)| {
                let Some(begin) = start.checked_sub(offset) else {
                    return false;
                };
                let stop = begin + other.len();
                end <= stop && text.get(begin..stop) == Some(other.as_str())
            })
        })
    }
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(['-', '_']).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn camel(words: &[String]) -> String {
    let (first, rest) = words.split_at(1.min(words.len()));
    first.concat() + &pascal(rest)
}

fn pascal(words: &[String]) -> String {
    let capital = |word: &String| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.iter().map(capital).collect()
}

fn is_apart(before: Option<char>, after: Option<char>) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !is_part(before) && !is_part(after)
}

fn is_apart_in_camel_case(before: Option<char>, after: Option<char>) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !is_part(before) && !after.is_some_and(char::is_lowercase)
}

fn ends_a_word(_: Option<char>, after: Option<char>) -> bool {
    !after.is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_name_is_replaced_and_nothing_else() {
        let renaming = Renaming::new("risk-check", "price", ["risk-check-old".to_owned()])
            .with_port(3004, 3007);
        for (text, expected) in [
            (
                "apps/risk-check/x jts-risk-check:1",
                "apps/price/x jts-price:1",
            ),
            (
                "risk_check RISK_CHECK RISK_CHECK_URL",
                "price PRICE RISK_CHECK_URL",
            ),
            (
                "riskCheck configureRiskCheck() RiskChecker",
                "price configurePrice() RiskChecker",
            ),
            ("risk-check-old risk-checks", "risk-check-old risk-checks"),
            (
                "EXPOSE 3004 13004 3004a \"127.0.0.1:3004:3004\"",
                "EXPOSE 3007 13004 3004a \"127.0.0.1:3007:3007\"",
            ),
        ] {
            assert_eq!(renaming.text(text), expected);
        }
    }

    #[test]
    fn a_single_word_is_no_part_of_another_name() {
        let renaming = Renaming::new("api", "api-two", ["api-gateway".to_owned()]);
        assert_eq!(
            renaming.text("apps/api api-gateway ApiError apiKey shop-api API"),
            "apps/api-two api-gateway ApiError apiKey shop-api-two API"
        );
    }
}
