//! Hosts that speak OpenAI's dialect with words of their own.

use super::*;

#[test]
fn deepseek_counts_its_cache_beside_the_prompt() {
    check(
        Dialect::OpenAi,
        &[
            // 16 × 0.28 + 10 × 0.42 = 4.48 + 4.2 = 8.68
            (
                "deepseek-chat",
                &[
                    r#"{"prompt_tokens":16,"completion_tokens":10,"total_tokens":26,"prompt_tokens_details":{"cached_tokens":0},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":16}"#,
                ],
                Some(9),
            ),
            // Hits without details: 16 × 0.30 + 9,984 × 0.006 + 500 × 1.20 = 4.8 + 59.904 + 600 = 664.704
            (
                "deepseek-flash",
                &[
                    r#"{"prompt_tokens":10000,"completion_tokens":500,"total_tokens":10500,"prompt_cache_hit_tokens":9984,"prompt_cache_miss_tokens":16}"#,
                ],
                Some(665),
            ),
            // Reasoning is within: 2,000 × 1.32 + 1,200 × 3.96 = 2,640 + 4,752
            (
                "deepseek-v4-pro",
                &[
                    r#"{"prompt_tokens":2000,"completion_tokens":1200,"total_tokens":3200,"completion_tokens_details":{"reasoning_tokens":900}}"#,
                ],
                Some(7_392),
            ),
            // Its other name: 100 × 0.30 + 100 × 1.20 = 30 + 120
            (
                "deepseek-v4-flash",
                &[r#"{"prompt_tokens":100,"completion_tokens":100,"total_tokens":200}"#],
                Some(150),
            ),
        ],
    );
}

#[test]
fn groq_counts_time_too() {
    check(
        Dialect::OpenAi,
        &[
            // Its API reference's example: 18 × 0.59 + 556 × 0.79 = 10.62 + 439.24 = 449.86
            (
                "llama-3.3-70b-versatile",
                &[
                    r#"{"queue_time":0.037493756,"prompt_tokens":18,"prompt_time":0.000680594,"completion_tokens":556,"completion_time":0.463333333,"total_tokens":574,"total_time":0.464013927}"#,
                ],
                Some(450),
            ),
            // (5,000 − 4,096) × 0.15 + 4,096 × 0.075 + 300 × 0.60 = 135.6 + 307.2 + 180 = 622.8
            (
                "openai/gpt-oss-120b",
                &[
                    r#"{"queue_time":0.01,"prompt_tokens":5000,"completion_tokens":300,"total_tokens":5300,"prompt_tokens_details":{"cached_tokens":4096},"completion_tokens_details":{"reasoning_tokens":120}}"#,
                ],
                Some(623),
            ),
            // 1 × 0.05 + 1 × 0.08 = 0.13
            (
                "llama-3.1-8b-instant",
                &[r#"{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#],
                Some(0),
            ),
        ],
    );
}

#[test]
fn openrouter_tells_a_price_of_its_own_which_is_not_ours() {
    check(
        Dialect::OpenAi,
        &[
            // The usage guide's example at our list: (194 − 100) × 2 + 100 × 2.50 + 2 × 10 = 188 + 250 + 20
            (
                "anthropic/claude-sonnet-5.5",
                &[
                    r#"{"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":0},"cost":0.95,"cost_details":{"upstream_inference_cost":19},"prompt_tokens":194,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":100,"audio_tokens":0},"total_tokens":196}"#,
                ],
                Some(458),
            ),
            // The host's own rates: 600 × 0.21 + 400 × 0.0042 + 100 × 0.84 = 126 + 1.68 + 84 = 211.68
            (
                "deepseek/deepseek-v4.1-flash",
                &[
                    r#"{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400}}"#,
                ],
                Some(212),
            ),
            // A model that has no vendor on the list: 1,000 × 3 + 10 × 15 = 3,000 + 150
            (
                "moonshotai/kimi-k3",
                &[r#"{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010}"#],
                Some(3_150),
            ),
            // A variant that nobody listed is unknown, not free
            (
                "z-ai/glm-5.3:free",
                &[r#"{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,"cost":0}"#],
                None,
            ),
        ],
    );
}

#[test]
fn xai_leaves_reasoning_out_of_the_completion() {
    check(
        Dialect::OpenAi,
        &[
            // 32 + 9 + 94 = 135, so they are apart: 26 × 2 + 6 × 0.50 + (9 + 94) × 6 = 52 + 3 + 618
            (
                "grok-4.7",
                &[
                    r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"audio_tokens":0,"image_tokens":0,"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94,"audio_tokens":0},"num_sources_used":0}"#,
                ],
                Some(673),
            ),
            // Every chunk of a stream counts up: 100 × 1.25 + 57 × 2.50 = 125 + 142.5 = 267.5, half up
            (
                "grok-4.3",
                &[
                    r#"{"prompt_tokens":100,"completion_tokens":1,"total_tokens":101}"#,
                    r#"{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130}"#,
                    r#"{"prompt_tokens":100,"completion_tokens":57,"total_tokens":157}"#,
                ],
                Some(268),
            ),
            // The last token before its step: 199,999 × 2 + 10 × 6
            (
                "grok-4.7",
                &[r#"{"prompt_tokens":199999,"completion_tokens":10,"total_tokens":200009}"#],
                Some(400_058),
            ),
            // Its step begins with the token itself: 200,000 × 4 + 10 × 12
            (
                "grok-4.7",
                &[r#"{"prompt_tokens":200000,"completion_tokens":10,"total_tokens":200010}"#],
                Some(800_120),
            ),
        ],
    );
}

#[test]
fn google_at_its_compatible_address() {
    check(
        Dialect::OpenAi,
        &[
            // Under its own prefix: 20 × 0.30 + 30 × 2.50 = 6 + 75
            (
                "models/gemini-2.5-flash",
                &[r#"{"completion_tokens":30,"prompt_tokens":20,"total_tokens":50}"#],
                Some(81),
            ),
            // 200,000 × 1.25 + 100 × 10
            (
                "gemini-2.5-pro",
                &[r#"{"completion_tokens":100,"prompt_tokens":200000,"total_tokens":200100}"#],
                Some(251_000),
            ),
            // 200,001 × 2.50 + 100 × 15 = 500,002.5 + 1,500 = 501,502.5, half up
            (
                "gemini-2.5-pro",
                &[r#"{"completion_tokens":100,"prompt_tokens":200001,"total_tokens":200101}"#],
                Some(501_503),
            ),
            // 8 × 0.15 = 1.2
            ("gemini-embedding-001", &[r#"{"prompt_tokens":8,"total_tokens":8}"#], Some(1)),
            // Free, which is known
            (
                "gemma-4-31b-it",
                &[r#"{"completion_tokens":100,"prompt_tokens":100,"total_tokens":200}"#],
                Some(0),
            ),
        ],
    );
}

#[test]
fn others() {
    check(
        Dialect::OpenAi,
        &[
            // An alias that moves: 1,000 × 0.15 + 1,000 × 0.60 = 150 + 600
            (
                "mistral-small-latest",
                &[r#"{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}"#],
                Some(750),
            ),
            // 15 × 0.10 = 1.5, half up
            ("mistral-embed", &[r#"{"prompt_tokens":15,"total_tokens":15,"completion_tokens":0}"#], Some(2)),
            // 100,000 × 0.07 + 1,000 × 0.30 = 7,000 + 300
            (
                "accounts/fireworks/models/gpt-oss-20b",
                &[r#"{"prompt_tokens":100000,"completion_tokens":1000,"total_tokens":101000}"#],
                Some(7_300),
            ),
            // (3,000 − 2,000) × 2 + 2,000 × 0.20 + 100 × 10 = 2,000 + 400 + 1,000
            (
                "moonshotai/Kimi-K3.1-Pro",
                &[
                    r#"{"prompt_tokens":3000,"completion_tokens":100,"total_tokens":3100,"prompt_tokens_details":{"cached_tokens":2000}}"#,
                ],
                Some(3_400),
            ),
        ],
    );
}
