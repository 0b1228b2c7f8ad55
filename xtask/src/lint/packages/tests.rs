use super::*;
use crate::source::Span;

/// A command line of words between blanks; a word with `$` is one that only the shell knows.
fn invocation(line: &str) -> Invocation {
    let mut words = Vec::new();
    let mut at = 0;
    for word in line.split(' ') {
        words.push(Argument {
            text: word.into(),
            literal: !word.contains('$'),
            quoted: false,
            span: Span::new(at, at + word.len()),
        });
        at += word.len() + 1;
    }
    let program = words.remove(0);
    Invocation {
        program: program.text,
        program_span: program.span,
        arguments: words,
        through: Vec::new(),
        assignments: Vec::new(),
        connector: crate::shell::Connector::Sequence,
        piped: false,
        depth: 0,
        nested: false,
        span: Span::new(0, line.len()),
    }
}

/// `name|constraint` of each; in parentheses what is no package; `!` in front of what is not pinned.
fn shown(line: &str) -> String {
    let invocation = invocation(line);
    let Some(installation) = installed(&invocation) else {
        return "nothing".to_owned();
    };
    let words = installation.packages.iter().map(|package| {
        let pinned = if package.pinned { "" } else { "!" };
        let constraint = match &package.constraint {
            Some(constraint) => format!("|{constraint}"),
            None => String::new(),
        };
        let text = format!("{}{constraint}", package.name.value);
        match package.kind {
            RequirementKind::Package => format!("{pinned}{text}"),
            kind => format!("{pinned}{kind:?}({text})"),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn packages_of_distributions() {
    for (line, expected) in [
        (
            "apk add --no-cache -t .deps a=1 b~2 c@edge !d ./e.apk $F g=$V",
            "a|=1 b|~2 !c Path(./e.apk) !Unknown($F) g|=$V",
        ),
        ("apk --no-cache add -Ut .deps a --virtual=x b", "!a !b"),
        ("apk del a", "nothing"),
        (
            "apt-get -o A::B=c install -yt sid a:i386=1 b/sid c- ./d.deb e",
            "a|=1 b|/sid Path(./d.deb) !e",
        ),
        ("apt-get update", "nothing"),
        (
            "yum install -y a-1.2 b-c @group https://x/y.rpm ./z.rpm d-$V",
            "a|-1.2 !b-c Group(@group) Url(https://x/y.rpm) Path(./z.rpm) d|-$V",
        ),
        ("dnf -y module install a:1 b", "a:1 !b"),
        ("dnf groupinstall -y x", "Group(x)"),
        ("microdnf --enablerepo x install a", "!a"),
        ("zypper -n in a>=1 b-1 -x", "a|>=1 !b-1"),
        ("zypper --repo x install -t pattern devel", "Group(devel)"),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn packages_of_languages() {
    for (line, expected) in [
        (
            "npm install -g @s/a @s/b@1 c@latest ./d e.tgz f/g github:h/i#v1 https://x/j.tgz $K l@$V",
            "!@s/a @s/b|@1 c|@latest Path(./d) Path(e.tgz) !Repository(f/g) \
             Repository(github:h/i#v1|#v1) Url(https://x/j.tgz) !Unknown($K) l|@$V",
        ),
        ("npm --prefix x i --loglevel warn a", "!a"),
        ("npm ci", ""),
        ("npm run install", "nothing"),
        ("yarn global add a@1 b", "a|@1 !b"),
        ("yarn", "nothing"),
        ("pnpm -C x add a", "!a"),
        (
            "pip install -r x.txt -e . a==1 b[c] d[e]>=2 .[dev] f/g h.whl git+https://i/j git+https://k/l@v1 $M n==$V",
            "a|==1 !b d|>=2 Path(.[dev]) Path(f/g) Path(h.whl) !Repository(git+https://i/j) \
             Repository(git+https://k/l@v1|@v1) !Unknown($M) n|==$V",
        ),
        ("python3.11 -m pip install -U pip", "!pip"),
        ("python3 -m venv install", "nothing"),
        ("python3 setup.py install", "nothing"),
        ("pip3.9 --proxy x install a", "!a"),
        ("gem install a:1 b c.gem", "a|:1 !b Path(c.gem)"),
        ("gem install a -v 1 b", "a|:1 b|:1"),
        (
            "go install -tags x github.com/a/b@v1 golang.org/x/c d.com/e@latest ./f cmd/g",
            "github.com/a/b|@v1 !golang.org/x/c !d.com/e|@latest Path(./f) Path(cmd/g)",
        ),
        ("go run a.com/b c.com/d", "!a.com/b"),
        ("go build a.com/b", "nothing"),
        ("cargo install --locked a@1 b", "a|@1 !b"),
        ("cargo install a --version 2", "a|@2"),
        ("cargo install --path x", ""),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn an_options_value_is_no_option() {
    let invocation = invocation("apt-get -t -y install -o --x=1 -qq a");
    let call = call(&invocation).unwrap();
    assert!(call.is("install") && !call.is("x") && !call.is_any(&["update"]));
    assert!(call.has_option(&["-q"]) && !call.has_option(&["-y"]) && !call.has_option(&["--x"]));
}
