package gateway

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"roster"
	"roster/internal/limit"
)

// The gate asks its own questions with a token of the owner's. Without it, it
// cannot tell whose anything is, and refuses everything: so nobody ends that
// token by way of the gate.

// keptKey is what a person is told, after what they asked for.
const keptKey = " would end the token that the gate itself asks with, and everything would be refused from then on. " +
	"Start Roster with another --upstream-token of the owner's first. Nothing was changed."

// personal reports whether the gate's token is a personal access token, and not
// a legacy one.
func (u *Upstream) personal() bool { return strings.Count(u.token, ".") == 2 }

// endLegacy ends the legacy token that Roster has of a person, too, where they make theirs
// anew: either signs their requests here. It ends first, so that none is left if the upstream
// does not answer.
func endLegacy(_ http.ResponseWriter, f *flight) (bool, error) {
	if err := f.keepLegacy(); err != nil {
		return false, err
	}
	return false, f.gate.app.EndToken(f.r.Context(), f.actor().UserID)
}

// keepLegacy refuses to make the legacy token anew that the gate has.
func (f *flight) keepLegacy() error {
	if f.gate.upstream.personal() {
		return nil
	}
	var owner Person
	if err := f.ask("/api/current-user/whoami", nil, &owner); err != nil {
		return err
	}
	if owner.ID == f.actor().UserID {
		return roster.Errorf(roster.Forbidden, "Resetting this token"+keptKey)
	}
	return nil
}

// keepKind refuses to turn off the kind of token that the gate has.
func keepKind(_ http.ResponseWriter, f *flight) (bool, error) {
	field, kind := "legacy_api_tokens_enabled", "legacy tokens"
	if f.gate.upstream.personal() {
		field, kind = "api_tokens_enabled", "personal access tokens"
	}
	if f.body == nil || f.body.list {
		return false, nil
	}
	value, there := f.body.objects[0].get(field)
	if there && string(value) != "true" {
		return false, roster.Errorf(roster.Forbidden, "Turning off %s"+keptKey, kind)
	}
	return false, nil
}

// keepPersonal refuses to end the personal access token that the gate has. The
// upstream believes the number in a token's middle, whatever the rest says; one that the
// gate cannot read would end there alone.
func keepPersonal(_ http.ResponseWriter, f *flight) (bool, error) {
	ends, readable := tokenID(f.personalToken())
	if !readable {
		return false, roster.InvalidField("refresh", "Is no personal access token. Nothing was changed.")
	}
	if ours, _ := tokenID(f.gate.upstream.token); ends == ours {
		return false, roster.Errorf(roster.Forbidden, "Ending this token"+keptKey)
	}
	// The upstream refuses one that says nobody, because nobody signed it.
	if of := tokenClaims(f.personalToken()).number("user_id"); f.rule.door != anonymous && of != 0 &&
		of != f.caller.who.UserID {
		return false, roster.InvalidField("refresh", "Is no personal access token of yours. Nothing was changed.")
	}
	if f.rule.door == anonymous { // the upstream writes a row for whatever it is told by whomever
		return false, f.gate.people.misses.charge(limit.Address(f.r.RemoteAddr), "requests from your address ended tokens")
	}
	return false, nil
}

// tokenClaims is what a token says of itself, whole or without its signature; nothing if
// it is none.
func tokenClaims(token string) object {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 2 && len(parts) != 3 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	said, err := parse(raw)
	if err != nil || said.list {
		return nil
	}
	return said.objects[0]
}

// number is a claim that is a number, or an id; 0 when there is none.
func (o object) number(name string) int64 {
	raw, _ := o.get(name)
	n, _ := number(raw)
	return n
}

// tokenID is the number of a personal access token, whole or without its signature.
func tokenID(token string) (id string, readable bool) {
	claims := tokenClaims(token)
	jti, _ := claims.get("jti")
	id = unquoted(jti)
	return id, id != ""
}

// personalToken is the personal access token that the body of a request about one has.
func (f *flight) personalToken() string {
	if f.body == nil || f.body.list {
		return ""
	}
	raw, _ := f.body.objects[0].get("refresh")
	return unquoted(raw)
}

// giveAccess writes down for which personal access token an access token was given, so that
// it ends with it: the upstream takes it until it runs out. The upstream has checked by then
// whose the one is, and says so in the other; that they are deactivated here it does not know.
func giveAccess(f *flight, doc any) (any, error) {
	o, _ := asObject(doc)
	access, _ := o["access"].(string)
	claims := tokenClaims(access)
	personal, readable := tokenID(f.personalToken())
	user, until := claims.number("user_id"), claims.number("exp")
	if !readable || user == 0 {
		return nil, unexpected("an access token")
	}
	ctx, a := f.r.Context(), f.gate.app
	_, err := a.Recognize(ctx, user, roster.CredentialPersonal)
	if err != nil && roster.KindOf(err) != roster.NotFound { // whom the mirror does not know yet
		return nil, err
	}
	return doc, a.KeepAccess(ctx, access, personal, time.Unix(until, 0))
}

// endAccess ends the access tokens of a personal access token that was ended, now or before
// (404), and has it asked again whose every other credential is.
func endAccess(f *flight, answer *http.Response) error {
	if answer.StatusCode/100 != 2 && answer.StatusCode != http.StatusNotFound {
		return nil
	}
	personal, _ := tokenID(f.personalToken())
	if err := f.gate.app.EndAccess(context.WithoutCancel(f.r.Context()), personal); err != nil {
		return err
	}
	return forgetCredentials(f, answer)
}
