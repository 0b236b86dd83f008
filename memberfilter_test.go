package roster_test

import (
	"reflect"
	"testing"
	"time"

	"roster"
)

// TestEveryFilterIsDeclared: a field of MemberFilter that is not among MemberFilterFields
// would be sent by no client, said by no flag, and kept in no record.
func TestEveryFilterIsDeclared(t *testing.T) {
	var f roster.MemberFilter
	declared := map[any]bool{}
	names := map[string]bool{}
	for _, d := range roster.MemberFilterFields {
		if at := d.Of(&f); declared[at] {
			t.Errorf("%s is the field of another", d.Name)
		} else {
			declared[at] = true
		}
		for _, name := range []string{"wire " + d.Name, "flag " + d.FlagName(), "record " + d.Recorded()} {
			if names[name] {
				t.Errorf("%s: %s is the name of another", d.Name, name)
			}
			names[name] = true
		}
		if d.Lists != 0 && (d.Text == "" || d.Label == "") || d.Words == "" && d.Codes == nil {
			t.Errorf("%s is not described", d.Name)
		}
	}
	fields := reflect.ValueOf(&f).Elem()
	for i := range fields.NumField() {
		if !declared[fields.Field(i).Addr().Interface()] {
			t.Errorf("MemberFilter.%s is not declared in MemberFilterFields", fields.Type().Field(i).Name)
		}
	}
}

// TestNotGivenIsNoValue: the zero time is a bound, and an empty list holds nobody.
func TestNotGivenIsNoValue(t *testing.T) {
	for name, f := range map[string]roster.MemberFilter{
		"last_activity__lte": {ActiveTo: new(time.Time)}, "joined_after": {JoinedAfter: new(time.Time)},
		"ids": {IDs: []int64{}}, "role": {Roles: []roster.Role{}},
	} {
		if given := f.Given(); len(given) != 1 || given[0].Name != name {
			t.Errorf("%s: given %v", name, given)
		}
	}
	if given := (roster.MemberFilter{EveryTag: true}).Given(); len(given) != 0 {
		t.Errorf("all of no tags narrows by %v", given)
	}
}
