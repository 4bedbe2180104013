//! Anthropic's counts, whole and as a stream reports them. Its input is what no cache took part in.

use super::*;

#[test]
fn whole_messages() {
    check(
        Dialect::Anthropic,
        &[
            // Anthropic's worked example of a session: 50,000 × 5 + 15,000 × 25 = $0.25 + $0.375
            ("claude-opus-4-8", &[r#"{"input_tokens":50000,"output_tokens":15000}"#], Some(625_000)),
            // The same one with 40,000 from the cache: 10,000 × 5 + 40,000 × 0.50 + 15,000 × 25 = $0.05 + $0.02 + $0.375
            (
                "claude-opus-4-8",
                &[
                    r#"{"input_tokens":10000,"cache_read_input_tokens":40000,"cache_creation_input_tokens":0,"output_tokens":15000}"#,
                ],
                Some(445_000),
            ),
            // The API reference's example under a dated name: 2,095 × 3 + 503 × 15 = 6,285 + 7,545
            (
                "claude-sonnet-4-5-20250929",
                &[r#"{"input_tokens":2095,"output_tokens":503,"service_tier":"standard"}"#],
                Some(13_830),
            ),
            // Null where there is no cache: 12 × 0.25 + 6 × 1.25 = 3 + 7.5 = 10.5, half up
            (
                "claude-3-haiku-20240307",
                &[
                    r#"{"input_tokens":12,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":6,"server_tool_use":null}"#,
                ],
                Some(11),
            ),
            // Nothing said: 1,000 × 15
            ("claude-opus-4-1", &[r#"{"input_tokens":1000,"output_tokens":0}"#], Some(15_000)),
            // Thinking is within the output: 43 × 3 + 1,500 × 15 = 129 + 22,500
            (
                "claude-sonnet-4-5",
                &[
                    r#"{"input_tokens":43,"output_tokens":1500,"output_tokens_details":{"thinking_tokens":1200}}"#,
                ],
                Some(22_629),
            ),
            // What a router calls it: 250 × 4 + 150 × 20 = 1,000 + 3,000
            ("anthropic/claude-opus-5.5", &[r#"{"input_tokens":250,"output_tokens":150}"#], Some(4_000)),
        ],
    );
}

#[test]
fn caches_by_lifetime() {
    check(
        Dialect::Anthropic,
        &[
            // The caching guide's first request, written: 21 × 1 + 188,086 × 1.25 + 393 × 5 = 21 + 235,107.5 + 1,965 = 237,093.5
            (
                "claude-haiku-4-5",
                &[
                    r#"{"input_tokens":21,"cache_creation_input_tokens":188086,"cache_read_input_tokens":0,"output_tokens":393}"#,
                ],
                Some(237_094),
            ),
            // Its second, read: 21 × 1 + 188,086 × 0.10 + 393 × 5 = 21 + 18,808.6 + 1,965 = 20,794.6
            (
                "claude-haiku-4-5",
                &[
                    r#"{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":188086,"output_tokens":393}"#,
                ],
                Some(20_795),
            ),
            // Both lifetimes: 2,048 × 5 + 1,800 × 0.50 + 148 × 6.25 + 100 × 10 + 503 × 25 = 10,240 + 900 + 925 + 1,000 + 12,575
            (
                "claude-opus-4-6",
                &[
                    r#"{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"output_tokens":503,"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100}}"#,
                ],
                Some(25_640),
            ),
            // An hour only: 100 × 2 + 5,000 × 4 + 200 × 10 = 200 + 20,000 + 2,000
            (
                "claude-sonnet-5-5",
                &[
                    r#"{"input_tokens":100,"cache_creation_input_tokens":5000,"output_tokens":200,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":5000}}"#,
                ],
                Some(22_200),
            ),
            // The split without its sum: 10 × 3 + 300 × 3.75 + 200 × 6 + 5 × 15 = 30 + 1,125 + 1,200 + 75
            (
                "claude-sonnet-4-6",
                &[
                    r#"{"input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":200},"output_tokens":5}"#,
                ],
                Some(2_430),
            ),
            // More for an hour than was written at all: 100 × 2
            (
                "claude-haiku-4-5",
                &[
                    r#"{"input_tokens":0,"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_1h_input_tokens":500}}"#,
                ],
                Some(200),
            ),
            // 3 × 8 + 120,000 × 0.20 + 2,500 × 10 + 1,500 × 40 = 24 + 24,000 + 25,000 + 60,000
            (
                "claude-fable-5-2",
                &[
                    r#"{"input_tokens":3,"cache_read_input_tokens":120000,"cache_creation_input_tokens":2500,"output_tokens":1500,"cache_creation":{"ephemeral_5m_input_tokens":2500,"ephemeral_1h_input_tokens":0}}"#,
                ],
                Some(109_024),
            ),
        ],
    );
}

#[test]
fn long_prompts() {
    check(
        Dialect::Anthropic,
        &[
            // 40,000 + 50,000 + 10,000 is just not long: 40,000 × 0.10 + 50,000 × 0.01 + 10,000 × 0.125 + 100 × 0.50 = 4,000 + 500 + 1,250 + 50
            (
                "claude-haiku-5-5",
                &[
                    r#"{"input_tokens":40000,"cache_read_input_tokens":50000,"cache_creation_input_tokens":10000,"output_tokens":100}"#,
                ],
                Some(5_800),
            ),
            // One more is: 40,001 × 0.50 + 50,000 × 0.05 + 10,000 × 0.625 + 100 × 2.50 = 20,000.5 + 2,500 + 6,250 + 250 = 29,000.5
            (
                "claude-haiku-5-5",
                &[
                    r#"{"input_tokens":40001,"cache_read_input_tokens":50000,"cache_creation_input_tokens":10000,"output_tokens":100}"#,
                ],
                Some(29_001),
            ),
            // Written for an hour: 1 × 0.50 + 150,000 × 1 + 10 × 2.50 = 0.5 + 150,000 + 25 = 150,025.5
            (
                "claude-haiku-5-5-20261007",
                &[
                    r#"{"input_tokens":1,"cache_creation_input_tokens":150000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":150000},"output_tokens":10}"#,
                ],
                Some(150_026),
            ),
        ],
    );
}

#[test]
fn streams_report_twice_and_are_paid_for_once() {
    check(
        Dialect::Anthropic,
        &[
            // The streaming guide's example, whose delta replaces the first count: 25 × 5 + 15 × 25 = 125 + 375
            (
                "claude-opus-4-6",
                &[r#"{"input_tokens":25,"output_tokens":1}"#, r#"{"output_tokens":15}"#],
                Some(500),
            ),
            // Its web search, where the input grows on the way: 10,682 × 5 + 510 × 25 = 53,410 + 12,750, and a cent for the search
            (
                "claude-opus-4-7",
                &[
                    r#"{"input_tokens":2679,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}"#,
                    r#"{"input_tokens":10682,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":510,"server_tool_use":{"web_search_requests":1}}"#,
                ],
                Some(76_160),
            ),
            // The caches stand in the first report only: 3 × 3 + 1,024 × 6 + 20,480 × 0.30 + 200 × 15 = 9 + 6,144 + 6,144 + 3,000
            (
                "claude-sonnet-4-6",
                &[
                    r#"{"input_tokens":3,"cache_creation_input_tokens":1024,"cache_read_input_tokens":20480,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":1024},"output_tokens":1}"#,
                    r#"{"output_tokens":200}"#,
                ],
                Some(15_297),
            ),
            // The second report has more of each: 50 × 2 + 1,500 × 2.50 + 3,000 × 0.20 + 300 × 10 = 100 + 3,750 + 600 + 3,000
            (
                "claude-sonnet-5",
                &[
                    r#"{"input_tokens":20,"cache_creation_input_tokens":1000,"cache_read_input_tokens":2000,"output_tokens":1}"#,
                    r#"{"input_tokens":50,"cache_creation_input_tokens":1500,"cache_read_input_tokens":3000,"output_tokens":300}"#,
                ],
                Some(7_450),
            ),
            // A zero that comes late undoes nothing: 472 × 1 + 89 × 5 = 472 + 445
            (
                "claude-haiku-4-5",
                &[
                    r#"{"input_tokens":472,"output_tokens":2}"#,
                    r#"{"output_tokens":40}"#,
                    r#"{"output_tokens":89,"input_tokens":0}"#,
                ],
                Some(917),
            ),
            // Broken off after the start: 1,000 × 3 + 1 × 15
            ("claude-sonnet-4-0", &[r#"{"input_tokens":1000,"output_tokens":1}"#], Some(3_015)),
        ],
    );
}

#[test]
fn what_is_missing_or_odd() {
    check(
        Dialect::Anthropic,
        &[
            // Numbers as strings: 25 × 4 + 15 × 20 = 100 + 300
            ("claude-opus-5-5", &[r#"{"input_tokens":"25","output_tokens":"15"}"#], Some(400)),
            // No word of the input: 40 × 4
            ("claude-3-5-haiku", &[r#"{"output_tokens":40}"#], Some(160)),
            // Nobody said
            ("claude-opus-5-5", &["{}"], None),
            // A model that nobody knows
            ("claude-next", &[r#"{"input_tokens":25,"output_tokens":15}"#], None),
        ],
    );
}

#[test]
fn web_searches_cost_extra() {
    check(
        Dialect::Anthropic,
        &[
            // Three searches at $10 a thousand: 105 × 3 + 6,039 × 15 + 3 × 10,000 = 315 + 90,585 + 30,000
            (
                "claude-sonnet-4-5",
                &[r#"{"input_tokens":105,"output_tokens":6039,"server_tool_use":{"web_search_requests":3}}"#],
                Some(120_900),
            ),
            // A stream counts them as it does tokens, the last word holds: 100 × 1 + 50 × 5 + 10,000
            (
                "claude-haiku-4-5",
                &[
                    r#"{"input_tokens":100,"output_tokens":1}"#,
                    r#"{"output_tokens":50,"server_tool_use":{"web_search_requests":1}}"#,
                ],
                Some(10_350),
            ),
        ],
    );
}
