//! What a node counts, as Prometheus reads it.

use super::socket::PATIENCE;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The measures of a node at one moment.
pub(crate) struct Metrics {
    text: String,
    /// By series, `name{label="value"}`.
    values: BTreeMap<String, f64>,
}

impl Metrics {
    /// Those that are served below that address.
    pub(crate) async fn of(url: &str) -> Self {
        let response = reqwest::get(format!("{url}/metrics")).await.unwrap();
        assert_eq!(response.status(), 200);
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        let text = response.text().await.unwrap();
        let series = text.lines().filter(|line| !line.starts_with('#'));
        let values = series.map(|line| line.rsplit_once(' ').unwrap());
        let values = values.map(|(series, value)| (series.to_owned(), value.parse().unwrap())).collect();
        Self { text, values }
    }

    /// The same, once a series has come to that value, or above.
    pub(crate) async fn once(url: &str, series: &str, value: f64) -> Self {
        let what = format!("{series} comes to {value}");
        Self::until(url, &what, |metrics| metrics.value(series) >= value).await
    }

    /// The same, once it is so.
    pub(crate) async fn until(url: &str, what: &str, is_so: impl Fn(&Self) -> bool) -> Self {
        let looking = async {
            loop {
                let metrics = Self::of(url).await;
                if is_so(&metrics) {
                    return metrics;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    /// What a series says; 0 where there is none yet.
    pub(crate) fn value(&self, series: &str) -> f64 {
        self.values.get(series).copied().unwrap_or_default()
    }

    /// The names of all series.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.values.keys().map(|series| series.split('{').next().unwrap().to_owned()).collect()
    }

    /// The names of all measures, as they are described.
    pub(crate) fn measures(&self) -> BTreeSet<String> {
        let described = self.text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        described.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
