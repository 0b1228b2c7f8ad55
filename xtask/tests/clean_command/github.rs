//! A server that tells of a registry's images as GitHub's packages API and registry do, and fails when it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::network::{Message, ask};
use crate::stage::{ACCEPT, PACKAGE, Stage, Store, moment};

pub(crate) const TOKEN: &str = "a-token-nobody-shall-see";

/// What the API has of one manifest.
#[derive(Clone, Debug)]
struct Kept {
    id: u64,
    created: String,
    updated: String,
}

/// What happens to a request instead of, or before, what it asks for.
pub(crate) enum Act {
    /// This is the answer.
    Answer(Message),
    /// The answer is cut off in the middle.
    CutOff,
    /// The answer is changed on its way.
    Change(Box<dyn Fn(Message) -> Message + Send>),
    /// The connection is closed.
    Close,
    /// There is no answer for so long.
    Hang(std::time::Duration),
    /// First this is done.
    Before(Box<dyn FnOnce() + Send>),
}

/// The next requests of a kind, by method and a part of the path; what happens to them, and how many pass before.
pub(crate) struct Fault {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) passes: usize,
    /// How often it happens, for acts that can be repeated.
    pub(crate) times: usize,
    pub(crate) act: Act,
}

#[derive(Default)]
struct State {
    kept: BTreeMap<String, Kept>,
    removed: BTreeMap<u64, (String, String, Vec<u8>)>,
    next: u64,
    /// The age of what is seen for the first time.
    days: i64,
    faults: VecDeque<Fault>,
    is_open: bool,
    asked: Vec<String>,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Github {
    pub(crate) host: String,
    state: Arc<Mutex<State>>,
}

impl Github {
    pub(crate) fn start(stage: &Stage) -> Self {
        let shared = Arc::new(Mutex::new(State {
            next: 1_000,
            ..State::default()
        }));
        let server = Server {
            store: stage.store.clone(),
            state: Arc::clone(&shared),
            own: Arc::default(),
        };
        let own = Arc::clone(&server.own);
        let host = stage.network.serve(move |request| server.answer(&request));
        own.lock().unwrap().clone_from(&host);
        Self {
            host,
            state: shared,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pushes, and lets the API see it as so many days old.
    pub(crate) fn push(
        &self,
        stage: &Stage,
        tags: &[&str],
        days: i64,
        parts: &[(&str, &[u8])],
    ) -> String {
        let digest = stage.push(tags, days, parts);
        self.see(stage, days);
        digest
    }

    /// Lets the API see what is there, as so many days old.
    pub(crate) fn see(&self, stage: &Stage, days: i64) {
        let mut seen = self.state();
        seen.days = days;
        seen.look(&stage.store);
        seen.days = 0;
    }

    pub(crate) fn fault(&self, method: &'static str, path: &'static str, act: Act) {
        self.faults(Fault {
            method,
            path,
            passes: 0,
            times: 1,
            act,
        });
    }

    pub(crate) fn faults(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// From now on the registry wants no token.
    pub(crate) fn let_in_everybody(&self) {
        self.state().is_open = true;
    }

    pub(crate) fn forget_faults(&self) {
        self.state().faults.clear();
    }

    /// How many requests of a kind there were.
    pub(crate) fn count(&self, start: &str) -> usize {
        let state = self.state();
        state
            .asked
            .iter()
            .filter(|asked| asked.starts_with(start))
            .count()
    }

    /// Runs the program against it.
    pub(crate) fn clean(&self, stage: &Stage, arguments: &[&str]) -> (i32, Value) {
        let output = self.output(stage, &[&["--format=json"], arguments].concat());
        crate::stage::told(&output)
    }

    pub(crate) fn output(&self, stage: &Stage, arguments: &[&str]) -> xtask::process::Output {
        let output = crate::support::run(&self.command(stage, arguments));
        let printed = format!("{}{}", output.text(), output.error_text());
        assert!(!printed.contains(TOKEN), "{printed}");
        output
    }

    pub(crate) fn command(&self, stage: &Stage, arguments: &[&str]) -> xtask::process::Command {
        stage
            .command(&[&["docker-clean", stage.machine.choice()], arguments].concat())
            .env("GITHUB_API_URL", format!("http://{}", self.host))
            .env("GH_TOKEN", "")
            .env("GITHUB_TOKEN", TOKEN)
    }
}

impl State {
    /// Every manifest of the registry has a number of its own from when it is seen first.
    fn look(&mut self, store: &Store) {
        let stored = store.stored();
        self.kept.retain(|digest, _| stored.contains(digest));
        for digest in stored {
            let (next, days) = (self.next, self.days);
            let mut is_new = false;
            self.kept.entry(digest).or_insert_with(|| {
                is_new = true;
                Kept {
                    id: next,
                    created: moment(days),
                    updated: moment(days),
                }
            });
            self.next += u64::from(is_new);
        }
    }

    /// What happens to a request, if anything does.
    fn fault(&mut self, request: &Message) -> Option<Act> {
        let fits =
            |fault: &Fault| request.method() == fault.method && request.path().contains(fault.path);
        let index = self.faults.iter().position(fits)?;
        let fault = &mut self.faults[index];
        if fault.passes > 0 {
            fault.passes -= 1;
            return None;
        }
        if fault.times > 1 {
            fault.times -= 1;
            return match &fault.act {
                Act::Answer(message) => Some(Act::Answer(message.clone())),
                Act::CutOff => Some(Act::CutOff),
                Act::Close => Some(Act::Close),
                Act::Hang(time) => Some(Act::Hang(*time)),
                Act::Change(_) | Act::Before(_) => unreachable!("cannot be repeated"),
            };
        }
        self.faults.remove(index).map(|fault| fault.act)
    }
}

struct Server {
    store: Store,
    state: Arc<Mutex<State>>,
    own: Arc<Mutex<String>>,
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Message) -> Option<Message> {
        let act = {
            let mut state = self.state();
            state.asked.push(request.start.clone());
            state.fault(request)
        };
        match act {
            None => Some(self.told(request)),
            Some(Act::Answer(message)) => Some(message),
            Some(Act::CutOff) => Some(self.told(request).cut_off()),
            Some(Act::Change(change)) => Some(change(self.told(request))),
            Some(Act::Close) => None,
            Some(Act::Hang(time)) => {
                std::thread::sleep(time);
                None
            }
            Some(Act::Before(work)) => {
                work();
                Some(self.told(request))
            }
        }
    }

    fn told(&self, request: &Message) -> Message {
        let authorization = request.field("authorization");
        let path = request.path();
        if path.starts_with("/token") {
            let basic = xtask::base64::encode(format!("x-access-token:{TOKEN}").as_bytes());
            let is_known = authorization == Some(&format!("Basic {basic}"));
            assert!(is_known, "{request:?}");
            assert!(path.contains("scope=repository:acme/shop-api:"), "{path}");
            return Message::json(200, &json!({"token": "granted"}));
        }
        if path.starts_with("/v2/") {
            if authorization != Some("Bearer granted") && !self.state().is_open {
                let host = self.own.lock().unwrap().clone();
                let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"here\"");
                return Message::json(
                    401,
                    &json!({"errors": [{"message": "authentication required"}]}),
                )
                .header("WWW-Authenticate", &challenge);
            }
            return self.registry(request);
        }
        if authorization != Some(&format!("Bearer {TOKEN}")) {
            return Message::json(401, &json!({"message": "Bad credentials"}));
        }
        let package = "/users/acme/packages/container/shop-api";
        let Some(rest) = path.strip_prefix(package) else {
            return Message::json(404, &json!({"message": "Package not found."}));
        };
        self.state().look(&self.store);
        match (
            request.method(),
            rest.split_once("/versions").map(|it| it.1),
        ) {
            ("GET", None) => {
                let count = self.state().kept.len();
                Message::json(200, &json!({"name": "shop-api", "version_count": count}))
            }
            ("GET", Some(query)) => self.page(package, query),
            ("DELETE", Some(id)) => self.delete(id.trim_start_matches('/').parse().unwrap()),
            ("POST", Some(rest)) => {
                let id = rest
                    .trim_start_matches('/')
                    .strip_suffix("/restore")
                    .unwrap();
                self.restore(id.parse().unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    /// The registry itself, as it is.
    fn registry(&self, request: &Message) -> Message {
        let mut request = request.clone();
        request.start = format!("{} {}", request.method(), request.path());
        request.headers.retain(|(name, _)| {
            let name = name.to_lowercase();
            name == "accept" || name == "content-type"
        });
        ask(&self.store.host, &request)
    }

    /// The newest first, so many on a page.
    fn page(&self, package: &str, query: &str) -> Message {
        const PER_PAGE: usize = 5;
        let number = query.rsplit_once("page=").and_then(|(before, number)| {
            before
                .ends_with('&')
                .then(|| number.parse::<usize>().unwrap())
        });
        let number = number.unwrap_or(1);
        let tags = self.store.tags();
        let state = self.state();
        let mut kept: Vec<(&String, &Kept)> = state.kept.iter().collect();
        kept.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.id));
        let version = |(digest, kept): &(&String, &Kept)| {
            let own = tags.iter().filter(|(_, means)| means == digest);
            let own: Vec<&String> = own.map(|(tag, _)| tag).collect();
            json!({
                "id": kept.id, "name": digest, "created_at": kept.created, "updated_at": kept.updated,
                "metadata": {"package_type": "container", "container": {"tags": own}},
            })
        };
        let page: Vec<Value> = kept
            .iter()
            .skip((number - 1) * PER_PAGE)
            .take(PER_PAGE)
            .map(version)
            .collect();
        let is_last = number * PER_PAGE >= kept.len();
        drop(state);
        let answer = Message::json(200, &Value::from(page));
        if is_last {
            return answer;
        }
        let host = self.own.lock().unwrap().clone();
        let next = format!(
            "<http://{host}{package}/versions?per_page=100&page={}>; rel=\"next\"",
            number + 1
        );
        answer.header("Link", &next)
    }

    fn delete(&self, id: u64) -> Message {
        let mut state = self.state();
        let found = state.kept.iter().find(|(_, kept)| kept.id == id);
        let Some(digest) = found.map(|(digest, _)| digest.clone()) else {
            return Message::json(404, &json!({"message": "Not Found"}));
        };
        if state.kept.len() == 1 {
            let message = "You cannot delete the last tagged version of a package.";
            return Message::json(400, &json!({"message": message}));
        }
        let path = format!("/v2/{PACKAGE}/manifests/{digest}");
        let get = Message::request("GET", &path).header("Accept", ACCEPT);
        let manifest = ask(&self.store.host, &get);
        let kind = manifest.field("content-type").unwrap().to_owned();
        let gone = ask(&self.store.host, &Message::request("DELETE", &path));
        assert_eq!(gone.status(), 202, "{gone:?}");
        state
            .removed
            .insert(id, (digest.clone(), kind, manifest.body));
        state.kept.remove(&digest);
        Message::answer(204)
    }

    fn restore(&self, id: u64) -> Message {
        let mut state = self.state();
        let Some((digest, kind, body)) = state.removed.remove(&id) else {
            return Message::json(404, &json!({"message": "Not Found"}));
        };
        let put = Message::request("PUT", &format!("/v2/{PACKAGE}/manifests/{digest}"))
            .header("Content-Type", &kind)
            .body(body);
        let answer = ask(&self.store.host, &put);
        assert_eq!(answer.status(), 201, "{answer:?}");
        let kept = Kept {
            id,
            created: moment(30),
            updated: moment(30),
        };
        state.kept.insert(digest, kept);
        Message::answer(204)
    }
}
