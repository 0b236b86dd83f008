package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand prints what a shell needs to complete Roster's command lines. The
// script asks this program, so that it is never older than the flags.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"For which shell: bash, zsh or fish."`
}

// scripts are by shell. Where Roster knows nothing better, files are offered.
var scripts = map[string]string{
	"bash": `_roster() {
  local IFS=$'\n' line
  COMPREPLY=()
  while read -r line; do COMPREPLY+=("${line%%$'\t'*}"); done < <(roster complete -- "${COMP_WORDS[@]:1:COMP_CWORD}")
}
complete -o default -F _roster roster`,
	"zsh": `#compdef roster
_roster() {
  local line; local -a found
  roster complete -- "${(@)words[2,CURRENT]}" | while IFS= read -r line; do
    found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe roster found; else _files; fi
}
compdef _roster roster`,
	"fish": `complete -c roster -a '(roster complete -- (commandline -opc)[2..-1] (commandline -ct))'`,
}

// Run prints the script; "source <(roster completion bash)" uses it at once.
func (s *completionCommand) Run(c *console) error {
	_, err := fmt.Fprintln(c.stdout, scripts[s.Shell])
	return err
}

// completeCommand is what the scripts ask.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints how the last word may go on, and what that means, a line each.
func (w *completeCommand) Run(c *console, k *kong.Context) error {
	words := w.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, one := range completions(k.Model.Node, words) {
		if _, err := fmt.Fprintf(c.stdout, "%s\t%s\n", one.word, one.help); err != nil {
			return err
		}
	}
	return nil
}

type completion struct{ word, help string }

// completions are how the last of words may go on, after those before it.
func completions(at *kong.Node, words []string) (all []completion) {
	last := words[len(words)-1]
	var open *kong.Flag // whose value comes next
	for _, word := range words[:len(words)-1] {
		switch {
		case open != nil:
			open = nil
		case strings.HasPrefix(word, "-"):
			open = awaiting(at, word)
		default:
			at = child(at, word)
		}
	}
	for _, one := range offered(at, open, last) {
		if strings.HasPrefix(one.word, last) {
			all = append(all, one)
		}
	}
	return all
}

// awaiting is the flag that word names, where its value is still to come.
func awaiting(at *kong.Node, word string) *kong.Flag {
	for _, flag := range flagsAt(at) {
		if "--"+flag.Name == word && !flag.IsBool() {
			return flag
		}
	}
	return nil
}

// child is the command below at that word names, or at itself: then word is an argument.
func child(at *kong.Node, word string) *kong.Node {
	for _, node := range at.Children {
		if node.Name == word {
			return node
		}
	}
	return at
}

// offered is everything that may stand where last stands.
func offered(at *kong.Node, open *kong.Flag, last string) (all []completion) {
	if open != nil {
		for _, value := range open.EnumSlice() {
			all = append(all, completion{value, ""})
		}
		return all
	}
	if strings.HasPrefix(last, "-") {
		for _, flag := range flagsAt(at) {
			all = append(all, completion{"--" + flag.Name, flag.Help})
		}
		return all
	}
	for _, node := range at.Children {
		if !node.Hidden {
			all = append(all, completion{node.Name, node.Help})
		}
	}
	for _, argument := range at.Positional {
		for _, value := range argument.EnumSlice() {
			all = append(all, completion{value, ""})
		}
	}
	return all
}

// flagsAt are the flags of a command and of those above it.
func flagsAt(at *kong.Node) (all []*kong.Flag) {
	for _, group := range at.AllFlags(true) {
		all = append(all, group...)
	}
	return all
}
