package store_test

import (
	"reflect"
	"testing"

	"roster"
	"roster/internal/store/storetest"
)

// TestEveryFilterNarrows: a declared field that appendMemberMatch does not read would match
// everybody. Beside a search, because names_only is about one.
func TestEveryFilterNarrows(t *testing.T) {
	db := storetest.SQLite(t)
	for _, d := range roster.MemberFilterFields {
		if d.Codes != nil { // all of no tags is nothing
			continue
		}
		var f roster.MemberFilter
		if d.Name != "search" {
			f.Search = "kim"
		}
		without := db.FilterText(f)
		give(t, reflect.ValueOf(d.Of(&f)).Elem())
		if db.FilterText(f) == without {
			t.Errorf("%s narrows nothing", d.Name)
		}
	}
}

// give sets a field to some value that is not its zero.
func give(t *testing.T, field reflect.Value) {
	switch field.Kind() {
	case reflect.String:
		field.SetString("explicit")
		if field.Type() == reflect.TypeFor[roster.Ability]() {
			field.SetString("able")
		}
	case reflect.Bool:
		field.SetBool(true)
	case reflect.Int64:
		field.SetInt(1)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
	default:
		t.Fatalf("a filter is a %s", field.Type())
	}
}
