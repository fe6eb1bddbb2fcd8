;;; lsp-mode, set up by the snippet.  -*- lexical-binding: t -*-
(require 'lsp-mode)
(require 'lsp-diagnostics)
(setq lsp-auto-guess-root t
      lsp-enable-suggest-server-download nil
      lsp-session-file (expand-file-name "session" (file-name-directory probe-results)))
(advice-add 'completing-read :override #'probe-answer)
(load probe-snippet)
(find-file probe-file)
(lsp)                                   ; batch mode never idles, and `lsp-deferred' waits for that
(probe-until "the server" #'lsp-workspaces)
(probe-until "its answer"
             (lambda () (seq-every-p (lambda (each) (eq 'initialized (lsp--workspace-status each)))
                                     (lsp-workspaces))))
(probe-save)

(defun probe-ours ()
  "The diagnostics of this file that have a rule."
  (seq-filter (lambda (each) (lsp:diagnostic-code? each))
              (apply #'append (hash-table-values (lsp-diagnostics)))))

(let* ((found (probe-until "a diagnostic" #'probe-ours))
       (range (lsp-get (car found) :range))
       (place (lambda (position) (lsp--position-to-point (lsp-get range position))))
       (actions (probe-until
                 "a fix"
                 (lambda ()
                   (goto-char (funcall place :start))
                   ;; The action that ignores the problem is there from the first.
                   (seq-filter
                    (lambda (each) (equal (lsp-get each :kind) "quickfix"))
                    (lsp-request "textDocument/codeAction"
                                 (list :textDocument (lsp--text-document-identifier)
                                       :range range
                                       :context (list :diagnostics (vconcat found)
                                                      :only ["quickfix"]))))))))
  (probe-write
   (mapcar (lambda (each)
             (list (buffer-substring-no-properties (funcall place :start) (funcall place :end))
                   (lsp-get each :message)))
           found)
   (mapcar (lambda (each) (lsp-get each :title)) actions)))
(kill-emacs 0)
