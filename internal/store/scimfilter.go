package store

import (
	"context"
	"errors"
	"strconv"

	"roster"
	"roster/internal/mailbox"
)

// scimColumn is an attribute as a filter reads it.
type scimColumn struct {
	expr   string
	kind   scimKind
	within string // the rows of another table that expr is of; one must match
	index  string // finds the people who have exactly a value; "" where nothing does
}

type scimKind int

const (
	scimExact    scimKind = iota // text, case counts
	scimFolded                   // text, made searchable when it was written
	scimNamed                    // a userName: whole, as names are compared; in part, in small letters
	scimUserName                 // what people are called by: a name of their own, else their e-mail
	scimAddress                  // an e-mail: whole, as a mailbox; in part, in small letters
	scimID
	scimBool
)

// scimEmail is an e-mail in small letters, which an upstream need not write.
const scimEmail = "COALESCE(NULLIF(u.email_clean, ''), u.email)"

var (
	scimUserColumns = map[string]scimColumn{
		"id": {expr: "om.user_id", kind: scimID}, "username": {kind: scimUserName},
		"emails": {expr: scimEmail, kind: scimAddress}, "emails.value": {expr: scimEmail, kind: scimAddress},
		"emails.type": {expr: "'work'", kind: scimFolded}, "emails.primary": {expr: "TRUE", kind: scimBool},
		"externalid": {
			expr: "COALESCE(su.external_id, '')",
			index: "SELECT n.user_id FROM scim_users n WHERE n.organization_id = ? AND n.external_id = ?" +
				" AND n.external_id <> ''",
		},
		"active":         {expr: "(" + scimActive + ")", kind: scimBool},
		"name.givenname": {expr: "u.first_name_key", kind: scimFolded}, "name.familyname": {expr: "u.last_name_key",
			kind: scimFolded},
		"groups.value": {expr: "x.group_id", kind: scimID, within: "scim_group_members x WHERE x.user_id = om.user_id"},
	}
	scimGroupColumns = map[string]scimColumn{
		"id": {expr: "g.id", kind: scimID}, "displayname": {expr: "g.name"}, "externalid": {expr: "g.external_id"},
		"members":       {expr: "x.user_id", kind: scimID, within: "scim_group_members x WHERE x.group_id = g.id"},
		"members.value": {expr: "x.user_id", kind: scimID, within: "scim_group_members x WHERE x.group_id = g.id"},
	}
)

// scimMatch appends the filter; nil matches everything. An attribute that
// cannot be filtered by is Invalid, in the field filter, as is an address that is two
// people's mailbox.
func (db *DB) scimMatch(ctx context.Context, q *query, organization int64, columns map[string]scimColumn,
	f *roster.SCIMFilter) error {
	if f == nil {
		return nil
	}
	owners, err := db.owners(ctx, scimAddresses(columns, *f))
	if e, ok := errors.AsType[*roster.Error](err); ok && e.Kind == roster.Invalid {
		return roster.InvalidField("filter", "%s", e.Fields["email"][0])
	}
	if err != nil {
		return err
	}
	q.add(" AND ")
	return scimReading{organization, columns, owners}.appendTerm(q, *f)
}

// scimAddresses is what a filter compares whole e-mails with.
func scimAddresses(columns map[string]scimColumn, f roster.SCIMFilter) (list []string) {
	for _, part := range f.Parts {
		list = append(list, scimAddresses(columns, part)...)
	}
	if kind := columns[f.Attribute].kind; (kind == scimAddress || kind == scimUserName) &&
		(f.Op == roster.SCIMEqual || f.Op == roster.SCIMNotEqual) {
		list = append(list, f.Value)
	}
	return list
}

// scimReading is a filter being read: what its attributes are, and who has the e-mails
// that it names.
type scimReading struct {
	organization int64
	columns      map[string]scimColumn
	owners       map[string]int64
}

func (r scimReading) appendTerm(q *query, f roster.SCIMFilter) error {
	switch f.Op {
	case roster.SCIMAnd, roster.SCIMOr, roster.SCIMNot:
		return r.appendParts(q, f)
	}
	column, known := r.columns[f.Attribute]
	if !known {
		return roster.InvalidField("filter", "The attribute %q cannot be filtered by.", f.Attribute)
	}
	if column.within == "" {
		return r.appendComparison(q, column, f)
	}
	q.add("EXISTS (SELECT 1 FROM " + column.within + " AND ")
	if err := r.appendComparison(q, column, f); err != nil {
		return err
	}
	q.add(")")
	return nil
}

func (r scimReading) appendParts(q *query, f roster.SCIMFilter) error {
	q.add("(")
	for i, part := range f.Parts {
		switch {
		case f.Op == roster.SCIMNot:
			q.add("NOT ")
		case i > 0 && f.Op == roster.SCIMAnd:
			q.add(" AND ")
		case i > 0:
			q.add(" OR ")
		}
		if err := r.appendTerm(q, part); err != nil {
			return err
		}
	}
	q.add(")")
	return nil
}

