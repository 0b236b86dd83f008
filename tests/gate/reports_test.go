package gate

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"testing"
)

// TestReport9796: any account reads, changes and deletes anybody's annotation by
// its id, says upstream report 9796. Past the gate that is so; through it, nobody
// does but whom the policy lets.
func TestReport9796(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann", "rea")
	bob := g.who(t, "bob")
	bare, err := signedIn(upstream.url, "bob")
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/api/annotations/%d/", s.id("annotation", g.who(t, "ann")))
	change := map[string]any{"result": chosen("Bad")}
	for _, request := range []struct {
		method string
		body   any
	}{{"GET", nil}, {"PATCH", change}, {"DELETE", nil}} {
		if got := bob.status(t, request.method, path, request.body); got != 404 {
			t.Errorf("through the gate, %s by somebody of no project: %d", request.method, got)
		}
	}
	s.join("bob")
	for _, method := range []string{"GET", "DELETE"} {
		if got := bob.status(t, method, path, nil); got != 404 {
			t.Errorf("%s by somebody else of the project: %d", method, got)
		}
	}
	g.who(t, "ann").must(t, "GET", path, nil, nil)
	g.who(t, "rea").must(t, "GET", path, nil, nil)
	bare.must(t, "GET", path, nil, nil) // what the report says is still true
	bare.must(t, "PATCH", path, change, nil)
	bare.must(t, "DELETE", path, nil, nil)
}

// TestReport9924: any account reads any object of a storage's bucket by way of a
// task, says upstream report 9924. Past the gate that is so; through it, people get
// what the task's own data names, in projects that they are on.
func TestReport9924(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "ann")
	s.id("storage s3", nil)
	task := s.id("task", nil)
	resolve := func(uri string) string {
		return fmt.Sprintf("/tasks/%d/resolve/?fileuri=%s", task,
			url.QueryEscape(base64.URLEncoding.EncodeToString([]byte(uri))))
	}
	bare, err := signedIn(upstream.url, "bob")
	if err != nil {
		t.Fatal(err)
	}
	secret := "s3://pictures/payroll.pdf" // in the bucket, and no task's
	for _, uri := range []string{image, secret} {
		if got := bare.status(t, "GET", resolve(uri), nil); got != 303 {
			t.Errorf("past the gate, %s: %d; the report says a signed address", uri, got)
		}
		if got := g.who(t, "bob").status(t, "GET", resolve(uri), nil); got != 404 {
			t.Errorf("%s, by somebody of no project: %d", uri, got)
		}
	}
	if got := g.who(t, "ann").status(t, "GET", resolve(image), nil); got != 303 {
		t.Errorf("what the task names, by somebody of the project: %d", got)
	}
	if got := g.who(t, "ann").status(t, "GET", resolve(secret), nil); got != 404 {
		t.Errorf("what it does not name: %d", got)
	}
}
