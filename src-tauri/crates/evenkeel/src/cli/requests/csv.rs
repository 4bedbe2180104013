//! The ledger as comma-separated values (RFC 4180): CRLF line ends, quotes only where they are needed.

use crate::admin::types::{RequestRow, Usd};

const HEAD: &str = "id,at,mode,tenant,feature,route,dialect,endpoint,stream,prompt_version,model_asked,model,\
provider,served_by,status,outcome,counted,cause,first_token_ms,total_ms,input_tokens,output_tokens,\
cached_tokens,cache_write_tokens,reasoning_tokens,cost_usd,saved_usd,cache,degraded,attempts";

/// All rows under their heads.
pub(super) fn write(rows: &[RequestRow]) -> String {
    let mut text = format!("{HEAD}\r\n");
    for row in rows {
        let line: Vec<String> = fields(row).iter().map(|field| quoted(field)).collect();
        text.push_str(&line.join(","));
        text.push_str("\r\n");
    }
    text
}

fn fields(row: &RequestRow) -> [String; 30] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let money = |value: Option<Usd>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        row.id.clone(),
        row.at.to_string(),
        row.mode.clone(),
        row.tenant.clone(),
        text(&row.feature),
        text(&row.route),
        row.dialect.clone(),
        row.endpoint.clone(),
        row.stream.to_string(),
        text(&row.prompt_version),
        text(&row.model_asked),
        text(&row.model),
        text(&row.provider),
        text(&row.served_by),
        row.status.to_string(),
        row.outcome.clone(),
        row.counted.clone(),
        text(&row.cause),
        number(row.first_token_ms),
        row.total_ms.to_string(),
        number(row.tokens.input),
        number(row.tokens.output),
        number(row.tokens.cached),
        number(row.tokens.cache_write),
        number(row.tokens.reasoning),
        money(row.cost_usd),
        money(row.saved_usd),
        row.cache.clone(),
        text(&row.degraded),
        row.attempts.len().to_string(),
    ]
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::list::tests::row, *};

    #[test]
    fn every_row_has_as_many_fields_as_the_head() {
        let text = write(&[row("01A")]);
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 3, "head, one row, and the last line end");
        assert_eq!(lines[0].split(',').count(), 30);
        assert_eq!(lines[1].split(',').count(), 30);
        assert!(lines[1].contains(",0.000420,"), "{}", lines[1]);
    }

    #[test]
    fn quotes_only_where_they_are_needed() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
    }
}
