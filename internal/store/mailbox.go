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
// found by its key, the other by users.shared_mailbox, and each of them by the spelling
// of their own. Another spelling is neither's.

// owner is the id of the person who has an address; NotFound, or Invalid where two have
// its mailbox and neither has this spelling.
func (db *DB) owner(ctx context.Context, address string) (int64, error) {
	found, err := db.owners(ctx, []string{address})
	if err == nil && found[address] == 0 {
		err = roster.Errorf(roster.NotFound, "Not found.")
	}
	return found[address], err
}

// addressesAtOnce is how many addresses one statement asks about.
const addressesAtOnce = 20_000

// owners is who has each of some addresses, by the address as it is given.
func (db *DB) owners(ctx context.Context, addresses []string) (map[string]int64, error) {
	found := map[string]int64{}
	holders := map[string][]holder{}
	for some := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(addresses))), addressesAtOnce) {
		err := db.each(ctx, ownersQuery(db, some), func(s scanner) error {
			var h holder
			err := s.Scan(&h.address, &h.id, &h.email)
			holders[h.address] = append(holders[h.address], h)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for address, of := range holders {
		id, err := whose(address, of)
		if err != nil {
			return nil, err
		}
		found[address] = id
	}
	return found, nil
}

// ownersQuery asks for them, each of which comes once.
func ownersQuery(db *DB, addresses []string) *query {
	var rows [][]any
	for _, address := range addresses {
		rows = append(rows, []any{address, mailbox.Key(address)})
	}
	q := db.query("SELECT x.value->>0, u.id, u.email FROM ").table(rows).
		add(" AS x JOIN users u ON u.email_key = x.value->>1\nUNION ALL SELECT x.value->>0, u.id, u.email FROM ").table(rows)
	return q.add(" AS x JOIN users u ON u.shared_mailbox = x.value->>1 AND u.shared_mailbox <> ''")
}

// whose is the person of those of one mailbox who has an address: whose spelling it is,
// letter by letter or without case, or the only one there is.
func whose(address string, of []holder) (int64, error) {
	written := strings.TrimSpace(address)
	for _, same := range []func(email string) bool{
		func(email string) bool { return email == written },
		func(email string) bool { return mailbox.Clean(email) == mailbox.Clean(written) },
		func(string) bool { return true },
	} {
		var ids []int64
		for _, h := range of {
			if same(h.email) && !slices.Contains(ids, h.id) {
				ids = append(ids, h.id)
			}
		}
		if len(ids) == 1 {
			return ids[0], nil
		}
	}
	return 0, roster.InvalidField("email",
		"The mailbox of %s is two people's, and neither writes it so. Write it as one of them does. Nothing was changed.",
		written)
}

// holder is somebody who has a mailbox, with the address that was asked for.
type holder struct {
	address string
	id      int64
	email   string
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

// rekeyNames gives the names of a provider's, too, the keys that package mailbox makes of
// them, and finds who shares a mailbox.
func (db *DB) rekeyNames(ctx context.Context) error {
	if err := db.rekey(ctx); err != nil {
		return err
	}
	for _, table := range []string{"scim_users", "departed_scim_users"} {
		if err := db.rekeyNamesOf(ctx, table); err != nil {
			return err
		}
	}
	people, err := db.misaddressed(ctx, "users")
	if err != nil {
		return err
	}
	rows := [][]any{}
	for _, a := range people {
		if a.key == mailbox.Exact(a.address) {
			rows = append(rows, []any{a.id, mailbox.Key(a.address)})
		}
	}
	q := db.query("UPDATE users SET shared_mailbox = x.value->>1 FROM ").table(rows)
	_, err = db.exec(ctx, q.add(" AS x WHERE users.id = CAST(x.value->>0 AS BIGINT)"))
	return err
}

func (db *DB) rekeyNamesOf(ctx context.Context, table string) error {
	q := db.query("SELECT DISTINCT user_name FROM " + table + " WHERE user_name <> ''")
	rows, err := collect(ctx, db, q, func(s scanner) ([]any, error) {
		var name string
		err := s.Scan(&name)
		return []any{name, mailbox.NameKey(name), mailbox.CleanName(name)}, err
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	q = db.query("UPDATE " + table + " SET user_name_key = x.value->>1, user_name_clean = x.value->>2 FROM ").table(rows)
	_, err = db.exec(ctx, q.add(" AS x WHERE "+table+".user_name = x.value->>0"))
	return err
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
	q := db.query("SELECT u.id, u.email, u.email_key FROM ").table(all).
		add(" AS x JOIN users u ON u.email_key = x.value->>0")
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
	q := db.query("SELECT "+
		userColumns+` FROM users u WHERE u.email_key >= ':' AND u.email_key < ';' AND EXISTS (SELECT 1
 FROM organization_members om
WHERE om.user_id = u.id AND om.deleted_at IS NULL AND (om.organization_id = ? OR ? = 0)) ORDER BY u.id LIMIT ?`,
		organization, organization, mostOddAddresses)
	people, err := collect(ctx, db, q, scanUser)
	if err != nil {
		return nil, err
	}
	list, owners := make([]roster.OddAddress, len(people)), make([][]any, len(people))
	for i, u := range people {
		list[i] = roster.OddAddress{User: u, Why: strings.TrimSpace(mailbox.Why(u.Email))}
		owners[i] = []any{mailbox.Key(u.Email), i}
	}
	q = db.query("SELECT " + userColumns + ", x.value->>1 FROM ").table(owners).
		add(" AS x JOIN users u ON u.email_key = x.value->>0")
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
