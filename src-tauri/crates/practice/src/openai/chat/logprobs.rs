//! Probabilities of tokens, where the client wants to see them. A word stands for a token.

use serde_json::{Value, json};

use crate::random;

/// The probabilities of some pieces; `null` if nobody wants them.
pub(super) fn of(pieces: &[&str], alternatives: Option<usize>) -> Value {
    match alternatives {
        None => Value::Null,
        Some(alternatives) => {
            let content: Vec<Value> = pieces.iter().map(|piece| token(piece, alternatives)).collect();
            json!({ "content": content, "refusal": null })
        }
    }
}

fn token(piece: &str, alternatives: usize) -> Value {
    let likely = -random::fraction(random::hash(piece.as_bytes()), 0) / 10.0;
    let one =
        |token: &str, logprob: f64| json!({ "token": token, "logprob": logprob, "bytes": token.as_bytes() });
    let mut top = Vec::with_capacity(alternatives);
    for rank in 0..alternatives {
        // The token that was taken is the likeliest; the others are the same with a number behind it.
        let other = if rank == 0 { piece.to_owned() } else { format!("{piece}{rank}") };
        #[expect(clippy::cast_precision_loss, reason = "there are twenty at most")]
        top.push(one(&other, likely - 3.0 * rank as f64));
    }
    let mut shown = one(piece, likely);
    shown["top_logprobs"] = Value::Array(top);
    shown
}
