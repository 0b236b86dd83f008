package app_test

import (
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// settingsSteps is a history of settings, oldest first: states, and which fields.
func settingsSteps(t *testing.T, w *apptest.World, kind roster.MappingSource) (steps []string) {
	t.Helper()
	changes, total, err := w.App.SettingsHistory(w.As(w.Owner), w.Org, kind, roster.HistoryFilter{},
		roster.Page{Number: 1, Size: 100, Order: "created_at"})
	if err != nil || total != len(changes) {
		t.Fatal(total, changes, err)
	}
	for _, c := range changes {
		step := c.Previous + ">" + c.State
		for _, field := range c.Changed {
			step += " " + field
		}
		steps = append(steps, step)
	}
	return steps
}

// TestSettingsHistory: every change of what an organization says of its identity
// providers is written down in the transaction that makes it, and nothing else is.
func TestSettingsHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		w.Workspace("Vision")
		owner := w.As(w.Owner)
		map1 := map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMWorkspace: {{Kind: roster.SCIMWorkspace, Title: "Vision", Group: "vision"}}}
		for range 2 { // the second time changes nothing
			_, err := w.App.SetSCIMMappings(owner, map1)
			must(t, err)
		}
		_, err := w.App.SetSCIMMappings(owner, map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMWorkspace: {{Kind: roster.SCIMWorkspace, Title: "Nowhere", Group: "x"}}})
		wantKind(t, "a workspace that is not there", err, roster.Invalid)
		_, err = w.App.SetSCIMMappings(owner, map[roster.SCIMTarget][]roster.SCIMMapping{roster.SCIMWorkspace: nil})
		must(t, err)
		_, err = w.App.SetSCIMMappings(owner, map1)
		must(t, err)
		domain, no := "example.com", false
		_, err = w.App.SetSAMLSettings(owner, roster.SAMLPatch{Domain: &domain, ManualRoles: &no, ManualRolesSaid: true})
		must(t, err)
		must(t, w.App.ResetSAML(owner))
		must(t, w.App.ResetSAML(owner))

		want := []string{">active workspaces_groups", "active>removed workspaces_groups",
			"removed>active workspaces_groups", "active>removed workspaces_groups"}
		if got := settingsSteps(t, w, roster.MappingSCIM); !slices.Equal(got, want) {
			t.Errorf("SCIM %q", got)
		}
		want = []string{">active domain manual_role_management", "active>removed domain manual_role_management"}
		if got := settingsSteps(t, w, roster.MappingSAML); !slices.Equal(got, want) {
			t.Errorf("SAML %q", got)
		}
		_, _, err = w.App.SettingsHistory(w.As(w.Person("MA")), w.Org, roster.MappingSAML, roster.HistoryFilter{},
			roster.Everything)
		wantKind(t, "a Manager", err, roster.Forbidden)
	})
}
