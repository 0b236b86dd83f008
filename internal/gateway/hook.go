package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/core"
)

// webhook is the upstream's hook by which it tells the gate of changes. A nil
// project is the whole organization.
type webhook struct {
	ID      int64             `json:"id,omitempty"`
	Project *int64            `json:"project,omitempty"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers"`
	Active  bool              `json:"is_active"`
	Payload bool              `json:"send_payload"`
	All     bool              `json:"send_for_all_actions"`
	Actions []string          `json:"actions"`
}

// secretHeader is where the upstream shows that it is the upstream. It signs
// nothing, but sends what a hook's headers hold.
const secretHeader = "X-Roster-Secret"

// newHook is the hook as it should be; nil where no address was given at which
// the upstream reaches the gate.
func newHook(at *url.URL, root, secret string) *webhook {
	if at == nil {
		return nil
	}
	return &webhook{
		URL: at.JoinPath(root, changesPath).String(), Headers: map[string]string{secretHeader: secret}, Active: true,
		Payload: true,
		// sorted
		Actions: []string{"ANNOTATIONS_DELETED", "PROJECT_CREATED", "PROJECT_DELETED", "PROJECT_UPDATED", "TASKS_DELETED"},
	}
}

// same reports whether the upstream's hook does what ours should.
func (h webhook) same(there webhook) bool {
	slices.Sort(there.Actions)
	return maps.Equal(h.Headers, there.Headers) && slices.Equal(h.Actions, there.Actions) && there.Active &&
		there.Payload && !there.All
}

// KeepHook makes sure that the upstream has the gate's hook, as it should be. What it
// does not agree to is logged once, and left to the comparison.
func (g *Gate) KeepHook(ctx context.Context) {
	if g.hook == nil {
		return
	}
	trouble := ""
	if err := g.upstream.keepHook(ctx, *g.hook); err != nil {
		trouble = err.Error()
	}
	switch {
	case trouble == g.trouble || ctx.Err() != nil:
		return
	case trouble == "":
		slog.InfoContext(ctx, "Label Studio tells again of what is changed past the gate")
	default:
		slog.WarnContext(ctx,
			"Label Studio does not tell of what is changed past the gate: it is seen with the next comparison", "error", trouble)
	}
	g.trouble = trouble
}

func (u *Upstream) keepHook(ctx context.Context, want webhook) error {
	var all []webhook
	if err := u.Get(ctx, "/api/webhooks/", nil, &all); err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(h webhook) bool { return h.Project == nil && h.URL == want.URL })
	switch {
	case i < 0:
		if err := u.change(ctx, http.MethodPost, "/api/webhooks/", want); err != nil {
			return fmt.Errorf("it has no hook for the whole organization to %s, and makes none when asked (%w). Make it "+
				"there once, as docs/gate.md says", want.URL, err)
		}
		return nil
	case want.same(all[i]):
		return nil
	}
	want.URL = "" // it is there, and the upstream would check it anew
	return u.change(ctx, http.MethodPatch, "/api/webhooks/"+formatID(all[i].ID)+"/", want)
}

// change asks the upstream, in its owner's name, to change something. What it
// says against that is the error.
func (u *Upstream) change(ctx context.Context, method, path string, body any) error {
	return u.send(ctx, method, path, body, nil)
}

// send is change where what comes back is read into out, unless that is nil.
func (u *Upstream) send(ctx context.Context, method, path string, body, out any) error {
	header, err := u.authorization(ctx)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		raw = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, u.base.JoinPath(path).String(), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", header)
	r.Header.Set("Content-Type", "application/json")
	answer, err := u.http.Do(r)
	if err != nil {
		return unreachable(err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode/100 == 2 && out != nil:
		return json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(out)
	case answer.StatusCode/100 == 2:
		return nil
	}
	return complaint(answer)
}

// complained is what the upstream has against a change, with the status.
type complained struct{ text string }

func (c *complained) Error() string { return c.text }

// complaint is what the upstream says against a change, which fields with it.
func complaint(answer *http.Response) error {
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 500)) // as much of it as came
	var problem struct {
		Detail string
		Fields map[string][]string `json:"validation_errors"`
	}
	if json.Unmarshal(said, &problem) == nil && problem.Detail != "" {
		said = []byte(problem.Detail)
		for _, name := range slices.Sorted(maps.Keys(problem.Fields)) {
			said = fmt.Appendf(said, " %s: %s", name, problem.Fields[name])
		}
	}
	text := fmt.Sprintf("%s: %s", answer.Status, said)
	if answer.StatusCode != http.StatusBadRequest {
		return errors.New(text)
	}
	return &complained{text}
}

