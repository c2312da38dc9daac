//! Between which hops the results of DKIM changed, as the servers wrote them.
//!
//! Contract: results are told apart by the domain that signed (`header.d`, else that of `header.i`), and by
//! the selector (`header.s`) where all of the results of a domain name one. Told is only where `pass` was
//! found and then not any more: at the next hop that says anything of that signature, or here, if the hash
//! of its body does not hold. No list is searched for each result: there may be many. Nothing is judged:
//! whoever wrote a result may have lied.
//!
//! RFC 8601 §2.7.1, RFC 6008. May use: base, header.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Check, Said, Signed};
use crate::header::auth::Verdict;

/// A signature that passed at one hop and not at the next that looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The domain that signed, in lower case.
    pub domain: String,
    /// Its selector, where all results of this domain name one.
    pub selector: Option<String>,
    /// The last hop where it passed.
    pub before: Judged,
    /// The next that says something of it; `None` if no later hop does, and the body hash does not hold
    /// here.
    pub after: Option<Judged>,
}

/// What a hop says of a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// The index of the hop; `None` if it stands below all of them.
    pub hop: Option<usize>,
    /// The server that says so.
    pub server: Option<String>,
    /// The results, each once and sorted, as servers and ARC sets may repeat them.
    pub results: Vec<String>,
}

impl Judged {
    fn has_passed(&self) -> bool {
        self.results.iter().any(|result| result == "pass")
    }
}

/// A result of DKIM and where it stands.
struct Result<'a> {
    hop: Option<usize>,
    server: Option<&'a str>,
    result: &'a str,
    selector: Option<&'a str>,
}

/// Where the results of DKIM changed, by domain and selector.
pub(super) fn broken(checks: &[Check], signatures: &[Signed]) -> Vec<Broken> {
    let here = here(signatures);
    let mut found = Vec::new();
    for (domain, results) in by_domain(checks) {
        let have_selectors = results.iter().all(|result| result.selector.is_some());
        let mut by_selector: BTreeMap<Option<&str>, Vec<Result<'_>>> = BTreeMap::new();
        for result in results {
            let selector = result.selector.filter(|_| have_selectors);
            by_selector.entry(selector).or_default().push(result);
        }
        for (selector, results) in by_selector {
            let hops = by_hop(&results);
            let breaks = hops.windows(2).filter_map(|pair| match pair {
                [before, after] if before.has_passed() && !after.has_passed() => {
                    Some((before.clone(), Some(after.clone())))
                }
                _ => None,
            });
            let last = hops.last().filter(|last| last.has_passed());
            let key = (domain.clone(), selector.map(str::to_owned));
            let last = last.filter(|_| here.get(&key) == Some(&true));
            let breaks = breaks.chain(last.map(|last| (last.clone(), None)));
            found.extend(breaks.map(|(before, after)| Broken {
                domain: domain.clone(),
                selector: selector.map(str::to_owned),
                before,
                after,
            }));
        }
    }
    found
}

fn by_domain(checks: &[Check]) -> BTreeMap<String, Vec<Result<'_>>> {
    let mut found: BTreeMap<String, Vec<Result<'_>>> = BTreeMap::new();
    for check in checks {
        let Said::Results(said) = &check.said else { continue };
        for verdict in said.results.iter().filter(|verdict| verdict.method == "dkim") {
            let Some(domain) = domain(verdict) else { continue };
            found.entry(domain).or_default().push(Result {
                hop: check.hop,
                server: said.server.as_deref(),
                result: &verdict.result,
                selector: property(verdict, "header.s"),
            });
        }
    }
    found
}

