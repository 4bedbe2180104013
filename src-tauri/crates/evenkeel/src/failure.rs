//! Everything that can go wrong for a person at the command line or a caller of the admin API.
//!
//! The list of codes is closed and public: scripts compare them, `docs/errors.md` explains each one,
//! and a test keeps the two together. A message says what happened in the reader's own terms, a hint
//! names the next step; neither carries a secret or the text of an inner error that nobody outside
//! this program can act on (that one goes to the log).

use http::StatusCode;

use crate::admin::types::ApiError;

/// One code of the closed list. `as_str` is what goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Another router already works on this data folder.
    AlreadyRunning,
    /// A file is no export of the cache, or no whole one.
    BadExport,
    /// A change that a frozen error budget asks a reason for.
    BudgetFrozen,
    /// The environment keeps the bypass on.
    BypassEnvironment,
    /// The cache is off, or can't be read or written now.
    CacheClosed,
    /// The program that `run` was asked for can't be started.
    CommandFailed,
    /// `evenkeel.toml` was changed since its caller read it.
    ConfigChanged,
    /// `evenkeel.toml` has mistakes.
    ConfigInvalid,
    /// `evenkeel.toml` can't be read.
    ConfigUnreadable,
    /// `evenkeel.toml` can't be written.
    ConfigUnwritable,
    /// A file of that name is there already.
    FileExists,
    /// A file that was named can't be read or written.
    FileUnusable,
    /// A folder is missing, locked or not ours to write.
    FolderUnusable,
    /// A state-changing call came from another site.
    ForbiddenOrigin,
    /// Our own fault.
    InternalError,
    /// The caller's words make no sense.
    InvalidRequest,
    /// A kept key would not be used: the configuration names another source.
    KeyElsewhere,
    /// No key of this provider is kept.
    KeyMissing,
    /// Only a hash of this tenant's key is kept.
    KeyUnknown,
    /// This machine has no keychain, or it can't be reached from here.
    KeychainAbsent,
    /// The keychain failed in a way of its own.
    KeychainFailed,
    /// The keychain is locked, and nobody unlocked it.
    KeychainLocked,
    /// The keychain did not answer in time.
    KeychainSlow,
    /// The method is not one of this endpoint's.
    MethodNotAllowed,
    /// No provider is configured.
    NoProvider,
    /// No router answers.
    NotRunning,
    /// The alert has no open incident.
    NothingOpen,
    /// No notification service took a notice.
    NoticeFailed,
    /// The address is taken.
    PortInUse,
    /// The practice providers are not in use.
    PracticeOff,
    /// A setting can't be what it was asked to be.
    SettingInvalid,
    /// The data folder's database failed.
    StoreFailed,
    /// A tenant of that name is there already.
    TenantExists,
    /// The tenant `local` can't be removed.
    TenantReserved,
    /// Another process changes the tools' files just now, or the file changed meanwhile.
    ToolBusy,
    /// A tool's settings are not in their own format, or written in a way that can't be changed safely.
    ToolFileInvalid,
    /// A tool's settings can't be read or written.
    ToolFileUnusable,
    /// The tool is not installed.
    ToolMissing,
    /// The tool can't reach this machine.
    ToolUnsupported,
    /// Neither the token nor a session.
    Unauthorized,
    /// No such alert.
    UnknownAlert,
    /// No such endpoint.
    UnknownEndpoint,
    /// No such fault.
    UnknownFault,
    /// No such provider.
    UnknownProvider,
    /// No such request in the ledger.
    UnknownRequest,
    /// No such tenant.
    UnknownTenant,
    /// No tool of that name can be connected.
    UnknownTool,
    /// The command line was mistyped.
    Usage,
    /// The file was sealed with another passphrase.
    WrongPassphrase,
}

impl Code {
    /// Every code, for the documentation's test.
    pub const ALL: [Self; 49] = [
        Self::AlreadyRunning,
        Self::BadExport,
        Self::BudgetFrozen,
        Self::BypassEnvironment,
        Self::CacheClosed,
        Self::CommandFailed,
        Self::ConfigChanged,
        Self::ConfigInvalid,
        Self::ConfigUnreadable,
        Self::ConfigUnwritable,
        Self::FileExists,
        Self::FileUnusable,
        Self::FolderUnusable,
        Self::ForbiddenOrigin,
        Self::InternalError,
        Self::InvalidRequest,
        Self::KeyElsewhere,
        Self::KeyMissing,
        Self::KeyUnknown,
        Self::KeychainAbsent,
        Self::KeychainFailed,
        Self::KeychainLocked,
        Self::KeychainSlow,
        Self::MethodNotAllowed,
        Self::NoProvider,
        Self::NotRunning,
        Self::NothingOpen,
        Self::NoticeFailed,
        Self::PortInUse,
        Self::PracticeOff,
        Self::SettingInvalid,
        Self::StoreFailed,
        Self::TenantExists,
        Self::TenantReserved,
        Self::ToolBusy,
        Self::ToolFileInvalid,
        Self::ToolFileUnusable,
        Self::ToolMissing,
        Self::ToolUnsupported,
        Self::Unauthorized,
        Self::UnknownAlert,
        Self::UnknownEndpoint,
        Self::UnknownFault,
        Self::UnknownProvider,
        Self::UnknownRequest,
        Self::UnknownTenant,
        Self::UnknownTool,
        Self::Usage,
        Self::WrongPassphrase,
    ];

