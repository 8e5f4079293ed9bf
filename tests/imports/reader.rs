//! Finds what a file uses. Reads tokens and no syntax tree, in which what macros are given stays unread.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use std::iter::Peekable;

/// What a line uses.
pub(crate) struct Used {
    pub(crate) line: usize,
    pub(crate) by: Vec<String>,
    pub(crate) what: Target,
}

pub(crate) enum Target {
    /// A part of this crate, from its root.
    Here(Vec<String>),
    /// Another crate, or a name in scope, which the line that brought it there answers for.
    Elsewhere(String),
}

/// What the source of that module uses, line by line.
pub(crate) fn uses(module: Vec<String>, source: &str) -> Result<Vec<Used>, proc_macro2::LexError> {
    let mut reader = Reader { module, uses: Vec::new() };
    reader.read(source.parse()?, &[]);
    Ok(reader.uses)
}

/// Gathers every path in the tokens of a file, be it in `use`, in code, in attributes or in what macros are given.
struct Reader {
    module: Vec<String>,
    uses: Vec<Used>,
}

impl Reader {
    /// `before` is what each path here begins with: `a::` within the braces of `use a::{b, c}`.
    fn read(&mut self, tokens: TokenStream, before: &[String]) {
        let mut words: Vec<String> = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(name) => {
                    // In `use a::{b as c}` only the first word of each begins a path.
                    if words.is_empty() || before.is_empty() {
                        let line = name.span().start().line;
                        let is_named = matches!(words.last().map(String::as_str), Some("use" | "crate"));
                        let path = self.read_path(&mut tokens, [before, &[name.to_string()]].concat());
                        if path.len() > 1 || is_named {
                            self.note(&path, line);
                        }
                    }
                    words.push(name.to_string());
                }
                TokenTree::Group(group) => {
                    self.read_group(&group, &words);
                    words.clear();
                }
                TokenTree::Literal(_) => words.clear(),
                TokenTree::Punct(sign) => {
                    words.clear();
                    words.extend((sign.as_char() == '#').then(|| "#".to_owned()));
                }
            }
        }
    }

    /// The path that begins so; nothing where it ends in braces, whose paths are noted by themselves.
    fn read_path(
        &mut self,
        tokens: &mut Peekable<impl Iterator<Item = TokenTree>>,
        mut path: Vec<String>,
    ) -> Vec<String> {
        while let Some(next) = next_of_path(tokens) {
            if let TokenTree::Group(group) = next {
                self.read(group.stream(), &path);
                return Vec::new();
            }
            path.push(next.to_string());
        }
        path
    }

    /// What stands in brackets after those words.
    fn read_group(&mut self, group: &Group, words: &[String]) {
        match words {
            // Says who may use it, and uses nothing itself.
            [.., word] if word == "pub" && group.delimiter() == Delimiter::Parenthesis => {}
            [.., word, name] if word == "mod" => {
                self.module.push(name.clone());
                self.read(group.stream(), &[]);
                self.module.pop();
            }
            [word] if word == "#" => {
                self.read(group.stream(), &[]);
                self.read_names_in_text(group.stream());
            }
            _ => self.read(group.stream(), &[]),
        }
    }

    /// As in `#[serde(with = "bson::serde_helpers")]`.
    fn read_names_in_text(&mut self, attribute: TokenStream) {
        let mut key = String::new();
        for token in attribute {
            match token {
                TokenTree::Ident(name) => key = name.to_string(),
                TokenTree::Group(group) => self.read_names_in_text(group.stream()),
                TokenTree::Literal(text) if key.ends_with("with") => {
                    let path = text.to_string();
                    let path: Vec<_> = path.trim_matches('"').split("::").map(str::to_owned).collect();
                    self.note(&path, text.span().start().line);
                }
                TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    fn note(&mut self, path: &[String], line: usize) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let from_root = |start: &[String]| {
            let mut at = start.to_owned();
            for name in rest {
                match name.as_str() {
                    "super" => drop(at.pop()),
                    "self" => {}
                    _ => at.push(name.clone()),
                }
            }
            Target::Here(at)
        };
        let what = match first.as_str() {
            "crate" | "natterjack" => from_root(&[]),
            "self" => from_root(&self.module),
            "super" => from_root(self.module.split_last().map_or(&[][..], |(_, above)| above)),
            name => Target::Elsewhere(name.to_owned()),
        };
        let by = self.module.clone();
        self.uses.push(Used { line, by, what });
    }
}

/// What follows `::`, where that and something of a path follows: a name, `*`, or braces with more paths.
fn next_of_path(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Option<TokenTree> {
    let is_colon = |token: &TokenTree, spacing: &[Spacing]| match token {
        TokenTree::Punct(sign) => sign.as_char() == ':' && spacing.contains(&sign.spacing()),
        _ => false,
    };
    tokens.next_if(|token| is_colon(token, &[Spacing::Joint]))?;
    tokens.next_if(|token| is_colon(token, &[Spacing::Joint, Spacing::Alone]))?;
    tokens.next_if(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(sign) => sign.as_char() == '*',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Literal(_) => false,
    })
}
