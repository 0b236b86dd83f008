package web_test

import (
	"fmt"
	"html"
	"reflect"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestARecordTellsEveryFilter: paused, in_workspace, by_organization_role, ability, access
// and every_tag were kept and not told, and of ids only how many there were.
func TestARecordTellsEveryFilter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		space := b.Workspace("Vision")
		project, person := b.Project("Street signs", space), b.Person(roster.RoleAnnotator)
		night, day := b.Tag("night"), b.Tag("day")
		for _, d := range roster.MemberFilterFields {
			var f roster.MemberFilter
			fill(d, reflect.ValueOf(d.Of(&f)).Elem(), map[roster.Thing]int64{
				roster.ThingPerson: person, roster.ThingTag: night, roster.ThingProject: project, roster.ThingWorkspace: space,
			})
			if d.Codes != nil {
				f.Tags = []int64{night, day}
			}
			if d.Lists == 0 {
				f.Sight, f.NamesOnly = nil, false // the policy's own: TestOperationsInSight
				continue
			}
			out, err := b.App.UnassignMembers(b.As(b.Owner), project, roster.Selector{All: true, Filter: f}, "")
			if err != nil {
				t.Fatalf("%s: %v", d.Name, err)
			}
			page := html.UnescapeString(b.must(200, "", "GET", fmt.Sprintf("/history/%d", out.Operation), nil).Body.String())
			want := map[string]string{
				"tags_operator": "With all of these tags: \u2068night\u2069, \u2068day\u2069.",
				"tags":          "With any of these tags: \u2068night\u2069.", "ids": "Only these people: \u2068First",
				"paused_in":    "Paused in \u2068Street signs\u2069.",
				"in_workspace": "Members of the workspace \u2068Vision\u2069.", "ability": "Deactivated.",
				"implicit": "Inherited access only.",
				"role":     "Role: Annotator.", "joined_after": "Joined since 2026-01-31.",
			}[d.Name]
			if before, _, _ := strings.Cut(string(d.Words), "{"); want == "" {
				want = before
			}
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not told in\n%s", d.Name, want, page)
			}
		}
		// records of before
		for recorded, want := range map[string]string{
			`{"all":true,"ids":12,"in_sight":true}`:                          "Only these people: 12.",
			`{"all":true,"paused":true}`:                                     "Paused in the project.",
			`{"all":true,"access":"explicit","every_tag":true,"tags":[999]}`: "With all of these tags: number 999.",
		} {
			op, err := db.BeginOperation(b.As(b.Owner), roster.Operation{
				OrganizationID: b.Org, ProjectID: project, Kind: roster.OpUnassign, ActorID: b.Owner, At: b.Clock,
				Selector: recorded,
			})
			if err != nil {
				t.Fatal(err)
			}
			b.must(200, want, "GET", fmt.Sprintf("/history/%d", op), nil)
		}
	})
}

// fill sets a field of a filter to something that there is.
func fill(d roster.FilterField, field reflect.Value, things map[roster.Thing]int64) {
	switch to := field.Addr().Interface().(type) {
	case *roster.Ability:
		*to = roster.Deactivated
	case *roster.Access:
		*to = roster.ImplicitAccess
	case *[]roster.Role:
		*to = []roster.Role{roster.RoleAnnotator}
	case *[]roster.UserType:
		*to = []roster.UserType{roster.SeatStandard}
	case *[]int64:
		*to = []int64{things[d.Thing]}
	case *int64:
		*to = things[d.Thing]
	case **roster.Actor:
		*to = &roster.Actor{UserID: things[d.Thing]}
	case *string:
		*to = "ann"
	case *bool:
		*to = true
	default:
		day, _ := roster.ParseMoment("2026-01-31")
		field.Set(reflect.ValueOf(&day))
	}
}