/// The results of each hop, oldest first.
fn by_hop(results: &[Result<'_>]) -> Vec<Judged> {
    let mut hops: BTreeMap<Option<usize>, (Option<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for result in results {
        let (server, words) = hops.entry(result.hop).or_default();
        *server = server.or(result.server);
        words.insert(result.result);
    }
    let judged = |(hop, (server, words)): (_, (Option<&str>, BTreeSet<&str>))| Judged {
        hop,
        server: server.map(str::to_owned),
        results: words.into_iter().map(str::to_owned).collect(),
    };
    hops.into_iter().map(judged).collect()
}

/// Whether none of the body hashes holds, by domain and selector of the signatures; without a selector
/// for all of the domain.
type Here = HashMap<(String, Option<String>), bool>;

fn here(signatures: &[Signed]) -> Here {
    let mut here = Here::new();
    for signed in signatures.iter().filter(|signed| signed.instance.is_none()) {
        let Some(domain) = &signed.signature.domain else { continue };
        let is_broken = signed.body.as_ref().is_some_and(|body| body.holds == Some(false));
        let selector = signed.signature.selector.clone().map(Some);
        for selector in [None].into_iter().chain(selector) {
            *here.entry((domain.to_ascii_lowercase(), selector)).or_insert(true) &= is_broken;
        }
    }
    here
}

/// The domain that a result is about.
fn domain(verdict: &Verdict) -> Option<String> {
    let identity = || property(verdict, "header.i").and_then(|it| it.rsplit('@').next());
    let domain = property(verdict, "header.d").or_else(identity)?;
    Some(domain.trim_end_matches('.').to_ascii_lowercase())
}

fn property<'a>(verdict: &'a Verdict, name: &str) -> Option<&'a str> {
    let found = verdict.properties.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::auth;

    fn check(hop: Option<usize>, body: &str) -> Check {
        let said = Said::Results(auth::results(body.as_bytes(), &mut ()));
        Check { name: String::new(), text: String::new(), said, hop, span: None }
    }

    /// `a.example/s: 0 mx.a pass, 1 mx.b fail`
    fn shown(broken: &Broken) -> String {
        let judged = |it: &Judged| {
            let hop = it.hop.map_or("-".to_owned(), |hop| hop.to_string());
            format!("{hop} {} {}", it.server.as_deref().unwrap_or("-"), it.results.join("+"))
        };
        let selector = broken.selector.as_deref().unwrap_or("-");
        let after = broken.after.as_ref().map_or("here".to_owned(), judged);
        format!("{}/{selector}: {}, {after}", broken.domain, judged(&broken.before))
    }

    #[test]
    fn says_between_which_hops() {
        type Checks = &'static [(Option<usize>, &'static str)];
        const CASES: &[(&str, Checks, &[&str])] = &[
            ("nothing", &[], &[]),
            (
                "passes",
                &[(Some(1), "b; dkim=pass header.d=a"), (Some(0), "a; dkim=pass header.d=a")],
                &[],
            ),
            (
                "the newest stands first, a hop between says nothing",
                &[
                    (Some(2), "c; dkim=fail header.d=A"),
                    (Some(1), "b; spf=pass"),
                    (Some(0), "a; dkim=pass header.d=a"),
                ],
                &["a/-: 0 a pass, 2 c fail"],
            ),
            (
                "before the first hop",
                &[(Some(0), "b; dkim=neutral header.i=@a"), (None, "a; dkim=pass header.d=a")],
                &["a/-: - a pass, 0 b neutral"],
            ),
            (
                "it never passed",
                &[(Some(1), "b; dkim=fail header.d=a"), (Some(0), "a; dkim=none header.d=a")],
                &[],
            ),
            (
                "passes again",
                &[
                    (Some(2), "c; dkim=pass header.d=a"),
                    (Some(1), "b; dkim=temperror header.d=a"),
                    (Some(0), "a; dkim=pass header.d=a"),
                ],
                &["a/-: 0 a pass, 1 b temperror"],
            ),
            (
                "another domain signed as well",
                &[
                    (Some(1), "c; dkim=fail header.d=a; dkim=pass header.d=list"),
                    (Some(0), "b; dkim=pass header.d=a"),
                ],
                &["a/-: 0 b pass, 1 c fail"],
            ),
            (
                "two selectors",
                &[
                    (
                        Some(1),
                        "b; dkim=fail header.d=a header.s=x; dkim=pass header.d=a header.s=y",
                    ),
                    (
                        Some(0),
                        "a; dkim=pass header.d=a header.s=x; dkim=pass header.d=a header.s=y",
                    ),
                ],
                &["a/x: 0 a pass, 1 b fail"],
            ),
            (
                "not every server names the selector",
                &[
                    (Some(1), "b; dkim=fail header.d=a"),
                    (Some(0), "a; dkim=pass header.d=a header.s=x"),
                ],
                &["a/-: 0 a pass, 1 b fail"],
            ),
            (
                "an ARC set repeats it",
                &[
                    (Some(1), "c; dkim=fail header.d=a"),
                    (Some(0), "i=1; b; dkim=pass header.d=a"),
                    (Some(0), "b; dkim=pass header.d=a"),
                ],
                &["a/-: 0 b pass, 1 c fail"],
            ),
            ("of no domain", &[(Some(1), "b; dkim=fail"), (Some(0), "a; dkim=pass")], &[]),
        ];
        for &(name, checks, expected) in CASES {
            let checks: Vec<_> = checks.iter().map(|&(hop, body)| check(hop, body)).collect();
            let found: Vec<_> = broken(&checks, &[]).iter().map(shown).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
