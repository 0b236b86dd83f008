package store

import (
	"strconv"

	"roster"
	"roster/internal/mailbox"
)

// scimColumn is an attribute as a filter reads it.
type scimColumn struct {
	expr   string
	kind   scimKind
	within string // the rows of another table that expr is of; one must match

	userName bool // the userName of people, which is of two columns
}

type scimKind int

const (
	scimExact   scimKind = iota // text, case counts
	scimFolded                  // text, made searchable when it was written
	scimNamed                   // text, as names are compared
	scimAddress                 // an e-mail: whole, as a mailbox; in part, as it is written
	scimID
	scimBool
)

var (
	scimUserColumns = map[string]scimColumn{
		"id": {expr: "om.user_id", kind: scimID}, "username": {userName: true},
		"emails": {expr: "u.email_key", kind: scimAddress}, "emails.value": {expr: "u.email_key", kind: scimAddress},
		"emails.type": {expr: "'work'", kind: scimFolded}, "emails.primary": {expr: "TRUE", kind: scimBool},
		"externalid": {expr: "COALESCE(su.external_id, '')"}, "active": {expr: "(" + scimActive + ")", kind: scimBool},
		"name.givenname": {expr: "u.first_name_key", kind: scimFolded}, "name.familyname": {expr: "u.last_name_key", kind: scimFolded},
		"groups.value": {expr: "x.group_id", kind: scimID, within: "scim_group_members x WHERE x.user_id = om.user_id"},
	}
	scimGroupColumns = map[string]scimColumn{
		"id": {expr: "g.id", kind: scimID}, "displayname": {expr: "g.name"}, "externalid": {expr: "g.external_id"},
		"members":       {expr: "x.user_id", kind: scimID, within: "scim_group_members x WHERE x.group_id = g.id"},
		"members.value": {expr: "x.user_id", kind: scimID, within: "scim_group_members x WHERE x.group_id = g.id"},
	}
)

// scimMatch appends the filter; nil matches everything. An attribute that
// cannot be filtered by is Invalid, in the field filter.
func scimMatch(q *query, columns map[string]scimColumn, f *roster.ScimFilter) error {
	if f == nil {
		return nil
	}
	q.add(" AND ")
	return scimTerm(q, columns, *f)
}

func scimTerm(q *query, columns map[string]scimColumn, f roster.ScimFilter) error {
	switch f.Op {
	case roster.ScimAnd, roster.ScimOr, roster.ScimNot:
		return scimParts(q, columns, f)
	}
	column, known := columns[f.Attribute]
	if !known {
		return roster.InvalidField("filter", "The attribute %q cannot be filtered by.", f.Attribute)
	}
	if column.userName {
		return compareUserName(q, f)
	}
	if column.within == "" {
		return column.compare(q, f)
	}
	q.add("EXISTS (SELECT 1 FROM " + column.within + " AND ")
	if err := column.compare(q, f); err != nil {
		return err
	}
	q.add(")")
	return nil
}

func scimParts(q *query, columns map[string]scimColumn, f roster.ScimFilter) error {
	q.add("(")
	for i, part := range f.Parts {
		switch {
		case f.Op == roster.ScimNot:
			q.add("NOT ")
		case i > 0 && f.Op == roster.ScimAnd:
			q.add(" AND ")
		case i > 0:
			q.add(" OR ")
		}
		if err := scimTerm(q, columns, part); err != nil {
			return err
		}
	}
	q.add(")")
	return nil
}

// compareUserName compares a person's own userName, and where they have none, their
// e-mail. Who is equal is found by the index of each: providers ask for everybody.
func compareUserName(q *query, f roster.ScimFilter) error {
	own, email := scimColumn{expr: "su.user_name_key", kind: scimNamed}, scimColumn{expr: "u.email_key", kind: scimAddress}
	q.add("(CASE WHEN COALESCE(su.user_name_key, '') <> '' THEN ")
	if err := own.compare(q, f); err != nil {
		return err
	}
	q.add(" ELSE ")
	if err := email.compare(q, f); err != nil {
		return err
	}
	q.add(" END")
	if f.Op == roster.ScimEqual {
		q.add(` AND om.user_id IN (SELECT n.user_id FROM scim_users n WHERE n.user_name_key = ? AND n.user_name_key <> ''
 UNION ALL SELECT n.id FROM users n WHERE n.email_key IN (?, ?))`, nameKey(f.Value), mailbox.Key(f.Value), mailbox.Exact(f.Value))
	}
	q.add(")")
	return nil
}

