// Command messages writes every message that a catalogue lacks into it, with an empty
// translation, and takes out what no page and no error says any more:
//
//	go generate ./internal/locale
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"

	"roster/internal/locale"
)

func main() {
	if err := update("../.."); err != nil { // go generate runs where the catalogues are
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func update(root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	f, err := collect(root)
	if err != nil {
		return err
	}
	for _, l := range locale.Languages()[1:] {
		name := filepath.Join(root, "internal/locale", l.Code+".toml")
		old, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		entries, err := locale.Read(old)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, f.catalogue(head(old), entries, l), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// head is the comment that a catalogue begins with.
func head(text []byte) string {
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") || strings.HasPrefix(line, "#:") {
			break
		}
		out.WriteString(line)
	}
	return out.String()
}

// catalogue is a whole file: the messages in the order of their sources.
func (f *found) catalogue(head string, entries map[string]locale.Entry, l *locale.Language) []byte {
	var out bytes.Buffer
	out.WriteString(head)
	last := ""
	for _, key := range f.order {
		if where := f.where[key]; where != last {
			fmt.Fprintf(&out, "\n#: %s\n", where)
			last = where
		}
		e := entries[key]
		if !f.counts(key) {
			fmt.Fprintf(&out, "%s = %s\n", quoted(key), quoted(e[plural.Other]))
			continue
		}
		var forms []string
		for _, name := range locale.FormNames {
			if slices.Contains(l.Needs(), locale.Forms[name]) {
				forms = append(forms, name+" = "+quoted(e[locale.Forms[name]]))
			}
		}
		fmt.Fprintf(&out, "%s = { %s }\n", quoted(key), strings.Join(forms, ", "))
	}
	return out.Bytes()
}

// counts reports whether a message has plural forms.
func (f *found) counts(key string) bool { return strings.Contains(key, "|") }

// quoted is a text as TOML has it, which is as JSON has it.
func quoted(text string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.Encode(text)
	return strings.TrimSpace(out.String())
}
