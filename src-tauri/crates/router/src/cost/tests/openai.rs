//! OpenAI's own counts, of Chat Completions, Responses and Embeddings. Its prompt includes what the cache had.

use super::*;

#[test]
fn chat_completions() {
    check(
        Dialect::OpenAi,
        &[
            // The API reference's own example: 19 × 2.50 + 10 × 10 = 47.5 + 100 = 147.5, half up
            (
                "gpt-4o",
                &[
                    r#"{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#,
                ],
                Some(148),
            ),
            // The prompt caching guide's example: (2,006 − 1,920) × 2.50 + 1,920 × 1.25 + 300 × 10 = 215 + 2,400 + 3,000
            (
                "gpt-4o",
                &[
                    r#"{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#,
                ],
                Some(5_615),
            ),
            // A dated name: 1,117 × 2.50 + 46 × 10 = 2,792.5 + 460 = 3,252.5, half up
            (
                "gpt-4o-2024-08-06",
                &[r#"{"prompt_tokens":1117,"completion_tokens":46,"total_tokens":1163}"#],
                Some(3_253),
            ),
            // 10 × 0.15 + 5 × 0.60 = 1.5 + 3 = 4.5, half up
            ("gpt-4o-mini", &[r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#], Some(5)),
            // Nothing said: 3 × 0.15 = 0.45, down
            ("gpt-4o-mini", &[r#"{"prompt_tokens":3,"completion_tokens":0,"total_tokens":3}"#], Some(0)),
            // Nothing said: 4 × 0.15 = 0.6, up
            ("gpt-4o-mini", &[r#"{"prompt_tokens":4,"completion_tokens":0,"total_tokens":4}"#], Some(1)),
            // A router's prefix: 1,000 × 0.15 + 100 × 0.60 = 150 + 60
            ("openai/gpt-4o-mini", &[r#"{"prompt_tokens":1000,"completion_tokens":100}"#], Some(210)),
            // Reasoning is within the completion: 75 × 1.25 + 1,186 × 10 = 93.75 + 11,860 = 11,953.75
            (
                "gpt-5",
                &[
                    r#"{"prompt_tokens":75,"completion_tokens":1186,"total_tokens":1261,"completion_tokens_details":{"reasoning_tokens":1024}}"#,
                ],
                Some(11_954),
            ),
            // 1,024 × 0.25 + 3,072 × 0.025 + 128 × 2 = 256 + 76.8 + 256 = 588.8
            (
                "gpt-5-mini",
                &[
                    r#"{"prompt_tokens":4096,"completion_tokens":128,"total_tokens":4224,"prompt_tokens_details":{"cached_tokens":3072}}"#,
                ],
                Some(589),
            ),
            // 12,345 × 0.05 + 678 × 0.40 = 617.25 + 271.2 = 888.45
            (
                "gpt-5-nano",
                &[r#"{"prompt_tokens":12345,"completion_tokens":678,"total_tokens":13023}"#],
                Some(888),
            ),
            // Dated: 1,200 × 0.75 + 300 × 4.50 = 900 + 1,350
            (
                "gpt-5.4-mini-2026-03-17",
                &[r#"{"prompt_tokens":1200,"completion_tokens":300,"total_tokens":1500}"#],
                Some(2_250),
            ),
            // (1,000 − 512) × 15 + 512 × 7.50 + 2,000 × 60 = 7,320 + 3,840 + 120,000
            (
                "o1",
                &[
                    r#"{"prompt_tokens":1000,"completion_tokens":2000,"total_tokens":3000,"prompt_tokens_details":{"cached_tokens":512},"completion_tokens_details":{"reasoning_tokens":1920}}"#,
                ],
                Some(131_160),
            ),
            // 100 × 1.10 + 50 × 4.40 = 110 + 220
            ("o3-mini", &[r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}"#], Some(330)),
            // 9 × 0.50 + 12 × 1.50 = 4.5 + 18 = 22.5, half up
            ("gpt-3.5-turbo", &[r#"{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}"#], Some(23)),
            // 1,000 × 10 + 1,000 × 30
            (
                "gpt-4-turbo",
                &[r#"{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}"#],
                Some(40_000),
            ),
        ],
    );
}

#[test]
fn long_prompts_and_written_caches() {
    check(
        Dialect::OpenAi,
        &[
            // (10,000 − 6,000 − 3,000) × 2 + 6,000 × 0.10 + 3,000 × 2.50 + 500 × 10 = 2,000 + 600 + 7,500 + 5,000
            (
                "gpt-6.2-sol",
                &[
                    r#"{"prompt_tokens":10000,"completion_tokens":500,"total_tokens":10500,"prompt_tokens_details":{"cached_tokens":6000,"cache_write_tokens":3000}}"#,
                ],
                Some(15_100),
            ),
            // The last token before the step: 272,000 × 2 + 1,000 × 10
            (
                "gpt-6.2-sol",
                &[r#"{"prompt_tokens":272000,"completion_tokens":1000,"total_tokens":273000}"#],
                Some(554_000),
            ),
            // The first behind it, and the whole request costs more: 272,001 × 4 + 1,000 × 15 = 1,088,004 + 15,000
            (
                "gpt-6.2-sol",
                &[r#"{"prompt_tokens":272001,"completion_tokens":1000,"total_tokens":273001}"#],
                Some(1_103_004),
            ),
            // What the cache had counts for the step: 20,000 × 4 + 280,000 × 0.20 + 2,000 × 15 = 80,000 + 56,000 + 30,000
            (
                "gpt-6.2-sol",
                &[
                    r#"{"prompt_tokens":300000,"completion_tokens":2000,"prompt_tokens_details":{"cached_tokens":280000}}"#,
                ],
                Some(166_000),
            ),
            // So does what was written: 1 × 8 + 299,999 × 10 + 10 × 30 at gpt-5.6-sol's second price
            (
                "gpt-5.6-sol",
                &[
                    r#"{"prompt_tokens":300000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":299999}}"#,
                ],
                Some(3_000_298),
            ),
        ],
    );
}

#[test]
fn responses() {
    check(
        Dialect::OpenAi,
        &[
            // The API reference's example: 36 × 2 + 87 × 8 = 72 + 696
            (
                "gpt-4.1",
                &[
                    r#"{"input_tokens":36,"input_tokens_details":{"cached_tokens":0},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":123}"#,
                ],
                Some(768),
            ),
            // The reference's example with reasoning, which is within the output: 81 × 2 + 1,035 × 8 = 162 + 8,280
            (
                "o3",
                &[
                    r#"{"input_tokens":81,"input_tokens_details":{"cached_tokens":0},"output_tokens":1035,"output_tokens_details":{"reasoning_tokens":832},"total_tokens":1116}"#,
                ],
                Some(8_442),
            ),
            // (24,000 − 23,040) × 5 + 23,040 × 0.50 + 800 × 30 = 4,800 + 11,520 + 24,000
            (
                "gpt-5.5",
                &[
                    r#"{"input_tokens":24000,"input_tokens_details":{"cached_tokens":23040},"output_tokens":800,"output_tokens_details":{"reasoning_tokens":512},"total_tokens":24800}"#,
                ],
                Some(40_320),
            ),
            // A model whose cache has no price: 2,000 × 30 + 100 × 180 = 60,000 + 18,000
            (
                "gpt-5.5-pro",
                &[
                    r#"{"input_tokens":2000,"input_tokens_details":{"cached_tokens":1000},"output_tokens":100,"total_tokens":2100}"#,
                ],
                Some(78_000),
            ),
            // (1,500 − 1,024 − 256) × 0.10 + 1,024 × 0.01 + 256 × 0.125 + 40 × 0.50 = 22 + 10.24 + 32 + 20 = 84.24
            (
                "gpt-6-luna",
                &[
                    r#"{"input_tokens":1500,"input_tokens_details":{"cached_tokens":1024,"cache_write_tokens":256},"output_tokens":40,"total_tokens":1540}"#,
                ],
                Some(84),
            ),
            // (100,000 − 98,304) × 1.75 + 98,304 × 0.175 + 3,000 × 14 = 2,968 + 17,203.2 + 42,000 = 62,171.2
            (
                "gpt-5.3-codex",
                &[
                    r#"{"input_tokens":100000,"input_tokens_details":{"cached_tokens":98304},"output_tokens":3000,"output_tokens_details":{"reasoning_tokens":2048},"total_tokens":103000}"#,
                ],
                Some(62_171),
            ),
            // An alias of the price list's own: 100 × 5 + 100 × 30 = 500 + 3,000
            (
                "gpt-chat-latest",
                &[r#"{"input_tokens":100,"output_tokens":100,"total_tokens":200}"#],
                Some(3_500),
            ),
            // A stream tells nothing before its end: 328 × 2 + 52 × 8 = 656 + 416
            (
                "gpt-4.1-2025-04-14",
                &[
                    "null",
                    r#"{"input_tokens":328,"input_tokens_details":{"cached_tokens":0},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":380}"#,
                ],
                Some(1_072),
            ),
        ],
    );
}

#[test]
fn embeddings_have_no_output() {
    check(
        Dialect::OpenAi,
        &[
            // The API reference's example: 8 × 0.10 = 0.8
            ("text-embedding-ada-002", &[r#"{"prompt_tokens":8,"total_tokens":8}"#], Some(1)),
            // 8 × 0.02 = 0.16
            ("text-embedding-3-small", &[r#"{"prompt_tokens":8,"total_tokens":8}"#], Some(0)),
            // The longest that it takes: 8,191 × 0.13 = 1,064.83
            ("text-embedding-3-large", &[r#"{"prompt_tokens":8191,"total_tokens":8191}"#], Some(1_065)),
        ],
    );
}

#[test]
fn what_is_missing_or_odd() {
    check(
        Dialect::OpenAi,
        &[
            // Numbers as strings: 1,000 × 2 + 200 × 8 = 2,000 + 1,600
            (
                "gpt-4.1",
                &[r#"{"prompt_tokens":"1000","completion_tokens":"200","total_tokens":"1200"}"#],
                Some(3_600),
            ),
            // Numbers with a point: 100 × 2 + 20 × 8 = 200 + 160
            ("gpt-4.1", &[r#"{"prompt_tokens":100.0,"completion_tokens":20.0}"#], Some(360)),
            // No word of the prompt: 250 × 0.40
            ("gpt-4.1-nano", &[r#"{"completion_tokens":250}"#], Some(100)),
            // No word of the completion: 250 × 0.40
            ("gpt-4.1-mini", &[r#"{"prompt_tokens":250,"completion_tokens":null}"#], Some(100)),
            // More from the cache than there was: 100 × 1.25, never less than nothing at full price
            (
                "gpt-4o",
                &[
                    r#"{"prompt_tokens":100,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":5000}}"#,
                ],
                Some(125),
            ),
            // Known to be nothing
            ("gpt-4o", &[r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#], Some(0)),
            // Nobody said, which is not nothing
            ("gpt-4o", &["{}"], None),
            ("gpt-4o", &["null"], None),
            ("gpt-4o", &[], None),
            ("gpt-4o", &[r#"{"prompt_tokens":-5,"completion_tokens":"many"}"#], None),
            // A model that nobody knows
            ("gpt-99-nebula", &[r#"{"prompt_tokens":1000,"completion_tokens":100}"#], None),
            ("", &[r#"{"prompt_tokens":1000,"completion_tokens":100}"#], None),
        ],
    );
}
