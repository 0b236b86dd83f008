// Package client calls a Roster server over its HTTP API, which is the
// membership API of Label Studio Enterprise and Roster's additions to it.
//
//	c, err := client.New("https://roster.example.com", token)
//	…
//	preview, err := c.PreviewUnassign(ctx, 7, selector)
//	done, err := c.UnassignMembers(ctx, 7, selector, preview.Plan)
//
// What a call asks for is said in the nouns of package roster; what comes back
// are the wire's own shapes. Lists are iterators that fetch page after page,
// an export is a stream, and a refusal is an *Error.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls one server as one person. It is safe for concurrent use.
type Client struct {
	// Transport carries the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper

	base  *url.URL
	token string
	pause time.Duration // before the first repetition; doubled for the next
}

// New makes a client of the server at an http:// or https:// address, which
// signs its requests with a legacy API token. An empty token signs nothing.
func New(server, token string) (*Client, error) {
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("%q is not the address of a server, such as http://127.0.0.1:8080", server)
	}
	base.Path, base.RawQuery, base.Fragment = strings.TrimSuffix(base.Path, "/"), "", ""
	return &Client{base: base, token: token, pause: 250 * time.Millisecond}, nil
}

// request is one call of the API.
type request struct {
	method string
	path   string
	query  url.Values
	body   any // sent as JSON; nil sends none
	plan   string
	once   bool // a write that the server does once however often it is sent
}

// writes reports whether the request may change something. A preview is asked with POST.
func (r request) writes() bool {
	return r.method != http.MethodGet && !strings.HasSuffix(r.path, "/preview")
}

// attempts is how often a request is sent that may be sent again.
const attempts = 3

// send sends a request and returns a successful answer, or an *Error. A read,
// and a write that is done once by its Idempotency-Key, is sent again when its
// answer was lost or the server was busy.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
	}
	key := ""
	if r.once {
		key = newKey()
	}
	arrived := false // at the server, perhaps, in an attempt that got no answer
	for attempt := 1; ; attempt++ {
		answer, err := c.attempt(ctx, r, body, key)
		if err == nil && answer.StatusCode < 300 {
			return answer, nil
		}
		again := attempt < attempts && (r.once || r.method == http.MethodGet)
		answered := err == nil
		if answered {
			err = refusal(answer)
		} else {
			arrived = arrived || r.writes() && !isDial(err)
		}
		if !again || !passing(err) || !c.wait(ctx, attempt, answer) {
			if arrived && !answered {
				err = unanswered(err)
			}
			return nil, err
		}
	}
}

// isDial reports whether there was nobody to send to.
func isDial(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// attempt sends a request once.
func (c *Client) attempt(ctx context.Context, r request, body []byte, key string) (*http.Response, error) {
	u := *c.base
	u.Path += r.path
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	set := func(name, value string, given bool) {
		if given {
			req.Header.Set(name, value)
		}
	}
	set("Authorization", "Token "+c.token, c.token != "")
	set("Content-Type", "application/json", r.body != nil)
	set("If-Match", strconv.Quote(r.plan), r.plan != "")
	set("Idempotency-Key", key, key != "")
	return c.http().Do(req)
}

// http follows no redirect: Roster sends none, and one from something in
// between would turn a change into a GET.
func (c *Client) http() *http.Client {
	return &http.Client{Transport: c.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// passing reports whether an error may be gone the next time.
func passing(err error) bool {
	if refused, ok := errors.AsType[*Error](err); ok {
		switch refused.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable,
			http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// wait pauses before a repetition, as long as the server says (up to half a
// minute) or twice as long as the time before. It reports whether ctx still lives.
func (c *Client) wait(ctx context.Context, attempt int, answer *http.Response) bool {
	pause := c.pause << (attempt - 1)
	if answer != nil {
		if s, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && s >= 0 {
			pause = min(time.Duration(s)*time.Second, 30*time.Second)
		}
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// call sends a request and reads the answer into out, unless that is nil.
func (c *Client) call(ctx context.Context, r request, out any) (http.Header, error) {
	answer, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return answer.Header, err
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return nil, fmt.Errorf("the answer to %s %s could not be read: %w", r.method, r.path, err)
	}
	return answer.Header, nil
}

// newKey is an Idempotency-Key that nobody used before.
func newKey() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}
