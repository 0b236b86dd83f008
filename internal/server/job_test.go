package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestJobsAreDone: a file that is uploaded to a running server is put to work
// by it, without anybody asking again.
func TestJobsAreDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := open(t, db)
		person := s.Person("AN")
		var form bytes.Buffer
		fields := multipart.NewWriter(&form)
		file, _ := fields.CreateFormFile("file", "tags.csv")
		fmt.Fprintf(file, "email,tags\nperson1@example.com,\"night, day\"\nnobody@example.com,night\n")
		fields.WriteField("bulk_tags", "batch")
		fields.Close()
		path := fmt.Sprintf("%s/api/organizations/%d/member-tags/imports", s.url, s.Org)
		var made struct {
			Import int64 `json:"import"`
		}
		s.asks(t, "POST", path, fields.FormDataContentType(), &form, http.StatusCreated, &made)
		var got struct {
			Status  string   `json:"status"`
			Skipped []string `json:"users_skipped"`
		}
		for got.Status != "completed" && got.Status != "failed" {
			s.asks(t, "GET", fmt.Sprintf("%s/%d", path, made.Import), "", nil, http.StatusOK, &got)
		}
		if got.Status != "completed" || len(got.Skipped) != 1 || got.Skipped[0] != "nobody@example.com" {
			t.Errorf("import: %+v", got)
		}
		m, err := s.App.OrganizationMember(s.As(s.Owner), s.Org, person)
		if err != nil || len(m.Tags) != 3 {
			t.Errorf("tags: %+v %v", m.Tags, err)
		}
	})
}

// asks makes a request that must be answered with the given status.
func (s *site) asks(t *testing.T, method, url, kind string, body *bytes.Buffer, status int, into any) {
	t.Helper()
	if body == nil {
		body = &bytes.Buffer{}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+s.token)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil || answer.StatusCode != status {
		t.Fatalf("%s %s: %d, %v", method, url, answer.StatusCode, err)
	}
}
