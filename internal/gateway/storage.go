package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// A storage has the upstream's machine ask somebody: with the keys that are in
// it, or, where there are none, with those of the machine itself. So keys of one's
// own, and the provider's own addresses, are for managers; what reaches further is
// for who may act as the upstream.

// cloud is a kind of storage: the fields that hold its keys, and what else says
// where it is.
type cloud struct {
	keys      []string
	elsewhere func(object) (field string)
}

var clouds = map[string]cloud{
	"s3":    {[]string{"aws_access_key_id", "aws_secret_access_key"}, s3Elsewhere},
	"gcs":   {[]string{gcsKey}, gcsElsewhere},
	"azure": {azureKeys, azureElsewhere},
}

var azureKeys = []string{"account_name", "account_key"}

const gcsKey = "google_application_credentials"

// askedStorage refuses a pattern that the upstream could look for forever, and a
// storage that reaches further than its own keys do.
func askedStorage(w http.ResponseWriter, f *flight) (bool, error) {
	for _, o := range f.body.objects {
		raw, _ := o.get("regex_filter")
		if pattern := unquoted(raw); !quick(pattern) {
			return false, roster.InvalidField("regex_filter", "Label Studio could look for this forever. "+
				"Use at most %d characters, two of * and +, and none after a group, as in .*/train/.*\\.(jpe?g|png). "+
				"Nothing was changed.", maxFilePattern)
		}
	}
	return ownKeys(w, f)
}

// ownKeys refuses a storage that reaches further than its own keys do.
func ownKeys(_ http.ResponseWriter, f *flight) (bool, error) {
	cloud, known := clouds[f.named.get("type")]
	if !known || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return false, nil
	}
	for _, o := range f.body.objects {
		if field := cloud.elsewhere(o); field != "" {
			return false, roster.Errorf(roster.Forbidden,
				"Only the Owner says where a storage is, and Administrators do not either: "+
					"Label Studio would ask that address from where it stands. Leave %s to the provider, or ask the Owner. "+
					"Nothing was changed.", field)
		}
		if field := cloud.keyless(o, f.kept(o)); field != "" {
			return false, roster.Errorf(roster.Forbidden,
				"Only the Owner makes a storage without keys of its own, and Administrators "+
					"do not either: Label Studio would use the server's. Give %s, or ask the Owner. Nothing was changed.", field)
		}
	}
	return false, nil
}

// kept reports whether the upstream keeps the keys that a storage has already,
// where a request brings none.
func (f *flight) kept(o object) bool {
	id, _ := o.get("id")
	n, err := number(id)
	return f.named.get("storage")+f.named.get("target") != "" || err == nil && n != 0
}

// keyless is a key that a storage would be without; "" when it has them all.
func (c cloud) keyless(o object, kept bool) string {
	for _, name := range c.keys {
		raw, there := o.get(name)
		if there && trimmed(unquoted(raw)) == "" || !there && !kept {
			return name
		}
	}
	return ""
}

func s3Elsewhere(o object) string {
	if raw, there := o.get("s3_endpoint"); there && !blank(raw) {
		return "s3_endpoint"
	}
	return ""
}

// azureElsewhere looks for more than letters and digits in the name, which the upstream makes
// the beginning of an address, and than what base64 has besides in the key: it writes both
// into one text, in which a semicolon begins another setting.
func azureElsewhere(o object) string {
	for i, name := range azureKeys {
		raw, _ := o.get(name)
		if strings.Trim(unquoted(raw), alphanumeric+[]string{"", "+/="}[i]) != "" {
			return name
		}
	}
	return ""
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// gcsElsewhere reads the key file, which says itself whom to ask for access, and
// in which universe the buckets are.
func gcsElsewhere(o object) string {
	raw, _ := o.get(gcsKey)
	if blank(raw) {
		return ""
	}
	if len(raw) > maxForm { // a key file has some 2,000 bytes
		return gcsKey
	}
	file, err := parse([]byte(unquoted(raw)))
	if err != nil || file.list {
		return gcsKey
	}
	at, _ := file.objects[0].get("token_uri")
	universe, there := file.objects[0].get("universe_domain")
	asks, err := url.Parse(unquoted(at))
	if err != nil || asks.Scheme != "https" || !slices.Contains(googles, asks.Host) || there &&
		unquoted(universe) != "googleapis.com" {
		return gcsKey
	}
	return ""
}

var googles = []string{"oauth2.googleapis.com", "accounts.google.com"}

// blank reports whether a value is nothing, or an empty text.
func blank(raw []byte) bool {
	return len(raw) == 0 || slices.Contains([]string{"null", `""`}, string(raw))
}