// appendUserNameComparison compares a person's own userName, and where they have none, their
// e-mail. Who is equal is found by the index of each: providers ask for everybody.
func (r scimReading) appendUserNameComparison(q *query, f roster.SCIMFilter) error {
	own, email := scimColumn{expr: "su.user_name_clean", kind: scimNamed}, scimColumn{expr: scimEmail, kind: scimAddress}
	q.add("(CASE WHEN COALESCE(su.user_name_key, '') <> '' THEN ")
	if err := r.appendComparison(q, own, f); err != nil {
		return err
	}
	q.add(" ELSE ")
	if err := r.appendComparison(q, email, f); err != nil {
		return err
	}
	q.add(" END")
	if f.Op == roster.SCIMEqual {
		q.add(` AND om.user_id IN (SELECT n.user_id FROM scim_users n WHERE n.organization_id = ?
 AND n.user_name_key = ? AND n.user_name_key <> ''
 UNION ALL SELECT CAST(? AS BIGINT))`, r.organization, mailbox.NameKey(f.Value), r.owners[f.Value])
	}
	q.add(")")
	return nil
}

var scimComparisons = map[roster.SCIMOp]string{
	roster.SCIMEqual: " = ", roster.SCIMNotEqual: " <> ", roster.SCIMGreater: " > ",
	roster.SCIMGreaterOrEqual: " >= ", roster.SCIMLess: " < ", roster.SCIMLessOrEqual: " <= ",
}

// appendComparison appends the comparison of a column with a value.
func (r scimReading) appendComparison(q *query, c scimColumn, f roster.SCIMFilter) error {
	switch {
	case c.kind == scimUserName:
		return r.appendUserNameComparison(q, f)
	case c.kind == scimBool && f.Op != roster.SCIMPresent:
		return c.appendBoolComparison(q, f)
	case f.Op == roster.SCIMPresent && (c.kind == scimID || c.kind == scimBool):
		q.add("TRUE")
	case f.Op == roster.SCIMPresent:
		q.add(c.expr + " <> ''")
	case c.kind == scimAddress && (f.Op == roster.SCIMEqual || f.Op == roster.SCIMNotEqual):
		q.add("om.user_id"+scimComparisons[f.Op]+"?", r.owners[f.Value]) // as a mailbox, in whichever spelling
	case c.kind == scimNamed && (f.Op == roster.SCIMEqual || f.Op == roster.SCIMNotEqual):
		q.add("su.user_name_key"+scimComparisons[f.Op]+"?", mailbox.NameKey(f.Value))
	case c.kind == scimID:
		c.appendIDComparison(q, f)
	default:
		if f.Op == roster.SCIMEqual && c.index != "" && f.Value != "" {
			q.add("om.user_id IN ("+c.index+") AND ", r.organization, f.Value)
		}
		c.appendTextComparison(q, f.Op, c.form(f.Value))
	}
	return nil
}

// form is a text in the form in which a column keeps it.
func (c scimColumn) form(value string) string {
	switch c.kind {
	case scimFolded:
		return Searchable(value)
	case scimNamed:
		return mailbox.CleanName(value)
	case scimAddress:
		return mailbox.Clean(value)
	}
	return value
}

func (c scimColumn) appendIDComparison(q *query, f roster.SCIMFilter) {
	sign := scimComparisons[f.Op]
	if sign == "" {
		q.add(`CAST(`+c.expr+` AS TEXT) LIKE ? ESCAPE '\'`, scimPattern(f.Op, f.Value))
		return
	}
	id, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != f.Value { // no id of ours looks like this
		id = 0
	}
	q.add(c.expr+sign+"?", id)
}

// appendTextComparison counts case where the column does, which SQLite's LIKE does not:
// there it looks at pieces instead.
func (c scimColumn) appendTextComparison(q *query, op roster.SCIMOp, value string) {
	sign, length := scimComparisons[op], len([]rune(value))
	switch {
	case sign != "":
		q.add(c.expr+sign+"?", value)
	case c.kind != scimExact:
		q.add(c.expr+` LIKE ? ESCAPE '\'`, scimPattern(op, value))
	case op == roster.SCIMStarts:
		q.add("substr("+c.expr+", 1, ?) = ?", length, value)
	case op == roster.SCIMEnds:
		q.add("(length("+c.expr+") >= ? AND substr("+c.expr+", length("+c.expr+") - ? + 1) = ?)", length, length, value)
	default:
		q.add("replace("+c.expr+", ?, '') <> "+c.expr, value)
	}
}

func scimPattern(op roster.SCIMOp, value string) string {
	pattern := contains(value)
	switch op {
	case roster.SCIMStarts:
		return pattern[1:]
	case roster.SCIMEnds:
		return pattern[:len(pattern)-1]
	}
	return pattern
}

func (c scimColumn) appendBoolComparison(q *query, f roster.SCIMFilter) error {
	if f.Op != roster.SCIMEqual && f.Op != roster.SCIMNotEqual {
		return roster.InvalidField("filter", "The attribute %q can be compared by eq and ne only.", f.Attribute)
	}
	if f.Value != "true" && f.Value != "false" {
		return roster.InvalidField("filter", "The attribute %q is true or false.", f.Attribute)
	}
	q.add(c.expr+scimComparisons[f.Op]+"?", f.Value == "true")
	return nil
}
