package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
	mangokong "github.com/alecthomas/mango-kong"
	"github.com/muesli/roff"
)

// manCommand prints the manual page, for packages.
type manCommand struct{}

// Run prints it as troff. Its head is ours: the library's says the day on which it was
// made, and packages of one commit are the same bytes.
func (*manCommand) Run(c *console, k *kong.Context) error {
	for _, command := range k.Model.Leaves(true) {
		for _, flag := range command.Flags {
			flag.Help = c.settings.help(flag.Value)
		}
	}
	page := mangokong.NewManPage(1, k.Model).Build(roff.NewDocument())
	_, rest, _ := strings.Cut(page, "\n")
	_, err := fmt.Fprintf(c.stdout, ".TH ROSTER 1 \"\" \"roster %s\" \"Roster\"\n%s\n", version, rest)
	return err
}
