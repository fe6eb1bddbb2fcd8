// A stand-in for the Python extension: its API, and a selection that the suite changes.
const vscode = require("vscode");

const selected = new Map();
const changed = new vscode.EventEmitter();

const key = (resource) =>
  resource && vscode.workspace.getWorkspaceFolder(resource.uri ?? resource)?.name;

exports.activate = () => ({
  ready: Promise.resolve(),
  environments: {
    onDidChangeActiveEnvironmentPath: changed.event,
    getActiveEnvironmentPath: (resource) => {
      const path = selected.get(key(resource)) ?? process.env.EXPORT_LSP_PYTHON;
      return { id: path, path };
    },
    updateActiveEnvironmentPath: async (path, resource) => {
      selected.set(key(resource), path);
      changed.fire({ id: path, path, resource });
    },
    resolveEnvironment: async ({ id, path }) => ({
      id,
      path,
      executable: { uri: vscode.Uri.file(path) },
    }),
  },
});
