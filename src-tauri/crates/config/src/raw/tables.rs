//! The tables of the file. This is the one list of all keys: reading, the suggestions for unknown keys
//! and the JSON Schema all come from it. What a key's value means is for the second stage.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use toml::de::DeValue;

use super::{Amount, At, Count, Dialects, Flag, Named, Pattern, Read, Size, Text, Time, unknown, wrong_type};
use crate::report::{Place, Report};
use crate::{
    CacheBackend, CacheServe, LatencyBasis, OnExceed, OnUnpriced, PromptCaching, Sensitivity, Strategy, Watch,
};

/// The default of a list that is empty unless set.
const NONE: [&str; 0] = [];

/// Defines the tables: for each its header, and for each key the text that the schema shows, its type, and
/// the default that the schema shows.
macro_rules! tables {
    ($(
        $(#[doc = $about:literal])+
        $name:ident at $header:literal $(as $fix:literal)? {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty $(= $default:expr)?, )+
        }
    )+) => {
        const TABLES: &[(&str, &[&str])] = &[$(($header, &[$(stringify!($key)),+])),+];

        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Default)]
            pub(crate) struct $name {
                $( $(#[doc = $doc])+ pub(crate) $key: Option<At<$type>>, )+
            }

            impl Read for $name {
                fn expected() -> String {
                    "a table".to_owned()
                }

                fn fix() -> String {
                    let own: Option<&str> = None$(.or(Some($fix)))?;
                    own.unwrap_or(concat!("Write its keys under a header such as ", $header, ".")).to_owned()
                }

                fn list() -> (String, String) {
                    ("a list of tables".to_owned(), concat!("Write ", $header, " with double square brackets.").to_owned())
                }

                fn read(value: &DeValue<'_>, place: &Place, report: &mut Report<'_>) -> Option<Self> {
                    let DeValue::Table(table) = value else {
                        wrong_type(value, place, &Self::expected(), Self::fix(), report);
                        return None;
                    };
                    let mut this = Self::default();
                    for (key, item) in table {
                        let name = key.get_ref().as_ref();
                        let place = place.key(name, item.span().start);
                        match name {
                            $(stringify!($key) => {
                                let value = <$type>::read(item.get_ref(), &place, report);
                                this.$key = value.map(|value| At { value, place });
                            })+
                            _ => {
                                let known = &[$(stringify!($key)),+];
                                unknown::report(name, &place.at(key.span().start), known, TABLES, report);
                            }
                        }
                    }
                    Some(this)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    let mut keys = Map::new();
                    $({
                        let schema = generator.subschema_for::<$type>();
                        let default: Option<Value> = None$(.or(Some(json!($default))))?;
                        keys.insert(stringify!($key).to_owned(), described(schema, &[$($doc),+], default));
                    })+
                    json_schema!({
                        "type": "object",
                        "description": sentence(&[$($about),+]),
                        "properties": keys,
                        "additionalProperties": false
                    })
                }
            }
        )+
    };
}

fn described(schema: Schema, doc: &[&str], default: Option<Value>) -> Value {
    let mut schema = schema;
    schema.insert("description".to_owned(), sentence(doc).into());
    if let Some(default) = default {
        schema.insert("default".to_owned(), default);
    }
    schema.to_value()
}

