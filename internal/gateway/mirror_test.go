package gateway_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/gateway"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// lacking is an upstream without some of its people and projects.
func lacking(person, gone int64) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		switch strings.Trim(r.URL.Path, "/") {
		case "api/users":
			left := []any{}
			for _, p := range everybody() {
				if p.(map[string]any)["id"] != person {
					left = append(left, p)
				}
			}
			writeJSON(w, left)
		case "api/projects":
			left := []any{}
			for _, id := range []int64{1, 2} {
				if id != gone {
					left = append(left, project(id))
				}
			}
			writeJSON(w, map[string]any{"next": nil, "results": left})
		case "api/projects/" + strconv.FormatInt(gone, 10):
			hasNot(w)
		default:
			return false
		}
		return true
	}
}

// TestPagesShift: while the pages of the list are read, somebody's change of a
// project of theirs moves others: one that is on two pages is one, and one that
// is on none is not taken for gone.
func TestPagesShift(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		titled := project(2)
		w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.Trim(r.URL.Path, "/") != "api/projects" {
				return false
			}
			next := any("/api/projects/?page=2")
			if r.URL.Query().Get("page") == "2" {
				next = nil
			}
			writeJSON(rw, map[string]any{"next": next, "results": []any{titled}})
			return true
		})
		titled["title"] = "Compared"
		w.compared()
		if p, err := w.app.Project(w.as("owner"), 2, 0); !w.knows(1) || err != nil || p.Title != "Compared" {
			t.Error("knows the one that slipped:", w.knows(1), "and the one that is there twice:", p.Title, err)
		}
	})
}

// TestTwoGatesCompare: two gates on one store compare at once, again and again,
// and each change is one operation.
func TestTwoGatesCompare(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		w.fake.questioning(lacking(people["vic"], 2))
		var both sync.WaitGroup
		for range 2 {
			a, err := app.New(db, core.DefaultConfig(), []byte("a secret for tests"))
			ok(t, err)
			u := gateway.NewUpstream(w.upstreamURL(), serviceToken, a.Now)
			both.Go(func() {
				for range 5 {
					if err := gateway.Reconcile(context.Background(), a, u); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		ops, total, err := w.app.Operations(w.as("owner"), roster.OperationFilter{Kind: roster.OpOrganizationLeave},
			roster.Everything)
		if err != nil || total != 1 || ops[0].Changed != 1 {
			t.Errorf("%d operations: %+v %v", total, ops, err)
		}
		if w.knows(2) || !w.knows(1) {
			t.Error("projects:", w.knows(1), w.knows(2))
		}
	})
}

// TestComesBack: while the upstream is away nobody and nothing is taken for
// gone, and what happened meanwhile is seen at the first tick after.
func TestComesBack(t *testing.T) {
	w := newWorld(t)
	for name, answer := range map[string]string{"down": "", "starting": "<html>Starting</html>",
		"without anybody": "[]", "halfway": `[{"id":1`} {
		w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
			if answer == "" {
				rw.WriteHeader(http.StatusBadGateway)
			}
			rw.Write([]byte(answer))
			return true
		})
		w.compared()
		if _, err := w.app.Recognize(t.Context(), people["vic"], roster.CredentialToken); err != nil || !w.knows(2) {
			t.Errorf("%s: %v, project 2: %v", name, err, w.knows(2))
		}
	}
	w.fake.questioning(lacking(people["vic"], 2))
	w.compared()
	if _, err := w.app.Recognize(t.Context(), people["vic"], roster.CredentialToken); err == nil || w.knows(2) {
		t.Error("what happened meanwhile was not seen")
	}
	w.fake.questioning(nil)
	w.compared()
	if !w.knows(2) {
		t.Error("a project that is back is not")
	}
}

// TestSkewedClocks: what the upstream thinks the time is changes nobody's access.
func TestSkewedClocks(t *testing.T) {
	w := newWorld(t)
	for _, year := range []string{"1970", "2999"} {
		at := year + "-01-01T00:00:00Z"
		w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Date", "Thu, 01 Jan "+year+" 00:00:00 GMT")
			switch strings.Trim(r.URL.Path, "/") {
			case "api/users":
				all := everybody()
				for _, p := range all {
					p.(map[string]any)["date_joined"] = at
				}
				writeJSON(rw, all)
			case "api/projects":
				one, other := project(1), project(2)
				one["created_at"], other["created_at"], one["pinned_at"] = at, at, at
				writeJSON(rw, map[string]any{"next": nil, "results": []any{one, other}})
			default:
				return false
			}
			return true
		})
		w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Date", "Thu, 01 Jan "+year+" 00:00:00 GMT")
			expires, _ := time.Parse(time.RFC3339, at)
			http.SetCookie(rw, &http.Cookie{Name: "sessionid", Value: "up-ann", Expires: expires})
			return false
		})
		w.compared()
		for who, want := range map[string]int{"ann": 200, "mia": 200, "owner": 200, "out": 404, "paul": 403} {
			if got := w.get(who, "/api/tasks/11/"); got.status != want {
				t.Errorf("in %s %s gets %d", year, who, got.status)
			}
		}
		w.unassign(1, "ann")
		if got := w.get("ann", "/api/tasks/11/"); got.status != 404 {
			t.Errorf("in %s, after unassigning: %d", year, got.status)
		}
		w.assign(1, "ann")
	}
}
