package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"roster"
	"roster/internal/mailbox"
)

// Who has an e-mail address is found by its key in users.email_key: see package
// mailbox. Two people who have one mailbox from before keep what they had: the one is
// found by its key, the other by exactly their spelling, which comes first.

// byAddress appends WHERE: who has an address, and ends the query.
func (q *query) byAddress(address string) *query {
	exact := mailbox.Exact(address)
	return q.add(" WHERE u.email_key IN (?, ?) ORDER BY u.email_key = ? DESC LIMIT 1", mailbox.Key(address), exact, exact)
}

// owners is who has each of some addresses, by the address as it is given.
func (db *DB) owners(ctx context.Context, addresses []string) (map[string]int64, error) {
	rows := make([][]any, 0, 2*len(addresses))
	for _, address := range addresses {
		rows = append(rows, []any{address, mailbox.Key(address)}, []any{address, mailbox.Exact(address)})
	}
	found := make(map[string]int64, len(addresses))
	q := db.query("SELECT x.value->>0, u.id, u.email_key FROM ").table(rows).add(" AS x JOIN users u ON u.email_key = x.value->>1")
	return found, db.each(ctx, q, func(s scanner) error {
		var address, key string
		var id int64
		err := s.Scan(&address, &id, &key)
		if found[address] == 0 || mailbox.Irregular(key) {
			found[address] = id
		}
		return err
	})
}

// mailboxSpelling is how the mailbox of an address is spelt by machines, where that
// is not how it is written.
func mailboxSpelling(address string) string {
	a, err := mailbox.Parse(address)
	if err != nil || a.Key == a.Text {
		return ""
	}
	return a.Key
}

// addressed is a row with an address, and the key of it.
type addressed struct {
	id           int64
	address, key string
}

func scanAddressed(s scanner) (a addressed, err error) {
	err = s.Scan(&a.id, &a.address, &a.key)
	return a, err
}

// spare is a key by which nobody is looked for, of a row that has to have one.
func spare(address string, id int64) string {
	return fmt.Sprintf("%s %d", mailbox.Exact(address), id)
}

// keys are those that a row would have, the best first. Whom the mirror of an upstream
// took a key from, for somebody else there, has none.
func (a addressed) keys() []string {
	if strings.HasSuffix(a.key, fmt.Sprintf(" %d", a.id)) {
		return nil
	}
	return []string{mailbox.Key(a.address), mailbox.Exact(a.address)}
}

// rekey gives every address the key that package mailbox makes of it.
func (db *DB) rekey(ctx context.Context) error {
	invited, err := db.misaddressed(ctx, "invitations")
	if err != nil {
		return err
	}
	for i, a := range invited {
		invited[i].key = mailbox.Key(a.address)
	}
	if err := db.setKeys(ctx, "invitations", invited); err != nil {
		return err
	}
	people, err := db.misaddressed(ctx, "users")
	if err != nil {
		return err
	}
	return db.rekeyPeople(ctx, people)
}

// misaddressed is the rows of a table whose key is not that of their address.
func (db *DB) misaddressed(ctx context.Context, table string) (list []addressed, err error) {
	return list, db.each(ctx, db.query("SELECT id, email, email_key FROM "+table+" ORDER BY id"), func(s scanner) error {
		a, err := scanAddressed(s)
		if a.key != mailbox.Key(a.address) {
			list = append(list, a)
		}
		return err
	})
}

// rekeyPeople gives people the first of their keys that nobody has.
func (db *DB) rekeyPeople(ctx context.Context, people []addressed) error {
	if len(people) == 0 {
		return nil
	}
	wanted, spared := make([][]string, len(people)), make([]addressed, len(people))
	var all [][]any
	for i, a := range people {
		wanted[i] = a.keys()
		for _, key := range wanted[i] {
			all = append(all, []any{key})
		}
		spared[i] = addressed{id: a.id, key: spare(a.address, a.id)}
	}
	if err := db.setKeys(ctx, "users", spared); err != nil {
		return err
	}
	taken := map[string]bool{}
	q := db.query("SELECT u.id, u.email, u.email_key FROM ").table(all).add(" AS x JOIN users u ON u.email_key = x.value->>0")
	if err := db.each(ctx, q, func(s scanner) error {
		a, err := scanAddressed(s)
		taken[a.key] = true
		return err
	}); err != nil {
		return err
	}
	for i := range spared {
		free := slices.IndexFunc(wanted[i], func(key string) bool { return !taken[key] })
		if free >= 0 {
			spared[i].key = wanted[i][free]
			taken[spared[i].key] = true
		}
	}
	return db.setKeys(ctx, "users", spared)
}

func (db *DB) setKeys(ctx context.Context, table string, list []addressed) error {
	rows := make([][]any, len(list))
	for i, a := range list {
		rows[i] = []any{a.id, a.key}
	}
	if len(rows) == 0 {
		return nil
	}
	q := db.query("UPDATE " + table + " SET email_key = x.value->>1 FROM ").table(rows)
	_, err := db.exec(ctx, q.add(" AS x WHERE "+table+".id = CAST(x.value->>0 AS BIGINT)"))
	return err
}

// mostOddAddresses is how many are listed at once.
const mostOddAddresses = 1000

// OddAddresses is the first people of an organization (0: of any) who keep an address
// that nobody could be given today, or whose mailbox is another person's, by id.
func (db *DB) OddAddresses(ctx context.Context, organization int64) ([]roster.OddAddress, error) {
	q := db.query("SELECT "+userColumns+` FROM users u WHERE u.email_key >= ':' AND u.email_key < ';' AND EXISTS (SELECT 1 FROM organization_members om
WHERE om.user_id = u.id AND om.deleted_at IS NULL AND (om.organization_id = ? OR ? = 0)) ORDER BY u.id LIMIT ?`, organization, organization, mostOddAddresses)
	people, err := collect(ctx, db, q, scanUser)
	if err != nil {
		return nil, err
	}
	list, owners := make([]roster.OddAddress, len(people)), make([][]any, len(people))
	for i, u := range people {
		list[i] = roster.OddAddress{User: u, Why: strings.TrimSpace(mailbox.Why(u.Email))}
		owners[i] = []any{mailbox.Key(u.Email), i}
	}
	q = db.query("SELECT " + userColumns + ", x.value->>1 FROM ").table(owners).add(" AS x JOIN users u ON u.email_key = x.value->>0")
	return list, db.each(ctx, q, func(s scanner) error {
		var n userScan
		var u roster.User
		var at int
		err := s.Scan(append(n.into(&u), &at)...)
		n.finish(&u)
		if err == nil && u.ID != list[at].User.ID {
			list[at].Owner = u
		}
		return err
	})
}
