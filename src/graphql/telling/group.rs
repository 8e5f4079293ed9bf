//! Those who ask alike, and the executions that make what they are told.

use super::dependence::Selected;
use super::{Given, Source};
use crate::error::{Code, Error, Result};
use crate::feed::Rendition;
use crate::graphql::Caller;
use crate::graphql::documents::DocumentHash;
use crate::graphql::operation::{Fate, Operation, Outcome, fault};
use crate::measures::TransportMeasures;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, VariableDefinition};
use async_graphql::{Data, Executor, Name, Request, Response, Variables};
use futures_util::stream::{BoxStream, StreamExt as _};
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::mpsc;

/// Executions of one group that are kept for the next events. More than that run only while more events come at once.
const IDLE: usize = 8;

/// All groups of a process.
#[derive(Default)]
pub struct Groups {
    selections: Mutex<Known<(DocumentHash, Option<String>), Selection>>,
    next: AtomicU64,
    measures: TransportMeasures,
}

/// One operation of one document, for all who send it.
struct Selection {
    text: String,
    document: ExecutableDocument,
    operation: Option<String>,
    selected: Selected,
    /// By the variables that reach below the field, in JSON.
    groups: Mutex<Known<String, Group>>,
}

/// Those who ask for the same: the same document, the same operation, and the same variables where they reach below the
/// subscription's field.
pub struct Group {
    /// Which, of all that this process ever had.
    pub(super) id: u64,
    selection: Arc<Selection>,
    variables: Variables,
    idle: Mutex<Vec<Execution>>,
    measures: TransportMeasures,
}

/// What a subscriber asks for, who is one of a [`Group`] once it has begun.
pub struct Asking {
    selection: Arc<Selection>,
    /// Those variables that reach below the field, in JSON.
    below: String,
    variables: Variables,
}

/// A subscription that tells of what it is given, one after the other. So a document is validated once for many events.
struct Execution {
    give: mpsc::Sender<Given>,
    responses: BoxStream<'static, Response>,
}

impl Groups {
    /// None yet, whose executions are counted there.
    pub fn counting(measures: TransportMeasures) -> Self {
        Self { measures, ..Self::default() }
    }

    /// What an operation asks for; `None` where what it would be told is not known here to be the same for anybody.
    pub fn asking(&self, operation: &mut Operation) -> Option<Asking> {
        let selection = self.selection(operation)?;
        let given = &operation.request.variables;
        let below: BTreeMap<_, _> =
            selection.selected.variables.iter().filter_map(|name| Some((name, given.get(name)?))).collect();
        let below = serde_json::to_string(&below).ok()?;
        Some(Asking { variables: selection.needed(given), selection, below })
    }

    /// The group of all who ask so: to be joined by whoever's own operation was good, and has begun. The field's arguments are
    /// taken from who comes first, and which of such they are does not matter: which events come is each subscriber's own
    /// affair.
    pub fn join(&self, asking: Asking) -> Arc<Group> {
        let Asking { selection, below, variables } = asking;
        let begin = || Group {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            variables,
            selection: Arc::clone(&selection),
            idle: Mutex::default(),
            measures: self.measures.clone(),
        };
        lock(&selection.groups).find_or(below, begin)
    }

    /// How many times an event was executed, for one subscriber or for many.
    pub fn executed(&self) -> u64 {
        self.measures.executions()
    }

    fn selection(&self, operation: &mut Operation) -> Option<Arc<Selection>> {
        let key = (operation.hash, operation.request.operation_name.clone());
        if let Some(known) = lock(&self.selections).find(&key) {
            return Some(known);
        }
        let text = operation.request.query.clone();
        let document = operation.request.parsed_query().ok()?.clone();
        let selected = Selected::by(&document, chosen(&document, key.1.as_deref())?)?;
        let operation = key.1.clone();
        let begin = || Selection { text, document, operation, selected, groups: Mutex::default() };
        Some(lock(&self.selections).find_or(key, begin))
    }
}