var scimComparisons = map[roster.ScimOp]string{
	roster.ScimEqual: " = ", roster.ScimNotEqual: " <> ", roster.ScimGreater: " > ",
	roster.ScimGreaterOrEqual: " >= ", roster.ScimLess: " < ", roster.ScimLessOrEqual: " <= ",
}

// compare appends the comparison of a column with a value.
func (c scimColumn) compare(q *query, f roster.ScimFilter) error {
	value, sign := f.Value, scimComparisons[f.Op]
	switch {
	case f.Op == roster.ScimPresent && (c.kind == scimID || c.kind == scimBool):
		q.add("TRUE")
	case f.Op == roster.ScimPresent:
		q.add(c.expr + " <> ''")
	case c.kind == scimBool:
		return c.compareBool(q, f)
	case c.kind == scimAddress:
		compareAddress(q, f.Op, value)
	case c.kind == scimID && sign != "":
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil || strconv.FormatInt(id, 10) != value { // no id of ours looks like this
			id = 0
		}
		q.add(c.expr+sign+"?", id)
	case c.kind == scimID:
		q.add(`CAST(`+c.expr+` AS TEXT) LIKE ? ESCAPE '\'`, scimPattern(f.Op, value))
	default:
		switch c.kind {
		case scimFolded:
			value = Searchable(value)
		case scimNamed:
			value = nameKey(value)
		}
		if sign != "" {
			q.add(c.expr+sign+"?", value)
			return nil
		}
		c.compareText(q, f.Op, value)
	}
	return nil
}

// compareAddress finds the whole of an address as a mailbox, in whichever spelling, and
// a part of it in its text: addresses are kept in small letters, but for an upstream's.
func compareAddress(q *query, op roster.ScimOp, value string) {
	switch sign := scimComparisons[op]; {
	case op == roster.ScimEqual:
		q.add("u.email_key IN (?, ?)", mailbox.Key(value), mailbox.Exact(value))
	case op == roster.ScimNotEqual:
		q.add("u.email_key NOT IN (?, ?)", mailbox.Key(value), mailbox.Exact(value))
	case sign != "":
		q.add("lower(u.email)"+sign+"?", mailbox.Clean(value))
	default:
		q.add(`lower(u.email) LIKE ? ESCAPE '\'`, scimPattern(op, mailbox.Clean(value)))
	}
}

// compareText counts case where the column does, which SQLite's LIKE does not:
// there it looks at pieces instead.
func (c scimColumn) compareText(q *query, op roster.ScimOp, value string) {
	if c.kind == scimFolded || c.kind == scimNamed {
		q.add(c.expr+` LIKE ? ESCAPE '\'`, scimPattern(op, value))
		return
	}
	length := len([]rune(value))
	switch op {
	case roster.ScimStarts:
		q.add("substr("+c.expr+", 1, ?) = ?", length, value)
	case roster.ScimEnds:
		q.add("(length("+c.expr+") >= ? AND substr("+c.expr+", length("+c.expr+") - ? + 1) = ?)", length, length, value)
	default:
		q.add("replace("+c.expr+", ?, '') <> "+c.expr, value)
	}
}

func scimPattern(op roster.ScimOp, value string) string {
	pattern := contains(value)
	switch op {
	case roster.ScimStarts:
		return pattern[1:]
	case roster.ScimEnds:
		return pattern[:len(pattern)-1]
	}
	return pattern
}

func (c scimColumn) compareBool(q *query, f roster.ScimFilter) error {
	if f.Op != roster.ScimEqual && f.Op != roster.ScimNotEqual {
		return roster.InvalidField("filter", "The attribute %q can be compared by eq and ne only.", f.Attribute)
	}
	if f.Value != "true" && f.Value != "false" {
		return roster.InvalidField("filter", "The attribute %q is true or false.", f.Attribute)
	}
	q.add(c.expr+scimComparisons[f.Op]+"?", f.Value == "true")
	return nil
}
