package store_test

import (
	"errors"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestPool: a store is connected to as it is told, also through a pooler, and what its
// statements are planned by counts in each transaction.
func TestPool(t *testing.T) {
	db, err := store.OpenPool(storetest.Pooled(t, storetest.MigratedURL(t)), store.Pool{
		Connections: store.FewestConnected, Name: "roster of a test", Lock: 3 * time.Second,
		Statement: 4 * time.Second, Stand: 5 * time.Second,
	})
	must(t, err)
	defer db.Close()
	want := map[string]string{
		"application_name": "roster of a test", "lock_timeout": "3s", "statement_timeout": "4s",
		"idle_in_transaction_session_timeout": "5s", "jit": "off", "random_page_cost": "1.1",
	}
	must(t, db.Update(store.WithPatience(t.Context(), time.Minute), func(tx *store.DB) (err error) {
		for name, value := range want {
			shown, failed := tx.Shown(t.Context(), name)
			if err = errors.Join(err, failed); shown != value {
				t.Errorf("a change has %s %s, not %s", name, shown, value)
			}
		}
		return err
	}))
	must(t, db.View(t.Context(), func(tx *store.DB) error {
		cost, err := tx.Shown(t.Context(), "random_page_cost")
		if cost != "1.1" {
			t.Error("what is read is planned by", cost)
		}
		return err
	}))
}
