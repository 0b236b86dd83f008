package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
)

// recorded has every request of somebody who signed in written to the activity
// log: all of the API, and of the console what is sent, not what is looked at.
// It stands around the panic guard, to see what was really answered.
func recorded(a *app.App, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.Now()
		defer func() {
			// what an operator does on the store itself is no request
			facts := roster.RequestIn(r.Context()).Facts()
			if who := facts.Actor; who.UserID != 0 && who.Credential != roster.CredentialOperator {
				activity := activityOf(r, facts)
				activity.At, activity.Duration = began, a.Now().Sub(began)
				a.Record(activity)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func activityOf(r *http.Request, facts roster.RequestFacts) roster.Activity {
	who, status := facts.Actor, facts.Status
	if status == 0 { // the connection was cut before an answer began
		status = http.StatusInternalServerError
	}
	return roster.Activity{
		OrganizationID: who.OrganizationID, UserID: who.UserID,
		ProjectID: named("projects", r.URL.Path), WorkspaceID: named("workspaces", r.URL.Path),
		Method: printable(r.Method, 10), URL: redacted(r.RequestURI, 256), Status: status,
		Address: addressOf(r), UserAgent: printable(r.UserAgent(), 1024), Referer: redacted(r.Referer(), 1024),
		RequestID: roster.RequestIn(r.Context()).ID, Session: sessionName(who),
	}
}

// sessionName tells the sessions of a person apart in the 8 characters that the
// wire has for it; "" for other credentials.
func sessionName(who roster.Actor) string {
	if who.SessionID == 0 {
		return ""
	}
	return fmt.Sprintf("%08x", uint32(who.SessionID))
}

// named is the id of a thing of this kind that a path names; 0 when it names none.
func named(kind, path string) int64 {
	path = strings.TrimPrefix(path, "/")
	path = strings.TrimPrefix(strings.TrimPrefix(path, "api/"), "roster/")
	first, rest, _ := strings.Cut(path, "/")
	if first != kind {
		return 0
	}
	text, _, _ := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// addressOf is the client's address without the port.
func addressOf(r *http.Request) string {
	if client, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return client.Addr().Unmap().String()
	}
	return printable(r.RemoteAddr, 64)
}

const hidden = "[hidden]"

// Secrets have no place in a URL, and come there all the same: by the name of
// their parameter, before a host, or looking like one of Roster's tokens.
var (
	secretNames = []string{"key", "sig", "code", "state", "nonce", "access", "refresh", "assertion"}
	secretWords = []string{"token", "secret", "passw", "pwd", "auth", "credential", "apikey", "api_key", "api-key",
		"session", "cookie", "jwt", "signature"}
	userInfo    = regexp.MustCompile(`^(\w+://)[^/@]*@`)
	secretShape = regexp.MustCompile(`eyJ[\w-]+\.[\w.-]*|[[:xdigit:]]{40,}`)
)

// isSecret tells by the name of a parameter. One that nobody can read may be
// any.
func isSecret(name string) bool {
	name, err := url.QueryUnescape(name)
	name = strings.ToLower(name)
	return err != nil || slices.Contains(secretNames, name) ||
		slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// redacted is the beginning of a URL without the secrets in it. It reads no
// more than it keeps: URLs can be megabytes.
func redacted(text string, most int) string {
	text, _, _ = strings.Cut(text, "#")
	path, query, _ := strings.Cut(text, "?")
	if strings.Contains(path, "@") {
		path = userInfo.ReplaceAllString(path, "$1")
	}
	out, separator := shapeless(path, most), "?"
	for query != "" && len(out) < most {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, hasValue := strings.Cut(pair, "=")
		out += separator + shapeless(name, most)
		if hasValue {
			out += "=" + withoutSecret(name, value, most)
		}
		separator = "&"
	}
	return printable(out, most)
}

// withoutSecret is the value of a parameter, or says that it is hidden.
func withoutSecret(name, value string, most int) string {
	if isSecret(name[:min(len(name), most)]) {
		return hidden
	}
	return shapeless(value, most)
}

// shapeless hides what looks like a token, in the beginning of a text. What it
// reads beyond tells whether the end of that is one.
func shapeless(text string, most int) string {
	if len(text) < 40 && !strings.Contains(text, "eyJ") {
		return text // as most are
	}
	const beyond = 64
	clear := secretShape.ReplaceAllString(text[:min(len(text), most+beyond)], hidden)
	if len(text) > most+beyond {
		return clear[:max(0, len(clear)-beyond)]
	}
	return clear
}

// printable is the beginning of a text in ASCII that can be printed, with the
// rest as in URLs: %20.
func printable(text string, most int) string {
	if len(text) <= most && !strings.ContainsFunc(text, unprintable) {
		return text // as nearly all are
	}
	var out strings.Builder
	for i := range len(text) {
		if out.Len() >= most {
			break
		}
		if b := text[i]; !unprintable(rune(b)) {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	clean := out.String()
	return clean[:min(len(clean), most)]
}

// unprintable reports whether a byte is none that is written in ASCII.
func unprintable(b rune) bool { return b < ' ' || b >= 0x7f }

// writeEvery is how often the activity log is written, and writeWithin how long that
// may take.
const (
	writeEvery  = time.Second
	writeWithin = 10 * time.Second
)

// keepActivities writes the activity log until ctx ends, and then the last of it.
func keepActivities(ctx context.Context, a *app.App) {
	for tick := time.Tick(writeEvery); ctx.Err() == nil; {
		writeActivities(ctx, a)
		select {
		case <-ctx.Done():
		case <-tick:
		}
	}
	writeActivities(ctx, a)
}

// writeActivities does not stop when ctx ends: the store may have written what it
// was told to give up, and that would be written once more.
func writeActivities(ctx context.Context, a *app.App) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
	defer cancel()
	lost, err := a.WriteActivities(ctx)
	if lost > 0 {
		slog.WarnContext(ctx, "the activity log lost requests: too many waited to be written", "lost", lost)
	}
	if err != nil {
		slog.WarnContext(ctx, "the activity log could not be written, and waits", "error", err)
	}
}
