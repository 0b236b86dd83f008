package main

import (
	"path/filepath"
	"roster/internal/store/storetest"
	"strings"
	"testing"

	"roster"
)

// TestEveryFilterIsAFlag: on every command that is about a list of people.
func TestEveryFilterIsAFlag(t *testing.T) {
	e := environment{}
	for command, list := range map[string]roster.Lists{
		"member list": roster.ListProject, "member export": roster.ListProject, "member assign": roster.ListAddition,
		"member unassign": roster.ListRemoval, "user list": roster.ListPeople,
	} {
		help := strings.ReplaceAll(e.ok(t, append(strings.Fields(command), "--help")...), "[no-]", "")
		for _, d := range roster.MemberFilterFields {
			if said := strings.Contains(help, "--"+d.FlagName()+"=") ||
				strings.Contains(help, "--"+d.FlagName()+" "); said != d.Read(list) && d.FlagName() != "include" {
				t.Errorf("%s --%s: %v", command, d.FlagName(), said)
			}
		}
	}
}

// TestFlagsNarrow: the filters of Roster's own, what a dry run says and what is done.
func TestFlagsNarrow(t *testing.T) {
	storetest.Long(t)
	eachStore(t, func(t *testing.T, store ...string) {
		e, _ := crew(t, store...)
		for _, step := range []struct{ args, says string }{
			{"unassign --project 1 --all --paused-in Shops --dry-run", "Would remove 0 people"},
			{"unassign --project 1 --all --paused-in Shops", "Removed 0 people"},
			{"unassign --project 1 --all --never-active --dry-run", "Would remove 41 people"},
			{"unassign --project 1 --all --ability waiting --dry-run", "Would remove 0 people"},
			{"unassign --project 1 --all --by-organization-role --dry-run", "Would remove 1 person"},
			{"unassign --project 1 --all --shared-with p00@example.com --dry-run", "Would remove 41 people"},
			{"unassign --project 1 --all --joined-before 2020-01-01 --dry-run", "Would remove 0 people"},
			{"unassign --project 1 --all --joined-after 2020-01-01 --dry-run", "Would remove 41 people"},
			{"assign --project 1 --include p01@example.com --exclude p01@example.com --dry-run", "Would add 0 people"},
			{
				"assign --project 1 --include wait@example.com --dry-run",
				"Would add 0 people to project 1 (Shops).\nWould skip 1 person who cannot be members.\nNothing was changed.",
			},
			{"assign --project 1 --include wait@example.com --dry-run --json", `"skipped_user_ids": [`},
			{"list --project 1 --no-implicit --joined-before 2020-01-01", "ID  EMAIL  NAME  ROLE  ACCESS  LAST ACTIVE  TAGS\n"},
		} {
			if got := e.ok(t,
				on(store, append([]string{"member"}, strings.Fields(step.args)...)...)...); !strings.Contains(got, step.says) {
				t.Errorf("member %s says\n%swant %q", step.args, got, step.says)
			}
		}
		if got := e.ok(t, on(store, strings.Fields("user list --ability waiting")...)...); strings.Count(got, "\n") != 2 {
			t.Errorf("waiting:\n%s", got)
		}
	})
}

// TestFlagsThatSayNothing: a variable that was never set, and the zero time, which would
// have removed everybody.
func TestFlagsThatSayNothing(t *testing.T) {
	storetest.Long(t)
	dir := filepath.Join(t.TempDir(), "store")
	e, _ := crew(t, "--data", dir)
	for _, args := range [][]string{
		{"--active-until", "0001-01-01"}, {"--joined-after", "0001-01-01"}, {"--active-since", ""}, {"--role", ""},
		{"--role", ",,"}, {"--tag", ""}, {"--search", ","},
		{"--search", `""`}, {"--ability", ""}, {"--ability", "fine"}, {"--in-workspace", "Vision"},
		{"--in-workspace", "01"}, {"--paused-in", ""}, {"--shared-with", ""},
		{"--joined-before", "26-01-31"}, {"--include", "p01@example.com"}, {"--is-deleted"}, {"--implicit"},
	} {
		for _, command := range []string{"unassign", "assign"} {
			a := e.roster(t, append([]string{"member", command, "--project", "1", "--data", dir, "--all",
				"--dry-run"}, args...)...)
			if a.code == 0 {
				t.Errorf("%s %q: %s", command, args, a.out)
			}
		}
	}
	if got := e.ok(t, "member", "list", "--project", "1", "--data", dir, "--no-implicit",
		"--json"); strings.Count(got, `"email"`) != 41 {
		t.Errorf("%d are left of 41", strings.Count(got, `"email"`))
	}
}