    /// The code as callers see and compare it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyRunning => "already_running",
            Self::BadExport => "bad_export",
            Self::BudgetFrozen => "budget_frozen",
            Self::BypassEnvironment => "bypass_environment",
            Self::CacheClosed => "cache_closed",
            Self::CommandFailed => "command_failed",
            Self::ConfigChanged => "config_changed",
            Self::ConfigInvalid => "config_invalid",
            Self::ConfigUnreadable => "config_unreadable",
            Self::ConfigUnwritable => "config_unwritable",
            Self::FileExists => "file_exists",
            Self::FileUnusable => "file_unusable",
            Self::FolderUnusable => "folder_unusable",
            Self::ForbiddenOrigin => "forbidden_origin",
            Self::InternalError => "internal_error",
            Self::InvalidRequest => "invalid_request",
            Self::KeyElsewhere => "key_elsewhere",
            Self::KeyMissing => "key_missing",
            Self::KeyUnknown => "key_unknown",
            Self::KeychainAbsent => "keychain_absent",
            Self::KeychainFailed => "keychain_failed",
            Self::KeychainLocked => "keychain_locked",
            Self::KeychainSlow => "keychain_slow",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NoProvider => "no_provider",
            Self::NotRunning => "not_running",
            Self::NothingOpen => "nothing_open",
            Self::NoticeFailed => "notice_failed",
            Self::PortInUse => "port_in_use",
            Self::PracticeOff => "practice_off",
            Self::SettingInvalid => "setting_invalid",
            Self::StoreFailed => "store_failed",
            Self::TenantExists => "tenant_exists",
            Self::TenantReserved => "tenant_reserved",
            Self::ToolBusy => "tool_busy",
            Self::ToolFileInvalid => "tool_file_invalid",
            Self::ToolFileUnusable => "tool_file_unusable",
            Self::ToolMissing => "tool_missing",
            Self::ToolUnsupported => "tool_unsupported",
            Self::Unauthorized => "unauthorized",
            Self::UnknownAlert => "unknown_alert",
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::UnknownFault => "unknown_fault",
            Self::UnknownProvider => "unknown_provider",
            Self::UnknownRequest => "unknown_request",
            Self::UnknownTenant => "unknown_tenant",
            Self::UnknownTool => "unknown_tool",
            Self::Usage => "usage",
            Self::WrongPassphrase => "wrong_passphrase",
        }
    }

    /// The status that the admin API answers with.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadExport
            | Self::FileUnusable
            | Self::InvalidRequest
            | Self::UnknownFault
            | Self::Usage
            | Self::WrongPassphrase => StatusCode::BAD_REQUEST,
            Self::SettingInvalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::ForbiddenOrigin => StatusCode::FORBIDDEN,
            Self::KeyMissing
            | Self::UnknownAlert
            | Self::UnknownEndpoint
            | Self::UnknownProvider
            | Self::UnknownRequest
            | Self::UnknownTenant
            | Self::UnknownTool
            | Self::ToolMissing
            | Self::NoProvider => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyRunning
            | Self::BudgetFrozen
            | Self::BypassEnvironment
            | Self::CacheClosed
            | Self::ConfigChanged
            | Self::ConfigInvalid
            | Self::FileExists
            | Self::KeyElsewhere
            | Self::KeyUnknown
            | Self::KeychainLocked
            | Self::NothingOpen
            | Self::PortInUse
            | Self::PracticeOff
            | Self::TenantExists
            | Self::TenantReserved
            | Self::ToolBusy
            | Self::ToolFileInvalid
            | Self::ToolUnsupported => StatusCode::CONFLICT,
            Self::NotRunning | Self::KeychainAbsent | Self::KeychainSlow | Self::NoticeFailed => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::CommandFailed
            | Self::ConfigUnreadable
            | Self::ConfigUnwritable
            | Self::FolderUnusable
            | Self::InternalError
            | Self::KeychainFailed
            | Self::StoreFailed
            | Self::ToolFileUnusable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What went wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Which entry of the closed list.
    pub code: Code,
    /// What happened, one line.
    pub message: String,
    /// The next step, one line; `None` where the message names it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure whose message says everything.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Our own fault: the inner error goes to the log, the caller learns where to look.
    pub fn internal(what: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "failed to {what}");
        Self::new(Code::InternalError, format!("Evenkeel failed to {what}."))
            .hint("The log says why: logs/evenkeel.log in the data folder.")
    }

    /// The shape that goes over the wire and to standard error with `--json`.
    pub fn body(&self) -> ApiError {
        ApiError {
            code: self.code.as_str().to_owned(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }
}

impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        (self.code.status(), axum::Json(self.body())).into_response()
    }
}

#[cfg(test)]
mod tests;