/// The operation that the executor chooses.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known == name)),
        None => operations.next(),
    };
    found.map(|(_, operation)| &operation.node)
}

impl Selection {
    /// The variables without those that a list of positions may make long and that nothing needs: whatever the field's own
    /// arguments are, they are not looked at.
    fn needed(&self, given: &Variables) -> Variables {
        let operation = chosen(&self.document, self.operation.as_deref());
        let definitions = operation.iter().flat_map(|operation| &operation.variable_definitions);
        let is_needed = |definition: &VariableDefinition| {
            let may_be_missing = definition.var_type.node.nullable && definition.default_value.is_none();
            !may_be_missing || self.selected.variables.contains(&definition.name.node)
        };
        let mut needed = Variables::default();
        for definition in definitions.map(|definition| &definition.node).filter(|definition| is_needed(definition)) {
            let name: &Name = &definition.name.node;
            needed.extend(given.get(name).map(|value| (name.clone(), value.clone())));
        }
        needed
    }
}

impl Group {
    pub(super) fn selected(&self) -> &Selected {
        &self.selection.selected
    }

    /// How that comes out for those eyes. `INTERNAL` where the executor says nothing of it.
    pub(super) async fn render<E: Executor>(&self, executor: &E, given: Given) -> Result<Rendition> {
        let idle = lock(&self.idle).pop();
        let mut execution = idle.unwrap_or_else(|| self.begin(executor));
        self.measures.count_execution();
        // There is room for one, and it waits for nothing else.
        execution.give.try_send(given).map_err(Error::internal)?;
        let response = execution.responses.next().await;
        let response = response.ok_or_else(|| Error::internal("an execution has come to its end"))?;
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE {
            idle.push(execution);
        }
        drop(idle);
        rendition(response)
    }

    fn begin<E: Executor>(&self, executor: &E) -> Execution {
        let (give, given) = mpsc::channel(1);
        let Selection { text, document, operation, .. } = &*self.selection;
        let mut request = Request::new(text.clone()).variables(self.variables.clone());
        request.operation_name.clone_from(operation);
        request.set_parsed_query(document.clone());
        let request = request.data(Source(Mutex::new(Some(given))));
        let mut session = Data::default();
        session.insert(Caller::Refused(Error::internal("what is told to many asks who calls")));
        Execution { give, responses: executor.execute_stream(request, Some(Arc::new(session))) }
    }
}

fn rendition(response: Response) -> Result<Rendition> {
    let response = match Outcome::from(response) {
        Outcome::Refused(errors) => Response::from_errors(errors),
        Outcome::Answered(response) => response,
    };
    let fate = Fate::from(&response);
    let json = || to_raw_value(&response).map_err(Error::internal);
    Ok(match fate {
        Fate::Told => Rendition::Told(json()?.into()),
        Fate::Lost => Rendition::Lost(json()?.into(), fault(&response.errors).unwrap_or(Code::Internal)),
        Fate::Withheld => Rendition::Withheld,
    })
}

/// Those that somebody holds, found again by their keys.
struct Known<K, V> {
    all: HashMap<K, Weak<V>>,
    /// From how many on those that nobody holds any more are cleared away.
    clear_at: usize,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self { all: HashMap::new(), clear_at: 16 }
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    fn find(&self, key: &K) -> Option<Arc<V>> {
        self.all.get(key)?.upgrade()
    }

    fn find_or(&mut self, key: K, begin: impl FnOnce() -> V) -> Arc<V> {
        if let Some(known) = self.find(&key) {
            return known;
        }
        if self.all.len() >= self.clear_at {
            self.all.retain(|_, known| known.strong_count() > 0);
            self.clear_at = self.all.len().saturating_mul(2).max(16);
        }
        let new = Arc::new(begin());
        self.all.insert(key, Arc::downgrade(&new));
        new
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
