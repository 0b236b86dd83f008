package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletion: a word is completed by what may stand there.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"mem":                                "member",
		"comp":                               "completion", // what the scripts ask is not for people
		"member un":                          "unassign",
		"member unassign --all --exc":        "--exclude",
		"member unassign --project 1 --d":    "--data --db --dry-run",
		"serve --log-level w":                "warn",
		"serve --log-level warn --members-l": "--members-link",
		"serve --demo --log-l":               "--log-level",
		"completion f":                       "fish",
		"import peop":                        "", // the shell offers files
		"serve --data elsew":                 "",
	} {
		out := environment{}.ok(t, append([]string{"complete", "--"}, strings.Fields(line)...)...)
		var words []string
		for found := range strings.Lines(out) {
			word, _, _ := strings.Cut(found, "\t")
			words = append(words, strings.TrimSpace(word))
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if all := (environment{}).ok(t, "complete", "--"); !strings.Contains(all, "serve\t") {
		t.Errorf("with nothing yet: %q", all)
	}
}

// TestCompletionInBash: the script that bash is given completes in it.
func TestCompletionInBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "roster"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	script := environment{}.ok(t, "completion", "bash") + `
COMP_WORDS=(roster serve --log-level ""); COMP_CWORD=3; _roster; echo "${COMPREPLY[@]}"
COMP_WORDS=(roster member un); COMP_CWORD=2; _roster; echo "${COMPREPLY[@]}"`
	run := exec.CommandContext(t.Context(), bash, "-c", script)
	run.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
	out, err := run.CombinedOutput()
	if err != nil || string(out) != "debug info warn error\nunassign\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// TestManual: the manual page has every command, and nothing of the day it was made on.
func TestManual(t *testing.T) {
	page := environment{}.ok(t, "man")
	if !strings.HasPrefix(page, `.TH ROSTER 1 "" "roster `+version) {
		t.Errorf("its head is %q", strings.SplitN(page, "\n", 2)[0])
	}
	for _, want := range []string{"unassign", "log-level", "Exit codes", "ROSTER_MAIL_FILE"} {
		if !strings.Contains(page, want) {
			t.Errorf("nothing of %s", want)
		}
	}
}
