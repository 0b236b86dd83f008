package gateway

import (
	"encoding/base64"
	"net/http"
	"strings"

	"roster"
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

// keepLegacy refuses to make the legacy token anew that the gate has.
func keepLegacy(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.gate.upstream.personal() {
		return false, nil
	}
	var owner Person
	if err := f.ask("/api/current-user/whoami", nil, &owner); err != nil {
		return false, err
	}
	if owner.ID == f.actor().UserID {
		return false, roster.Errorf(roster.Forbidden, "Resetting this token"+keptKey)
	}
	return false, nil
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
// upstream believes the number in a token's middle, whatever the rest says.
func keepPersonal(_ http.ResponseWriter, f *flight) (bool, error) {
	if !f.gate.upstream.personal() || f.body == nil || f.body.list {
		return false, nil
	}
	raw, _ := f.body.objects[0].get("refresh")
	ends, readable := tokenID(unquoted(raw))
	if !readable {
		return false, roster.InvalidField("refresh", "Is no personal access token. Nothing was changed.")
	}
	if ours, _ := tokenID(f.gate.upstream.token); ends == ours {
		return false, roster.Errorf(roster.Forbidden, "Ending this token"+keptKey)
	}
	return false, nil
}

// tokenClaims is what a token says of itself, whole or without its signature; nothing if
// it is none.
func tokenClaims(token string) object {
	parts := strings.Split(token, ".")
	if len(parts) != 2 && len(parts) != 3 {
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

// ofSomebodyHere refuses to exchange the token of somebody who is deactivated: the upstream
// does not know. Whose it is the upstream checks, by its signature.
func ofSomebodyHere(_ http.ResponseWriter, f *flight) (bool, error) {
	claims := tokenClaims(f.personalToken())
	raw, _ := claims.get("user_id")
	id, readable := parseID(strings.Trim(string(raw), `"`))
	if !readable {
		return false, nil
	}
	_, err := f.gate.app.Recognize(f.r.Context(), id, roster.CredentialPersonal)
	if roster.KindOf(err) == roster.NotFound { // whom the mirror does not know yet
		err = nil
	}
	return false, err
}

// noteAccess remembers for which personal access token an access token was given, so that
// it ends with it: the upstream takes it until it runs out.
func noteAccess(f *flight, doc any) (any, error) {
	o, _ := asObject(doc)
	access, _ := o["access"].(string)
	if id, readable := tokenID(f.personalToken()); readable && access != "" {
		f.gate.people.gotFor.put(credential{scheme: "Bearer", token: access}.hash(), id, f.gate.app.Now())
	}
	return doc, nil
}

// endAccess ends the access tokens of a personal access token that was ended, and has it
// asked again whose every other credential is.
func endAccess(f *flight, answer *http.Response) error {
	if id, readable := tokenID(f.personalToken()); readable && answer.StatusCode/100 == 2 {
		f.gate.people.ended.put(id, struct{}{}, f.gate.app.Now())
	}
	return forgetCredentials(f, answer)
}
