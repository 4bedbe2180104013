//! Providers' keys: where each comes from, and how a new one goes in. Never a key on its way out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::keys::form::Carried;

/// The whole of `key list --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "KeyList.ts")]
pub struct KeyList {
    /// The configured providers, in the file's order.
    pub keys: Vec<KeyRow>,
}

/// One provider's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "KeyRow.ts")]
pub struct KeyRow {
    /// The provider.
    pub provider: String,
    /// Where the key comes from; `none` where it is missing or not needed.
    #[ts(type = "\"keychain\" | \"env\" | \"memory\" | \"none\"")]
    pub source: String,
    /// The last four characters; `null` where there is no key, or one too short to show any of it.
    pub last4: Option<String>,
    /// `ok`, `missing`, `rejected` by the provider when it was last used, or `none` where it takes no key.
    #[ts(type = "\"ok\" | \"missing\" | \"rejected\" | \"none\"")]
    pub state: String,
    /// Whether a key that is given now would be used: the configuration takes this one from the keychain.
    pub replaceable: bool,
    /// What its owner should know, with the next step.
    pub note: Option<String>,
}

impl KeyRow {
    /// Adds a sentence.
    pub fn add_note(&mut self, more: Option<String>) {
        let notes = [self.note.take(), more];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        self.note = (!notes.is_empty()).then(|| notes.join(" "));
    }
}

/// The body of `PUT /api/keys/{provider}`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "SetKey.ts")]
pub struct SetKey {
    /// The key; it is shown to nobody again.
    #[ts(type = "string")]
    pub key: Carried,
}

/// The body of `POST /api/providers/{name}/test`; may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "TestProvider.ts")]
pub struct TestProvider {
    /// A key that is not kept yet; without it the provider's own is tested.
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    pub key: Option<Carried>,
}

/// What a provider made of a request of one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ProviderTest.ts")]
pub struct ProviderTest {
    /// Its name.
    pub name: String,
    /// Whether it answered.
    pub ok: bool,
    /// Milliseconds the answer took; `null` where none came.
    pub ms: Option<u64>,
    /// Why not, with the next step.
    pub error: Option<String>,
    /// `reached`, `key_accepted`, `answered`, always all three in this order.
    pub steps: Vec<ProviderTestStep>,
}

/// One step of the way to an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ProviderTestStep.ts")]
pub struct ProviderTestStep {
    /// Which one.
    #[ts(type = "\"reached\" | \"key_accepted\" | \"answered\"")]
    pub step: String,
    /// `null` where the test did not get that far, or the answer doesn't tell.
    pub ok: Option<bool>,
    /// What is worth knowing about it.
    pub detail: Option<String>,
}

impl ProviderTest {
    /// What the provider made of the key, if the test tells.
    pub fn accepted_key(&self) -> Option<bool> {
        self.steps.iter().find(|step| step.step == "key_accepted")?.ok
    }
}
