package lsapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster"
)

// unread is a body that tells whether somebody read it.
type unread struct{ read bool }

func (u *unread) Read([]byte) (int, error) { u.read = true; return 0, io.EOF }

// TestStrangersSendNoLargeBodies: who does not see the project or the workspace of the
// path is told so before the body is read.
func TestStrangersSendNoLargeBodies(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		stranger := w.Person(roster.RoleAnnotator)
		workspace := w.Workspace("Vision")
		project := w.Project("Signs", workspace)
		if workspace != 1 || project != 1 {
			t.Fatal(workspace, project)
		}
		token, err := w.App.Token(context.Background(), stranger)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{
			"DELETE /api/projects/1/members/bulk/?all=true", "POST /api/projects/1/members/",
			"POST /api/roster/projects/1/members/bulk/preview",
			"PATCH /api/projects/1/", "POST /api/workspaces/1/memberships/bulk/", "POST /api/projects/1/tasks/assignees/",
		} {
			method, path, _ := strings.Cut(target, " ")
			for _, key := range []string{"", "key"} {
				body := &unread{}
				r := httptest.NewRequest(method, path, body)
				r.ContentLength = 5 << 20
				r.Header.Set("Authorization", "Token "+token)
				r.Header.Set("Content-Type", "application/json")
				if key != "" {
					r.Header.Set("Idempotency-Key", key)
				}
				answer := httptest.NewRecorder()
				w.server.ServeHTTP(answer, r)
				if answer.Code != http.StatusNotFound || body.read {
					t.Errorf("%s: %d, read %v: %s", target, answer.Code, body.read, answer.Body)
				}
			}
		}
	})
}
