package app_test

import (
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/identity"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// The mappings of both settings add up; where both give a role in a project,
// SCIM's counts.
func TestSamlMappingsAreThoseOfScimToo(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		project := p.Project("Signs", 0)
		in := func(role roster.Role) roster.SCIMMapping {
			return roster.SCIMMapping{Kind: roster.SCIMProject, Target: project, Role: role, Group: "crew"}
		}
		_, err := p.App.SetSAMLSettings(p.As(p.Owner), roster.SAMLPatch{Mappings: map[roster.SCIMTarget][]roster.SCIMMapping{
			roster.SCIMProject: {in("RE")}, roster.SCIMRole: {{Kind: roster.SCIMRole, Role: "AN", Group: "crew"}},
		}})
		p.must(err)
		ann := p.user("ann@example.com")
		crew := p.group("crew", ann)
		p.in(project, "2REscim")
		p.mapped(in("AN"))
		p.in(project, "2ANscim")
		yes := true
		_, err = p.App.SetSAMLSettings(p.As(p.Owner), roster.SAMLPatch{ManualRoles: &yes, ManualRolesSaid: true})
		p.must(err)
		p.change(crew, roster.SCIMMembersChange{Remove: true, People: []int64{ann}})
		p.is(ann, "AN") // roles are given by hand: nobody is deactivated
		p.change(crew, roster.SCIMMembersChange{People: []int64{ann}})
		p.must(p.App.ResetSAML(p.As(p.Owner)))
		p.in(project)
		p.is(ann, "AN")
		if left, err := p.App.SCIMMappings(p.As(p.Owner)); err != nil || len(left) != 0 {
			t.Error(left, err)
		}
	})
}

func TestSamlSettingsAreAdministratorsOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		manager := w.As(w.Person("MA"))
		domain := "example.com"
		_, read := w.App.SAMLSettings(manager)
		_, written := w.App.SetSAMLSettings(manager, roster.SAMLPatch{Domain: &domain})
		_, asked := w.App.ValidDomain(manager, domain)
		for _, err := range []error{read, written, asked, w.App.ResetSAML(manager), w.App.MayEditSAML(manager)} {
			if roster.KindOf(err) != roster.Forbidden {
				t.Error(err)
			}
		}
	})
}

func TestMetadataAddresses(t *testing.T) {
	for address, valid := range map[string]bool{
		"https://idp.example.com/metadata?a=b": true, "https://IDP.example.com:8443/": true,
		"": false, "idp.example.com": false, "http://idp.example.com/": false, "ftp://idp.example.com/": false,
		"https://10.0.0.1/": false, "https://[::1]/": false, "https://0x7f.1/": false, "https://2130706433/": false,
		"https://localhost/":         false,
		"https://a@idp.example.com/": false, "https://idp.example.com/#x": false, "https:idp.example.com": false,
		"https://idp.example.com\r\n/": false,
	} {
		if provision.ValidMetadataURL(address) != valid {
			t.Errorf("%q: want %v", address, valid)
		}
	}
}

func TestTokensCannotAllBeTurnedOffWhereNoOwnerCouldSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		off, password := false, "correct horse"
		neither := identity.TokenSettingsChange{Personal: &off, Legacy: &off, TTLDays: 1}
		_, err := w.App.SetTokenSettings(w.As(w.Owner), neither)
		if roster.KindOf(err) != roster.Invalid || !strings.Contains(err.Error(), "Set the Owner's password first") {
			t.Fatal(err)
		}
		if s, err := w.App.TokenSettings(w.As(w.Owner)); err != nil || !s.Legacy || !s.Personal {
			t.Error(s, err)
		}
		_, err = w.App.SetTokenSettings(w.As(w.Owner), identity.TokenSettingsChange{Personal: &off, TTLDays: 1})
		must(t, err)
		_, err = w.App.UpdatePerson(w.As(w.Owner), w.Owner, roster.UserPatch{Password: &password})
		must(t, err)
		_, err = w.App.SetTokenSettings(w.As(w.Owner), neither)
		must(t, err)
	})
}
