package app_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// An answer that an earlier version kept does not say what was asked for it: it is given
// to nobody, and nothing is done under its key.
func TestAnswersOfEarlierVersionsAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as, request := w.As(w.Owner), []byte("the same request")
		for key, header := range map[string]string{"of the API": `{"Content-Type":["application/json"]}`,
			"of the console": ""} {
			_, err := db.ClaimKey(as, w.Owner, key, request, w.Clock, w.Clock.Add(time.Hour))
			must(t, err)
			must(t, db.RecordAnswer(as, w.Owner, key, store.Answer{Status: 200, Header: header, Body: []byte("{}")}))
			answer, err := w.App.ClaimKey(as, key, request)
			if answer != nil {
				t.Errorf("%s: %+v", key, answer)
			}
			wantKind(t, key, err, roster.KeyReused)
		}
	})
}
