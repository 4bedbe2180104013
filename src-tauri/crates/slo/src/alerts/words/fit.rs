//! Text that has to fit: counted and cut in characters, never within one.

/// How many characters it has.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text, or its beginning with an ellipsis, in at most `most` characters and on one line.
pub(super) fn clip(text: &str, most: usize) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    if length(text) <= most {
        return line.collect();
    }
    let mut cut: String = line.take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    if most > 0 {
        cut.push('…');
    }
    cut
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Sentences of which the last ones may be left out.
pub(super) struct Body {
    sentences: Vec<String>,
}

impl Body {
    pub(super) fn new(first: String) -> Body {
        Body { sentences: vec![first] }
    }

    pub(super) fn and(mut self, sentence: &str) -> Body {
        if !sentence.is_empty() {
            self.sentences.push(sentence.to_owned());
        }
        self
    }

    /// As many whole sentences as there is room for; the first one is cut if it must be.
    pub(super) fn fit(self, most: usize) -> String {
        let mut body = String::new();
        for sentence in self.sentences {
            if body.is_empty() {
                body = clip(&sentence, most);
            } else if length(&body) + 1 + length(&sentence) <= most {
                body.push(' ');
                body.push_str(&clip(&sentence, most));
            } else {
                break;
            }
        }
        body
    }
}
