//! The pages that are in the binary: GraphiQL and the web client, as files that were built beforehand (`scripts/generated`).
//! Each file has a route of its own, so that no path of a request is ever looked for.

mod coding;
mod file;
mod kind;

use super::HttpSettings;
use coding::Coding;
use file::{Body, File, Terms};
use rust_embed::{Embed, EmbeddedFile};
use std::collections::BTreeMap;

/// What was built, as `app/name`; beside a file, its compressed forms under its name and an ending more.
#[derive(Embed)]
#[folder = "assets/"]
struct Built;

/// One of the folders.
struct App {
    /// Its name.
    folder: &'static str,
    /// Where its page, `index.html`, is.
    page: &'static str,
    /// What stands before the names of all other files.
    root: &'static str,
    /// What its page may load and do (Content Security Policy Level 3). `'self'` is also for sockets of the same host there:
    /// section 6.7.2.8; of the browsers, the last to have it so was Safari 15.4.
    policy: &'static str,
}

const GRAPHIQL: App = App {
    folder: "graphiql",
    page: "/graphiql",
    root: "/graphiql/",
    // CodeMirror's marks for mistakes are `data:` in its styles.
    policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

const WEB: App = App {
    folder: "web",
    page: "/",
    root: "/",
    policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
};

/// The page of an app.
const INDEX: &str = "index.html";
/// Where the files are whose names change with what is in them.
const HASHED: &str = "static/";

/// The files that are served, each with its path. GraphiQL's page is at `/` too, where the web client is not.
pub(super) fn files(settings: &HttpSettings) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    if settings.graphiql {
        files.extend(GRAPHIQL.files());
        files.extend(files.get(GRAPHIQL.page).cloned().map(|page| (WEB.page.to_owned(), page)));
    }
    if settings.web {
        files.extend(WEB.files());
    }
    files
}

impl App {
    fn files(&self) -> impl Iterator<Item = (String, File)> {
        let prefix = format!("{}/", self.folder);
        Built::iter().filter(|name| !is_form(name)).filter_map(move |whole| {
            let name = whole.strip_prefix(&prefix)?;
            let smaller = Coding::SMALLER.iter().filter_map(|coding| body(*coding, &whole)).collect();
            Some((self.path(name), File::new(&self.terms(name), body(Coding::Identity, &whole)?, smaller)))
        })
    }

    fn path(&self, name: &str) -> String {
        if name == INDEX { self.page.to_owned() } else { format!("{}{name}", self.root) }
    }

    fn terms(&self, name: &str) -> Terms {
        Terms { kind: kind::of(name), policy: self.policy, is_hashed: name.starts_with(HASHED) }
    }
}

/// Whether it is another's compressed form.
fn is_form(name: &str) -> bool {
    let mut files = Coding::SMALLER.iter().filter_map(|coding| coding.file(name));
    files.any(|file| Built::get(file).is_some())
}

/// The file of that name in that form, where there is one.
fn body(coding: Coding, name: &str) -> Option<Body> {
    let EmbeddedFile { data, metadata } = Built::get(&coding.name(name))?;
    Some(Body::new(coding, data, metadata.sha256_hash()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_at_its_path_once_and_its_page_at_the_apps() {
        assert_eq!(GRAPHIQL.path("index.html"), "/graphiql");
        assert_eq!(GRAPHIQL.path("static/a.js"), "/graphiql/static/a.js");
        assert_eq!(WEB.path("index.html"), "/");
        assert_eq!(WEB.path("sw.js"), "/sw.js");
        let is_compressed = |path: &String| [".br", ".gz"].iter().any(|ending| path.ends_with(ending));
        assert!(!files(&HttpSettings::default()).keys().any(is_compressed));
    }

    #[test]
    fn what_is_served_goes_by_the_settings() {
        let paths = |graphiql, web| {
            let files = files(&HttpSettings { graphiql, web, ..HttpSettings::default() });
            files.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(paths(false, false), [""; 0]);
        let graphiql = paths(true, false);
        assert!(graphiql.iter().all(|path| path == "/" || path.starts_with("/graphiql")), "{graphiql:?}");
        assert!(graphiql.contains(&"/".to_owned()) && graphiql.contains(&"/graphiql".to_owned()), "{graphiql:?}");
        assert!(paths(false, true).iter().all(|path| !path.starts_with("/graphiql")));
    }
}
