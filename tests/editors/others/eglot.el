;;; eglot, set up by the snippet.  -*- lexical-binding: t -*-
(require 'eglot)
(setq eglot-sync-connect 30)
(advice-add 'completing-read :override #'probe-answer)
(load probe-snippet)
(find-file probe-file)
(run-hooks 'post-command-hook)          ; batch mode runs no command, and `eglot-ensure' waits for one
(probe-until "the server" #'eglot-current-server)
(unless eglot--managed-mode (eglot--maybe-activate-editing-mode))
(probe-save)

(defun probe-ours ()
  "The shown diagnostics that have a rule."
  (seq-filter (lambda (each) (string-match-p "\\[" (flymake-diagnostic-text each)))
              (flymake-diagnostics)))

(let* ((found (probe-until "a diagnostic"
                           (lambda () (flymake-start) (probe-ours))))
       (begin (flymake-diagnostic-beg (car found)))
       (end (flymake-diagnostic-end (car found)))
       ;; The action that ignores the problem is there from the first, the fix after its proof.
       (actions (probe-until "a fix" (lambda ()
                                       (seq-filter (lambda (each)
                                                     (equal (plist-get each :kind) "quickfix"))
                                                   (eglot-code-actions begin end "quickfix"))))))
  (probe-write
   (mapcar (lambda (each)
             (list (buffer-substring-no-properties (flymake-diagnostic-beg each) (flymake-diagnostic-end each))
                   (flymake-diagnostic-text each)))
           found)
   (mapcar (lambda (each) (plist-get each :title)) actions)))
(eglot-shutdown (eglot-current-server))
