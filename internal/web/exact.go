package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster"
	"roster/internal/core"
)

// shape is how the values of a field are read.
type shape struct {
	several bool                   // it may come more than once
	reads   func(text string) bool // what it may be, unless blank; nil: whatever its own reader takes
}

var (
	single     = shape{}
	choices    = shape{several: true}
	flag       = shape{reads: func(text string) bool { return text == "1" }}
	idList     = shape{several: true, reads: areIDs}
	oneID      = shape{reads: isID}
	text       = shape{reads: searches}
	pageNumber = shape{reads: isID} // of a page, and how many rows it has
)

// shapes are the fields that something reads, by name.
type shapes map[string]shape

// and is the fields with more of them.
func (s shapes) and(more shapes) shapes {
	out := maps.Clone(s)
	maps.Copy(out, more)
	return out
}

// oneOf is one of some values; of a column that sorts, in either direction.
func oneOf(values ...string) shape {
	return shape{reads: func(text string) bool { return slices.Contains(values, strings.TrimPrefix(text, "-")) }}
}

// paging is the fields of a list's page.
func paging(orders ...string) shapes {
	return shapes{"page": pageNumber, "size": pageNumber, "order": oneOf(orders...)}
}

// pageFields are the fields of the pages that are no list of people, by path: of those
// that show a list, and of those that take something away or give it. What is not here
// is refused, on a view and on a change.
var pageFields = map[string]shapes{
	"/projects":                 paging("created_at", "title").and(shapes{"q": text, "workspace": idList}),
	"/workspaces":               paging("title", "created_at").and(shapes{"q": text, "archived": flag}),
	"/workspaces/{id}/projects": paging("title", "created_at"),
	"/home/without-work":        paging("name"),
	"/tags":                     paging("label", "member_count", "updated_at").and(shapes{"q": text}),
	"/history": paging("at").and(shapes{
		"project": oneID, "projectfind": single, "kind": single, "actor": single, "person": single, "from": single,
		"to": single, "view": oneID,
	}),
	"/history/{id}": paging("id").and(shapes{"q": text, "result": single}),
	"/history/{id}/undo": {"asked": single, "group": single, "find": text, "sheet": pageNumber,
		"next": single},
	"/projects/{id}/history/access":     paging("name").and(auditFields),
	"/projects/{id}/history/access.csv": paging("name").and(auditFields).and(shapes{"bom": single}),
	"/display":                          displayFields,
	"POST /display":                     displayFields,
	"/views":                            {"address": single},
	"/views/{id}/edit":                  {"address": single},
	"/views/{id}/joined":                paging("name"),
	"POST /views":                       {"address": single, "name": single, "shared": flag, "key": single},
	"POST /views/{id}/edit": {
		"address": single, "name": single, "shared": flag, "renew": flag, "key": single,
	},
	"/search":                         {"q": single, "as": oneOf("options")},
	"/projects/{id}/made":             paging("id"),
	"/people/invitations":             paging("created_at").and(shapes{"state": oneOf("accepted", "revoked", "all")}),
	"/people/invitations/{id}/revoke": {"next": single},
	"/people/{id}":                    paging("title"),
	"/people/{id}/history":            paging("at"),
	"/people/{id}/name":               {},
	"/people/{id}/projects":           {"find": text, "projects": idList, "give": single, "key": single},
	"/settings/mail":                  paging("created_at"),
	"/settings/activity": paging("datetime", "duration", "response_code").and(shapes{
		"q": text, "method": single, "person": single, "from": single, "to": single,
	}),
	"/people/{id}/change": {
		"project": oneID, "workspace": oneID, "role": single, "seen": single, "key": single, "next": single,
	},
	"POST /people/invite": {
		"emails": single, "role": single, "projects": idList, "workspaces": idList, "left": single, "key": single,
		"next": single,
		"file": single, // empty, where none was chosen
	},
	"POST /people/invite/check": {
		"emails": single, "role": single, "projects": idList, "workspaces": idList, "key": single, "next": single,
	},
	"POST /projects/{id}/made/{thing}": {"action": oneOf("enable", "disable"), "key": single, "next": single},
}

// auditFields are those of who could see a project.
var auditFields = shapes{
	"day": single, "q": text, "way": oneOf("direct", "workspace", "role", "creator"),
	"today": oneOf("all", "still", "gone", "new"),
}

// displayFields are those of how lists look.
var displayFields = shapes{
	"column": choices, "show": choices, "up": single, "down": single, "density": oneOf("compact"), "key": single,
	"next": single,
}

