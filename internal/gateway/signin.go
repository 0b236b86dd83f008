package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"roster"
	"roster/internal/auth"
	"roster/internal/core"
	"roster/internal/membership"
)

// beforeSignIn holds attempts to sign in to the usual rate. The form is read
// to know with which e-mail, and goes on as it came.
func beforeSignIn(w http.ResponseWriter, f *flight) (bool, error) {
	if auth.FromElsewhere(f.r) {
		return false, roster.Errorf(roster.Forbidden, "This was sent from another site's page. Nothing was done.")
	}
	raw, err := io.ReadAll(f.r.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return false, roster.Errorf(roster.TooLarge, "The form is too large.")
	}
	if err != nil {
		return false, roster.Errorf(roster.Invalid, "The form did not arrive whole. Nothing was done.")
	}
	form, err := url.ParseQuery(string(raw))
	// of several e-mails the upstream takes the last, and it trims them
	if err != nil || len(form["email"]) > 1 || !plain(form.Get("email")) ||
		!slices.Equal(f.r.Header["Content-Type"], []string{"application/x-www-form-urlencoded"}) {
		return false, roster.Errorf(roster.Invalid, "The form cannot be read.")
	}
	f.r.Body, f.r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	return false, f.gate.app.AllowSignIn(trimmed(form.Get("email")), f.r.RemoteAddr)
}

// signIn takes the session that the upstream gave to somebody who proved who
// they are, keeps it here, and gives them one of Roster's instead.
func signIn(f *flight, answer *http.Response) error {
	if answer.StatusCode/100 != 3 || f.given == "" {
		return nil // the form again, with what was wrong
	}
	ctx := f.r.Context()
	user, err := f.gate.people.see(ctx, http.Header{"Cookie": {upstreamSession + "=" + f.given}})
	if roster.KindOf(err) == roster.Unsigned {
		return nil
	}
	if err != nil {
		return err
	}
	session, err := f.gate.app.SignInUpstream(ctx, user, f.given)
	if err != nil {
		return err
	}
	f.gate.people.logins.drop(user)
	if err := f.endSession(ctx); err != nil {
		return err
	}
	cookie := f.sessionCookie()
	cookie.Value, cookie.Expires = session.Token, session.Expires
	answer.Header.Add("Set-Cookie", cookie.String())
	return nil
}

// endSession ends the session that the browser had.
func (f *parsed) endSession(ctx context.Context) error {
	if old := auth.Session(f.r); old != "" {
		return f.gate.app.SignOut(ctx, old)
	}
	return nil
}

// signOut ends the session. The upstream is not asked: its cookie would stay
// good there whatever it says, and never left the gate.
func signOut(w http.ResponseWriter, f *parsed) error {
	if auth.LedFromElsewhere(f.r) { // its page for people has a link to sign out, which is ours
		return roster.Errorf(roster.Forbidden,
			"Another site's page leads here. Sign out by the link on a page of ours, if you want to. Nothing was done.")
	}
	// a text of a task may have pictures
	if to := f.r.Header.Get("Sec-Fetch-Dest"); to != "" && to != "document" && to != "empty" {
		return roster.Errorf(roster.Forbidden,
			"A picture or a frame signs nobody out. Follow the link in the menu. Nothing was done.")
	}
	if err := f.endSession(f.r.Context()); err != nil {
		return err
	}
	cookie := f.sessionCookie()
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, f.r, f.gate.root+"/user/login/", http.StatusFound)
	return nil
}

// stale reports whether what a person is signed in to the upstream with has
// not been replaced for a while.
func (i *identities) stale(user int64, now time.Time) bool {
	if _, fresh := i.refreshed.get(user, now); fresh {
		return false
	}
	i.refreshed.put(user, struct{}{}, now)
	return true
}

// forgetCredentials forgets whose credentials are whose: one has ended.
func forgetCredentials(f *flight, answer *http.Response) error {
	if answer.StatusCode/100 == 2 {
		f.gate.people.known.clear()
	}
	return nil
}

// plainAddress refuses an address that nobody is given, as Roster does where it makes
// people itself.
func plainAddress(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.body == nil {
		return false, nil
	}
	for _, o := range f.body.objects {
		for _, name := range []string{"email", "contact_info"} {
			raw, _ := o.get(name)
			if email := unquoted(raw); core.RefusedEmail(email) {
				return false, roster.InvalidField(name, "Enter a valid email address.%s Nothing was changed.",
					core.EmailReason(email))
			}
		}
	}
	return false, nil
}

// newPerson makes Roster know somebody whom the upstream has just been given.
func newPerson(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok || asID(o) == 0 {
		return nil, unexpected("a new person")
	}
	people, err := f.gate.upstream.People(f.r.Context())
	if err == nil {
		err = f.gate.app.MirrorPeople(f.r.Context(), people)
	}
	return doc, err
}

// visiblePeople leaves those whom the person may not know about out of a list.
func visiblePeople(f *flight, doc any) (any, error) {
	seen, err := f.gate.app.VisiblePeople(f.r.Context())
	if err != nil {
		return nil, err
	}
	return each(doc, "the list of people", func(o map[string]any) (bool, error) {
		return seen[asID(o)], nil
	})
}

// onlyVisible lets a person be asked about by those who may know them, and
// changed by themself and by those who manage people.
func onlyVisible(_ http.ResponseWriter, f *flight) (bool, error) {
	if err := f.boundedHotkeys(); err != nil {
		return false, err
	}
	id, _ := parseID(f.named.get("user"))
	if id == f.actor().UserID {
		return false, nil
	}
	ctx := f.r.Context()
	if !f.reads() {
		return false, f.gate.app.MayManagePerson(ctx, id)
	}
	seen, err := f.gate.app.VisiblePeople(ctx)
	if err == nil && !seen[id] {
		err = notFound
	}
	return false, err
}

// boundedHotkeys refuses hotkeys that no list of people should have to carry. The
// upstream looks at them where they are sent alone, and not with a person.
func (f *flight) boundedHotkeys() error {
	if f.body == nil {
		return nil
	}
	for _, o := range f.body.objects {
		if raw, ok := o.get("custom_hotkeys"); ok {
			if err := membership.ValidHotkeys(string(raw)); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownOrganization lets nobody ask about another organization than theirs.
func ownOrganization(w http.ResponseWriter, f *flight) (bool, error) {
	if id, _ := parseID(f.named.get("organization")); id != f.actor().OrganizationID {
		return false, notFound
	}
	return plainAddress(w, f)
}

// withoutInvitation takes out the token with which anybody could sign up.
func withoutInvitation(_ *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the organization")
	}
	for _, name := range []string{"token", "users"} {
		delete(o, name)
	}
	return o, nil
}

// permissions is the upstream's own list of what its screens offer, as far as
// the policy agrees.
func permissions(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok || asID(o) != f.actor().UserID {
		return nil, unexpected("who asks")
	}
	names, err := f.gate.permitted(f.r.Context())
	if err != nil {
		return nil, fmt.Errorf("gateway: permissions: %w", err)
	}
	o["permissions"] = names
	return o, nil
}

// onesOwn refuses to change somebody else's picture: the upstream would change the
// caller's own instead.
func onesOwn(_ http.ResponseWriter, f *flight) (bool, error) {
	if id, _ := parseID(f.named.get("user")); id != f.actor().UserID {
		return false, roster.Errorf(roster.Forbidden,
			"This is somebody else, and people choose their own picture. Nothing was changed.")
	}
	return false, nil
}
