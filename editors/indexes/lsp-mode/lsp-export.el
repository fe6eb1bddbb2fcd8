;;; lsp-export.el --- lsp-mode client for export-lsp -*- lexical-binding: t; -*-

;; Copyright (C) 2026 export-lsp contributors

;; Keywords: languages,tools

;; This program is free software; you can redistribute it and/or modify
;; it under the terms of the GNU General Public License as published by
;; the Free Software Foundation, either version 3 of the License, or
;; (at your option) any later version.

;; This program is distributed in the hope that it will be useful,
;; but WITHOUT ANY WARRANTY; without even the implied warranty of
;; MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
;; GNU General Public License for more details.

;; You should have received a copy of the GNU General Public License
;; along with this program.  If not, see <https://www.gnu.org/licenses/>.

;;; Commentary:

;; LSP client for export-lsp, which shows what stops torch.export from capturing a PyTorch model.

;;; Code:

(require 'lsp-mode)

(defgroup lsp-export nil
  "LSP support for PyTorch models, using export-lsp."
  :group 'lsp-mode
  :link '(url-link "https://github.com/export-lsp/export-lsp"))

(defcustom lsp-export-server-command '("export-lsp" "server")
  "Command to start export-lsp."
  :risky t
  :type '(repeat string)
  :group 'lsp-export)

(defcustom lsp-export-interpreter nil
  "The Python interpreter that has torch, found by the server if nil."
  :type '(choice (const :tag "Found by the server" nil) file)
  :group 'lsp-export)

(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection (lambda () lsp-export-server-command))
  :activation-fn (lsp-activate-on "python")
  :server-id 'export-lsp
  :add-on? t
  :priority -2
  :initialization-options
  (lambda () (if lsp-export-interpreter (list :interpreter lsp-export-interpreter)
               (make-hash-table)))))

(lsp-consistency-check lsp-export)

(provide 'lsp-export)
;;; lsp-export.el ends here