fn sentence(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

tables! {
    /// The settings of Evenkeel. Everything has a default; an empty file is valid.
    File at "the top of the file" {
        /// Send every request to the primary untouched: no failover, cache or guardrail. The environment
        /// variable `BYPASS_ROUTER=true` wins over this.
        bypass: Flag = false,
        /// Where Evenkeel listens and whom it lets in.
        server: Server,
        /// The providers, each under a name of its own.
        providers: Named<Provider>,
        /// Which requests go where. The first route that matches is taken.
        routes: Vec<At<Route>>,
        /// Limits for every request.
        guardrails: Guardrails,
        /// The travel-mode cache.
        cache: Cache,
        /// The promises to measure.
        slo: Vec<At<Slo>>,
        /// Those who use Evenkeel with a local key of their own.
        tenants: Named<Tenant>,
        /// When and how the three alerts are raised.
        alerts: Alerts,
        /// Prices by model, in US dollars per million tokens, over the shipped table.
        prices: Named<Price>,
        /// Where the ledger is sent besides.
        export: Export,
    }

    /// Where Evenkeel listens and whom it lets in.
    Server at "[server]" {
        /// Address and port. Beyond loopback, `require_key` must be true.
        listen: Text = "127.0.0.1:9950",
        /// Whether a request must carry a local key. If false, any key or none is taken for tenant `local`.
        require_key: Flag = true,
        /// Largest request body.
        max_body: Size = "32MiB",
        /// Host names besides loopback that the Host header may carry.
        allow_hosts: Vec<At<Text>> = NONE,
        /// Browser origins that get CORS answers, such as `https://app.example`.
        allow_origins: Vec<At<Text>> = NONE,
    }

    /// One provider. For well-known names, dialect, address and models are filled in.
    Provider at "[providers.NAME]" {
        /// The wire format it speaks, or a list where it speaks both.
        dialect: Dialects,
        /// Its address, as its own SDK takes it.
        base_url: Text,
        /// Where its key comes from: "keychain", "env:NAME" or "none". The key itself never stands here.
        key: Text = "keychain",
        /// Patterns over the models it serves under their own names.
        models: Vec<At<Pattern>>,
        /// The model to ask for when it doesn't serve the one that the client named.
        default_model: Text = "",
        /// "always": watch for the first token of every request; "streams": only of those that stream.
        watch: Watch = "always",
        /// Whether it serves `/v1/responses` itself.
        responses: Flag = false,
        /// The model for the guardrail step `cheaper`.
        cheaper_model: Text = "",
        /// Headers sent with every request to it. No credentials.
        headers: Named<Text>,
        /// The proxy to reach it through, in place of the system's setting.
        proxy: Text = "",
        /// Marks for Anthropic's prompt cache, and how long they last.
        prompt_caching: PromptCaching = "5m",
    }

    /// One route: which requests it takes, where they go, and how long each step may take.
    Route at "[[routes]]" {
        /// Its name in the ledger.
        name: Text = "default",
        /// Patterns over the model that the client names.
        models: Vec<At<Pattern>> = ["*"],
        /// Patterns over the feature of the request.
        features: Vec<At<Pattern>> = ["*"],
        /// "ordered": the secondary only on failure; "weighted": drawn by weight.
        strategy: Strategy = "ordered",
        /// Asked first. Left out: the first provider of the file.
        primary: Target,
        /// Takes over. Left out: the next provider of the file.
        secondary: Target,
        /// Further tries on one provider before the other is asked, at most 3.
        retries: Count = 1,
        /// To connect.
        connect_timeout: Time = "2s",
        /// To the first token, while the other provider can still take over.
        first_token_timeout: Time = "2s",
        /// To the first token from the last provider left.
        last_first_token_timeout: Time = "60s",
        /// To the first token of models and requests that are known to start late.
        slow_first_token_timeout: Time = "60s",
        /// Between two chunks.
        idle_timeout: Time = "30s",
        /// From the arrival of the request to its last byte.
        total_timeout: Time = "10m",
        /// Send to one target only: "primary", "secondary" or the name of a provider.
        pin: Text = "",
        /// Limits of this route, over the general ones.
        guardrails: Guardrails,
    }

    /// One of the two providers of a route.
    Target at "[routes.primary]" as "Write it as { provider = \"NAME\" }." {
        /// The name of a provider of this file.
        provider: Text,
        /// Its share of first tries under strategy "weighted".
        weight: Count,
        /// The model to ask for, whatever the client named.
        model: Text = "",
    }

    /// Limits on a request and on spending. 0 means no limit.
    Guardrails at "[guardrails]" {
        /// The most one request may cost, in US dollars.
        max_cost_per_request: Amount = 0,
        /// The most input tokens of one request.
        max_input_tokens: Count = 0,
        /// The most output tokens of one request.
        max_output_tokens: Count = 0,
        /// The most to spend in a day, in US dollars.
        max_cost_per_day: Amount = 0,
        /// The most to spend in a calendar month, in US dollars.
        max_cost_per_month: Amount = 0,
        /// What to do, under a money limit, with a model whose price is unknown.
        on_unpriced: OnUnpriced = "allow",
        /// What to try, in order, when a request is over a limit.
        on_exceed: Vec<At<OnExceed>> = ["truncate", "cheaper", "cached", "reject"],
    }

    /// The travel-mode cache.
    Cache at "[cache]" {
        /// Where answers are kept.
        backend: CacheBackend = "sqlite",
        /// Where Redis is, without a password; or "env:NAME", or "keychain".
        redis_url: Text = "",
        /// When a kept answer is given.
        serve: CacheServe = "on_failure",
        /// How long an answer counts as fresh.
        fresh_for: Time = "1h",
        /// How long an answer is kept at all.
        keep_for: Time = "30d",
        /// The most space all answers take.
        max_size: Size = "512MiB",
    }

    /// One promise to measure.
    Slo at "[[slo]]" {
        /// Its name.
        name: Text = "Everything",
        /// Only this tenant; empty: all.
        tenant: Text = "",
        /// Only this feature; empty: all.
        feature: Text = "",
        /// Share of requests that succeed, in percent, from 50 to 100.
        success: Amount = 99.5,
        /// The latency that 95 % of requests stay within.
        p95: Time = "2.5s",
        /// What the latency is measured to.
        latency: LatencyBasis = "first_byte",
        /// Average cost of a request, in US dollars.
        cost: Amount = 0.015,
        /// The time looked back over.
        window: Time = "30d",
    }

    /// One who uses Evenkeel with a local key. `evenkeel tenant add` writes this; the key is never here.
    Tenant at "[tenants.NAME]" {
        /// The tenant's features; the first one tags its requests unless they name another.
        features: Vec<At<Text>> = NONE,
        /// Limits for this tenant, over the general ones.
        guardrails: Guardrails,
    }

    /// When and how the three alerts are raised.
    Alerts at "[alerts]" {
        /// How much proof an alert needs.
        sensitivity: Sensitivity = "standard",
        /// Time between two evaluations.
        evaluate_every: Time = "15s",
        /// How long success must stay below target.
        success_hold: Time = "5m",
        /// How long p95 must stay over target.
        p95_hold: Time = "15m",
        /// How long the average cost must stay over budget.
        cost_hold: Time = "15m",
        /// How long all must be well before an alert is resolved.
        resolve_hold: Time = "5m",
        /// A breach within this time after that is the same incident.
        reopen_within: Time = "15m",
        /// How far back to reach for enough requests to judge by.
        lookback: Time = "2h",
        /// Silent notes on provider switches.
        notices: Flag = true,
        /// Time until an alert that nobody acknowledged is told again.
        repeat_every: Time = "4h",
        /// A daily span such as "22:00-07:00" in which only success alerts are told.
        quiet_hours: Text = "",
        /// Where alerts are posted to besides. Its secret is in the keychain.
        webhook: Text = "",
    }

    /// The price of a model, in US dollars per million tokens.
    Price at "[prices.MODEL]" {
        /// Input tokens.
        input: Amount,
        /// Output tokens.
        output: Amount,
        /// Input tokens read from the provider's cache.
        cached_input: Amount,
        /// Tokens written to the provider's cache for five minutes.
        cache_write_5m: Amount,
        /// Tokens written to the provider's cache for an hour.
        cache_write_1h: Amount,
    }

    /// Where the ledger is sent besides; nowhere by default.
    Export at "[export]" {
        /// To Langfuse.
        langfuse: Langfuse,
        /// To Helicone.
        helicone: Helicone,
        /// To an OpenTelemetry collector.
        otlp: Otlp,
    }

    /// Export to Langfuse. The secret key is in the keychain.
    Langfuse at "[export.langfuse]" {
        /// Where Langfuse is.
        host: Text = "https://cloud.langfuse.com",
        /// The public key of the project.
        public_key: Text,
        /// Whether prompts and answers leave this machine too.
        content: Flag = false,
    }

    /// Export to Helicone. The key is in the keychain.
    Helicone at "[export.helicone]" {
        /// Whether prompts and answers leave this machine too.
        content: Flag = false,
    }

    /// Export to an OpenTelemetry collector.
    Otlp at "[export.otlp]" {
        /// Where the collector is; empty: no export.
        endpoint: Text = "",
    }
}
