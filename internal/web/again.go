package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"roster"
	"roster/internal/core"
)

// A session can end under a page. What the page then sends is not lost: where there is
// script, the sign-in opens over it and the page goes on; without, what was sent is kept,
// sealed, for whoever had the session, and shown to them again when they have signed in.
// Nothing is carried out before they have seen it.

var againRoutes = []route{
	{method: "GET", path: "/sent/{token}", handle: (*visit).sent, apart: true},
}

// errNotSent is what a form that a session ended under comes to when it is shown again.
var errNotSent = roster.Errorf(roster.Invalid, string(notSent))

const notSent roster.Text = "Your session had ended before this was sent. Nothing was changed. Look at it, and send it again."

// goesOn is the header that tells a page whether it may ask again by itself what it asked
// when its session had ended: "1", or "0" for what changes something. A gate says neither: its
// people sign in to the upstream, in another tab.
const goesOn = "Roster-Goes-On"

// ended answers what came with a session that is none any more.
func (v *visit) ended(rt route, err error) error {
	if v.inPage() && v.r.Header.Get(whoseHeader) != "" { // a page of ours, which signs in in place
		v.w.Header().Set(goesOn, "1")
		if rt.method == http.MethodPost && !rt.asks {
			v.w.Header().Set(goesOn, "0")
		}
		http.Error(v.w, "Your session has ended. Sign in again.", http.StatusUnauthorized)
		return nil
	}
	if rt.method != http.MethodPost || rt.secret {
		return err
	}
	token, keep := v.keepSent()
	if keep != nil {
		return err
	}
	v.leave(notice{Warns: true, Text: "Your session ended before this was sent. Nothing was changed. What you sent is " +
		"kept for you: sign in, look at it, and send it again."})
	v.leadToSignIn(v.link("/sent/%s", token))
	return nil
}

// sending is a form that was sent.
type sending struct {
	Address, Kind, From string // where it went, the media type of its body, and the page it was on
	Body                []byte
}

// keepSent keeps a form for the person whose session the browser had.
func (v *visit) keepSent() (token string, err error) {
	ctx := roster.WithActor(v.ctx(), roster.Actor{UserID: v.whose(), Credential: roster.CredentialSession})
	if err := v.app.AllowCall(ctx); v.whose() == 0 || err != nil {
		return "", errors.Join(errNotSent, err)
	}
	held := v.app.HoldBody(ctx, v.r.Body)
	defer held.Release()
	body, err := io.ReadAll(http.MaxBytesReader(v.w, held, maxForm))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(sending{v.here(), v.r.Header.Get("Content-Type"), v.r.Header.Get("Referer"), body})
	if err != nil {
		return "", err
	}
	return v.app.KeepPage(ctx, core.Sent, text)
}

type sentKey struct{}

func sentBefore(ctx context.Context) bool { return ctx.Value(sentKey{}) != nil }

// sent shows again what was sent when a session had ended, as its own route would.
func (v *visit) sent() error {
	kept, release, err := v.app.KeptPage(v.ctx(), core.Sent, v.r.PathValue("token"))
	defer release()
	if err != nil {
		return missing(err, "What was sent is kept for a day, and for the one who sent it. This is gone, or somebody "+
			"else's. Nothing was changed.")
	}
	var s sending
	if err := json.Unmarshal(kept, &s); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.WithValue(v.ctx(), sentKey{}, true), http.MethodPost, s.Address,
		bytes.NewReader(s.Body))
	if err != nil {
		return err
	}
	r.Header, r.Host, r.RemoteAddr, r.TLS = v.r.Header.Clone(), v.r.Host, v.r.RemoteAddr, v.r.TLS
	r.Header.Set("Content-Type", s.Kind)
	r.Header.Set("Referer", s.From)
	v.site.pages.ServeHTTP(v.w, r)
	return nil
}

// showAgain shows a form that was not sent: its question, or the form as it shows what is
// wrong with it, or the page that it was on.
func (v *visit) showAgain(rt route) error {
	v.keeps = false
	if rt.asks {
		return v.ask(rt)
	}
	if v.asked != "" {
		v.leave(notice{Text: notSent, Warns: true})
		return v.redirect(v.link("%s?asked=%s", v.place(), v.asked))
	}
	err := v.look(rt)
	if errors.Is(err, errNotSent) {
		v.leave(notice{Text: notSent, Warns: true})
		return v.redirect(v.backSelected())
	}
	return err
}

// whoseCookie names whose session a browser had, so that only they are shown what was sent
// when it had ended. It gives nobody anything to do.
const whoseCookie = "roster_whose"

// lastPerson is what it says, and until when that counts: a browser, or who has its cookie, may
// keep it for longer.
type lastPerson struct {
	Whose int64
	Until time.Time
}

func (v *visit) rememberWhose(s roster.Session) {
	last := lastPerson{s.UserID, s.Expires.Add(v.app.Config().PlanTTL)}
	text, _ := json.Marshal(last)
	cookie := v.cookie(whoseCookie, v.app.Seal(string(text)))
	cookie.Expires = last.Until
	http.SetCookie(v.w, cookie)
}

func (v *visit) forgetWhose() {
	cookie := v.cookie(whoseCookie, "")
	cookie.MaxAge = -1
	http.SetCookie(v.w, cookie)
}

// whose is the person whose session the browser had; 0 where nobody knows.
func (v *visit) whose() int64 {
	cookie, err := v.r.Cookie(whoseCookie)
	if err != nil {
		return 0
	}
	text, err := v.app.Unseal(cookie.Value)
	var last lastPerson
	if err != nil || json.Unmarshal([]byte(text), &last) != nil || !v.app.Now().Before(last.Until) {
		return 0
	}
	return last.Whose
}

// whoseHeader is whom a page was made for, which roster.js says with all that it asks.
const whoseHeader = "Roster-Whose"

// samePerson refuses what a page asks that was made for somebody else: another person has
// signed in since, in the same browser.
func (v *visit) samePerson() error {
	whose := v.r.Header.Get(whoseHeader)
	if whose == "" || whose == strconv.FormatInt(v.who.UserID, 10) {
		return nil
	}
	return roster.Errorf(roster.Forbidden,
		"Somebody else has signed in here since this page was opened. Nothing was changed. Reload the page.")
}

// sameAgain ends a session that was begun over a page of somebody else's.
func (v *visit) sameAgain(s roster.Session) error {
	if whose := v.field("again"); whose == "" || whose == strconv.FormatInt(s.UserID, 10) {
		return nil
	}
	if err := v.app.SignOut(v.ctx(), s.Token); err != nil {
		return err
	}
	return errOther
}
