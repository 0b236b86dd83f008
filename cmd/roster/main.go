// Command roster serves the membership API of Label Studio Enterprise, and
// administers it from the command line.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones are known on every machine
	"unicode/utf8"

	"github.com/alecthomas/kong"
	_ "golang.org/x/crypto/x509roots/fallback" // certificate authorities, where the machine names none

	"roster"
)

// version is stamped by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// commands is the whole command line.
type commands struct {
	configFlag
	Serve      serveCommand      `cmd:"" help:"Serve the API."`
	Token      tokenCommands     `cmd:"" help:"Work with API tokens."`
	Member     memberCommands    `cmd:"" help:"Work with the members of a project."`
	User       userCommands      `cmd:"" help:"Work with the organization's people."`
	Project    projectCommand    `cmd:"" help:"Work with projects."`
	Gate       gateCommands      `cmd:"" help:"Work with the gate in front of a Label Studio Community Edition."`
	Import     importCommand     `cmd:"" help:"Create or update people from a CSV file, all or nothing."`
	Demo       demoCommand       `cmd:"" help:"Fill an empty store with a realistic organization."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the store's schema up to date."`
	Backup     backupCommand     `cmd:"" help:"Copy the store to a file, while it is in use."`
	Restore    restoreCommand    `cmd:"" help:"Make a store from a backup."`
	Verify     verifyCommand     `cmd:"" help:"Check that everything in the store fits together. It may be in use meanwhile."`
	Health     healthCommand     `cmd:"" help:"Say whether a running server can do its work."`
	Config     configCommands    `cmd:"" help:"Look at the settings of serve, and try them."`
	Completion completionCommand `cmd:"" help:"Print what bash, zsh or fish needs to complete command lines."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Say how a command line may go on."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
	Version    versionCommand    `cmd:"" help:"Say which Roster this is."`
}

// newCommands is commands, each with the filters of its list.
func newCommands() *commands {
	c := new(commands)
	c.Member.List.filterFlags, c.Member.Export.filterFlags = filtersOf(roster.ListProject), filtersOf(roster.ListProject)
	c.Member.Assign.filterFlags, c.Member.Unassign.filterFlags = filtersOf(roster.ListAddition),
		filtersOf(roster.ListRemoval)
	c.User.List.filterFlags = filtersOf(roster.ListPeople)
	return c
}

const description = `Roster is a self-hosted server of the Label Studio Enterprise membership API: who may work on which labeling project.

Exit codes: 0 done, 1 failed (nothing was changed), 2 not understood, 3 not confirmed (it may have happened: look in the history before you try again).`

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := newConsole(ctx, env, stdin, stdout, stderr)
	return c.report(c.execute(args))
}

// helped ends the parsing once help was printed.
type helped struct{}

// execute finds the command that args name and runs it.
func (c *console) execute(args []string) (err error) {
	defer func() {
		if p := recover(); p != nil && p != (helped{}) {
			panic(p)
		}
	}()
	parser, err := kong.New(newCommands(), kong.Name("roster"), kong.Description(description),
		kong.Writers(c.stdout, c.stderr), kong.Exit(func(int) { panic(helped{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Bind(c.settings), kong.Resolvers(c.settings), kong.ValueFormatter(c.settings.help))
	if err != nil {
		return err
	}
	c.settings.declare(parser)
	for _, arg := range args {
		if !utf8.ValidString(arg) { // it would be read as something else
			return misuse("%q is not valid UTF-8", arg)
		}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return misuse("%s; see %s --help", err, asked(err))
	}
	return parsed.Run(c)
}

// asked is the command that a command line came to before it went wrong.
func asked(err error) string {
	if failed, ok := errors.AsType[*kong.ParseError](err); ok && failed.Context.Selected() != nil {
		return failed.Context.Selected().FullPath()
	}
	return "roster"
}