// isGates reports whether a hook shows the gate's secret. Its header alone says
// nothing: anybody may give it to a hook of theirs, which must not be hidden.
func (g *Gate) isGates(hook map[string]any) bool {
	headers, _ := asObject(hook["headers"])
	return headers[secretHeader] == g.app.HookSecret()
}

// othersHooks leaves the gate's own hook out of a list, and out of that of the
// whole organization those of projects in which the person is paused.
func othersHooks(f *flight, doc any) (any, error) {
	paused, err := f.gate.app.PausedProjects(f.r.Context())
	if err != nil {
		return nil, err
	}
	return each(doc, "the list of hooks", func(o map[string]any) (bool, error) {
		return !f.gate.isGates(o) && !paused[asID(o["project"])], nil
	})
}

// hook is the one that the request is about, unless it is the gate's own.
func (f *flight) hook() (hook map[string]any, err error) {
	err = f.ask("/api/webhooks/"+f.named.get("webhook")+"/", nil, &hook)
	if err == nil && f.gate.isGates(hook) {
		err = notFound
	}
	return hook, err
}

// changedHook lets nobody see, change or delete the gate's own hook, and is awayFromHere
// for what the change says and for where the hook leads already: the Owner may have one
// that leads there, and nobody else changes what it says.
func changedHook(w http.ResponseWriter, f *flight) (bool, error) {
	hook, err := f.hook()
	if err != nil {
		return false, err
	}
	address, _ := hook["url"].(string)
	if at, err := url.Parse(address); f.body != nil && err == nil && leadsTo(at, f.gate.upstream.base) &&
		!f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return false, roster.Errorf(roster.Forbidden,
			"This webhook leads to Label Studio itself, so only the Owner changes it. Nothing was changed.")
	}
	return awayFromHere(w, f)
}

// awayFromHere refuses hooks that lead to the upstream itself: it would ask itself,
// in nobody's name and past the gate. Only who may act as the upstream may have one.
// What the address's name resolves to, and where it leads on to, is the upstream's
// to check (SSRF_PROTECTION_ENABLED).
func awayFromHere(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.body == nil || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return false, nil
	}
	for _, o := range f.body.objects {
		raw, there := o.get("url")
		if !there || blank(raw) {
			continue
		}
		at, err := plainURL(unquoted(raw))
		if err != nil {
			return false, err
		}
		if leadsTo(at, f.gate.upstream.base) {
			return false, roster.Errorf(roster.Forbidden,
				"url leads to Label Studio itself, which would ask itself past Roster. "+
					"Give the address of your own program. Nothing was changed.")
		}
	}
	return false, nil
}

// plainURL reads an address that every program reads alike.
func plainURL(text string) (*url.URL, error) {
	at, err := url.Parse(text)
	if err != nil || strings.ContainsFunc(text, odd) || at.Hostname() == "" ||
		!slices.Contains([]string{"http", "https"}, at.Scheme) {
		return nil, roster.InvalidField("url",
			"Enter an address as https://example.com/hook, without spaces. Nothing was changed.")
	}
	return at, nil
}

// odd is a character by which programs differ about where an address leads.
func odd(c rune) bool { return c <= ' ' || c >= 0x7f || c == '\\' }

// leadsTo reports whether an address is that of a server: the same port, and the
// same name or another name for the same machine.
func leadsTo(at, server *url.URL) bool {
	if port(at) != port(server) {
		return false
	}
	name, its := hostname(at), hostname(server)
	return name == its || isHere(name) && isHere(its)
}

// port is the port of an address; 0 when it has none.
func port(at *url.URL) int {
	n, _ := strconv.Atoi(cmp.Or(at.Port(), map[string]string{"http": "80", "https": "443"}[at.Scheme]))
	return n
}

// hostname is the name of an address, or its number as it is written mostly.
func hostname(at *url.URL) string {
	name := strings.ToLower(strings.TrimSuffix(at.Hostname(), "."))
	if ip, err := netip.ParseAddr(name); err == nil {
		return v4(ip).String()
	}
	return name
}

// v4 is the number of four parts that one of sixteen stands for, or the same one.
func v4(ip netip.Addr) netip.Addr {
	if all := ip.As16(); ip.Is6() && [12]byte(all[:12]) == [12]byte{} && ip != netip.IPv6Loopback() &&
		ip != netip.IPv6Unspecified() {
		return netip.AddrFrom4([4]byte(all[12:]))
	}
	return ip.Unmap()
}

// isHere reports whether a name is one of the machine's own for itself. Numbers are
// what the system's resolver makes of 127.1 and 0x7f000001.
func isHere(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || strings.HasPrefix(name, "localhost.") {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return strings.Trim(name, "0123456789abcdefx.") == "" && strings.ContainsAny(name[:min(1, len(name))], "0123456789")
}
