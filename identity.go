package roster

// Identity is who an OpenID Connect provider says somebody is.
type Identity struct {
	Issuer, Subject     string // together they name the person for good
	Email               string
	EmailVerified       bool // the provider answers for the e-mail being theirs
	FirstName, LastName string
	Groups              []string // by name; nil when nobody asked for them
}

// SignOnAnswer is what a provider sends a browser back with.
type SignOnAnswer struct {
	State, Code   string
	Issuer        string // RFC 9207; "" from providers that do not say it
	Error, Reason string // what went wrong, as a code and perhaps in words
}
