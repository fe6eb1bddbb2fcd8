;;; Shared by both clients: open, save, wait, write the diagnostics shown.  -*- lexical-binding: t -*-
;; usage: emacs --batch -q -l emacs.el -l CLIENT.el, with PROBE_SNIPPET, PROBE_FILE and PROBE_RESULTS
(require 'package)
(package-initialize)                    ; Debian's elpa-* packages
(require 'json)

(defvar probe-snippet (getenv "PROBE_SNIPPET"))
(defvar probe-file (getenv "PROBE_FILE"))
(defvar probe-results (getenv "PROBE_RESULTS"))
(setq make-backup-files nil
      create-lockfiles nil)

(defun probe-until (what find)
  "Wait until FIND returns non-nil; WHAT names it in the error."
  (let ((end (+ (float-time) 60)) found)
    (while (not (setq found (funcall find)))
      (when (> (float-time) end) (error "Timed out waiting for %s" what))
      (accept-process-output nil 0.05))
    found))

(defun probe-answer (prompt choices &rest _)
  "Trust the folder when asked in PROMPT; anything else with CHOICES is unexpected."
  (unless (string-match-p "export-lsp" prompt) (error "Unexpected: %s" prompt))
  (seq-find (lambda (choice) (string-prefix-p "Trust" (if (consp choice) (car choice) choice)))
            choices))

(defun probe-write (diagnostics actions)
  "Write DIAGNOSTICS, a list of (BEGIN END TEXT), and the titles of ACTIONS."
  (with-temp-file probe-results
    (insert
     (json-encode
      `((diagnostics . ,(vconcat diagnostics))
        (actions . ,(vconcat actions)))))))

(defun probe-save ()
  "Change the file and save it."
  (goto-char (point-max))
  (insert "# touched\n")
  (save-buffer))
