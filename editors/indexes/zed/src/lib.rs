//! Starts `export-lsp server` from the PATH of a worktree, with the user's settings.

use zed_extension_api::{self as zed, settings::LspSettings, LanguageServerId, Result, Worktree};

const NAME: &str = "export-lsp";

struct ExportLsp;

impl zed::Extension for ExportLsp {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let configured = LspSettings::for_worktree(NAME, worktree)?.binary;
        let path = configured.as_ref().and_then(|binary| binary.path.clone());
        let arguments = configured.and_then(|binary| binary.arguments);
        let command = path
            .or_else(|| worktree.which(NAME))
            .ok_or("export-lsp is not on the PATH: install it with `pipx install export-lsp`.")?;
        Ok(zed::Command {
            command,
            args: arguments.unwrap_or_else(|| vec!["server".into()]),
            env: worktree.shell_env(),
        })
    }

    fn language_server_initialization_options(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed::serde_json::Value>> {
        Ok(LspSettings::for_worktree(NAME, worktree)?.initialization_options)
    }

    fn language_server_workspace_configuration(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<zed::serde_json::Value>> {
        Ok(LspSettings::for_worktree(NAME, worktree)?.settings)
    }
}

zed::register_extension!(ExportLsp);
