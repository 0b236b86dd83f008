package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"roster"
	"roster/internal/metrics"
	"roster/internal/tracing"
)

// Upstream is a Label Studio Community Edition as its owner sees it: what the
// gate asks it in its own name, to find out what a request is about and to
// mirror its people and projects. Access is never read from it.
type Upstream struct {
	base  *url.URL
	token string
	http  *http.Client
	now   func() time.Time

	fault atomic.Pointer[error] // why its last answer did not come; nil: it came

	access *cache[string, string] // what a personal access token was exchanged for
}

// accessFor is how long that is used: the upstream lets it live for minutes.
const accessFor = time.Minute

// serviceTimeout is how long the gate waits for an answer to its own question.
const serviceTimeout = 10 * time.Second

// maxAnswer is the largest answer that is read whole, in bytes.
const maxAnswer = 64 << 20

// NewUpstream reaches the Label Studio at base with a token of its owner's: a
// legacy token, or a personal access token, by the clock now.
func NewUpstream(base *url.URL, token string, now func() time.Time) *Upstream {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, 64
	u := &Upstream{base: base, token: token, now: now, access: newCache[string, string](1, accessFor)}
	u.http = &http.Client{
		Transport: tracing.Asking{RoundTripper: noting{transport, u}},
		Timeout:   serviceTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	return u
}

// Fault is why the last request to it, anybody's, was not answered; nil: it was, or there
// was none. It is at most as old as the last comparison.
func (u *Upstream) Fault() error {
	if err := u.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// noting is a transport that keeps in mind whether the upstream answers.
type noting struct {
	http.RoundTripper
	upstream *Upstream
}

func (t noting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(r)
	switch {
	case err == nil:
		t.upstream.fault.Store(nil)
	case !errors.Is(r.Context().Err(), context.Canceled): // or it was cut, and not by the upstream
		t.upstream.fault.Store(&err)
	}
	return answer, err
}

// Get asks for what lies at a path and reads the JSON into out. NotFound when
// there is nothing; another error when the upstream does not answer as it should.
func (u *Upstream) Get(ctx context.Context, path string, q url.Values, out any) error {
	return u.ask(ctx, http.MethodGet, path, q, nil, out)
}

// ask is Get by another method, with a body unless that is nil.
func (u *Upstream) ask(ctx context.Context, method, path string, q url.Values, body, out any) error {
	header, err := u.authorization(ctx)
	if err != nil {
		return err
	}
	return u.askAs(ctx, method, path, q, http.Header{"Authorization": {header}}, body, out)
}

// authorization is the header that the service account comes with.
func (u *Upstream) authorization(ctx context.Context) (string, error) {
	if !u.personal() {
		return "Token " + u.token, nil
	}
	if header, ok := u.access.get(u.token, u.now()); ok {
		return header, nil
	}
	body := strings.NewReader(fmt.Sprintf(`{"refresh":%q}`, u.token))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.base.JoinPath("/api/token/refresh/").String(), body)
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	var out struct{ Access string }
	if err := u.read(r, &out); err != nil {
		return "", err
	}
	u.access.put(u.token, "Bearer "+out.Access, u.now())
	return "Bearer " + out.Access, nil
}

// askAs is ask with any credential.
func (u *Upstream) askAs(ctx context.Context, method, path string, q url.Values, header http.Header,
	body, out any) error {
	at, raw := u.base.JoinPath(path), []byte(nil)
	at.RawQuery = q.Encode()
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
		header.Set("Content-Type", "application/json")
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header = header
	return u.read(r, out)
}

func (u *Upstream) read(r *http.Request, out any) error {
	r.Header.Set("Accept", "application/json")
	began := time.Now()
	answer, err := u.http.Do(r)
	metrics.Asked(true, time.Since(began))
	if err != nil {
		return unreachable(err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return hasNone(answer)
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return roster.Errorf(roster.Unsigned, "Invalid token.")
	case answer.StatusCode/100 != 2:
		return &fault{http.StatusBadGateway, fmt.Errorf("upstream answered %s to %s", answer.Status, r.URL.Path)}
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(out); err != nil {
		return &fault{http.StatusBadGateway, fmt.Errorf("upstream's answer to %s cannot be read: %w", r.URL.Path, err)}
	}
	return nil
}

// hasNone is what a 404 comes to: NotFound where Label Studio itself says so, in the shape
// of its own errors. Another server's says nothing about the thing. To a path without a
// slash at its end Label Studio answers with a page, which nobody can tell from another's:
// that is enough to refuse, and neither tasks nor projects are taken for gone by it.
func hasNone(answer *http.Response) error {
	if !strings.HasSuffix(answer.Request.URL.Path, "/") {
		return notFound
	}
	var said struct {
		Status int    `json:"status_code"`
		Detail string `json:"detail"`
	}
	if json.NewDecoder(io.LimitReader(answer.Body, 1<<16)).Decode(&said) == nil &&
		(said.Status == http.StatusNotFound || said.Detail != "") {
		return notFound
	}
	return &fault{http.StatusBadGateway, fmt.Errorf("%s is not found, and it is not Label Studio who says so",
		answer.Request.URL.Path)}
}

// fault is an error of the upstream's, or on the way to it.
type fault struct {
	status int // what it is answered with
	err    error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// unreachable is the fault that a request without an answer is.
func unreachable(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &fault{http.StatusGatewayTimeout, err}
	}
	return &fault{http.StatusBadGateway, err}
}

var notFound = &roster.Error{Kind: roster.NotFound, Message: "Not found."}
