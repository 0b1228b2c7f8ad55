//! What the fields of `RUN --mount` may say once their variables are expanded. `BuildKit` looks when it builds.

use crate::dockerfile::environment::clean_path;

/// The fields of one mount: the key in lower case, and the expanded value if there is a `=`.
pub(super) type Fields<'a> = [(&'a str, Option<String>)];

#[derive(Default)]
struct Seen<'a> {
    kind: &'a str,
    source: &'a str,
    id: &'a str,
    from: &'a str,
    target: &'a str,
    sharing: bool,
    /// The first of `mode`, `uid` and `gid`.
    ownership: Option<&'a str>,
}

/// Refuses what `BuildKit` refuses. Fields count in their order: `required` before `type=secret` belongs to a bind mount.
///
/// `directory` is where relative targets start, `None` if that is not known.
pub(super) fn check(fields: &Fields<'_>, directory: Option<&str>) -> Result<(), String> {
    let kinds: Vec<String> = fields
        .iter()
        .map(|(_, value)| value.as_deref().unwrap_or_default().to_lowercase())
        .collect();
    let mut seen = Seen {
        kind: "bind",
        ..Seen::default()
    };
    for ((key, value), lower) in fields.iter().zip(&kinds) {
        match value {
            Some(value) => seen.field(key, value, lower)?,
            None => seen.bare(key)?,
        }
    }
    seen.together()?;
    if matches!(seen.kind, "bind" | "cache" | "tmpfs") {
        let full = match directory {
            _ if seen.target.starts_with('/') => seen.target.to_owned(),
            Some(directory) => format!("{directory}/{}", seen.target),
            None => return Ok(()),
        };
        if clean_path(&full) == "/" {
            return Err(format!("a {} mount needs a `target` below `/`", seen.kind));
        }
    }
    Ok(())
}

impl<'a> Seen<'a> {
    fn bare(&self, key: &str) -> Result<(), String> {
        match key {
            "ro" | "readonly" | "rw" | "readwrite" => Ok(()),
            "required" => self.required_allowed(),
            "" => Err("a mount has an empty field".to_owned()),
            _ => Err(format!("`{key}` of a mount needs a value")),
        }
    }

    fn field(&mut self, key: &'a str, value: &'a str, lower: &'a str) -> Result<(), String> {
        let unless = |fine: bool| {
            if fine {
                Ok(())
            } else {
                Err(format!("`{key}` of a mount cannot be `{value}`"))
            }
        };
        match key {
            "type" => {
                self.kind = lower;
                unless(["bind", "cache", "tmpfs", "secret", "ssh"].contains(&lower))
            }
            "from" => {
                self.from = value;
                Ok(())
            }
            "source" | "src" => {
                self.source = value;
                Ok(())
            }
            "target" | "dst" | "destination" => {
                self.target = value;
                Ok(())
            }
            "id" => {
                self.id = value;
                Ok(())
            }
            "env" => Ok(()),
            "ro" | "readonly" | "rw" | "readwrite" => unless(is_bool(value)),
            "required" => {
                self.required_allowed()?;
                unless(is_bool(value))
            }
            "size" if self.kind != "tmpfs" => Err(self.misplaced(key)),
            "size" => unless(is_size(value)),
            "sharing" => {
                self.sharing = true;
                unless(["shared", "private", "locked"].contains(&lower))
            }
            "mode" | "uid" | "gid" => {
                self.ownership.get_or_insert(key);
                let radix = if key == "mode" { 8 } else { 10 };
                let digits = value.bytes().all(|b| b.is_ascii_digit());
                unless(digits && u32::from_str_radix(value, radix).is_ok())
            }
            _ => Err(format!("a mount has no field `{key}`")),
        }
    }

    fn misplaced(&self, key: &str) -> String {
        format!("a {} mount has no field `{key}`", self.kind)
    }

    fn required_allowed(&self) -> Result<(), String> {
        if ["secret", "ssh"].contains(&self.kind) {
            Ok(())
        } else {
            Err(self.misplaced("required"))
        }
    }

    /// What only shows when all fields are known.
    fn together(&self) -> Result<(), String> {
        if let Some(key) = self.ownership
            && ["bind", "tmpfs"].contains(&self.kind)
        {
            return Err(self.misplaced(key));
        }
        if self.sharing && self.kind != "cache" {
            return Err(self.misplaced("sharing"));
        }
        if self.kind != "secret" {
            return Ok(());
        }
        if !self.from.is_empty() {
            Err(self.misplaced("from"))
        } else if !self.source.is_empty() && !self.id.is_empty() {
            Err("`source` and `id` of a secret mount mean the same: one of them".to_owned())
        } else if [self.source, self.id, self.target].concat().is_empty() {
            Err("a secret mount needs an `id`".to_owned())
        } else {
            Ok(())
        }
    }
}

/// The spellings of Go's `strconv.ParseBool`.
pub(super) fn is_bool(value: &str) -> bool {
    is_true(value) || ["0", "f", "F", "FALSE", "false", "False"].contains(&value)
}

/// Those of them that mean yes.
pub(super) fn is_true(value: &str) -> bool {
    ["1", "t", "T", "TRUE", "true", "True"].contains(&value)
}

/// `10`, `1.5g`, `512 MiB`.
fn is_size(value: &str) -> bool {
    let Some(last) = value.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') else {
        return false;
    };
    let (number, unit) = value.split_at(last + 1);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let unit = unit.to_lowercase();
    let is_unit = match unit.strip_prefix(['k', 'm', 'g', 't', 'p']) {
        Some(rest) => ["", "b", "ib"].contains(&rest),
        None => ["", "b"].contains(&unit.as_str()),
    };
    is_unit && number.parse::<f64>().is_ok_and(|number| number >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_number_and_perhaps_a_unit() {
        for good in ["0", "10", "1.5g", "512 MiB", "7B", "3kb", "1e3"] {
            assert!(is_size(good), "{good}");
        }
        for bad in ["", "b", "ten", "-1", "10x", "10kbb", "10 k b", "1.2.3"] {
            assert!(!is_size(bad), "{bad}");
        }
    }

    #[test]
    fn a_relative_target_starts_at_the_working_directory() {
        let fields = [("target", Some(".".to_owned()))];
        assert!(check(&fields, Some("/")).is_err());
        assert_eq!(check(&fields, Some("/app")), Ok(()));
        assert_eq!(check(&fields, None), Ok(()));
    }
}
