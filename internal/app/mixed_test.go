package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestMixedAdministration: what several people and a provider change at once, in
// whatever order each of them comes to the same rows, ends with nobody's error.
func TestMixedAdministration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		owner := w.As(w.Owner)
		var people []int64
		for range 8 {
			people = append(people, w.Person(roster.RoleAnnotator))
		}
		spaces := []int64{w.Workspace("North"), w.Workspace("South")}
		projects := []int64{w.Project("Signs", spaces[0]), w.Project("Lights", spaces[1]), w.Project("Lanes", spaces[0])}
		name := "Annotators"
		group, err := w.App.CreateSCIMGroup(owner, roster.SCIMGroupChange{Name: &name})
		must(t, err)
		_, err = w.App.SetSCIMMappings(owner, map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMWorkspace: {
				{Kind: roster.SCIMWorkspace, Title: "North", Group: name},
				{Kind: roster.SCIMWorkspace, Title: "South", Group: name},
			},
			roster.SCIMProject: {{Kind: roster.SCIMProject, Target: projects[1], Group: name}},
		})
		must(t, err)
		work := map[string]func(n int) error{
			"a group's people": func(n int) error {
				change := roster.SCIMMembersChange{People: people[n%4 : n%4+4], Remove: n%2 == 1}
				_, err := w.App.UpdateSCIMGroup(owner, group.ID,
					roster.SCIMGroupChange{Members: []roster.SCIMMembersChange{change}}, nil)
				return err
			},
			"a project's workspace": func(n int) error {
				_, _, err := w.App.UpdateProject(owner, projects[n%3], roster.ProjectPatch{WorkspaceID: &spaces[n/3%2]}, 0)
				return err
			},
			"a workspace's people": func(n int) error {
				s := roster.Selector{Included: []int64{people[7-n%8], people[n%8]}}
				if n%2 == 0 {
					_, err := w.App.AssignToWorkspace(owner, spaces[n%2], s)
					return err
				}
				_, err := w.App.RemoveFromWorkspace(owner, spaces[n/2%2], s)
				return err
			},
			"roles": func(n int) error {
				role := []roster.Role{roster.RoleAnnotator, roster.RoleAdministrator, roster.RoleReviewer}[n%3]
				_, err := w.App.ChangePeople(owner, roster.Selector{Included: []int64{people[n%8], people[7-n%8]}},
					roster.MembershipChange{Role: role}, "")
				return err
			},
			"an import": func(n int) error {
				file := "email,role,tags,projects\n"
				for i := range people {
					file += fmt.Sprintf("person%d@example.com,%s,night,%d;%d\n", (i*(1+2*(n%3)))%8+1,
						[]string{"AN", "RE"}[n%2], projects[n%3], projects[(n+1)%3])
				}
				_, err := w.App.Import(owner, strings.NewReader(file), provision.ImportOptions{})
				return err
			},
			"a project's people": func(n int) error {
				_, err := w.App.UnassignMembers(owner, projects[n%3], roster.Selector{All: true}, "")
				return err
			},
		}
		var all sync.WaitGroup
		for name, do := range work {
			for start := range 2 {
				all.Go(func() {
					for n := range 12 {
						err := do(n*2 + start)
						if err != nil && !strings.Contains(err.Error(), "Somebody moved the project") {
							t.Errorf("%s, %d: %v", name, n, err)
						}
					}
				})
			}
		}
		all.Wait()
		_, err = db.Verify(t.Context(), func(b store.Broken) {
			if b.Count > 0 {
				t.Errorf("%s: %d, %v", b.Rule, b.Count, b.Where)
			}
		})
		must(t, err)
	})
}
