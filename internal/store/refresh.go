package store

import (
	"context"
	"fmt"
	"strings"

	"roster"
	"roster/internal/mailbox"
)

// textVersion is that of what is made from names and titles for searching and sorting:
// Searchable, collationKey, and what goes into them. A row says by which its texts were
// made. Raise it when any of that changes, or the tables of golang.org/x/text do
// (TestTextVersion says so): the rows are made anew when the store is next opened.
const textVersion = 3

// derived is a table with columns that are made from others of it.
type derived struct {
	table string
	key   []string // the columns that tell its rows apart, all numbers
	from  string   // the columns read
	into  []string
	make  func(cells []string) []any
}

var derivedPeople = derived{"users", byID, "email, username, first_name, last_name",
	[]string{"search_text", "first_name_key", "last_name_key", "name_sort", "family_sort", "email_clean"},
	func(c []string) []any {
		return texts(roster.User{Email: c[0], Username: c[1], FirstName: c[2], LastName: c[3]})
	}}

var byID = []string{"id"}

func titled(cells []string) []any { return []any{Searchable(cells[0])} }

var derivations = []derived{derivedPeople,
	{"tags", byID, "label", []string{"search_text"}, titled},
	{"deleted_tags", []string{"operation_id", "tag_id"}, "label", []string{"search_text"}, titled},
	{"projects", byID, "title", []string{"title_key"}, titled},
}

// texts are the values of the columns of derivedPeople.
func texts(u roster.User) []any {
	name, family := SortKeys(u)
	return []any{personText(u), Searchable(u.FirstName), Searchable(u.LastName), name, family, cleanApart(u.Email)}
}

// cleanApart is an e-mail in small letters where an upstream writes it otherwise: parts of
// addresses are found in it. It is "" for one that is in small letters.
func cleanApart(email string) string {
	if clean := mailbox.Clean(email); clean != email {
		return clean
	}
	return ""
}

// settings is "column = value, …" of the columns and the version; value says which one is
// the i-th.
func (d derived) settings(value func(i int) string) string {
	var list strings.Builder
	for i, column := range d.into {
		list.WriteString(column + " = " + value(i) + ", ")
	}
	return list.String() + fmt.Sprintf("text_version = %d", textVersion)
}

func mark(int) string { return "?" }

// cell is the i-th cell, counted from first, of a table of rows.
func cellFrom(first int) func(i int) string {
	return func(i int) string { return fmt.Sprintf("x.value->>%d", first+i) }
}

// refreshed is how many rows are made anew at a time: others wait so long at the most.
const refreshedAtOnce = 2000

// Refresh makes the texts anew that an older Roster made, a batch at a time, and
// returns of how many rows. It can be stopped, and goes on from there.
func (db *DB) Refresh(ctx context.Context) (done int, err error) {
	if outdated, err := db.isOutdated(ctx); err != nil || !outdated {
		return 0, err
	}
	for _, d := range derivations {
		for {
			n, err := db.refreshSome(ctx, d)
			if done += n; err != nil {
				return done, err
			}
			if n == 0 {
				break
			}
		}
	}
	return done, nil
}

// isOutdated reports whether there are texts that Refresh would make anew.
func (db *DB) isOutdated(ctx context.Context) (bool, error) {
	q := db.query("SELECT CASE WHEN FALSE")
	for _, d := range derivations {
		q.add(" OR EXISTS (SELECT 1 FROM "+d.table+" WHERE text_version < ?)", textVersion)
	}
	n, err := db.count(ctx, q.add(" THEN 1 ELSE 0 END"))
	return n > 0, err
}

func (db *DB) refreshSome(ctx context.Context, d derived) (n int, err error) {
	err = db.Update(ctx, func(tx *DB) error {
		q := tx.query("SELECT "+strings.Join(d.key, ", ")+", "+d.from+" FROM "+d.table+" WHERE text_version < ? LIMIT ?"+
			tx.lock(d.table),
			textVersion, refreshedAtOnce)
		rows, err := collect(ctx, tx, q, d.row)
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		q = tx.query("UPDATE " + d.table + " SET " + d.settings(cellFrom(len(d.key))) + " FROM ").table(rows).
			add(" AS x WHERE TRUE")
		for i, column := range d.key {
			q.add(fmt.Sprintf(" AND %s.%s = CAST(x.value->>%d AS BIGINT)", d.table, column, i))
		}
		_, err = tx.exec(ctx, q)
		return err
	})
	return n, err
}

// row reads the columns and makes the new ones: the key, and they.
func (d derived) row(s scanner) ([]any, error) {
	key, cells := make([]int64, len(d.key)), make([]string, strings.Count(d.from, ",")+1)
	var dest, row []any
	for i := range key {
		dest = append(dest, &key[i])
	}
	for i := range cells {
		dest = append(dest, &cells[i])
	}
	err := s.Scan(dest...)
	for _, n := range key {
		row = append(row, n)
	}
	return append(row, d.make(cells)...), err
}