// fieldsRead refuses what a page that is no list of people does not read.
func (v *visit) fieldsRead(rt route) error {
	known, ok := pageFields[rt.method+" "+rt.path]
	if !ok && (rt.method == http.MethodGet || rt.path == "/people/{id}/change") {
		known, ok = pageFields[rt.path]
	}
	if !ok {
		return nil
	}
	return v.reads(known)
}

// filterFields are the filters of every list of people.
var filterFields = shapes{"q": text, "role": choices, "seat": choices}

// placeFields are those that say which page of a list is looked at.
var placeFields = paging(memberOrders...)

// listFields is every field of the addresses and the forms of a list of people.
// What is not here is refused, because a filter that nobody reads means everybody.
var listFields = placeFields.and(filterFields).and(shapes{
	"all": flag, "included": idList, "excluded": idList, "pick": idList, "shown": idList, "under": single, "only": idList,
	"was": single, "instead": oneOf("all", "nobody"),
	"bom": single, "view": oneID,
	"key": single, "next": single, "plan": single, "seen": single, "typed": single, "keep_made": flag,
	"give": single, "deactivate": flag, "add": idList, "drop": idList,
	"asked": single, "find": single, "sheet": pageNumber, "group": single, "changed": flag,
	"names": single, "chosen": idList, "sure": flag,
	"into": single, "place": text, "message": single,
})

// fieldsOf are those that a page reads besides, and who is looked at them.
func (v *visit) fieldsOf(at where) shapes {
	fields := shapes{}
	if v.may(core.ViewTags) {
		fields["tag"], fields["every"], fields["tagfind"] = idList, flag, single
	}
	if at.names {
		fields["order"] = oneOf(nameOrders...)
	} else {
		fields["active"], fields["from"], fields["to"] = single, single, single
	}
	if at.organization {
		fields["state"] = single
	}
	if at.project != 0 {
		fields["access"], fields["joined_after"], fields["joined_before"] = single, single, single
	}
	return fields
}

// exact refuses what would quietly be passed over: a few besides everybody, whoever is left
// out of people who are named, a field that the page does not know or that this person may
// not use, one that says two things, and a value that cannot be read.
func (v *visit) exact(at where) error {
	if v.field("all") == "1" && v.field("included") != "" {
		return roster.InvalidField("included",
			"This selects everybody and some people one by one. Select again in the list. Nothing was changed.")
	}
	if v.field("all") != "1" && v.field("excluded") != "" {
		return roster.InvalidField("excluded",
			"This leaves people out, but not everybody is selected. Select again in the list. Nothing was changed.")
	}
	return v.reads(listFields.and(v.fieldsOf(at)))
}

// reads refuses a field that is not among the known, one that says two things, and a
// value that cannot be read.
func (v *visit) reads(fields shapes) error {
	for name, values := range v.r.Form {
		s, known := fields[name]
		if !known {
			return roster.InvalidField(name, "This list has no filter %s, or you may not use it. Nothing was changed.",
				strconv.Quote(shortened(name, 40)))
		}
		if err := s.check(name, values); err != nil {
			return err
		}
	}
	return nil
}

func (s shape) check(name string, values []string) error {
	for _, value := range values {
		if value != values[0] && !s.several { // a view's address and its form may say the same
			return roster.InvalidField(name,
				"The filter %s comes more than once, with different values. Nothing was changed.", name)
		}
		plain := clean(value) == value
		if !plain || value != "" && s.reads != nil && !s.reads(value) {
			return roster.InvalidField(name,
				"The value %s of %s cannot be read. Choose it again from the list. Nothing was changed.",
				strconv.Quote(shortened(clean(value), 40)), name)
		}
	}
	return nil
}

// areIDs reports whether a text is ids with commas between them. Blanks are passed over,
// as on the wire.
func areIDs(text string) bool {
	return !slices.ContainsFunc(strings.Split(text, ","), func(item string) bool {
		id, err := strconv.ParseUint(strings.TrimSpace(item), 10, 63)
		return strings.TrimSpace(item) != "" && (err != nil || id == 0)
	})
}

// isID reports whether a text is a number from 1 on as it is written.
func isID(text string) bool {
	id, err := strconv.ParseInt(text, 10, 64)
	return err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}

// searches reports whether a search finds somebody in particular.
func searches(text string) bool {
	says := func(r rune) bool { return r != ',' && r != '"' && !unicode.IsSpace(r) }
	return utf8.RuneCountInString(text) <= maxSearch && (strings.ContainsFunc(text, says) || strings.TrimSpace(text) == "")
}
