//! Words to write, and to ask for.

/// Different words.
const WORDS: usize = 30_000;
/// Words in a message.
const LENGTH: usize = 12;
/// What moves the most frequent words away from the extreme, in Mandelbrot's form of Zipf's law.
const SHIFT: f64 = 2.7;

/// Words, the most frequent first.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    /// How often one of the words up to this one comes, of all that come.
    up_to: Vec<f64>,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        let weights: Vec<f64> = (0..WORDS).map(|rank| 1.0 / (rank as f64 + SHIFT)).collect();
        let all: f64 = weights.iter().sum();
        let up_to = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight / all;
            Some(*sum)
        });
        Self { up_to: up_to.collect(), words: (0..WORDS).map(spelling).collect() }
    }

    /// What somebody says.
    pub(crate) fn text(&self) -> String {
        let words: Vec<&str> = (0..LENGTH).map(|_| self.word_at(rand::random())).collect();
        words.join(" ")
    }

    /// A word that is in about that share of the messages.
    pub(crate) fn word_in_about(&self, share: f64) -> &str {
        let each = |rank: usize| LENGTH as f64 * (self.up_to[rank] - self.up_to[rank.saturating_sub(1)]);
        let rank = (1..WORDS).find(|rank| each(*rank) <= share).unwrap();
        // One of its neighbours.
        let around = (rank / 10).max(1);
        &self.words[(rank + rand::random_range(0..around)).min(WORDS - 1)]
    }

    fn word_at(&self, place: f64) -> &str {
        let rank = self.up_to.partition_point(|up_to| *up_to < place);
        &self.words[rank.min(WORDS - 1)]
    }
}

/// Two to four syllables; neighbours in frequency are not alike.
fn spelling(rank: usize) -> String {
    const CONSONANTS: &[u8] = b"bdfgklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let syllables = CONSONANTS.len() * VOWELS.len();
    // A number without a factor in common with the syllables' count, so that no two ranks are spelled alike.
    let mut left = rank * 40_503 % syllables.pow(3);
    let mut word = String::new();
    while left > 0 || word.len() < 4 {
        word.push(char::from(CONSONANTS[left % CONSONANTS.len()]));
        left /= CONSONANTS.len();
        word.push(char::from(VOWELS[left % VOWELS.len()]));
        left /= VOWELS.len();
    }
    word
}
